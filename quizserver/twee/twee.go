// Package twee turns scenarios into Twee 3, which Twine and its relatives
// read, and back. A scenario that went there and came back unchanged is the
// same to the byte.
//
// Passages are named by their titles. What Twine has no place for travels in
// tags, which it keeps (id-…, ending, good, fair, back), and in two passages of
// their own: the page's front matter, and what stands before the first passage.
//
// Source: Twee 3 Specification 3.0.2 (iftechfoundation/twine-specs).
package twee

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sunnycampus/quizserver/fault"
)

const (
	frontMatterTag = "front-matter"
	beforeTag      = "before"
	idTag          = "id-"
)

var (
	heading   = regexp.MustCompile(`^## (.+?) \{#([A-Za-z][\w-]*)((?: \.[\w-]+)*)\}$`)
	choice    = regexp.MustCompile(`^- \[(.*)\]\(#([A-Za-z][\w-]*)\)$`)
	titleLine = regexp.MustCompile(`(?m)^title: *["']?(.*?)["']? *$`)
	inline    = regexp.MustCompile(`\[\[(.+?)\]\]`)
	plainID   = regexp.MustCompile(`^[A-Za-z][\w-]*$`)
)

// passage is one scene: a line of text each.
type passage struct {
	name string
	tags []string
	text []string
}

func (p passage) id() string {
	for _, t := range p.tags {
		if id, ok := strings.CutPrefix(t, idTag); ok {
			return id
		}
	}
	return ""
}

// FromMarkdown writes a scenario as Twee 3. Errors name the line.
func FromMarkdown(source string) (string, error) {
	source = strings.ReplaceAll(strings.TrimPrefix(source, "\ufeff"), "\r\n", "\n")
	front, body, ok := cutFrontMatter(source)
	if !ok {
		return "", fault.New(fault.Invalid, "第 1 行：开头没有 --- 围起来的页面信息，这不像是情景剧文件")
	}
	title := "情景剧"
	if m := titleLine.FindStringSubmatch(front); m != nil {
		title = cmp.Or(m[1], title)
	}
	passages, before, err := readMarkdown(body, strings.Count(front, "\n")+2)
	if err != nil {
		return "", err
	}
	names := map[string]string{} // by id
	for _, p := range passages {
		names[p.id()] = p.name
	}
	var out strings.Builder
	data, err := json.MarshalIndent(map[string]string{"ifid": ifid(title), "format": "Chapbook", "format-version": "2.2.0", "start": passages[0].name}, "", "  ")
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&out, ":: StoryTitle\n%s\n\n:: StoryData\n%s\n\n", title, data)
	writePassage(&out, passage{"页面信息", []string{frontMatterTag}, strings.Split(strings.TrimSuffix(front, "\n"), "\n")})
	if len(before) > 0 {
		writePassage(&out, passage{"开始之前", []string{beforeTag}, before})
	}
	for _, p := range passages {
		for i, line := range p.text {
			if m := choice.FindStringSubmatch(line); m != nil {
				p.text[i] = "[[" + m[1] + "->" + cmp.Or(names[m[2]], m[2]) + "]]"
			}
		}
		writePassage(&out, p)
	}
	return out.String(), nil
}

func cutFrontMatter(source string) (front, body string, ok bool) {
	rest, ok := strings.CutPrefix(source, "---\n")
	if !ok {
		return "", "", false
	}
	front, body, ok = strings.Cut(rest, "\n---\n")
	return front + "\n", body, ok
}

