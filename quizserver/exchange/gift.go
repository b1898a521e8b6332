package exchange

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// GIFT is Moodle's plain format, read as Moodle reads it: blank lines part the
// items, the answers stand in braces, a backslash keeps ~ = # { } : and itself.
// What a Chinese keyboard makes of the signs is taken for them where the item
// makes no sense otherwise.
//
// Sources: Moodle's docs page "GIFT format" and question/format/gift; for
// ordering the plugin's import_from_gift.

// kept stand for escaped signs while an item is taken apart. They are code
// points that no text may hold.
var (
	keep   = strings.NewReplacer(`\\`, "\uFDD0", `\:`, "\uFDD1", `\#`, "\uFDD2", `\=`, "\uFDD3", `\{`, "\uFDD4", `\}`, "\uFDD5", `\~`, "\uFDD6", `\n`, "\n")
	unkeep = strings.NewReplacer("\uFDD0", `\`, "\uFDD1", ":", "\uFDD2", "#", "\uFDD3", "=", "\uFDD4", "{", "\uFDD5", "}", "\uFDD6", "~")
	foul   = strings.NewReplacer("\uFDD0", "", "\uFDD1", "", "\uFDD2", "", "\uFDD3", "", "\uFDD4", "", "\uFDD5", "", "\uFDD6", "")
)

var (
	giftWeight   = regexp.MustCompile(`^%(-?[0-9]+(?:\.[0-9]+)?)%`)
	giftFormat   = regexp.MustCompile(`^\[(html|moodle|plain|markdown)\]`)
	giftComment  = regexp.MustCompile(`(\w+)=("(?:[^"\\]|\\.)*"|\S+)`)
	giftTag      = regexp.MustCompile(`\[(id|tag):((?:[^\]\\]|\\.)+)\]`)
	giftOrdering = regexp.MustCompile(`^>[ \t]*\d*[ \t]*(?:ALL|EXACT|RANDOM|REL|CONTIGUOUS|CONTIG)?[ \t]*(?:HORIZONTAL|HORI|VERTICAL|VERT|H|V|0|1)?[ \t]*(?:ALL_OR_NOTHING|ABSOLUTE_POSITION|ABSOLUTE|ABS|RELATIVE_NEXT_EXCLUDE_LAST|RELATIVE_NEXT_INCLUDE_LAST|RELATIVE_ONE_PREVIOUS_AND_NEXT|RELATIVE_ALL_PREVIOUS_AND_NEXT|LONGEST_ORDERED_SUBSET|LONGEST_CONTIGUOUS_SUBSET|RELATIVE|REL)?[ \t]*(?:\n|$)`)
	giftOwn      = regexp.MustCompile(`^ \[id:[a-z0-9-]+\].* seconds=\d+`) // writeGIFT says what it means
	giftUnescape = regexp.MustCompile(`\\(.)`)
)

type giftReader struct {
	bank       *bank
	report     *Report
	topic      string // of the category below the first
	categories int
	parts      bool // marks for single options were left out
	format     string
}

func readGIFT(text string, r *Report) (*bank, error) {
	g := &giftReader{bank: &bank{}, report: r}
	var block []string
	blocks := 0
	for i, line := range append(strings.Split(foul.Replace(text), "\n"), "") {
		if strings.TrimSpace(line) != "" {
			block = append(block, strings.TrimSpace(line))
			continue
		}
		if len(block) > 0 {
			if blocks++; blocks > maxRows {
				r.refuse(fmt.Sprintf("第 %d 行", i+1-len(block)), "", "超过 %d 段，后面的没有读，请分成几个文件", maxRows)
				break
			}
			g.block(i+1-len(block), block)
		}
		block = nil
	}
	if len(g.bank.drafts) == 0 && r.Refused() == 0 {
		return nil, fault.New(fault.Invalid, "文件里没有题目。GIFT 的一道题写成：题目{=正确答案 ~错误答案}，题与题之间空一行")
	}
	if g.parts {
		r.about("多选题要全部选对才得分，Moodle 里按比例给的分数没有带过来")
	}
	return g.bank, nil
}

