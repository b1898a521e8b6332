package site

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"

	"sunnycampus/quizserver/quiz"
)

// Library holds every practice quiz. It does not change once loaded.
type Library struct {
	byID map[string]*quiz.Quiz
	list []*quiz.Quiz
}

// LoadLibrary reads all quizzes and renders their explanations. A faulty quiz
// is left out and reported; contest banks are left out in silence, since any
// room could be used to ask them for their keys.
func LoadLibrary(src Source, laws *Laws) (*Library, []Finding) {
	pinyin, findings := LoadPinyin(src.DataFS())
	library, more := loadLibrary(src.ContentFS(), laws, pinyin)
	return library, append(findings, more...)
}

func loadLibrary(content fs.FS, laws *Laws, pinyin *Pinyin) (*Library, []Finding) {
	l := &Library{byID: map[string]*quiz.Quiz{}}
	var findings []Finding
	files, err := markdownFiles(content)
	if err != nil {
		log := &report{path: "content"}
		log.add(1, "content", "读不了内容文件夹，请检查它是否存在、能不能读")
		return l, log.findings
	}
	for _, name := range files {
		section, _, url, index := place(name)
		if section != "quizzes" || url == "" || index {
			continue
		}
		log := &report{path: contentPrefix + name}
		l.load(content, name, laws, pinyin, log)
		findings = append(findings, log.findings...)
	}
	slices.SortFunc(l.list, func(a, b *quiz.Quiz) int {
		return cmp.Or(strings.Compare(a.Title, b.Title), strings.Compare(a.ID, b.ID))
	})
	return l, sorted(findings, false)
}

func (l *Library) load(content fs.FS, name string, laws *Laws, pinyin *Pinyin, log *report) {
	src, err := fs.ReadFile(content, name)
	if err != nil {
		log.add(1, "file", "读不了这个文件，请检查文件权限")
		return
	}
	q, err := quiz.Parse(name, src)
	if err != nil {
		for _, e := range quizErrors(err) {
			log.add(e.Line, e.Code, "%s", e.Message)
		}
		return
	}
	if q.Use == quiz.Contest {
		return
	}
	if l.byID[q.ID] != nil {
		log.add(1, "quiz-duplicate", "已经有另一个编号为“%s”的题库。请给其中一个文件改名", q.ID)
		return
	}
	for i := range q.Items {
		item := &q.Items[i]
		if item.ExplanationHTML, err = laws.HTML(item.Explanation); err != nil {
			log.add(item.Line, "citation", "第 %d 题的解析：%s", i+1, citationError(err))
		}
	}
	if len(log.findings) > 0 { // a wrong citation must not reach a screen
		return
	}
	if err := pinyin.annotateQuiz(q); err != nil {
		log.add(1, "pinyin", "给题目注音时出错：%v", err)
		return
	}
	l.byID[q.ID] = q
	l.list = append(l.list, q)
}

// Quiz finds a quiz by its id.
func (l *Library) Quiz(id string) (*quiz.Quiz, bool) {
	q, ok := l.byID[id]
	return q, ok
}

// Quizzes lists all quizzes by title.
func (l *Library) Quizzes() []*quiz.Quiz { return slices.Clone(l.list) }

// explanation renders links and citations of explanations.
type explanation struct{ laws *Laws }

func (l *Laws) renderer() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Strikethrough, extension.Table,
			extension.NewCJK(extension.WithEscapedSpace(), extension.WithEastAsianLineBreaks())),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(&explanation{l}, 100))),
	)
}

// RegisterFuncs implements renderer.NodeRenderer.
func (e *explanation) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindLink, e.link)
	reg.Register(ast.KindAutoLink, e.autoLink)
	reg.Register(ast.KindImage, e.image)
	reg.Register(ast.KindRawHTML, e.nothing)
	reg.Register(ast.KindHTMLBlock, e.nothing)
}

func (e *explanation) nothing(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkSkipChildren, nil
}

// image leaves the picture out and keeps its words.
func (e *explanation) image(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkContinue, nil
}

func (e *explanation) link(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	dest := string(node.(*ast.Link).Destination)
	if isCitation(dest) {
		return e.cite(w, dest, entering, true)
	}
	if !safeLink(dest) {
		return ast.WalkContinue, nil
	}
	anchor(w, dest, "", "", entering)
	return ast.WalkContinue, nil
}

func (e *explanation) autoLink(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*ast.AutoLink)
	dest, label := string(n.URL(src)), string(n.Label(src))
	if isCitation(dest) {
		return e.cite(w, dest, entering, false)
	}
	if n.AutoLinkType == ast.AutoLinkEmail {
		dest = "mailto:" + dest
	}
	if !safeLink(dest) {
		if entering {
			writeText(w, label)
		}
		return ast.WalkContinue, nil
	}
	anchor(w, dest, "", "", entering)
	if entering {
		writeText(w, label)
	}
	return ast.WalkContinue, nil
}

// cite writes a citation. With words of the author's own the title also says
// which article is meant.
func (e *explanation) cite(w util.BufWriter, dest string, entering, words bool) (ast.WalkStatus, error) {
	c, err := e.laws.Cite(dest)
	if err != nil {
		return ast.WalkStop, err
	}
	title := c.Gist.Child
	if words {
		title = c.Text + "：" + title
	}
	anchor(w, c.URL(), "cite", title, entering)
	if entering && !words {
		writeText(w, c.Text)
	}
	return ast.WalkContinue, nil
}

func anchor(w util.BufWriter, href, class, title string, entering bool) {
	if !entering {
		_, _ = w.WriteString("</a>")
		return
	}
	_, _ = w.WriteString("<a")
	if class != "" {
		_, _ = w.WriteString(` class="` + class + `"`)
	}
	_, _ = w.WriteString(` href="`)
	_, _ = w.Write(util.EscapeHTML(util.URLEscape([]byte(href), true)))
	if title != "" {
		_, _ = w.WriteString(`" title="`)
		writeText(w, title)
	}
	_, _ = w.WriteString(`">`)
}

func writeText(w util.BufWriter, text string) { _, _ = w.Write(util.EscapeHTML([]byte(text))) }

// safeLink allows what a page may link to; javascript:, data: and the like are
// left out.
func safeLink(dest string) bool {
	if html.IsDangerousURL([]byte(dest)) {
		return false
	}
	scheme, _, found := strings.Cut(dest, ":")
	if !found || strings.ContainsAny(scheme, "/?#") {
		return dest != ""
	}
	return listed("http https mailto tel", strings.ToLower(scheme))
}
