package quizserver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/quiz"
)

var errLine = errors.New("the line broke")

// flaky is a line that loses, repeats and holds back requests and breaks
// streams, by a seed. Nothing of it waits for a clock: what is held back
// arrives after some later requests.
type flaky struct {
	over http.RoundTripper

	mu     sync.Mutex
	random *rand.Rand
	calm   bool
	held   []func()
	faults map[string]int
	late   sync.WaitGroup
}

func newFlaky(seed uint64, over http.RoundTripper) *flaky {
	return &flaky{over: over, random: rand.New(rand.NewPCG(seed, 0)), faults: map[string]int{}}
}

// fate draws what becomes of a request, and how many bytes of a stream come
// through.
func (f *flaky) fate() (fate string, bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calm {
		return "", 1 << 40
	}
	fate = []string{"lost", "answer lost", "held back", "twice", "", "", "", ""}[f.random.IntN(8)]
	f.faults[fate]++
	return fate, 40 + f.random.IntN(4000)
}

// RoundTrip sends a request as fate has it.
func (f *flaky) RoundTrip(req *http.Request) (*http.Response, error) {
	fate, most := f.fate()
	f.release()
	if strings.HasSuffix(req.URL.Path, "/events") {
		res, err := f.over.RoundTrip(req)
		if err == nil {
			res.Body = &brokenOff{res.Body, most}
		}
		return res, err
	}
	again := func() (*http.Response, error) {
		copied := req.Clone(context.WithoutCancel(req.Context()))
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		copied.Body = body
		return f.over.RoundTrip(copied)
	}
	switch fate {
	case "lost":
		return nil, errLine
	case "answer lost":
		finish(again())
		return nil, errLine
	case "held back": // the sender gives up, and yet it arrives
		f.mu.Lock()
		f.held = append(f.held, func() { finish(again()) })
		f.mu.Unlock()
		return nil, errLine
	case "twice":
		finish(again())
	}
	return f.over.RoundTrip(req)
}

func finish(res *http.Response, err error) {
	if err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

// release lets some of what was held back arrive.
func (f *flaky) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.held) > 0 && (f.calm || f.random.IntN(3) == 0) {
		i := f.random.IntN(len(f.held))
		f.late.Go(f.held[i])
		f.held = slices.Delete(f.held, i, i+1)
	}
}

// mend ends all faults, and waits for what was held back.
func (f *flaky) mend() {
	f.mu.Lock()
	f.calm = true
	f.mu.Unlock()
	f.release()
	f.late.Wait()
}

// brokenOff is a stream that ends after some bytes, in the middle of an event
// or between two.
type brokenOff struct {
	io.ReadCloser
	left int
}

func (b *brokenOff) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLine
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// device is a pupil's page or the host's over a flaky line. It does what
// lib/stream.js, lib/deliver.js and lib/host-room.js do, without their waiting.
type device struct {
	*class
	client *http.Client
	token  string
	gone   context.Context
	runs   sync.WaitGroup

	mu       sync.Mutex
	room     room
	raw      []byte // of the newest state
	answered int    // of the newest tally or state
	news     chan struct{}
}

// join lets a device with a token follow the room until the test ends.
func (c *class) join(line *flaky, token string) *device {
	ctx, cancel := context.WithCancel(context.Background())
	d := &device{class: c, client: &http.Client{Transport: line}, token: token, gone: ctx, news: make(chan struct{})}
	d.runs.Go(func() {
		for ctx.Err() == nil && d.follow() {
		}
	})
	c.t.Cleanup(func() { cancel(); d.runs.Wait() })
	return d
}

// follow reads one stream to its end, and tells whether to open another.
func (d *device) follow() bool {
	res, err := d.client.Do(d.request("GET", d.url("/events"), d.token, nil).WithContext(d.gone))
	if err != nil {
		return true
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500
	}
	in := bufio.NewReader(res.Body)
	var name string
	var data []byte
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return true // half an event is none
		}
		switch field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); field {
		case "event":
			name = value
		case "data":
			data = []byte(value)
		case "":
			if data != nil {
				d.take(name, data, false)
			}
			name, data = "", nil
		}
	}
}

