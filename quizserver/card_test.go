package quizserver

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sunnycampus/quizserver/site"
)

const goodCard = `{"school":" 实验小学 ","county":"甲县","checked_on":"2026-11-02","lines":[
	{"role":"county-office","name":"安全科","place":"","phone":"0451—1234 5678","hours":"工作日"},
	{"role":"counsellor","name":"","place":"","phone":"","hours":""},
	{"role":"school-line","name":"","place":"教学楼一楼","phone":"（0451）12345678转801","hours":""}]}`

// TestCardIsShownWhenSaved fills in the card on a machine without accounts.
func TestCardIsShownWhenSaved(t *testing.T) {
	w := newWorld(t)
	var card site.ContactCard
	if w.ok(200, w.get("/api/staff/card", ""), &card); card.School != "" || len(card.Lines) != 0 {
		t.Errorf("an empty card reads %+v", card)
	}
	before := w.server.Site.Release().SourceHash
	w.ok(200, w.do("PUT", "/api/staff/card", "", goodCard), &card)
	if card.School != "实验小学" || len(card.Lines) != 2 || card.Lines[0].Role != "school-line" {
		t.Errorf("saved as %+v", card)
	}
	if l := card.Lines[0]; l.Phone != "0451-12345678转801" || l.Tel != "045112345678" {
		t.Errorf("number saved as %q, dialled as %q", l.Phone, l.Tel)
	}
	if l := card.Lines[1]; l.Phone != "0451-1234 5678" || l.Tel != "045112345678" {
		t.Errorf("number saved as %q, dialled as %q", l.Phone, l.Tel)
	}
	if after := w.server.Site.Release().SourceHash; after == before {
		t.Error("the site was not built with the card")
	}
	var again site.ContactCard
	if w.ok(200, w.get("/api/staff/card", ""), &again); again.County != "甲县" {
		t.Errorf("read back as %+v", again)
	}
	number := w.server.Site.Release().Number
	w.ok(200, w.do("PUT", "/api/staff/card", "", goodCard), nil)
	if w.server.Site.Release().Number != number {
		t.Error("the same card was built twice")
	}
	w.ok(204, w.do("DELETE", "/api/staff/card", "", nil), nil)
	if w.server.Site.Release().SourceHash != before {
		t.Error("the card is still shown after it was taken back")
	}
}

// TestCardOfTheContent: card.yaml is shown, filled into the form, and stands
// behind the card of the form. One that check refuses stops the build.
func TestCardOfTheContent(t *testing.T) {
	w := newWorld(t)
	file := func(body string) { w.write("content/data/card.yaml", body) }
	file("school: 二中\nchecked_on: \"2020-01-01\"\nlines:\n  - {role: school-line, phone: \"0451-1234567\"}\n")
	w.must(w.server.Site.Update(context.Background()))
	var card site.ContactCard
	if w.ok(200, w.get("/api/staff/card", ""), &card); card.School != "二中" || card.Lines[0].Tel != "04511234567" {
		t.Errorf("the form starts with %+v", card)
	}
	var got struct{ Tasks []task }
	if w.ok(200, w.get("/api/staff/tasks", ""), &got); len(got.Tasks) != 1 || got.Tasks[0].Code != "card-due" {
		t.Errorf("tasks: %+v", got.Tasks)
	}
	number := w.server.Site.Release().Number
	for name, body := range map[string]string{
		"words for a number": "school: 二中\nchecked_on: \"2020-01-01\"\nlines:\n  - {role: school-line, phone: 问班主任}\n",
		"no day":             "school: 二中\nlines:\n  - {role: school-line, phone: \"0451-1234567\"}\n",
		"unknown role":       "school: 二中\nchecked_on: \"2020-01-01\"\nlines:\n  - {role: mayor, phone: \"0451-1234567\"}\n",
		"unknown key":        "school: 二中\nfone: 1\n",
		"a list":             "- 二中\n",
		"empty":              "",
		"not UTF-8":          "school: \xb6\xfe\xd6\xd0\n",
	} {
		file(body)
		var broken *site.BuildError
		if err := w.server.Site.Update(context.Background()); !errors.As(err, &broken) || broken.Problems[0].Path != "content/data/card.yaml" {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "site.") || strings.Contains(err.Error(), "cannot unmarshal") {
			t.Errorf("%s: Go speaks: %v", name, err)
		}
	}
	if w.server.Site.Release().Number != number {
		t.Error("a refused card was published")
	}
	w.ok(200, w.do("PUT", "/api/staff/card", "", goodCard), nil)
	if w.server.Site.Release().Number == number {
		t.Error("the card of the form waits for that of the file")
	}
	w.must(w.server.Store.StoreSetting(context.Background(), cardSetting, `{"lines":"x"}`))
	file("school: 三中\nchecked_on: \"2020-01-01\"\nlines:\n  - {role: school-line, phone: \"0451-1234567\"}\n")
	if w.ok(200, w.get("/api/staff/card", ""), &card); card.School != "三中" {
		t.Errorf("with an unreadable stored card the form starts with %+v", card)
	}
}

