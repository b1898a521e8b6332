// Package live runs class quizzes in progress: who sits where, what is open,
// what counts, and who hears of it.
package live

import (
	"context"
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/big"
	randv2 "math/rand/v2"
	"sync"

	"golang.org/x/sync/singleflight"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// MaxSeatNumber is the highest seat number a pupil can type; drawn nicknames
// sit above. MaxTeams is how many teams a wall has room for.
const (
	MaxSeatNumber  = 63
	firstDrawnSeat = 101
	MaxTeams       = 8
)

// Rooms holds the rooms that somebody has looked at since the start.
type Rooms struct {
	db    *store.DB
	log   *slog.Logger
	reach func() (baseURL string, loopbackOnly bool)
	// Distress tells whether words need an adult's care; nil for never.
	Distress func(words string) bool

	loading singleflight.Group // by code
	mu      sync.Mutex
	rooms   map[string]*Room
}

// NewRooms makes an empty set of rooms. reach tells the address that pupils
// can open; it may change while running.
func NewRooms(db *store.DB, log *slog.Logger, reach func() (baseURL string, loopbackOnly bool)) *Rooms {
	return &Rooms{db: db, log: log, reach: reach, rooms: map[string]*Room{}}
}

// Resume brings back the rooms with a running clock after a restart; others
// come back when somebody asks for them.
func (rs *Rooms) Resume(ctx context.Context) error {
	codes, err := rs.db.RoomsInState(ctx, Open)
	if err != nil {
		return err
	}
	for _, code := range codes {
		if _, err := rs.Room(ctx, code); err != nil {
			return fmt.Errorf("resume room %s: %w", code, err)
		}
	}
	return nil
}

// Create opens a room with its own draw of a quiz. The host token is given
// out once and stored as a hash.
func (rs *Rooms) Create(ctx context.Context, q *quiz.Quiz, setup Setup) (code, hostToken string, err error) {
	if len(q.Items) == 0 {
		return "", "", fault.New(fault.Invalid, "这个题库没有题目")
	}
	if err := setup.check(); err != nil {
		return "", "", err
	}
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return "", "", fmt.Errorf("seed: %w", err)
	}
	row, seats := setup.room(q.Draw(randv2.New(randv2.NewChaCha8(seed))))
	hostToken = newToken()
	row.HostHash = store.HashToken(hostToken)
	for range 20 {
		n, err := rand.Int(rand.Reader, big.NewInt(900_000))
		if err != nil {
			return "", "", fmt.Errorf("draw room code: %w", err)
		}
		row.Code = fmt.Sprint(n.Int64() + 100_000)
		err = rs.db.CreateRoom(ctx, row, seats...)
		if kind, _ := fault.Of(err); err != nil && kind == fault.Conflict {
			continue
		}
		return row.Code, hostToken, err
	}
	return "", "", fault.New(fault.Unavailable, "课堂码暂时用完了，请稍后再试")
}

// Room finds a room by its code, in memory or in the database. A slow read of
// one room does not hold up the others.
func (rs *Rooms) Room(ctx context.Context, code string) (*Room, error) {
	if r, ok := rs.known(code); ok {
		return r, nil
	}
	found, err, _ := rs.loading.Do(code, func() (any, error) {
		if r, ok := rs.known(code); ok {
			return r, nil
		}
		r := &Room{db: rs.db, log: rs.log, reach: rs.reach, distress: rs.Distress, seats: map[int]store.Seat{}, byToken: map[string]int{},
			reserved: map[int]bool{}, sitting: map[string]bool{}, vacant: map[int]bool{}, extra: map[int]int{}, hosts: map[*Watch]bool{}, pupils: map[int]map[*Watch]bool{}}
		if err := r.load(context.WithoutCancel(ctx), code); err != nil {
			return nil, err
		}
		rs.mu.Lock()
		defer rs.mu.Unlock()
		rs.rooms[code] = r
		return r, nil
	})
	if err != nil {
		return nil, err
	}
	return found.(*Room), nil
}

func (rs *Rooms) known(code string) (*Room, bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r, ok := rs.rooms[code]
	return r, ok
}

// ReachChanged tells every host that the join address is another.
func (rs *Rooms) ReachChanged() {
	rs.each(func(r *Room) { r.changed() })
}

// Stop stops the clocks; the rooms can be resumed from the database.
func (rs *Rooms) Stop() {
	rs.each(func(r *Room) { r.stopClock(); r.intake = false })
}

func (rs *Rooms) each(do func(*Room)) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, r := range rs.rooms {
		r.mu.Lock()
		do(r)
		r.mu.Unlock()
	}
}

// DeleteBefore forgets rooms created before a time (ms) and says how many.
func (rs *Rooms) DeleteBefore(ctx context.Context, before int64) (int64, error) {
	n, err := rs.db.DeleteRoomsBefore(ctx, before)
	if err != nil {
		return n, err
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for code, r := range rs.rooms {
		r.mu.Lock()
		if r.row.CreatedAt < before {
			r.gone()
			delete(rs.rooms, code)
		}
		r.mu.Unlock()
	}
	return n, nil
}

// Delete forgets a room at once, with its seats, answers and log.
func (rs *Rooms) Delete(ctx context.Context, code string) error {
	if err := rs.db.DeleteRoom(ctx, code); err != nil {
		return err
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r, ok := rs.rooms[code]; ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.gone()
		delete(rs.rooms, code)
	}
	return nil
}

func newToken() string { return rand.Text() }

var (
	adjectives = []string{"安静的", "明亮的", "温和的", "勇敢的", "认真的", "快乐的", "细心的", "友善的", "清澈的", "从容的",
		"耐心的", "坚定的", "灵巧的", "爽朗的", "真诚的", "轻快的", "温暖的", "沉稳的", "机灵的", "大方的"}
	nouns = []string{"白桦", "丹顶鹤", "松塔", "雪花", "小溪", "萤火虫", "蒲公英", "向日葵", "海豚", "云朵", "风筝", "山雀", "银杏",
		"麦穗", "星星", "灯塔", "帆船", "青松", "百灵", "露珠", "彩虹", "枫叶", "梅花鹿", "雨燕", "石榴", "稻田", "火车", "贝壳", "竹子", "月亮"}
)

// nickname names the n-th drawn seat of a room: every name once, in an order
// of the room's own, then again with a number.
func nickname(room string, n int) string {
	h := fnv.New32a()
	h.Write([]byte(room))
	all := len(adjectives) * len(nouns)
	// 331 is prime to 600, so the walk meets every pair before it repeats.
	at := (int(h.Sum32()%uint32(all)) + n*331) % all
	name := adjectives[at%len(adjectives)] + nouns[at/len(adjectives)]
	if n >= all {
		name = fmt.Sprintf("%s %d", name, n/all+1)
	}
	return name
}
