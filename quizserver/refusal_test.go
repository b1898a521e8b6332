package quizserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/quiz"
)

// openClass is a room with its first item open, one seat that has answered and
// one that has not.
func openClass(t *testing.T) (c *class, answered, waiting seat, item quiz.Item) {
	t.Helper()
	c = newWorld(t).openRoom("canary", "devices")
	answered, waiting = c.sit(1), c.sit(2)
	c.act("open")
	item = c.item()
	c.answer(200, answered.Token, item, c.key(item.ID))
	return c, answered, waiting, item
}

// unchanged runs what a test does and wants the room to be as before.
func (c *class) unchanged(what string, do func()) {
	c.t.Helper()
	var before, after map[string]any
	c.get(c.url(""), c.host).into(c.t, &before)
	do()
	c.get(c.url(""), c.host).into(c.t, &after)
	if diff := cmp.Diff(before, after); diff != "" {
		c.t.Errorf("%s changed the room (-before +after):\n%s", what, diff)
	}
}

func TestBadAnswersAreRefused(t *testing.T) {
	c, _, waiting, item := openClass(t)
	good := fmt.Sprintf(`{"item":%q,"opening":1,"choice":[%q]}`, item.ID, item.Options[0].ID)
	for name, test := range map[string]struct {
		token, body string
		want        int
	}{
		"10 MB":                {waiting.Token, `{"item":"` + strings.Repeat("a", 10<<20) + `"}`, 413},
		"10 MB behind the end": {waiting.Token, good + strings.Repeat(" ", 10<<20), 413},
		"empty":                {waiting.Token, "", 400},
		"half":                 {waiting.Token, good[:len(good)-3], 400},
		"not JSON":             {waiting.Token, "item=who", 400},
		"null":                 {waiting.Token, "null", 400},
		"array":                {waiting.Token, "[" + good + "]", 400},
		"unknown field":        {waiting.Token, `{"item":"who","opening":1,"choice":[],"points":100}`, 400},
		"two objects":          {waiting.Token, good + good, 400},
		"brace behind the end": {waiting.Token, good + "}", 400},
		"opening is text":      {waiting.Token, strings.Replace(good, ":1,", `:"1",`, 1), 400},
		"opening is a float":   {waiting.Token, strings.Replace(good, ":1,", ":1.5,", 1), 400},
		"opening is huge":      {waiting.Token, strings.Replace(good, ":1,", ":1e99,", 1), 400},
		"choice is an object":  {waiting.Token, `{"item":"who","opening":1,"choice":{}}`, 400},
		"choice of numbers":    {waiting.Token, `{"item":"who","opening":1,"choice":[1]}`, 400},
		"choice is null":       {waiting.Token, `{"item":"who","opening":1,"choice":null}`, 400},
		"no choice":            {waiting.Token, `{"item":"who","opening":1}`, 400},
		"empty choice":         {waiting.Token, `{"item":"who","opening":1,"choice":[]}`, 400},
		"unknown option":       {waiting.Token, `{"item":"who","opening":1,"choice":["zzzzzz"]}`, 400},
		"two of a single":      {waiting.Token, fmt.Sprintf(`{"item":"who","opening":1,"choice":[%q,%q]}`, item.Options[0].ID, item.Options[1].ID), 400},
		"option twice":         {waiting.Token, fmt.Sprintf(`{"item":"who","opening":1,"choice":[%q,%[1]q]}`, item.Options[0].ID), 400},
		"another opening":      {waiting.Token, strings.Replace(good, ":1,", ":2,", 1), 409},
		"another item":         {waiting.Token, strings.Replace(good, "who", "tf", 1), 409},
		"unknown item":         {waiting.Token, strings.Replace(good, "who", "nope", 1), 409},
		"no token":             {"", good, 401},
		"forged token":         {"AAAAAAAAAAAAAAAAAAAAAAAAAA", good, 401},
		"cut token":            {waiting.Token[:20], good, 401},
		"the host":             {c.host, good, 401},
	} {
		c.unchanged(name, func() {
			if r := c.do("POST", c.url("/answers"), test.token, test.body); r.status != test.want {
				t.Errorf("%s: status %d, want %d: %s", name, r.status, test.want, r.body)
			}
		})
	}
	c.answer(200, waiting.Token, item, c.key(item.ID)) // the seat can still answer
}

