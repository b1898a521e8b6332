package exchange

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// bank is a file as a reader found it.
type bank struct {
	title  string
	drafts []*draft
}

// draft is an item as a reader found it. All texts are plain, the explanation
// in lines.
type draft struct {
	place  string
	id     string // as the file has it; perhaps none, perhaps not a valid one
	item   quiz.Item
	report *Report
}

// Points and seconds of an item whose file says nothing, as quiz.Parse has them.
const (
	usualPoints  = 10
	usualSeconds = 30
)

func (b *bank) add(place string, r *Report) *draft {
	d := &draft{place: place, report: r}
	d.item.Points, d.item.Seconds = usualPoints, usualSeconds
	b.drafts = append(b.drafts, d)
	return d
}

// drop takes back the last draft.
func (b *bank) drop() { b.drafts = b.drafts[:len(b.drafts)-1] }

func (d *draft) name() string {
	if slug.MatchString(d.id) {
		return d.id
	}
	return d.item.Stem
}

func (d *draft) change(format string, args ...any) {
	d.report.change(d.place, d.name(), format, args...)
}

func (d *draft) refuse(format string, args ...any) {
	d.report.refuse(d.place, d.name(), format, args...)
}

func (d *draft) option(text string, correct bool) {
	d.item.Options = append(d.item.Options, quiz.Option{Text: text, Correct: correct})
}

// explain adds a line to the explanation.
func (d *draft) explain(text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	if d.item.Explanation != "" {
		d.item.Explanation += "\n"
	}
	d.item.Explanation += text
}

var (
	slug    = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	notSlug = regexp.MustCompile(`[^a-z0-9]+`)
	// lettered is a letter that somebody typed before an option.
	lettered = regexp.MustCompile(`^[（(]?([A-Ha-hＡ-Ｈ])[）).．、：:]\s*`)
)

const tooMany = "一个题库最多 %d 道题，从这一道起的 %d 道没有转，请放进另一个文件"

// settle makes a quiz of what the drafts hold. Each item is written and parsed
// on its own, so that a bad one spoils no other.
func (b *bank) settle(title string, spell quiz.Spell, r *Report) (*quiz.Quiz, error) {
	if strings.TrimSpace(title) == "" {
		title = "没有标题的题库"
	}
	q := &quiz.Quiz{ID: "import", Title: title, Use: quiz.Practice}
	taken := map[string]bool{}
	for _, d := range b.drafts { // what is written in a file comes before what is made up
		if slug.MatchString(d.id) && !taken[d.id] {
			taken[d.id] = true
		} else if slug.MatchString(d.id) {
			d.change("题号 %s 前面用过了，另编了一个", d.id)
			d.id = ""
		}
	}
	var made []string
	cited, over := false, 0
	for _, d := range b.drafts {
		if !d.check() {
			continue
		}
		if len(q.Items) == maxItem {
			if over++; over == 1 {
				defer func(first *draft) { first.refuse(tooMany, maxItem, over) }(d)
			}
			continue
		}
		was := d.id
		d.item.ID = d.identify(taken)
		words := d.item.Explanation
		d.item.Explanation = quiz.MarkdownOf(words, spell)
		item, err := parsed(d.item)
		if err != nil {
			d.refuse("%s", err)
			continue
		}
		switch {
		case was == "":
			made = append(made, d.place+" "+d.item.ID)
		case was != d.item.ID:
			d.report.change(d.place, d.item.Stem, "题号“%s”不能用（只能是小写字母、数字、连字符），改成了 %s", short(was), d.item.ID)
		}
		q.Items = append(q.Items, item)
		cited = cited || d.item.Explanation != quiz.MarkdownOf(words, nil)
	}
	if cited {
		r.about("解析里写明了法律和条号的，连到了本站的法律页")
	}
	if len(made) > 0 {
		r.about("原来没有题号的题，按题目的文字编了号，以后请不要再改：%s", strings.Join(made, "；"))
	}
	r.Items = len(q.Items)
	if len(q.Items) == 0 {
		return nil, fault.New(fault.Invalid, "没有一道题能读出来，没有写文件")
	}
	// Once more as a whole, which gives every item its line.
	whole, err := quiz.Parse("import.md", quiz.Markdown(q))
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s", sentence(err))
	}
	return whole, nil
}

// parsed is an item as quiz.Parse has it.
func parsed(it quiz.Item) (quiz.Item, error) {
	q, err := quiz.Parse("item.md", quiz.Markdown(&quiz.Quiz{Title: "题", Items: []quiz.Item{it}}))
	if err != nil {
		return it, errors.New(sentence(err))
	}
	if len(q.Items) != 1 || q.Items[0].Stem == "" {
		return it, errors.New("这道题的文字写不进题库，请去掉特殊的符号再试")
	}
	return q.Items[0], nil
}

func sentence(err error) string {
	var one *quiz.Error
	if errors.As(err, &one) {
		return one.Message
	}
	return err.Error()
}

