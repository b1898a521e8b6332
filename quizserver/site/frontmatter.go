package site

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// kind is the shape that a front matter value must have.
type kind int

const (
	kindText   kind = iota
	kindChoice      // one of allowed
	kindNumber      // whole, not negative
	kindDate        // YYYY-MM-DD
	kindList        // list of text, of allowed when that is set
	kindGoals       // objectives: know, feel and do, each a list
	kindCast        // roles: list of name and note
	kindSigned      // reviewed: by and on
)

// field is one row of the schema. Sections are separated by spaces, "*" means
// every section.
type field struct {
	name     string
	kind     kind
	required string
	optional string
	allowed  string
	prose    bool // read by people, so the wording rules hold
}

const (
	bands = "primary-low primary-mid primary-high junior senior vocational teachers leaders parents community"
	forms = "class-meeting competition speech scenario behaviour emotion practice moot-court case"
	risks = "S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 S12"
	// Plans made of steps: lessons must have these keys, kits may.
	plans = "kits training"
)

// schema drives required keys, shapes and allowed values.
var schema = []field{
	{name: "title", kind: kindText, required: "*", prose: true},
	{name: "summary", kind: kindText, required: "*", prose: true},
	{name: "audience", kind: kindList, required: "*", allowed: bands + " all"},
	{name: "topics", kind: kindList, optional: "*", prose: true},
	{name: "reviewed", kind: kindSigned, optional: "*"},
	{name: "review_by", kind: kindDate, required: "law parents help policy", optional: "*"},
	{name: "weight", kind: kindNumber, optional: "*"},
	{name: "band", kind: kindText, optional: "law parents policy kits training", prose: true},
	{name: "show", kind: kindChoice, optional: "help", allowed: "card"}, // what the theme adds to the page
	{name: "show", kind: kindChoice, optional: "policy", allowed: "directory"},
	{name: "sources", kind: kindList, optional: "*", prose: true},
	{name: "safety", kind: kindList, optional: "*", allowed: risks},
	{name: "form", kind: kindChoice, required: "lessons", optional: plans, allowed: forms},
	{name: "form", kind: kindChoice, required: "scenarios", allowed: "scenario"},
	{name: "form", kind: kindChoice, optional: "law", allowed: "case"},
	{name: "minutes", kind: kindNumber, required: "lessons scenarios", optional: plans + " quizzes"},
	{name: "prep_minutes", kind: kindNumber, required: "lessons", optional: plans},
	{name: "device", kind: kindChoice, optional: "lessons scenarios " + plans, allowed: "none screen computers"}, // none when absent
	{name: "setup", kind: kindText, required: "lessons", optional: plans, prose: true},
	{name: "objectives", kind: kindGoals, required: "lessons", optional: plans, prose: true},
	{name: "materials", kind: kindList, required: "lessons", optional: plans, prose: true},
	{name: "if_disclosed", kind: kindText, required: "lessons", optional: plans, prose: true},
	{name: "evidence", kind: kindText, required: "lessons", optional: plans, prose: true},
	{name: "question", kind: kindText, required: "lessons", optional: plans, prose: true},
	{name: "exit_slip", kind: kindList, required: "lessons", optional: plans, prose: true},
	{name: "parent_letter", kind: kindText, required: "lessons", optional: plans, prose: true},
	{name: "quiz", kind: kindText, optional: "lessons " + plans},
	{name: "quiz_items", kind: kindList, optional: "lessons " + plans},
	{name: "scenario", kind: kindText, optional: "lessons " + plans},
	{name: "viewpoint", kind: kindText, required: "scenarios", prose: true},
	{name: "roles", kind: kindCast, optional: "scenarios", prose: true},
	{name: "debrief", kind: kindList, optional: "scenarios", prose: true},
	{name: "use", kind: kindChoice, optional: "quizzes", allowed: "practice contest"},
}

// sections are the folders a page may live in, with the name people know.
var sections = map[string]string{
	"lessons": "课程", "scenarios": "情景剧", "law": "法治", "parents": "家长",
	"training": "教师与社会力量", "kits": "演讲·实践·模拟法庭", "quizzes": "题库",
	"policy": "政策与部门职责", "help": "求助", "guide": "使用帮助", "about": "关于",
}

const summaryLimit = 80

func listed(list, item string) bool {
	for word := range strings.FieldsSeq(list) {
		if word == item || word == "*" {
			return true
		}
	}
	return false
}

// fieldOf finds the rule for a key in a section.
func fieldOf(name, section string) (field, bool) {
	for _, f := range schema {
		if f.name == name && (listed(f.required, section) || listed(f.optional, section)) {
			return f, true
		}
	}
	return field{}, false
}

// front is the parsed front matter of one file. Its lines are file lines.
type front struct {
	keys   []string // in the order written
	values map[string]*yaml.Node
	lines  map[string]int
	offset int // added to a YAML line to get the line in the file
}