// block reads the lines between two blank ones.
func (g *giftReader) block(line int, rows []string) {
	var comments []string
	for len(rows) > 0 {
		if comment, ok := strings.CutPrefix(rows[0], "//"); ok {
			comments = append(comments, comment)
		} else if path, ok := strings.CutPrefix(rows[0], "$CATEGORY"); ok {
			g.category(strings.TrimLeft(path, ":："))
		} else {
			break
		}
		rows, line = rows[1:], line+1
	}
	for i, row := range rows {
		if strings.HasPrefix(row, "//") {
			comments = append(comments, row[2:])
			rows[i] = ""
		}
	}
	text := strings.TrimSpace(strings.Join(rows, "\n"))
	if text == "" {
		return
	}
	d := g.bank.add("第 "+strconv.Itoa(line)+" 行", g.report)
	d.item.Topic = g.topic
	for _, c := range comments {
		giftAttributes(d, c)
	}
	text = keep.Replace(text)
	item, wide := splitGIFT(text), false
	if !slices.ContainsFunc(comments, giftOwn.MatchString) {
		item, wide = item.widen()
	}
	if m := wideName.FindStringSubmatch(text); m != nil && item.name == "" {
		item, wide = splitGIFT("::"+m[1]+"::"+m[2]), true
		item, _ = item.widen()
	}
	if wide {
		d.id, d.item.Stem = firstID(d.id, item.name), unkeep.Replace(item.stem())
		d.change("全角的 ｛ ｝ ＝ ～ 等符号当成半角的读了，请核对一下")
	}
	if !g.item(d, item) {
		g.bank.drop()
	}
}

func firstID(id, name string) string {
	if id != "" {
		return id
	}
	return strings.TrimSpace(unkeep.Replace(name))
}

func (g *giftReader) category(path string) {
	name := lastCategory(path)
	if name == "" {
		return
	}
	g.categories++
	switch {
	case g.categories == 1 && len(g.bank.drafts) == 0:
		g.bank.title = name
	default:
		g.topic = name
		g.report.about("分类“%s”写成了题目的主题", name)
	}
}

// giftAttributes reads what a comment before an item says of it: Moodle's
// [id:…] and [tag:…], and the attributes that writeGIFT leaves.
func giftAttributes(d *draft, comment string) {
	if words, ok := strings.CutPrefix(comment, "####"); ok {
		d.explain(unkeep.Replace(keep.Replace(words)))
		return
	}
	topic := ""
	for _, m := range giftTag.FindAllStringSubmatch(comment, -1) {
		value := giftUnescape.ReplaceAllString(m[2], "$1")
		switch {
		case m[1] == "id":
			d.id = value
		case topic == "":
			topic = value
			d.item.Topic = value
		default:
			d.change("标签“%s”没有带过来，一道题只有一个主题", value)
		}
	}
	for _, m := range giftComment.FindAllStringSubmatch(giftTag.ReplaceAllString(comment, ""), -1) {
		n, err := strconv.Atoi(m[2])
		switch {
		case m[1] == "points" && err == nil:
			d.item.Points = n
		case m[1] == "seconds" && err == nil:
			d.item.Seconds = n
		case m[1] == "level":
			d.item.Level, _ = level(m[2])
		case m[1] == "shuffle" && m[2] == "no":
			d.item.Fixed = true
		}
	}
}

// giftItem is an item taken apart, escapes still kept.
type giftItem struct {
	name, before, answers, after string
	open, closed                 bool // a brace was found
}

func splitGIFT(text string) giftItem {
	var it giftItem
	if rest, ok := strings.CutPrefix(text, "::"); ok {
		if name, rest, ok := strings.Cut(rest, "::"); ok {
			it.name, text = name, strings.TrimSpace(rest)
		}
	}
	start, end := strings.Index(text, "{"), strings.Index(text, "}")
	it.open, it.closed = start >= 0, end >= 0
	if start < 0 || end < start {
		it.before = text
		it.closed = it.closed && start < 0
		return it
	}
	it.before, it.answers, it.after = text[:start], strings.TrimSpace(text[start+1:end]), strings.TrimSpace(text[end+1:])
	return it
}