// take shows an event, unless it is older than what is shown; the answer to a
// request only when it is newer: of the same version the stream knows more.
func (d *device) take(name string, data []byte, answer bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var state room
	var tally struct{ Opening, Answered int }
	into := any(&state)
	if name == "tally" {
		into = &tally
	}
	if err := json.Unmarshal(data, into); err != nil {
		d.t.Errorf("event %q of %s: %v", data, name, err)
		return
	}
	switch {
	case name == "tally" && tally.Opening == d.room.Opening:
		d.answered = tally.Answered
	case name == "state" && (state.Version > d.room.Version || state.Version == d.room.Version && !answer):
		d.room, d.raw = state, data
		if state.Prompt != nil {
			d.answered = state.Answered[state.Prompt.ID]
		}
	}
	close(d.news)
	d.news = make(chan struct{})
}

// shows waits until the screen is as wanted.
func (d *device) shows(what string, wanted func(r room, answered int) bool) room {
	d.t.Helper()
	patient := time.After(patience)
	for {
		d.mu.Lock()
		r, answered, news := d.room, d.answered, d.news
		d.mu.Unlock()
		if wanted(r, answered) {
			return r
		}
		select {
		case <-news:
		case <-patient:
			d.t.Fatalf("never %s; the screen shows %+v", what, r)
		}
	}
}

// try sends a request once; status 0 means that no answer came.
func (d *device) try(method, path string, body any) reply {
	res, err := d.client.Do(d.request(method, d.url(path), d.token, body).WithContext(d.gone))
	if err != nil {
		return reply{}
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}
	}
	return reply{res.StatusCode, res.Header, data}
}

// insist tries until there is an answer that trying again would not change.
func (d *device) insist(method, path string, body any) reply {
	for {
		if r := d.try(method, path, body); d.gone.Err() != nil || r.status != 0 && r.status != http.StatusTooManyRequests && r.status < 500 {
			return r
		}
	}
}

// press carries out the host's action once: a press whose answer was lost is
// repeated only while the screen shows that nothing happened.
func (d *device) press(action string) {
	d.t.Helper()
	d.mu.Lock()
	version := d.room.Version
	d.mu.Unlock()
	for {
		r := d.try("POST", "/control", map[string]any{"action": action, "version": version})
		switch {
		case r.status == http.StatusOK:
			d.take("state", r.body, true)
		case r.status == http.StatusConflict: // an earlier one had arrived
			d.take("state", d.insist("GET", "", nil).body, true)
		case r.status != 0:
			d.t.Errorf("%s: %d %s", action, r.status, r.body)
			return
		}
		d.mu.Lock()
		moved := d.room.Version > version
		d.mu.Unlock()
		if moved {
			return
		}
	}
}

// sent is one answer of a pupil that the server said it has.
type sent struct {
	item    string
	opening int
	choice  string
	at      int64
}

// TestClassOverAFlakyNetwork plays whole quizzes of a host and five pupils over
// lines that lose, repeat and delay requests and break streams. In the end every
// answer that was confirmed is stored once, every seat that had time counts,
// nothing was done twice, and all screens show the same.
func TestClassOverAFlakyNetwork(t *testing.T) {
	w := newWorld(t)
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			own := *w
			own.t = t
			playFlaky(own.openRoom("canary", "devices"), seed)
		})
	}
}

func playFlaky(c *class, seed uint64) {
	t := c.t
	line := newFlaky(seed, c.client.Transport)
	host := c.join(line, c.host)
	const pupils = 5
	var (
		mu       sync.Mutex
		receipts = map[int][]sent{} // by seat
		devices  []*device
	)
	for i := range pupils {
		number := i + 1
		body := map[string]any{"number": number, "seat_token": fmt.Sprintf("device%020dxseed%010d", number, seed)}
		if i == pupils-1 {
			delete(body, "number") // a nickname
		}
		var taken seat
		door := &device{class: c, client: &http.Client{Transport: line}, gone: t.Context()}
		c.ok(http.StatusCreated, door.insist("POST", "/seats", body), &taken)
		devices = append(devices, c.join(line, taken.Token))
		devices[i].answersAll(func(s sent) {
			mu.Lock()
			defer mu.Unlock()
			receipts[taken.Seat] = append(receipts[taken.Seat], s)
		})
	}
	host.shows("all here", func(r room, _ int) bool { return r.Seats == pupils && r.Connected == pupils })

	items := len(c.view(c.host).Items)
	waited := map[string]bool{}
	for i := range items {
		host.press("next")
		host.press("open")
		now := host.shows("open", func(r room, _ int) bool { return r.State == "open" && r.Item == i })
		// One item is closed in haste: who was too late is told so.
		if waited[now.Prompt.ID] = i != items/2; waited[now.Prompt.ID] {
			host.shows("all answered", func(_ room, answered int) bool { return answered == pupils })
		}
		host.press("close")
		host.press("reveal")
	}
	host.press("end")
	for _, d := range devices {
		d.shows("the end", func(r room, _ int) bool { return r.State == "ended" })
	}
	line.mend()
	c.checkFlaky(host, devices, receipts, waited)
	t.Logf("faults: %v", line.faults)
}

