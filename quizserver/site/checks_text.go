package site

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var articleNumber = regexp.MustCompile(`第\s*[0-9零〇一二两三四五六七八九十百千]+\s*条`)

// checkText holds the running text of one part against the rules on laws and
// on emphasis that Markdown leaves open.
func (c *checker) checkText(r *report, p part) {
	f := newFlow(p.root, p.src, c.laws)
	line := func(at int) int { return p.lineAt(f.position(at)) }
	if strings.Contains(f.text, "**") {
		last := 0
		for at := range indexes(f.text, "**") {
			// One open pair is one fault, though it leaves two marks.
			if n := line(at); n != last && !within(f.raw, at, at+2) {
				last = n
				r.add(n, "emphasis", "这里的 ** 没有变成粗体，会原样印出来。请把标点放到 ** 外面，例如 **注意**：欺凌")
			}
		}
	}
	for _, m := range articleNumber.FindAllStringIndex(f.text, -1) {
		if within(f.cited, m[0], m[1]) {
			continue
		}
		// Looking back from the number is far quicker than looking for names.
		start := max(strings.LastIndexByte(f.text[:m[0]], '\n')+1, m[0]-300)
		name := c.laws.named.FindString(f.text[start:m[0]])
		if old, law := c.oldNumber(name, f.text[m[0]:m[1]]); law != nil {
			r.add(line(m[0]), "citation-renumbered", "%s", old.message(law))
		} else if name != "" {
			r.add(line(m[0]), "citation-bare", "“%s”是直接写的条文号，改法以后没人知道。请改成 <law:法律名#条号> 或 [自己的话](law:法律名#条号)", name+f.text[m[0]:m[1]])
		}
	}
	for _, cited := range f.cites {
		if old, ok := cited.Law.renumbered(cited.Article); ok && anyIn(f.sentence(cited.span), old.Words) && !anyIn(cited.Gist.Topic, old.Words) {
			r.warn(line(cited.start), "citation-renumbered", "%s", old.message(cited.Law))
		}
	}
	for _, old := range c.laws.Repealed {
		for at := range indexes(f.text, old.Name) {
			if old.Name != "" && !c.partOfLaw(f.text, at, old.Name) {
				r.add(line(at), "law-repealed", "《%s》已经废止。请改写成%s", old.Name, old.Now)
			}
		}
	}
}

var articleDigits = regexp.MustCompile(`[0-9]+|[零一二三四五六七八九十百千]+`)

// oldNumber looks up an article number written after a law's name among those
// that the law has given away. The law is nil when it is not there.
func (c *checker) oldNumber(name, number string) (Renumbered, *Law) {
	name = strings.Trim(name, "《》的 \t")
	law, known := c.laws.lookup(name)
	if !known {
		return Renumbered{}, nil
	}
	digits := articleDigits.FindString(number)
	for _, old := range law.Renumbered {
		n, _ := strconv.Atoi(old.Old)
		if _, current := law.Articles[old.Old]; !current && (digits == old.Old || digits == ChineseNumber(n)) {
			return old, law
		}
	}
	return Renumbered{}, nil
}

func anyIn(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return w != "" && strings.Contains(text, w) })
}

// callouts are the marks that the theme knows, in the words of authors.
var callouts = []string{"老师说", "学生做", "揭示", "备选", "安全", "故事", "问题", "法律", "怎么做", "提示", "可以说", "不要说", "今天就做", "反馈"}

var calloutMark = regexp.MustCompile(`(?m)^[ \t]{0,3}>[ \t]?\[!([^\]\n]+)\]`)

// checkCallouts finds marks that would be printed as they are.
func checkCallouts(r *report, d *document) {
	for _, m := range calloutMark.FindAllSubmatchIndex(d.masked, -1) {
		if name := string(d.masked[m[2]:m[3]]); !slices.Contains(callouts, name) {
			r.add(d.line(m[0]), "callout", "没有“%s”这种提示框，会原样印出来。可以用：%s", name, strings.Join(callouts, "、"))
		}
	}
}

const officialText = "以官方文本为准"

// checkNamed looks for documents that nobody compared with an official text:
// a page that names one says so.
func (c *checker) checkNamed(r *report, d *document) {
	text := string(d.src)
	if strings.Contains(text, officialText) {
		return
	}
	for _, doc := range c.laws.NamedOnly {
		if at := strings.Index(text, doc.Name); at >= 0 && doc.Name != "" {
			r.warn(d.line(at), "law-named-only", "“%s”没有核对过原文，请在本页注明“%s”", doc.Name, officialText)
		}
	}
}

// indexes yields every place of word in text.
func indexes(text, word string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		if word == "" {
			return
		}
		for at := 0; ; {
			i := strings.Index(text[at:], word)
			if i < 0 || !yield(at+i) {
				return
			}
			at += i + len(word)
		}
	}
}

// partOfLaw tells whether the name found is only a part of the name of a law
// that is in force.
func (c *checker) partOfLaw(text string, at int, name string) bool {
	for known := range c.laws.byName {
		inner := strings.Index(known, name)
		if inner >= 0 && at >= inner && strings.HasPrefix(text[at-inner:], known) {
			return true
		}
	}
	return false
}

// wordingRule is one row of wording.yaml.
type wordingRule struct {
	Pattern  string   `yaml:"pattern"`
	Reason   string   `yaml:"reason"`
	Suggest  string   `yaml:"suggest"`
	Severity string   `yaml:"severity"`
	Except   []string `yaml:"except"`

	pattern *regexp.Regexp
	except  []*regexp.Regexp
	needs   []string // a text without any of these cannot match
}

// checkWording tries each rule on each line of the file as it is written. A
// line that also matches an exception is left alone.
func (c *checker) checkWording(r *report, d *document) {
	text := string(d.src)
	for _, rule := range c.wording {
		for _, n := range rule.lines(d, text) {
			line, _, _ := strings.Cut(text[d.starts[n-1]:], "\n")
			hit := rule.pattern.FindString(line)
			if hit == "" || slices.ContainsFunc(rule.except, func(e *regexp.Regexp) bool { return e.MatchString(line) }) {
				continue
			}
			r.put(n, "wording", rule.Severity, "%s", "“"+hit+"”："+rule.Reason+"建议写："+rule.Suggest)
		}
	}
}

// lines lists the lines that a rule may match.
func (w wordingRule) lines(d *document, text string) []int {
	var out []int
	if w.needs == nil {
		for n := range d.starts {
			out = append(out, n+1)
		}
		return out
	}
	for _, word := range w.needs {
		for at := range indexes(text, word) {
			out = append(out, d.line(at))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
