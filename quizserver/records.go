package quizserver

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

func (s *Server) routeRecords(r *gin.Engine) {
	staff := r.Group("/api/staff")
	staff.GET("/organisations", s.handle(s.listOrganisations))
	staff.POST("/organisations", s.handle(s.createOrganisation))
	staff.PUT("/organisations/:id", s.handle(s.changeOrganisation))
	staff.DELETE("/organisations/:id", s.handle(s.deleteOrganisation))
	staff.GET("/organisations/:id/classes", s.handle(s.listClasses))
	staff.PUT("/organisations/:id/classes", s.handle(s.replaceClasses))
	staff.GET("/overview", s.handle(s.showOverview))
	staff.GET("/overview.xlsx", s.handle(s.downloadOverview))
	staff.GET("/records", s.handle(s.listRecords))
	staff.PUT("/records/:id", s.handle(s.saveRecord))
	staff.DELETE("/records/:id", s.handle(s.deleteRecord))
}

const (
	everything = "全部单位"
	maxMinutes = 240 // of a lesson
	maxSteps   = 40
	lateDays   = 7 // filed later than that, a record says so
)

var (
	recordID   = regexp.MustCompile(`^[A-Za-z0-9]{20,40}$`)
	lessonPath = regexp.MustCompile(`^/[^/\s?#<>"'\\][^\s?#<>"'\\]{0,197}/$`)
)

// recordFields is what a teacher says of a lesson that was held.
type recordFields struct {
	HeldOn  string       `json:"held_on"`
	Lesson  string       `json:"lesson"`
	Title   string       `json:"title"`
	Form    string       `json:"form"`
	Meeting bool         `json:"meeting"`
	Minutes int          `json:"minutes"`
	Steps   []store.Step `json:"steps"`
	Teacher string       `json:"teacher"`
}

// recordRequest is a record as it is filed.
type recordRequest struct {
	Class string `json:"class"`
	recordFields
	Seen int64 `json:"seen"` // changed_at of what is corrected; 0 for a new one
}

type shownRecord struct {
	ID    string     `json:"id"`
	Class shownClass `json:"class"`
	Term  string     `json:"term"`
	recordFields
	FiledBy string `json:"filed_by"`
	FiledOn string `json:"filed_on"`
	Late    bool   `json:"late"` // filed more than a week after the lesson
	// ChangedOn is the day of the last correction, empty for none.
	ChangedOn string `json:"changed_on"`
	ChangedAt int64  `json:"changed_at"`
	MayChange bool   `json:"may_change"` // who asks may correct and delete it
}

func showRecord(r store.Record, who store.Account) shownRecord {
	filed := time.UnixMilli(r.FiledAt)
	on, err := time.ParseInLocation(time.DateOnly, r.HeldOn, filed.Location())
	changed := ""
	if r.ChangedAt != r.FiledAt {
		changed = time.UnixMilli(r.ChangedAt).Format(time.DateOnly)
	}
	said := recordFields{r.HeldOn, r.Lesson, r.Title, r.Form, r.Meeting, r.Minutes, append([]store.Step{}, r.Steps...), r.Teacher}
	return shownRecord{ID: r.ID, Class: shownClass{r.Class.ID, r.Class.Name}, Term: r.Term, recordFields: said, ChangedOn: changed, ChangedAt: r.ChangedAt, FiledBy: r.FiledBy,
		FiledOn: filed.Format(time.DateOnly), Late: err == nil && filed.After(on.AddDate(0, 0, lateDays+1)), MayChange: mayChange(r, who)}
}

func mayChange(r store.Record, who store.Account) bool {
	return who.Role == "admin" || who.Role == "teacher" && who.Name == r.FiledBy
}

