package quiz

import (
	"crypto/sha256"
	"encoding/base32"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// draft is an item while its blocks are read.
type draft struct {
	item    Item
	poll    bool
	listed  bool // a list of options was seen, whatever it held
	ordered bool
	filled  bool  // a line of accepted answers was seen
	lines   []int // of the options
	broken  bool  // a mistake was named that would only cause echoes
}

// heading begins an item: its stem and its attributes.
func (f *file) heading(n *ast.Heading) *draft {
	line := f.line(n)
	d := &draft{item: Item{Line: line, Points: 10, Seconds: 30}}
	p := f.plain(n)
	d.item.Stem = p.text
	if len(p.images) > 0 {
		f.picture(d, line, p.images)
	}
	switch size := utf8.RuneCountInString(p.text); {
	case size == 0:
		f.errorf(line, "stem-empty", "这道题没有题干，请在“## ”后面写上题目。")
	case size > maxStem:
		f.errorf(line, "stem-long", "题干有 %d 字，超过 %d 字，请写短一些。", size, maxStem)
	}
	attrs := n.Attributes()
	if len(attrs) == 0 && strings.Contains(p.text, "{#") || len(attrs) == 0 && strings.HasSuffix(p.text, "}") {
		f.errorf(line, "attribute-syntax", "标题末尾的属性写法不对，请写成 {#题号 points=10 seconds=30}，每项都要有等号，汉字的值要加英文引号。")
		f.ids[""] = line
		return d
	}
	for _, a := range attrs {
		f.attribute(d, string(a.Name), a.Value)
	}
	f.identify(d)
	return d
}

func (f *file) identify(d *draft) {
	id, line := d.item.ID, d.item.Line
	first, taken := f.ids[id]
	switch {
	case id == "":
		f.errorf(line, "id-missing", "这道题没有题号，请在标题末尾加上 {#题号}，例如 {#def-1}，以后不要再改。")
	case !slug.MatchString(id):
		f.errorf(line, "id-invalid", "题号 %q 不能用，请改成 1–40 个小写字母、数字或连字符。", id)
	case taken:
		f.errorf(line, "id-duplicate", "题号 %q 在第 %d 行已经用过，请换一个。", id, first)
		return
	}
	f.ids[id] = line
	if len(f.ids) == maxItems+1 {
		f.errorf(line, "too-many-items", "一个文件最多 %d 道题，请把后面的题移到另一个文件。", maxItems)
	}
}

// attribute reads one attribute of a heading. Goldmark gives words as bytes,
// numbers as float64 and true and false as bool.
func (f *file) attribute(d *draft, name string, value any) {
	it, line := &d.item, d.item.Line
	word := ""
	if b, ok := value.([]byte); ok {
		word = string(b)
	}
	switch name {
	case "id":
		if it.ID = word; word == "" {
			it.ID = "?" // written, but not as a word: invalid rather than missing
		}
	case "points":
		it.Points = f.number(line, name, value, 0, 100, "分值")
	case "seconds":
		it.Seconds = f.number(line, name, value, 5, 600, "答题秒数")
	case "level":
		if it.Level = word; word != "easy" && word != "medium" && word != "hard" {
			f.errorf(line, "level", "难度 level 只能是 easy、medium 或 hard，请改成其中之一。")
		}
	case "topic":
		if it.Topic = oneLine(word); it.Topic == "" || utf8.RuneCountInString(it.Topic) > 40 {
			f.errorf(line, "topic", "主题 topic 要是 1–40 个字的词，请写成 topic=definition 或 topic=\"定义\"。")
		}
	case "poll":
		on, ok := value.(bool)
		if d.poll = on; !ok {
			f.errorf(line, "poll", "poll 只能写 poll=true，请改正；不是调查题就删去它。")
		}
	case "shuffle":
		off, ok := value.(bool)
		it.Fixed = word == "no" || ok && !off
		if !it.Fixed && word != "yes" && !ok {
			f.errorf(line, "shuffle", "shuffle 只能写 shuffle=no（选项不打乱）或 shuffle=yes，请改正。")
		}
	default:
		f.errorf(line, "attribute-unknown", "不认识属性 %q，只能用 #题号、points、seconds、level、topic、poll、shuffle，请删去或改正。", name)
	}
}

// number returns a whole number in a range; its name is also its error code.
func (f *file) number(line int, name string, value any, low, high int, what string) int {
	v, ok := value.(float64)
	if !ok || v != math.Trunc(v) || v < float64(low) || v > float64(high) {
		f.errorf(line, name, "%s %s 要是 %d–%d 的整数，请改正，例如 %s=%d。", what, name, low, high, name, max(low, 10))
		return low
	}
	return int(v)
}

// list reads the options of an item.
func (f *file) list(d *draft, n *ast.List) {
	if d.listed {
		d.broken = true
		f.errorf(f.line(n), "list-twice", "一道题只能有一组选项，请把选项连着写，并用同一种记号（都用“- [ ] ”或都用“1. ”）。")
		return
	}
	d.listed, d.ordered = true, n.IsOrdered()
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		f.option(d, c)
	}
}

