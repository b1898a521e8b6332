package quizserver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sunnycampus/quizserver/quiz"
)

// class is a room as its host and pupils use it.
type class struct {
	*world
	code, host string
}

type seat struct {
	Seat     int
	Nickname string
	Token    string `json:"seat_token"`
}

type receipt struct {
	Item       string
	Opening    int
	Choice     []string
	ReceivedAt int64 `json:"received_at"`
	Kept       bool
}

func (w *world) openRoom(quizID, mode string) *class {
	w.t.Helper()
	return w.openRoomAs(map[string]any{"quiz": quizID, "mode": mode})
}

func (w *world) openRoomAs(request any) *class {
	w.t.Helper()
	var opened struct {
		Code string
		Host string `json:"host_token"`
	}
	w.ok(201, w.do("POST", "/api/rooms", "", request), &opened)
	return &class{w, opened.Code, opened.Host}
}

func (c *class) url(rest string) string { return "/api/rooms/" + c.code + rest }

// view is the room as a token sees it.
func (c *class) view(token string) (r room) {
	c.t.Helper()
	c.ok(200, c.get(c.url(""), token), &r)
	return r
}

// sit takes a seat number, or a nickname for 0.
func (c *class) sit(number int) (s seat) {
	c.t.Helper()
	body := map[string]any{}
	if number > 0 {
		body["number"] = number
	}
	c.ok(201, c.do("POST", c.url("/seats"), "", body), &s)
	return s
}

func (c *class) control(want int, body any) (r room) {
	c.t.Helper()
	c.ok(want, c.do("POST", c.url("/control"), c.host, body), &r)
	return r
}

// act carries out an action on the version that the host sees.
func (c *class) act(action string) room {
	c.t.Helper()
	return c.control(200, map[string]any{"action": action, "version": c.view(c.host).Version})
}

// item is the current item with its key, as only the server knows it.
func (c *class) item() quiz.Item {
	c.t.Helper()
	row, err := c.server.Store.Room(context.Background(), c.code)
	c.must(err)
	return row.Quiz.Items[row.Item]
}

// key is the right choice of an item of this room.
func (c *class) key(itemID string) []string {
	c.t.Helper()
	row, err := c.server.Store.Room(context.Background(), c.code)
	c.must(err)
	for _, item := range row.Quiz.Items {
		if item.ID == itemID && item.Type == quiz.Poll {
			return []string{item.Options[0].ID}
		}
		if item.ID == itemID && item.Type == quiz.Fill {
			return item.Key()[:1]
		}
		if item.ID == itemID {
			return item.Key()
		}
	}
	c.t.Fatalf("no item %s", itemID)
	return nil
}

// wrong is a choice that the screen allows and that is not right.
func wrong(item quiz.Item) []string {
	switch item.Type {
	case quiz.Fill:
		return []string{"=1+1"} // would be a formula if it were not kept as text
	case quiz.Ordering:
		choice := item.Key()
		slices.Reverse(choice)
		return choice
	}
	for _, o := range item.Options {
		if !o.Correct {
			return []string{o.ID}
		}
	}
	return nil
}

// answer sends a choice: text for a fill-in, else an array.
func (c *class) answer(want int, token string, item quiz.Item, choice []string) (got receipt) {
	c.t.Helper()
	body := map[string]any{"item": item.ID, "opening": c.view(c.host).Opening, "choice": choice}
	if item.Type == quiz.Fill {
		body["choice"] = choice[0]
	}
	c.ok(want, c.do("POST", c.url("/answers"), token, body), &got)
	return got
}

