package live

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// Viewer is who looks at a room; the zero Viewer is a stranger.
type Viewer struct {
	Host      bool
	Seat      int
	tokenHash string
}

type score struct {
	correct bool
	points  int
}

type encoding struct {
	seq  uint64
	data []byte
}

// Room is a class quiz in progress. The database is the truth; what is here
// is a copy of it, never ahead of it, plus who is listening.
type Room struct {
	db    *store.DB
	log   *slog.Logger
	reach func() (baseURL string, loopbackOnly bool)

	code string // these three never change once loaded
	quiz *quiz.Quiz
	mode string

	control sync.Mutex // one transition at a time

	mu        sync.RWMutex // all below; an answer holds it shared from stamp to queue
	row       store.Room
	intake    bool      // answers may be queued
	deadline  time.Time // of a timed open item; monotonic
	timer     *time.Timer
	seats     map[int]store.Seat
	byToken   map[string]int
	reserved  map[int]bool // being stored
	lastDrawn int
	answers   map[int]store.Answer     // to the current opening, by seat
	tally     map[string]int           // hand counts of the current opening
	answered  map[string]int           // by item
	scores    map[string]map[int]score // by revealed item and seat

	hosts                       map[*Watch]bool
	pupils                      map[int]map[*Watch]bool
	stateSeq, hostSeq, tallySeq uint64
	pupilJSON, hostJSON         encoding
	wakePending                 bool
}

// load reads a room from the database, at start and after a conflict.
func (r *Room) load(ctx context.Context, code string) error {
	row, err := r.db.Room(ctx, code)
	if err != nil {
		return err
	}
	seats, err := r.db.Seats(ctx, code)
	if err != nil {
		return err
	}
	answers, err := r.db.Answers(ctx, code)
	if err != nil {
		return err
	}
	scored, err := r.db.ScoredOpenings(ctx, code)
	if err != nil {
		return err
	}
	tally, err := r.db.Tally(ctx, code, row.ItemID, row.Opening)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.quiz == nil {
		r.code, r.quiz, r.mode = row.Code, row.Quiz, row.Mode
	}
	r.row, r.tally = row, tally
	r.seats, r.byToken = map[int]store.Seat{}, map[string]int{}
	for _, s := range seats {
		r.putSeat(s)
	}
	r.answers, r.answered, r.scores = map[int]store.Answer{}, map[string]int{}, map[string]map[int]score{}
	last := map[string]int{row.ItemID: row.Opening}
	for _, a := range answers {
		if a.Opening > last[a.ItemID] {
			last[a.ItemID], r.answered[a.ItemID] = a.Opening, 0
		}
		if a.Opening == last[a.ItemID] {
			r.answered[a.ItemID]++
		}
		if a.ItemID == row.ItemID && a.Opening == row.Opening {
			r.answers[a.Seat] = a
		}
		if a.Opening == scored[a.ItemID] {
			r.putScore(a)
		}
	}
	if row.State == Open {
		r.startClock()
	}
	r.changed()
	return nil
}

func (r *Room) putSeat(s store.Seat) {
	if old, ok := r.seats[s.Number]; ok {
		delete(r.byToken, old.TokenHash)
	}
	r.seats[s.Number] = s
	r.pupilJSON.data = nil // it counts the seats
	r.lastDrawn = max(r.lastDrawn, s.Number)
	if s.TokenHash != "" && !s.Kicked {
		r.byToken[s.TokenHash] = s.Number
	}
}

// putScore counts a revealed answer; a poll has nothing to count.
func (r *Room) putScore(a store.Answer) {
	if slices.ContainsFunc(r.quiz.Items, func(it quiz.Item) bool { return it.ID == a.ItemID && it.Type == quiz.Poll }) {
		return
	}
	if r.scores[a.ItemID] == nil {
		r.scores[a.ItemID] = map[int]score{}
	}
	r.scores[a.ItemID][a.Seat] = score{a.Correct, a.Points}
}

// Authorize tells who a token belongs to; "" is a stranger.
func (r *Room) Authorize(token string) (Viewer, error) {
	if token == "" {
		return Viewer{}, nil
	}
	hash := hashToken(token)
	r.mu.RLock()
	defer r.mu.RUnlock()
	if subtle.ConstantTimeCompare([]byte(hash), []byte(r.row.HostHash)) == 1 {
		return Viewer{Host: true, tokenHash: hash}, nil
	}
	if seat, ok := r.byToken[hash]; ok {
		return Viewer{Seat: seat, tokenHash: hash}, nil
	}
	return Viewer{}, fault.New(fault.Unauthorized, "座位已经失效，请重新输入课堂码加入")
}