func (f *file) option(d *draft, n ast.Node) {
	line := f.line(n)
	d.lines = append(d.lines, line)
	block := n.FirstChild()
	if block == nil {
		d.item.Options = append(d.item.Options, Option{})
		f.errorf(line, "option-empty", "这个选项是空的，请写上文字或删去这一行。")
		return
	}
	_, isText := block.(*ast.TextBlock)
	_, isParagraph := block.(*ast.Paragraph)
	if !isText && !isParagraph || block.NextSibling() != nil {
		d.broken = true
		f.errorf(line, "option-nested", "一个选项只能是一段文字，请去掉里面的小列表、引用和空行，解析写在所有选项之后、行首以“> ”开头。")
		d.item.Options = append(d.item.Options, Option{})
		return
	}
	p := f.plain(block)
	o := Option{Text: p.text}
	if len(p.images) > 0 {
		o.Image = p.images[0]
	}
	if len(p.images) > 1 {
		f.errorf(line, "image-many", "一道题或一个选项只能有一张图，请只留一张。")
	}
	box, boxed := block.FirstChild().(*extast.TaskCheckBox)
	o.Correct = boxed && box.IsChecked
	if boxed == d.ordered {
		d.broken = true
	}
	switch {
	case boxed && d.ordered:
		f.errorf(line, "checkbox", "排序题不用方框，请按正确顺序写“1. 第一步”；选择题请写“- [ ] ”。")
	case !boxed && !d.ordered:
		f.errorf(line, "checkbox", "选项前要有方框，请写“- [ ] ”（正确的写“- [x] ”），方括号用英文的，里面空一格。")
	}
	switch size := utf8.RuneCountInString(o.Text); {
	case size == 0 && o.Image == nil:
		f.errorf(line, "option-empty", "这个选项是空的，请写上文字或删去这一行。")
	case size > maxText:
		f.errorf(line, "option-long", "选项有 %d 字，超过 %d 字，请写短一些。", size, maxText)
	}
	d.item.Options = append(d.item.Options, o)
}

// accept reads one line of accepted answers of a fill-in.
func (f *file) accept(d *draft, line int, answers string) {
	d.filled = true
	answers = strings.ReplaceAll(answers, "｜", "|")
	for answer := range strings.SplitSeq(answers, "|") {
		answer = oneLine(answer)
		folded := fold(answer)
		switch {
		case folded == "":
			f.errorf(line, "fill-empty", "填空题的答案是空的，请在“=”后面写答案，几种写法用“|”隔开，只有标点不算答案。")
		case utf8.RuneCountInString(answer) > maxText:
			f.errorf(line, "fill-long", "填空题的答案超过 %d 字，请写短一些，或改成选择题。", maxText)
		case !slices.ContainsFunc(d.item.Accept, func(a string) bool { return fold(a) == folded }):
			d.item.Accept = append(d.item.Accept, answer)
		}
	}
}

