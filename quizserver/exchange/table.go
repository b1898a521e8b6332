package exchange

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"sunnycampus/quizserver/quiz"
)

// A table has an item in each row below a row of headings. The headings tell
// our own template, and files like it, from Kahoot's.

// headRows is how far down the headings may stand: Kahoot's are in row 8.
const headRows = 30

// The columns.
const (
	colType = iota
	colStem
	colAnswer
	colExplanation
	colPoints
	colSeconds
	colLevel
	colTopic
	colID
	colFixed
	colOption // and the seven after it
)

// headings are the words that a column is known by, narrow and without blanks;
// our own come first.
var headings = map[int][]string{
	colType:        {"题型", "题目类型", "类型", "试题类型", "TYPE"},
	colStem:        {"题目", "题干", "问题", "试题", "试题内容", "题目内容", "QUESTION"},
	colAnswer:      {"答案", "正确答案", "标准答案", "参考答案", "CORRECTANSWER(S)", "CORRECTANSWER", "ANSWER"},
	colExplanation: {"解析", "答案解析", "试题解析", "说明", "EXPLANATION"},
	colPoints:      {"分值", "分数", "得分", "POINTS"},
	colSeconds:     {"秒数", "时间", "限时", "时限", "答题时间", "时间限制", "SECONDS", "TIMELIMIT", "TIMELIMIT(SEC)"},
	colLevel:       {"难度", "LEVEL"},
	colTopic:       {"主题", "知识点", "TOPIC"},
	colID:          {"题号", "编号", "ID"},
	colFixed:       {"选项次序"},
}

var (
	optionHead = regexp.MustCompile(`^(?:选项|答案|备选项|OPTION|ANSWER)?([A-H])$`)
	kahootHead = regexp.MustCompile(`^(?:ANSWER|答案|选项)([1-8])(?:\D.*)?$`)
	firstInt   = regexp.MustCompile(`^\d+(?:\.0+)?`)
)

// line is a row of a table, counted from 1 as Excel does.
type line struct {
	number int
	cells  []string
	broken map[int]string // cells whose value is lost, and why
}

func (l line) cell(column int) string {
	if column < 0 || column >= len(l.cells) {
		return ""
	}
	return strings.TrimSpace(l.cells[column])
}

func (l line) empty() bool {
	return !slices.ContainsFunc(l.cells, func(s string) bool { return strings.TrimSpace(s) != "" }) && len(l.broken) == 0
}

// table is one sheet.
type table struct {
	name   string // of the sheet, where there are several
	lines  []line
	cellAt func(row, column int) string // how a cell is called
	report *Report
	column map[int]int // of the file, by ours
	kahoot bool
}

// read adds the items of a table; false if it has no headings.
func (t *table) read(b *bank) bool {
	head := -1
	for i, l := range t.lines {
		if i == headRows {
			break
		}
		if t.headed(l) {
			head = i
			break
		}
	}
	if head < 0 {
		return false
	}
	t.nameLost(head)
	for _, l := range t.lines[head+1:] {
		if t.blank(l) {
			continue
		}
		d := b.add(t.place(l), t.report)
		if !t.item(d, l) {
			b.drop()
		}
	}
	return true
}

// blank tells a row with nothing in the columns that we know; what is in others
// is named by nameLost.
func (t *table) blank(l line) bool {
	for _, at := range t.column {
		if l.cell(at) != "" || l.broken[at] != "" {
			return false
		}
	}
	return true
}

func (t *table) place(l line) string {
	if t.name != "" {
		return fmt.Sprintf("表“%s”第 %d 行", t.name, l.number)
	}
	return fmt.Sprintf("第 %d 行", l.number)
}

func headWord(s string) string {
	word := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '*' {
			return -1
		}
		return r
	}, narrow(s))
	for _, mark := range []string{"-", "–", "—", "(SEC", "(秒"} { // Kahoot says there what it allows
		if before, _, found := strings.Cut(word, mark); found && before != "" {
			word = before
		}
	}
	return word
}

// headed reads a row as headings.
func (t *table) headed(l line) bool {
	t.column, t.kahoot = map[int]int{}, false
	for i, cell := range l.cells {
		word := headWord(cell)
		if m := optionHead.FindStringSubmatch(word); m != nil {
			t.set(colOption+letter(m[1]), i)
			continue
		}
		if m := kahootHead.FindStringSubmatch(word); m != nil {
			t.kahoot = true
			t.set(colOption+int(m[1][0]-'1'), i)
			continue
		}
		for column, words := range headings {
			if slices.Contains(words, word) {
				t.set(column, i)
			}
		}
	}
	_, stem := t.column[colStem]
	_, answer := t.column[colAnswer]
	return stem && answer
}

