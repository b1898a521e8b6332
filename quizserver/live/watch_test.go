package live

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// listen watches until the test ends.
func (c *class) listen(v Viewer) *Watch {
	w := c.Watch(v)
	c.t.Cleanup(w.Close)
	return w
}

// woken tells whether a watch was woken since its last Wake.
func woken(w *Watch) bool {
	select {
	case <-w.Wake():
		return true
	default:
		return false
	}
}

// wantSnapshot checks that a new watch begins with all that View shows.
func (c *class) wantSnapshot(when string, v Viewer) {
	c.t.Helper()
	w := c.Watch(v)
	defer w.Close()
	if !woken(w) {
		c.t.Fatalf("%s: a new watch was not woken", when)
	}
	events, gone := w.Events()
	if gone || len(events) != 1 || events[0].Name != "state" {
		c.t.Fatalf("%s: a new watch got %v (gone %v), want one state", when, events, gone)
	}
	view := c.View(v)
	view.Items = nil // all prompts are for GET only
	var want, got map[string]any
	must(c.t, json.Unmarshal(events[0].Data, &got))
	must(c.t, json.Unmarshal([]byte(encode(c.t, view)), &want))
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("%s: the first event against View (-want +got):\n%s", when, diff)
	}
	if events, gone := w.Events(); gone || len(events) != 0 {
		c.t.Errorf("%s: the second Events gave %v", when, events)
	}
}

func TestFirstEventIsAFullState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", true)
		first, second := c.sit(1), c.sit(0)
		check := func(when string) {
			t.Helper()
			for _, v := range []Viewer{c.host, first, second} {
				c.wantSnapshot(when, v)
			}
		}
		check("in the lobby")
		c.sit(3)
		check("when another pupil sat down")
		c.do("open")
		check("once open")
		c.answer(first, c.key()...)
		check("after an answer")
		pass(5 * time.Second)
		check("five seconds later")
		c.do("pause")
		check("while paused")
		c.do("resume close")
		check("once closed")
		c.do("reveal")
		check("once revealed")
		c.do("next")
		check("at the next item")
		c.do("end hide")
		check("at the end")
	})
}

// An untimed state is encoded once; what answers and seats change of it must
// still be fresh for who connects later.
func TestFirstEventIsFreshInAnUntimedRoom(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil := c.sit(1)
	c.do("open")
	c.wantSnapshot("once open", c.host)
	c.answer(pupil, c.key()...)
	c.wantSnapshot("after an answer", c.host)
	c.wantSnapshot("once open", pupil)
	other := c.sit(2)
	c.wantSnapshot("when another pupil sat down", other)

	wall := newClass(t, hands(t), "wall", false)
	wall.do("open close")
	wall.wantSnapshot("once closed", wall.host)
	_, err := wall.Tally(t.Context(), "single", 1, "", map[string]int{wall.key()[0]: 3})
	must(t, err)
	wall.do("reveal")
	wall.wantSnapshot("once revealed", wall.host)
}

func TestSlowWatcherSeesTheNewest(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil := c.sit(1)
	watches := []*Watch{c.listen(c.host), c.listen(pupil)}
	for range 20 {
		c.do("hide")
	}
	c.do("open")
	c.answer(pupil, c.key()...)
	c.do("close reveal")
	for _, w := range watches {
		events, gone := w.Events()
		if gone || len(events) != 1 {
			t.Fatalf("a slow watcher got %d events, want one", len(events))
		}
		var view View
		must(t, json.Unmarshal(events[0].Data, &view))
		if view.State != Revealed || view.Version != c.View(c.host).Version {
			t.Errorf("a slow watcher sees %s at version %d, want the newest", view.State, view.Version)
		}
		if !woken(w) || woken(w) {
			t.Error("a slow watcher was not woken exactly once")
		}
	}
}

// heard is one event of the host and when it came.
type heard struct {
	At       time.Duration
	Name     string
	Answered int
}

