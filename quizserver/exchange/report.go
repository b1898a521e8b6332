package exchange

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sunnycampus/quizserver/quiz"
)

// Kind says how much a note matters.
type Kind string

// The kinds of notes.
const (
	About   Kind = "about"   // the file as a whole
	Changed Kind = "changed" // the item went through, but not as it was
	Refused Kind = "refused" // the item did not go through
)

// Note is one line of a report.
type Note struct {
	Kind  Kind   `json:"kind"`
	Place string `json:"place,omitempty"` // 第 3 行
	Item  string `json:"item,omitempty"`  // its number, or how it begins
	Text  string `json:"text"`
}

// String is the note as a person reads it.
func (n Note) String() string {
	head := ""
	switch n.Kind {
	case Changed:
		head = "有改动　"
	case Refused:
		head = "没有转换　"
	case About:
		head = "说明　"
	}
	where := n.Place
	if n.Item != "" {
		where += "“" + n.Item + "”"
	}
	if where != "" {
		where += "："
	}
	return head + where + n.Text
}

// Report says what became of a file.
type Report struct {
	Items int    `json:"items"` // that went through
	Notes []Note `json:"notes"`
}

// Refused counts the items that did not go through.
func (r *Report) Refused() (n int) {
	for _, note := range r.Notes {
		if note.Kind == Refused {
			n++
		}
	}
	return n
}

// Add takes over the notes of what was done next.
func (r *Report) Add(next *Report) {
	r.Items = next.Items
	r.Notes = append(r.Notes, next.Notes...)
}

// String is the whole report: first the notes on the file, then those on items
// in the order of the file.
func (r *Report) String() string {
	var b strings.Builder
	touched := map[string]bool{} // true: changed, false: refused
	items := slices.DeleteFunc(slices.Clone(r.Notes), func(n Note) bool { return n.Kind == About })
	slices.SortStableFunc(items, func(a, b Note) int {
		sheetA, lineA := a.order()
		sheetB, lineB := b.order()
		return cmp.Or(cmp.Compare(sheetA, sheetB), cmp.Compare(lineA, lineB))
	})
	for _, n := range r.Notes {
		if n.Kind == About {
			fmt.Fprintln(&b, n)
		}
	}
	for _, n := range items {
		fmt.Fprintln(&b, n)
		key := cmp.Or(n.Place, n.Item)
		if kept, seen := touched[key]; !seen || kept {
			touched[key] = n.Kind == Changed
		}
	}
	changed := 0
	for _, kept := range touched {
		if kept {
			changed++
		}
	}
	fmt.Fprintf(&b, "转换了 %d 道题", r.Items)
	if changed > 0 {
		fmt.Fprintf(&b, "，其中 %d 道有改动", changed)
	}
	if n := r.Refused(); n > 0 {
		fmt.Fprintf(&b, "；%d 处没有转换", n)
	}
	b.WriteString("。\n")
	return b.String()
}

// order is the sheet and the line of a place; what has none comes last.
func (n Note) order() (sheet string, line int) {
	sheet, rest, ok := strings.Cut(n.Place, "第 ")
	if !ok {
		return "\U0010FFFF", 0
	}
	number, _, _ := strings.Cut(rest, " ")
	line, _ = strconv.Atoi(number)
	return sheet, line
}

func (r *Report) about(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, n := range r.Notes {
		if n.Kind == About && n.Text == text {
			return
		}
	}
	r.Notes = append(r.Notes, Note{Kind: About, Text: text})
}

func (r *Report) refuse(place, item, format string, args ...any) {
	r.Notes = append(r.Notes, Note{Refused, place, short(item), fmt.Sprintf(format, args...)})
}

func (r *Report) change(place, item, format string, args ...any) {
	r.Notes = append(r.Notes, Note{Changed, place, short(item), fmt.Sprintf(format, args...)})
}

// short is how an item begins, enough to find it.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > 18 {
		return string(runes[:18]) + "…"
	}
	return s
}

// newPage says what a bank needs before the site takes it.
func (r *Report) newPage(q *quiz.Quiz) {
	r.Items = len(q.Items)
	var missing []string
	if q.Summary == "" {
		missing = append(missing, "summary（一句话摘要）")
	}
	if len(q.Audience) == 0 {
		missing = append(missing, "audience（给谁做，例如 [junior]）")
	}
	if len(missing) > 0 {
		r.about("放进网站前，请在文件开头两道 --- 之间补上 %s，再运行 sunnycampus check", strings.Join(missing, "、"))
	}
}

// frontMatter names what only a page of the site has a place for.
func (r *Report) frontMatter(q *quiz.Quiz, format Format) {
	var lost []string
	for _, one := range []struct {
		name string
		set  bool
	}{
		{"标题", format == CSV && q.Title != ""},
		{"摘要", q.Summary != ""},
		{"适用对象", len(q.Audience) > 0},
		{"主题词", len(q.Topics) > 0},
		{"竞赛专用（use: contest）", q.Use == quiz.Contest},
		{"时长", q.Minutes > 0},
		{"排列次序", q.Weight > 0},
		{"复查日期", q.ReviewBy != ""},
		{"来源", len(q.Sources) > 0},
		{"安全提示", len(q.Safety) > 0},
		{"审核", q.Reviewed != nil},
	} {
		if one.set {
			lost = append(lost, one.name)
		}
	}
	if len(lost) > 0 {
		r.about("%s 文件里没有地方放题库的%s，转回 .md 时要重新写", format, strings.Join(lost, "、"))
	}
}