// stem is the text with a blank where the answers stood inside it.
func (it giftItem) stem() string {
	if it.after == "" {
		return it.before
	}
	return it.before + "____" + it.after
}

var (
	wideBraces = strings.NewReplacer("｛", "{", "｝", "}", "：：", "::")
	wideSigns  = strings.NewReplacer("＝", "=", "～", "~", "＃", "#", "％", "%")
	wideName   = regexp.MustCompile(`(?s)^：：(.*?)：：(.*)$`)
	// wideStart is a full-width sign where an answer begins.
	wideStart = regexp.MustCompile(`(^|\s)([＝～])`)
)

// widen reads full-width signs as the signs of the format, if there is no
// sense in the item without.
func (it giftItem) widen() (giftItem, bool) {
	whole := it.before
	if it.name != "" {
		whole = "::" + it.name + "::" + whole
	}
	if (!it.open || !it.closed) && strings.ContainsAny(it.before, "｛｝") {
		next := splitGIFT(wideBraces.Replace(whole))
		if !next.open || !next.closed {
			return it, false
		}
		next, _ = next.widen()
		return next, true
	}
	answers, general := it.answers, ""
	if i := strings.LastIndex(answers, "####"); i >= 0 {
		answers, general = answers[:i], answers[i:]
	}
	word, _, _ := strings.Cut(answers, "#")
	_, judged := verdict(word)
	switch {
	case judged, strings.HasPrefix(answers, "#"), strings.HasPrefix(answers, ">"):
		return it, false
	case !strings.ContainsAny(answers, "=~") && strings.ContainsAny(answers, "＝～"):
		answers = wideSigns.Replace(answers)
	case wideStart.MatchString(answers):
		answers = wideStart.ReplaceAllStringFunc(answers, wideSigns.Replace)
	default:
		return it, false
	}
	it.answers = answers + general
	return it, true
}

// item reads one item into its draft; a refusal is in the report.
func (g *giftReader) item(d *draft, it giftItem) bool {
	d.id = firstID(d.id, it.name)
	g.format = "" // that of the stem holds for all of the item
	if m := giftFormat.FindStringSubmatch(it.before); m != nil {
		g.format = m[1]
	}
	d.item.Stem = g.words(d, it.stem())
	answers := it.answers
	if i := strings.LastIndex(answers, "####"); i >= 0 {
		defer func(general string) { d.explain(g.words(d, general)) }(answers[i+4:])
		answers = strings.TrimSpace(answers[:i])
	}
	switch {
	case !it.open && !it.closed:
		d.refuse("这一段没有花括号，是说明文字，不是题目")
	case !it.open || !it.closed:
		d.refuse("花括号没有成对。一道题写在一起，中间不能空行；文字里的花括号要写成 \\{ 和 \\}")
	case strings.ContainsAny(it.after, "{}"):
		d.refuse("一道题里有两对花括号；文字里的花括号要写成 \\{ 和 \\}")
	case answers == "":
		d.refuse("这是简答题，要老师自己批改，本站没有这种题型")
	case strings.HasPrefix(answers, "#"):
		return g.numerical(d, answers[1:])
	case strings.HasPrefix(answers, ">"):
		return g.ordering(d, answers)
	case strings.Contains(answers, "~"):
		return g.choice(d, answers)
	case strings.Contains(answers, "=") && strings.Contains(answers, "->"):
		d.refuse("这是连线（匹配）题，本站没有这种题型，请改成几道单选题")
	default:
		if word, _, _ := strings.Cut(answers, "#"); !strings.Contains(word, "=") {
			return g.trueFalse(d, answers)
		}
		return g.fill(d, answers)
	}
	return false
}

