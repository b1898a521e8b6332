package exchange

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// Moodle XML, as question/format/xml of Moodle 4 writes it. encoding/xml knows
// no external entities and expands none that a file declares, so neither can
// hurt.

type moodleText struct {
	Format string       `xml:"format,attr,omitempty"`
	Text   string       `xml:"text"`
	Files  []moodleFile `xml:"file"`
}

type moodleFile struct {
	Name string `xml:"name,attr"`
}

type moodleChoice struct {
	Fraction  string       `xml:"fraction,attr"`
	Format    string       `xml:"format,attr"`
	Text      string       `xml:"text"`
	Feedback  moodleText   `xml:"feedback"`
	Tolerance string       `xml:"tolerance"`
	Files     []moodleFile `xml:"file"`
}

type moodleQuestion struct {
	Type      string         `xml:"type,attr"`
	Category  moodleText     `xml:"category"`
	Name      moodleText     `xml:"name"`
	Stem      moodleText     `xml:"questiontext"`
	General   moodleText     `xml:"generalfeedback"`
	Grade     string         `xml:"defaultgrade"`
	IDNumber  string         `xml:"idnumber"`
	Single    string         `xml:"single"`
	Shuffle   string         `xml:"shuffleanswers"`
	UseCase   string         `xml:"usecase"`
	Select    string         `xml:"selecttype"`
	Answers   []moodleChoice `xml:"answer"`
	Correct   moodleText     `xml:"correctfeedback"`
	Partly    moodleText     `xml:"partiallycorrectfeedback"`
	Incorrect moodleText     `xml:"incorrectfeedback"`
	Hints     []moodleText   `xml:"hint"`
	Tags      []moodleText   `xml:"tags>tag"`
}

// refusals are the types that have no counterpart.
var refusals = map[string]string{
	"essay":       "简答题要老师自己批改",
	"description": "这是说明文字，不是题目",
	"match":       "连线（匹配）题本站没有，请改成几道单选题",
	"matching":    "连线（匹配）题本站没有，请改成几道单选题",
	"cloze":       "完形填空（cloze）题本站没有，请把每个空改成一道题",
	"multianswer": "完形填空（cloze）题本站没有，请把每个空改成一道题",
	"gapselect":   "选词填空题本站没有，请把每个空改成一道单选题",
	"ddwtos":      "拖词填空题本站没有，请把每个空改成一道单选题",
	"calculated":  "算式题本站没有，请改成填空题，把数写定",
}

func readMoodle(src []byte, r *Report) (*bank, error) {
	src, err := moodleUTF8(src, r)
	if err != nil {
		return nil, err
	}
	m := &moodleReader{bank: &bank{}, report: r}
	d := xml.NewDecoder(bytes.NewReader(src))
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	root, questions := false, 0
	for {
		token, err := d.Token()
		line, _ := d.InputPos()
		place := fmt.Sprintf("第 %d 行", line)
		if errors.Is(err, io.EOF) {
			break
		}
		start, isStart := token.(xml.StartElement)
		var q moodleQuestion
		switch {
		case err != nil:
		case isStart && start.Name.Local == "quiz":
			root = true
		case isStart && !root:
			return nil, notMoodle
		case isStart && start.Name.Local == "question":
			questions++
			if err = d.DecodeElement(&q, &start); err == nil {
				m.question(place, &q)
			}
		case isStart:
			r.about("%s的 <%s> 不是题目，没有读", place, short(start.Name.Local))
			err = d.Skip()
		}
		if err != nil {
			if !root {
				return nil, notMoodle
			}
			line, _ = d.InputPos()
			r.refuse(fmt.Sprintf("第 %d 行", line), "", "这里的 XML 写错了，从这里起读不下去了（%v）", err)
			break
		}
		if questions > maxRows {
			r.refuse(place, "", "超过 %d 道题，后面的没有读，请分成几个文件", maxRows)
			break
		}
	}
	if !root {
		return nil, notMoodle
	}
	if m.parts {
		r.about("多选题要全部选对才得分，Moodle 里按比例给的分数没有带过来")
	}
	return m.bank, nil
}

var notMoodle = fault.New(fault.Invalid, "这不是 Moodle 导出的 XML 文件。请在 Moodle 的题库里选“导出”，格式选“Moodle XML”")

