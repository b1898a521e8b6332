package quizserver

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"sunnycampus/quizserver/fault"
)

// term is half of a school year. The year turns on 1 August and its second
// half begins on 1 February, both in the middle of the holidays.
type term struct {
	year int // in which the school year begins
	half int // 1 or 2
}

func termOf(day time.Time) term {
	switch year, month, _ := day.Date(); {
	case month >= time.August:
		return term{year, 1}
	case month == time.January:
		return term{year - 1, 1}
	default:
		return term{year - 1, 2}
	}
}

var termID = regexp.MustCompile(`^(20\d\d)-([12])$`)

// parseTerm reads an id such as 2026-1; "" is the term of the day.
func parseTerm(id string, today time.Time) (term, error) {
	if id == "" {
		return termOf(today), nil
	}
	m := termID.FindStringSubmatch(id)
	if m == nil {
		return term{}, fault.New(fault.Invalid, "学期要写成 2026-1 这样：开学的那一年，1 是上学期，2 是下学期")
	}
	year, err := strconv.Atoi(m[1])
	return term{year, int(m[2][0] - '0')}, err
}

func (t term) id() string { return fmt.Sprintf("%d-%d", t.year, t.half) }

func (t term) name() string {
	return fmt.Sprintf("%s%s学期", yearName(t.year), map[int]string{1: "上", 2: "下"}[t.half])
}

func yearName(year int) string { return fmt.Sprintf("%d—%d 学年", year, year+1) }

// days are its first and its last.
func (t term) days() (from, to time.Time) {
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	if t.half == 1 {
		return day(t.year, time.August, 1), day(t.year+1, time.January, 31)
	}
	return day(t.year+1, time.February, 1), day(t.year+1, time.July, 31)
}

func (t term) before() term {
	if t.half == 2 {
		return term{t.year, 1}
	}
	return term{t.year - 1, 2}
}

// shownTerm is a term in an answer.
type shownTerm struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	From string `json:"from"`
	To   string `json:"to"`
}

func (t term) shown() shownTerm {
	from, to := t.days()
	return shownTerm{t.id(), t.name(), from.Format(time.DateOnly), to.Format(time.DateOnly)}
}

// shownTerms are the term of the day and those before it: six, three years.
func shownTerms(today time.Time) []shownTerm {
	out := []shownTerm{}
	for t := termOf(today); len(out) < 6; t = t.before() {
		out = append(out, t.shown())
	}
	return out
}
