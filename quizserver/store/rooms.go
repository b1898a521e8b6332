package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// Position is what a transition changes of a room.
type Position struct {
	State       string
	Item        int
	ItemID      string
	Opening     int
	RemainingMS int64 // of a timed item, when last persisted
	BoardHidden bool
}

// Room is a class quiz in progress.
type Room struct {
	Code      string
	HostHash  string
	Quiz      *quiz.Quiz
	Mode      string // wall, teams, cards, devices or self
	Timed     bool
	WindowMS  int64 // that a timed self-paced room is open
	Bonus     bool  // for quick right answers
	Version   int64
	CreatedAt int64 // ms
	Position
	Undo *Position // what the last action can be taken back to
}

// Seat is a place in a room. It holds a number and no name.
type Seat struct {
	Number    int
	Nickname  string
	TokenHash string
	Kicked    bool
}

// Answer is one seat's first answer to one opening of an item.
type Answer struct {
	Room       string
	ItemID     string
	Opening    int
	Seat       int
	Choice     []string
	Correct    bool
	Points     int
	ReceivedAt int64 // ms, stamped at receipt
}

// LogEntry is one line of a room's append-only log.
type LogEntry struct {
	Seq    int64  `json:"seq"`
	At     int64  `json:"at"`
	Event  string `json:"event"`
	Detail string `json:"detail,omitempty"`
}

const roomColumns = `code, host_hash, quiz, mode, timed, state, version, item, item_id, opening, remaining_ms, board_hidden, created_at, undo, window_ms, bonus`

// CreateRoom stores a new room, with the seats that it has from the start; a
// code in use is a Conflict.
func (db *DB) CreateRoom(ctx context.Context, r Room, seats ...Seat) error {
	body, err := json.Marshal(r.Quiz)
	if err != nil {
		return fmt.Errorf("encode quiz: %w", err)
	}
	return db.commit(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`INSERT INTO rooms (`+roomColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, $15) ON CONFLICT DO NOTHING`,
			r.Code, r.HostHash, string(body), r.Mode, flag(r.Timed), r.State, r.Version, r.Item, r.ItemID,
			r.Opening, r.RemainingMS, flag(r.BoardHidden), r.CreatedAt, r.WindowMS, flag(r.Bonus))
		if err := affected(res, err, fault.Conflict, "课堂码已被使用"); err != nil {
			return err
		}
		if err := addSeats(tx, r.Code, seats, r.CreatedAt); err != nil {
			return err
		}
		return appendLog(tx, r.Code, r.CreatedAt, "created", r.Quiz.ID)
	})
}

// addSeats stores seats without a device: teams, and who holds up a card.
func addSeats(tx *sql.Tx, room string, seats []Seat, at int64) error {
	for _, s := range seats {
		if _, err := tx.Exec(`INSERT INTO seats (room, seat, nickname, token_hash, kicked, joined_at) VALUES ($1, $2, $3, '', 0, $4)
			ON CONFLICT DO NOTHING`, room, s.Number, s.Nickname, at); err != nil {
			return err
		}
	}
	return nil
}

// Room reads a room; an unknown code is NotFound.
func (db *DB) Room(ctx context.Context, code string) (Room, error) {
	return scanRoom(db.read.QueryRowContext(ctx, `SELECT `+roomColumns+` FROM rooms WHERE code = $1`, code))
}

// RoomsInState lists the codes of rooms in a state.
func (db *DB) RoomsInState(ctx context.Context, state string) ([]string, error) {
	return collect(ctx, db.read, func(rows *sql.Rows) (code string, err error) {
		return code, rows.Scan(&code)
	}, `SELECT code FROM rooms WHERE state = $1 ORDER BY code`, state)
}

func scanRoom(row *sql.Row) (Room, error) {
	var r Room
	var body, undo string
	var timed, hidden, bonus int64
	err := row.Scan(&r.Code, &r.HostHash, &body, &r.Mode, &timed, &r.State, &r.Version, &r.Item, &r.ItemID,
		&r.Opening, &r.RemainingMS, &hidden, &r.CreatedAt, &undo, &r.WindowMS, &bonus)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "没有这间教室，请核对课堂码；也可能已经过期删除")
	}
	if err != nil {
		return r, explain(fmt.Errorf("read room: %w", err))
	}
	r.Timed, r.BoardHidden, r.Bonus = timed == 1, hidden == 1, bonus == 1
	if err := json.Unmarshal([]byte(body), &r.Quiz); err != nil {
		return r, fmt.Errorf("decode quiz of room %s: %w", r.Code, err)
	}
	if undo != "" {
		if err := json.Unmarshal([]byte(undo), &r.Undo); err != nil {
			return r, fmt.Errorf("decode the way back of room %s: %w", r.Code, err)
		}
	}
	return r, nil
}

// Transition moves a room from one version to the next: all of it or, when
// somebody else moved it first, a Conflict and nothing. undo is where it can
// be taken back to, nil for nowhere; items are those that it opens or reveals.
func (db *DB) Transition(ctx context.Context, code string, version int64, to Position, undo *Position, items []string, at int64, event, detail string) error {
	back := ""
	if undo != nil {
		body, err := json.Marshal(undo)
		if err != nil {
			return fmt.Errorf("encode the way back: %w", err)
		}
		back = string(body)
	}
	return db.commit(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE rooms SET state = $1, version = version + 1, item = $2, item_id = $3, opening = $4,
			remaining_ms = $5, board_hidden = $6, undo = $9 WHERE code = $7 AND version = $8`,
			to.State, to.Item, to.ItemID, to.Opening, to.RemainingMS, flag(to.BoardHidden), code, version, back)
		if err := affected(res, err, fault.Conflict, "教室的状态刚刚变了，请看清楚再点一次"); err != nil {
			return err
		}
		mark := map[string]string{
			"open":     `INSERT INTO openings (room, item_id, opening, revealed) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING`,
			"revealed": `UPDATE openings SET revealed = 1 WHERE room = $1 AND item_id = $2 AND opening = $3`,
		}[to.State]
		for _, item := range items {
			if mark == "" {
				break
			}
			if _, err := tx.Exec(mark, code, item, to.Opening); err != nil {
				return err
			}
		}
		return appendLog(tx, code, at, event, detail)
	})
}

