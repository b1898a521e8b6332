package quiz

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestParseGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob = %v, %v; want files", files, err)
	}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		q, err := Parse(filepath.ToSlash(path), src)
		if err != nil {
			t.Errorf("Parse(%s): %v", path, err)
			continue
		}
		got, err := json.MarshalIndent(q, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		stem := strings.TrimSuffix(path, ".md")
		golden(t, stem+".json", append(got, '\n'))
		golden(t, stem+".keyfree", KeyFree(q))
	}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// head is a sound front matter of three lines; the body begins on line 4.
const head = "---\ntitle: 题\n---\n"

// choice is a sound item of three lines.
const choice = "## 题干 {#a}\n- [x] 甲\n- [ ] 乙\n"

func TestParseErrors(t *testing.T) {
	many := strings.Builder{}
	for i := range 301 {
		fmt.Fprintf(&many, "## 题干 {#i%d}\n- [x] 甲\n- [ ] 乙\n", i)
	}
	nine := "## 题干 {#a}\n- [x] 甲1\n"
	for i := 2; i <= 9; i++ {
		nine += fmt.Sprintf("- [ ] 甲%d\n", i)
	}
	item := func(attrs string) string { return head + "## 题干 {" + attrs + "}\n- [x] 甲\n- [ ] 乙\n" }
	front := func(row string) string { return "---\ntitle: 题\n" + row + "\n---\n" + choice }
	tests := []struct {
		name, src string
		want      string // "line code", several joined by ", "
	}{
		{"no front matter", choice, "1 front-matter"},
		{"front matter not closed", "---\ntitle: 题\n" + choice, "1 front-matter"},
		{"front matter not YAML", "---\ntitle: 题\nsummary: a: b\n---\n" + choice, "3 front-matter"},
		{"front matter not a mapping", "---\n- 题\n---\n" + choice, "2 front-matter"},
		{"empty front matter", "---\n---\n" + choice, "1 title"},
		{"empty title", "---\ntitle:\n---\n" + choice, "1 title"},
		{"title is a list", "---\ntitle: [题]\n---\n" + choice, "1 title, 2 front-matter-value"},
		{"unknown key", front("draft: true"), "3 front-matter-key"},
		{"key twice", front("title: 题"), "3 front-matter-duplicate"},
		{"unknown use", front("use: exam"), "3 use"},
		{"empty use", front("use:"), "3 use"},
		{"audience not a list", front("audience: junior"), "3 front-matter-value"},
		{"topics of lists", front("topics: [[a]]"), "3 front-matter-value"},
		{"minutes not a number", front("minutes: 十"), "3 front-matter-value"},
		{"minutes out of range", front("minutes: 0"), "3 front-matter-value"},
		{"review_by not a date", front("review_by: 明年"), "3 front-matter-value"},
		{"reviewed not signed", front("reviewed: true"), "3 front-matter-value"},
		{"alias", front("summary: &a x\nminutes: *a"), "4 front-matter-value"},

		{"no items", head, "1 no-items"},
		{"too many items", head + many.String(), "904 too-many-items"},
		{"too large", head + choice + strings.Repeat("\n", maxFile), "1 too-large"},
		{"not UTF-8", head + choice + "\n> \xff\n", "8 encoding"},
		{"control character", head + choice + "\n> a\x00b\n", "8 encoding"},
		{"line too long", head + choice + "\n" + strings.Repeat(">", maxLine+1), "8 line-long"},

		{"text before the first item", head + "介绍\n\n" + choice, "4 stray-text"},
		{"text after the options", head + choice + "\n忘了写大于号\n", "8 stray-text"},
		{"indented options", head + "## 题干 {#a}\n\n    - [x] 甲\n    - [ ] 乙\n", "6 stray-text"},
		{"fenced code", head + choice + "```\na\n```\n", "7 stray-text"},
		{"other heading level", head + "# 大标题\n" + choice, "4 heading-level"},
		{"HTML block", head + choice + "\n<div>a</div>\n", "8 raw-html"},
		{"inline HTML", head + "## 题干 {#a}\n- [x] 甲\n- [ ] 乙<br>丙\n", "6 raw-html"},
		{"HTML in an explanation", head + choice + "\n> 一\n> 二<b>三</b>\n", "9 raw-html, 9 raw-html"},
		{"HTML comment", head + "<!-- a -->\n\n" + choice, "4 raw-html, 4 stray-text"},

		{"no id", head + "## 题干\n- [x] 甲\n- [ ] 乙\n", "4 id-missing"},
		{"id with capitals", item("#A1"), "4 id-invalid"},
		{"id in Chinese", item("#题一"), "4 id-invalid"},
		{"id too long", item("#" + strings.Repeat("a", 41)), "4 id-invalid"},
		{"empty id", item("#"), "4 id-invalid"},
		{"id twice", head + choice + "\n" + choice, "8 id-duplicate"},
		{"attribute without a value", item("#a poll"), "4 attribute-syntax"},
		{"text after the attributes", head + "## 题干 {#a} 吗\n- [x] 甲\n- [ ] 乙\n", "4 attribute-syntax"},
		{"unknown attribute", item("#a score=5"), "4 attribute-unknown"},
		{"class", item("#a .big"), "4 attribute-unknown"},
		{"points too high", item("#a points=101"), "4 points"},
		{"points not whole", item("#a points=1.5"), "4 points"},
		{"points not a number", item("#a points=ten"), "4 points"},
		{"seconds zero", item("#a seconds=0"), "4 seconds"},
		{"seconds too short", item("#a seconds=4"), "4 seconds"},
		{"seconds too long", item("#a seconds=601"), "4 seconds"},
		{"unknown level", item("#a level=top"), "4 level"},
		{"empty topic", item(`#a topic=""`), "4 topic"},
		{"poll not a flag", item("#a poll=maybe"), "4 poll"},
		{"shuffle not a flag", item("#a shuffle=1"), "4 shuffle"},
		{"empty stem", head + "## {#a}\n- [x] 甲\n- [ ] 乙\n", "4 stem-empty"},
		{"stem too long", head + "## " + strings.Repeat("长", 501) + " {#a}\n- [x] 甲\n- [ ] 乙\n", "4 stem-long"},

		{"no options", head + "## 题干 {#a}\n\n> 解析\n", "4 no-options"},
		{"one option", head + "## 题干 {#a}\n- [x] 甲\n", "4 one-option"},
		{"no option marked", head + "## 题干 {#a}\n- [ ] 甲\n- [ ] 乙\n", "4 no-answer"},
		{"true-false without a mark", head + "## 题干 {#a}\n- [ ] 对\n- [ ] 错\n", "4 no-answer"},
		{"true-false with two marks", head + "## 题干 {#a}\n- [x] 对\n- [x] 错\n", "4 truefalse-answer"},
		{"poll with a mark", head + "## 题干 {#a poll=true}\n- [ ] 甲\n- [x] 乙\n", "6 poll"},
		{"too many options", head + nine, "13 too-many-options"},
		{"same option twice", head + "## 题干 {#a}\n- [x] 甲\n- [ ] 乙\n- [ ] **甲**\n", "7 option-duplicate"},
		{"option too long", head + "## 题干 {#a}\n- [x] 甲\n- [ ] " + strings.Repeat("长", 201) + "\n", "6 option-long"},
		{"empty option", head + "## 题干 {#a}\n- [x] 甲\n- [ ] 乙\n- [ ] \n", "7 option-empty"},
		{"empty list entry", head + "## 题干 {#a}\n- [x] 甲\n- [ ] 乙\n-\n", "7 option-empty"},
		{"no checkbox", head + "## 题干 {#a}\n- 【x】甲\n- [ ] 乙\n", "5 checkbox"},
		{"list in an option", head + "## 题干 {#a}\n- [x] 甲\n- [ ] 乙\n  - 丙\n", "6 option-nested"},
		{"quote in an option", head + "## 题干 {#a}\n- [x] 甲\n- [ ] 乙\n\n  > 解析\n", "6 option-nested"},
		{"two lists", head + "## 题干 {#a}\n- [x] 甲\n- [ ] 乙\n* [ ] 丙\n", "7 list-twice"},

		{"fill-in without an answer", head + "## 题干 {#a}\n\n=\n", "6 fill-empty"},
		{"fill-in with an empty alternative", head + "## 题干 {#a}\n= 甲 | 。\n", "5 fill-empty"},
		{"fill-in on the second line", head + "## 题干 {#a}\n= 甲\n= |乙\n", "6 fill-empty"},
		{"fill-in too long", head + "## 题干 {#a}\n= " + strings.Repeat("长", 201) + "\n", "5 fill-long"},
		{"fill-in and options", head + choice + "\n= 甲\n", "4 mixed"},
		{"fill-in poll", head + "## 题干 {#a poll=true}\n= 甲\n", "4 poll"},
		{"ordering of two", head + "## 题干 {#a}\n1. 甲\n2. 乙\n", "4 ordering-short"},
		{"ordering with checkboxes", head + "## 题干 {#a}\n1. [x] 甲\n2. 乙\n3. 丙\n", "5 checkbox"},
		{"ordering poll", head + "## 题干 {#a poll=true}\n1. 甲\n2. 乙\n3. 丙\n", "4 poll"},

		{"image without alt", head + "## 题干 {#a}\n\n![](/a.png)\n\n- [x] 甲\n- [ ] 乙\n", "6 image-alt"},
		{"option image without alt", head + "## 题干 {#a}\n- [x] 甲\n- [ ] ![](/a.png)\n", "6 image-alt"},
		{"image alt too long", head + "## 题干 ![" + strings.Repeat("长", 201) + "](/a.png) {#a}\n- [x] 甲\n- [ ] 乙\n", "4 image-alt"},
		{"image in an explanation without alt", head + choice + "\n> 看图\n> ![](/a.png)\n", "9 image-alt"},
		{"image of another host", head + "## 题干 ![图](//host/a.png) {#a}\n- [x] 甲\n- [ ] 乙\n", "4 image-src"},
		{"image with a scheme", head + "## 题干 {#a}\n- [x] 甲\n- [ ] ![图](https://host/a.png)\n", "6 image-src"},
		{"two images in an item", head + "## 题干 ![图](/a.png) {#a}\n\n![图](/b.png)\n\n- [x] 甲\n- [ ] 乙\n", "6 image-many"},
		{"two images in an option", head + "## 题干 {#a}\n- [x] 甲\n- [ ] ![图](/a.png)![图](/b.png)\n", "6 image-many"},

		{"all at once", "---\nlevel: 1\n---\n## {#A}\n- 甲\n\n## 题干\n", "1 title, 2 front-matter-key, 4 stem-empty, 4 id-invalid, 5 checkbox, 7 id-missing, 7 no-options"},
	}
	covered := map[string]bool{"quiz-id": true} // TestParseRefusesFileName
	for _, tt := range tests {
		for _, ending := range []string{"\n", "\r\n"} {
			src := strings.ReplaceAll(tt.src, "\n", ending)
			_, err := Parse("content/quizzes/q.md", []byte(src))
			if got := summary(t, err); got != tt.want {
				t.Errorf("%s, line ending %q: got %q, want %q\n%v", tt.name, ending, got, tt.want, err)
			}
		}
		for want := range strings.SplitSeq(tt.want, ", ") {
			_, code, _ := strings.Cut(want, " ")
			covered[code] = true
		}
	}
	for _, code := range codes(t) {
		if !covered[code] {
			t.Errorf("no test expects the code %q", code)
		}
	}
}

