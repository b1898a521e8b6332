package quizserver

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

const (
	meetingsDue = 2 // class meetings a class and term, where nobody says otherwise
	maxMeetings = 20
	maxClasses  = 200 // of a school
)

// tree is what an account sees of the organisations.
type tree struct {
	who   store.Account
	all   []store.Organisation // by name
	known map[string]store.Organisation
	below map[string][]store.Organisation
}

func (s *Server) tree(c *gin.Context) (tree, error) {
	who, err := s.signedIn(c)
	if err != nil {
		return tree{}, err
	}
	all, err := s.Store.Organisations(c.Request.Context())
	return newTree(who, all), err
}

func newTree(who store.Account, all []store.Organisation) tree {
	t := tree{who, all, map[string]store.Organisation{}, map[string][]store.Organisation{}}
	for _, o := range all {
		t.known[o.ID] = o
		t.below[o.Parent] = append(t.below[o.Parent], o)
	}
	return t
}

// path is an organisation and those above it, as far up as the account sees,
// the highest first; nil when the account does not see it.
func (t tree) path(id string) []store.Organisation {
	var up []store.Organisation
	for id != "" {
		o, known := t.known[id]
		if !known {
			return nil
		}
		up = append(up, o)
		if id == t.who.Organisation {
			break
		}
		id = o.Parent
	}
	if id != t.who.Organisation { // somebody else's
		return nil
	}
	slices.Reverse(up)
	return up
}

// see finds an organisation that the account sees.
func (t tree) see(id string) (store.Organisation, error) {
	up := t.path(id)
	if len(up) == 0 {
		return store.Organisation{}, fault.New(fault.NotFound, "没有这个单位，或者您的账号看不到它")
	}
	return up[len(up)-1], nil
}

// children stand right below an organisation; below "" the highest that the
// account sees.
func (t tree) children(id string) []store.Organisation {
	if own, known := t.known[t.who.Organisation]; id == "" && known {
		return []store.Organisation{own}
	}
	if id == "" && t.who.Organisation != "" {
		return nil
	}
	return t.below[id]
}

// mustManage lets an administrator set up; all of staff may look.
func (t tree) mustManage() error {
	if t.who.Role != "admin" {
		return fault.New(fault.Denied, "只有管理员可以改学校和班级")
	}
	return nil
}

// mayFile tells whether the account files lessons.
func (t tree) mayFile() bool { return t.who.Role == "teacher" || t.who.Role == "admin" }

// mayDecide tells whether the account says how much is due in an organisation:
// one that has an office above does not decide for itself.
func (t tree) mayDecide(o store.Organisation) bool {
	return t.who.Organisation != o.ID || o.Parent == ""
}

type shownOrganisation struct {
	ID       string `json:"id"`
	Parent   string `json:"parent"`
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Meetings int    `json:"meetings"`
}

func showOrganisation(o store.Organisation) shownOrganisation { return shownOrganisation(o) }

func (s *Server) listOrganisations(c *gin.Context) error {
	t, err := s.tree(c)
	if err != nil {
		return err
	}
	list := []shownOrganisation{}
	for _, o := range t.all {
		if t.path(o.ID) != nil {
			list = append(list, showOrganisation(o))
		}
	}
	now := s.now()
	years := []gin.H{}
	for year := termOf(now).year + 1; len(years) < 4; year-- { // next year's classes are known before it begins
		years = append(years, gin.H{"year": year, "name": yearName(year)})
	}
	school := ""
	if len(t.all) == 0 {
		if card, err := s.contactCard(c); err == nil && card != nil {
			school = card.School
		}
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"organisations": list, "root": t.who.Organisation, "may_manage": t.mustManage() == nil,
		"who": t.who.Name, "year": termOf(now).year, "years": years, "school": school})
	return nil
}

// cleanName trims a name of up to most characters.
func cleanName(what, name string, most int) (string, error) {
	unseen := func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }
	name = strings.TrimFunc(name, unseen)
	if n := utf8.RuneCountInString(name); n == 0 || n > most || strings.ContainsFunc(name, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "%s要写，一行以内，最多 %d 个字", what, most)
	}
	return name, nil
}

func checkMeetings(n int) error {
	if n < 0 || n > maxMeetings {
		return fault.New(fault.Invalid, "每班每学期应开的次数，请写 0 到 %d", maxMeetings)
	}
	return nil
}

func (s *Server) createOrganisation(c *gin.Context) error {
	var in struct {
		Parent   string `json:"parent"`
		Kind     string `json:"kind"`
		Name     string `json:"name"`
		Meetings *int   `json:"meetings"`
	}
	t, err := s.manage(c, &in)
	if err != nil {
		return err
	}
	if in.Parent == "" && t.who.Organisation != "" {
		return fault.New(fault.Denied, "您的账号只能在自己的单位下面加单位")
	}
	if in.Parent != "" {
		if _, err := t.see(in.Parent); err != nil {
			return err
		}
	}
	o := store.Organisation{ID: rand.Text(), Parent: in.Parent, Kind: in.Kind, Meetings: meetingsDue}
	if in.Meetings != nil {
		o.Meetings = *in.Meetings
	}
	if o.Name, err = cleanName("单位名称", in.Name, 60); err != nil {
		return err
	}
	if o.Kind != store.School && o.Kind != store.Office {
		return fault.New(fault.Invalid, "请选是学校还是主管单位")
	}
	if err := checkMeetings(o.Meetings); err != nil {
		return err
	}
	if err := s.Store.CreateOrganisation(c.Request.Context(), o); err != nil {
		return err
	}
	c.JSON(http.StatusCreated, showOrganisation(o))
	return nil
}