// moodleUTF8 goes by what the file says of its encoding, if it is not UTF-8.
func moodleUTF8(src []byte, r *Report) ([]byte, error) {
	head := src[:min(len(src), 200)]
	if _, rest, ok := bytes.Cut(head, []byte("encoding=")); ok && len(rest) > 1 {
		name, _, _ := bytes.Cut(rest[1:], rest[:1])
		if e, err := htmlindex.Get(string(name)); err == nil {
			if label, _ := htmlindex.Name(e); label != "utf-8" && !strings.HasPrefix(label, "utf-16") {
				if text, ok := try(e, src); ok {
					r.about("文件不是 UTF-8 编码，按它自己写明的 %s 读的", label)
					return []byte(text), nil
				}
			}
		}
	}
	text, name, ok := decoded(src)
	if !ok {
		return nil, notMoodle
	}
	if name != "" {
		r.about("文件不是 UTF-8 编码，按 %s 读的；如果出现乱码，请另存为 UTF-8 再转", name)
	}
	return []byte(text), nil
}

type moodleReader struct {
	bank       *bank
	report     *Report
	categories int
	topic      string
	parts      bool
}

func (m *moodleReader) question(place string, q *moodleQuestion) {
	if q.Type == "category" {
		m.category(q.Category.Text)
		return
	}
	d := m.bank.add(place, m.report)
	d.item.Topic = m.topic
	name := strings.TrimSpace(q.Name.Text)
	d.id = strings.TrimSpace(q.IDNumber)
	if d.id == "" && slug.MatchString(name) {
		d.id = name
	}
	d.item.Stem = name // by which the report knows it meanwhile
	if stem := d.words(q.Stem); stem != "" {
		d.item.Stem = stem
	}
	if !m.answers(d, q) {
		m.bank.drop()
		return
	}
	d.grade(q.Grade)
	d.item.Fixed = q.Shuffle == "false" || q.Shuffle == "0"
	for _, t := range q.Tags {
		d.tag(strings.TrimSpace(t.Text))
	}
	d.explain(d.words(q.General))
	m.combined(d, q)
	if len(q.Hints) > 0 {
		var hints []string
		for _, h := range q.Hints {
			if words := d.words(h); words != "" {
				hints = append(hints, words)
			}
		}
		if len(hints) > 0 {
			d.change("提示没有带过来：%s", short(strings.Join(hints, "；")))
		}
	}
}

// combined are the feedbacks that Moodle fills with the same three sentences
// for every question; only others are kept.
func (m *moodleReader) combined(d *draft, q *moodleQuestion) {
	for _, f := range []moodleText{q.Correct, q.Partly, q.Incorrect} {
		switch words := d.words(f); strings.TrimRight(words, ".。！!") {
		case "", "Your answer is correct", "Your answer is partially correct", "Your answer is incorrect",
			"回答正确", "部分正确", "回答不正确", "您的回答正确", "您的回答部分正确", "您的回答不正确", "你的回答正确", "你的回答部分正确", "你的回答不正确",
			"答案正确", "答案部分正确", "答案不正确":
		default:
			d.explain(words)
		}
	}
}

func (m *moodleReader) category(path string) {
	name := lastCategory(path)
	if name == "" {
		return
	}
	m.categories++
	if m.categories == 1 && len(m.bank.drafts) == 0 {
		m.bank.title = name
		return
	}
	m.topic = name
	m.report.about("分类“%s”写成了题目的主题", name)
}

// lastCategory is the innermost of a path of categories; Moodle doubles a slash
// that belongs to a name. $course$ and its like name nothing.
func lastCategory(path string) string {
	path = strings.ReplaceAll(strings.TrimSpace(path), "//", "\x00")
	name := strings.TrimSpace(path[strings.LastIndex(path, "/")+1:])
	if strings.HasPrefix(name, "$") && strings.HasSuffix(name, "$") {
		return ""
	}
	return strings.ReplaceAll(name, "\x00", "/")
}

// words are the text of a field, and name its pictures.
func (d *draft) words(t moodleText) string { return d.wordsOf(t.Text, t.Format, t.Files) }

func (d *draft) wordsOf(text, format string, files []moodleFile) string {
	for _, f := range files {
		if !strings.Contains(text, "@@PLUGINFILE@@/"+f.Name) { // else named where it stands
			d.change("附件 %s 没有带过来", short(f.Name))
		}
	}
	switch format {
	case "plain_text":
		return strings.TrimSpace(text)
	case "markdown":
		words, markup := quiz.TextOf(text, nil)
		if markup.Layout || len(markup.Images) > 0 {
			d.change("文字里的排版和图片没有带过来，请核对一下：%s", short(words))
		}
		return words
	}
	return strings.TrimSpace(htmlText(d, text, format == "html"))
}