func (t *table) set(column, at int) {
	if _, twice := t.column[column]; !twice {
		t.column[column] = at
	}
}

func (t *table) value(l line, column int) string {
	at, ok := t.column[column]
	if !ok {
		return ""
	}
	return l.cell(at)
}

// where names the cell of a column of ours.
func (t *table) where(l line, column int) string {
	at, ok := t.column[column]
	if !ok {
		return "这一行"
	}
	return t.cellAt(l.number, at+1)
}

// nameLost names the columns that we have no place for, if anything is in them.
func (t *table) nameLost(head int) {
	used := map[int]bool{}
	for _, at := range t.column {
		used[at] = true
	}
	lost := map[int]int{}
	for _, l := range t.lines[head+1:] {
		for i := range l.cells {
			if !used[i] && l.cell(i) != "" {
				lost[i]++
			}
		}
	}
	for _, i := range slices.Sorted(maps.Keys(lost)) {
		title := cmp.Or(t.lines[head].cell(i), "没有标题")
		if t.kahoot && title == "没有标题" {
			continue // Kahoot numbers its rows there
		}
		t.report.about("第 %d 列（%s）有 %d 格内容，本站没有地方放，没有带过来", i+1, short(title), lost[i])
	}
}

// typeOf reads the word for a type. The second word is why there is none.
func typeOf(word string) (kind quiz.Type, refusal string) {
	switch strings.TrimSuffix(strings.TrimSuffix(narrow(word), "题"), "选择") {
	case "单选", "单项", "SINGLE", "QUIZ":
		return quiz.Single, ""
	case "多选", "多项", "不定项", "MULTIPLE":
		return quiz.Multiple, ""
	case "判断", "是非", "对错", "正误", "TRUEFALSE":
		return quiz.TrueFalse, ""
	case "调查", "投票", "问卷", "POLL":
		return quiz.Poll, ""
	case "填空", "FILL":
		return quiz.Fill, ""
	case "排序", "ORDERING":
		return quiz.Ordering, ""
	case "": // nothing, or 选择题: the answer tells
		return "", ""
	case "简答", "问答", "论述", "主观", "连线", "匹配", "名词解释", "作文", "材料", "案例分析":
		return "", fmt.Sprintf("“%s”要老师自己批改，或者本站没有这种题型，请改成单选、多选、判断、填空、排序或调查题", word)
	}
	return "", fmt.Sprintf("不认识题型“%s”，请写成单选题、多选题、判断题、填空题、排序题或调查题", short(word))
}

func typeWord(kind quiz.Type) string {
	return map[quiz.Type]string{quiz.Single: "单选题", quiz.Multiple: "多选题", quiz.TrueFalse: "判断题", quiz.Poll: "调查题", quiz.Fill: "填空题", quiz.Ordering: "排序题"}[kind]
}

// item reads one row.
func (t *table) item(d *draft, l line) bool {
	it := &d.item
	it.Stem, d.id = t.value(l, colStem), t.value(l, colID)
	for column, at := range t.column {
		if why, broken := l.broken[at]; broken {
			d.refuse("%s%s", t.where(l, column), why)
			return false
		}
	}
	d.explain(t.value(l, colExplanation))
	it.Topic = t.value(l, colTopic)
	it.Points = t.number(d, l, colPoints, usualPoints)
	it.Seconds = t.number(d, l, colSeconds, usualSeconds)
	it.Fixed = t.value(l, colFixed) == "固定"
	var ok bool
	if it.Level, ok = level(t.value(l, colLevel)); !ok {
		d.change("%s的难度“%s”不认识，没有带过来，请写简单、中等或困难", t.where(l, colLevel), short(t.value(l, colLevel)))
	}
	kind, refusal := typeOf(t.value(l, colType))
	if refusal != "" {
		d.refuse("%s：%s", t.where(l, colType), refusal)
		return false
	}
	return t.answer(d, l, kind)
}

func (t *table) number(d *draft, l line, column, usual int) int {
	text := t.value(l, column)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseFloat(firstInt.FindString(narrow(text)), 64)
	rest := strings.TrimPrefix(narrow(text), firstInt.FindString(narrow(text)))
	if err != nil || n > math.MaxInt32 || strings.TrimSpace(strings.Trim(rest, "分秒SEC")) != "" {
		d.change("%s的“%s”不是整数，改成了 %d", t.where(l, column), short(text), usual)
		return usual
	}
	return int(n)
}

