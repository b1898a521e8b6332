package quiz

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Limits of a quiz file.
const (
	maxFile   = 1 << 20
	maxLine   = 8 << 10 // bytes; bounds the time that one line of nested markup can cost
	maxItems  = 300
	maxStem   = 500 // runes
	maxText   = 200 // runes of an option, an accepted answer or an alternative text
	maxOption = 8
)

var (
	slug     = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	imageSrc = regexp.MustCompile(`^[\pL\pN/_.%~-]+$`)
	quoted   = regexp.MustCompile(`(?m)^ {0,3}> ?`)
)

// file is a quiz file while it is read. src has the length in lines of the
// original, with the front matter blanked, so that positions give its lines.
type file struct {
	path   string
	src    []byte
	starts []int // offset of each line in src
	quiz   *Quiz
	errs   Errors
	ids    map[string]int // item id → line of its heading
}

// Parse reads a quiz file and checks all of it. The error is an Errors that
// holds every mistake; without one the quiz is fit for use.
func Parse(path string, src []byte) (*Quiz, error) {
	f := &file{path: path, quiz: &Quiz{ID: stem(path), Use: Practice}, ids: map[string]int{}}
	if clean, ok := f.clean(src); ok {
		if !slug.MatchString(f.quiz.ID) {
			f.errorf(1, "quiz-id", "题库文件名 %q 不能作编号，请改成 1–40 个小写字母、数字或连字符，例如 what-is-bullying.md。", f.quiz.ID)
		}
		if body, ok := f.frontMatter(clean); ok {
			f.body(body)
		}
	}
	if len(f.errs) > 0 {
		slices.SortStableFunc(f.errs, func(a, b *Error) int { return cmp.Compare(a.Line, b.Line) })
		return nil, f.errs
	}
	return f.quiz, nil
}

// stem returns the file name without folder and extension; the name of the
// folder when the file is an index.md.
func stem(path string) string {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' })
	if len(parts) == 0 {
		return ""
	}
	name := strings.TrimSuffix(parts[len(parts)-1], ".md")
	if name == "index" && len(parts) > 1 {
		name = parts[len(parts)-2]
	}
	return name
}

func (f *file) errorf(line int, code, format string, args ...any) {
	f.errs = append(f.errs, &Error{Path: f.path, Line: line, Code: code, Message: fmt.Sprintf(format, args...)})
}

// clean checks size and encoding, and removes BOM and carriage returns.
func (f *file) clean(src []byte) ([]byte, bool) {
	if len(src) > maxFile {
		f.errorf(1, "too-large", "文件超过 1 MiB，请把题目分成几个文件。")
		return nil, false
	}
	src = bytes.TrimPrefix(src, []byte("\uFEFF"))
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	src = bytes.ReplaceAll(src, []byte("\r"), []byte("\n"))
	line := 0
	for row := range bytes.Lines(src) {
		line++
		if !utf8.Valid(row) {
			f.errorf(line, "encoding", "这一行不是 UTF-8 编码，请把文件另存为 UTF-8 再上传。")
		} else if bytes.ContainsFunc(row, isControl) {
			f.errorf(line, "encoding", "这一行有看不见的控制字符，请删去这一行后重新输入。")
		}
		if len(row) > maxLine {
			f.errorf(line, "line-long", "这一行超过 8 KiB，请分成几行。")
		}
	}
	return src, len(f.errs) == 0
}

func isControl(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7F }

// body reads the items. Every `##` heading begins one; the blocks after it
// belong to it until the next.
func (f *file) body(src []byte) {
	f.src = src
	f.starts = []int{0}
	for i, b := range src {
		if b == '\n' {
			f.starts = append(f.starts, i+1)
		}
	}
	doc := markdown.Parse(text.NewReader(src))
	f.checkMarkup(doc)

	var current *draft
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level != 2 {
				f.errorf(f.line(n), "heading-level", "题库里只能用“## 题干”这一级标题，请把这里改成两个 #。")
				continue
			}
			f.finish(current)
			current = f.heading(n)
		case *ast.ThematicBreak:
		default:
			if current == nil {
				f.errorf(f.line(n), "stray-text", "第一道题之前不能有正文，请把介绍写进 summary，或在前面加上“## 题干 {#题号}”。")
				continue
			}
			f.block(current, n)
		}
	}
	f.finish(current)
	if len(f.ids) == 0 && len(f.errs) == 0 {
		f.errorf(1, "no-items", "文件里没有题目，请至少写一道“## 题干 {#题号}”。")
	}
}