func (d *draft) grade(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	points, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(points) || points < 0 || points > 1e6 {
		d.change("分值“%s”看不懂，改成了 %d", short(text), usualPoints)
		return
	}
	d.item.Points = int(math.Round(points))
	if d.item.Points == 0 && points > 0 {
		d.item.Points = 1
	}
	if float64(d.item.Points) != points && d.item.Type != quiz.Poll {
		d.change("分值只能是整数，%s 改成了 %d", text, d.item.Points)
	}
}

// Tags of ours, for what Moodle has no field for.
const (
	tagSeconds = "秒数:"
	tagLevel   = "难度:"
	tagTopic   = "主题:"
)

func (d *draft) tag(tag string) {
	if rest, ok := strings.CutPrefix(tag, tagSeconds); ok {
		if n, err := strconv.Atoi(rest); err == nil {
			d.item.Seconds = n
			return
		}
	}
	if rest, ok := strings.CutPrefix(tag, tagLevel); ok {
		if l, known := level(rest); known {
			d.item.Level = l
			return
		}
	}
	if rest, ok := strings.CutPrefix(tag, tagTopic); ok {
		d.item.Topic = rest
		return
	}
	switch {
	case tag == "":
	case d.item.Topic == "":
		d.item.Topic = tag
	default:
		d.change("标签“%s”没有带过来，一道题只有一个主题", short(tag))
	}
}

// answers reads what an item is answered with; a refusal is in the report.
func (m *moodleReader) answers(d *draft, q *moodleQuestion) bool {
	for i := range q.Answers { // a number that cannot be read counts as wrong
		if _, err := strconv.ParseFloat(strings.TrimSpace(q.Answers[i].Fraction), 64); err != nil {
			q.Answers[i].Fraction = "0"
		}
	}
	switch q.Type {
	case "multichoice", "multichoiceset":
		marks := make([]mark, len(q.Answers))
		for i, a := range q.Answers {
			d.option(d.wordsOf(a.Text, a.Format, a.Files), false)
			marks[i] = mark{a.weight(), d.words(a.Feedback)}
		}
		single := q.Type == "multichoice" && (q.Single == "true" || q.Single == "1" || q.Single == "")
		if len(marks) > 0 {
			m.parts = d.mark(single, marks) || m.parts
		}
	case "truefalse":
		right, known := false, false
		for _, a := range q.Answers {
			v, ok := verdict(a.Text)
			if whole(a.weight()) && ok {
				right, known = v, true
			}
			d.explain(d.words(a.Feedback))
		}
		if !known {
			d.refuse("判断题没有写哪个对")
			return false
		}
		d.item.Type = quiz.TrueFalse
		d.option("对", right)
		d.option("错", !right)
	case "shortanswer":
		d.item.Type = quiz.Fill
		for _, a := range q.Answers {
			d.accept(a.Text, a.weight(), d.words(a.Feedback), false)
		}
		if q.UseCase == "1" || q.UseCase == "true" {
			d.change("原来要求大小写一致，本站不分大小写")
		}
	case "numerical":
		d.item.Type = quiz.Fill
		for _, a := range q.Answers {
			text := strings.TrimSpace(a.Text)
			if t := strings.TrimSpace(a.Tolerance); t != "" && t != "0" && text != "*" {
				text += ":" + t
			}
			if !d.number(text, a.weight(), d.words(a.Feedback)) {
				return false
			}
		}
	case "ordering":
		d.item.Type = quiz.Ordering
		for _, a := range q.Answers {
			d.option(d.wordsOf(a.Text, a.Format, a.Files), false)
		}
		if s := strings.ToUpper(q.Select); s != "" && s != "ALL" && s != "0" {
			d.change("原来每次只抽几项来排，现在全部都排")
		}
	default:
		why, known := refusals[q.Type]
		if !known {
			why = fmt.Sprintf("本站没有 %q 这种题型", short(q.Type))
		}
		d.refuse("%s", why)
		return false
	}
	return true
}

func (a moodleChoice) weight() float64 {
	w, err := strconv.ParseFloat(strings.TrimSpace(a.Fraction), 64)
	if err != nil || math.IsNaN(w) {
		return 0
	}
	return w
}