func TestAnswerOutsideTheOpeningIsRefused(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	s, item := c.sit(1), c.item()
	try := func(state string, opening int) {
		t.Helper()
		c.unchanged(state, func() {
			body := map[string]any{"item": item.ID, "opening": opening, "choice": c.key(item.ID)}
			c.ok(409, c.do("POST", c.url("/answers"), s.Token, body), nil)
		})
	}
	try("lobby", 0)
	try("lobby", 1)
	c.act("open")
	c.act("pause")
	try("paused", 1)
	for _, action := range []string{"close", "reveal", "next", "end"} {
		c.act(action)
		try(action, 1)
		try(action, 0)
	}
}

func TestSecondAnswerGetsTheFirstReceipt(t *testing.T) {
	c, answered, _, item := openClass(t)
	first := c.answer(200, answered.Token, item, c.key(item.ID))
	c.unchanged("a second answer", func() {
		again := c.answer(200, answered.Token, item, wrong(item))
		if !again.Kept || again.Choice[0] != c.key(item.ID)[0] || again.ReceivedAt != first.ReceivedAt {
			t.Errorf("second receipt %+v, want the first with kept: %+v", again, first)
		}
	})
	c.act("close")
	if late := c.answer(200, answered.Token, item, wrong(item)); !late.Kept {
		t.Errorf("repeated after the close: %+v", late)
	}
}

