package site

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"sunnycampus/quizserver/quiz"
)

// Page is one page of the site as the search knows it.
type Page struct {
	Path     string // relative to the content folder: lessons/x/index.md
	URL      string // /lessons/x/
	Section  string // first folder; empty for the home page
	Title    string
	Summary  string
	Form     string
	Audience []string
	Topics   []string

	Minutes, PrepMinutes int

	// Text is the body as plain text: steps and callouts included, citations
	// spelled out. Of a quiz it holds the stems alone: a wrong option in a search
	// result would be read as the truth.
	Text string
}

// Pages reads all pages, section lists included, and adds those that the theme
// makes of the law registry. A page that cannot be read is left out and
// reported.
func Pages(src Source, laws *Laws) ([]Page, []Finding, error) {
	found, unread, err := pages(src.ContentFS(), laws)
	return append(found, laws.pages()...), unread, err
}

func pages(content fs.FS, laws *Laws) (out []Page, unread []Finding, err error) {
	files, err := markdownFiles(content)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range files {
		d := readDocument(content, name)
		if _, known := sections[d.section]; !known && d.section != "" {
			continue // Quizzes/ is not quizzes/: what Hugo leaves out, the search must not tell
		}
		var asked []string // the stems of a quiz
		if d.isQuiz() {
			q, err := quiz.Parse(name, d.src)
			if err != nil || q.Use == quiz.Contest {
				continue
			}
			d = newDocument(name, quiz.KeyFree(q))
			for _, it := range q.Items {
				asked = append(asked, it.Stem)
			}
		}
		for _, s := range d.slips {
			unread = append(unread, Finding{contentPrefix + name, s.line, s.code, SeverityError, s.message})
		}
		if d.url == "" || d.url == "/" || len(d.slips) > 0 || d.front.text("title") == "" {
			continue
		}
		p := d.page(laws)
		if asked != nil {
			p.Text = strings.Join(asked, "\n")
		}
		out = append(out, p)
	}
	return out, unread, nil
}

var calloutLabel = regexp.MustCompile(`(?m)^\[![^\]\n]+\][+-]?[ \t]*`)

func (d *document) page(laws *Laws) Page {
	flow := newFlow(d.root, d.masked, laws)
	return Page{
		Path: d.path, URL: d.url, Section: d.section,
		Title: d.front.text("title"), Summary: d.front.text("summary"), Form: d.front.text("form"),
		Audience: d.front.list("audience"), Topics: d.front.list("topics"),
		Minutes: d.front.number("minutes"), PrepMinutes: d.front.number("prep_minutes"),
		Text: strings.TrimSpace(calloutLabel.ReplaceAllString(flow.text, "")),
	}
}

// markdown parses as Hugo does with the settings of hugo.toml.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList,
		extension.NewCJK(extension.WithEscapedSpace(), extension.WithEastAsianLineBreaks())),
	goldmark.WithParserOptions(parser.WithAttribute(), parser.WithAutoHeadingID()),
)

// document is one Markdown file, read and parsed once for all checks.
type document struct {
	path, section, slug, url string

	index  bool // _index.md, a list page
	src    []byte
	starts []int // offset of each line
	front  *front
	body   int // offset of the body
	masked []byte
	root   ast.Node
	slips  []slip // that keep the file from being read
}

func (d *document) isQuiz() bool { return d.section == "quizzes" && !d.index }

func readDocument(content fs.FS, name string) *document {
	src, err := fs.ReadFile(content, name)
	if err != nil {
		d := newDocument(name, nil)
		d.slips = []slip{{1, "file", "读不了这个文件，请检查文件权限"}}
		return d
	}
	return newDocument(name, src)
}

func newDocument(name string, src []byte) *document {
	d := &document{path: name, front: &front{}}
	d.section, d.slug, d.url, d.index = place(name)
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	d.src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	d.starts = lineStarts(d.src)
	if at := invalidUTF8(d.src); at >= 0 {
		d.slips = append(d.slips, slip{d.line(at), "encoding", "这里不是 UTF-8 文字。请用编辑器把文件另存为 UTF-8 编码"})
	} else {
		head, body, p := splitFront(d.src)
		if p != nil {
			d.slips = append(d.slips, *p)
		} else {
			d.front, d.slips = parseFront(head)
		}
		d.body = body
	}
	d.masked = mask(d.src, d.body)
	d.root = parseMarkdown(d.masked)
	return d
}

func invalidUTF8(src []byte) int {
	if utf8.Valid(src) {
		return -1
	}
	for at := 0; ; {
		r, size := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && size < 2 {
			return at
		}
		at += size
	}
}

// place tells where a file appears on the site. An empty url means nowhere.
func place(name string) (section, slug, url string, index bool) {
	parts := strings.Split(strings.TrimSuffix(name, path.Ext(name)), "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 {
		section = parts[0]
	}
	switch {
	case last == "_index" && len(parts) == 1:
		return "", "", "/", true
	case last == "_index" && len(parts) == 2:
		return section, "", "/" + section + "/", true
	case len(parts) == 2 && last != "index":
		slug = last
	case len(parts) == 3 && last == "index":
		slug = parts[1]
	default:
		return section, "", "", last == "_index"
	}
	return section, slug, "/" + section + "/" + slug + "/", false
}