func TestCardRefusesWhatWouldMislead(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string][2]string{
		"no school and no county": {`"school":" 实验小学 ","county":"甲县"`, `"school":"","county":" "`},
		"no day":                  {"2026-11-02", ""},
		"a day to come":           {"2026-11-02", time.Now().AddDate(0, 0, 3).Format(time.DateOnly)},
		"unknown role":            {"county-office", "mayor"},
		"role twice":              {"county-office", "school-line"},
		"other without a name":    {`"county-office","name":"安全科"`, `"other","name":""`},
		"letters for a number":    {"（0451）12345678转801", "call me"},
		"a number too short":      {"（0451）12345678转801", "11"},
		"two numbers":             {"（0451）12345678转801", "0451-12345678/0451-87654321"},
		"two numbers in a row":    {"（0451）12345678转801", "12345678 87654321"},
		"a mobile and more":       {"（0451）12345678转801", "13800001111 139"},
		"no number at all":        {"（0451）12345678转801", "+-0"},
		"a nought after 86":       {"（0451）12345678转801", "+860451-12345678"},
		"nowhere to go":           {`"place":"教学楼一楼","phone":"（0451）12345678转801","hours":""`, `"place":"","phone":"","hours":"工作日"`},
		"too long":                {"教学楼一楼", strings.Repeat("楼", 41)},
		"a line break":            {"教学楼一楼", `教学楼\n一楼`},
		"text that is a tag":      {`"phone":"0451—1234 5678"`, `"phone":"<b>1</b>"`},
	} {
		body := strings.Replace(goodCard, change[0], change[1], 1)
		if body == goodCard {
			t.Fatalf("%s: nothing to change", name)
		}
		w.ok(400, w.do("PUT", "/api/staff/card", "", body), nil)
	}
	w.ok(400, w.do("PUT", "/api/staff/card", "", `{"school":"实验小学","county":"","checked_on":"2026-11-02","lines":[]}`), nil)
	many := strings.TrimSuffix(strings.Repeat(`{"role":"other","name":"老师","place":"一楼","phone":"","hours":""},`, 9), ",")
	w.ok(400, w.do("PUT", "/api/staff/card", "", `{"school":"实验小学","county":"","checked_on":"2026-11-02","lines":[`+many+`]}`), nil)
	if stored, err := w.server.Store.StoredSetting(context.Background(), cardSetting); stored != "" || err != nil {
		t.Errorf("stored %q, %v", stored, err)
	}
}