func TestAnswersOfOneSeatAtOnceKeepOne(t *testing.T) {
	c, _, waiting, item := openClass(t)
	var taps sync.WaitGroup
	start := make(chan struct{})
	got := make([]receipt, 100)
	for i := range got {
		taps.Go(func() {
			<-start
			body := fmt.Sprintf(`{"item":"who","opening":1,"choice":[%q]}`, item.Options[i%3].ID)
			r := c.post(t, "/answers", waiting.Token, []byte(body)) // past the network, so that they meet
			if err := json.Unmarshal(r.body, &got[i]); r.status != 200 || err != nil {
				t.Errorf("tap %d: %d %s", i, r.status, r.body)
			}
		})
	}
	close(start)
	taps.Wait()
	first := 0
	for _, r := range got {
		if !r.Kept {
			first++
		}
		if len(r.Choice) != 1 || r.Choice[0] != got[0].Choice[0] || r.ReceivedAt != got[0].ReceivedAt {
			t.Errorf("receipts differ: %+v and %+v", r, got[0])
		}
	}
	if answered := c.view(c.host).Answered["who"]; first != 1 || answered != 2 {
		t.Errorf("%d taps were the first; %d answers are counted, want 1 and 2", first, answered)
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	c, answered, _, item := openClass(t)
	version := c.view(c.host).Version
	control := func(action string, v int64) string { return fmt.Sprintf(`{"action":%q,"version":%d}`, action, v) }
	counts := fmt.Sprintf(`{"item":"who","opening":1,"counts":{%q:3}}`, item.Options[0].ID)
	for _, test := range []struct {
		name, method, path, token, body string
		want                            int
	}{
		{"seat 0", "POST", "/seats", "", `{"number":0}`, 400},
		{"seat 64", "POST", "/seats", "", `{"number":64}`, 400},
		{"seat -1", "POST", "/seats", "", `{"number":-1}`, 400},
		{"seat as text", "POST", "/seats", "", `{"number":"3"}`, 400},
		{"seat with a name", "POST", "/seats", "", `{"nickname":"张三"}`, 400},
		{"seat from null", "POST", "/seats", "", `null`, 400},
		{"seat with a short token", "POST", "/seats", "", `{"seat_token":"0123456789"}`, 400},
		{"seat taken", "POST", "/seats", "", `{"number":1}`, 409},
		{"tally on devices", "PUT", "/tally", c.host, counts, 409},
		{"tally by a pupil", "PUT", "/tally", answered.Token, counts, 403},
		{"tally of -1", "PUT", "/tally", c.host, `{"item":"who","opening":1,"counts":{"a":-1}}`, 400},
		{"tally of 5001", "PUT", "/tally", c.host, `{"item":"who","opening":1,"counts":{"a":5001}}`, 400},
		{"tally of a long team", "PUT", "/tally", c.host, `{"item":"who","opening":1,"team":"` + strings.Repeat("队", 21) + `","counts":{}}`, 400},
		{"extra time by a pupil", "PUT", "/extra", answered.Token, `{"seats":{"1":200}}`, 403},
		{"ten times the time", "PUT", "/extra", c.host, `{"seats":{"1":1000}}`, 400},
		{"extra time for seat 0", "PUT", "/extra", c.host, `{"seats":{"0":200}}`, 400},
		{"extra time for a word", "PUT", "/extra", c.host, `{"seats":{"one":200}}`, 400},
		{"extend without a clock", "POST", "/control", c.host, control("extend", version), 409},
		{"stale version", "POST", "/control", c.host, control("close", version-1), 409},
		{"future version", "POST", "/control", c.host, control("close", version+1), 409},
		{"unknown action", "POST", "/control", c.host, control("explode", version), 400},
		{"action out of turn", "POST", "/control", c.host, control("reveal", version), 409},
		{"control by a pupil", "POST", "/control", answered.Token, control("close", version), 403},
		{"control by a stranger", "POST", "/control", "", control("close", version), 403},
		{"control with a forged token", "POST", "/control", "forged", control("close", version), 401},
		{"control of 100 KB", "POST", "/control", c.host, `{"action":"` + strings.Repeat("a", 100<<10) + `"}`, 413},
		{"share by a pupil", "POST", "/share", answered.Token, "", 403},
		{"results for a pupil", "GET", "/results.xlsx", answered.Token, "", 403},
		{"results for a stranger", "GET", "/results.xlsx", "", "", 403},
		{"log for a pupil", "GET", "/log", answered.Token, "", 403},
		{"events for a stranger", "GET", "/events", "", "", 401},
		{"room with a forged token", "GET", "", "forged", "", 401},
		{"wrong method", "PATCH", "", c.host, "", 405},
		{"delete by a pupil", "DELETE", "", answered.Token, "", 403},
		{"delete by a stranger", "DELETE", "", "", "", 403},
		{"another device let in by a pupil", "PUT", "/claims", answered.Token, "", 403},
		{"a device that nobody waits for", "POST", "/claims", "", "", 409},
		{"a claim of nobody", "GET", "/claims", "forged", "", 404},
		{"a claim decided by a pupil", "POST", "/claims/123", answered.Token, `{"admit":true}`, 403},
		{"a claim that is none", "POST", "/claims/123", c.host, `{"admit":true}`, 404},
		{"undo of nothing", "POST", "/control", c.host, `{"action":"undo","version":2}`, 409},
		{"wrong method on answers", "GET", "/answers", c.host, "", 405},
		{"unknown path", "GET", "/secrets", c.host, "", 404},
		{"trailing slash", "GET", "/", c.host, "", 404},
		{"up and away", "GET", "/../../../etc/passwd", c.host, "", 404},
	} {
		c.unchanged(test.name, func() {
			var body any
			if test.body != "" {
				body = test.body
			}
			if r := c.do(test.method, c.url(test.path), test.token, body); r.status != test.want {
				t.Errorf("%s: status %d, want %d: %s", test.name, r.status, test.want, r.body)
			}
		})
	}
}

func TestBadPathsAndParametersAreRefused(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/api/nothing", "", 404},
		{"GET", "/api/", "", 404},
		{"GET", "/api/quizzes/", "", 404},
		{"GET", "/api/quizzes/nope", "", 404},
		{"GET", "/api/quizzes/..%2f..%2fetc", "", 404},
		{"PATCH", "/api/quizzes", "", 405},
		{"POST", "/healthz", "{}", 405},
		{"GET", "/api/search?size=0", "", 400},
		{"GET", "/api/search?size=51", "", 400},
		{"GET", "/api/search?from=-1", "", 400},
		{"GET", "/api/search?from=x", "", 400},
		{"GET", "/api/rooms/12345", "", 404},
		{"GET", "/api/rooms/1234567", "", 404},
		{"GET", "/api/rooms/abcdef", "", 404},
		{"GET", "/api/rooms/%E4%B8%80%E4%BA%8C", "", 404},
		{"GET", "/api/rooms/000000", "", 404},
		{"GET", "/api/rooms/000000/qr.svg", "", 404},
		{"POST", "/api/rooms", `{"quiz":"nope"}`, 404},
		{"POST", "/api/rooms", `{"quiz":"canary","mode":"telepathy"}`, 400},
		{"POST", "/api/rooms", `{"quiz":"canary","timer":"soon"}`, 400},
		{"POST", "/api/rooms", `{"quiz":"canary","timer":"same"}`, 400},
		{"POST", "/api/rooms", `{"quiz":"canary","timer":"same","seconds":4}`, 400},
		{"POST", "/api/rooms", `{"quiz":"canary","mode":"self","minutes":241}`, 400},
		{"POST", "/api/rooms", `{"quiz":"canary","minutes":5}`, 400},
		{"POST", "/api/rooms", `{"quiz":"canary","bonus":true}`, 400},
		{"POST", "/api/rooms", `{"quiz":7}`, 400},
		{"POST", "/api/rooms", `{`, 400},
	} {
		var body any
		if test.body != "" {
			body = test.body
		}
		if r := w.do(test.method, test.path, "", body); r.status != test.want {
			t.Errorf("%s %s: status %d, want %d: %s", test.method, test.path, r.status, test.want, r.body)
		}
	}
}

func TestCrossOriginPostIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		req := w.request("POST", "/api/rooms", "", `{"quiz":"canary"}`)
		req.Header.Set(header[0], header[1])
		w.ok(403, w.send(req), nil)
	}
	own := w.request("POST", "/api/rooms", "", `{"quiz":"canary"}`)
	// Before Chromium 76, and over plain HTTP, only the origin tells; Chromium 69 sends it unless the Referrer-Policy is no-referrer.
	for _, header := range [][2]string{{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://" + own.URL.Host}} {
		req := w.request("POST", "/api/rooms", "", `{"quiz":"canary"}`)
		req.Header.Set(header[0], header[1])
		w.ok(201, w.send(req), nil)
	}
}

// serve answers one request as if it came from an address.
func (w *world) serve(method, path, from string, header map[string]string) reply {
	w.t.Helper()
	req := httptest.NewRequest(method, path, nil)
	req.RemoteAddr = from
	for name, value := range header {
		req.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, req)
	r := reply{rec.Code, rec.Header(), rec.Body.Bytes()}
	checkContract(w.t, req, r)
	return r
}

// guess asks for rooms that are not there until it is refused.
func (w *world) guess(from string, header func(n int) map[string]string) (tries int) {
	w.t.Helper()
	for n := range 3 * w.server.guesses.burst {
		if w.serve("GET", fmt.Sprintf("/api/rooms/%06d", n), from, header(n)).status == 429 {
			return n
		}
	}
	return 3 * w.server.guesses.burst
}

func TestGuessingRoomCodesIsSlowedDown(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	s := c.sit(1)
	none := func(int) map[string]string { return nil }
	if n := w.guess("203.0.113.9:4000", none); n > w.server.guesses.burst+1 {
		t.Fatalf("%d wrong codes before the first refusal, want about %d", n, w.server.guesses.burst)
	}
	if r := w.serve("GET", c.url(""), "203.0.113.9:5000", nil); r.status != 429 {
		t.Errorf("a guesser still learns that a code is right: %d", r.status)
	}
	if r := w.serve("GET", c.url(""), "203.0.113.10:4000", nil); r.status != 200 {
		t.Errorf("another address is refused as well: %d", r.status)
	}
	// A school shares one address: who has a place in a room goes on.
	for who, token := range map[string]string{"host": c.host, "pupil": s.Token} {
		r := w.serve("GET", c.url(""), "203.0.113.9:5000", map[string]string{"Authorization": "Bearer " + token})
		if r.status != http.StatusOK {
			t.Errorf("the %s of a room is held up by others' wrong codes: %d", who, r.status)
		}
	}
}

