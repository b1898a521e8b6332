package live

import (
	"context"
	"slices"
	"sync"
	"time"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// Receipt says which answer stands. It is only given once that is on disk.
type Receipt struct {
	Item       string   `json:"item"`
	Opening    int      `json:"opening"`
	Choice     []string `json:"choice"`
	ReceivedAt int64    `json:"received_at"`
	Kept       bool     `json:"kept"` // an earlier answer stands
	// Help says that the words showed distress: they were not taken, and the
	// pupil sees whom to turn to.
	Help bool `json:"help,omitempty"`
}

// Answer takes a seat's answer, received at a time. A 200 for it means that
// it is on disk; a second answer gets the receipt of the first.
func (r *Room) Answer(ctx context.Context, v Viewer, itemID string, opening int, choice []string, received time.Time) (Receipt, error) {
	ctx = context.WithoutCancel(ctx)
	if r.needsCare(v.Seat, itemID, choice) {
		return r.noteConcern(ctx, v.Seat, itemID, opening, received)
	}
	answer, saved, err := r.queueAnswer(v.Seat, itemID, opening, choice, received)
	if err != nil {
		return r.standing(ctx, v.Seat, itemID, opening, err)
	}
	inserted, err := saved.Inserted(ctx)
	if err != nil {
		return Receipt{}, err
	}
	if !inserted {
		return r.standing(ctx, v.Seat, itemID, opening, errClosed())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.putAnswer(answer)
	return receipt(answer, false), nil
}

// needsCare tells whether a pupil wrote words of distress, also when they come
// too late to count. Those that the item asks for are none, and who has
// answered it already is not heard again.
func (r *Room) needsCare(seat int, itemID string, choice []string) bool {
	at := r.find(itemID)
	if at < 0 || r.items[at].Type != quiz.Fill || r.distress == nil || len(choice) != 1 || !r.distress(choice[0]) {
		return false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if _, again := r.answers[itemID][seat]; again {
		return false
	}
	right, _, err := r.items[at].Mark(choice)
	return err == nil && !right
}

// noteConcern marks the seat for the host, without the words.
func (r *Room) noteConcern(ctx context.Context, seat int, itemID string, opening int, received time.Time) (Receipt, error) {
	c := store.Concern{ItemID: itemID, Seat: seat}
	if err := r.db.SaveConcern(ctx, r.code, c, received.UnixMilli()); err != nil {
		return Receipt{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.concerns, c) {
		r.concerns = append(r.concerns, c)
		r.hostChanged()
	}
	return Receipt{Item: itemID, Opening: opening, Choice: []string{}, ReceivedAt: received.UnixMilli(), Help: true}, nil
}

// putAnswer notes an answer to the current opening once it is on disk.
func (r *Room) putAnswer(a store.Answer) {
	if _, again := r.answers[a.ItemID][a.Seat]; again || !r.running(a.ItemID, a.Opening) {
		return
	}
	r.keepAnswer(a)
	r.answered[a.ItemID]++
	r.tallyChanged(a.Seat)
}

// keepAnswer puts an answer over what the seat had. The caller holds mu.
func (r *Room) keepAnswer(a store.Answer) {
	if r.answers[a.ItemID] == nil {
		r.answers[a.ItemID] = map[int]store.Answer{}
	}
	r.answers[a.ItemID][a.Seat] = a
}

// running tells whether an item is the one, or one of those, that the class is
// at. The caller holds mu.
func (r *Room) running(itemID string, opening int) bool {
	return opening == r.row.Opening && (itemID == r.row.ItemID || r.self && r.find(itemID) >= 0)
}

// received counts the answers to what is running. The caller holds mu.
func (r *Room) received() (n int) {
	for _, item := range r.opened(r.row.Position) {
		n += len(r.answers[item])
	}
	return n
}

// find returns the place of an item, -1 for none.
func (r *Room) find(itemID string) int {
	return slices.IndexFunc(r.items, func(it quiz.Item) bool { return it.ID == itemID })
}

// owes counts the items that a seat has not answered of those that run. The
// caller holds mu.
func (r *Room) owes(seat int) (n int) {
	if !r.self {
		if _, done := r.answers[r.row.ItemID][seat]; done {
			return 0
		}
		return 1
	}
	for _, item := range r.opened(r.row.Position) {
		if _, done := r.answers[item][seat]; !done {
			n++
		}
	}
	return n
}

// Receive says that an answer is on its way in: its body is still being read.
// A close waits for those received before it. Call done when it is through.
func (r *Room) Receive() (done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.receiving++
	return sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.receiving--
		if r.receiving == 0 && r.drained != nil {
			close(r.drained)
			r.drained = nil
		}
	})
}

// queueAnswer checks and queues under the shared lock. A close takes the lock
// whole before it queues itself, so what was received in time commits first.
func (r *Room) queueAnswer(seat int, itemID string, opening int, choice []string, received time.Time) (store.Answer, *store.SavedAnswer, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	late := r.late(seat, received) || !r.closedAt.IsZero() && received.After(r.closedAt)
	if !r.intake || late || !r.running(itemID, opening) {
		return store.Answer{}, nil, errClosed()
	}
	if _, again := r.answers[itemID][seat]; again {
		return store.Answer{}, nil, errClosed() // answered with the first receipt
	}
	correct, points, err := r.items[r.find(itemID)].Mark(choice)
	if err != nil {
		return store.Answer{}, nil, err
	}
	if r.row.Bonus && correct {
		points += r.bonus(seat, points, received)
	}
	a := store.Answer{Room: r.code, ItemID: itemID, Opening: opening, Seat: seat, Choice: choice,
		Correct: correct, Points: points, ReceivedAt: received.UnixMilli()}
	return a, r.db.SaveAnswer(a), nil
}

// standing returns the receipt of an answer given before, or why not.
func (r *Room) standing(ctx context.Context, seat int, itemID string, opening int, otherwise error) (Receipt, error) {
	a, err := r.db.Answer(ctx, r.code, itemID, opening, seat)
	if err == nil {
		return receipt(a, true), nil
	}
	if kind, _ := fault.Of(err); kind == fault.NotFound {
		return Receipt{}, otherwise
	}
	return Receipt{}, err
}

func receipt(a store.Answer, kept bool) Receipt {
	return Receipt{Item: a.ItemID, Opening: a.Opening, Choice: a.Choice, ReceivedAt: a.ReceivedAt, Kept: kept}
}

func errClosed() error {
	return fault.New(fault.Conflict, "这一题现在不收答案，请看大屏")
}

// counting tells whether what the host notes still counts for an opening: until
// the reveal.
func counting(at store.Position, itemID string, opening int) bool {
	return at.ItemID == itemID && at.Opening == opening && (at.State == Open || at.State == Paused || at.State == Closed)
}

// Tally notes the hands counted for an opening; counting again corrects it.
func (r *Room) Tally(ctx context.Context, itemID string, opening int, team string, counts map[string]int) (Tally, error) {
	ctx = context.WithoutCancel(ctx)
	r.control.Lock()
	defer r.control.Unlock()
	r.mu.RLock()
	at, mode := r.row.Position, r.mode
	item := r.items[at.Item]
	r.mu.RUnlock()
	if mode != "wall" {
		return Tally{}, fault.New(fault.Conflict, "这间教室不记举手")
	}
	if !counting(at, itemID, opening) {
		return Tally{}, errClosed()
	}
	if item.Type == quiz.Fill || item.Type == quiz.Ordering {
		return Tally{}, fault.New(fault.Invalid, "填空题和排序题不数举手，请大家口头说一说")
	}
	known := map[string]bool{}
	for _, o := range item.Options {
		known[o.ID] = true
	}
	for option := range counts {
		if !known[option] {
			return Tally{}, fault.New(fault.Invalid, "这一题没有选项 %q", option)
		}
	}
	if err := r.db.SaveTally(ctx, r.code, itemID, opening, team, counts, now()); err != nil {
		return Tally{}, err
	}
	sum, err := r.db.Tally(ctx, r.code, itemID, opening)
	if err != nil {
		return Tally{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tally = sum
	r.tallyChanged(0)
	return r.tallyNow(), nil
}
