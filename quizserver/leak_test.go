package quizserver

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sunnycampus/quizserver/quiz"
)

// secrets are strings of the fixture that nobody may read before the reveal:
// explanations, accepted answers, the mark of a right option, and all of the
// contest bank.
var secrets = []string{"CANARYWHY", "CANARYACCEPT", "[x]", "CANARYCONTEST"}

func TestPublicTreeHoldsNoKey(t *testing.T) {
	w := newWorld(t)
	pages := 0
	tree := w.server.Site.Release().Public()
	w.must(fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(tree, name)
		pages++
		wantContain(t, "public/"+name, string(body), nil, secrets)
		wantContain(t, "the name public/"+name, name, nil, []string{"contest-bank", "laws.yaml", "release.json"})
		return err
	}))
	if pages < 8 {
		t.Errorf("only %d public files: the fixture was not rendered", pages)
	}
	// The test can only fail if the renderer shows what it is given.
	body, err := fs.ReadFile(tree, "quizzes/canary/index.html")
	w.must(err)
	wantContain(t, "the quiz page", string(body), []string{"欺凌发生在谁之间？", "学生之间", "先保证安全"}, nil)
	if !slices.ContainsFunc(w.server.Site.Release().Quizzes, func(q *quiz.Quiz) bool { return q.ID == "canary" }) {
		t.Error("the release lost the quiz itself")
	}
}

func TestServerHandsOutNoKey(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/api/quizzes", "/api/quizzes/canary", "/api/quizzes/hands", "/api/quizzes/contest-bank",
		"/quizzes/", "/quizzes/canary/", "/quizzes/canary.md", "/quizzes/canary/index.md", "/quizzes/contest-bank/", "/release.json",
		"/../release.json", "/..%2frelease.json", "/%2e%2e/release.json", "/data/laws.yaml", "/content/quizzes/canary.md", "/api/openapi.yaml"} {
		r := w.get(path, "")
		wantContain(t, "GET "+path, string(r.body), nil, secrets)
		if strings.Contains(path, "release.json") || strings.Contains(path, ".md") || strings.Contains(path, "contest") {
			w.ok(404, r, nil)
		}
	}
	w.ok(404, w.do("POST", "/api/quizzes/contest-bank/check", "", `{"item":"first","choice":["a"]}`), nil)
	w.ok(404, w.do("POST", "/api/rooms", "", `{"quiz":"contest-bank"}`), nil)
}

func TestSearchFindsNoKey(t *testing.T) {
	w := newWorld(t)
	for _, q := range []string{"CANARYWHY", "CANARYWHY-order", "CANARYACCEPT制止", "CANARYACCEPT", "CANARYCONTEST", "CANARYCONTEST 竞赛题"} {
		var found struct{ Total int }
		r := w.ok(200, w.get("/api/search?q="+url.QueryEscape(q), ""), &found)
		wantContain(t, "search for "+q, string(r.body), nil, secrets)
		if strings.HasPrefix(q, "CANARYW") && found.Total > 0 {
			t.Errorf("search for %s has %d hits: %s", q, found.Total, r.body)
		}
	}
	var found struct {
		Total int
		Hits  []struct{ URL string }
		Help  bool
	}
	r := w.ok(200, w.get("/api/search?q="+url.QueryEscape("四个要点练习"), ""), &found)
	if found.Total == 0 || !strings.Contains(string(r.body), "/quizzes/canary/") || found.Help {
		t.Errorf("the quiz itself is not found: %s", r.body)
	}
	w.ok(200, w.get("/api/search?q="+url.QueryEscape("被 打"), ""), &found)
	if !found.Help {
		t.Error("a cry for help is not recognised")
	}
}

