package live

import (
	"context"
	"slices"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// CardOptions is how many options a paper card can show: one a side.
const CardOptions = 4

// onCards tells whether a card can answer an item.
func onCards(item quiz.Item) bool {
	choice := item.Type == quiz.Single || item.Type == quiz.TrueFalse || item.Type == quiz.Poll
	return choice && len(item.Options) <= CardOptions
}

// Cards notes what was read from paper cards, an option by seat; "" takes a
// seat's answer back. The last reading of a seat stands until the reveal.
func (r *Room) Cards(ctx context.Context, itemID string, opening int, read map[int]string) (Tally, error) {
	ctx = context.WithoutCancel(ctx)
	r.control.Lock()
	defer r.control.Unlock()
	r.mu.RLock()
	at, mode := r.row.Position, r.mode
	item := r.quiz.Items[at.Item]
	r.mu.RUnlock()
	switch {
	case mode != "cards":
		return Tally{}, fault.New(fault.Conflict, "这间教室不用纸卡")
	case at.ItemID != itemID || at.Opening != opening || at.State != Open && at.State != Paused && at.State != Closed:
		return Tally{}, errClosed()
	case !onCards(item):
		return Tally{}, fault.New(fault.Invalid, "这一题不能用纸卡答，请大家口头说一说")
	}
	var answers []store.Answer
	for seat, option := range read {
		a := store.Answer{Room: r.code, ItemID: itemID, Opening: opening, Seat: seat, ReceivedAt: now()}
		if seat < 1 || seat > MaxSeatNumber {
			return Tally{}, fault.New(fault.Invalid, "座号应是 1 到 %d 的数字", MaxSeatNumber)
		}
		if option != "" {
			var err error
			a.Choice = []string{option}
			if a.Correct, a.Points, err = item.Mark(a.Choice); err != nil {
				return Tally{}, err
			}
		}
		answers = append(answers, a)
	}
	slices.SortFunc(answers, func(a, b store.Answer) int { return a.Seat - b.Seat })
	if err := r.db.SaveCards(ctx, r.code, itemID, opening, answers, now()); err != nil {
		return Tally{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range answers {
		if len(a.Choice) == 0 {
			delete(r.answers, a.Seat)
			continue
		}
		r.answers[a.Seat] = a
		if _, known := r.seats[a.Seat]; !known {
			r.putSeat(store.Seat{Number: a.Seat, Nickname: seatName(a.Seat)})
		}
	}
	r.answered[itemID] = len(r.answers)
	r.hostChanged()
	return r.tallyNow(), nil
}
