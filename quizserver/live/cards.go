package live

import (
	"context"
	"slices"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// cardSides is how many options a paper card can show: one a side.
const cardSides = 4

// noted tells whether the host can note the answers to an item: a card shows
// one option, a team may say several.
func noted(mode string, item quiz.Item) bool {
	one := item.Type == quiz.Single || item.Type == quiz.TrueFalse || item.Type == quiz.Poll
	return mode == "cards" && one && len(item.Options) <= cardSides || mode == "teams" && (one || item.Type == quiz.Multiple)
}

// Note takes the answers that the host saw, by seat: read from paper cards, or
// said by teams. An empty one takes a seat's answer back. The last that was
// noted of a seat stands until the reveal.
func (r *Room) Note(ctx context.Context, itemID string, opening int, choices map[int][]string) (Tally, error) {
	ctx = context.WithoutCancel(ctx)
	r.control.Lock()
	defer r.control.Unlock()
	r.mu.RLock()
	at, mode := r.row.Position, r.mode
	item := r.items[at.Item]
	r.mu.RUnlock()
	switch {
	case mode != "cards" && mode != "teams":
		return Tally{}, fault.New(fault.Conflict, "这间教室不是这样答题的")
	case !counting(at, itemID, opening):
		return Tally{}, errClosed()
	case !noted(mode, item):
		return Tally{}, fault.New(fault.Invalid, "这一题不能这样记，请大家口头说一说")
	}
	var answers []store.Answer
	for seat, choice := range choices {
		a := store.Answer{Room: r.code, ItemID: itemID, Opening: opening, Seat: seat, ReceivedAt: now()}
		if !r.mayNote(seat) {
			return Tally{}, fault.New(fault.Invalid, "没有 %d 这个座号，或者这个队", seat)
		}
		if len(choice) > 0 {
			var err error
			a.Choice = choice
			if a.Correct, a.Points, err = item.Mark(a.Choice); err != nil {
				return Tally{}, err
			}
		}
		answers = append(answers, a)
	}
	slices.SortFunc(answers, func(a, b store.Answer) int { return a.Seat - b.Seat })
	seats := r.unseen(answers)
	if err := r.db.SaveCards(ctx, r.code, itemID, opening, answers, seats, now()); err != nil {
		return Tally{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range seats {
		r.putSeat(s)
	}
	for _, a := range answers {
		if len(a.Choice) == 0 {
			delete(r.answers[itemID], a.Seat)
			continue
		}
		r.keepAnswer(a)
	}
	r.answered[itemID] = len(r.answers[itemID])
	r.hostChanged()
	return r.tallyNow(), nil
}

// unseen are the seats that answer for the first time in this room.
func (r *Room) unseen(answers []store.Answer) (seats []store.Seat) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, a := range answers {
		if _, known := r.seats[a.Seat]; !known && len(a.Choice) > 0 {
			seats = append(seats, store.Seat{Number: a.Seat, Nickname: seatName(a.Seat)})
		}
	}
	return seats
}

// mayNote tells whether a seat can be noted: teams are there from the start.
func (r *Room) mayNote(seat int) bool {
	if r.mode == "cards" {
		return seat >= 1 && seat <= MaxSeatNumber
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, known := r.seats[seat]
	return known
}