// SaveRemaining persists the time left of an open item, without a new version.
func (db *DB) SaveRemaining(ctx context.Context, code string, opening int, remainingMS int64) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE rooms SET remaining_ms = $1 WHERE code = $2 AND opening = $3 AND state = 'open'`,
			remainingMS, code, opening)
		return err
	})
}

// TakeSeat stores a seat. A number or nickname in use is a Conflict, unless
// the seat was readmitted and waits for its pupil.
func (db *DB) TakeSeat(ctx context.Context, room string, s Seat, at int64) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE seats SET token_hash = $1 WHERE room = $2 AND seat = $3 AND token_hash = '' AND kicked = 0`,
			s.TokenHash, room, s.Number)
		if err != nil {
			return err
		}
		readmitted, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if readmitted == 0 {
			res, err = tx.Exec(`INSERT INTO seats (room, seat, nickname, token_hash, kicked, joined_at) VALUES ($1, $2, $3, $4, 0, $5)
				ON CONFLICT DO NOTHING`, room, s.Number, s.Nickname, s.TokenHash, at)
			if err := affected(res, err, fault.Conflict, "这个座号已经有人用了，请核对自己的座号，或请老师帮忙"); err != nil {
				return err
			}
		}
		return appendLog(tx, room, at, "seated", s.Nickname)
	})
}