// manage decodes what an administrator wants and reads what they see.
func (s *Server) manage(c *gin.Context, in any) (tree, error) {
	t, err := s.tree(c)
	if err != nil {
		return t, err
	}
	if err := t.mustManage(); err != nil {
		return t, err
	}
	if in != nil {
		err = decode(c, in)
	}
	return t, err
}

func (s *Server) changeOrganisation(c *gin.Context) error {
	var in struct {
		Name     string `json:"name"`
		Meetings *int   `json:"meetings"`
	}
	t, err := s.manage(c, &in)
	if err != nil {
		return err
	}
	o, err := t.see(c.Param("id"))
	if err != nil {
		return err
	}
	if o.Name, err = cleanName("单位名称", in.Name, 60); err != nil {
		return err
	}
	if in.Meetings == nil {
		return fault.New(fault.Invalid, "请写每班每学期应开几次")
	}
	if *in.Meetings != o.Meetings && !t.mayDecide(o) {
		return fault.New(fault.Denied, "应开几次由上级单位定，请找上级单位的管理员")
	}
	o.Meetings = *in.Meetings
	if err := checkMeetings(o.Meetings); err != nil {
		return err
	}
	now := termOf(s.now())
	if err := s.Store.ChangeOrganisation(c.Request.Context(), o.ID, o.Name, o.Meetings, now.year, now.half); err != nil {
		return err
	}
	c.JSON(http.StatusOK, showOrganisation(o))
	return nil
}

func (s *Server) deleteOrganisation(c *gin.Context) error {
	t, err := s.manage(c, nil)
	if err != nil {
		return err
	}
	o, err := t.see(c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Store.DeleteOrganisation(c.Request.Context(), o.ID); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

type shownClass struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func showClasses(list []store.Class) []shownClass {
	out := []shownClass{}
	for _, k := range list {
		out = append(out, shownClass{k.ID, k.Name})
	}
	return out
}

// listVersion changes with the list.
func listVersion(list []store.Class) string {
	sum := sha256.New()
	for _, k := range list {
		sum.Write([]byte(k.ID + "\n" + k.Name + "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

// schoolYear reads the school of the path and the year of the query.
func (s *Server) schoolYear(c *gin.Context, t tree) (store.Organisation, int, error) {
	o, err := t.see(c.Param("id"))
	if err == nil && o.Kind != store.School {
		err = fault.New(fault.Invalid, "只有学校才有班级")
	}
	if err != nil {
		return o, 0, err
	}
	year, err := strconv.Atoi(c.Query("year"))
	if now := termOf(s.now()).year; err != nil || year < now-20 || year > now+1 {
		return o, 0, fault.New(fault.Invalid, "学年要写开学的那一年，例如 %d", now)
	}
	return o, year, nil
}

func (s *Server) listClasses(c *gin.Context) error {
	t, err := s.tree(c)
	if err != nil {
		return err
	}
	o, year, err := s.schoolYear(c, t)
	if err != nil {
		return err
	}
	return s.answerClasses(c, o.ID, year)
}

func (s *Server) answerClasses(c *gin.Context, school string, year int) error {
	ctx := c.Request.Context()
	list, err := s.Store.Classes(ctx, school, year)
	if err != nil {
		return err
	}
	last := []string{}
	if len(list) == 0 {
		before, err := s.Store.Classes(ctx, school, year-1)
		if err != nil {
			return err
		}
		for _, k := range before {
			last = append(last, k.Name)
		}
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"year": year, "version": listVersion(list), "classes": showClasses(list), "last_year": last})
	return nil
}

func (s *Server) replaceClasses(c *gin.Context) error {
	var in struct {
		Version string       `json:"version"`
		Classes []shownClass `json:"classes"`
	}
	t, err := s.manage(c, &in)
	if err != nil {
		return err
	}
	o, year, err := s.schoolYear(c, t)
	if err != nil {
		return err
	}
	before, err := s.Store.Classes(c.Request.Context(), o.ID, year)
	if err != nil {
		return err
	}
	if listVersion(before) != in.Version {
		return fault.New(fault.Conflict, "别人刚刚改过班级，请刷新以后再改")
	}
	after, err := classList(o.ID, year, before, in.Classes)
	if err != nil {
		return err
	}
	if err := s.Store.ReplaceClasses(context.WithoutCancel(c.Request.Context()), o.ID, year, before, after, !s.inFirstTerm(year)); err != nil {
		return err
	}
	return s.answerClasses(c, o.ID, year)
}

// inFirstTerm tells whether the first term of a school year is still to end.
func (s *Server) inFirstTerm(year int) bool {
	now := termOf(s.now())
	return now.year < year || now == term{year, 1}
}

// classList checks a list as it was sent; ids may only be those of before.
func classList(school string, year int, before []store.Class, sent []shownClass) ([]store.Class, error) {
	if len(sent) > maxClasses {
		return nil, fault.New(fault.Invalid, "一所学校最多 %d 个班", maxClasses)
	}
	var after []store.Class
	for _, k := range sent {
		name, err := cleanName("班级名称", k.Name, 30)
		if err != nil {
			return nil, err
		}
		twin := func(a store.Class) bool { return a.Name == name || k.ID != "" && a.ID == k.ID }
		if slices.ContainsFunc(after, twin) {
			return nil, fault.New(fault.Invalid, "“%s”写了两次", name)
		}
		if k.ID != "" && !slices.ContainsFunc(before, func(b store.Class) bool { return b.ID == k.ID }) {
			return nil, fault.New(fault.Conflict, "别人刚刚改过班级，请刷新以后再改")
		}
		after = append(after, store.Class{ID: k.ID, School: school, Year: year, Name: name})
	}
	return after, nil
}

// now is the time that decides which day and term it is.
func (s *Server) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}
