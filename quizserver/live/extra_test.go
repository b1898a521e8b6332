package live

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sunnycampus/quizserver/fault"
)

func TestSeatsWithTimeOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		must(t, c.GiveTime(t.Context(), map[int]int{2: 150, 3: 200, 40: 200})) // nobody sits on 40
		usual, half, double := c.sit(1), c.sit(2), c.sit(3)
		c.do("open")
		pass(30*time.Second + time.Millisecond)
		c.wantClock(Open, 0)
		_, err := c.try(usual, c.key()...)
		wantKind(t, "an answer when the usual time is over", err, fault.Conflict)
		c.answer(half, c.key()...)
		pass(time.Second)
		c.restart() // the clock below zero is persisted, too
		c.wantClock(Open, 0)
		pass(28 * time.Second)
		c.wantClock(Open, 0)
		c.answer(double, c.key()...)
		pass(time.Second)
		c.wantClock(Closed, noClock) // nobody is left to wait for
		c.do("reveal")
		if answered := c.View(c.host).Reveal.Answered; answered != 2 {
			t.Errorf("%d answers count, want 2", answered)
		}
		c.wantAsStored("extra time")
	})
}

func TestExtraTimeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		must(t, c.GiveTime(t.Context(), map[int]int{2: 150}))
		half := c.sit(2)
		c.do("open")
		pass(45*time.Second - time.Millisecond)
		c.wantClock(Open, 0)
		pass(time.Millisecond)
		c.wantClock(Closed, noClock)
		_, err := c.try(half, c.key()...)
		wantKind(t, "an answer after one's own time", err, fault.Conflict)
	})
}

func TestSeatWithoutALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		calm := c.sit(2)
		c.do("open")
		must(t, c.GiveTime(t.Context(), map[int]int{2: NoLimit})) // also while an item is open
		pass(time.Hour)
		c.wantClock(Open, 0)
		c.do("pause resume")
		c.answer(calm, c.key()...)
		pass(time.Second)
		c.wantClock(Closed, noClock)
		c.do("reveal next open")
		pass(time.Hour)
		must(t, c.GiveTime(t.Context(), nil))
		pass(2 * time.Second)
		c.wantClock(Closed, noClock)
	})
}

// Nobody else learns who has extra time, not even that somebody has.
func TestExtraTimeIsPrivate(t *testing.T) {
	c := newClass(t, parse(t), "devices", true)
	usual, half, calm := c.sit(1), c.sit(2), c.sit(3)
	must(t, c.GiveTime(t.Context(), map[int]int{2: 150, 3: NoLimit}))
	c.do("open")
	for _, sent := range []string{encode(t, c.View(usual)), encode(t, c.View(Viewer{})), streamed(t, c.Room, usual)} {
		if strings.Contains(sent, "extra") || strings.Count(sent, "remaining_ms") > 1 {
			t.Errorf("others are sent %s", sent)
		}
	}
	for v, want := range map[Viewer]int64{half: 45_000, calm: -1} {
		var sent View
		must(t, json.Unmarshal([]byte(streamed(t, c.Room, v)), &sent))
		if sent.Own.RemainingMS == nil || *sent.Own.RemainingMS > want || *sent.Own.RemainingMS < want-5000 || *sent.RemainingMS > 30_000 {
			t.Errorf("seat %d is sent %s, want about %d ms of its own", v.Seat, encode(t, sent), want)
		}
	}
	c.do("close")
	if own := c.View(half).Own; own.RemainingMS != nil {
		t.Errorf("after the close a seat still has %d ms", *own.RemainingMS)
	}
}

// A seat that is given time hears of it at once.
func TestExtraTimeReachesTheSeat(t *testing.T) {
	c := newClass(t, parse(t), "devices", true)
	half := c.sit(2)
	c.do("open")
	watch := c.Watch(half)
	defer watch.Close()
	watch.Events()
	must(t, c.GiveTime(t.Context(), map[int]int{2: 200}))
	events, _ := watch.Events()
	if len(events) != 1 || !strings.Contains(string(events[0].Data), `"own":{"seat":2,"nickname":"2 号","points":0,"remaining_ms":`) {
		t.Errorf("the seat hears %s", events)
	}
}

func TestGiveTimeRefuses(t *testing.T) {
	c := newClass(t, parse(t), "devices", true)
	many := map[int]int{}
	for seat := range 101 {
		many[seat+1] = 150
	}
	for name, percent := range map[string]map[int]int{"seat 0": {0: 150}, "a tenfold": {1: 1000}, "less": {1: 50}, "all": many} {
		wantKind(t, "GiveTime with "+name, c.GiveTime(t.Context(), percent), fault.Invalid)
	}
}

func TestBonusForQuickAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := openClass(t, parse(t), Setup{Mode: "devices", Timed: true, Bonus: true, Seconds: 20})
		seats := []Viewer{c.sit(1), c.sit(2), c.sit(3), c.sit(4), c.sit(5), c.sit(6)}
		must(t, c.GiveTime(t.Context(), map[int]int{4: 200, 5: NoLimit}))
		c.do("open")
		c.wantClock(Open, 20*time.Second)
		c.answer(seats[0], c.key()...)   // at once: 10 + 5
		c.answer(seats[5], c.wrong()...) // quick and wrong
		pass(10 * time.Second)
		c.answer(seats[1], c.key()...) // half of the time: 10 + 2.5
		pass(10 * time.Second)
		c.answer(seats[2], c.key()...) // the last moment: 10
		c.answer(seats[3], c.key()...) // half of twice the time
		c.answer(seats[4], c.key()...) // no clock: the middle
		c.do("close reveal")
		for i, want := range []int{15, 12, 10, 12, 12, 0} {
			if got := c.View(seats[i]).Own.Points; got != want {
				t.Errorf("seat %d has %d points, want %d", i+1, got, want)
			}
		}
		c.wantAsStored("a bonus")
	})
}

func TestExtendGivesEverybodyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		pupil := c.sit(1)
		c.do("open")
		pass(29 * time.Second)
		c.do("extend")
		c.wantClock(Open, 16*time.Second)
		pass(15 * time.Second)
		c.answer(pupil, c.key()...)
		pass(time.Second)
		c.wantClock(Closed, noClock)
	})
}

// streamed is the state that a stream begins with.
func streamed(t testing.TB, r *Room, v Viewer) string {
	t.Helper()
	watch := r.Watch(v)
	defer watch.Close()
	events, _ := watch.Events()
	if len(events) != 1 {
		t.Fatalf("the stream began with %d events", len(events))
	}
	return string(events[0].Data)
}
