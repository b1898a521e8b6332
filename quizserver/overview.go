package quizserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/xuri/excelize/v2"

	"sunnycampus/quizserver/store"
)

// coverage counts the class meetings of classes. What one class was held
// beyond its due makes up for no other class.
type coverage struct {
	Classes int `json:"classes"`
	Due     int `json:"due"`
	Held    int `json:"held"`
	Missing int `json:"missing"`
}

func (c coverage) plus(d coverage) coverage {
	return coverage{c.Classes + d.Classes, c.Due + d.Due, c.Held + d.Held, c.Missing + d.Missing}
}

// covered is the coverage of one class.
func covered(n store.ClassCount) coverage {
	return coverage{1, n.Due, n.Meetings, max(0, n.Due-n.Meetings)}
}

type classCoverage struct {
	ID string `json:"id"`
	coverage
	Name    string `json:"name"`
	Records int    `json:"records"`
}

type unitCoverage struct {
	ID string `json:"id"`
	coverage
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Meetings int    `json:"meetings"` // due in each class, of a school
	above    string
}

type formCount struct {
	Form    string `json:"form"`
	Records int    `json:"records"`
}

// overview is what was held in an organisation in a term.
type overview struct {
	at      store.Organisation
	above   []store.Organisation
	term    term
	total   coverage
	units   []unitCoverage     // right below an office
	schools []unitCoverage     // all below an office, by name
	classes []classCoverage    // of a school
	every   []store.ClassCount // of all schools below an office
	forms   []formCount        // each of the forms, also those never held
}

func (s *Server) overview(ctx context.Context, t tree, at store.Organisation, held term) (o overview, err error) {
	o = overview{at: at, term: held, units: []unitCoverage{}, classes: []classCoverage{}}
	if up := t.path(at.ID); len(up) > 1 {
		o.above = up[:len(up)-1]
	}
	below := t.schools(at)
	classes, forms, err := s.counts(ctx, below, held)
	if err != nil {
		return o, err
	}
	school := at.Kind == store.School
	bySchool, byForm := map[string]coverage{}, map[string]int{}
	for _, n := range classes {
		cover := covered(n)
		bySchool[n.Class.School] = bySchool[n.Class.School].plus(cover)
		if school {
			o.classes = append(o.classes, classCoverage{n.Class.ID, cover, n.Class.Name, n.Records})
		}
	}
	for _, n := range forms {
		byForm[n.Form] += n.Records
	}
	for _, form := range formNames {
		o.forms = append(o.forms, formCount{form.code, byForm[form.code]})
	}
	if school {
		o.total = bySchool[at.ID]
		return o, nil
	}
	o.every = classes
	for _, unit := range t.children(at.ID) {
		u := unitCoverage{ID: unit.ID, Kind: unit.Kind, Name: unit.Name, Meetings: unit.Meetings}
		for id := range t.schools(unit) {
			u.coverage = u.plus(bySchool[id])
		}
		o.units = append(o.units, u)
		o.total = o.total.plus(u.coverage)
	}
	for _, unit := range t.all {
		if below[unit.ID] {
			o.schools = append(o.schools, unitCoverage{unit.ID, bySchool[unit.ID], unit.Kind, unit.Name, unit.Meetings, t.known[unit.Parent].Name})
		}
	}
	return o, nil
}

// few schools are asked one by one: a county must not read the whole province.
const few = 200

// counts reads what the classes of these schools were held.
func (s *Server) counts(ctx context.Context, schools map[string]bool, held term) (classes []store.ClassCount, forms []store.FormCount, err error) {
	if len(schools) > few {
		classes, err = s.Store.AllClassCounts(ctx, held.year, held.half)
		if err == nil {
			forms, err = s.Store.AllFormCounts(ctx, held.year, held.half)
		}
		return slices.DeleteFunc(classes, func(n store.ClassCount) bool { return !schools[n.Class.School] }),
			slices.DeleteFunc(forms, func(n store.FormCount) bool { return !schools[n.School] }), err
	}
	for _, id := range slices.Sorted(maps.Keys(schools)) {
		some, err := s.Store.ClassCounts(ctx, id, held.year, held.half)
		if err != nil {
			return nil, nil, err
		}
		classes = append(classes, some...)
		someForms, err := s.Store.FormCounts(ctx, id, held.year, held.half)
		if err != nil {
			return nil, nil, err
		}
		forms = append(forms, someForms...)
	}
	return classes, forms, nil
}

// schools are the ids of all schools at and below an organisation.
func (t tree) schools(at store.Organisation) map[string]bool {
	found := map[string]bool{}
	open := []store.Organisation{at}
	for len(open) > 0 {
		next := open[len(open)-1]
		open = open[:len(open)-1]
		if next.Kind == store.School {
			found[next.ID] = true
		} else {
			open = append(open, t.children(next.ID)...)
		}
	}
	return found
}

func (s *Server) showOverview(c *gin.Context) error {
	t, at, held, err := s.asked(c)
	if err != nil {
		return err
	}
	o, err := s.overview(c.Request.Context(), t, at, held)
	if err != nil {
		return err
	}
	above := []shownClass{}
	if o.at.ID != "" && t.who.Organisation == "" && len(t.children("")) > 1 {
		above = append(above, shownClass{"", everything})
	}
	for _, up := range o.above {
		above = append(above, shownClass{up.ID, up.Name})
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"term": o.term.shown(), "terms": shownTerms(s.now()), "organisation": showOrganisation(o.at), "above": above,
		"total": o.total, "units": o.units, "classes": o.classes, "forms": o.forms,
		"who": t.who.Name, "may_file": t.mayFile(), "may_manage": t.mustManage() == nil})
	return nil
}

