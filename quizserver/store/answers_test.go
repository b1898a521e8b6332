package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
)

func TestSaveAnswerKeepsTheFirst(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		openRoom(t, db, "123456")
		first := sampleAnswer("123456", 7)
		if !save(t, db, first) {
			t.Fatal("the first answer was not inserted")
		}
		second := first
		second.Choice, second.Correct, second.Points, second.ReceivedAt = []string{"a", "甲"}, false, 0, 1
		if save(t, db, second) {
			t.Error("a second answer of the seat was inserted")
		}
		got, err := db.Answer(t.Context(), "123456", "def-1", 1, 7)
		must(t, err)
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("the answer that stands (-want +got):\n%s", diff)
		}
		_, err = db.Answer(t.Context(), "123456", "def-1", 1, 8)
		wantKind(t, "Answer of a seat without one", err, fault.NotFound)
	})
}

func TestSaveAnswerRefuses(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		openRoom(t, db, "123456")
		wrong := func(change func(*Answer)) Answer {
			a := sampleAnswer("123456", 7)
			change(&a)
			return a
		}
		for what, a := range map[string]Answer{
			"an earlier opening": wrong(func(a *Answer) { a.Opening = 0 }),
			"a later opening":    wrong(func(a *Answer) { a.Opening = 2 }),
			"another item":       wrong(func(a *Answer) { a.ItemID = "def-2" }),
			"an unknown room":    wrong(func(a *Answer) { a.Room = "999999" }),
		} {
			if save(t, db, a) {
				t.Errorf("an answer to %s was inserted", what)
			}
		}
		version := int64(2)
		for _, state := range strings.Fields("lobby ready paused closed revealed ended") {
			must(t, db.Transition(t.Context(), "123456", version, at(state, 1), nil, nil, 1, state, ""))
			version++
			if save(t, db, sampleAnswer("123456", 7)) {
				t.Errorf("an answer was inserted while the room was %s", state)
			}
		}
		if n := count(t, db, `SELECT COUNT(*) FROM answers`); n != 0 {
			t.Errorf("%d answers stored, want none", n)
		}
	})
}

// In a self-paced room all items take answers at once, to one opening.
func TestSelfPacedRoomTakesAnyItem(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		room := sampleRoom("123456")
		room.Mode, room.WindowMS, room.Bonus = "self", 600_000, true
		must(t, db.CreateRoom(t.Context(), room))
		got, err := db.Room(t.Context(), "123456")
		must(t, err)
		if diff := cmp.Diff(room, got); diff != "" {
			t.Errorf("Room (-want +got):\n%s", diff)
		}
		a := sampleAnswer("123456", 1)
		a.ItemID = "another"
		wantInserted(t, []*SavedAnswer{db.SaveAnswer(a)}, false)
		must(t, db.Transition(t.Context(), "123456", room.Version, at("open", a.Opening), nil, []string{"x", "another"}, 1, "open", ""))
		wantInserted(t, []*SavedAnswer{db.SaveAnswer(a)}, true)
		wantInserted(t, []*SavedAnswer{db.SaveAnswer(a)}, false)
		a.Opening++
		wantInserted(t, []*SavedAnswer{db.SaveAnswer(a)}, false)
		a.Opening--
		must(t, db.Transition(t.Context(), "123456", room.Version+1, at("revealed", a.Opening), nil, []string{"x", "another"}, 1, "reveal", ""))
		scored, err := db.ScoredOpenings(t.Context(), "123456")
		if err != nil || scored["x"] != a.Opening || scored["another"] != a.Opening {
			t.Errorf("ScoredOpenings: %v (%v)", scored, err)
		}
	})
}

func TestAnswersAreListed(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		openRoom(t, db, "123456")
		late, early, again := sampleAnswer("123456", 3), sampleAnswer("123456", 9), sampleAnswer("123456", 3)
		late.ReceivedAt, early.ReceivedAt, again.ReceivedAt, again.Opening = 50, 40, 60, 2
		late.Correct, late.Points, late.Choice = false, 0, []string{"第一", "第二"}
		save(t, db, late)
		save(t, db, early)
		must(t, db.Transition(t.Context(), "123456", 2, at("open", 2), nil, nil, 1, "reopen", ""))
		save(t, db, again)
		all, err := db.Answers(t.Context(), "123456")
		must(t, err)
		if diff := cmp.Diff([]Answer{early, late, again}, all); diff != "" {
			t.Errorf("Answers, by time (-want +got):\n%s", diff)
		}
		one, err := db.OpeningAnswers(t.Context(), "123456", "def-1", 1)
		must(t, err)
		if diff := cmp.Diff([]Answer{late, early}, one); diff != "" {
			t.Errorf("OpeningAnswers, by seat (-want +got):\n%s", diff)
		}
	})
}

