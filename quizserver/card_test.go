package quizserver

import (
	"context"
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
	w.server.Site.Builder.Card = Card(w.server.Store)
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
}

func TestCardRefusesWhatWouldMislead(t *testing.T) {
	w := newWorld(t)
	w.server.Site.Builder.Card = Card(w.server.Store)
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
	if stored, err := w.server.Store.StoredSetting(context.Background(), cardSetting); stored != "" || err != nil {
		t.Errorf("stored %q, %v", stored, err)
	}
}

func TestWhoMayEditTheCard(t *testing.T) {
	w := newWorld(t)
	w.server.Site.Builder.Card = Card(w.server.Store)
	for role, want := range map[string]int{"admin": 200, "publisher": 200, "author": 403, "teacher": 403} {
		w.signIn(role, time.Now().Add(time.Hour))
		w.ok(want, w.get("/api/staff/card", ""), nil)
		w.ok(want, w.do("PUT", "/api/staff/card", "", goodCard), nil)
	}
	w.client.Jar = nil // now there are accounts, so being local is not enough
	w.ok(401, w.get("/api/staff/card", ""), nil)
	w.ok(401, w.do("PUT", "/api/staff/card", "", goodCard), nil)
}

// TestCardFollowsTheDatabase: what another replica stored is noticed.
func TestCardFollowsTheDatabase(t *testing.T) {
	w := newWorld(t)
	w.server.Site.Builder.Card = Card(w.server.Store)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	before := w.server.Site.Release().SourceHash
	watching := make(chan struct{})
	go func() { defer close(watching); w.server.Site.Watch(ctx, time.Millisecond) }()
	w.must(w.server.Store.StoreSetting(context.Background(), cardSetting, `{"school":"别处填的"}`))
	for deadline := time.Now().Add(patience); w.server.Site.Release().SourceHash == before; {
		if time.Now().After(deadline) {
			t.Fatal("nobody noticed the stored card")
		}
		runtime.Gosched()
	}
	cancel()
	<-watching
}

// TestBrokenContentKeepsTheCard: a page that cannot be built must not lose
// what somebody typed.
func TestBrokenContentKeepsTheCard(t *testing.T) {
	w := newWorld(t)
	w.server.Site.Builder.Card = Card(w.server.Store)
	w.must(os.WriteFile(filepath.Join(w.source, "content", "help", "_index.md"), []byte("no front matter"), 0o644))
	r := w.ok(503, w.do("PUT", "/api/staff/card", "", goodCard), nil)
	if !strings.Contains(string(r.body), "已经保存") {
		t.Errorf("the answer hides that the card is kept: %s", r.body)
	}
	if card, err := Card(w.server.Store)(context.Background()); err != nil || card == nil || card.School != "实验小学" {
		t.Errorf("kept %+v, %v", card, err)
	}
}

// TestTasksComeWithTheCalendar: what falls due is a task, and breaks nothing.
func TestTasksComeWithTheCalendar(t *testing.T) {
	w := newWorld(t)
	w.server.Site.Builder.Card = Card(w.server.Store)
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
	if got := codes(); !slices.Equal(got, []string{"card-due", "law-recheck", "review-due"}) {
		t.Errorf("later: %q", got)
	}
	if err := w.server.Site.Rebuild(context.Background()); err != nil {
		t.Errorf("a day in the calendar broke the build: %v", err)
	}
	w.signIn("teacher", time.Now().Add(time.Hour))
	w.ok(403, w.get("/api/staff/tasks", ""), nil)
}