// TestWholeClassQuiz plays a quiz of all item types from the list to the
// results. Every answer on the way is validated by send, every event by next.
func TestWholeClassQuiz(t *testing.T) {
	w := newWorld(t)
	var list []struct {
		ID        string
		ItemCount int `json:"item_count"`
	}
	w.ok(200, w.get("/api/quizzes", ""), &list)
	c := w.openRoom("canary", "devices")
	if w.ok(200, w.get(c.url(""), ""), nil); c.view("").Items != nil || len(c.view(c.host).Items) != 6 {
		t.Error("before the start a stranger sees no item and the host all six")
	}
	seven, drawn := c.sit(7), c.sit(0)
	if seven.Nickname != "7 号" || drawn.Nickname == "" || drawn.Seat <= 63 {
		t.Errorf("seats: %+v, %+v", seven, drawn)
	}
	host, first, second := w.listen(c.code, c.host), w.listen(c.code, seven.Token), w.listen(c.code, drawn.Token)
	host.state(func(r room) bool { return r.Connected == 2 })

	for i := range 6 {
		if i > 0 {
			if r := c.act("next"); r.State != "ready" || r.Item != i || r.Prompt == nil {
				t.Fatalf("next: %+v", r)
			}
			if r := c.view(seven.Token); r.Prompt != nil || len(r.Items) != i {
				t.Errorf("item %d: a pupil sees the next prompt before it is open", i)
			}
		}
		c.playItem(i, seven, drawn, host, first, second)
	}
	c.ok(409, c.do("POST", c.url("/control"), c.host, map[string]any{"action": "next", "version": c.view(c.host).Version}), nil)
	c.act("end")
	board := host.in("ended").Board
	if board == nil || board.Points != 70+30 || len(board.Top) != 1 || board.Top[0].Seat != 7 || board.Top[0].Points != 70 {
		t.Errorf("board: %+v", board)
	}
	if own := first.in("ended").Own; own == nil || own.Points != 70 {
		t.Errorf("own points at the end: %+v, want 70", own)
	}
	second.in("ended")
	// What the drawn seat typed must reach no other screen.
	wantContain(t, "another pupil's events", first.seen.String()+host.seen.String(), nil, []string{"=1+1"})
	wantContain(t, "its own events", second.seen.String(), []string{"=1+1"}, nil)
	c.checkResults()
	c.checkLog()
}

// playItem lets seat 7 answer right and the drawn seat wrong on every other
// item.
func (c *class) playItem(i int, seven, drawn seat, host, first, second *listener) {
	c.t.Helper()
	item := c.item()
	c.act("open")
	for _, l := range []*listener{host, first, second} {
		if r := l.in("open"); r.Prompt == nil || r.Prompt.ID != item.ID || r.Reveal != nil {
			c.t.Fatalf("item %d: open state: %+v", i, r)
		}
	}
	if got := c.answer(200, seven.Token, item, c.key(item.ID)); got.Kept || got.Item != item.ID || got.Opening != 1 || got.ReceivedAt == 0 {
		c.t.Errorf("item %d: receipt %+v", i, got)
	}
	choice := wrong(item)
	if i%2 == 1 {
		choice = c.key(item.ID)
	}
	c.answer(200, drawn.Token, item, choice)
	host.tally(item.ID, 2)
	c.act("close")
	first.in("closed")
	c.act("reveal")
	poll := item.Type == quiz.Poll
	for _, l := range []*listener{host, first, second} {
		r := l.in("revealed").Reveal
		if r == nil || r.Item != item.ID || r.Answered != 2 || !strings.Contains(r.Explanation, "CANARYWHY-"+item.ID) {
			c.t.Fatalf("item %d: reveal: %+v", i, r)
		}
		if poll != (len(r.Key) == 0) {
			c.t.Errorf("item %d: revealed key %v", i, r.Key)
		}
	}
	own := c.view(seven.Token).Own
	if poll && own.Correct != nil || !poll && (own.Correct == nil || !*own.Correct) {
		c.t.Errorf("item %d: own result: %+v", i, own)
	}
}

func (c *class) checkResults() {
	c.t.Helper()
	r := c.ok(200, c.get(c.url("/results.xlsx"), c.host), nil)
	if r.header.Get("Content-Type") != xlsxType || !strings.Contains(r.header.Get("Content-Disposition"), "results-"+c.code+".xlsx") {
		c.t.Errorf("results: headers %v", r.header)
	}
	book, err := excelize.OpenReader(bytes.NewReader(r.body))
	c.must(err)
	defer book.Close()
	seats, err := book.GetRows("成绩")
	c.must(err)
	if len(seats) != 3 || seats[0][0] != "座位" || !slices.Equal(seats[1][7:], []string{"5", "70"}) || !slices.Equal(seats[2][7:], []string{"2", "30"}) {
		c.t.Errorf("seats sheet: %q", seats)
	}
	formula, err := book.GetCellFormula("成绩", "F3")
	c.must(err)
	if seats[2][5] != "✗ =1+1" || formula != "" {
		c.t.Errorf("a pupil's text is %q with formula %q", seats[2][5], formula)
	}
	items, err := book.GetRows("题目")
	c.must(err)
	if len(items) != 7 || items[1][3] != "2" || items[1][5] != "50%" || items[6][5] != "—" {
		c.t.Errorf("items sheet: %q", items)
	}
}