// finish settles the type of an item, checks it as a whole and adds it.
func (f *file) finish(d *draft) {
	if d == nil {
		return
	}
	it, line := &d.item, d.item.Line
	switch {
	case d.filled && d.listed:
		f.errorf(line, "mixed", "一道题不能既有选项又有填空答案，请只留一种，或分成两道题。")
	case d.filled:
		it.Type = Fill
		if d.poll {
			f.errorf(line, "poll", "调查题要有选项，不能填空，请写“- [ ] ”选项或删去 poll。")
		}
	case !d.listed:
		if !d.broken {
			f.errorf(line, "no-options", "这道题没有选项也没有答案，请写“- [ ] ”选项、“1. ”排序或“= 答案”。")
		}
	case d.ordered:
		it.Type = Ordering
		f.checkOrdering(d)
	default:
		f.checkChoice(d)
	}
	if n := len(it.Options); n > maxOption {
		f.errorf(d.lines[maxOption], "too-many-options", "这道题有 %d 个选项，最多 %d 个，请删去一些。", n, maxOption)
	}
	f.checkSame(d)
	if it.Type == Poll {
		it.Points = 0
	}
	it.identifyOptions()
	f.quiz.Items = append(f.quiz.Items, *it)
}

func (f *file) checkOrdering(d *draft) {
	if n := len(d.item.Options); n < 3 {
		f.errorf(d.item.Line, "ordering-short", "排序题只有 %d 项，请至少写 3 项。", n)
	}
	if d.poll {
		f.errorf(d.item.Line, "poll", "调查题不能是排序题，请写“- [ ] ”选项或删去 poll。")
	}
}

// checkChoice tells the kinds of choice apart and checks the marks.
func (f *file) checkChoice(d *draft) {
	it, line := &d.item, d.item.Line
	marked := 0
	for i, o := range it.Options {
		if o.Correct {
			marked++
			if d.poll && marked == 1 {
				f.errorf(d.lines[i], "poll", "调查题没有正确答案，请把 [x] 改成 [ ]，或删去 poll。")
			}
		}
	}
	if len(it.Options) == 1 && !d.broken {
		f.errorf(line, "one-option", "这道题只有一个选项，请至少写两个。")
	}
	switch {
	case d.poll:
		it.Type = Poll
	case marked == 0 && d.broken: // the mark may be in what was refused
	case marked == 0:
		f.errorf(line, "no-answer", "这道题没有标出正确答案，请把正确的选项写成“- [x] ”；没有对错的调查题请加 poll=true。")
	case trueFalse(it.Options):
		it.Type = TrueFalse
		if marked > 1 {
			f.errorf(line, "truefalse-answer", "判断题的“对”和“错”只能有一个正确，请只留一个 [x]。")
		}
		if it.Options[0].Text == "错" { // one order everywhere, so that it tells nothing
			slices.Reverse(it.Options)
		}
	case marked == 1:
		it.Type = Single
	default:
		it.Type = Multiple
	}
}

func trueFalse(os []Option) bool {
	return len(os) == 2 && os[0].Image == nil && os[1].Image == nil &&
		(os[0].Text == "对" && os[1].Text == "错" || os[0].Text == "错" && os[1].Text == "对")
}

func (f *file) checkSame(d *draft) {
	seen := map[string]int{}
	for i, o := range d.item.Options {
		look := o.look()
		if first, ok := seen[look]; ok && look != "\x00" {
			f.errorf(d.lines[i], "option-duplicate", "这个选项和第 %d 行的相同，请改正或删去一个。", first)
			continue
		}
		seen[look] = d.lines[i]
	}
}

// look is what tells an option from its neighbours on the screen.
func (o Option) look() string {
	if o.Image == nil {
		return o.Text + "\x00"
	}
	return o.Text + "\x00" + o.Image.Src
}

// identifyOptions gives options ids that come from their text: an edit of
// another option does not change them, and no position shows in them.
func (it *Item) identifyOptions() {
	seen := map[string]bool{}
	for i := range it.Options {
		o := &it.Options[i]
		for salt := 0; o.ID == "" || seen[o.ID]; salt++ {
			o.ID = digest(it.ID, o.look(), strconv.Itoa(salt))
		}
		seen[o.ID] = true
		if it.Type == Ordering {
			it.Order = append(it.Order, o.ID)
		}
	}
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:8])
}
