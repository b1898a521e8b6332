package live

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"sunnycampus/quizserver/fault"
)

// pass lets virtual time go by, and what is due in it be done.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// wantClock checks the state and, while there is a clock, the time left.
func (c *class) wantClock(state string, left time.Duration) {
	c.t.Helper()
	view := c.View(c.host)
	if view.State != state {
		c.t.Fatalf("the room is %s, want %s", view.State, state)
	}
	shown := time.Duration(-1)
	if view.RemainingMS != nil {
		shown = time.Duration(*view.RemainingMS) * time.Millisecond
	}
	if shown != left {
		c.t.Fatalf("time left is %v, want %v", shown, left)
	}
}

const noClock = time.Duration(-1)

func TestTimedItemClosesAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		early, late := c.sit(1), c.sit(2)
		c.wantClock(Lobby, noClock)
		c.do("open")
		c.wantClock(Open, 30*time.Second)
		pass(30*time.Second - time.Millisecond)
		c.wantClock(Open, time.Millisecond)
		c.answer(early, c.key()...)
		pass(time.Millisecond)
		c.wantClock(Closed, noClock)
		if v := c.View(c.host).Version; v != 3 {
			t.Errorf("version after the deadline is %d, want 3", v)
		}
		_, err := c.try(late, c.key()...)
		wantKind(t, "an answer after the deadline", err, fault.Conflict)
		c.do("reveal")
		if answered := c.View(c.host).Reveal.Answered; answered != 1 {
			t.Errorf("%d answers count, want 1", answered)
		}
		c.wantAsStored("the deadline")
	})
}

// The stamp decides, also when the timer has not fired yet.
func TestLateStampIsRefusedBeforeTheClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		first, second := c.sit(1), c.sit(2)
		c.do("open")
		deadline := time.Now().Add(30 * time.Second)
		_, err := c.Answer(t.Context(), first, "single", 1, c.key(), deadline.Add(time.Nanosecond))
		wantKind(t, "an answer stamped after the deadline", err, fault.Conflict)
		if _, err := c.Answer(t.Context(), second, "single", 1, c.key(), deadline); err != nil {
			t.Errorf("an answer stamped at the deadline: %v", err)
		}
	})
}

func TestUntimedItemStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", false)
		pupil := c.sit(1)
		c.do("open")
		pass(24 * time.Hour)
		c.wantClock(Open, noClock)
		c.answer(pupil, c.key()...)
	})
}

func TestPauseHoldsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		pupil := c.sit(1)
		c.do("open")
		pass(10 * time.Second)
		c.do("pause")
		pass(time.Hour)
		c.wantClock(Paused, 20*time.Second)
		_, err := c.try(pupil, c.key()...)
		wantKind(t, "an answer while paused", err, fault.Conflict)
		c.restart()
		pass(time.Hour)
		c.wantClock(Paused, 20*time.Second)
		c.do("resume")
		pass(20*time.Second - time.Millisecond)
		c.wantClock(Open, time.Millisecond)
		pass(time.Millisecond)
		c.wantClock(Closed, noClock)
	})
}

func TestHideDoesNotResetTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		c.do("open")
		for left := 30 * time.Second; left > 0; left -= 2500 * time.Millisecond {
			c.wantClock(Open, left)
			c.do("hide")
			c.wantClock(Open, left)
			pass(2500 * time.Millisecond)
		}
		c.wantClock(Closed, noClock)
	})
}

func TestRestartResumesTheClock(t *testing.T) {
	for _, ran := range []time.Duration{0, 400 * time.Millisecond, 12*time.Second + 300*time.Millisecond, 29*time.Second + 900*time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			c := newClass(t, parse(t), "devices", true)
			pupil := c.sit(1)
			c.do("open")
			pass(ran)
			c.rooms.Stop()
			pass(time.Hour) // the server is down
			c.rooms = newRooms(c.db)
			must(t, c.rooms.Resume(t.Context()))
			c.enter()
			view := c.View(c.host)
			left := time.Duration(*view.RemainingMS) * time.Millisecond
			if was := 30*time.Second - ran; view.State != Open || left < was || left > was+time.Second {
				t.Errorf("with %v left a restart resumes %s with %v, want within a second", was, view.State, left)
			}
			c.answer(pupil, c.key()...)
			pass(left - time.Millisecond)
			c.wantClock(Open, time.Millisecond)
			pass(time.Millisecond)
			c.wantClock(Closed, noClock)
		})
	}
}

// Nobody need look at a room for its clock to go on after a restart.
func TestResumedRoomClosesUnwatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		c.do("open")
		c.rooms.Stop()
		c.rooms = newRooms(c.db)
		must(t, c.rooms.Resume(t.Context()))
		pass(30 * time.Second)
		stored, err := c.db.Room(context.Background(), c.code)
		must(t, err)
		if stored.State != Closed || stored.Version != 3 {
			t.Errorf("the stored room is %s at version %d, want closed at 3", stored.State, stored.Version)
		}
	})
}

func TestStopStopsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		pupil := c.sit(1)
		c.do("open")
		c.rooms.Stop()
		_, err := c.try(pupil, c.key()...)
		wantKind(t, "an answer after Stop", err, fault.Conflict)
		pass(time.Hour)
		stored, err := c.db.Room(t.Context(), c.code)
		must(t, err)
		if stored.State != Open {
			t.Errorf("a stopped room became %s", stored.State)
		}
	})
}

// The clock of one opening must not run on into the next.
func TestOldClockDoesNotCloseWhatCameAfter(t *testing.T) {
	for _, actions := range []string{"close reopen", "pause resume close reopen", "close reveal next open", "skip open"} {
		synctest.Test(t, func(t *testing.T) {
			c := newClass(t, parse(t), "devices", true)
			c.do("open")
			pass(20 * time.Second)
			c.do(actions)
			c.wantClock(Open, 30*time.Second)
			pass(15 * time.Second)
			c.wantClock(Open, 15*time.Second)
			pass(15 * time.Second)
			c.wantClock(Closed, noClock)
		})
	}
}

// Another replica was first with something that leaves the item open: this
// one goes on taking answers, and an item without a clock is not closed by one.
func TestLostRaceKeepsTheItemOpen(t *testing.T) {
	for _, timed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := newClass(t, parse(t), "devices", timed)
			pupil := c.sit(1)
			c.do("open")
			other := newRooms(c.db)
			defer other.Stop()
			room, err := other.Room(t.Context(), c.code)
			must(t, err)
			must(t, room.Control(t.Context(), "hide", 2, 0))
			wantKind(t, "a close on an old version", c.Control(t.Context(), "close", 2, 0), fault.Conflict)
			pass(3 * time.Second)
			if state := c.View(c.host).State; state != Open {
				t.Fatalf("timed %v: the item is %s after a lost race, want open", timed, state)
			}
			c.answer(pupil, c.key()...)
		})
	}
}