var shortcode = regexp.MustCompile(`(?s)\{\{[<%].*?[%>]\}\}`)

// mask blanks front matter and shortcodes, so that every offset in the parsed
// Markdown is an offset in the file.
func mask(src []byte, body int) []byte {
	out := bytes.Clone(src)
	blank := func(from, to int) {
		for i := from; i < to; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	blank(0, body)
	for _, m := range shortcode.FindAllIndex(out, -1) {
		blank(m[0], m[1])
	}
	return out
}

func parseMarkdown(src []byte) ast.Node {
	ids := &headingIDs{seen: map[string]bool{}}
	return markdown.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext(parser.WithIDs(ids))))
}

func lineStarts(src []byte) []int {
	starts := []int{0}
	for i, b := range src {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// line turns an offset into a line number.
func (d *document) line(at int) int { return lineAt(d.starts, at) }

func lineAt(starts []int, at int) int {
	return max(1, sort.SearchInts(starts, at+1))
}

// flow is the running text of a piece of Markdown, one block a line, with the
// way back to the source.
type flow struct {
	text  string
	marks []mark
	cited []span // law citations: generated text and own words
	cites []cite // those of them that the registry knows
	raw   []span // code and escapes, where an asterisk is meant
}

type mark struct{ at, pos int }

type span struct{ start, end int }

type cite struct {
	span
	Citation
}

func (f *flow) sentence(s span) string { return f.around(s, "。；！？\t\n") }

func (f *flow) around(s span, ends string) string {
	start := strings.LastIndexAny(f.text[:s.start], ends) + 1
	rest := f.text[s.end:]
	if end := strings.IndexAny(rest, ends); end >= 0 {
		rest = rest[:end]
	}
	return f.text[start:s.end] + rest
}

// position is the offset in the source of an offset in the text.
func (f *flow) position(at int) int {
	i, found := slices.BinarySearchFunc(f.marks, at, func(m mark, at int) int { return m.at - at })
	if !found {
		i--
	}
	if i < 0 {
		return 0
	}
	return f.marks[i].pos + at - f.marks[i].at
}

func within(spans []span, start, end int) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return start < s.end && s.start < end })
}

type flowWriter struct {
	flow
	buf  []byte
	src  []byte
	laws *Laws
}

func newFlow(root ast.Node, src []byte, laws *Laws) *flow {
	w := &flowWriter{src: src, laws: laws}
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || n.Type() == ast.TypeInline {
			return ast.WalkContinue, nil
		}
		if n.Kind() == extast.KindTableRow || n.Kind() == extast.KindTableHeader {
			for cell := n.FirstChild(); cell != nil; cell = cell.NextSibling() {
				if cell.PreviousSibling() != nil {
					w.buf = append(w.buf, '\t')
				}
				w.children(cell)
			}
			w.buf = append(w.buf, '\n')
			return ast.WalkSkipChildren, nil
		}
		if first := n.FirstChild(); first == nil || first.Type() != ast.TypeInline {
			return ast.WalkContinue, nil
		}
		w.children(n)
		w.buf = append(w.buf, '\n')
		return ast.WalkSkipChildren, nil
	})
	w.text = string(w.buf)
	return &w.flow
}

func (w *flowWriter) children(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.inline(c)
	}
}

func (w *flowWriter) inline(n ast.Node) {
	start := len(w.buf)
	switch n := n.(type) {
	case *ast.Text:
		w.write(n.Segment.Value(w.src), n.Segment.Start)
		// Chinese words go on across a line break without a space.
		if (n.SoftLineBreak() || n.HardLineBreak()) && len(w.buf) > 0 && w.buf[len(w.buf)-1] < utf8.RuneSelf {
			w.buf = append(w.buf, ' ')
		}
	case *ast.CodeSpan:
		w.children(n)
		w.raw = append(w.raw, span{start, len(w.buf)})
	case *ast.AutoLink:
		label := string(n.URL(w.src))
		w.marks = append(w.marks, mark{start, n.Pos()})
		if !isCitation(label) {
			w.buf = append(w.buf, label...)
			break
		}
		c, known := w.cite(label)
		w.buf = append(w.buf, c.Text...)
		w.addCite(start, c, known)
	case *ast.Link:
		w.children(n)
		if dest := string(n.Destination); isCitation(dest) {
			c, known := w.cite(dest)
			if known {
				w.buf = append(w.buf, "（"+c.Text+"）"...)
			}
			w.addCite(start, c, known)
		}
	case *ast.RawHTML:
	default:
		w.children(n)
	}
}

func (w *flowWriter) write(value []byte, pos int) {
	start := len(w.buf)
	w.marks = append(w.marks, mark{start, pos})
	if bytes.ContainsAny(value, `\&`) {
		value = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value)))
		w.raw = append(w.raw, span{start, start + len(value)})
	}
	w.buf = append(w.buf, value...)
}

func (w *flowWriter) cite(dest string) (Citation, bool) {
	c, err := w.laws.Cite(dest)
	return c, err == nil
}

func (w *flowWriter) addCite(start int, c Citation, known bool) {
	at := span{start, len(w.buf)}
	w.cited = append(w.cited, at)
	if known {
		w.cites = append(w.cites, cite{at, c})
	}
}

func isCitation(dest string) bool { return strings.HasPrefix(dest, "law:") }