// answersAll lets a pupil answer whatever opens, once, until the end.
func (d *device) answersAll(got func(sent)) {
	d.runs.Go(func() {
		last := ""
		for {
			d.mu.Lock()
			r, news := d.room, d.news
			d.mu.Unlock()
			if r.State == "ended" {
				return
			}
			if r.State == "open" && r.Prompt != nil && r.Prompt.ID != last && len(r.Own.Choice) == 0 {
				last = r.Prompt.ID
				d.deliver(r, got)
				continue
			}
			select {
			case <-news:
			case <-d.gone.Done():
				return
			}
		}
	})
}

// deliver sends an answer until the server has it or refuses it.
func (d *device) deliver(r room, got func(sent)) {
	var choice any
	switch quiz.Type(r.Prompt.Type) {
	case quiz.Fill:
		choice = "12355"
	case quiz.Ordering:
		var all []string
		for _, o := range r.Prompt.Options {
			all = append(all, o.ID)
		}
		choice = all
	default:
		choice = []string{r.Prompt.Options[r.Own.Seat%len(r.Prompt.Options)].ID}
	}
	answer := d.insist("POST", "/answers", map[string]any{"item": r.Prompt.ID, "opening": r.Opening, "choice": choice})
	switch answer.status {
	case http.StatusOK:
		var s receipt
		if err := json.Unmarshal(answer.body, &s); err != nil || s.Item != r.Prompt.ID || s.Opening != r.Opening {
			d.t.Errorf("receipt %s: %v", answer.body, err)
		}
		got(sent{s.Item, s.Opening, strings.Join(s.Choice, "+"), s.ReceivedAt})
	case http.StatusConflict: // closed before it arrived
	default:
		d.t.Errorf("an answer to %s: %d %s", r.Prompt.ID, answer.status, answer.body)
	}
}

func (c *class) checkFlaky(host *device, devices []*device, receipts map[int][]sent, waited map[string]bool) {
	t := c.t
	stored, err := c.server.Store.Answers(context.Background(), c.code)
	c.must(err)
	count, have := map[string]int{}, map[string]sent{}
	for _, a := range stored {
		count[a.ItemID]++
		have[fmt.Sprint(a.Seat, a.ItemID)] = sent{a.ItemID, a.Opening, strings.Join(a.Choice, "+"), a.ReceivedAt}
	}
	confirmed := 0
	for seat, all := range receipts {
		for _, s := range all {
			confirmed++
			if diff := cmp.Diff(s, have[fmt.Sprint(seat, s.item)], cmp.AllowUnexported(sent{})); diff != "" {
				t.Errorf("seat %d: what was confirmed against what is stored:\n%s", seat, diff)
			}
		}
	}
	for item, waits := range waited {
		if waits && count[item] != len(devices) {
			t.Errorf("%d answers to %s are stored, want %d", count[item], item, len(devices))
		}
	}
	if confirmed < (len(waited)-1)*len(devices) {
		t.Errorf("only %d answers were confirmed", confirmed)
	}
	// Nothing was done twice.
	entries, log := map[string]int{}, c.get(c.url("/log"), c.host)
	for line := range bytes.Lines(log.body) {
		var e struct{ Event string }
		c.must(json.Unmarshal(line, &e))
		entries[e.Event]++
	}
	n := len(waited)
	want := map[string]int{"created": 1, "seated": len(devices), "next": n, "open": n, "close": n, "reveal": n, "end": 1, "answer": len(stored)}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("log entries (-want +got):\n%s", diff)
	}
	// All screens show what is true.
	for _, d := range append(devices, host) {
		var fresh room
		c.ok(200, c.get(c.url(""), d.token), &fresh)
		fresh.Items = nil // a stream does not repeat them
		if shown := d.shows("a state", func(r room, _ int) bool { return r.State == "ended" }); d == host {
			shown.Items, shown.Connected, fresh.Connected, shown.SeatList, fresh.SeatList = nil, 0, 0, nil, nil // streams come and go
			if diff := cmp.Diff(fresh, shown); diff != "" {
				t.Errorf("the host's screen (-server +screen):\n%s", diff)
			}
		} else if diff := cmp.Diff(fresh, shown); diff != "" {
			t.Errorf("a pupil's screen (-server +screen):\n%s", diff)
		}
	}
}