// readMarkdown cuts a body, which begins after line first, into passages.
func readMarkdown(body string, first int) (passages []passage, before []string, err error) {
	seen := map[string]bool{"页面信息": true, "开始之前": true, "StoryTitle": true, "StoryData": true}
	for i, line := range strings.Split(body, "\n") {
		switch m := heading.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "::"):
			return nil, nil, fault.New(fault.Invalid, "第 %d 行：行首不能是两个冒号，Twee 用它开始一个段落", first+i+1)
		case m != nil:
			name := m[1]
			if seen[name] { // Twine knows passages by their names
				name += "（" + m[2] + "）"
			}
			seen[name] = true
			tags := append([]string{idTag + m[2]}, strings.Fields(strings.ReplaceAll(m[3], ".", ""))...)
			passages = append(passages, passage{name: name, tags: tags})
		case strings.HasPrefix(line, "## "):
			return nil, nil, fault.New(fault.Invalid, "第 %d 行：段落标题后面要有编号，写成 ## 标题 {#英文编号}", first+i+1)
		case len(passages) == 0:
			before = append(before, line)
		default:
			p := &passages[len(passages)-1]
			p.text = append(p.text, line)
		}
	}
	if len(passages) == 0 {
		return nil, nil, fault.New(fault.Invalid, "这个文件里没有段落。请写成 ## 段落标题 {#start}")
	}
	return passages, trimLines(before), nil
}

func writePassage(out *strings.Builder, p passage) {
	fmt.Fprintf(out, ":: %s [%s]\n", escape.Replace(p.name), escape.Replace(strings.Join(p.tags, " ")))
	for _, line := range trimLines(p.text) {
		out.WriteString(line + "\n")
	}
	out.WriteString("\n")
}

