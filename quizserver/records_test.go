package quizserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"gopkg.in/yaml.v3"

	"sunnycampus/quizserver/store"
)

// oneCookie is a jar that holds nothing else.
type oneCookie struct{ *http.Cookie }

func (j oneCookie) Cookies(*url.URL) []*http.Cookie     { return []*http.Cookie{j.Cookie} }
func (j oneCookie) SetCookies(*url.URL, []*http.Cookie) {}

// aFriday is in the first term of 2026—2027.
var aFriday = time.Date(2026, time.November, 27, 10, 0, 0, 0, time.Local)

func onFriday(s *Server) { s.Now = func() time.Time { return aFriday } }

func TestTerms(t *testing.T) {
	for day, want := range map[string]string{
		"2026-07-31": "2025-2", "2026-08-01": "2026-1", "2026-12-31": "2026-1", "2027-01-31": "2026-1", "2027-02-01": "2026-2", "2027-07-31": "2026-2",
	} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		got := termOf(at)
		from, to := got.days()
		if got.id() != want || at.Before(from) || at.After(to) {
			t.Errorf("%s is in %s (%v to %v), want %s", day, got.id(), from, to, want)
		}
		if again, err := parseTerm(got.id(), time.Time{}); err != nil || again != got {
			t.Errorf("%s reads as %v (%v)", got.id(), again, err)
		}
		if _, end := got.before().days(); end.AddDate(0, 0, 1) != from {
			t.Errorf("the term before %s ends on %v", got.id(), end)
		}
	}
	for _, id := range []string{"2026", "2026-3", "1026-1", "2026-1 ", "2026-1;DROP"} {
		if got, err := parseTerm(id, aFriday); err == nil {
			t.Errorf("%q reads as %v", id, got)
		}
	}
	if name := (term{2026, 2}).name(); name != "2026—2027 学年下学期" {
		t.Error(name)
	}
}

