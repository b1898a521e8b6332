package quizserver

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestCardsFromAnotherDevice opens a room on the big screen, lets a phone take
// over, which reads the cards, and deletes all at the end.
func TestCardsFromAnotherDevice(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("hands", "cards")
	c.ok(409, c.do("POST", c.url("/seats"), "", map[string]any{"number": 1}), nil)

	var door struct {
		HostURL string `json:"host_url"`
		QR      string `json:"qr_svg"`
	}
	c.ok(200, c.do("PUT", c.url("/claims"), c.host, nil), &door)
	if !strings.HasSuffix(door.HostURL, "/host/#"+c.code) || !strings.HasPrefix(door.QR, "<svg") {
		t.Errorf("the phone is sent to %+v", door)
	}
	var claim struct{ Claim, Number string }
	c.ok(201, c.do("POST", c.url("/claims"), "", nil), &claim)
	var result struct {
		State string
		Host  string `json:"host_token"`
	}
	if c.ok(200, c.get(c.url("/claims"), claim.Claim), &result); result.State != "waiting" || result.Host != "" {
		t.Errorf("before it is let in: %+v", result)
	}
	c.ok(204, c.do("POST", c.url("/claims/"+claim.Number), c.host, `{"admit":true}`), nil)
	if c.ok(200, c.get(c.url("/claims"), claim.Claim), &result); result.State != "admitted" {
		t.Fatalf("let in: %+v", result)
	}
	phone := result.Host

	room := c.act("open")
	for item := 0; c.item().Type != "single"; item++ {
		room = c.act("skip")
		room = c.act("open")
	}
	item := c.item()
	read := map[string]string{"1": item.Key()[0], "2": wrong(item)[0], "40": item.Key()[0]}
	var tally struct{ Answered int }
	put := func(want int, token string, seats map[string]string) {
		t.Helper()
		c.ok(want, c.do("PUT", c.url("/tally"), token, map[string]any{"item": item.ID, "opening": room.Opening, "seats": seats}), &tally)
	}
	put(200, phone, read)
	put(200, phone, read) // a second sweep finds the same
	if tally.Answered != 3 {
		t.Errorf("%d answered", tally.Answered)
	}
	put(200, c.host, map[string]string{"2": ""})
	put(403, "", read)
	put(400, phone, map[string]string{"64": item.Key()[0]})
	put(400, phone, map[string]string{"1": "nonsense"})
	c.ok(400, c.do("PUT", c.url("/tally"), phone, `{"item":"x","opening":1,"seats":{"first":"x"}}`), nil)
	c.act("close")
	room = c.act("reveal")
	if room.Reveal.Answered != 2 || room.Reveal.Correct != 2 {
		t.Errorf("revealed %+v", room.Reveal)
	}
	book := c.sheets(c.ok(200, c.get(c.url("/results.xlsx"), phone), nil).body)
	if rows := book["成绩"]; len(rows) != 4 || rows[1][0] != "1 号" || !strings.HasPrefix(rows[1][1], "✓") {
		t.Errorf("results: %v", slices.Collect(maps.Keys(book)))
	}
	c.ok(http.StatusNoContent, c.do("DELETE", c.url(""), phone, nil), nil)
	for _, path := range []string{"", "/results.xlsx", "/log"} {
		c.ok(404, c.get(c.url(path), c.host), nil)
	}
}

// TestDistressReachesTheHostNotTheWall: the words of the site's own lexicon.
func TestDistressReachesTheHostNotTheWall(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	pupil := c.sit(7)
	c.act("open")
	for c.item().Type != "fill" {
		c.act("skip")
		c.act("open")
	}
	var got struct {
		Help   bool
		Choice []string
	}
	const words = "我被打了" // 被打 is in the lexicon
	answer := map[string]any{"item": c.item().ID, "opening": 1, "choice": words}
	if c.ok(200, c.do("POST", c.url("/answers"), pupil.Token, answer), &got); !got.Help || len(got.Choice) != 0 {
		t.Fatalf("%q: %+v", words, got)
	}
	var host struct{ Concern bool }
	if c.ok(200, c.get(c.url(""), c.host), &host); !host.Concern {
		t.Error("the host sees no mark")
	}
	answer["choice"], got.Help = "别的", false
	if c.ok(200, c.do("POST", c.url("/answers"), pupil.Token, answer), &got); got.Help {
		t.Error("another answer is a concern, too")
	}
	c.act("close")
	c.act("reveal")
	sheets := c.sheets(c.ok(200, c.get(c.url("/results.xlsx"), c.host), nil).body)
	if rows := sheets["请关心"]; len(rows) != 2 || rows[1][0] != "7 号" || !strings.Contains(rows[1][2], "12356") {
		t.Errorf("whom to look after: %v", rows)
	}
	for _, path := range []string{"/log", ""} {
		if body := string(c.get(c.url(path), c.host).body); strings.Contains(body, words) {
			t.Errorf("%s holds the words: %s", path, body)
		}
	}
}
