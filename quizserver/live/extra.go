package live

import (
	"context"
	"maps"
	"time"

	"sunnycampus/quizserver/fault"
)

// NoLimit is the percentage of a seat that the clock does not stop.
const NoLimit = 0

// maxExtra bounds the seats with extra time: a class has few of them.
const maxExtra = 100

// GiveTime replaces which seats have a clock of their own: 150 or 200 percent
// of the time that others have, or NoLimit. A seat may be named before its
// pupil comes. Only the host and the seat itself hear of it; the clock on the
// wall stays everybody's.
func (r *Room) GiveTime(ctx context.Context, percent map[int]int) error {
	if len(percent) > maxExtra {
		return fault.New(fault.Invalid, "最多给 %d 个座位加时", maxExtra)
	}
	for seat, p := range percent {
		if seat < 1 || seat > firstDrawnSeat+maxSeats {
			return fault.New(fault.Invalid, "没有 %d 这个座号", seat)
		}
		if p != 150 && p != 200 && p != NoLimit {
			return fault.New(fault.Invalid, "时间只能是 1.5 倍（150）、2 倍（200）或不限时（0）")
		}
	}
	ctx = context.WithoutCancel(ctx)
	r.control.Lock()
	defer r.control.Unlock()
	if err := r.db.SetExtraTime(ctx, r.code, percent, now()); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for seat := range r.extra {
		r.wakeSeat(seat)
	}
	r.extra = maps.Clone(percent)
	for seat := range r.extra {
		r.wakeSeat(seat)
	}
	if r.row.State == Open && r.timed {
		r.stopClock()
		r.tick(r.row.Version)
	}
	r.hostChanged()
	return nil
}

// wakeSeat sends a seat its state again. The caller holds mu.
func (r *Room) wakeSeat(seat int) {
	for w := range r.pupils[seat] {
		w.state = 0 // no state that anybody has seen
		w.signal()
	}
}

// grace is how much longer than others a seat has; limited is false for a seat
// without a limit. The caller holds mu.
func (r *Room) grace(seat int) (grace time.Duration, limited bool) {
	percent, extra := r.extra[seat]
	switch {
	case !extra:
		return 0, true
	case percent == NoLimit:
		return 0, false
	}
	whole := time.Duration(r.allotted(r.row.Item)) * time.Millisecond
	return whole * time.Duration(percent-100) / 100, true
}

// late tells whether a seat's own time was over. The caller holds mu.
func (r *Room) late(seat int, received time.Time) bool {
	grace, limited := r.grace(seat)
	return r.timed && limited && received.After(r.deadline.Add(grace))
}

// closing is when the clock closes what is open: at the deadline or, when
// seats with extra time still write, once they have answered or theirs is
// over. The caller holds mu.
func (r *Room) closing() time.Time {
	at := r.deadline
	for seat := range r.extra {
		s, here := r.seats[seat]
		if !here || s.Kicked || s.TokenHash == "" || r.owes(seat) == 0 {
			continue
		}
		grace, limited := r.grace(seat)
		if !limited {
			return time.Now().Add(time.Hour) // until the answer or the host
		}
		if own := r.deadline.Add(grace); own.After(at) {
			at = own
		}
	}
	return at
}

// ownTime is the time left of a seat that has a clock of its own, in ms; -1
// without a limit. The caller holds mu.
func (r *Room) ownTime(seat int) (leftMS int64, own bool) {
	if _, extra := r.extra[seat]; !extra || !r.timed || r.row.State != Open && r.row.State != Paused {
		return 0, false
	}
	grace, limited := r.grace(seat)
	if !limited {
		return -1, true
	}
	return max(0, r.remaining()+grace.Milliseconds()), true
}

// bonus is what a right answer earns for being quick: half of its points for
// none of the seat's own time used, nothing for all of it, in proportion
// between. Kahoot gives points × (1 − t/2T); ours is half as steep and on top,
// so that a slow right answer is worth its whole points. A seat without a limit
// gets the middle. The caller holds mu.
func (r *Room) bonus(seat, points int, received time.Time) int {
	grace, limited := r.grace(seat)
	if !limited {
		return points / 4
	}
	whole := time.Duration(r.allotted(r.row.Item))*time.Millisecond + grace
	left := min(whole, max(0, r.deadline.Add(grace).Sub(received)))
	if whole == 0 {
		return 0
	}
	return int(time.Duration(points) * left / (2 * whole))
}