// The names of forms in a workbook are those of the site.
func TestFormNamesAreTheSites(t *testing.T) {
	raw, err := os.ReadFile("../themes/sunny/data/labels.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var labels struct {
		Forms []struct{ ID, Name string }
	}
	if err := yaml.Unmarshal(raw, &labels); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, form := range labels.Forms {
		want = append(want, form.ID+" "+form.Name)
	}
	for _, form := range formNames {
		got = append(got, form.code+" "+form.name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("forms (-site +workbook):\n%s", diff)
	}
}

// office is a world with a county of two schools; the first has two classes.
type office struct {
	*world
	county, first, second string
	classes               []shownClass // of the first
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{world: newWorld(t, onFriday)}
	o.as("县管理员", "admin", "")
	o.county = o.organisation("", "office", "甲县教育局")
	o.first = o.organisation(o.county, "school", "第一小学")
	o.second = o.organisation(o.county, "school", "第二中学")
	o.classes = o.setClasses(o.first, `{"id":"","name":"三年级1班"},{"id":"","name":"三年级2班"}`)
	return o
}

// as signs somebody in, of an organisation.
func (o *office) as(name, role, organisation string) {
	o.t.Helper()
	ctx, token := context.Background(), rand.Text()
	if _, err := o.server.Store.Account(ctx, name); err != nil {
		o.must(o.server.Store.CreateAccount(ctx, store.Account{Name: name, Role: role, Organisation: organisation}, 1))
	}
	o.must(o.server.Store.CreateSession(ctx, store.HashToken(token), name, 1, time.Now().Add(time.Hour).UnixMilli()))
	o.client.Jar = oneCookie{&http.Cookie{Name: sessionCookie, Value: token}}
}

func (o *office) organisation(parent, kind, name string) string {
	o.t.Helper()
	var made shownOrganisation
	o.ok(201, o.do("POST", "/api/staff/organisations", "", map[string]any{"parent": parent, "kind": kind, "name": name}), &made)
	if made.Meetings != 2 || made.Name != name {
		o.t.Errorf("made %+v", made)
	}
	return made.ID
}

type classesAnswer struct {
	Version  string
	Classes  []shownClass
	LastYear []string `json:"last_year"`
}

func (o *office) setClasses(school, list string) []shownClass {
	o.t.Helper()
	path := "/api/staff/organisations/" + school + "/classes?year=2026"
	var now classesAnswer
	o.ok(200, o.get(path, ""), &now)
	o.ok(200, o.do("PUT", path, "", `{"version":"`+now.Version+`","classes":[`+list+`]}`), &now)
	return now.Classes
}

// record is a good one; change it by name.
func (o *office) record(change map[string]any) map[string]any {
	r := map[string]any{"class": o.classes[0].ID, "held_on": "2026-11-27", "lesson": "/lessons/four-points/", "title": " 欺凌的四个要点 ", "form": "class-meeting",
		"meeting": true, "minutes": 40, "teacher": "王老师",
		"steps": []any{map[string]any{"title": "三件事", "planned": 4, "used": 5, "held": true}, map[string]any{"title": "公约", "planned": 6, "used": 0, "held": false}}}
	maps.Copy(r, change)
	return r
}

const firstID = "ABCDEFGHIJKLMNOPQRSTU1"

func (o *office) file(id string, change map[string]any) reply {
	o.t.Helper()
	return o.do("PUT", "/api/staff/records/"+id, "", o.record(change))
}

type overviewAnswer struct {
	Term         shownTerm
	Organisation shownOrganisation
	Above        []shownClass
	Total        coverage
	Units        []struct {
		Name string
		coverage
	}
	Classes []struct {
		Name    string
		Records int
		coverage
	}
	Forms []formCount
}

func (o *office) overview(query string) overviewAnswer {
	o.t.Helper()
	var got overviewAnswer
	o.ok(200, o.get("/api/staff/overview"+query, ""), &got)
	return got
}

// TestTeacherFilesALesson files one as the projected page hands it over, twice
// because the first answer was lost, corrects it and takes it back.
func TestTeacherFilesALesson(t *testing.T) {
	o := newOffice(t)
	o.as("王老师", "teacher", o.first)
	var r shownRecord
	o.ok(200, o.file(firstID, nil), &r)
	o.ok(200, o.file(firstID, nil), &r)
	if r.Title != "欺凌的四个要点" || r.Term != "2026-1" || r.Class.Name != "三年级1班" || r.FiledBy != "王老师" || !r.MayChange || r.Late || len(r.Steps) != 2 || r.FiledOn != "2026-11-27" {
		t.Errorf("filed as %+v", r)
	}
	got := o.overview("")
	if got.Organisation.Name != "第一小学" || got.Total != (coverage{2, 4, 1, 3}) || len(got.Above) != 0 {
		t.Errorf("overview: %+v", got)
	}
	if got.Classes[0].coverage != (coverage{1, 2, 1, 1}) || got.Classes[1].coverage != (coverage{1, 2, 0, 2}) {
		t.Errorf("classes: %+v", got.Classes)
	}
	if got.Forms[0] != (formCount{"class-meeting", 1}) || len(got.Forms) != 9 {
		t.Errorf("forms: %+v", got.Forms)
	}

	// A quiz of ten minutes is an activity, no class meeting.
	o.ok(200, o.file(firstID, map[string]any{"meeting": false, "form": "competition", "minutes": 10, "steps": []any{}}), &r)
	if got := o.overview(""); got.Total.Held != 0 || got.Classes[0].Records != 1 {
		t.Errorf("a quiz counts as a class meeting: %+v", got)
	}
	var list struct{ Records []shownRecord }
	o.ok(200, o.get("/api/staff/records", ""), &list)
	if len(list.Records) != 1 || list.Records[0].Form != "competition" || list.Records[0].Steps == nil {
		t.Errorf("records: %+v", list.Records)
	}
	o.ok(204, o.do("DELETE", "/api/staff/records/"+firstID, "", nil), nil)
	o.ok(404, o.do("DELETE", "/api/staff/records/"+firstID, "", nil), nil)
}

func TestLateRecordSaysSo(t *testing.T) {
	o := newOffice(t)
	for held, want := range map[string]bool{"2026-11-27": false, "2026-11-20": false, "2026-11-19": true, "2026-09-01": true} {
		var r shownRecord
		if o.ok(200, o.file(firstID, map[string]any{"held_on": held}), &r); r.Late != want {
			t.Errorf("held on %s: late is %v", held, r.Late)
		}
	}
}

// More than its due in one class does not make up for another.
func TestExtraMeetingsFillNoOthersGap(t *testing.T) {
	o := newOffice(t)
	for i := range 5 {
		o.ok(200, o.file(fmt.Sprintf("%s%d", firstID, i), nil), nil)
	}
	if got := o.overview("?organisation=" + o.first).Total; got != (coverage{2, 4, 5, 2}) {
		t.Errorf("total %+v", got)
	}
	// The county sees its schools, and all of them together.
	o.setClasses(o.second, `{"id":"","name":"七年级1班"}`)
	got := o.overview("")
	if got.Organisation.Name != "甲县教育局" || got.Total != (coverage{3, 6, 5, 4}) || len(got.Units) != 2 {
		t.Errorf("county: %+v", got)
	}
	if down := o.overview("?organisation=" + o.first); len(down.Above) != 1 || down.Above[0].Name != "甲县教育局" {
		t.Errorf("above the school: %+v", down.Above)
	}
	if before := o.overview("?term=2025-2"); before.Total != (coverage{}) || before.Term.Name != "2025—2026 学年下学期" {
		t.Errorf("a term before: %+v", before)
	}
}

// TestWhoSeesAndFilesWhat: of one's own organisation and below, no more.
func TestWhoSeesAndFilesWhat(t *testing.T) {
	o := newOffice(t)
	theirs := o.setClasses(o.second, `{"id":"","name":"七年级1班"}`)[0].ID
	o.as("王老师", "teacher", o.first)
	var r shownRecord
	o.ok(200, o.file(firstID, nil), &r)

	o.ok(404, o.file(firstID+"X", map[string]any{"class": theirs}), nil)
	o.ok(404, o.get("/api/staff/overview?organisation="+o.second, ""), nil)
	o.ok(404, o.get("/api/staff/overview?organisation="+o.county, ""), nil)
	o.ok(404, o.get("/api/staff/records?organisation="+o.second, ""), nil)
	o.ok(404, o.get("/api/staff/overview.xlsx?organisation="+o.second, ""), nil)
	o.ok(404, o.get("/api/staff/organisations/"+o.second+"/classes?year=2026", ""), nil)
	for _, set := range []struct{ method, path, body string }{
		{"POST", "/api/staff/organisations", `{"parent":"","kind":"school","name":"新校"}`},
		{"PUT", "/api/staff/organisations/" + o.first, `{"name":"新名","meetings":0}`},
		{"DELETE", "/api/staff/organisations/" + o.first, ""},
		{"PUT", "/api/staff/organisations/" + o.first + "/classes?year=2026", `{"version":"","classes":[]}`},
	} {
		o.ok(403, o.do(set.method, set.path, "", set.body), nil)
	}

	o.as("李老师", "teacher", o.first) // a colleague
	o.ok(403, o.file(firstID, map[string]any{"minutes": 1}), nil)
	o.ok(403, o.do("DELETE", "/api/staff/records/"+firstID, "", nil), nil)
	var list struct{ Records []shownRecord }
	if o.ok(200, o.get("/api/staff/records", ""), &list); len(list.Records) != 1 || list.Records[0].MayChange {
		t.Errorf("a colleague sees %+v", list.Records)
	}
	o.as("二中管理员", "admin", o.second)
	o.ok(403, o.file(firstID, map[string]any{"class": theirs}), nil) // takes over another school's record
	o.ok(403, o.do("DELETE", "/api/staff/records/"+firstID, "", nil), nil)
	o.ok(404, o.do("PUT", "/api/staff/organisations/"+o.first, "", `{"name":"新名","meetings":0}`), nil)
	o.ok(403, o.do("POST", "/api/staff/organisations", "", `{"parent":"","kind":"school","name":"新校"}`), nil)
	o.ok(404, o.do("POST", "/api/staff/organisations", "", `{"parent":"`+o.county+`","kind":"school","name":"新校"}`), nil)
	var seen struct{ Organisations []shownOrganisation }
	if o.ok(200, o.get("/api/staff/organisations", ""), &seen); len(seen.Organisations) != 1 || seen.Organisations[0].ID != o.second {
		t.Errorf("a school sees %+v", seen.Organisations)
	}
	for _, path := range []string{"backup", "card", "tasks"} { // of the whole site
		o.ok(403, o.get("/api/staff/"+path, ""), nil)
	}
	o.as("一小管理员", "admin", o.first)
	o.ok(403, o.do("PUT", "/api/staff/organisations/"+o.first, "", `{"name":"第一小学","meetings":0}`), nil) // the county says how many
	o.ok(200, o.do("PUT", "/api/staff/organisations/"+o.first, "", `{"name":"第一小学","meetings":2}`), nil)
	o.ok(409, o.file(firstID, map[string]any{"minutes": 35}), nil) // not seen
	was := r.ChangedAt
	if o.ok(200, o.file(firstID, map[string]any{"minutes": 35, "seen": was}), &r); r.ChangedOn != "2026-11-27" || r.FiledBy != "王老师" || r.Minutes != 35 {
		t.Errorf("corrected by the school's administrator: %+v", r)
	}

	o.ok(409, o.file(firstID, map[string]any{"minutes": 30, "seen": was}), nil) // corrected meanwhile
	o.as("督导", "reviewer", o.county)                                            // looks, and files nothing
	o.ok(403, o.file(firstID, nil), nil)
	if got := o.overview(""); got.Total.Held != 1 {
		t.Errorf("the county sees %+v", got.Total)
	}
	o.as("前任", "teacher", "gone")
	if got := o.overview(""); got.Total != (coverage{}) || len(got.Units) != 0 {
		t.Errorf("an account of no organisation sees %+v", got)
	}
	o.client.Jar = nil
	for _, path := range []string{"overview", "overview.xlsx", "records", "organisations", "organisations/" + o.first + "/classes?year=2026"} {
		o.ok(401, o.get("/api/staff/"+path, ""), nil)
	}
	o.ok(401, o.file(firstID, nil), nil)
}

func TestBadRecordsAreRefused(t *testing.T) {
	o := newOffice(t)
	steps := func(n int, step string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(step+",", n), ",") + "]"
	}
	step := `{"title":"一步","planned":1,"used":1,"held":true}`
	for name, change := range map[string]map[string]any{
		"no class":          {"class": ""},
		"no day":            {"held_on": ""},
		"no such day":       {"held_on": "2026-02-30"},
		"a day to come":     {"held_on": "2026-11-29"},
		"another year":      {"held_on": "2026-05-01"},
		"long ago":          {"held_on": "1999-11-27"},
		"no title":          {"title": "  "},
		"a long title":      {"title": strings.Repeat("长", 81)},
		"a broken title":    {"title": "一行\n两行"},
		"no form":           {"form": ""},
		"unknown form":      {"form": "lecture"},
		"no time":           {"minutes": 0},
		"a whole day":       {"minutes": 241},
		"nobody":            {"teacher": ""},
		"nobody to be seen": {"teacher": "\u200b"},
		"another host":      {"lesson": "https://example.com/"},
		"a script":          {"lesson": "/lessons/\"><script>/"},
		"too many steps":    {"steps": json.RawMessage(steps(41, step))},
		"a step of nobody":  {"steps": json.RawMessage(steps(1, `{"title":"","planned":1,"used":1,"held":true}`))},
		"a step for ever":   {"steps": json.RawMessage(steps(1, `{"title":"一步","planned":1,"used":1441,"held":true}`))},
		"what is unknown":   {"pupil": "张三"},
	} {
		r := o.file(firstID, change)
		if r.status != 400 && !(name == "no class" && r.status == 404) {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
		if r.detail() == "" {
			t.Errorf("%s: no sentence: %s", name, r.body)
		}
	}
	for _, id := range []string{"short", strings.Repeat("A", 41), "ABCDEFGHIJKLMNOPQRST-_"} {
		o.ok(400, o.file(id, nil), nil)
	}
	o.ok(400, o.get("/api/staff/overview?term=2026", ""), nil)
	o.ok(400, o.get("/api/staff/records?organisation="+o.county, ""), nil)
	if got := o.overview(""); got.Total.Held != 0 {
		t.Errorf("something bad was filed: %+v", got.Total)
	}
	o.ok(200, o.file(firstID, map[string]any{"held_on": "2026-11-28"}), nil) // a school further east
	o.ok(200, o.file(firstID, map[string]any{"lesson": "/lessons/我的_课.1/"}), nil)
}

func TestClassesAreSetUp(t *testing.T) {
	o := newOffice(t)
	path := "/api/staff/organisations/" + o.first + "/classes?year="
	var now classesAnswer
	o.ok(200, o.get(path+"2027", ""), &now)
	if len(now.Classes) != 0 || !slices.Equal(now.LastYear, []string{"三年级1班", "三年级2班"}) {
		t.Errorf("next year starts with %+v", now)
	}
	o.ok(200, o.get(path+"2026", ""), &now)
	put := func(version, list string) reply {
		t.Helper()
		return o.do("PUT", path+"2026", "", `{"version":"`+version+`","classes":[`+list+`]}`)
	}
	kept := fmt.Sprintf(`{"id":"%s","name":"三（1）班"}`, now.Classes[0].ID)
	for name, list := range map[string]string{
		"no name":     `{"id":"","name":" "}`,
		"a long name": `{"id":"","name":"` + strings.Repeat("班", 31) + `"}`,
		"twins":       `{"id":"","name":"一班"},{"id":"","name":" 一班"}`,
		"one twice":   kept + "," + strings.Replace(kept, "三（1）班", "另一个", 1),
		"too many":    strings.TrimSuffix(strings.Repeat(`{"id":"","name":"一班"},`, 201), ","),
	} {
		if r := put(now.Version, list); r.status != 400 || r.detail() == "" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	o.ok(409, put("old", kept), nil)
	o.ok(409, put(now.Version, `{"id":"nowhere","name":"一班"}`), nil)
	before := now.Classes[0].ID
	o.ok(200, put(now.Version, kept), &now)
	if len(now.Classes) != 1 || now.Classes[0] != (shownClass{before, "三（1）班"}) {
		t.Errorf("set to %+v", now.Classes)
	}
	o.ok(200, o.file(firstID, nil), nil)
	if r := o.ok(409, put(now.Version, ""), nil); !strings.Contains(r.detail(), "三（1）班 已经有 1 条上课记录") {
		t.Errorf("the class with a record: %s", r.detail())
	}
	// In March it is dissolved: it owes nothing more, and the first term stays.
	o.server.Now = func() time.Time { return aFriday.AddDate(0, 4, 0) }
	o.ok(200, put(now.Version, ""), &now)
	if first, second := o.overview("?term=2026-1&organisation="+o.first).Total, o.overview("?organisation="+o.first).Total; first != (coverage{1, 2, 1, 1}) || second != (coverage{}) {
		t.Errorf("after it was dissolved: %+v, %+v", first, second)
	}
	onFriday(o.server)
	for _, bad := range []string{"", "x", "1990", "2030"} {
		o.ok(400, o.get(path+bad, ""), nil)
	}
	o.ok(400, o.get("/api/staff/organisations/"+o.county+"/classes?year=2026", ""), nil)

	for body, want := range map[string]int{
		`{"parent":"","kind":"school","name":""}`:                     400,
		`{"parent":"","kind":"company","name":"某校"}`:                  400,
		`{"parent":"","kind":"school","name":"某校","meetings":21}`:     400,
		`{"parent":"nowhere","kind":"school","name":"某校"}`:            404,
		`{"parent":"` + o.county + `","kind":"school","name":"第一小学"}`: 409,
	} {
		o.ok(want, o.do("POST", "/api/staff/organisations", "", body), nil)
	}
	var changed shownOrganisation
	o.ok(200, o.do("PUT", "/api/staff/organisations/"+o.first, "", `{"name":" 实验小学 ","meetings":4}`), &changed)
	if changed.Name != "实验小学" || o.overview("?organisation="+o.first).Total.Due != 4 {
		t.Errorf("changed to %+v", changed)
	}
	o.ok(400, o.do("PUT", "/api/staff/organisations/"+o.first, "", `{"name":"实验小学","meetings":-1}`), nil)
	o.ok(400, o.do("PUT", "/api/staff/organisations/"+o.first, "", `{"name":"实验小学"}`), nil)
	o.ok(409, o.do("DELETE", "/api/staff/organisations/"+o.first, "", nil), nil)
	o.ok(204, o.do("DELETE", "/api/staff/organisations/"+o.second, "", nil), nil)
	o.ok(404, o.do("DELETE", "/api/staff/organisations/"+o.second, "", nil), nil)
}

// TestOverviewAsWorkbook reads the sheets as Excel would.
func TestOverviewAsWorkbook(t *testing.T) {
	o := newOffice(t)
	o.ok(200, o.file(firstID, nil), nil)
	o.ok(200, o.file(firstID+"2", map[string]any{"held_on": "2026-09-04", "title": `=HYPERLINK("http://x")`, "lesson": "", "steps": []any{}, "meeting": false, "form": "speech"}), nil)
	sheets := func(query string) map[string][][]string {
		t.Helper()
		return o.sheets(o.ok(200, o.get("/api/staff/overview.xlsx"+query, ""), nil).body)
	}
	got := sheets("?organisation=" + o.first)
	if diff := cmp.Diff([][]string{{"班级", "应开", "已开", "缺", "全部活动"}, {"三年级1班", "2", "1", "1", "2"}, {"三年级2班", "2", "0", "2", "0"}, {"合计", "4", "1", "3", "2"}},
		got["各班"]); diff != "" {
		t.Errorf("classes:\n%s", diff)
	}
	if diff := cmp.Diff([][]string{
		{"序号", "日期", "班级", "课题", "形式", "算主题班会", "分钟", "上了几步", "老师", "归档的账号", "归档日期", "备注"},
		{"1", "2026-09-04", "三年级1班", `=HYPERLINK("http://x")`, "演讲", "否", "40", "", "王老师", "县管理员", "2026-11-27", "补记"},
		{"2", "2026-11-27", "三年级1班", "欺凌的四个要点", "主题班会", "是", "40", "1／2", "王老师", "县管理员", "2026-11-27"},
	}, got["督导台账"]); diff != "" {
		t.Errorf("ledger:\n%s", diff)
	}
	book, err := excelize.OpenReader(bytes.NewReader(o.get("/api/staff/overview.xlsx?organisation="+o.first, "").body))
	o.must(err)
	if formula, err := book.GetCellFormula("督导台账", "D2"); err != nil || formula != "" {
		t.Errorf("what a teacher typed is a formula: %s (%v)", formula, err)
	}
	o.must(book.Close())
	if len(got["各种形式"]) != 10 || got["Sheet1"] != nil {
		t.Errorf("sheets: %v", slices.Collect(maps.Keys(got)))
	}
	got = sheets("")
	if diff := cmp.Diff([][]string{{"学校", "上级单位", "每班应开", "班级数", "应开", "已开", "缺"}, {"第一小学", "甲县教育局", "2", "2", "4", "1", "3"}, {"第二中学", "甲县教育局", "2", "0", "0", "0", "0"},
		{"合计", "", "", "2", "4", "1", "3"}}, got["各校"]); diff != "" {
		t.Errorf("schools:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"第一小学", "甲县教育局", "三年级1班", "2", "1", "1", "2"}, got["各班"][1]); diff != "" || len(got["各班"]) != 3 {
		t.Errorf("classes of the county:\n%s", diff)
	}
}

// sheets reads a workbook as Excel would.
func (w *world) sheets(body []byte) map[string][][]string {
	w.t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(body))
	w.must(err)
	all := map[string][][]string{}
	for _, name := range book.GetSheetList() {
		all[name], err = book.GetRows(name)
		w.must(err)
	}
	w.must(book.Close())
	return all
}
