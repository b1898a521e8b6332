package live

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

func TestCreateRefuses(t *testing.T) {
	db := openStore(t)
	t.Cleanup(func() { must(t, db.Close()) })
	rooms := newRooms(db)
	for _, test := range []struct {
		name  string
		quiz  *quiz.Quiz
		setup Setup
	}{
		{"a quiz without items", &quiz.Quiz{ID: "empty"}, Setup{Mode: "devices"}},
		{"an unknown mode", parse(t), Setup{Mode: "telepathy"}},
		{"four seconds an item", parse(t), Setup{Mode: "devices", Timed: true, Seconds: 4}},
		{"601 seconds an item", parse(t), Setup{Mode: "devices", Timed: true, Seconds: 601}},
		{"a window of a day", parse(t), Setup{Mode: Self, Minutes: 24 * 60}},
		{"a window of less than nothing", parse(t), Setup{Mode: Self, Minutes: -1}},
		{"a window for items that open one by one", parse(t), Setup{Mode: "devices", Minutes: 5}},
		{"a bonus without a clock", parse(t), Setup{Mode: "devices", Bonus: true}},
		{"a bonus for hands", parse(t), Setup{Mode: "wall", Timed: true, Bonus: true}},
	} {
		_, _, err := rooms.Create(t.Context(), test.quiz, test.setup)
		wantKind(t, "Create with "+test.name, err, fault.Invalid)
	}
	_, err := rooms.Room(t.Context(), "999999")
	wantKind(t, "Room of an unknown code", err, fault.NotFound)
}

func TestStrangersLearnNothing(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	if _, err := c.Authorize("no such token"); err == nil {
		t.Error("Authorize of a made-up token succeeded")
	}
	stranger, err := c.Authorize("")
	must(t, err)
	for _, actions := range []string{"", "open", "close", "reveal", "next", "end"} {
		c.do(actions)
		view := c.View(stranger)
		if view.Prompt != nil || view.Items != nil || view.Reveal != nil || view.Own != nil || view.SeatList != nil || view.Board != nil {
			t.Errorf("a stranger sees %s after %q", encode(t, view), actions)
		}
	}
}

func TestPupilsSeeAnItemOnlyOnceItIsOpen(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil := c.sit(7)
	for _, step := range []struct {
		actions string
		items   int
		prompt  bool
	}{{"", 0, false}, {"open", 1, true}, {"pause", 1, true}, {"close", 1, true}, {"reveal", 1, true}, {"next", 1, false}, {"open", 2, true}, {"skip", 2, false}} {
		c.do(step.actions)
		if v := c.View(pupil); len(v.Items) != step.items || (v.Prompt != nil) != step.prompt {
			t.Errorf("after %q a pupil sees %d items and prompt %v, want %d and %v", step.actions, len(v.Items), v.Prompt != nil, step.items, step.prompt)
		}
		if v := c.View(c.host); len(v.Items) != 6 {
			t.Errorf("after %q the host sees %d items, want all 6", step.actions, len(v.Items))
		}
	}
}

func TestControlNeedsTheCurrentVersion(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	for _, version := range []int64{0, 2} {
		wantKind(t, "open of another version", c.Control(t.Context(), "open", version, 0), fault.Conflict)
	}
	c.do("open close")
	if v := c.View(c.host); v.Version != 3 || v.State != Closed {
		t.Errorf("after two actions: %s at version %d, want closed at 3", v.State, v.Version)
	}
}

func TestFirstAnswerStands(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil := c.sit(7)
	c.do("open")
	options := c.Quiz().Items[0].Options
	receipts := make(chan Receipt)
	const tries = 30
	for i := range tries {
		go func() {
			receipt, err := c.try(pupil, options[i%len(options)].ID)
			if err != nil {
				t.Errorf("Answer: %v", err)
			}
			receipts <- receipt
		}()
	}
	inserted := 0
	var all []Receipt
	for range tries {
		r := <-receipts
		if !r.Kept {
			inserted++
		}
		r.Kept = true
		all = append(all, r)
	}
	if inserted != 1 {
		t.Errorf("%d of %d answers of one seat were inserted, want 1", inserted, tries)
	}
	later := func(when string) {
		t.Helper()
		receipt, err := c.Answer(t.Context(), pupil, "single", 1, []string{"nonsense"}, time.Now())
		must(t, err)
		all = append(all, receipt)
		if got := c.View(c.host).Answered["single"]; got != 1 {
			t.Errorf("%s %d seats have answered, want 1", when, got)
		}
	}
	later("while open")
	c.do("close")
	later("after the close")
	c.restart()
	later("after a restart")
	for _, r := range all {
		if diff := cmp.Diff(all[0], r); diff != "" {
			t.Fatalf("receipts of one seat differ:\n%s", diff)
		}
	}
}