// Sit takes a seat: number 1–63, or 0 to be given a nickname.
func (r *Room) Sit(ctx context.Context, number int) (seat store.Seat, token string, err error) {
	if seat, err = r.reserve(number); err != nil {
		return seat, "", err
	}
	token = newToken()
	seat.TokenHash = hashToken(token)
	err = r.db.TakeSeat(context.WithoutCancel(ctx), r.code, seat, now())
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.reserved, seat.Number)
	if err != nil {
		return store.Seat{}, "", err
	}
	r.putSeat(seat)
	r.hostChanged()
	return seat, token, nil
}

// reserve holds a seat in memory while it is being stored, so that many can
// sit down at once and share commits.
func (r *Room) reserve(number int) (store.Seat, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seat := store.Seat{Number: number, Nickname: strconv.Itoa(number) + " 号"}
	taken, exists := r.seats[number]
	switch {
	case r.row.State == Ended:
		return seat, fault.New(fault.Conflict, "这场答题已经结束")
	case number < 0 || number > MaxSeatNumber:
		return seat, fault.New(fault.Invalid, "座号应是 1 到 %d 的数字", MaxSeatNumber)
	case number == 0:
		seat.Number = max(r.lastDrawn+1, firstDrawnSeat)
		seat.Nickname = nickname(r.code, seat.Number-firstDrawnSeat)
		r.lastDrawn = seat.Number
	case exists && taken.Kicked:
		return seat, fault.New(fault.Denied, "老师请这个座位先离开，请当面问问老师")
	case exists && taken.TokenHash != "" || r.reserved[number]:
		return seat, fault.New(fault.Conflict, "这个座号已经有人用了，请核对自己的座号，或请老师帮忙")
	}
	r.reserved[seat.Number] = true
	return seat, nil
}

// Receipt says which answer stands. It is only given once that is on disk.
type Receipt struct {
	Item       string   `json:"item"`
	Opening    int      `json:"opening"`
	Choice     []string `json:"choice"`
	ReceivedAt int64    `json:"received_at"`
	Kept       bool     `json:"kept"` // an earlier answer stands
}