// places are the options of a row by their columns; letters count columns.
func (t *table) places(d *draft, l line) map[int]int {
	at := map[int]int{}
	for i := range 8 {
		if text := t.value(l, colOption+i); text != "" {
			at[i] = len(d.item.Options)
			d.option(text, false)
		}
	}
	return at
}

func (t *table) answer(d *draft, l line, kind quiz.Type) bool {
	it, text := &d.item, t.value(l, colAnswer)
	at := t.places(d, l)
	_, judged := verdict(text)
	if kind == "" {
		switch {
		case len(at) > 0:
			kind = quiz.Single // more than one answer makes it multiple
		case judged:
			kind = quiz.TrueFalse
		case text != "":
			kind = quiz.Fill
		default:
			d.refuse("这一行没有选项也没有答案，看不出是什么题")
			return false
		}
		if _, has := t.column[colType]; has && t.value(l, colType) == "" {
			d.change("没有写题型，当成了%s", typeWord(kind))
		}
	}
	it.Type = kind
	switch kind {
	case quiz.Fill:
		for word := range strings.SplitSeq(strings.ReplaceAll(text, "｜", "|"), "|") {
			if word = strings.TrimSpace(word); word != "" {
				it.Accept = append(it.Accept, word)
			}
		}
		if len(at) > 0 {
			d.change("填空题没有选项，选项里的文字没有带过来")
			it.Options = nil
		}
		return true
	case quiz.TrueFalse:
		return t.judge(d, l, text, at)
	case quiz.Poll:
		if text != "" && text != "无" {
			d.change("调查题没有对错，答案“%s”没有带过来", short(text))
		}
		return true
	}
	chosen, wrong := choose(text, it.Options, at)
	if wrong != "" {
		d.refuse("%s的答案“%s”里，“%s”不是这道题的选项。请写选项的字母，例如 A、AC 或 B>A>C", t.where(l, colAnswer), short(text), short(wrong))
		return false
	}
	if kind == quiz.Ordering {
		return t.order(d, l, chosen)
	}
	for _, i := range chosen {
		it.Options[i].Correct = true
	}
	if kind == quiz.Single && len(chosen) > 1 && !strings.Contains(t.value(l, colType), "单") {
		it.Type = quiz.Multiple
	}
	return true
}

func (t *table) judge(d *draft, l line, text string, at map[int]int) bool {
	right, known := verdict(text)
	if !known {
		if chosen, wrong := choose(text, d.item.Options, at); wrong == "" && len(chosen) == 1 {
			right, known = verdict(d.item.Options[chosen[0]].Text)
		}
	}
	if !known {
		d.refuse("%s的答案“%s”看不懂，判断题请写“对”或“错”", t.where(l, colAnswer), short(text))
		return false
	}
	for _, o := range d.item.Options {
		if _, ok := verdict(o.Text); !ok {
			d.change("判断题只有“对”和“错”，选项“%s”没有带过来", short(o.Text))
		}
	}
	d.item.Options = nil
	d.option("对", right)
	d.option("错", !right)
	return true
}

func (t *table) order(d *draft, l line, chosen []int) bool {
	if len(chosen) == 0 {
		d.change("排序题没有写答案，就按选项的先后当成正确的次序")
		return true
	}
	sorted := slices.Clone(chosen)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != len(d.item.Options) || len(chosen) != len(d.item.Options) {
		d.refuse("%s的次序要把 %d 个选项都写到，每个一次，例如 B>A>C", t.where(l, colAnswer), len(d.item.Options))
		return false
	}
	options := make([]quiz.Option, len(chosen))
	for i, from := range chosen {
		options[i] = d.item.Options[from]
	}
	d.item.Options = options
	return true
}

func separator(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(",，、;；/>＞→.．。-—~～和与", r)
}

// choose reads letters, or numbers as Kahoot has them, or the very words of an
// option. It returns the options in the order of the answer, and the first
// part that is none.
func choose(text string, options []quiz.Option, at map[int]int) (chosen []int, wrong string) {
	if same := slices.IndexFunc(options, func(o quiz.Option) bool { return o.Text == text }); same >= 0 && letter(text) < 0 {
		return []int{same}, ""
	}
	for _, part := range strings.FieldsFunc(text, separator) {
		for _, r := range part {
			place := letter(string(r))
			if n, err := strconv.Atoi(narrow(string(r))); err == nil {
				place = n - 1
			}
			i, ok := at[place]
			if !ok {
				return nil, part
			}
			chosen = append(chosen, i)
		}
	}
	return chosen, ""
}