func TestAnswerIsRefused(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil := c.sit(7)
	key := c.key()
	for _, test := range []struct {
		actions, item string
		opening       int
		choice        []string
		want          fault.Kind
	}{
		{"", "single", 0, key, fault.Conflict},
		{"", "single", 1, key, fault.Conflict},
		{"open", "single", 2, key, fault.Conflict},
		{"", "multiple", 1, key, fault.Conflict},
		{"", "", 1, key, fault.Conflict},
		{"", "single", 1, nil, fault.Invalid},
		{"", "single", 1, []string{"nonsense"}, fault.Invalid},
		{"", "single", 1, append(c.wrong(), key...), fault.Invalid},
		{"pause", "single", 1, key, fault.Conflict},
		{"resume close", "single", 1, key, fault.Conflict},
		{"reopen", "single", 1, key, fault.Conflict},
		{"close reveal", "single", 2, key, fault.Conflict},
		{"next", "multiple", 0, key, fault.Conflict},
		{"end", "multiple", 1, key, fault.Conflict},
	} {
		c.do(test.actions)
		_, err := c.Answer(t.Context(), pupil, test.item, test.opening, test.choice, time.Now())
		wantKind(t, "Answer to "+test.item+" after "+test.actions, err, test.want)
	}
	if stored, err := c.db.Answers(t.Context(), c.code); err != nil || len(stored) != 0 {
		t.Errorf("stored answers: %v (%v), want none", stored, err)
	}
}

// An answer that was queued in time counts, even when the pupil's request
// gets back to it only after the reveal.
func TestAnswerQueuedBeforeTheCloseCounts(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil := c.sit(7)
	c.do("open")
	_, saved, err := c.queueAnswer(pupil.Seat, "single", 1, c.key(), time.Now())
	must(t, err)
	c.do("close reveal")
	if inserted, err := saved.Inserted(t.Context()); err != nil || !inserted {
		t.Fatalf("the answer was inserted: %v (%v), want true", inserted, err)
	}
	view := c.View(pupil)
	if view.Reveal.Answered != 1 || view.Reveal.Correct != 1 || view.Own.Points != 10 {
		t.Errorf("the reveal says %s, want 1 answered, 1 correct and 10 points", encode(t, view))
	}
	c.do("end")
	if board := c.View(c.host).Board; board.Points != 10 || board.Correct != 1 {
		t.Errorf("the board is %+v, want 10 points", board)
	}
}

// Answers race with the close; whoever got a receipt is counted, by the
// tally, by the reveal and by the database.
func TestAnswersRaceWithTheClose(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	var pupils []Viewer
	for seat := 1; seat <= 40; seat++ {
		pupils = append(pupils, c.sit(seat))
	}
	c.do("open")
	for round := range 30 {
		opening, version := c.View(c.host).Opening, c.View(c.host).Version
		var all sync.WaitGroup
		var accepted atomic.Int32
		for _, pupil := range pupils {
			all.Go(func() {
				if _, err := c.Answer(context.Background(), pupil, "single", opening, c.key(), time.Now()); err == nil {
					accepted.Add(1)
				} else if kind, _ := fault.Of(err); kind != fault.Conflict {
					t.Errorf("Answer: %v", err)
				}
			})
			if pupil.Seat == 1+round {
				all.Go(func() {
					if err := c.Control(context.Background(), "close", version, 0); err != nil {
						t.Errorf("close: %v", err)
					}
				})
			}
		}
		all.Wait()
		want := int(accepted.Load())
		stored, err := c.db.OpeningAnswers(t.Context(), c.code, "single", opening)
		must(t, err)
		if shown := c.View(c.host).Answered["single"]; len(stored) != want || shown != want {
			t.Fatalf("%d answers accepted, %d stored, %d shown", want, len(stored), shown)
		}
		if round < 29 {
			c.do("reopen")
			continue
		}
		c.do("reveal")
		if reveal := c.View(c.host).Reveal; reveal.Answered != want || reveal.Correct != want {
			t.Errorf("the reveal counts %d answered and %d correct, want %d", reveal.Answered, reveal.Correct, want)
		}
	}
}

// What a caller queued is done even when the caller hangs up, and memory
// must learn of it, or pupils would lose a seat or a point until a restart.
func TestCallersWhoHangUp(t *testing.T) {
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	c := newClass(t, parse(t), "devices", false)
	if _, _, err := c.Sit(gone, 12); err != nil {
		t.Errorf("Sit: %v", err)
	}
	c.wantAsStored("Sit")
	pupil, kicked := c.sit(7), c.sit(8)
	if err := c.Control(gone, "open", 1, 0); err != nil {
		t.Errorf("Control: %v", err)
	}
	c.wantAsStored("Control")
	if _, err := c.Answer(gone, pupil, "single", 1, c.key(), time.Now()); err != nil {
		t.Errorf("Answer: %v", err)
	}
	c.wantAsStored("Answer")
	if err := c.Control(gone, "kick", 0, kicked.Seat); err != nil {
		t.Errorf("kick: %v", err)
	}
	c.wantAsStored("kick")

	wall := newClass(t, hands(t), "wall", false)
	wall.do("open")
	if _, err := wall.Tally(gone, "single", 1, "", map[string]int{wall.key()[0]: 3}); err != nil {
		t.Errorf("Tally: %v", err)
	}
	wall.do("close reveal")
	wall.wantAsStored("Tally")
}