// SetKicked removes a seat from a room or readmits it; either way its token
// ends.
func (db *DB) SetKicked(ctx context.Context, room string, seat int, kicked bool, at int64) error {
	event := map[bool]string{true: "kicked", false: "readmitted"}[kicked]
	return db.commit(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE seats SET kicked = $1, token_hash = '' WHERE room = $2 AND seat = $3`, flag(kicked), room, seat)
		if err := affected(res, err, fault.NotFound, "没有这个座位"); err != nil {
			return err
		}
		return appendLog(tx, room, at, event, fmt.Sprint(seat))
	})
}

// Seats lists a room's seats by number.
func (db *DB) Seats(ctx context.Context, room string) ([]Seat, error) {
	return collect(ctx, db.read, func(rows *sql.Rows) (s Seat, err error) {
		var kicked int64
		err = rows.Scan(&s.Number, &s.Nickname, &s.TokenHash, &kicked)
		s.Kicked = kicked == 1
		return s, err
	}, `SELECT seat, nickname, token_hash, kicked FROM seats WHERE room = $1 ORDER BY seat`, room)
}

// SavedAnswer is a queued answer.
type SavedAnswer struct {
	write    Write
	inserted bool
}

// Inserted waits for the commit and tells whether this answer was the first
// and came before the close.
func (s *SavedAnswer) Inserted(ctx context.Context) (bool, error) {
	err := s.write.Wait(ctx)
	return err == nil && s.inserted, err
}

// SaveAnswer queues an answer. The first answer of a seat to an opening
// stands; a later one, and one after the close, changes nothing.
func (db *DB) SaveAnswer(a Answer) *SavedAnswer {
	choice, err := json.Marshal(a.Choice)
	saved := &SavedAnswer{}
	saved.write = db.enqueue(func(tx *sql.Tx) error {
		if err != nil {
			return fmt.Errorf("encode choice: %w", err)
		}
		res, err := tx.Exec(`INSERT INTO answers (room, item_id, opening, seat, choice, correct, points, received_at)
			SELECT code, CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS TEXT),
				CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS BIGINT)
			FROM rooms WHERE code = $1 AND state = 'open' AND (item_id = $2 OR mode = 'self') AND opening = $3
			ON CONFLICT DO NOTHING`,
			a.Room, a.ItemID, a.Opening, a.Seat, string(choice), flag(a.Correct), a.Points, a.ReceivedAt)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		saved.inserted = n == 1
		return err
	})
	return saved
}

const answerColumns = `room, item_id, opening, seat, choice, correct, points, received_at`

// Answer reads the answer that stands; none is NotFound.
func (db *DB) Answer(ctx context.Context, room, itemID string, opening, seat int) (Answer, error) {
	found, err := collect(ctx, db.read, scanAnswer, `SELECT `+answerColumns+` FROM answers
		WHERE room = $1 AND item_id = $2 AND opening = $3 AND seat = $4`, room, itemID, opening, seat)
	if err != nil {
		return Answer{}, err
	}
	if len(found) == 0 {
		return Answer{}, fault.New(fault.NotFound, "这一题还没有收到答案")
	}
	return found[0], nil
}

// OpeningAnswers lists the answers to one opening, by seat.
func (db *DB) OpeningAnswers(ctx context.Context, room, itemID string, opening int) ([]Answer, error) {
	return collect(ctx, db.read, scanAnswer, `SELECT `+answerColumns+` FROM answers
		WHERE room = $1 AND item_id = $2 AND opening = $3 ORDER BY seat`, room, itemID, opening)
}

// Answers lists all answers of a room in the order in which they came.
func (db *DB) Answers(ctx context.Context, room string) ([]Answer, error) {
	return collect(ctx, db.read, scanAnswer, `SELECT `+answerColumns+` FROM answers
		WHERE room = $1 ORDER BY received_at, seat, item_id, opening`, room)
}

// ScoredOpenings maps each revealed item to the opening that counts: the last
// one that was revealed.
func (db *DB) ScoredOpenings(ctx context.Context, room string) (map[string]int, error) {
	type opening struct {
		item string
		n    int
	}
	rows, err := collect(ctx, db.read, func(rows *sql.Rows) (o opening, err error) {
		return o, rows.Scan(&o.item, &o.n)
	}, `SELECT item_id, MAX(opening) FROM openings WHERE room = $1 AND revealed = 1 GROUP BY item_id`, room)
	scored := make(map[string]int, len(rows))
	for _, o := range rows {
		scored[o.item] = o.n
	}
	return scored, err
}

func scanAnswer(rows *sql.Rows) (a Answer, err error) {
	var choice string
	var correct int64
	if err := rows.Scan(&a.Room, &a.ItemID, &a.Opening, &a.Seat, &choice, &correct, &a.Points, &a.ReceivedAt); err != nil {
		return a, err
	}
	a.Correct = correct == 1
	return a, json.Unmarshal([]byte(choice), &a.Choice)
}

// SaveCards stores what was read from the cards of seats during an opening;
// reading a card again corrects it, and an answer without a choice takes its
// seat's back. Seats are those that are seen for the first time. Once the item
// is revealed that is a Conflict.
func (db *DB) SaveCards(ctx context.Context, room, itemID string, opening int, answers []Answer, seats []Seat, at int64) error {
	read := map[int][]string{}
	for _, a := range answers {
		read[a.Seat] = a.Choice
	}
	detail, err := json.Marshal(read)
	if err != nil {
		return fmt.Errorf("encode cards: %w", err)
	}
	return db.commit(ctx, func(tx *sql.Tx) error {
		// Writing the room's row keeps it from being revealed meanwhile.
		res, err := tx.Exec(`UPDATE rooms SET version = version WHERE code = $1 AND item_id = $2 AND opening = $3
			AND state IN ('open', 'paused', 'closed')`, room, itemID, opening)
		if err := affected(res, err, fault.Conflict, "这一题现在不收答案"); err != nil {
			return err
		}
		if err := addSeats(tx, room, seats, at); err != nil {
			return err
		}
		for _, a := range answers {
			if err := saveCard(tx, room, itemID, opening, a); err != nil {
				return err
			}
		}
		return appendLog(tx, room, at, "cards", fmt.Sprintf("%s %d %s", itemID, opening, detail))
	})
}

func saveCard(tx *sql.Tx, room, itemID string, opening int, a Answer) error {
	if len(a.Choice) == 0 {
		_, err := tx.Exec(`DELETE FROM answers WHERE room = $1 AND item_id = $2 AND opening = $3 AND seat = $4`, room, itemID, opening, a.Seat)
		return err
	}
	choice, err := json.Marshal(a.Choice)
	if err != nil {
		return fmt.Errorf("encode choice: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO answers (room, item_id, opening, seat, choice, correct, points, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (room, item_id, opening, seat) DO UPDATE SET choice = excluded.choice, correct = excluded.correct,
		points = excluded.points, received_at = excluded.received_at`,
		room, itemID, opening, a.Seat, string(choice), flag(a.Correct), a.Points, a.ReceivedAt)
	return err
}