var escape = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`)

// ifid is the story's number, in the form that Twine wants, always the same
// for the same title.
func ifid(title string) string {
	sum := sha256.Sum256([]byte(title))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

// ToMarkdown reads Twee 3. A story that was not written by FromMarkdown gets a
// front matter with what is known of it; check names what is missing. Scripts,
// style sheets and what Twine keeps about the editor are left out.
func ToMarkdown(source string) (string, error) {
	story, err := parse(source)
	if err != nil {
		return "", err
	}
	ids, err := story.ids()
	if err != nil {
		return "", err
	}
	front := story.front
	if front == nil {
		front = []string{"title: " + cmp.Or(story.title, "没有题目的情景剧"), "summary: ", "form: scenario"}
	}
	out := []string{"---"}
	out = append(append(out, front...), "---", "")
	if before := trimLines(story.before); len(before) > 0 {
		out = append(append(out, before...), "")
	}
	for _, p := range story.passages {
		attributes := "#" + ids[p.name]
		for _, t := range p.tags {
			if slices.Contains([]string{"ending", "good", "fair", "back"}, t) {
				attributes += " ." + t
			}
		}
		out = append(out, "## "+shown(p, ids)+" {"+attributes+"}", "")
		out = append(append(out, choices(p, ids)...), "")
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n", nil
}

// choices turns links into a list: a line that is one link where it stands,
// links inside a sentence at the end.
func choices(p passage, ids map[string]string) []string {
	var text, more []string
	for _, line := range p.text {
		if m := inline.FindStringSubmatch(line); m != nil && m[0] == strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "*")) {
			words, to := link(m[1])
			text = append(text, entry(words, to, ids))
			continue
		}
		text = append(text, inline.ReplaceAllStringFunc(line, func(one string) string {
			words, to := link(one[2 : len(one)-2])
			more = append(more, entry(words, to, ids))
			return words
		}))
	}
	text = trimLines(text)
	if len(more) > 0 {
		text = append(append(text, ""), more...)
	}
	return text
}

func entry(words, to string, ids map[string]string) string {
	return "- [" + words + "](#" + cmp.Or(ids[to], to) + ")"
}

// link reads the four ways to write one: [[words->to]], [[to<-words]],
// [[words|to]] and [[to]].
func link(inside string) (words, to string) {
	if i := strings.LastIndex(inside, "->"); i >= 0 {
		return strings.TrimSpace(inside[:i]), strings.TrimSpace(inside[i+2:])
	}
	if to, words, ok := strings.Cut(inside, "<-"); ok {
		return strings.TrimSpace(words), strings.TrimSpace(to)
	}
	if i := strings.LastIndex(inside, "|"); i >= 0 {
		return strings.TrimSpace(inside[:i]), strings.TrimSpace(inside[i+1:])
	}
	return strings.TrimSpace(inside), strings.TrimSpace(inside)
}

// story is a Twee file.
type story struct {
	title         string
	front, before []string
	passages      []passage // the first one is where it starts
}

func parse(source string) (*story, error) {
	source = strings.ReplaceAll(strings.TrimPrefix(source, "\ufeff"), "\r\n", "\n")
	var all []passage
	for i, line := range strings.Split(source, "\n") {
		if rest, ok := strings.CutPrefix(line, "::"); ok {
			p, err := header(rest)
			if err != nil {
				return nil, fault.New(fault.Invalid, "第 %d 行：%v", i+1, err)
			}
			all = append(all, p)
		} else if len(all) > 0 {
			all[len(all)-1].text = append(all[len(all)-1].text, line)
		}
	}
	s, start := &story{}, ""
	for _, p := range all {
		p.text = trimLines(p.text)
		switch {
		case p.name == "StoryTitle":
			s.title = strings.Join(p.text, "")
		case p.name == "StoryData":
			var data struct{ Start string }
			if err := json.Unmarshal([]byte(strings.Join(p.text, "\n")), &data); err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "StoryData 不是正确的 JSON")
			}
			start = data.Start
		case slices.Contains(p.tags, "script") || slices.Contains(p.tags, "stylesheet"):
		case slices.Contains(p.tags, frontMatterTag):
			s.front = p.text
		case slices.Contains(p.tags, beforeTag):
			s.before = p.text
		default:
			s.passages = append(s.passages, p)
		}
	}
	if len(s.passages) == 0 {
		return nil, fault.New(fault.Invalid, "这个文件里没有段落，它不像是 Twee 3 文件（每个段落以 :: 开头）")
	}
	if at := slices.IndexFunc(s.passages, func(p passage) bool { return p.name == cmp.Or(start, "Start") }); at > 0 {
		first := s.passages[at]
		s.passages = append([]passage{first}, slices.Delete(s.passages, at, at+1)...)
	}
	return s, nil
}

// header reads what follows the two colons: name [tags] {metadata}.
func header(line string) (passage, error) {
	var p passage
	name, rest := until(strings.TrimSpace(line), "[{")
	p.name = strings.TrimSpace(name)
	if p.name == "" {
		return p, fmt.Errorf("段落没有名字")
	}
	if strings.HasPrefix(rest, "[") {
		tags, after := until(rest[1:], "]")
		if after == "" {
			return p, fmt.Errorf("标签的方括号没有合上")
		}
		p.tags, rest = strings.Fields(tags), strings.TrimSpace(after[1:])
	}
	if rest != "" && !json.Valid([]byte(rest)) {
		return p, fmt.Errorf("标题后面的 %q 看不懂", rest)
	}
	return p, nil
}

// until takes text up to one of the marks; a backslash keeps what follows it.
func until(line, marks string) (text, rest string) {
	var out strings.Builder
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' && i+1 < len(line) {
			i++
		} else if strings.IndexByte(marks, line[i]) >= 0 {
			return out.String(), line[i:]
		}
		out.WriteByte(line[i])
	}
	return out.String(), ""
}

// ids gives every passage the id of its tag, its own name where that can be
// one, or else a number.
func (s *story) ids() (map[string]string, error) {
	ids, taken := map[string]string{}, map[string]bool{}
	for i, p := range s.passages {
		if _, twice := ids[p.name]; twice {
			return nil, fault.New(fault.Invalid, "有两个段落都叫“%s”，请给其中一个改名", p.name)
		}
		id := p.id()
		if !plainID.MatchString(id) || taken[id] {
			id = strings.ToLower(p.name)
		}
		if !plainID.MatchString(id) || taken[id] {
			id = fmt.Sprintf("p%d", i+1)
		}
		for n := 2; taken[id]; n++ {
			id = fmt.Sprintf("p%d-%d", i+1, n)
		}
		ids[p.name], taken[id] = id, true
	}
	return ids, nil
}

// shown is the title of a passage, without the id that told it from another of
// the same title.
func shown(p passage, ids map[string]string) string {
	return strings.TrimSuffix(p.name, "（"+ids[p.name]+"）")
}

func trimLines(lines []string) []string {
	blank := func(line string) bool { return strings.TrimSpace(line) == "" }
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}