// slip is a finding that does not know its file yet.
type slip struct {
	line          int
	code, message string
}

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// splitFront cuts src into its front matter and the offset of the body.
func splitFront(src []byte) (head []byte, body int, p *slip) {
	first, rest, _ := bytes.Cut(src, []byte("\n"))
	if string(bytes.TrimRight(first, " \t\r")) != "---" {
		return nil, 0, &slip{1, "front-missing", "文件开头没有页面信息。请在第一行写 ---，接着写 title、summary、audience 等，再用一行 --- 结束"}
	}
	start := len(src) - len(rest)
	for at := start; at < len(src); {
		line, _, _ := bytes.Cut(src[at:], []byte("\n"))
		next := min(at+len(line)+1, len(src))
		if string(bytes.TrimRight(line, " \t\r")) == "---" {
			return src[start:at], next, nil
		}
		at = next
	}
	return nil, 0, &slip{1, "front-unclosed", "页面信息没有结束。请在最后一项下面单独写一行 ---"}
}

// parseFront reads front matter that starts on line 2 of its file.
func parseFront(head []byte) (*front, []slip) {
	f := &front{values: map[string]*yaml.Node{}, lines: map[string]int{}, offset: 1}
	var root yaml.Node
	if err := yaml.Unmarshal(head, &root); err != nil {
		line, message := yamlSlip(err)
		return f, []slip{{line + 1, "front-yaml", "页面信息不是正确的 YAML：" + message + "。请检查缩进、冒号后的空格，含有冒号或引号的文字请用引号包起来"}}
	}
	if len(root.Content) == 0 {
		return f, nil
	}
	table := root.Content[0]
	if table.Kind != yaml.MappingNode {
		return f, []slip{{table.Line + 1, "front-yaml", "页面信息要写成“名称: 内容”的样子，每项一行"}}
	}
	var slips []slip
	for i := 0; i+1 < len(table.Content); i += 2 {
		key, value := table.Content[i], table.Content[i+1]
		if _, twice := f.values[key.Value]; twice {
			slips = append(slips, slip{key.Line + 1, "front-duplicate", "“" + key.Value + "”写了两次，请只留一处"})
			continue
		}
		f.keys = append(f.keys, key.Value)
		f.values[key.Value] = value
		f.lines[key.Value] = key.Line + 1
	}
	return f, slips
}

// What the YAML reader says in Go's words.
var (
	unknownField = regexp.MustCompile(`^field (\S+) not found in type `)
	wrongKind    = regexp.MustCompile("^cannot unmarshal \\S+ ?`?([^`]*)`? into ")
)

// yamlSlip takes the line out of a yaml.v3 error.
func yamlSlip(err error) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	var typed *yaml.TypeError
	if errors.As(err, &typed) && len(typed.Errors) > 0 {
		message = typed.Errors[0]
	}
	line = 1
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	if m := unknownField.FindStringSubmatch(message); m != nil {
		message = "不认识“" + m[1] + "”这一项"
	} else if m := wrongKind.FindStringSubmatch(message); m != nil {
		message = "“" + m[1] + "”写法不对"
	}
	return line, message
}

func (f *front) text(key string) string {
	if n := f.values[key]; n != nil && n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return strings.TrimSpace(n.Value)
	}
	return ""
}

func (f *front) number(key string) int {
	n, _ := strconv.Atoi(f.text(key))
	return n
}

func (f *front) list(key string) []string {
	n := f.values[key]
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	var out []string
	for _, item := range n.Content {
		if item.Kind == yaml.ScalarNode {
			out = append(out, item.Value)
		}
	}
	return out
}

// line is where a key is written, or the first line when it is not.
func (f *front) line(key string) int {
	if line, ok := f.lines[key]; ok {
		return line
	}
	return 1
}

// checkFront holds front matter against the schema.
func checkFront(f *front, section string, index bool) []slip {
	var out []slip
	for _, key := range f.keys {
		rule, ok := fieldOf(key, section)
		if !ok {
			out = append(out, slip{f.line(key), "front-unknown",
				"这里不能写“" + key + "”。" + sectionName(section) + "页面可以写：" + strings.Join(keysOf(section), "、")})
			continue
		}
		out = append(out, rule.check(f, f.values[key])...)
	}
	for _, rule := range schema {
		must := listed(rule.required, section)
		if index { // a list page only introduces its section
			must = rule.required == "*"
		}
		if _, ok := f.values[rule.name]; must && !ok {
			out = append(out, slip{1, "front-required", "缺少“" + rule.name + "”，请在页面信息里补上"})
		}
	}
	all := listed("help policy about guide", section) || index
	if who := f.list("audience"); slices.Contains(who, "all") && (!all || len(who) > 1) {
		out = append(out, slip{f.line("audience"), "front-value", "audience 的 all 只能单独用在求助、政策、关于和使用帮助页面。请写明给谁看，例如 [junior, teachers]"})
	}
	return out
}