// formNames are the forms of front matter as people call them, in the order
// of lists: the province's seven, then moot court and cases.
var formNames = []struct{ code, name string }{
	{"class-meeting", "主题班会"}, {"competition", "知识竞赛"}, {"speech", "演讲"}, {"scenario", "情景设置"}, {"behaviour", "行为训练"},
	{"emotion", "情感体验"}, {"practice", "社会实践"}, {"moot-court", "模拟法庭"}, {"case", "以案释法"},
}

// formName is "" for what is no form.
func formName(code string) string {
	for _, form := range formNames {
		if form.code == code {
			return form.name
		}
	}
	return ""
}

// downloadOverview writes an overview as a workbook; that of a school has its
// records, too.
func (s *Server) downloadOverview(c *gin.Context) error {
	t, at, held, err := s.asked(c)
	if err != nil {
		return err
	}
	o, err := s.overview(c.Request.Context(), t, at, held)
	if err != nil {
		return err
	}
	var records []store.Record
	if at.Kind == store.School {
		if records, err = s.Store.Records(c.Request.Context(), at.ID, held.id()); err != nil {
			return err
		}
	}
	book := excelize.NewFile()
	defer book.Close()
	if err := fillOverview(book, o, records); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return sendBook(c, book, "overview-"+held.id()+".xlsx")
}

func fillOverview(book *excelize.File, o overview, records []store.Record) error {
	counts := func(c coverage) []any { return []any{c.Due, c.Held, c.Missing} }
	head := func(first ...any) []any { return append(first, "应开", "已开", "缺") }
	if o.at.Kind == store.School {
		rows := [][]any{append(head("班级"), "全部活动")}
		all := 0
		for _, k := range o.classes {
			rows = append(rows, append(append([]any{k.Name}, counts(k.coverage)...), k.Records))
			all += k.Records
		}
		rows = append(rows, append(append([]any{"合计"}, counts(o.total)...), all))
		ledger := [][]any{{"序号", "日期", "班级", "课题", "形式", "算主题班会", "分钟", "上了几步", "老师", "归档的账号", "归档日期", "备注"}}
		for i, r := range records {
			shown := showRecord(r, store.Account{})
			ledger = append(ledger, []any{i + 1, r.HeldOn, r.Class.Name, r.Title, formName(r.Form), yes(r.Meeting), r.Minutes, stepsHeld(r.Steps), r.Teacher,
				r.FiledBy, shown.FiledOn, remark(shown)})
		}
		return errors.Join(addSheet(book, "各班", rows, 18), addSheet(book, "督导台账", ledger, 14), fillForms(book, o), book.DeleteSheet("Sheet1"))
	}
	rows := [][]any{head("学校", "上级单位", "每班应开", "班级数")}
	names := map[string]unitCoverage{}
	for _, u := range o.schools {
		names[u.ID] = u
		rows = append(rows, append([]any{u.Name, u.above, u.Meetings, u.Classes}, counts(u.coverage)...))
	}
	rows = append(rows, append([]any{"合计", "", "", o.total.Classes}, counts(o.total)...))
	each := [][]any{append(head("学校", "上级单位", "班级"), "全部活动")}
	for _, n := range o.every {
		u := names[n.Class.School]
		each = append(each, append(append([]any{u.Name, u.above, n.Class.Name}, counts(covered(n))...), n.Records))
	}
	return errors.Join(addSheet(book, "各校", rows, 24), addSheet(book, "各班", each, 18), fillForms(book, o), book.DeleteSheet("Sheet1"))
}

// remark says what an inspector should know of how a record came to be.
func remark(r shownRecord) string {
	var out []string
	if r.Late {
		out = append(out, "补记")
	}
	if r.ChangedOn != "" {
		out = append(out, "更正于 "+r.ChangedOn)
	}
	return strings.Join(out, "，")
}

func fillForms(book *excelize.File, o overview) error {
	rows := [][]any{{"形式", "次数"}}
	for _, f := range o.forms {
		rows = append(rows, []any{formName(f.Form), f.Records})
	}
	return errors.Join(addSheet(book, "各种形式", rows, 14), addSheet(book, "说明", [][]any{
		{o.at.Name, o.term.name()},
		{"应开", "班级数乘以每班每学期应开的次数"},
		{"已开", "老师归档、算作主题班会的记录"},
		{"缺", "逐班算：一个班多开的，不抵别的班缺的"},
	}, 24))
}

func addSheet(book *excelize.File, name string, rows [][]any, width float64) error {
	if _, err := book.NewSheet(name); err != nil {
		return err
	}
	if err := writeRows(book, name, rows); err != nil {
		return err
	}
	last, err := excelize.ColumnNumberToName(len(rows[0]))
	if err != nil {
		return err
	}
	return book.SetColWidth(name, "A", last, width)
}

func yes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// stepsHeld tells how many steps were held, of a lesson that was projected.
func stepsHeld(steps []store.Step) string {
	if len(steps) == 0 {
		return ""
	}
	held := 0
	for _, step := range steps {
		if step.Held {
			held++
		}
	}
	return fmt.Sprintf("%d／%d", held, len(steps))
}
