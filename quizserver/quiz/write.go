package quiz

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"gopkg.in/yaml.v3"
)

// plainWord is a value of an attribute that needs no quotes.
var plainWord = regexp.MustCompile(`^[A-Za-z][\w.-]*$`)

// Markdown writes a quiz as the file that Parse reads back to the same quiz.
// Texts are put on one line and escaped; explanations are Markdown already.
func Markdown(q *Quiz) []byte {
	head := struct {
		Title    string   `yaml:"title"`
		Summary  string   `yaml:"summary,omitempty"`
		Audience []string `yaml:"audience,flow,omitempty"`
		Topics   []string `yaml:"topics,flow,omitempty"`
		Weight   int      `yaml:"weight,omitempty"`
		Use      string   `yaml:"use,omitempty"`
		Minutes  int      `yaml:"minutes,omitempty"`
		ReviewBy string   `yaml:"review_by,omitempty"`
		Sources  []string `yaml:"sources,omitempty"`
		Safety   []string `yaml:"safety,flow,omitempty"`
		Reviewed *Review  `yaml:"reviewed,omitempty"`
	}{oneLine(q.Title), q.Summary, q.Audience, q.Topics, q.Weight, q.Use, q.Minutes, q.ReviewBy, q.Sources, q.Safety, q.Reviewed}
	front, err := yaml.Marshal(head)
	if err != nil { // strings and numbers only: cannot happen
		panic(fmt.Sprintf("quiz: front matter of %s: %v", q.ID, err))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "---\n%s---\n", front)
	for _, it := range q.Items {
		it.write(&b)
	}
	return b.Bytes()
}

func (it Item) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## %s %s\n", inline(it.Stem), it.attributes())
	if it.Image != nil {
		fmt.Fprintf(b, "\n%s\n\n", it.Image.markdown())
	}
	for i, o := range it.Options {
		mark, text := "- [ ]", inline(o.Text)
		switch {
		case it.Type == Ordering: // a block could begin here
			mark, text = strconv.Itoa(i+1)+".", escape(oneLine(o.Text))
		case o.Correct:
			mark = "- [x]"
		}
		b.WriteString(mark)
		if o.Image != nil {
			b.WriteString(" " + o.Image.markdown())
		}
		if text != "" {
			b.WriteString(" " + text)
		}
		b.WriteByte('\n')
	}
	for few := range slices.Chunk(it.Accept, 8) { // a line has its limit
		row := make([]string, len(few))
		for i, answer := range few {
			row[i] = inline(answer)
		}
		b.WriteString("= " + strings.Join(row, " | ") + "\n")
	}
	if it.Explanation != "" {
		b.WriteString("\n")
		for line := range strings.SplitSeq(it.Explanation, "\n") {
			b.WriteString(strings.TrimRight("> "+line, " ") + "\n")
		}
	}
}

// inline escapes plain text that stands behind a mark of ours, where nothing
// but inline markup can begin, so that ____ stays readable.
func inline(s string) string { return inlineSigns.Replace(oneLine(s)) }

var inlineSigns = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, "<", `\<`, "&", `\&`, "#", `\#`)

func (it Item) attributes() string {
	all := []string{"#" + it.ID}
	if it.Type == Poll {
		all = append(all, "poll=true")
	} else {
		all = append(all, "points="+strconv.Itoa(it.Points))
	}
	all = append(all, "seconds="+strconv.Itoa(it.Seconds))
	if it.Level != "" {
		all = append(all, "level="+it.Level)
	}
	if topic := oneLine(it.Topic); topic != "" {
		if !plainWord.MatchString(topic) || slices.Contains([]string{"true", "false", "null"}, topic) {
			topic = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(topic) + `"`
		}
		all = append(all, "topic="+topic)
	}
	if it.Fixed {
		all = append(all, "shuffle=no")
	}
	return "{" + strings.Join(all, " ") + "}"
}

// Spell gives the words of a citation like law:未成年人保护法#39(2), and whether
// there is such an article.
type Spell func(dest string) (words string, known bool)

// Markup is what the plain words of an explanation cannot show.
type Markup struct {
	Cites  int      // citations that became their words
	Images []string // alternative texts of pictures
	Layout bool     // emphasis, lists and the like
}

// TextOf returns the words of an explanation, a line for each paragraph or
// entry of a list. A link is followed by where it leads.
func TextOf(markdownText string, spell Spell) (string, Markup) {
	r := reader{f: &file{src: []byte(markdownText)}, spell: spell}
	r.blocks(markdown.Parse(text.NewReader(r.f.src)), "")
	return strings.Join(r.lines, "\n"), r.markup
}