// TestRoomRevealsOneItemAtATime looks at everything that each kind of viewer
// can get, in every state.
func TestRoomRevealsOneItemAtATime(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	s := c.sit(3)
	host, pupil := w.listen(c.code, c.host), w.listen(c.code, s.Token)
	tokens := map[string]string{"stranger": "", "pupil": s.Token, "host": c.host}
	revealed := []string{}
	check := func(state string) {
		t.Helper()
		for who, token := range tokens {
			body := string(c.ok(200, c.get(c.url(""), token), nil).body)
			for _, item := range []string{"who", "tf", "many", "order", "fill", "mood"} {
				now := len(revealed) > 0 && revealed[len(revealed)-1] == item && state == "revealed" && who != "stranger"
				if got := strings.Contains(body, "CANARYWHY-"+item); got != now {
					t.Errorf("%s, %s after reveal of %v: explanation of %s shown=%v", who, state, revealed, item, got)
				}
			}
			if state != "revealed" {
				wantContain(t, who+" "+state, body, nil, []string{`"key"`, `"correct"`, `"explanation"`, "CANARYACCEPT"})
			}
		}
	}
	check("lobby")
	for i := range 6 {
		item := c.item()
		for _, action := range []string{"open", "close", "reveal"} {
			if action == "reveal" {
				for _, l := range []*listener{host, pupil} { // all that came so far
					wantContain(t, "events before the reveal of "+item.ID, l.seen.String(), nil, []string{"CANARYWHY-" + item.ID})
				}
				revealed = append(revealed, item.ID)
			}
			state := c.act(action).State
			host.in(state)
			pupil.in(state)
			if action == "open" {
				r := c.do("POST", c.url("/answers"), s.Token, map[string]any{"item": item.ID, "opening": 1, "choice": wrong(item)})
				wantContain(t, "receipt", string(c.ok(200, r, nil).body), nil, []string{"correct", "points", "CANARYWHY"})
			}
			check(state)
		}
		if i < 5 {
			check(c.act("next").State)
		}
	}
}

// TestOptionIDsAndOrderTellNothing draws the same quiz many times: a right
// option must not keep its id or its place, and an ordering item never comes
// in the right order.
func TestOptionIDsAndOrderTellNothing(t *testing.T) {
	w := newWorld(t)
	places, ids := map[string]bool{}, map[string]int{}
	for range 30 {
		c := w.openRoom("canary", "devices")
		for _, p := range c.view(c.host).Items {
			var shown []string
			for at, o := range p.Options {
				shown = append(shown, o.ID)
				ids[o.ID]++
				if p.ID == "who" && o.Text == "学生之间" {
					places[fmt.Sprint(at)] = true
				}
			}
			if p.ID == "order" && slices.Equal(shown, c.key("order")) {
				t.Error("an ordering item came solved")
			}
		}
	}
	if len(places) != 3 {
		t.Errorf("the right option only stood at %v", places)
	}
	for id, n := range ids {
		if n > 2 {
			t.Errorf("option id %s came %d times in 30 rooms", id, n)
		}
	}
}

// TestPracticeChecksOneItem is the only place that tells a key without a
// room: for practice quizzes, one item at a time.
func TestPracticeChecksOneItem(t *testing.T) {
	w := newWorld(t)
	var q struct{ Items []prompt }
	w.ok(200, w.get("/api/quizzes/canary", ""), &q)
	right := q.Items[0].Options[slices.IndexFunc(q.Items[0].Options, func(o struct{ ID, Text string }) bool { return o.Text == "学生之间" })].ID
	for _, test := range []struct {
		item   string
		choice any
		status int
		want   bool
	}{
		{"who", []string{right}, 200, true},
		{"who", []string{q.Items[0].Options[0].ID, right}, 400, false},
		{"fill", "CANARYACCEPT制止", 200, true},
		{"fill", "旁观", 200, false},
		{"who", []string{"nope"}, 400, false},
		{"who", []string{}, 400, false},
		{"fill", strings.Repeat("长", 201), 400, false},
		{"gone", []string{right}, 404, false},
	} {
		r := w.ok(test.status, w.do("POST", "/api/quizzes/canary/check", "", map[string]any{"item": test.item, "choice": test.choice}), nil)
		if test.status != 200 {
			continue
		}
		var got struct{ Correct bool }
		if r.into(t, &got); got.Correct != test.want {
			t.Errorf("check %s %v: %s", test.item, test.choice, r.body)
		}
		for _, other := range []string{"tf", "many", "order", "mood"} {
			wantContain(t, "check of "+test.item, string(r.body), nil, []string{"CANARYWHY-" + other})
		}
	}
	// The ids last until the quiz changes, on every replica.
	again := newWorld(t).get("/api/quizzes/canary", "")
	want, err := json.Marshal(q.Items)
	w.must(err)
	again.into(t, &q)
	if got, err := json.Marshal(q.Items); err != nil || string(got) != string(want) {
		t.Errorf("another replica draws other ids: %s, %v", got, err)
	}
	// Who has the file but not the server's secret cannot compute them.
	other := newWorld(t, func(s *Server) { s.Secret = "another" }).get("/api/quizzes/canary", "")
	if strings.Contains(string(other.body), right) {
		t.Error("the ids do not depend on the server's secret")
	}
}