// A script on the network must not fill the disk with rooms.
func TestOpeningManyRoomsIsSlowedDown(t *testing.T) {
	w := newWorld(t)
	open := func(from string) int {
		req := w.request("POST", "/api/rooms", "", map[string]string{"quiz": "canary"})
		req.RequestURI, req.RemoteAddr = "", from
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, req)
		return rec.Code
	}
	n := 0
	for n <= w.server.openings.burst && open("203.0.113.9:4000") == 201 {
		n++
	}
	if n != w.server.openings.burst {
		t.Errorf("%d rooms before the first refusal, want %d", n, w.server.openings.burst)
	}
	if status := open("203.0.113.10:4000"); status != 201 {
		t.Errorf("another address gets %d", status)
	}
	for range w.server.openings.burst + 5 { // the teacher's own machine
		if status := open("127.0.0.1:4000"); status != 201 {
			t.Fatalf("the machine itself gets %d", status)
		}
	}
}

func TestForgedForwardingHeaderDoesNotHideAGuesser(t *testing.T) {
	w := newWorld(t)
	n := w.guess("203.0.113.9:4000", func(n int) map[string]string {
		return map[string]string{"X-Forwarded-For": fmt.Sprintf("198.51.%d.%d", n/250, n%250)}
	})
	if n > w.server.guesses.burst+1 {
		t.Errorf("%d wrong codes with made-up X-Forwarded-For before a refusal", n)
	}
	// A proxy on this machine tells the truth about who asks.
	n = w.guess("127.0.0.1:4000", func(n int) map[string]string {
		return map[string]string{"X-Forwarded-For": fmt.Sprintf("198.51.%d.%d", n/250, n%250)}
	})
	if n < 3*w.server.guesses.burst {
		t.Errorf("different people behind a local proxy are refused after %d", n)
	}
}

func TestInternalErrorsStayInside(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	w.must(w.close())
	for path, want := range map[string]int{"/api/rooms/123456": 500, c.url("/results.xlsx"): 500, c.url("/log"): 500,
		"/api/staff/setup": 500, "/readyz": 503, "/api/quizzes": 200, "/": 200} {
		r := w.get(path, map[bool]string{true: c.host}[strings.Contains(path, c.code)])
		if r.status != want {
			t.Errorf("GET %s without a database: %d, want %d: %s", path, r.status, want, r.body)
		}
	}
	w.ok(503, w.do("POST", "/api/rooms", "", `{"quiz":"canary"}`), nil)
	w.ok(500, w.do("POST", "/api/staff/login", "", `{"name":"admin","password":"0123456789"}`), nil)
	wantContain(t, "the log", w.log.String(), []string{"database is closed", "/api/rooms/:code"}, []string{c.host})
}

func TestPanicIsAProblem(t *testing.T) {
	w := newWorld(t, func(s *Server) { s.Index = nil })
	r := w.ok(500, w.get("/api/search?q=a", ""), nil)
	if r.detail() == "" {
		t.Errorf("a panic answers %s", r.body)
	}
	wantContain(t, "the log", w.log.String(), []string{"handler panicked", "nil pointer"}, nil)
}

func TestStaffOnlyRooms(t *testing.T) {
	w := newWorld(t, func(s *Server) { s.StaffOnly = true })
	w.ok(401, w.do("POST", "/api/rooms", "", `{"quiz":"canary"}`), nil)
	w.signIn("teacher", time.Now().Add(time.Hour))
	w.ok(201, w.do("POST", "/api/rooms", "", `{"quiz":"canary"}`), nil)
}