// identify gives the item its number: the one of the file, something close to
// it, or else one that comes from the words of the item, so that a second
// import gives the same.
func (d *draft) identify(taken map[string]bool) string {
	if slug.MatchString(d.id) {
		return d.id
	}
	id := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(d.id), "-"), "-")
	if len(id) > 40 {
		id = strings.Trim(id[:40], "-")
	}
	if id == "" || taken[id] || !ascii(d.id) {
		sum := sha256.New()
		fmt.Fprintf(sum, "%s\x00", d.item.Stem)
		for n := 0; ; n++ {
			id = "q-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum.Sum(nil))[:8])
			if !taken[id] {
				break
			}
			if n < len(d.item.Options) {
				fmt.Fprintf(sum, "%s\x00", d.item.Options[n].Text)
			} else {
				fmt.Fprintf(sum, "%d\x00", n)
			}
		}
	}
	taken[id] = true
	return id
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// check refuses what quiz.Parse would, in words that suit any kind of file,
// and mends what can be.
func (d *draft) check() bool {
	it := &d.item
	d.unletter()
	d.judge()
	switch n := len(it.Options); {
	case strings.TrimSpace(it.Stem) == "":
		d.refuse("没有题目，请补上再转")
	case it.Type == quiz.Fill && len(it.Accept) == 0:
		d.refuse("填空题没有答案，请补上再转")
	case it.Type == quiz.Ordering && n < 3:
		d.refuse("排序题至少要有 3 项，这里有 %d 项", n)
	case it.Type != quiz.Fill && n < 2:
		d.refuse("至少要有两个选项，这里有 %d 个", n)
	case n > 8:
		d.refuse("选项最多 8 个，这里有 %d 个，请删去一些，或者分成两道题", n)
	case (it.Type == quiz.Single || it.Type == quiz.Multiple || it.Type == quiz.TrueFalse) && d.right() == 0:
		d.refuse("没有标出正确答案，请补上；如果本来没有对错，请改成调查题")
	case tooLong(it.Explanation):
		d.refuse("解析太长了，请分成几段，每段不超过一千字")
	default:
		return d.checkOptions()
	}
	return false
}

// tooLong tells a line that quiz.Parse takes for an attack.
func tooLong(words string) bool {
	for line := range strings.SplitSeq(words, "\n") {
		if len(quiz.MarkdownOf(line, nil)) > 7<<10 {
			return true
		}
	}
	return false
}

func (d *draft) right() (n int) {
	for _, o := range d.item.Options {
		if o.Correct {
			n++
		}
	}
	return n
}

func (d *draft) checkOptions() bool {
	seen := map[string]bool{}
	for _, o := range d.item.Options {
		text := strings.Join(strings.Fields(o.Text), " ")
		switch {
		case text == "":
			d.refuse("有一个选项是空的，请补上文字")
			return false
		case seen[text]:
			d.refuse("有两个选项一样，都是“%s”，请改一个", short(text))
			return false
		}
		seen[text] = true
	}
	if d.item.Type == quiz.Single && d.right() > 1 {
		d.item.Type = quiz.Multiple
		d.change("单选题有 %d 个正确答案，改成了多选题", d.right())
	}
	if d.item.Type == quiz.Multiple && d.right() == 1 {
		d.item.Type = quiz.Single
		d.change("多选题只有一个正确答案，改成了单选题")
	}
	for _, n := range []struct {
		value     *int
		low, high int
		what      string
		only      bool
	}{{&d.item.Points, 0, 100, "分值", d.item.Type != quiz.Poll}, {&d.item.Seconds, 5, 600, "秒数", true}} {
		if kept := min(max(*n.value, n.low), n.high); kept != *n.value && n.only {
			d.change("%s %d 超出了 %d 到 %d，改成了 %d", n.what, *n.value, n.low, n.high, kept)
			*n.value = kept
		}
	}
	if utf8.RuneCountInString(d.item.Topic) > 40 {
		d.change("主题超过 40 个字，没有带过来：%s", short(d.item.Topic))
		d.item.Topic = ""
	}
	return true
}

// unletter takes away the letters that were typed before all the options:
// their order changes from class to class.
func (d *draft) unletter() {
	options := d.item.Options
	for i, o := range options {
		m := lettered.FindStringSubmatch(o.Text)
		if m == nil || letter(m[1]) != i || len(m[0]) == len(o.Text) {
			return
		}
	}
	for i, o := range options {
		options[i].Text = o.Text[len(lettered.FindString(o.Text)):]
	}
	if len(options) > 0 {
		d.change("去掉了选项开头的字母，上课时选项的次序会变")
	}
}

// judge gives true and false their names, where a file has its own: in an item
// that it calls true-false, or in English.
func (d *draft) judge() {
	options := d.item.Options
	if len(options) != 2 || d.item.Type != quiz.TrueFalse && d.item.Type != quiz.Single {
		return
	}
	first, ok := verdict(options[0].Text)
	second, ok2 := verdict(options[1].Text)
	if !ok || !ok2 || first == second || d.item.Type == quiz.Single && !ascii(options[0].Text+options[1].Text) {
		return
	}
	words := map[bool]string{true: "对", false: "错"}
	if options[0].Text != words[first] || options[1].Text != words[second] {
		d.change("两个选项“%s”和“%s”改成了“对”和“错”", options[0].Text, options[1].Text)
		options[0].Text, options[1].Text = words[first], words[second]
	}
	d.item.Type = quiz.TrueFalse
}

// verdict reads a word for true or false.
func verdict(word string) (right, known bool) {
	switch narrow(word) {
	case "对", "正确", "是", "√", "✓", "✔", "T", "TRUE", "YES", "Y":
		return true, true
	case "错", "错误", "不对", "否", "×", "✗", "✘", "F", "FALSE", "NO", "N":
		return false, true
	}
	return false, false
}

// narrow folds what is typed in Chinese input: full-width letters and signs,
// capitals, blanks around.
func narrow(s string) string {
	return strings.ToUpper(strings.TrimSpace(width.Narrow.String(strings.TrimSpace(s))))
}

// letter is the place of an option by its letter; -1 for what is none.
func letter(s string) int {
	s = narrow(s)
	if len(s) != 1 || s[0] < 'A' || s[0] > 'H' {
		return -1
	}
	return int(s[0] - 'A')
}
