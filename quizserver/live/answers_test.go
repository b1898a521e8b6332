package live

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
)

// An answer whose body is still being read when the host closes is counted;
// one that came after is not.
func TestCloseWaitsForAnswersOnTheirWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", false)
		slow, late := c.sit(1), c.sit(2)
		c.do("open")
		received := time.Now()
		done := c.Receive()
		closed := make(chan error, 1)
		go func() { closed <- c.Control(t.Context(), "close", 2, 0) }()
		synctest.Wait() // the close waits now
		pass(drainTime / 2)
		_, err := c.try(late, c.key()...)
		wantKind(t, "an answer stamped after the close", err, fault.Conflict)
		_, err = c.Answer(t.Context(), slow, "single", 1, c.key(), received)
		must(t, err)
		done()
		done() // twice does no harm
		must(t, <-closed)
		c.do("reveal")
		if answered := c.View(c.host).Reveal.Answered; answered != 1 {
			t.Errorf("%d answers count, want the one received in time", answered)
		}
	})
}

func TestCloseDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", false)
		c.do("open")
		defer c.Receive()() // a client that never sends its body
		before := time.Now()
		c.do("close")
		if waited := time.Since(before); waited != drainTime {
			t.Errorf("the close took %v, want %v", waited, drainTime)
		}
	})
}

// What a pupil writes must not become a notice board.
func TestWrittenAnswersReachNobodyElse(t *testing.T) {
	const insult = "某某是个坏蛋"
	c := newClass(t, parse(t), "devices", false)
	writer, other := c.sit(1), c.sit(2)
	c.do("skip skip skip skip open")
	c.answer(writer, insult)
	c.do("close reveal")
	for _, v := range []Viewer{c.host, other} {
		if sent := encode(t, c.View(v)); strings.Contains(sent, insult) {
			t.Errorf("viewer %+v is sent what another wrote: %s", v, sent)
		}
	}
	if diff := cmp.Diff(map[string]int{}, c.View(c.host).Reveal.Counts); diff != "" {
		t.Errorf("counts of a fill-in (-want +got):\n%s", diff)
	}
}

func TestWallHasNoSeats(t *testing.T) {
	c := newClass(t, hands(t), "wall", false)
	_, _, err := c.Sit(t.Context(), 7)
	wantKind(t, "Sit in a wall room", err, fault.Conflict)
}

func TestWallBoardSumsHands(t *testing.T) {
	c := newClass(t, hands(t), "wall", false)
	c.do("open")
	right, wrong := c.key()[0], c.wrong()[0]
	_, err := c.Tally(t.Context(), "single", 1, "", map[string]int{right: 12, wrong: 8})
	must(t, err)
	c.do("close reveal skip skip open") // to the true-false item
	_, err = c.Tally(t.Context(), "truefalse", 1, "", map[string]int{c.key()[0]: 20})
	must(t, err)
	c.do("close reveal end")
	want := &Board{Top: []Place{}, Answered: 40, Correct: 32}
	if diff := cmp.Diff(want, c.View(c.host).Board); diff != "" {
		t.Errorf("board (-want +got):\n%s", diff)
	}
	c.restart()
	if diff := cmp.Diff(want, c.View(c.host).Board); diff != "" {
		t.Errorf("board after a restart (-want +got):\n%s", diff)
	}
}

func TestClassAndTeamCountsReplaceEachOther(t *testing.T) {
	c := newClass(t, hands(t), "wall", false)
	c.do("open")
	a := c.Quiz().Items[0].Options[0].ID
	for _, step := range []struct {
		team string
		n    int
		want int
	}{{"", 10, 10}, {"红队", 4, 4}, {"蓝队", 5, 9}, {"", 11, 11}} {
		got, err := c.Tally(t.Context(), "single", 1, step.team, map[string]int{a: step.n})
		must(t, err)
		if got.Answered != step.want {
			t.Errorf("after %q %d: %d hands, want %d", step.team, step.n, got.Answered, step.want)
		}
	}
}

// A pupil with a drawn nickname cannot ask for the seat by number.
func TestReadmittedNicknameIsDrawnAgain(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	seat, _, err := c.Sit(t.Context(), 0)
	must(t, err)
	c.sit(0)
	for _, action := range []string{"kick", "readmit"} {
		must(t, c.Control(t.Context(), action, 0, seat.Number))
	}
	c.restart()
	again, _, err := c.Sit(t.Context(), 0)
	must(t, err)
	if again.Number != seat.Number || again.Nickname != seat.Nickname {
		t.Errorf("the next to sit gets %+v, want the readmitted seat %+v", again, seat)
	}
	third, _, err := c.Sit(t.Context(), 0)
	must(t, err)
	if third.Number != seat.Number+2 {
		t.Errorf("then seat %d, want a new one", third.Number)
	}
}

func TestStreamsOfOneSeatAreBounded(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil := c.sit(1)
	var watches []*Watch
	for range maxSeatStreams + 3 {
		w := c.Watch(pupil)
		defer w.Close()
		watches = append(watches, w)
	}
	live := 0
	for _, w := range watches {
		if _, gone := w.Events(); !gone {
			live++
		}
	}
	if live != maxSeatStreams {
		t.Errorf("%d streams live, want %d", live, maxSeatStreams)
	}
	if _, gone := watches[len(watches)-1].Events(); gone {
		t.Error("the newest stream was ended")
	}
}
