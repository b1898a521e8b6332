package site

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"

	"sunnycampus/quizserver/quiz"
)

// functional pages come from the theme or the server, not from content.
var functional = map[string]bool{
	"/": true, "/search/": true, "/join/": true, "/host/": true, "/start/": true,
	"/cards/": true, "/laws/": true, "/exit/": true, "/staff/": true, "/styleguide/": true, "/offline/": true,
}

// themeAnchors are places that layouts add to pages of the content.
var themeAnchors = map[string]bool{"/help/#lines": true, "/help/#card": true}

// checkNodes looks at links, images, raw HTML and heading attributes.
func (c *checker) checkNodes(r *report, d *document, p part) {
	_ = ast.Walk(p.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		line := func() int { return p.lineAt(nodePosition(n)) }
		switch n := n.(type) {
		case *ast.Link:
			c.checkLink(r, d, line(), string(n.Destination))
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL {
				c.checkLink(r, d, line(), string(n.URL(p.src)))
			}
		case *ast.Image:
			if !d.isQuiz() { // there the quiz parser asks for more
				c.checkImage(r, d, line(), n, p.src)
			}
		case *ast.RawHTML, *ast.HTMLBlock:
			if !d.isQuiz() {
				r.add(line(), "raw-html", "这里有 HTML 标签，页面上不会显示。请改用 Markdown；要显示尖括号请写成 \\<")
			}
		case *ast.Heading:
			checkHeading(r, line(), n, p.src)
		}
		return ast.WalkContinue, nil
	})
}

// nodePosition is where a node begins; some kinds only know their parent.
func nodePosition(n ast.Node) int {
	if raw, ok := n.(*ast.RawHTML); ok && raw.Segments.Len() > 0 {
		return raw.Segments.At(0).Start
	}
	for ; n != nil; n = n.Parent() {
		if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
			return n.Lines().At(0).Start
		}
		if at := n.Pos(); at > 0 {
			return at
		}
	}
	return 0
}

var openAttributes = regexp.MustCompile(`\{[#.]?[A-Za-z_][^{}]*\}\s*$`)

func checkHeading(r *report, line int, n *ast.Heading, src []byte) {
	if n.Lines().Len() == 0 {
		r.add(line, "heading", "这个标题是空的，请写上文字或删去 #")
		return
	}
	at := n.Lines().At(0)
	if openAttributes.Match(at.Value(src)) {
		r.add(line, "heading", "标题后面的 {…} 写法不对，会原样印出来。请写成 {#英文编号 名称=数值}，中文要加引号，例如 {minutes=8}")
	}
}

// checkLink checks one destination.
func (c *checker) checkLink(r *report, d *document, line int, dest string) {
	if isCitation(dest) {
		if _, err := c.laws.Cite(dest); err != nil {
			r.add(line, "citation", "%s", citationError(err))
		}
		return
	}
	u, err := url.Parse(dest)
	switch {
	case err != nil || dest == "":
		r.add(line, "link", "链接“%s”不是正确的地址，请改正或删去", dest)
	case u.Scheme == "tel" || u.Scheme == "mailto":
	case u.Scheme == "http" || u.Scheme == "https" || strings.HasPrefix(dest, "//"):
		r.warn(line, "link-external", "“%s”在别的网站上，校内可能打不开，也可能变。请把要点写进本页，只在必要时保留", dest)
	case u.Scheme != "":
		r.add(line, "link", "链接“%s”不能用。请用以 / 开头的站内路径", dest)
	case u.Path == "" && d.section == "scenarios" && !d.index:
		// the passages of a scenario have a check of their own
	case u.Path == "":
		if u.Fragment != "" && !d.hasID(u.Fragment) {
			r.add(line, "anchor", "本页没有 #%s 这个位置。请检查标题后的编号，例如 ## 标题 {#%s}", u.Fragment, u.Fragment)
		}
	case strings.HasPrefix(u.Path, "/"):
		if c.checkPath(r, line, u.Path) && u.Fragment != "" && !c.hasAnchor(u.Path, u.Fragment) {
			r.add(line, "anchor", "%s 那一页没有 #%s 这个位置。请打开那一页看看标题后的编号，或者只链接到页面", u.Path, u.Fragment)
		}
	default:
		if !d.hasBundle() || !exists(c.in.content, path.Join(path.Dir(d.path), u.Path)) {
			r.add(line, "link", "找不到“%s”。站内页面请写以 / 开头的路径，例如 /help/；附件请放在本页的文件夹里", dest)
		}
	}
}

// hasBundle tells whether the page has a folder of its own for files.
func (d *document) hasBundle() bool {
	return path.Base(d.path) == "index.md" || d.index
}

// checkPath tells whether the page or file exists, and reports when not.
func (c *checker) checkPath(r *report, line int, to string) bool {
	before := len(r.findings)
	switch {
	case c.urls[to] || functional[to] || strings.HasPrefix(to, "/staff/") || strings.HasPrefix(to, "/for/"):
	case path.Ext(to) != "":
		if !c.fileExists(to) {
			r.add(line, "link", "找不到文件 %s。请检查文件名，或把文件放到本页的文件夹里", to)
		}
	case c.urls[to+"/"] || functional[to+"/"]:
		r.add(line, "link", "站内链接 %s 少了末尾的 /，请写成 %s/", to, to)
	case c.contestURL(to):
		r.add(line, "link", "%s 是比赛题库，比赛结束前不会出现在网站上。请改用练习题库或删去链接", to)
	default:
		r.add(line, "link", "站内没有 %s 这一页。请检查拼写，或先建这一页", to)
	}
	return len(r.findings) == before
}