// wantAsStored checks that the room in memory is the room in the database.
func (c *class) wantAsStored(after string) {
	c.t.Helper()
	fresh, err := newRooms(c.db).Room(context.Background(), c.code)
	must(c.t, err)
	defer func() {
		fresh.mu.Lock()
		defer fresh.mu.Unlock()
		fresh.stopClock()
	}()
	want, got := fresh.View(c.host), c.View(c.host)
	for _, view := range []*View{&want, &got} {
		if view.Answered[view.Items[view.Item].ID] == 0 {
			delete(view.Answered, view.Items[view.Item].ID) // opened and not answered, or not opened
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("room after %s, database against memory (-want +got):\n%s", after, diff)
	}
}

// Another replica moves the room; this one refuses, reloads and goes on,
// while pupils use it.
func TestConflictReloads(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil := c.sit(7)
	c.do("open")
	stop := make(chan struct{})
	var busy sync.WaitGroup
	for _, use := range []func(){
		func() { _, _, _ = c.Sit(context.Background(), 0) },
		func() { _, _ = c.try(pupil, c.key()...) },
		func() { _, _ = c.Results(context.Background()) },
		func() { _ = c.Quiz().ID + encode(t, c.View(pupil)) },
	} {
		busy.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					use()
				}
			}
		})
	}
	elsewhere, err := newRooms(c.db).Room(t.Context(), c.code)
	must(t, err)
	for _, action := range strings.Fields("pause resume close reveal next open close reveal next open") {
		version := c.View(c.host).Version
		must(t, elsewhere.Control(t.Context(), action, version, 0))
		wantKind(t, "hide on a version that is gone", c.Control(t.Context(), "hide", version, 0), fault.Conflict)
		if got, want := c.View(c.host), elsewhere.View(c.host); got.State != want.State || got.Version != version+1 || got.Opening != want.Opening {
			t.Errorf("after a conflict: %s at version %d, want %s at %d", got.State, got.Version, want.State, version+1)
		}
	}
	close(stop)
	busy.Wait()
}

func TestRestartKeepsARoom(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	first, second := c.sit(7), c.sit(0)
	for _, actions := range []string{"open", "close", "reopen", "close", "reveal", "next open", "pause", "resume close next", "end"} {
		c.do(actions)
		if c.View(c.host).State == Open {
			c.answer(first, c.key()...)
		}
		before := [2]View{c.View(first), c.View(second)}
		c.wantAsStored(actions)
		c.restart()
		if diff := cmp.Diff(before, [2]View{c.View(first), c.View(second)}); diff != "" {
			t.Errorf("what pupils see changed with a restart after %q (-before +after):\n%s", actions, diff)
		}
	}
}

func TestDeleteBeforeForgetsRooms(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	kept, _, err := c.rooms.Create(t.Context(), parse(t), Setup{Mode: "devices"})
	must(t, err)
	if n, err := c.rooms.DeleteBefore(t.Context(), c.row.CreatedAt); err != nil || n != 0 {
		t.Errorf("DeleteBefore deleted %d rooms (%v), want none", n, err)
	}
	n, err := c.rooms.DeleteBefore(t.Context(), time.Now().UnixMilli()+1)
	if err != nil || n != 2 {
		t.Errorf("DeleteBefore deleted %d rooms (%v), want 2", n, err)
	}
	for _, code := range []string{c.code, kept} {
		_, err = c.rooms.Room(t.Context(), code)
		wantKind(t, "Room that was deleted", err, fault.NotFound)
	}
}

func TestLogTellsTheWholeStory(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil := c.sit(7)
	c.do("open")
	c.answer(pupil, c.key()...)
	c.do("close reveal")
	entries, err := c.Log(t.Context())
	must(t, err)
	var events []string
	for i, e := range entries {
		events = append(events, e.Event)
		if e.Seq != int64(i+1) || i > 0 && e.At < entries[i-1].At {
			t.Errorf("entry %d is %+v, want them numbered and in order of time", i, e)
		}
		if e.Event == "answer" && !strings.Contains(e.Detail, "seat 7 item single opening 1") {
			t.Errorf("the answer reads %q", e.Detail)
		}
	}
	slices.Sort(events) // two of one millisecond may stand either way
	if diff := cmp.Diff(strings.Fields("answer close created open reveal seated"), events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