func sectionName(section string) string {
	if name, ok := sections[section]; ok {
		return "“" + name + "”"
	}
	return "这个"
}

func keysOf(section string) []string {
	var keys []string
	for _, f := range schema {
		if listed(f.required, section) || listed(f.optional, section) {
			keys = append(keys, f.name)
		}
	}
	return keys
}

// check tells what is wrong with one value.
func (r field) check(f *front, n *yaml.Node) []slip {
	at := n.Line + f.offset
	wrong := func(what string) []slip {
		return []slip{{at, "front-type", "“" + r.name + "”" + what}}
	}
	if empty(n) {
		return []slip{{at, "front-required", "“" + r.name + "”是空的，请写上内容，不需要就删去这一行"}}
	}
	switch r.kind {
	case kindText:
		if !isText(n) {
			return wrong("要写成一段文字；如果是数字或日期，请加上引号")
		}
		if r.name == "summary" && utf8.RuneCountInString(n.Value) > summaryLimit {
			return []slip{{at, "front-value", "summary 有 " + strconv.Itoa(utf8.RuneCountInString(n.Value)) + " 个字，请缩短到 80 个字以内的一句话"}}
		}
	case kindChoice:
		return r.checkAllowed(at, n.Value)
	case kindNumber:
		if v, err := strconv.Atoi(n.Value); n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil || v < 0 {
			return wrong("要写成不带引号的整数，例如 40")
		}
	case kindDate:
		return checkDate(at, r.name, n)
	case kindList:
		return r.checkList(f, n)
	case kindGoals:
		return checkGoals(f, n)
	case kindCast:
		return checkCast(f, n)
	case kindSigned:
		return checkSigned(f, n)
	}
	return nil
}

func (r field) checkAllowed(line int, value string) []slip {
	if r.allowed == "" || slices.Contains(strings.Fields(r.allowed), value) {
		return nil
	}
	return []slip{{line, "front-value", "“" + r.name + "”不能写“" + value + "”，可以写：" + strings.Join(strings.Fields(r.allowed), "、")}}
}

func (r field) checkList(f *front, n *yaml.Node) []slip {
	if n.Kind != yaml.SequenceNode {
		return []slip{{n.Line + f.offset, "front-type", "“" + r.name + "”要写成列表，例如 [一, 二]"}}
	}
	var out []slip
	for _, item := range n.Content {
		line := item.Line + f.offset
		if !isText(item) || empty(item) {
			out = append(out, slip{line, "front-type", "“" + r.name + "”的每一项都要是文字；含有冒号的请用引号包起来"})
			continue
		}
		out = append(out, r.checkAllowed(line, item.Value)...)
	}
	if r.name == "exit_slip" && len(n.Content) > 3 {
		out = append(out, slip{n.Line + f.offset, "front-value", "exit_slip 请写 1 到 3 个短问题"})
	}
	return out
}

func checkDate(line int, name string, n *yaml.Node) []slip {
	if n.Kind == yaml.ScalarNode {
		if _, err := time.Parse(time.DateOnly, n.Value); err == nil {
			return nil
		}
	}
	return []slip{{line, "front-date", "“" + name + "”要写成年-月-日，例如 2027-06-03"}}
}

func checkGoals(f *front, n *yaml.Node) []slip {
	parts := map[string]*yaml.Node{}
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts[n.Content[i].Value] = n.Content[i+1]
		}
	}
	if len(parts) != 3 || parts["know"] == nil || parts["feel"] == nil || parts["do"] == nil {
		return []slip{{n.Line + f.offset, "front-type", "objectives 要有 know、feel、do 三项，每项是一个列表"}}
	}
	var out []slip
	for _, key := range []string{"know", "feel", "do"} {
		out = append(out, field{name: "objectives." + key, kind: kindList}.check(f, parts[key])...)
	}
	return out
}

func checkCast(f *front, n *yaml.Node) []slip {
	var cast []struct{ Name, Note string }
	bad := []slip{{n.Line + f.offset, "front-type", "roles 要写成列表，每项有 name 和 note"}}
	if n.Kind != yaml.SequenceNode || n.Decode(&cast) != nil {
		return bad
	}
	for _, role := range cast {
		if role.Name == "" || role.Note == "" {
			return bad
		}
	}
	return nil
}

func checkSigned(f *front, n *yaml.Node) []slip {
	var signed struct{ By, On string }
	if n.Kind == yaml.MappingNode && len(n.Content) == 4 && n.Decode(&signed) == nil && signed.By != "" {
		if _, err := time.Parse(time.DateOnly, signed.On); err == nil {
			return nil
		}
	}
	return []slip{{n.Line + f.offset, "front-type", "reviewed 只由审核流程写入（by 审核人，on 日期），请删去这一项"}}
}

func isText(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!str" }

func empty(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.ScalarNode:
		return n.Tag == "!!null" || strings.TrimSpace(n.Value) == ""
	case yaml.AliasNode:
		return false
	}
	return len(n.Content) == 0
}
