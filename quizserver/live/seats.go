package live

import (
	"context"
	"strconv"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

// maxSeats bounds a room; the largest hall a quiz was made for holds 3,000.
const maxSeats = 4000

// Sit takes a seat: number 1–63, or 0 to be given a nickname.
func (r *Room) Sit(ctx context.Context, number int) (seat store.Seat, token string, err error) {
	token = newToken()
	seat, err = r.SitAs(ctx, number, token)
	return seat, token, err
}

// SitAs takes a seat with a token that the pupil's device has drawn: when the
// answer is lost, asking again gets the same seat.
func (r *Room) SitAs(ctx context.Context, number int, token string) (store.Seat, error) {
	seat, sits, err := r.reserve(number, store.HashToken(token))
	if err != nil || sits {
		return seat, err
	}
	err = r.db.TakeSeat(context.WithoutCancel(ctx), r.code, seat, now())
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.reserved, seat.Number)
	delete(r.sitting, seat.TokenHash)
	if err != nil {
		return store.Seat{}, err
	}
	r.putSeat(seat)
	r.hostChanged()
	return seat, nil
}

func seatName(number int) string { return strconv.Itoa(number) + " 号" }

// reserve holds a seat in memory while it is being stored, so that many can
// sit down at once and share commits. sits means that the token has it already.
func (r *Room) reserve(number int, tokenHash string) (seat store.Seat, sits bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if own, ok := r.byToken[tokenHash]; ok {
		return r.seats[own], true, nil
	}
	seat = store.Seat{Number: number, Nickname: seatName(number)}
	taken, exists := r.seats[number]
	switch {
	case r.sitting[tokenHash]:
		err = fault.New(fault.Unavailable, "正在给你留座位，请再点一次")
	case r.row.State == Ended:
		err = fault.New(fault.Conflict, "这场答题已经结束")
	case r.mode == "wall":
		err = fault.New(fault.Conflict, "这节课看大屏举手，不用设备")
	case r.mode == "teams":
		err = fault.New(fault.Conflict, "这节课分队看大屏答，不用设备")
	case r.mode == "cards":
		err = fault.New(fault.Conflict, "这节课举纸卡，不用设备")
	case len(r.seats)+len(r.reserved) >= maxSeats:
		err = fault.New(fault.Conflict, "这间教室已经坐满了")
	case number < 0 || number > MaxSeatNumber:
		err = fault.New(fault.Invalid, "座号应是 1 到 %d 的数字", MaxSeatNumber)
	case number == 0:
		seat = r.drawSeat()
	case exists && taken.Kicked:
		err = fault.New(fault.Denied, "老师请这个座位先离开，请当面问问老师")
	case exists && taken.TokenHash != "" || r.reserved[number]:
		err = fault.New(fault.Conflict, "这个座号已经有人用了，请核对自己的座号，或请老师帮忙")
	}
	if err != nil {
		return seat, false, err
	}
	seat.TokenHash = tokenHash
	r.reserved[seat.Number], r.sitting[tokenHash] = true, true
	return seat, false, nil
}

// drawSeat gives a seat with a nickname: first one that was readmitted, since
// its pupil cannot ask for it by number.
func (r *Room) drawSeat() store.Seat {
	for number := range r.vacant {
		delete(r.vacant, number)
		return r.seats[number]
	}
	r.lastDrawn = max(r.lastDrawn+1, firstDrawnSeat)
	return store.Seat{Number: r.lastDrawn, Nickname: nickname(r.code, r.lastDrawn-firstDrawnSeat)}
}

// setKicked asks a seat out or back. A request that comes twice does not take
// the seat from who has sat down in between.
func (r *Room) setKicked(ctx context.Context, number int, kicked bool) error {
	r.mu.RLock()
	s, known := r.seats[number]
	r.mu.RUnlock()
	if known && s.Kicked == kicked {
		return nil
	}
	if err := r.db.SetKicked(ctx, r.code, number, kicked, now()); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s = r.seats[number]
	s.Kicked, s.TokenHash = kicked, ""
	r.putSeat(s)
	for w := range r.pupils[number] {
		w.signal()
	}
	r.hostChanged()
	return nil
}