// follow notes what a watch hears from now on, as it comes.
func (c *class) follow(v Viewer) *[]heard {
	w := c.listen(v)
	<-w.Wake()
	w.Events()
	ctx, cancel := context.WithCancel(context.Background())
	c.t.Cleanup(cancel)
	start, all := time.Now(), &[]heard{}
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-w.Wake():
			}
			events, _ := w.Events()
			for _, e := range events {
				var tally Tally
				if e.Name == "tally" {
					must(c.t, json.Unmarshal(e.Data, &tally))
				}
				*all = append(*all, heard{time.Since(start), e.Name, tally.Answered})
			}
		}
	}()
	return all
}

func TestTallyComesTenTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", false)
		var pupils []Viewer
		for seat := 1; seat <= 30; seat++ {
			pupils = append(pupils, c.sit(seat))
			c.listen(pupils[seat-1])
		}
		away := c.sit(40) // seated, not connected
		c.do("open")
		other := c.follow(pupils[0])
		pass(time.Second) // what the arrivals caused is over
		host := c.follow(c.host)
		for _, pupil := range pupils[:29] {
			c.answer(pupil, c.wrong()...)
			pass(10 * time.Millisecond)
		}
		c.answer(away, c.wrong()...) // as many as are connected, and one of these is missing
		pass(260 * time.Millisecond)
		c.answer(pupils[29], c.wrong()...)
		pass(time.Second)
		want := []heard{
			{100 * time.Millisecond, "tally", 10},
			{200 * time.Millisecond, "tally", 20},
			{300 * time.Millisecond, "tally", 30},
			{550 * time.Millisecond, "tally", 31},
		}
		if diff := cmp.Diff(want, *host); diff != "" {
			t.Errorf("what the host heard (-want +got):\n%s", diff)
		}
		if len(*other) != 0 {
			t.Errorf("a pupil heard of the others' answers: %v", *other)
		}
	})
}

func TestArrivalsComeTenTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClass(t, parse(t), "devices", false)
		host := c.follow(c.host)
		for range 50 {
			c.listen(c.sit(0))
		}
		pass(time.Second)
		if diff := cmp.Diff([]heard{{100 * time.Millisecond, "state", 0}}, *host); diff != "" {
			t.Errorf("what the host heard of 50 arrivals (-want +got):\n%s", diff)
		}
		*host = nil
		one := c.sit(1)
		pass(time.Second)
		if len(*host) != 1 {
			t.Errorf("the host heard %v of one arrival, want one state", *host)
		}
		leaving := c.Watch(one)
		if connected := *c.View(c.host).Connected; connected != 51 {
			t.Errorf("%d are connected, want 51", connected)
		}
		second := c.Watch(leaving.viewer) // a second tab of the same seat
		second.Close()
		if connected := *c.View(c.host).Connected; connected != 51 {
			t.Errorf("%d are connected when a second tab closed, want 51", connected)
		}
		leaving.Close()
		if connected := *c.View(c.host).Connected; connected != 50 {
			t.Errorf("%d are connected when one left, want 50", connected)
		}
	})
}

func TestKickedSeatsStreamEnds(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil, other := c.sit(7), c.sit(8)
	streams, others := []*Watch{c.listen(pupil), c.listen(pupil)}, c.listen(other)
	for _, w := range append(streams, others) {
		<-w.Wake()
		w.Events()
	}
	ended := func(when string) {
		t.Helper()
		for _, w := range append(streams, c.listen(pupil)) {
			if events, gone := w.Events(); !gone || len(events) != 0 {
				t.Errorf("%s: the stream of a kicked seat goes on with %v", when, events)
			}
		}
	}
	must(t, c.Control(t.Context(), "kick", 0, 7))
	for _, w := range streams {
		if !woken(w) {
			t.Error("the stream of a kicked seat was not woken")
		}
	}
	ended("when kicked")
	if _, gone := others.Events(); gone || woken(others) {
		t.Error("another seat's stream was touched")
	}
	must(t, c.Control(t.Context(), "readmit", 0, 7))
	ended("when readmitted")
	back := c.sit(7)
	ended("when taken again")
	c.do("open")
	ended("when the room moved on")
	c.wantSnapshot("of the seat taken again", back)
}
