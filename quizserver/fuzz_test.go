package quizserver

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// post sends a body to a room past the network and holds the answer against
// the contract.
func (c *class) post(t *testing.T, path, token string, body []byte) reply {
	t.Helper()
	req := httptest.NewRequest("POST", c.url(path), strings.NewReader(string(body)))
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	c.handler.ServeHTTP(rec, req)
	r := reply{rec.Code, rec.Header(), rec.Body.Bytes()}
	req.Body = nil // read; checkContract only looks at the answer
	if r.status >= 500 {
		t.Errorf("%s %q: %d %s\n%s", path, body, r.status, r.body, c.log.String())
	}
	if r.status >= 400 {
		checkProblem(t, path, req, r)
	}
	return r
}

// FuzzAnswer: no body is a fault of ours.
func FuzzAnswer(f *testing.F) {
	w := newWorld(f)
	c := w.openRoom("canary", "devices")
	c.act("open")
	item := c.item()
	for _, seed := range []string{`{"item":"who","opening":1,"choice":["` + item.Options[0].ID + `"]}`, `{"item":"who","opening":1,"choice":"text"}`,
		`{"choice":null}`, `{"choice":[null]}`, `{"opening":-1e3}`, `null`, `{}`, `[]`, ``, `{"item":"\ud800"}`, `{"item":{}}`, "{\"item\":\"\xff\"}"} {
		f.Add([]byte(seed))
	}
	tokens := make([]string, 0, 1)
	f.Fuzz(func(t *testing.T, body []byte) {
		w.t = t
		if len(tokens) == 0 { // whoever has answered gets the first receipt from then on
			tokens = append(tokens, c.sit(0).Token)
		}
		r := c.post(t, "/answers", tokens[0], body)
		if r.status == 200 {
			tokens = tokens[:0]
			checkSchema(t, "Receipt", r.body)
		}
	})
}

// FuzzControl: no body is a fault of ours or leaves the room without a state.
func FuzzControl(f *testing.F) {
	w := newWorld(f)
	c := w.openRoom("canary", "devices")
	c.sit(1)
	for _, seed := range []string{`{"action":"open","version":1}`, `{"action":"kick","version":1,"seat":1}`, `{"action":"readmit","version":0,"seat":1}`,
		`{"action":"close","version":2}`, `{"action":"reveal","version":3}`, `{"action":"next","version":4}`, `{"action":"end","version":5}`,
		`{"action":"hide","version":6}`, `{"action":"kick","version":1,"seat":-9}`, `{"action":"open","version":9223372036854775808}`, `{"action":1}`, `{"`, `{}x`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w.t = t
		r := c.post(t, "/control", c.host, body)
		if r.status != 200 {
			return
		}
		checkSchema(t, "Room", r.body)
		var now room
		if err := json.Unmarshal(r.body, &now); err != nil || now.State == "" {
			t.Errorf("%s leads to %s: %v", body, r.body, err)
		}
		if now.State == "ended" {
			c = w.openRoom("canary", "devices")
			c.sit(1)
		}
	})
}
