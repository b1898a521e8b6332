package quiz

import (
	"bufio"
	"bytes"
	"cmp"
	stdhtml "html"
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/width"
)

// markdown parses a quiz. There are no link references in it, since they
// would swallow paragraphs without a word, and `_` does not emphasise, since
// `____` is a blank to fill in.
var markdown = parser.NewParser(
	parser.WithBlockParsers(parser.DefaultBlockParsers()...),
	parser.WithInlineParsers(
		util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewRawHTMLParser(), 400),
		util.Prioritized(starEmphasis{parser.NewEmphasisParser()}, 500),
	),
	parser.WithAttribute(),
	parser.WithEscapedSpace(),
)

type starEmphasis struct{ parser.InlineParser }

func (starEmphasis) Trigger() []byte { return []byte{'*'} }

var htmlWriter = html.NewWriter(html.WithEscapedSpace())

// plain is the text of a block without its markup.
type plain struct {
	text   string // on one line
	raw    string // with the line breaks of the source
	images []*Image
}

func (f *file) plain(n ast.Node) plain {
	var p plain
	var b strings.Builder
	f.flatten(n, &b, &p.images)
	p.raw = b.String()
	p.text = oneLine(p.raw)
	return p
}

func (f *file) flatten(n ast.Node, b *strings.Builder, images *[]*Image) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			if c.IsRaw() {
				b.Write(c.Value(f.src))
			} else {
				b.WriteString(unescape(c.Value(f.src)))
			}
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.WriteString(citation(string(c.Label(f.src))))
		case *ast.Image:
			*images = append(*images, &Image{Src: string(c.Destination), Alt: f.plain(c).text})
		default:
			f.flatten(c, b, images)
		}
	}
}

// unescape resolves backslashes and entities as goldmark's renderer does, by
// letting it write HTML and undoing the escaping of that.
func unescape(src []byte) string {
	if !bytes.ContainsAny(src, `\&`) {
		return string(src)
	}
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	htmlWriter.Write(w, src)
	_ = w.Flush() // a bytes.Buffer does not fail
	return stdhtml.UnescapeString(out.String())
}

// oneLine joins lines and narrows runs of blanks. Between Chinese characters
// a line break stands for nothing, elsewhere for a space. Ideographic spaces
// stay: （　　） is a blank to fill in.
func oneLine(s string) string {
	s = strings.TrimSpace(s)
	var b strings.Builder
	last, blank, broken := rune(0), false, false
	for _, r := range s {
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			blank, broken = true, true
			continue
		case r == ' ' || r == '\t':
			blank = true
			continue
		case r == '\u200B' || r == '\u2060' || r == '\uFEFF' || unicode.IsControl(r):
			continue // invisible; two options must not differ in it
		}
		if blank && !(broken && chinese(last) && chinese(r)) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, blank, broken = r, false, false
	}
	return strings.TrimSpace(b.String())
}

func chinese(r rune) bool {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return true
	case width.EastAsianAmbiguous: // the quotation marks and dashes of Chinese text
		return unicode.IsPunct(r)
	}
	return false
}

// fold reduces an answer to what counts: width, case, blanks and punctuation
// do not, but a sign that makes another number does.
func fold(s string) string {
	runes := []rune(strings.ToLower(width.Fold.String(s)))
	var b strings.Builder
	for i, r := range runes {
		keep := !unicode.IsSpace(r) && !unicode.IsPunct(r) && !unicode.Is(unicode.Cf, r) && !unicode.IsControl(r)
		if r == '%' || strings.ContainsRune(".:/-", r) && numeric(runes, i) {
			keep = true
		}
		if keep {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// numeric reports whether the sign at i stands between digits, or is a minus
// before the first one.
func numeric(runes []rune, i int) bool {
	if i+1 == len(runes) || !unicode.IsDigit(runes[i+1]) {
		return false
	}
	return i == 0 && runes[i] == '-' || i > 0 && unicode.IsDigit(runes[i-1])
}

var law = regexp.MustCompile(`^law:([^#]+)(?:#(\d{1,4})(之[一二三四五六七八九十]+)?(?:\((\d{1,3})\))?)?$`)

// citation spells out an autolink to a law, which in running text would show
// its address; other addresses stay as they are.
func citation(label string) string {
	m := law.FindStringSubmatch(label)
	if m == nil {
		return label
	}
	s := "《" + m[1] + "》"
	if m[2] != "" {
		s += "第" + numeral(m[2]) + "条" + m[3]
	}
	if m[4] != "" {
		s += "第" + numeral(m[4]) + "款"
	}
	return s
}

// numeral writes up to four digits in Chinese.
func numeral(digits string) string {
	digits = strings.TrimLeft(digits, "0")
	names := []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	units := []string{"", "十", "百", "千"}
	s, gap := "", false
	for i, c := range digits {
		if c == '0' {
			gap = true
			continue
		}
		if gap {
			s += names[0]
		}
		s, gap = s+names[c-'0']+units[len(digits)-1-i], false
	}
	if len(digits) == 2 {
		s = strings.TrimPrefix(s, "一") // 十二, not 一十二
	}
	return cmp.Or(s, names[0])
}