// SetExtraTime replaces which seats have a clock of their own: percent of the
// time that others have, 0 for no limit.
func (db *DB) SetExtraTime(ctx context.Context, room string, percent map[int]int, at int64) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM extra_time WHERE room = $1`, room); err != nil {
			return err
		}
		for _, seat := range slices.Sorted(maps.Keys(percent)) {
			if _, err := tx.Exec(`INSERT INTO extra_time (room, seat, percent) VALUES ($1, $2, $3)`, room, seat, percent[seat]); err != nil {
				return err
			}
		}
		return appendLog(tx, room, at, "extra time", fmt.Sprint(percent))
	})
}

// ExtraTime maps the seats with a clock of their own to their percentage.
func (db *DB) ExtraTime(ctx context.Context, room string) (map[int]int, error) {
	type entry struct{ seat, percent int }
	rows, err := collect(ctx, db.read, func(rows *sql.Rows) (e entry, err error) {
		return e, rows.Scan(&e.seat, &e.percent)
	}, `SELECT seat, percent FROM extra_time WHERE room = $1`, room)
	percent := make(map[int]int, len(rows))
	for _, e := range rows {
		percent[e.seat] = e.percent
	}
	return percent, err
}

// AddHost lets one more token host a room.
func (db *DB) AddHost(ctx context.Context, room, tokenHash string, at int64) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`INSERT INTO hosts (room, token_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING`, room, tokenHash); err != nil {
			return err
		}
		return appendLog(tx, room, at, "host", "another device")
	})
}

// DeleteHosts ends all hosts beside the first, but the one with this token.
func (db *DB) DeleteHosts(ctx context.Context, room, but string, at int64) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM hosts WHERE room = $1 AND token_hash <> $2`, room, but); err != nil {
			return err
		}
		return appendLog(tx, room, at, "hosts", "others dismissed")
	})
}

// Hosts lists the token hashes of those who host a room beside the first.
func (db *DB) Hosts(ctx context.Context, room string) ([]string, error) {
	return collect(ctx, db.read, func(rows *sql.Rows) (hash string, err error) {
		return hash, rows.Scan(&hash)
	}, `SELECT token_hash FROM hosts WHERE room = $1`, room)
}

// Concern is a seat whose words to an item showed distress. The words are not
// kept.
type Concern struct {
	ItemID string
	Seat   int
}