func (c *class) checkLog() {
	c.t.Helper()
	r := c.ok(200, c.get(c.url("/log"), c.host), nil)
	counts := map[string]int{}
	lines := bufio.NewScanner(bytes.NewReader(r.body))
	for n := 1; lines.Scan(); n++ {
		var entry struct {
			Seq   int
			Event string
		}
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil || entry.Seq != n {
			c.t.Fatalf("log line %d: %q: %v", n, lines.Text(), err)
		}
		counts[entry.Event]++
	}
	want := map[string]int{"created": 1, "seated": 2, "open": 6, "close": 6, "reveal": 6, "next": 5, "end": 1, "answer": 12}
	if diff := cmp.Diff(want, counts); diff != "" {
		c.t.Errorf("log entries (-want +got):\n%s", diff)
	}
}

func TestHandCountsOfAWallRoom(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("hands", "wall")
	host := w.listen(c.code, c.host)
	c.act("open")
	item := c.item()
	right, other := c.key("tell")[0], wrong(item)[0]
	count := func(team string, n, m int) {
		t.Helper()
		c.ok(200, c.do("PUT", c.url("/tally"), c.host, map[string]any{"item": item.ID, "opening": 1, "team": team,
			"counts": map[string]int{right: n, other: m}}), nil)
	}
	count("红队", 9, 1)
	count("蓝队", 5, 5)
	count("红队", 10, 0) // counting again corrects
	host.tally(item.ID, 20)
	c.act("close")
	c.act("reveal")
	r := host.in("revealed").Reveal
	if r.Answered != 20 || r.Correct != 15 || r.Counts[right] != 15 {
		t.Errorf("reveal of hand counts: %+v", r)
	}
	c.ok(409, c.do("PUT", c.url("/tally"), c.host, map[string]any{"item": item.ID, "opening": 1, "counts": map[string]int{right: 1}}), nil)
	c.act("end")
	c.ok(200, c.get(c.url("/results.xlsx"), c.host), nil)
}

func TestHostControlsBesidesTheMainRoad(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	s := c.sit(5)
	item := c.item()
	for i, step := range []struct{ action, state string }{
		{"open", "open"}, {"pause", "paused"}, {"resume", "open"}, {"hide", "open"}, {"close", "closed"},
		{"reopen", "open"}, {"skip", "ready"}, {"end", "ended"},
	} {
		if step.action == "pause" {
			c.answer(200, s.Token, item, c.key(item.ID))
		}
		if r := c.act(step.action); r.State != step.state {
			t.Fatalf("step %d: %s leads to %s, want %s", i, step.action, r.State, step.state)
		}
		if step.action == "reopen" { // a fresh opening takes a fresh answer
			if got := c.answer(200, s.Token, item, wrong(item)); got.Kept || got.Opening != 2 {
				t.Errorf("answer to the second opening: %+v", got)
			}
		}
	}
	c.ok(409, c.do("POST", c.url("/seats"), "", `{"number":6}`), nil)
}

func TestKickedSeatIsOutUntilReadmitted(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	s := c.sit(5)
	for _, action := range []string{"kick", "readmit"} {
		r := c.control(200, map[string]any{"action": action, "version": 1, "seat": 5})
		if kicked := r.SeatList[0].Kicked; kicked != (action == "kick") {
			t.Errorf("after %s the seat list says kicked=%v", action, kicked)
		}
		c.ok(401, c.get(c.url(""), s.Token), nil)
		want := map[string]int{"kick": 403, "readmit": 201}[action]
		c.ok(want, c.do("POST", c.url("/seats"), "", `{"number":5}`), nil)
	}
	c.ok(404, c.do("POST", c.url("/control"), c.host, map[string]any{"action": "kick", "version": 1, "seat": 62}), nil)
}

