package live

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"slices"
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
	at   time.Time
	data []byte
}

// Room is a class quiz in progress. The database is the truth; what is here
// is a copy of it, never ahead of it, plus who is listening.
type Room struct {
	db       *store.DB
	log      *slog.Logger
	reach    func() (baseURL string, loopbackOnly bool)
	distress func(words string) bool

	code string // these four never change once loaded
	quiz *quiz.Quiz
	mode string
	course

	control sync.Mutex // one transition at a time

	mu        sync.RWMutex // all below; an answer holds it shared from stamp to queue
	row       store.Room
	deleted   bool          // from the database
	intake    bool          // answers may be queued
	receiving int           // answers whose body is still being read
	drained   chan struct{} // closed when there are none
	closedAt  time.Time     // when the current opening stopped taking answers
	deadline  time.Time     // of a timed open item; monotonic
	timer     *time.Timer
	seats     map[int]store.Seat
	byToken   map[string]int
	reserved  map[int]bool    // being stored
	sitting   map[string]bool // hashes of the tokens of those
	vacant    map[int]bool    // drawn seats that were readmitted and wait for their pupil
	lastDrawn int
	extra     map[int]int                     // percent of others' time, 0 for no limit, by seat
	answers   map[string]map[int]store.Answer // to what is open now, by item and seat
	tally     map[string]int                  // hand counts of the current opening
	answered  map[string]int                  // by item
	scores    map[string]map[int]score        // by revealed item and seat
	hands     map[string]handTotal            // by revealed item, on the wall

	hostHashes  []string // of the tokens of hosts that took over
	claims      []*claim
	concerns    []store.Concern
	claimsUntil time.Time

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
	hostHashes, err := r.db.Hosts(ctx, code)
	if err != nil {
		return err
	}
	concerns, err := r.db.Concerns(ctx, code)
	if err != nil {
		return err
	}
	extra, err := r.db.ExtraTime(ctx, code)
	if err != nil {
		return err
	}
	hands, err := r.readHands(ctx, row, scored)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.quiz == nil {
		r.code, r.quiz, r.mode = row.Code, row.Quiz, row.Mode
		r.course = course{items: row.Quiz.Items, timed: row.Timed, self: row.Mode == Self, windowMS: row.WindowMS}
	}
	stillOpen := r.row.State == Open && row.State == Open && r.row.ItemID == row.ItemID && r.row.Opening == row.Opening
	r.row, r.tally, r.hands, r.hostHashes, r.extra = row, tally, hands, hostHashes, extra
	for _, c := range concerns { // on top of those noted since the read
		if !slices.Contains(r.concerns, c) {
			r.concerns = append(r.concerns, c)
		}
	}
	for _, s := range seats { // on top of those taken since the read
		r.putSeat(s)
	}
	r.answers, r.answered, r.scores = map[string]map[int]store.Answer{}, map[string]int{}, map[string]map[int]score{}
	last := map[string]int{}
	for _, item := range r.opened(row.Position) {
		last[item] = row.Opening
	}
	for _, a := range answers {
		if a.Opening > last[a.ItemID] {
			last[a.ItemID], r.answered[a.ItemID] = a.Opening, 0
		}
		if a.Opening == last[a.ItemID] {
			r.answered[a.ItemID]++
		}
		if r.running(a.ItemID, a.Opening) {
			r.keepAnswer(a)
		}
		if a.Opening == scored[a.ItemID] {
			r.putScore(a)
		}
	}
	switch {
	case stillOpen: // the deadline that runs is truer than the one persisted
		r.openIntake()
	case row.State == Open:
		r.startClock()
	default:
		r.intake = false
		r.stopClock()
	}
	r.changed()
	return nil
}

// readHands sums the hands of the revealed items of a wall quiz.
func (r *Room) readHands(ctx context.Context, row store.Room, scored map[string]int) (map[string]handTotal, error) {
	hands := map[string]handTotal{}
	if row.Mode != "wall" {
		return hands, nil
	}
	for _, item := range row.Quiz.Items {
		opening, ok := scored[item.ID]
		if !ok {
			continue
		}
		counts, err := r.db.Tally(ctx, row.Code, item.ID, opening)
		if err != nil {
			return nil, err
		}
		hands[item.ID] = countHands(item, counts)
	}
	return hands, nil
}

// handTotal is how many hands went up for an item, and for the right option.
type handTotal struct{ raised, correct int }

// sum adds up the counts of all options.
func sum(counts map[string]int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}

// countHands counts what one hand can get right: in a poll nothing is right,
// and of several right options a hand shows only one.
func countHands(item quiz.Item, counts map[string]int) (total handTotal) {
	if item.Type != quiz.Single && item.Type != quiz.TrueFalse {
		return total
	}
	total.raised = sum(counts)
	for option, n := range counts {
		if slices.Contains(item.Key(), option) {
			total.correct += n
		}
	}
	return total
}

func (r *Room) putSeat(s store.Seat) {
	if old, ok := r.seats[s.Number]; ok {
		delete(r.byToken, old.TokenHash)
	}
	r.seats[s.Number] = s
	r.pupilJSON.data = nil // it counts the seats
	r.lastDrawn = max(r.lastDrawn, s.Number)
	delete(r.vacant, s.Number)
	switch {
	case s.Kicked:
	case s.TokenHash != "":
		r.byToken[s.TokenHash] = s.Number
	case s.Number >= firstDrawnSeat:
		r.vacant[s.Number] = true
	}
}

// putScore counts a revealed answer; a poll has nothing to count.
func (r *Room) putScore(a store.Answer) {
	if slices.ContainsFunc(r.items, func(it quiz.Item) bool { return it.ID == a.ItemID && it.Type == quiz.Poll }) {
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
	hash := store.HashToken(token)
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, host := range append([]string{r.row.HostHash}, r.hostHashes...) {
		if subtle.ConstantTimeCompare([]byte(hash), []byte(host)) == 1 {
			return Viewer{Host: true, tokenHash: hash}, nil
		}
	}
	if seat, ok := r.byToken[hash]; ok {
		return Viewer{Seat: seat, tokenHash: hash}, nil
	}
	return Viewer{}, fault.New(fault.Unauthorized, "座位已经失效，请重新输入课堂码加入")
}

func now() int64 { return time.Now().UnixMilli() }

// Quiz returns the room's own copy of the quiz.
func (r *Room) Quiz() *quiz.Quiz { return r.quiz }