// SaveConcern notes one; noting it again changes nothing.
func (db *DB) SaveConcern(ctx context.Context, room string, c Concern, at int64) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO concerns (room, item_id, seat, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, room, c.ItemID, c.Seat, at)
		return err
	})
}

// Concerns lists those of a room in the order in which they came.
func (db *DB) Concerns(ctx context.Context, room string) ([]Concern, error) {
	return collect(ctx, db.read, func(rows *sql.Rows) (c Concern, err error) {
		return c, rows.Scan(&c.ItemID, &c.Seat)
	}, `SELECT item_id, seat FROM concerns WHERE room = $1 ORDER BY at, seat`, room)
}

// DeleteRoom removes a room with its seats, answers and log.
func (db *DB) DeleteRoom(ctx context.Context, code string) error {
	return db.commit(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`DELETE FROM rooms WHERE code = $1`, code)
		return err
	})
}

// maxTeams bounds the teams of one item.
const maxTeams = 12

// SaveTally stores the hand count of one team ("" is the whole class) for an
// opening; counting again corrects it.
func (db *DB) SaveTally(ctx context.Context, room, itemID string, opening int, team string, counts map[string]int, at int64) error {
	body, err := json.Marshal(counts)
	if err != nil {
		return fmt.Errorf("encode tally: %w", err)
	}
	return db.commit(ctx, func(tx *sql.Tx) error {
		// A count of the whole class and counts by team replace each other.
		if _, err := tx.Exec(`DELETE FROM tallies WHERE room = $1 AND item_id = $2 AND opening = $3
			AND ((team = '') <> ($4 = ''))`, room, itemID, opening, team); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO tallies (room, item_id, opening, team, counts) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (room, item_id, opening, team) DO UPDATE SET counts = excluded.counts`, room, itemID, opening, team, string(body))
		if err != nil {
			return err
		}
		var teams int64
		if err := tx.QueryRow(`SELECT COUNT(*) FROM tallies WHERE room = $1 AND item_id = $2 AND opening = $3`,
			room, itemID, opening).Scan(&teams); err != nil {
			return err
		}
		if teams > maxTeams {
			return fault.New(fault.Invalid, "最多 %d 个队", maxTeams)
		}
		return appendLog(tx, room, at, "tally", itemID+" "+team+" "+string(body))
	})
}

// Tally sums an opening's hand counts over the teams.
func (db *DB) Tally(ctx context.Context, room, itemID string, opening int) (map[string]int, error) {
	bodies, err := collect(ctx, db.read, func(rows *sql.Rows) (body string, err error) {
		return body, rows.Scan(&body)
	}, `SELECT counts FROM tallies WHERE room = $1 AND item_id = $2 AND opening = $3`, room, itemID, opening)
	if err != nil {
		return nil, err
	}
	sum := map[string]int{}
	for _, body := range bodies {
		var counts map[string]int
		if err := json.Unmarshal([]byte(body), &counts); err != nil {
			return nil, fmt.Errorf("decode tally: %w", err)
		}
		for option, n := range counts {
			sum[option] += n
		}
	}
	return sum, nil
}

// Log lists a room's log in order.
func (db *DB) Log(ctx context.Context, room string) ([]LogEntry, error) {
	return collect(ctx, db.read, func(rows *sql.Rows) (e LogEntry, err error) {
		return e, rows.Scan(&e.Seq, &e.At, &e.Event, &e.Detail)
	}, `SELECT seq, at, event, detail FROM room_log WHERE room = $1 ORDER BY seq`, room)
}

// DeleteRoomsBefore removes rooms created before a time (ms), with their
// seats, answers and logs, and says how many.
func (db *DB) DeleteRoomsBefore(ctx context.Context, before int64) (n int64, err error) {
	err = db.commit(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`DELETE FROM rooms WHERE created_at < $1`, before)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n, err
}

func appendLog(tx *sql.Tx, room string, at int64, event, detail string) error {
	_, err := tx.Exec(`INSERT INTO room_log (room, seq, at, event, detail)
		SELECT CAST($1 AS TEXT), COALESCE(MAX(seq), 0) + 1, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT)
		FROM room_log WHERE room = $1`, room, at, event, detail)
	return err
}