// Answer takes a seat's answer, received at a time. A 200 for it means that
// it is on disk; a second answer gets the receipt of the first.
func (r *Room) Answer(ctx context.Context, v Viewer, itemID string, opening int, choice []string, received time.Time) (Receipt, error) {
	ctx = context.WithoutCancel(ctx)
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

// putAnswer notes an answer to the current opening once it is on disk.
func (r *Room) putAnswer(a store.Answer) {
	if _, again := r.answers[a.Seat]; again || a.ItemID != r.row.ItemID || a.Opening != r.row.Opening {
		return
	}
	r.answers[a.Seat] = a
	r.answered[a.ItemID]++
	r.tallyChanged(a.Seat)
}

// queueAnswer checks and queues under the shared lock. A close takes the lock
// whole before it queues itself, so what was received in time commits first.
func (r *Room) queueAnswer(seat int, itemID string, opening int, choice []string, received time.Time) (store.Answer, *store.SavedAnswer, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if !r.intake || r.row.ItemID != itemID || r.row.Opening != opening || r.row.Timed && received.After(r.deadline) {
		return store.Answer{}, nil, errClosed()
	}
	if _, again := r.answers[seat]; again {
		return store.Answer{}, nil, errClosed() // answered with the first receipt
	}
	correct, points, err := r.quiz.Items[r.row.Item].Mark(choice)
	if err != nil {
		return store.Answer{}, nil, err
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
	return Receipt{a.ItemID, a.Opening, a.Choice, a.ReceivedAt, kept}
}

func errClosed() error {
	return fault.New(fault.Conflict, "这一题现在不收答案，请看大屏")
}

// Tally notes the hands counted for an opening; counting again corrects it.
func (r *Room) Tally(ctx context.Context, itemID string, opening int, team string, counts map[string]int) (Tally, error) {
	ctx = context.WithoutCancel(ctx)
	r.control.Lock()
	defer r.control.Unlock()
	r.mu.RLock()
	at, mode := r.row.Position, r.mode
	item := r.quiz.Items[at.Item]
	r.mu.RUnlock()
	if mode != "wall" {
		return Tally{}, fault.New(fault.Conflict, "这间教室用学生设备答题，不记举手")
	}
	if at.ItemID != itemID || at.Opening != opening || at.State != Open && at.State != Paused && at.State != Closed {
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

// Control carries out a host's action on the version that the host saw. Like
// all that writes, it goes on when the caller hangs up: what is queued will
// be committed, and memory must learn of it.
func (r *Room) Control(ctx context.Context, action string, version int64, seat int) error {
	ctx = context.WithoutCancel(ctx)
	r.control.Lock()
	defer r.control.Unlock()
	if action == "kick" || action == "readmit" {
		return r.setKicked(ctx, seat, action == "kick")
	}
	return r.transition(ctx, action, version)
}

func (r *Room) setKicked(ctx context.Context, number int, kicked bool) error {
	if err := r.db.SetKicked(ctx, r.code, number, kicked, now()); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.seats[number]
	delete(r.byToken, s.TokenHash)
	s.Kicked, s.TokenHash = kicked, ""
	r.seats[number] = s
	for w := range r.pupils[number] {
		w.signal()
	}
	r.hostChanged()
	return nil
}

// transition stops intake, commits, and only then shows the new state.
func (r *Room) transition(ctx context.Context, action string, version int64) error {
	r.mu.Lock()
	if version != r.row.Version {
		r.mu.Unlock()
		return fault.New(fault.Conflict, "教室的状态刚刚变了，请看清楚再点一次")
	}
	to, err := move(r.row.Position, r.quiz.Items, r.row.Timed, r.remaining(), action)
	if err != nil {
		r.mu.Unlock()
		return err
	}
	r.intake = r.row.State == Open && to.State == Open
	r.mu.Unlock()

	if err := r.db.Transition(ctx, r.code, version, to, now(), action, fmt.Sprintf("%s %d", to.ItemID, to.Opening)); err != nil {
		if reloadErr := r.load(ctx, r.code); reloadErr != nil {
			r.log.Error("reload room", "room", r.code, "err", reloadErr)
		}
		return err
	}
	var answers []store.Answer
	if to.State == Closed { // some are on disk and not yet in memory
		if answers, err = r.db.OpeningAnswers(ctx, r.code, to.ItemID, to.Opening); err != nil {
			r.log.Error("read answers at close", "room", r.code, "err", err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range answers {
		r.putAnswer(a)
	}
	from := r.row.Position
	r.row.Position, r.row.Version = to, version+1
	if from.ItemID != to.ItemID || from.Opening != to.Opening {
		r.answers, r.tally = map[int]store.Answer{}, map[string]int{}
		if to.State == Open {
			r.answered[to.ItemID] = 0
		}
	}
	if to.State == Revealed {
		r.scores[to.ItemID] = map[int]score{}
		for _, a := range r.answers {
			r.putScore(a)
		}
	}
	r.stopClock()
	if to.State == Open {
		r.startClock()
	}
	r.changed()
	return nil
}

// startClock opens intake and, for a timed item, runs down what is left.
func (r *Room) startClock() {
	r.intake = true
	if !r.row.Timed {
		return
	}
	r.deadline = time.Now().Add(time.Duration(r.row.RemainingMS) * time.Millisecond)
	r.tick(r.row.Version)
}

func (r *Room) stopClock() {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
}

// tick waits for the deadline and persists the time left every second, so
// that a restart resumes near where the clock stood. The caller holds mu.
func (r *Room) tick(version int64) {
	wait := min(time.Until(r.deadline), time.Second)
	r.timer = time.AfterFunc(max(wait, 0), func() {
		r.mu.Lock()
		if r.row.Version != version || r.row.State != Open {
			r.mu.Unlock()
			return
		}
		left, opening := r.remaining(), r.row.Opening
		if left > 0 {
			r.tick(version)
		}
		r.mu.Unlock()
		ctx := context.Background()
		if left > 0 {
			if err := r.db.SaveRemaining(ctx, r.code, opening, left); err != nil {
				r.log.Warn("persist time left", "room", r.code, "err", err)
			}
			return
		}
		if err := r.Control(ctx, "close", version, 0); err != nil {
			if kind, _ := fault.Of(err); kind != fault.Conflict { // the host closed it first
				r.log.Error("close at deadline", "room", r.code, "err", err)
			}
		}
	})
}

func now() int64 { return time.Now().UnixMilli() }

// Quiz returns the room's own copy of the quiz.
func (r *Room) Quiz() *quiz.Quiz { return r.quiz }
