package site

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yuin/goldmark/ast"
	"gopkg.in/yaml.v3"

	"sunnycampus/quizserver/quiz"
)

// Severities of a finding.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// Finding is one thing in the content that somebody should mend.
type Finding struct {
	Path     string `json:"path"` // content/lessons/x/index.md
	Line     int    `json:"line"`
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Message  string `json:"message"` // what is wrong and how to mend it
}

func (f Finding) String() string {
	return f.Path + ":" + strconv.Itoa(f.Line) + ": " + f.Code + ": " + f.Message
}

// CheckOptions say for which day to check. A zero Today is the present day;
// Strict makes warnings errors.
type CheckOptions struct {
	Today  time.Time
	Strict bool
}

const (
	contentPrefix = "content/"
	dataPrefix    = "content/data/"
)

// Check holds all content against the rules. Findings come sorted by path and
// line.
func Check(src Source, opt CheckOptions) []Finding {
	in := src.folders()
	findings := check(in, opt)
	if !exists(in.content, "help/_index.md") {
		log := &report{path: contentPrefix + "help/_index.md"}
		log.warn(1, "help-missing", "没有求助页：每一页的“求助”按钮会指向程序自带的简短求助页。请写一页适合本校的")
		findings = sorted(append(findings, log.findings...), opt.Strict)
	}
	return findings
}

func check(in folders, opt CheckOptions) []Finding {
	if opt.Today.IsZero() {
		opt.Today = time.Now()
	}
	c := &checker{in: in, today: opt.Today.Format(time.DateOnly), quizzes: map[string]*quiz.Quiz{}, quizPaths: map[string]string{}, urls: map[string]bool{}, pinyin: &Pinyin{}}
	c.laws, c.findings = LoadLaws(in.data)
	for _, law := range c.laws.List {
		if law != nil {
			c.urls[law.URL()] = true
		}
	}
	c.checkRegistries()
	files, err := markdownFiles(in.content)
	if err != nil {
		c.findings = append(c.findings, Finding{Path: "content", Line: 1, Code: "content", Severity: SeverityError,
			Message: "读不了内容文件夹，请检查 --content 或 --source 指的文件夹是否存在。"})
	}
	for _, name := range files {
		c.read(name)
	}
	for _, d := range c.docs {
		c.checkDocument(d)
	}
	c.checkAlike()
	return sorted(c.findings, opt.Strict)
}

func sorted(findings []Finding, strict bool) []Finding {
	if strict {
		for i := range findings {
			findings[i].Severity = SeverityError
		}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(findings)
}

// checker holds what the checks of one run share.
type checker struct {
	in        folders
	today     string
	laws      *Laws
	wording   []wordingRule
	pinyin    *Pinyin
	docs      []*document
	quizzes   map[string]*quiz.Quiz
	quizPaths map[string]string // content/quizzes/x.md by id
	urls      map[string]bool   // every page that will exist
	findings  []Finding
}

// report collects the findings of one file.
type report struct {
	path     string
	findings []Finding
}

func (r *report) add(line int, code, format string, args ...any) {
	r.put(line, code, SeverityError, format, args...)
}

func (r *report) warn(line int, code, format string, args ...any) {
	r.put(line, code, SeverityWarning, format, args...)
}

func (r *report) put(line int, code, severity, format string, args ...any) {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	message = strings.TrimRight(message, "。") + "。"
	r.findings = append(r.findings, Finding{Path: r.path, Line: max(line, 1), Code: code, Severity: severity, Message: message})
}

// decodeStrict reads a data file; a key that nobody reads is an error. An empty
// file is io.EOF.
func decodeStrict(src []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(src))
	decoder.KnownFields(true)
	return decoder.Decode(into)
}

