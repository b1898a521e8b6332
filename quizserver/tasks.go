package quizserver

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/site"
)

// task is something that a member of staff should see to.
type task struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Path    string `json:"path"` // of the file; empty for the contact card
	Line    int    `json:"line"`
}

// dueCodes are the findings that no edit of a page mends: somebody has to
// compare, review or ring. They never stop a build.
var dueCodes = []string{"law-recheck", "review-due", "helpline-date", "helpline-due"}

// dueFindings are the findings of one release on one day: checking a large
// site takes seconds.
type dueFindings struct {
	sync.Mutex
	key  string
	list []site.Finding
}

func (s *Server) dueToday(now time.Time) []site.Finding {
	s.due.Lock()
	defer s.due.Unlock()
	key := now.Format(time.DateOnly)
	if r := s.Site.Release(); r != nil {
		key += r.SourceHash
	}
	if s.due.key != key {
		all := site.Check(s.Site.Builder.Source, site.CheckOptions{Today: now})
		s.due.key, s.due.list = key, slices.DeleteFunc(all, func(f site.Finding) bool { return !slices.Contains(dueCodes, f.Code) })
	}
	return s.due.list
}

// cardLife is how long rung numbers are believed.
const cardLife = 365 * 24 * time.Hour

func (s *Server) showTasks(c *gin.Context) error {
	now := time.Now()
	tasks := []task{}
	card, err := s.contactCard(c)
	if err != nil {
		return err
	}
	switch {
	case card == nil:
		tasks = append(tasks, task{Code: "card-missing", Message: "还没有填写本校联系卡。填好以后，求助页和求助卡上才有本校的电话。"})
	case card.CheckedOn < now.Add(-cardLife).Format(time.DateOnly):
		tasks = append(tasks, task{Code: "card-due", Message: "联系卡上的电话超过一年没有核实了。请逐个打一次，再填新的核实日期。"})
	}
	for _, f := range s.dueToday(now) {
		tasks = append(tasks, task{f.Code, f.Message, f.Path, f.Line})
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"tasks": tasks})
	return nil
}