func TestWhoMayEditTheCard(t *testing.T) {
	w := newWorld(t)
	// No account yet: only who sits at the machine.
	for name, change := range map[string]func(*http.Request){
		"another machine": func(r *http.Request) { r.RemoteAddr = "192.168.1.20:4000" },
		"a proxy":         func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.168.1.20") },
		"a foreign name":  func(r *http.Request) { r.Host = "evil.example" },
	} {
		for _, ask := range [][2]string{{"GET", "/api/staff/card"}, {"PUT", "/api/staff/card"}, {"DELETE", "/api/staff/card"}, {"GET", "/api/staff/tasks"}} {
			req := httptest.NewRequest(ask[0], ask[1], strings.NewReader(goodCard))
			req.RemoteAddr, req.Host = "127.0.0.1:4000", "127.0.0.1:8080"
			change(req)
			rec := httptest.NewRecorder()
			if w.handler.ServeHTTP(rec, req); rec.Code != 401 {
				t.Errorf("%s: %s %s: %d, want 401", name, ask[0], ask[1], rec.Code)
			}
		}
	}
	for role, want := range map[string]int{"admin": 200, "publisher": 200, "author": 403, "teacher": 403} {
		w.signIn(role, time.Now().Add(time.Hour))
		w.ok(want, w.get("/api/staff/card", ""), nil)
		w.ok(want, w.do("PUT", "/api/staff/card", "", goodCard), nil)
	}
	w.client.Jar = nil // now there are accounts, so being local is not enough
	w.ok(401, w.get("/api/staff/card", ""), nil)
	w.ok(401, w.do("PUT", "/api/staff/card", "", goodCard), nil)
}

// TestCardFollowsTheDatabase: what another replica stored is noticed, again
// and again.
func TestCardFollowsTheDatabase(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watching := make(chan struct{})
	go func() { defer close(watching); w.server.Site.Watch(ctx, time.Millisecond) }()
	for _, school := range []string{"一中", "二中", "三中"} {
		before := w.server.Site.Release().SourceHash
		w.must(w.server.Store.StoreSetting(context.Background(), cardSetting, `{"school":"`+school+`"}`))
		for deadline := time.Now().Add(patience); w.server.Site.Release().SourceHash == before; {
			if time.Now().After(deadline) {
				t.Fatalf("nobody noticed the card of %s", school)
			}
			runtime.Gosched()
		}
	}
	cancel()
	<-watching
}

// TestBrokenContentKeepsTheCard: a page that cannot be built must not lose
// what somebody typed.
func TestBrokenContentKeepsTheCard(t *testing.T) {
	w := newWorld(t)
	w.must(os.WriteFile(filepath.Join(w.source, "content", "help", "_index.md"), []byte("no front matter"), 0o644))
	r := w.ok(503, w.do("PUT", "/api/staff/card", "", goodCard), nil)
	if !strings.Contains(string(r.body), "已经保存") {
		t.Errorf("the answer hides that the card is kept: %s", r.body)
	}
	if card, err := Card(w.server.Store, w.server.Log)(context.Background()); err != nil || card == nil || card.School != "实验小学" {
		t.Errorf("kept %+v, %v", card, err)
	}
}

// TestTasksComeWithTheCalendar: what falls due is a task, and breaks nothing.
func TestTasksComeWithTheCalendar(t *testing.T) {
	w := newWorld(t)
	codes := func() (codes []string) {
		var got struct{ Tasks []task }
		w.ok(200, w.get("/api/staff/tasks", ""), &got)
		for _, one := range got.Tasks {
			codes = append(codes, one.Code)
		}
		return codes
	}
	if got := codes(); !slices.Equal(got, []string{"card-missing"}) {
		t.Errorf("at set-up: %q", got)
	}
	w.must(w.server.Store.StoreSetting(context.Background(), cardSetting, `{"school":"一中","checked_on":"2020-01-01"}`))
	laws := filepath.Join(w.source, "content", "data", "laws.yaml")
	text, err := os.ReadFile(laws)
	w.must(err)
	w.must(os.WriteFile(laws, []byte(strings.Replace(string(text), `recheck_by: "2027-06-03"`, `recheck_by: "2026-06-04"`, 1)), 0o644))
	w.write("content/guide/old.md", "---\ntitle: 旧\nsummary: 旧页。\naudience: [all]\nreview_by: 2020-01-01\n---\n字。\n")
	if err := w.server.Site.Rebuild(context.Background()); err != nil {
		t.Errorf("a day in the calendar broke the build: %v", err)
	}
	if got := codes(); !slices.Equal(got, []string{"card-due", "law-recheck", "review-due"}) {
		t.Errorf("later: %q", got)
	}
	w.signIn("teacher", time.Now().Add(time.Hour))
	w.ok(403, w.get("/api/staff/tasks", ""), nil)
}