// What was received in time commits before the close, also when both share a
// batch and when that batch must be retried write by write.
func TestAnswersBeforeTheCloseCommitFirst(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		const seats = 60
		gone, hangUp := context.WithCancel(t.Context())
		hangUp()
		for round, batch := range []string{"as it comes", "one", "one that fails"} {
			room := openRoom(t, db, code(round)).Code
			saveFrom := func(first int) (saved []*SavedAnswer) {
				for seat := first; seat < first+seats; seat++ {
					saved = append(saved, db.SaveAnswer(sampleAnswer(room, seat)))
				}
				return saved
			}
			closeRoom := func(ctx context.Context) error {
				return db.Transition(ctx, room, 2, at("closed", 1), nil, nil, 1, "close", "")
			}
			var before, after []*SavedAnswer
			if batch == "as it comes" {
				before = saveFrom(1)
				must(t, closeRoom(t.Context()))
			} else {
				release := holdCommits(db)
				before = saveFrom(1)
				err := closeRoom(gone) // queued, and not waited for
				if batch == "one that fails" {
					db.enqueue(func(*sql.Tx) error { return errors.New("bad write") })
				}
				after = saveFrom(1 + seats)
				release()
				wantKind(t, "Transition for a caller who is gone", err, fault.Unavailable)
				wantInserted(t, after, false)
			}
			if n := count(t, db, `SELECT COUNT(*) FROM answers WHERE room = $1 AND seat <= $2`, room, seats); n != seats {
				t.Fatalf("batch %s: %d answers once the room was closed, want %d", batch, n, seats)
			}
			wantInserted(t, before, true)
			if save(t, db, sampleAnswer(room, 3*seats)) {
				t.Error("an answer after the close was inserted")
			}
		}
	})
}

func wantInserted(t *testing.T, answers []*SavedAnswer, want bool) {
	t.Helper()
	for i, a := range answers {
		if got, err := a.Inserted(t.Context()); err != nil || got != want {
			t.Fatalf("answer %d: inserted %v (%v), want %v", i, got, err, want)
		}
	}
}

func TestConcurrentAnswersAreAllDurable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		openRoom(t, db, "123456")
		const seats = 500
		var all sync.WaitGroup
		for seat := 1; seat <= seats; seat++ {
			all.Go(func() {
				inserted, err := db.SaveAnswer(sampleAnswer("123456", seat)).Inserted(context.Background())
				if err != nil || !inserted {
					t.Errorf("seat %d: inserted %v (%v), want true", seat, inserted, err)
				}
			})
		}
		all.Wait()
		stored, err := open(t, dsn).Answers(t.Context(), "123456")
		must(t, err)
		if len(stored) != seats {
			t.Fatalf("another reader sees %d answers, want %d", len(stored), seats)
		}
		for i, a := range stored { // by time, and so by seat
			if diff := cmp.Diff(sampleAnswer("123456", i+1), a); diff != "" {
				t.Fatalf("answer of seat %d (-want +got):\n%s", i+1, diff)
			}
		}
	})
}

// One answer of a seat is sent many times at once, as an impatient finger does.
func TestOneOfManyEqualAnswersIsInserted(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		openRoom(t, db, "123456")
		results := make(chan bool)
		const tries = 40
		for i := range tries {
			a := sampleAnswer("123456", 7)
			a.Choice = []string{code(i)}
			go func() {
				inserted, err := db.SaveAnswer(a).Inserted(context.Background())
				if err != nil {
					t.Errorf("SaveAnswer: %v", err)
				}
				results <- inserted
			}()
		}
		inserted := 0
		for range tries {
			if <-results {
				inserted++
			}
		}
		if inserted != 1 {
			t.Errorf("%d answers of one seat were inserted, want 1", inserted)
		}
	})
}

func TestGatherBoundsABatch(t *testing.T) {
	db := &DB{queue: make(chan *pending, 2*maxBatch)}
	for range maxBatch + 10 {
		db.queue <- &pending{}
	}
	first := &pending{}
	batch := db.gather(first)
	if len(batch) != maxBatch || batch[0] != first {
		t.Errorf("gather returned %d writes, want %d that begin with the first", len(batch), maxBatch)
	}
	if rest := len(db.gather(first)); rest != 12 {
		t.Errorf("the second gather returned %d writes, want 12", rest)
	}
}

func TestBadWriteTakesNoOtherDown(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		openRoom(t, db, "123456")
		own := errors.New("broken on its own")
		bad := map[string]func(*sql.Tx) error{
			"its own error": func(*sql.Tx) error { return own },
			"an error after it wrote": func(tx *sql.Tx) error {
				_, err := tx.Exec(`UPDATE rooms SET version = 99`)
				return errors.Join(err, own)
			},
			"a broken rule": func(tx *sql.Tx) error {
				_, err := tx.Exec(`UPDATE rooms SET state = 'telepathy'`)
				return err
			},
			"broken SQL": func(tx *sql.Tx) error {
				_, err := tx.Exec(`SELEKT`)
				return err
			},
		}
		seat := 0
		for what, apply := range bad {
			release := holdCommits(db)
			var good []*SavedAnswer
			save := func() {
				seat++
				good = append(good, db.SaveAnswer(sampleAnswer("123456", seat)))
			}
			save()
			save()
			failed := db.enqueue(apply)
			save()
			release()
			if err := failed.Wait(t.Context()); err == nil {
				t.Errorf("a write with %s succeeded", what)
			}
			wantInserted(t, good, true)
		}
		if n := count(t, db, `SELECT COUNT(*) FROM answers`); n != seat {
			t.Errorf("%d answers stored, want %d", n, seat)
		}
		if room, err := db.Room(t.Context(), "123456"); err != nil || room.Version != 2 {
			t.Errorf("a failed write left version %d (%v), want 2", room.Version, err)
		}
	})
}

func TestWaitEndsWithItsCaller(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		openRoom(t, db, "123456")
		release := holdCommits(db)
		gone, hangUp := context.WithCancel(t.Context())
		hangUp()
		saved := db.SaveAnswer(sampleAnswer("123456", 7))
		_, err := saved.Inserted(gone)
		release()
		wantKind(t, "Inserted for a caller who is gone", err, fault.Unavailable)
		wantInserted(t, []*SavedAnswer{saved}, true)
	})
}
