package site

import (
	"slices"
	"strings"

	"sunnycampus/quizserver/quiz"
)

// Edition is for whom an offline set is built. The zero value is the site
// that is served.
type Edition string

// The pupil's edition has no lesson plan and nothing else that is for adults
// at work; the teacher's has everything.
const (
	PupilEdition   Edition = "pupil"
	TeacherEdition Edition = "teacher"
)

// teaching are the sections that only a teacher works with, whoever their
// pages are about.
var teaching = []string{"lessons", "kits"}

// workers are the audiences of what is for adults at work.
var workers = []string{"teachers", "leaders", "community"}

// holds tells whether what is for an audience belongs to the edition. What is
// for nobody in particular is the site's own.
func (e Edition) holds(section string, audience []string) bool {
	if e != PupilEdition {
		return true
	}
	return !slices.Contains(teaching, section) &&
		(len(audience) == 0 || slices.ContainsFunc(audience, func(a string) bool { return !slices.Contains(workers, a) }))
}

// split parts the pages into those of the edition and what the others lie in,
// as patterns below the content folder.
func (e Edition) split(pages []Page) (held []Page, others []string) {
	for _, p := range pages {
		if e.holds(p.Section, p.Audience) {
			held = append(held, p)
		} else if bundle, ok := strings.CutSuffix(p.Path, "/index.md"); ok {
			others = append(others, bundle+"/**")
		} else {
			others = append(others, p.Path)
		}
	}
	return held, others
}

func (e Edition) quizzes(all []*quiz.Quiz) []*quiz.Quiz {
	return slices.DeleteFunc(all, func(q *quiz.Quiz) bool { return !e.holds("quizzes", q.Audience) })
}