func (g *giftReader) trueFalse(d *draft, answers string) bool {
	parts := strings.SplitN(answers, "#", 3)
	right, known := verdict(parts[0])
	if !known {
		d.refuse("花括号里的“%s”看不懂：正确答案前面写 =，错误答案前面写 ~，判断题写 T 或 F", short(unkeep.Replace(parts[0])))
		return false
	}
	d.item.Type = quiz.TrueFalse
	d.option("对", right)
	d.option("错", !right)
	for _, feedback := range parts[1:] {
		d.explain(g.words(d, feedback))
	}
	return true
}

// giftAnswer is one answer with its mark.
type giftAnswer struct {
	equals   bool
	weighted bool
	weight   float64
	text     string
	feedback string
}

// answersOf takes apart a list of answers; false for text before the first.
func (g *giftReader) answersOf(d *draft, list string) ([]giftAnswer, bool) {
	var all []giftAnswer
	marks := func(r rune) bool { return r == '=' || r == '~' }
	if i := strings.IndexFunc(list, marks); i != 0 {
		d.refuse("第一个答案“%s”前面没有写 = 或 ~", short(unkeep.Replace(list[:max(i, 0)])))
		return nil, false
	}
	for list != "" {
		a := giftAnswer{equals: list[0] == '='}
		list = list[1:]
		end := strings.IndexFunc(list, marks)
		if end < 0 {
			end = len(list)
		}
		one := strings.TrimSpace(list[:end])
		list = list[end:]
		if m := giftWeight.FindStringSubmatch(one); m != nil {
			a.weighted = true
			a.weight, _ = strconv.ParseFloat(m[1], 64)
			one = one[len(m[0]):]
		} else if a.equals {
			a.weight = 100
		}
		text, feedback, _ := strings.Cut(one, "#")
		a.text, a.feedback = g.words(d, text), g.words(d, feedback)
		all = append(all, a)
	}
	return all, true
}

// words are a text without what GIFT or HTML add to it.
func (g *giftReader) words(d *draft, text string) string {
	text = strings.TrimSpace(text)
	format := g.format
	if m := giftFormat.FindStringSubmatch(text); m != nil {
		format, text = m[1], text[len(m[0]):]
	}
	text = strings.TrimSpace(unkeep.Replace(text))
	switch format {
	case "plain", "markdown":
		return text
	}
	return htmlText(d, text, format == "html")
}

func (g *giftReader) choice(d *draft, list string) bool {
	answers, ok := g.answersOf(d, list)
	if !ok {
		return false
	}
	marks := make([]mark, len(answers))
	single := false
	for i, a := range answers {
		d.option(a.text, false)
		marks[i] = mark{a.weight, a.feedback}
		single = single || a.equals
	}
	g.parts = d.mark(single, marks) || g.parts
	return true
}

func (g *giftReader) fill(d *draft, list string) bool {
	answers, ok := g.answersOf(d, list)
	if !ok {
		return false
	}
	d.item.Type = quiz.Fill
	for _, a := range answers {
		d.accept(a.text, a.weight, a.feedback, false)
	}
	return true
}

func (g *giftReader) ordering(d *draft, list string) bool {
	d.item.Type = quiz.Ordering
	head := giftOrdering.FindString(list)
	if head == "" {
		head = ">"
	}
	for line := range strings.SplitSeq(list[len(head):], "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		line = strings.TrimSpace(unkeep.Replace(line)) // the plugin knows no [html] here
		if g.format != "plain" {
			line = htmlText(d, line, g.format == "html")
		}
		d.option(line, false)
	}
	return true
}

func (g *giftReader) numerical(d *draft, list string) bool {
	list, wrong, _ := strings.Cut(list, "~")
	if !strings.HasPrefix(strings.TrimSpace(list), "=") {
		list = "=" + strings.TrimSpace(list)
	}
	answers, ok := g.answersOf(d, strings.TrimSpace(list))
	if !ok {
		return false
	}
	d.item.Type = quiz.Fill
	for _, a := range answers {
		if !d.number(a.text, a.weight, a.feedback) {
			return false
		}
	}
	if _, feedback, ok := strings.Cut(wrong, "#"); ok {
		d.explain(g.words(d, feedback))
	}
	return true
}
