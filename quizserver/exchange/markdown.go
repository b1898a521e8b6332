package exchange

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// What a Chinese keyboard makes of the marks of a quiz file, at the beginning
// of a line and at the end of a heading.
var (
	wideHeading = regexp.MustCompile(`^(?:＃＃|##)[ \t\x{3000}]*([^\s#＃].*)$`)
	wideBox     = regexp.MustCompile(`^[ \t]*[-－—*•][ \t\x{3000}]*[\[［【][ \t\x{3000}]*([xXｘＸ√✓]?)[ \t\x{3000}]*[\]］】][ \t\x{3000}]*(.*)$`)
	wideQuote   = regexp.MustCompile(`^[＞》][ \t\x{3000}]*(.*)$`)
	wideEntry   = regexp.MustCompile(`^([0-9０-９]{1,2})[．、][ \t\x{3000}]*(.*)$`)
	wideAttrs   = regexp.MustCompile(`[｛{][^｛｝{}]*[｝}][ \t]*$`)
	headingLine = regexp.MustCompile(`^##[ \t]`)
	attributes  = regexp.MustCompile(`\{([^{}]*)\}[ \t]*$`)
	fullWidth   = strings.NewReplacer("｛", "{", "｝", "}", "＝", "=", "＃", "#", "　", " ", "“", `"`, "”", `"`, "，", " ")
)

// readMarkdown reads our own format more kindly than quiz.Parse does: an item
// with a mistake is left out, not the file; a missing number is made.
func readMarkdown(text, title string, r *Report) (*quiz.Quiz, error) {
	before := 0
	if !strings.HasPrefix(text, "---\n") {
		name, err := json.Marshal(title) // a JSON string is a YAML one
		if err != nil {
			return nil, err
		}
		text, before = "---\ntitle: "+string(name)+"\n---\n"+text, 3
		r.about("文件开头没有 --- 围起来的说明，标题写成了“%s”", title)
	}
	q, err := quiz.Parse("import.md", []byte(text))
	if err == nil {
		r.Items = len(q.Items)
		return q, nil
	}
	m := &mender{rows: strings.Split(text, "\n"), before: before, report: r}
	m.widen()
	for range rounds {
		q, err = quiz.Parse("import.md", []byte(strings.Join(m.rows, "\n")))
		if err == nil {
			r.Items = len(q.Items)
			return q, nil
		}
		var all quiz.Errors
		if !errors.As(err, &all) {
			return nil, err
		}
		if err := m.mend(all); err != nil {
			return nil, err
		}
	}
	return nil, fault.New(fault.Invalid, "错误太多，改不过来。请先运行 sunnycampus check，按它说的改")
}

// rounds bounds the work on a file whose mistakes hide behind one another.
const rounds = 20

// mender changes the rows of a quiz file until it parses. Each round mends or
// blanks items; no line ever moves.
type mender struct {
	rows   []string
	before int // lines that were put in front
	report *Report
}

func (m *mender) place(line int) string { return "第 " + strconv.Itoa(max(line-m.before, 1)) + " 行" }

// item is the range of rows of the item that a line belongs to.
func (m *mender) item(line int) (from, to int, ok bool) {
	for from = min(line, len(m.rows)) - 1; from >= 0; from-- {
		if headingLine.MatchString(m.rows[from]) {
			break
		}
	}
	if from < 0 {
		return 0, 0, false
	}
	for to = from + 1; to < len(m.rows) && !headingLine.MatchString(m.rows[to]); to++ {
	}
	return from, to, true
}

func (m *mender) stem(row int) string {
	return strings.TrimSpace(attributes.ReplaceAllString(strings.TrimPrefix(m.rows[row], "##"), ""))
}

// mend does something about each mistake; the error is for one that no item has.
func (m *mender) mend(all quiz.Errors) error {
	var made []string
	for _, e := range all {
		if e.Code == "id-missing" && headingLine.MatchString(m.rows[e.Line-1]) && !strings.Contains(m.rows[e.Line-1], "{#") {
			made = append(made, m.number(e.Line-1))
		}
	}
	if len(made) > 0 {
		m.report.about("原来没有题号的题，按题目的文字编了号，以后请不要再改：%s", strings.Join(made, "；"))
		return nil
	}
	bad := map[int]int{} // from → to
	for _, e := range all {
		from, to, ok := m.item(e.Line)
		if !ok {
			return fault.New(fault.Invalid, "%s：%s", m.place(e.Line), e.Message)
		}
		if e.Code == "too-many-items" {
			more := 0
			for _, row := range m.rows[from:] {
				if headingLine.MatchString(row) {
					more++
				}
			}
			m.report.refuse(m.place(e.Line), m.stem(from), tooMany, maxItem, more)
			bad[from] = len(m.rows)
			continue
		}
		m.report.refuse(m.place(e.Line), m.stem(from), "%s", e.Message)
		bad[from] = max(bad[from], to)
	}
	for from, to := range bad {
		m.blank(from, to)
	}
	return nil
}

// blank takes an item out without moving the lines after it.
func (m *mender) blank(from, to int) {
	for i := from; i < to; i++ {
		m.rows[i] = ""
	}
}

// number gives a heading a number of its own.
func (m *mender) number(row int) string {
	d := &draft{item: quiz.Item{Stem: m.stem(row)}}
	for _, line := range m.rows[row+1:] { // tells twins apart
		if headingLine.MatchString(line) {
			break
		}
		d.option(line, false)
	}
	taken := map[string]bool{}
	for _, line := range m.rows {
		if at := strings.Index(line, "{#"); at >= 0 && headingLine.MatchString(line) {
			id, _, _ := strings.Cut(strings.TrimRight(line[at+2:], "} \t"), " ")
			taken[id] = true
		}
	}
	id := d.identify(taken)
	if a := attributes.FindStringSubmatchIndex(m.rows[row]); a != nil && strings.Contains(m.rows[row][a[2]:a[3]], "=") {
		m.rows[row] = m.rows[row][:a[2]] + "#" + id + " " + m.rows[row][a[2]:]
	} else {
		m.rows[row] = strings.TrimRight(m.rows[row], " \t") + " {#" + id + "}"
	}
	return m.place(row+1) + " " + id
}

// widen reads full-width marks where the file has no sense with them.
func (m *mender) widen() {
	var changed []string
	end := slices.Index(m.rows[1:], "---") + 1
	for i := end + 1; i < len(m.rows); i++ {
		row := m.rows[i]
		switch {
		case wideHeading.MatchString(row):
			words := wideHeading.FindStringSubmatch(row)[1]
			words = wideAttrs.ReplaceAllStringFunc(words, fullWidth.Replace)
			row = "## " + words
		case wideBox.MatchString(row):
			box := wideBox.FindStringSubmatch(row)
			mark := "- [ ] "
			if box[1] != "" {
				mark = "- [x] "
			}
			row = mark + box[2]
		case wideQuote.MatchString(row):
			row = "> " + wideQuote.FindStringSubmatch(row)[1]
		case wideEntry.MatchString(row):
			entry := wideEntry.FindStringSubmatch(row)
			row = narrow(entry[1]) + ". " + entry[2]
		}
		if strings.TrimRight(row, " ") != strings.TrimRight(m.rows[i], " ") {
			changed = append(changed, strconv.Itoa(i+1-m.before))
			m.rows[i] = row
		}
	}
	if len(changed) > 0 {
		m.report.about("第 %s 行的全角符号或空格改成了题库的写法", strings.Join(changed, "、"))
	}
}