func (c *checker) contestURL(to string) bool {
	q := c.quizzes[strings.Trim(strings.TrimPrefix(to, "/quizzes/"), "/")]
	return strings.HasPrefix(to, "/quizzes/") && q != nil && q.Use == quiz.Contest
}

// fileExists looks where Hugo takes files from: bundles and static folders.
func (c *checker) fileExists(to string) bool {
	name := strings.TrimPrefix(path.Clean(to), "/")
	if exists(c.in.content, name) || exists(c.in.root, "static/"+name) {
		return true
	}
	themes, _ := fs.ReadDir(c.in.root, "themes")
	for _, t := range themes {
		if exists(c.in.root, path.Join("themes", t.Name(), "static", name)) {
			return true
		}
	}
	return false
}

// hasAnchor tells whether a page has a place of that name. Of pages that the
// theme makes only the law pages are known.
func (c *checker) hasAnchor(to, id string) bool {
	for _, d := range c.docs {
		if d.url == to && d.hasID(id) {
			return true
		}
	}
	for _, law := range c.laws.List {
		if law != nil && to == law.URL() {
			_, known := law.Articles[id]
			return known
		}
	}
	return themeAnchors[to+"#"+id]
}

// hasID looks for a heading with the id.
func (d *document) hasID(id string) bool {
	found := false
	_ = ast.Walk(d.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || n.Type() == ast.TypeInline {
			return ast.WalkSkipChildren, nil
		}
		if value, ok := n.AttributeString("id"); ok && attributeText(value) == id {
			found = true
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return found
}

func (c *checker) checkImage(r *report, d *document, line int, n *ast.Image, src []byte) {
	if strings.TrimSpace(plainText(n, src)) == "" {
		r.add(line, "image-alt", "图片没有文字说明。请写成 ![图里有什么](图片)，看不见图的人靠它阅读")
	}
	dest := string(n.Destination)
	u, err := url.Parse(dest)
	switch {
	case err != nil || u.Scheme != "" || u.Host != "":
		r.add(line, "image-file", "图片“%s”不在本站。请把图片文件放到本页的文件夹里", dest)
	case strings.HasPrefix(u.Path, "/"):
		if !c.fileExists(u.Path) {
			r.add(line, "image-file", "找不到图片 %s。请检查文件名和大小写", dest)
		}
	case !d.hasBundle() || !exists(c.in.content, path.Join(path.Dir(d.path), u.Path)):
		r.add(line, "image-file", "找不到图片 %s。请把页面改成“页面名/index.md”，把图片放在同一个文件夹里", dest)
	}
}

const coverFile = "cover.svg"

// checkCover looks at the drawing of a page: it tells in words what is to be
// seen, and asks for nothing else.
func (c *checker) checkCover(r *report, d *document) {
	if !d.hasBundle() {
		return
	}
	name := path.Join(path.Dir(d.path), coverFile)
	src, err := fs.ReadFile(c.in.content, name)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	r = &report{path: contentPrefix + name}
	defer func() { c.findings = append(c.findings, r.findings...) }()
	label := ""
	if err == nil {
		label, err = svgLabel(src)
	}
	switch {
	case err != nil:
		r.add(1, "cover-file", "读不懂这张图。封面要是一个 SVG 文件，里面不带脚本和别处的内容")
	case strings.TrimSpace(label) == "":
		r.add(1, "cover-alt", "封面没有文字说明。请在 <svg> 里写 aria-label=\"图里有什么\"，看不见图的人靠它知道")
	}
}

// svgLabel is the description that a drawing carries; it fails on what is no
// drawing, or one with a script or something from elsewhere.
func svgLabel(src []byte) (label string, err error) {
	decoder := xml.NewDecoder(bytes.NewReader(src))
	for root := true; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && !root {
			return label, nil
		}
		if err != nil {
			return "", err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if root && start.Name.Local != "svg" || listed("script foreignObject image", start.Name.Local) {
			return "", fmt.Errorf("unexpected <%s>", start.Name.Local)
		}
		for _, a := range start.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") {
				return "", fmt.Errorf("unexpected %s on <%s>", a.Name.Local, start.Name.Local)
			}
			if root && a.Name.Local == "aria-label" {
				label = a.Value
			}
		}
		root = false
	}
}

// plainText is the text of an inline node.
func plainText(n ast.Node, src []byte) string {
	w := &flowWriter{src: src}
	w.children(n)
	return string(w.buf)
}

func attributeText(value any) string {
	switch v := value.(type) {
	case []byte:
		return string(v)
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return ""
}

// headingIDs makes the ids that Hugo makes, which keep Chinese letters.
type headingIDs struct{ seen map[string]bool }

func (ids *headingIDs) Generate(value []byte, kind ast.NodeKind) []byte {
	var id strings.Builder
	for _, r := range string(bytes.TrimSpace(value)) {
		switch {
		case r == '-' || r == ' ':
			id.WriteRune('-')
		case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			id.WriteRune(unicode.ToLower(r))
		}
	}
	base := id.String()
	if base == "" {
		base = "heading"
	}
	unique := base
	for i := 1; ids.seen[unique]; i++ {
		unique = base + "-" + strconv.Itoa(i)
	}
	ids.seen[unique] = true
	return []byte(unique)
}

func (ids *headingIDs) Put(value []byte) { ids.seen[string(value)] = true }