type reader struct {
	f      *file
	spell  Spell
	lines  []string
	markup Markup
}

func (r *reader) blocks(parent ast.Node, mark string) {
	number := 1
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Paragraph, *ast.TextBlock:
			r.line(mark, n)
		case *ast.Heading:
			r.markup.Layout = true
			r.line(mark, n)
		case *ast.ListItem:
			next := "- "
			if list := n.Parent().(*ast.List); list.IsOrdered() {
				next = strconv.Itoa(list.Start+number-1) + ". "
				number++
			}
			r.blocks(n, next)
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			r.markup.Layout = true
			for line := range strings.Lines(string(n.Lines().Value(r.f.src))) {
				r.add(line)
			}
		default: // lists, quotes, rules
			r.markup.Layout = true
			r.blocks(n, "")
		}
		mark = ""
	}
}

func (r *reader) line(mark string, n ast.Node) {
	var b strings.Builder
	r.inline(n, &b)
	if words := oneLine(b.String()); words != "" {
		r.add(mark + words)
	}
}

func (r *reader) add(line string) {
	if line = oneLine(line); line != "" {
		r.lines = append(r.lines, line)
	}
}

func (r *reader) inline(parent ast.Node, b *strings.Builder) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			if n.IsRaw() {
				b.Write(n.Value(r.f.src))
			} else {
				b.WriteString(unescape(n.Value(r.f.src)))
			}
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.WriteString(r.leads(string(n.Label(r.f.src))))
		case *ast.Image:
			alt := r.f.plain(n).text
			r.markup.Images = append(r.markup.Images, alt)
			b.WriteString("（图：" + alt + "）")
		case *ast.Link:
			r.inline(n, b)
			b.WriteString("（" + r.leads(string(n.Destination)) + "）")
		default:
			r.markup.Layout = true
			r.inline(n, b)
		}
	}
}

// leads spells out a citation; other addresses stay as they are.
func (r *reader) leads(dest string) string {
	if !strings.HasPrefix(dest, "law:") {
		return dest
	}
	r.markup.Cites++
	if r.spell != nil {
		if words, known := r.spell(dest); known {
			return words
		}
	}
	return citation(dest)
}

// MarkdownOf writes plain words as an explanation that shows just these, a
// paragraph for each line. Where spell knows what they cite, the words become
// the citation again.
func MarkdownOf(words string, spell Spell) string {
	var paragraphs []string
	for line := range strings.SplitSeq(words, "\n") {
		line = oneLine(line)
		if line == "" {
			continue
		}
		var b strings.Builder
		end := 0
		for _, m := range spelled.FindAllStringSubmatchIndex(line, -1) {
			dest := destination(line, m, spell)
			if dest == "" {
				continue
			}
			b.WriteString(escape(line[end:m[0]]) + "<" + dest + ">")
			end = m[1]
		}
		b.WriteString(escape(line[end:]))
		paragraphs = append(paragraphs, b.String())
	}
	return strings.Join(paragraphs, "\n\n")
}

const digits = `[一二三四五六七八九十百千零]+`

// spelled is a citation in words. The parts are name, article, 之, 款 and 项.
var spelled = regexp.MustCompile(`《([^《》#<>\s]{1,40})》第(` + digits + `)条(之[一二三四五六七八九十]{1,2})?(?:第(` + digits + `)款|第（(` + digits + `)）项)?`)

// destination finds what is cited by words, if that is spelled just so.
func destination(line string, m []int, spell Spell) string {
	part := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return line[m[2*i]:m[2*i+1]]
	}
	article, ok := numbers()[part(2)]
	if !ok || spell == nil {
		return ""
	}
	dest := "law:" + part(1) + "#" + strconv.Itoa(article) + part(3)
	tries := []string{dest}
	if paragraph := part(4) + part(5); paragraph != "" {
		tries = []string{fmt.Sprintf("%s(%d)", dest, numbers()[paragraph]), dest + "(" + paragraph + ")"}
	}
	for _, dest := range tries {
		if words, known := spell(dest); known && words == part(0) {
			return dest
		}
	}
	return ""
}

// numbers reads what numeral writes.
var numbers = sync.OnceValue(func() map[string]int {
	all := make(map[string]int, 2000)
	for n := 1; n < 2000; n++ {
		all[numeral(strconv.Itoa(n))] = n
	}
	return all
})