// yaml reports an error of a data file, each mistyped value by itself.
func (r *report) yaml(err error) {
	lines := []error{err}
	if typed, ok := err.(*yaml.TypeError); ok {
		lines = nil
		for _, e := range typed.Errors {
			lines = append(lines, &yaml.TypeError{Errors: []string{e}})
		}
	}
	for _, e := range lines {
		line, message := yamlSlip(e)
		r.add(line, "data-yaml", "数据文件格式不对：%s。请检查缩进、项目名称和引号", message)
	}
}

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// read loads one file and notes what other pages may refer to.
func (c *checker) read(name string) {
	d := readDocument(c.in.content, name)
	r := &report{path: contentPrefix + name}
	defer func() { c.findings = append(c.findings, r.findings...) }()
	c.docs = append(c.docs, d)
	switch {
	case d.url == "":
		r.add(1, "path", "文件放错了位置。页面请放在 content/栏目/页面名.md 或 content/栏目/页面名/index.md")
	case d.section != "" && sections[d.section] == "":
		r.add(1, "section", "没有“%s”这个栏目。栏目有：%s", d.section, sectionList())
	case d.slug != "" && !kebab.MatchString(d.slug):
		r.add(1, "path", "页面名“%s”不能用在网址里。请改成小写英文、数字和连字符，例如 class-rules", d.slug)
	case c.urls[d.url] && !d.isQuiz():
		r.add(1, "path", "%s 已经有另一个文件了（同名的 .md 和文件夹）。请只留一个", d.url)
	}
	for _, p := range d.slips {
		r.add(p.line, p.code, "%s", p.message)
	}
	if d.isQuiz() {
		c.readQuiz(d, r)
	}
	if d.url != "" && !(d.isQuiz() && c.isContest(d)) {
		c.urls[d.url] = true
		c.urls["/"+d.section+"/"] = true
	}
}

func (c *checker) isContest(d *document) bool { return d.front.text("use") == quiz.Contest }

func sectionList() string {
	names := make([]string, 0, len(sections))
	for name := range sections {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, "、")
}

// checkDocument runs every check on one page.
func (c *checker) checkDocument(d *document) {
	r := &report{path: contentPrefix + d.path}
	defer func() { c.findings = append(c.findings, r.findings...) }()
	if len(d.slips) > 0 {
		return // the file was not understood; more findings would only confuse
	}
	for _, p := range checkFront(d.front, d.section, d.index) {
		r.add(p.line, p.code, "%s", p.message)
	}
	if due := d.front.text("review_by"); due != "" && due < c.today && len(due) == len(time.DateOnly) {
		r.warn(d.front.line("review_by"), "review-due", "这一页应当在 %s 前复核，已经过期。请重新核对内容，再改 review_by", due)
	}
	for _, p := range d.parts() {
		c.checkText(r, p)
		c.checkNodes(r, d, p)
	}
	checkCallouts(r, d)
	c.checkCover(r, d)
	c.checkPinyin(r, d)
	c.checkNamed(r, d)
	c.checkWording(r, d)
	if !d.index {
		switch d.section {
		case "lessons":
			c.checkLesson(r, d)
		case "scenarios":
			checkScenario(r, d)
		}
		c.checkReferences(r, d)
	}
}

// part is a piece of Markdown in a file: the body, or one text of the front
// matter.
type part struct {
	root   ast.Node
	src    []byte
	lineAt func(at int) int
}

// parts lists the body and every front matter text that people read.
func (d *document) parts() []part {
	out := []part{{root: d.root, src: d.masked, lineAt: d.line}}
	for _, key := range d.front.keys {
		if rule, ok := fieldOf(key, d.section); !ok || !rule.prose {
			continue
		}
		eachText(d.front.values[key], func(n *yaml.Node) {
			out = append(out, frontPart(n, d.front.offset))
		})
	}
	return out
}

func eachText(n *yaml.Node, visit func(*yaml.Node)) {
	switch n.Kind {
	case yaml.ScalarNode:
		visit(n)
	case yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			eachText(n.Content[i], visit)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			eachText(item, visit)
		}
	}
}

func frontPart(n *yaml.Node, offset int) part {
	src := []byte(n.Value)
	starts := lineStarts(src)
	first := n.Line + offset
	block := n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	literal := n.Style&yaml.LiteralStyle != 0
	return part{root: parseMarkdown(src), src: src, lineAt: func(at int) int {
		line := first
		if block {
			line++
		}
		if literal {
			line += lineAt(starts, at) - 1
		}
		return line
	}}
}

func exists(in fs.FS, name string) bool {
	info, err := fs.Stat(in, name)
	return err == nil && !info.IsDir()
}
