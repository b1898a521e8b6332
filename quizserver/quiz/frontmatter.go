package quiz

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

var yamlLine = regexp.MustCompile(`line (\d+)`)

// frontMatter reads the block between the first two `---` and returns the
// file with that block blanked.
func (f *file) frontMatter(src []byte) ([]byte, bool) {
	rows := bytes.SplitAfter(src, []byte("\n"))
	if !isFence(rows[0]) {
		f.errorf(1, "front-matter", "文件开头没有说明块，请在第一行写 ---，下面写 title: 标题，再用一行 --- 结束。")
		return src, true
	}
	for i := 1; i < len(rows); i++ {
		if !isFence(rows[i]) {
			continue
		}
		f.decode(bytes.Join(rows[1:i], nil))
		blank := bytes.Repeat([]byte("\n"), i+1)
		return append(blank, bytes.Join(rows[i+1:], nil)...), true
	}
	f.errorf(1, "front-matter", "开头的说明块没有结束，请在 title 等各行之后加一行 ---。")
	return nil, false
}

func isFence(row []byte) bool { return string(bytes.TrimRight(row, " \t\n")) == "---" }

// decode reads the block by nodes, because only they carry lines. Line 1 of
// the block is line 2 of the file.
func (f *file) decode(block []byte) {
	var doc yaml.Node
	if err := yaml.Unmarshal(block, &doc); err != nil {
		line := 1
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
			line = min(line, bytes.Count(block, []byte("\n"))) + 1
		}
		f.errorf(line, "front-matter", "说明块在这一行附近不是正确的 YAML，请检查：英文冒号后要空一格，缩进用空格，含冒号的文字加英文引号。")
		return
	}
	if len(doc.Content) > 0 {
		root := doc.Content[0]
		if root.Kind != yaml.MappingNode {
			f.errorf(root.Line+1, "front-matter", "说明块要写成一行一个“名称: 内容”，例如 title: 什么是学生欺凌。")
			return
		}
		seen := map[string]bool{}
		for i := 0; i+1 < len(root.Content); i += 2 {
			key, value := root.Content[i], root.Content[i+1]
			if seen[key.Value] {
				f.errorf(key.Line+1, "front-matter-duplicate", "%q 写了两次，请删去一个。", key.Value)
				continue
			}
			seen[key.Value] = true
			f.field(key, value)
		}
	}
	if f.quiz.Title == "" {
		f.errorf(1, "title", "题库没有标题，请在说明块里写 title: 标题。")
	}
}

func (f *file) field(key, value *yaml.Node) {
	q, line := f.quiz, key.Line+1
	switch key.Value {
	case "title":
		q.Title = f.str(key, value)
	case "summary":
		q.Summary = f.str(key, value)
	case "audience":
		q.Audience = f.strs(key, value)
	case "topics":
		q.Topics = f.strs(key, value)
	case "sources":
		q.Sources = f.strs(key, value)
	case "safety":
		q.Safety = f.strs(key, value)
	case "use":
		if q.Use = f.str(key, value); q.Use != Practice && q.Use != Contest {
			f.errorf(line, "use", "use 只能是 practice（练习）或 contest（竞赛），请改正或删去这一行。")
		}
	case "minutes":
		q.Minutes = f.whole(key, value, 1, 600)
	case "weight":
		q.Weight = f.whole(key, value, 0, 1_000_000)
	case "review_by":
		q.ReviewBy = f.str(key, value)
		if _, err := time.Parse(time.DateOnly, q.ReviewBy); err != nil {
			f.errorf(line, "front-matter-value", "review_by 要写成日期，例如 review_by: 2027-06-03。")
		}
	case "reviewed":
		q.Reviewed = f.review(key, value)
	default:
		f.errorf(line, "front-matter-key", "说明块里不认识 %q，题库可以写 title、summary、audience、topics、use、minutes、weight、review_by、sources、safety，请删去或改正。", key.Value)
	}
}

// str returns a value on one line, empty if it is null.
func (f *file) str(key, value *yaml.Node) string {
	if value.Kind != yaml.ScalarNode {
		f.errorf(key.Line+1, "front-matter-value", "%s 只能是一段文字，请写成 %s: 文字。", key.Value, key.Value)
		return ""
	}
	if value.Tag == "!!null" {
		return ""
	}
	return oneLine(value.Value)
}

func (f *file) strs(key, value *yaml.Node) []string {
	if value.Kind == yaml.ScalarNode && value.Tag == "!!null" {
		return nil
	}
	var all []string
	for _, n := range value.Content {
		if value.Kind != yaml.SequenceNode || n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" {
			all = nil
			break
		}
		all = append(all, oneLine(n.Value))
	}
	if all == nil && (value.Kind != yaml.SequenceNode || len(value.Content) > 0) {
		f.errorf(key.Line+1, "front-matter-value", "%s 要写成列表，例如 %s: [甲, 乙]。", key.Value, key.Value)
	}
	return all
}

func (f *file) whole(key, value *yaml.Node, low, high int) int {
	n, err := strconv.Atoi(value.Value)
	if value.Kind != yaml.ScalarNode || err != nil || n < low || n > high {
		f.errorf(key.Line+1, "front-matter-value", "%s 要是 %d–%d 的整数，例如 %s: 10。", key.Value, low, high, key.Value)
		return 0
	}
	return n
}

func (f *file) review(key, value *yaml.Node) *Review {
	r := &Review{}
	ok := value.Kind == yaml.MappingNode
	for i := 0; ok && i+1 < len(value.Content); i += 2 {
		name, text := value.Content[i].Value, value.Content[i+1]
		switch {
		case text.Kind == yaml.ScalarNode && name == "by":
			r.By = oneLine(text.Value)
		case text.Kind == yaml.ScalarNode && name == "on":
			r.On = oneLine(text.Value)
		default:
			ok = false
		}
	}
	if !ok || r.By == "" || r.On == "" {
		f.errorf(key.Line+1, "front-matter-value", "reviewed 由审核流程写入，请不要手写，删去即可。")
		return nil
	}
	return r
}
