// Package exchange reads quizzes from the files that teachers have and writes
// them as such: Excel, CSV, GIFT, Moodle XML and our own Markdown. What a file
// says and the other kind has no place for is never dropped in silence: a
// Report names it, item by item.
//
// A reader turns its file into drafts, whose texts are plain; settle makes
// them a quiz that quiz.Parse accepts. A writer gets items whose texts plain
// has made plain.
package exchange

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// Format is a kind of file.
type Format string

// The formats, by the endings of their names.
const (
	Markdown  Format = ".md"
	GIFT      Format = ".gift"
	XLSX      Format = ".xlsx"
	CSV       Format = ".csv"
	MoodleXML Format = ".xml"
)

// Endings lists the formats for a message.
const Endings = ".md、.xlsx、.csv、.gift（或 .txt）、.xml（Moodle）"

// Limits that keep a file from taking the machine. A bank of 300 items with
// long explanations is a tenth of them.
const (
	maxFile = 24 << 20 // Moodle puts pictures into its files
	maxText = 4 << 20  // of a file without any
	maxRows = 2000
	maxItem = 300 // as quiz.Parse has it
	maxCell = 32767
)

// FormatOf tells a format by the name of a file.
func FormatOf(name string) (Format, bool) {
	name = strings.ToLower(strings.ReplaceAll(name, `\`, "/"))
	switch ext := Format(path.Ext(name)); ext {
	case Markdown, GIFT, XLSX, CSV, MoodleXML:
		return ext, true
	case ".txt": // as Moodle names it
		return GIFT, true
	}
	return "", false
}

// Options are what a file does not say itself.
type Options struct {
	Title string     // instead of the one in the file
	Spell quiz.Spell // the registry of laws; nil knows none
}

// Read turns a file into a quiz. Items that cannot be read are in the report;
// the error is for a file of which nothing can be.
func Read(name string, src []byte, opt Options) (*quiz.Quiz, *Report, error) {
	format, known := FormatOf(name)
	if !known {
		return nil, nil, fault.New(fault.Invalid, "认不出 %s 是什么文件，能读的是 %s", name, Endings)
	}
	if len(src) > maxFile || len(src) > maxText && (format == Markdown || format == GIFT || format == CSV) {
		return nil, nil, fault.New(fault.TooLarge, "%s 太大了，请把题目分成几个文件", name)
	}
	r := &Report{}
	var b *bank
	var err error
	switch format {
	case XLSX:
		b, err = readXLSX(src, r)
	case MoodleXML:
		b, err = readMoodle(src, r)
	default:
		var text string
		if text, err = decode(src, r); err != nil {
			break
		}
		switch format {
		case Markdown:
			q, err := readMarkdown(text, cmp.Or(opt.Title, stem(name)), r)
			if err == nil && opt.Title != "" {
				q.Title = opt.Title
			}
			return q, r, err
		case GIFT:
			b, err = readGIFT(text, r)
		case CSV:
			b, err = readCSV(text, r)
		}
	}
	if err != nil {
		return nil, r, err
	}
	q, err := b.settle(cmp.Or(opt.Title, b.title, stem(name)), opt.Spell, r)
	return q, r, err
}

func stem(name string) string {
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	return strings.TrimSuffix(base, path.Ext(base))
}

// Write turns a quiz into a file.
func Write(format Format, q *quiz.Quiz, opt Options) ([]byte, *Report, error) {
	r := &Report{}
	if format == Markdown {
		r.newPage(q)
		return quiz.Markdown(q), r, nil
	}
	items := plain(q, opt.Spell, r)
	if format == XLSX { // which cuts a longer cell off
		items = slices.DeleteFunc(items, func(it quiz.Item) bool {
			long := len(it.Explanation) > maxCell
			if long {
				r.refuse("", it.ID, "解析太长，Excel 的一格放不下，请写短一些")
			}
			return long
		})
	}
	if len(items) == 0 {
		return nil, r, fault.New(fault.Invalid, "没有一道题能写成 %s，没有写文件", format)
	}
	r.Items = len(items)
	r.frontMatter(q, format)
	var out []byte
	var err error
	switch format {
	case GIFT:
		out = writeGIFT(q.Title, items, r)
	case MoodleXML:
		out, err = writeMoodle(q.Title, items, r)
	case CSV:
		out = writeCSV(items)
	case XLSX:
		out, err = writeXLSX(q.Title, items)
	default:
		return nil, r, fault.New(fault.Invalid, "不会写 %s 文件，能写的是 %s", format, Endings)
	}
	return out, r, err
}
