package quizserver

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

type event struct {
	name string
	data []byte
}

// room is the data of a state event and the answer of GET, as a client reads
// it.
type room struct {
	State     string
	Version   int64
	Item      int
	Opening   int
	Seats     int
	Connected int
	Answered  map[string]int
	Prompt    *prompt
	Items     []prompt
	Done      int
	Extra     map[string]int
	Reveals   []struct{ Item string }
	Reveal    *struct {
		Item, Explanation string
		Key               []string
		Counts            map[string]int
		Answered, Correct int
	}
	Board *struct {
		Top []struct {
			Rank, Seat, Points int
			Nickname           string
		}
		Answered, Correct, Points int
	}
	Own *struct {
		Seat, Points int
		Choice       []string
		Correct      *bool
		Choices      map[string][]string
		Marks        map[string]bool
		RemainingMS  *int64 `json:"remaining_ms"`
	}
	SeatList []struct {
		Seat                        int
		Connected, Answered, Kicked bool
	} `json:"seat_list"`
	RemainingMS  *int64 `json:"remaining_ms"`
	JoinURL      string `json:"join_url"`
	LoopbackOnly bool   `json:"loopback_only"`
	BoardHidden  bool   `json:"board_hidden"`
}

type prompt struct {
	ID, Type, Stem string
	Options        []struct{ ID, Text string }
}

// listener reads an event stream; seen keeps all that came.
type listener struct {
	t      testing.TB
	events chan event // closed when the stream ends
	seen   strings.Builder
}

// listen opens an event stream. Every event is held against its schema.
func (w *world) listen(code, token string) *listener {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.t.Cleanup(cancel)
	req := w.request("GET", "/api/rooms/"+code+"/events", token, nil).WithContext(ctx)
	res, err := w.client.Do(req)
	w.must(err)
	checkContract(w.t, req, reply{status: res.StatusCode, header: res.Header})
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		w.t.Fatalf("stream: status %d", res.StatusCode)
	}
	l := &listener{t: w.t, events: make(chan event, 1000)}
	go func() {
		defer close(l.events)
		defer res.Body.Close()
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		var e event
		for lines.Scan() {
			switch field, value, _ := strings.Cut(lines.Text(), ": "); field {
			case "event":
				e.name = value
			case "data":
				e.data = []byte(value)
			case "":
				if e.name != "" {
					l.events <- e
				}
				e = event{}
			}
		}
	}()
	return l
}

// next waits for an event; false means that the stream has ended.
func (l *listener) next() (event, bool) {
	l.t.Helper()
	select {
	case e, ok := <-l.events:
		if ok {
			l.seen.Write(e.data)
			checkSchema(l.t, map[string]string{"state": "Room", "tally": "Tally"}[e.name], e.data)
		}
		return e, ok
	case <-time.After(patience):
		l.t.Fatalf("no event came; so far: %s", l.seen.String())
		return event{}, false
	}
}

// state waits for a state that is as wanted.
func (l *listener) state(wanted func(room) bool) room {
	l.t.Helper()
	for {
		e, ok := l.next()
		if !ok {
			l.t.Fatal("the stream ended before the state came")
		}
		var r room
		if e.name == "state" {
			if err := json.Unmarshal(e.data, &r); err != nil {
				l.t.Fatal(err)
			}
			if wanted(r) {
				return r
			}
		}
	}
}

// in waits for a state by its name.
func (l *listener) in(name string) room {
	l.t.Helper()
	return l.state(func(r room) bool { return r.State == name })
}

// tally waits until so many answers are counted, in a tally or in a state
// that overtook it.
func (l *listener) tally(item string, answered int) {
	l.t.Helper()
	for {
		e, ok := l.next()
		if !ok {
			l.t.Fatal("the stream ended before the tally came")
		}
		var state room
		var tally struct {
			Item     string
			Answered int
		}
		into := map[string]any{"state": &state, "tally": &tally}[e.name]
		if err := json.Unmarshal(e.data, into); err != nil {
			l.t.Fatal(err)
		}
		if tally.Item == item && tally.Answered == answered || state.Answered[item] == answered {
			return
		}
	}
}

// ended waits for the end of the stream.
func (l *listener) ended() {
	l.t.Helper()
	for {
		if _, ok := l.next(); !ok {
			return
		}
	}
}

func TestStreamsEndWhenTheServerStops(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	seat := c.sit(0)
	host, pupil := w.listen(c.code, c.host), w.listen(c.code, seat.Token)
	host.in("lobby")
	pupil.in("lobby")
	close(w.stopping)
	host.ended()
	pupil.ended()
}

func TestStreamOfAKickedSeatEnds(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	seat := c.sit(9)
	pupil := w.listen(c.code, seat.Token)
	pupil.in("lobby")
	c.control(200, map[string]any{"action": "kick", "version": 1, "seat": 9})
	pupil.ended()
	w.ok(401, w.get("/api/rooms/"+c.code+"/events", seat.Token), nil)
	w.ok(401, w.get("/api/rooms/"+c.code+"/events", ""), nil)
}

func TestStreamOpenedLateBeginsWithTheWholeState(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	seat := c.sit(1)
	c.act("open")
	item := c.item()
	c.answer(200, seat.Token, item, c.key(item.ID))
	first, ok := w.listen(c.code, seat.Token).next()
	if !ok || first.name != "state" {
		t.Fatalf("first event is %q, want state", first.name)
	}
	var r room
	reply{body: first.data}.into(t, &r)
	if r.State != "open" || r.Prompt == nil || r.Own == nil || len(r.Own.Choice) != 1 {
		t.Errorf("first event lacks the prompt or the seat's own answer: %s", first.data)
	}
}