func TestTimedRoomTellsTheTimeLeft(t *testing.T) {
	c := newWorld(t).openRoomAs(`{"quiz":"canary","timer":"item"}`)
	if r := c.act("open"); r.RemainingMS == nil || *r.RemainingMS <= 0 || *r.RemainingMS > 30_000 {
		t.Errorf("time left of a 30 s item: %v", fmt.Sprint(r.RemainingMS))
	}
	if r := c.act("pause"); r.RemainingMS == nil || *r.RemainingMS <= 0 {
		t.Error("a paused item lost its time")
	}
}

// TestSelfPacedClass: one window, all items in any order, and the results.
func TestSelfPacedClass(t *testing.T) {
	w := newWorld(t)
	c := w.openRoomAs(`{"quiz":"canary","mode":"self","minutes":20}`)
	seven := c.sit(7)
	host, pupil := w.listen(c.code, c.host), w.listen(c.code, seven.Token)
	if r := pupil.in("lobby"); r.Items != nil {
		t.Errorf("before the start a pupil sees %+v", r.Items)
	}
	c.act("open")
	r := pupil.in("open")
	if len(r.Items) != 6 || r.Prompt != nil || r.RemainingMS == nil || *r.RemainingMS > 20*60_000 {
		t.Fatalf("the open state: %+v", r)
	}
	row, err := c.server.Store.Room(context.Background(), c.code)
	c.must(err)
	for i := range row.Quiz.Items { // from the last to the first
		item := row.Quiz.Items[5-i]
		if got := c.answer(200, seven.Token, item, c.key(item.ID)); got.Kept || got.Opening != 1 {
			t.Errorf("receipt %+v", got)
		}
		if got := c.answer(200, seven.Token, item, wrong(item)); !got.Kept {
			t.Errorf("a second receipt: %+v", got)
		}
	}
	host.tally("who", 6) // answers to any item
	if r := c.view(c.host); r.Done != 1 || r.Answered["mood"] != 1 {
		t.Errorf("the host sees %+v", r)
	}
	c.ok(409, c.do("POST", c.url("/control"), c.host, map[string]any{"action": "next", "version": c.view(c.host).Version}), nil)
	c.act("close")
	wantContain(t, "what a pupil was sent before the reveal", pupil.seen.String(), nil, []string{"CANARYWHY", "reveals"})
	c.act("reveal")
	r = pupil.in("revealed")
	if len(r.Reveals) != 6 || !r.Own.Marks["who"] || len(r.Own.Choices) != 6 || len(r.Own.Marks) != 5 {
		t.Errorf("the revealed state: %+v, own %+v", r, r.Own)
	}
	c.act("end")
	if board := host.in("ended").Board; board.Points != 70 || board.Correct != 5 {
		t.Errorf("the board: %+v", board)
	}
	book, err := excelize.OpenReader(bytes.NewReader(c.ok(200, c.get(c.url("/results.xlsx"), c.host), nil).body))
	c.must(err)
	defer book.Close()
	if items, err := book.GetRows("题目"); err != nil || len(items) != 7 || items[6][3] != "1" {
		t.Errorf("items sheet: %q (%v)", items, err)
	}
}

func TestExtraTimeOfASeat(t *testing.T) {
	c := newWorld(t).openRoomAs(`{"quiz":"canary","timer":"same","seconds":60,"bonus":true}`)
	seven, eight := c.sit(7), c.sit(8)
	c.ok(204, c.do("PUT", c.url("/extra"), c.host, `{"seats":{"7":200,"8":0,"9":150}}`), nil)
	c.act("open")
	if own := c.view(seven.Token).Own; own.RemainingMS == nil || *own.RemainingMS < 60_000 || *own.RemainingMS > 120_000 {
		t.Errorf("seat 7 of twice a minute has %+v", own)
	}
	if own := c.view(eight.Token).Own; own.RemainingMS == nil || *own.RemainingMS != -1 {
		t.Errorf("seat 8 without a limit has %+v", own)
	}
	if r := c.act("extend"); *r.RemainingMS <= 60_000 || *r.RemainingMS > 75_000 || len(r.Extra) != 3 {
		t.Errorf("after 15 s more the host sees %+v", r)
	}
	c.ok(204, c.do("PUT", c.url("/extra"), c.host, `{"seats":{}}`), nil)
	if own := c.view(seven.Token).Own; own.RemainingMS != nil {
		t.Errorf("seat 7 without extra time has %+v", own)
	}
}