// checkMarkup refuses what is wrong anywhere in the body, explanations included.
func (f *file) checkMarkup(doc ast.Node) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock, *ast.RawHTML:
			f.errorf(f.line(n), "raw-html", "题库里不能写 HTML，请删去尖括号标签，改用 Markdown；要显示尖括号本身请写成 \\<。")
		case *ast.Image:
			f.checkImage(n)
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
}

func (f *file) checkImage(n *ast.Image) {
	src, alt := string(n.Destination), f.plain(n).text
	switch {
	case alt == "":
		f.errorf(f.line(n), "image-alt", "图片没有文字说明，请写成 ![图里有什么](图片路径)，看不见图的人靠它答题。")
	case utf8.RuneCountInString(alt) > maxText:
		f.errorf(f.line(n), "image-alt", "图片的文字说明超过 %d 字，请写短一些。", maxText)
	}
	if !imageSrc.MatchString(src) || strings.HasPrefix(src, "//") {
		f.errorf(f.line(n), "image-src", "图片路径 %q 不能用，请写本站内的路径，只含字母、数字、/ . _ -，例如 /img/quiz/a.png。", src)
	}
}

// block adds one block below a heading to its item.
func (f *file) block(d *draft, n ast.Node) {
	switch n := n.(type) {
	case *ast.List:
		f.list(d, n)
	case *ast.Blockquote:
		if d.item.Explanation != "" {
			d.item.Explanation += "\n\n"
		}
		d.item.Explanation += f.quote(n)
	case *ast.Paragraph:
		f.paragraph(d, n)
	case *ast.HTMLBlock: // named by checkMarkup
		d.broken = true
	default:
		f.unexpected(d, n)
	}
}

func (f *file) unexpected(d *draft, n ast.Node) {
	d.broken = true
	f.errorf(f.line(n), "stray-text", "看不懂这一段：选项请写“- [ ] ”，填空答案写“= ”，解析每行以“> ”开头，行首不要多空格。")
}

// paragraph reads a picture of the item, or the accepted answers of a fill-in.
func (f *file) paragraph(d *draft, n *ast.Paragraph) {
	p := f.plain(n)
	if p.text == "" && len(p.images) > 0 {
		f.picture(d, f.line(n), p.images)
		return
	}
	first := f.line(n)
	for i, row := range strings.Split(p.raw, "\n") {
		row = strings.TrimSpace(row)
		answers, ok := strings.CutPrefix(row, "=")
		if !ok {
			answers, ok = strings.CutPrefix(row, "＝")
		}
		if !ok || len(p.images) > 0 {
			f.unexpected(d, n)
			return
		}
		f.accept(d, first+i, answers)
	}
}

// picture sets the one image of an item.
func (f *file) picture(d *draft, line int, images []*Image) {
	if d.item.Image != nil || len(images) > 1 {
		f.errorf(line, "image-many", "一道题或一个选项只能有一张图，请只留一张。")
		return
	}
	d.item.Image = images[0]
}

// quote returns the Markdown inside a blockquote.
func (f *file) quote(n *ast.Blockquote) string {
	start := f.starts[f.line(n)-1]
	end := len(f.src)
	if next := n.NextSibling(); next != nil {
		end = f.starts[f.line(next)-1]
	}
	var rows []string
	for row := range strings.Lines(string(f.src[start:end])) {
		if strings.TrimSpace(row) == "" {
			break
		}
		rows = append(rows, quoted.ReplaceAllString(strings.TrimRight(row, " \t\n"), ""))
	}
	return strings.Trim(strings.Join(rows, "\n"), "\n")
}

// line returns the line in the file where a node begins. Some nodes have no
// position of their own; their parents have.
func (f *file) line(n ast.Node) int {
	for ; n != nil; n = n.Parent() {
		if pos := position(n); pos >= 0 {
			i, exact := slices.BinarySearch(f.starts, pos)
			if exact {
				return i + 1
			}
			return i
		}
	}
	return 1
}

func position(n ast.Node) int {
	if raw, ok := n.(*ast.RawHTML); ok && raw.Segments.Len() > 0 {
		return raw.Segments.At(0).Start
	}
	if box, ok := n.(*extast.TaskCheckBox); ok {
		return position(box.Parent())
	}
	return n.Pos()
}