// check reads a record for a day; the class is looked up apart.
func (in recordRequest) check(today time.Time) (r store.Record, err error) {
	held, err := time.Parse(time.DateOnly, in.HeldOn)
	if err != nil {
		return r, fault.New(fault.Invalid, "请写上课的日期")
	}
	// A school east of the server's own zone may be a day ahead.
	if last := today.AddDate(0, 0, 1).Format(time.DateOnly); in.HeldOn > last {
		return r, fault.New(fault.Invalid, "上课的日期在今天以后，请改一下")
	}
	if held.Year() < 2000 {
		return r, fault.New(fault.Invalid, "请写上课的日期")
	}
	r = store.Record{Term: termOf(held).id(), HeldOn: in.HeldOn, Lesson: in.Lesson, Form: in.Form, Meeting: in.Meeting, Minutes: in.Minutes, Steps: in.Steps}
	if r.Title, err = cleanName("课题", in.Title, 80); err != nil {
		return r, err
	}
	if r.Teacher, err = cleanName("上课的老师", in.Teacher, 40); err != nil {
		return r, err
	}
	switch {
	case in.Lesson != "" && !lessonPath.MatchString(in.Lesson):
		return r, fault.New(fault.Invalid, "课程的网址不对，请重新选课")
	case formName(in.Form) == "":
		return r, fault.New(fault.Invalid, "请选形式")
	case in.Minutes < 1 || in.Minutes > maxMinutes:
		return r, fault.New(fault.Invalid, "上了几分钟，请写 1 到 %d", maxMinutes)
	case len(in.Steps) > maxSteps:
		return r, fault.New(fault.Invalid, "步骤最多 %d 个", maxSteps)
	}
	for i, step := range r.Steps {
		if r.Steps[i].Title, err = cleanName("步骤", step.Title, 80); err != nil {
			return r, err
		}
		if step.Planned < 0 || step.Planned > maxMinutes || step.Used < 0 || step.Used > 24*60 {
			return r, fault.New(fault.Invalid, "步骤的时间不对")
		}
	}
	return r, nil
}

// saveRecord files a record under an id that the client made, or corrects it.
func (s *Server) saveRecord(c *gin.Context) error {
	t, err := s.tree(c)
	if err != nil {
		return err
	}
	if !t.mayFile() {
		return fault.New(fault.Denied, "要用老师或者管理员的账号才能记")
	}
	id := c.Param("id")
	if !recordID.MatchString(id) {
		return fault.New(fault.Invalid, "记录的编号不对，请刷新页面再试")
	}
	var in recordRequest
	if err := decode(c, &in); err != nil {
		return err
	}
	r, err := in.check(s.now())
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(c.Request.Context())
	if r.Class, err = s.Store.Class(ctx, in.Class); err != nil {
		return err
	}
	if _, err := t.see(r.Class.School); err != nil {
		return err
	}
	held, err := parseTerm(r.Term, time.Time{})
	if err != nil {
		return err
	}
	if held.year != r.Class.Year {
		return fault.New(fault.Invalid, "%s 是 %s的班，和上课的日期对不上", r.Class.Name, yearName(r.Class.Year))
	}
	if _, err := s.ownRecord(ctx, t, id); err != nil {
		if kind, _ := fault.Of(err); kind != fault.NotFound {
			return err
		}
	}
	now := s.now().UnixMilli()
	r.ID, r.FiledBy, r.FiledAt, r.ChangedAt = id, t.who.Name, now, max(now, in.Seen+1)
	if err := s.Store.SaveRecord(ctx, r, in.Seen); err != nil {
		return err
	}
	if r, err = s.Store.Record(ctx, id); err != nil {
		return err
	}
	c.JSON(http.StatusOK, showRecord(r, t.who))
	return nil
}

// ownRecord is a record that the account may change; one that it does not see
// is Denied, so that nobody takes it over by its id.
func (s *Server) ownRecord(ctx context.Context, t tree, id string) (store.Record, error) {
	r, err := s.Store.Record(ctx, id)
	if err == nil && (t.path(r.Class.School) == nil || !mayChange(r, t.who)) {
		err = fault.New(fault.Denied, "这条记录是别人记的，只有他本人或者管理员可以改")
	}
	return r, err
}

func (s *Server) deleteRecord(c *gin.Context) error {
	t, err := s.tree(c)
	if err != nil {
		return err
	}
	r, err := s.ownRecord(c.Request.Context(), t, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Store.DeleteRecord(c.Request.Context(), r.ID); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (s *Server) listRecords(c *gin.Context) error {
	t, at, held, err := s.asked(c)
	if err != nil {
		return err
	}
	if at.Kind != store.School {
		return fault.New(fault.Invalid, "请先选一所学校")
	}
	records, err := s.Store.Records(c.Request.Context(), at.ID, held.id())
	if err != nil {
		return err
	}
	list := []shownRecord{}
	for _, r := range records {
		list = append(list, showRecord(r, t.who))
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"records": list})
	return nil
}

// asked reads of which organisation and term a request asks: without a name,
// the one highest that the account sees, and the term of the day.
func (s *Server) asked(c *gin.Context) (t tree, at store.Organisation, held term, err error) {
	if t, err = s.tree(c); err != nil {
		return t, at, held, err
	}
	if held, err = parseTerm(c.Query("term"), s.now()); err != nil {
		return t, at, held, err
	}
	if id := c.Query("organisation"); id != "" {
		at, err = t.see(id)
		return t, at, held, err
	}
	if tops := t.children(""); len(tops) == 1 {
		return t, tops[0], held, nil
	}
	return t, store.Organisation{Kind: store.Office, Name: everything}, held, nil
}