// summary lists line and code of each mistake and checks their form.
func summary(t *testing.T, err error) string {
	t.Helper()
	var all []string
	var errs Errors
	if err != nil && !errors.As(err, &errs) {
		t.Fatalf("Parse error is %T, want Errors", err)
	}
	for _, e := range errs {
		if e.Path != "content/quizzes/q.md" || !strings.HasSuffix(e.Message, "。") {
			t.Errorf("mistake %v: want the path and a whole sentence", e)
		}
		all = append(all, fmt.Sprintf("%d %s", e.Line, e.Code))
	}
	return strings.Join(all, ", ")
}

var errorCall = regexp.MustCompile(`f\.errorf\([^"\n]*"([a-z-]+)"`)

// codes finds every error code in the source of the package.
func codes(t *testing.T) []string {
	t.Helper()
	files, _ := filepath.Glob("*.go")
	var all []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range errorCall.FindAllSubmatch(src, -1) {
			all = append(all, string(m[1]))
		}
	}
	if len(all) < 40 {
		t.Fatalf("found only %d error calls", len(all))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestErrorsNamePathLineAndCode(t *testing.T) {
	_, err := Parse("a/q.md", []byte("---\n---\n## 题干\n- [x] 甲\n- [ ] 乙\n"))
	want := "a/q.md:1: title: 题库没有标题，请在说明块里写 title: 标题。\n" +
		"a/q.md:3: id-missing: 这道题没有题号，请在标题末尾加上 {#题号}，例如 {#def-1}，以后不要再改。"
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

func TestParseRefusesFileName(t *testing.T) {
	for path, want := range map[string]string{
		"content/quizzes/what-is.md":       "what-is",
		"content/quizzes/what-is/index.md": "what-is",
		`content\quizzes\what-is.md`:       "what-is",
		"content/quizzes/_index.md":        "",
		"content/quizzes/题.md":             "",
		"":                                 "",
	} {
		q, err := Parse(path, []byte(head+choice))
		if want != "" && (err != nil || q.ID != want) {
			t.Errorf("Parse(%q) = %v, %v; want id %q", path, q, err, want)
		}
		var e *Error
		if want == "" && (!errors.As(err, &e) || e.Code != "quiz-id") {
			t.Errorf("Parse(%q) error = %v, want quiz-id", path, err)
		}
	}
}

func TestParseKeepsWhatLooksLikeMarkup(t *testing.T) {
	for src, want := range map[string]string{
		`____和____是（　　）`:           `____和____是（　　）`,
		`2 \* 3 \* 4 &lt; 25`:      `2 * 3 * 4 < 25`,
		`**一**和*二*和[三](/x/)`:       `一和二和三`,
		`**注意：**\ 欺凌`:              `注意：欺凌`,
		`<law:刑法#253之一>和<law:民法典>`: `《刑法》第二百五十三条之一和《民法典》`,
		`用  Go   写\{#x\}吗`:         `用 Go 写{#x}吗`,
		"零\u200b宽":                 `零宽`,
	} {
		q, err := Parse("q.md", []byte(head+"## "+src+" {#a}\n- [x] 甲\n- [ ] 乙\n"))
		if err != nil || q.Items[0].Stem != want {
			t.Errorf("stem of %q: got %+v, %v; want %q", src, q, err, want)
		}
	}
}

func TestParseJoinsLines(t *testing.T) {
	for src, want := range map[string]string{
		"告诉老师，\n  并陪伴": "告诉老师，并陪伴",
		"他说\n  “走开”":   "他说“走开”",
		"call\n  me":   "call me",
		"打\n  110":     "打 110",
		"甲\\\n  乙":     "甲乙",
	} {
		q, err := Parse("q.md", []byte(head+"## 题干 {#a}\n- [x] "+src+"\n- [ ] 丁\n"))
		if err != nil || q.Items[0].Options[0].Text != want {
			t.Errorf("option %q: got %+v, %v; want %q", src, q, err, want)
		}
	}
}

func TestNumeral(t *testing.T) {
	for digits, want := range map[string]string{
		"0": "零", "7": "七", "10": "十", "12": "十二", "20": "二十", "39": "三十九", "100": "一百",
		"101": "一百零一", "110": "一百一十", "253": "二百五十三", "1009": "一千零九", "1260": "一千二百六十", "007": "七",
	} {
		if got := numeral(digits); got != want {
			t.Errorf("numeral(%s) = %s, want %s", digits, got, want)
		}
	}
}
