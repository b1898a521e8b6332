package quiz

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var noLines = cmpopts.IgnoreFields(Item{}, "Line")

// TestMarkdownReadsBack with every bank that is shipped.
func TestMarkdownReadsBack(t *testing.T) {
	var files []string
	for _, pattern := range []string{"testdata/*.md", "../../content/quizzes/*.md", "../../content/quizzes/*/index.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("Glob(%s) = %v, %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	for _, path := range files {
		if filepath.Base(path) == "_index.md" {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Parse(filepath.ToSlash(path), src)
		if err != nil {
			t.Fatalf("Parse(%s): %v", path, err)
		}
		got, err := Parse(filepath.ToSlash(path), Markdown(want))
		if err != nil {
			t.Fatalf("%s does not read back: %v\n%s", path, err, Markdown(want))
		}
		if diff := cmp.Diff(want, got, noLines); diff != "" {
			t.Errorf("%s came back changed (-want +got):\n%s", path, diff)
		}
	}
}

func TestMarkdownReadsBackAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src, _ := source(t)
		want, err := Parse("q.md", []byte(src))
		if err != nil {
			t.Fatalf("Parse: %v\n%s", err, src)
		}
		for i := range want.Items {
			it := &want.Items[i]
			it.Topic = words(t, "", "topic")
			for j := range it.Options { // without the letter that keeps blocks from beginning
				if text := words(t, "", "option"); it.Type != TrueFalse && text != "" {
					it.Options[j].Text = text + it.Options[j].Text
				}
			}
			if it.Type == Fill {
				it.Accept[0] = oneLine(strings.ReplaceAll(words(t, "", "answer"), "|", "") + it.Accept[0])
			}
			it.identifyOptionsAgain()
		}
		got, err := Parse("q.md", Markdown(want))
		if err != nil {
			t.Fatalf("does not read back: %v\n%s", err, Markdown(want))
		}
		if diff := cmp.Diff(want, got, noLines); diff != "" {
			t.Fatalf("came back changed (-want +got):\n%s\n%s", diff, Markdown(want))
		}
	})
}

// identifyOptionsAgain gives options the ids of their new texts.
func (it *Item) identifyOptionsAgain() {
	it.Order = nil
	for i := range it.Options {
		it.Options[i].ID = ""
	}
	it.identifyOptions()
}

// oneLaw knows one article and how its parts are called.
func oneLaw(dest string) (string, bool) {
	words, known := map[string]string{
		"law:未保法#39":       "《未成年人保护法》第三十九条",
		"law:未成年人保护法#39":   "《未成年人保护法》第三十九条",
		"law:未成年人保护法#7(2)": "《未成年人保护法》第七条第（二）项",
		"law:刑法#253之一":     "《刑法》第二百五十三条之一",
	}[dest]
	return words, known
}

func TestTextOf(t *testing.T) {
	for _, one := range []struct {
		name, markdown, text string
		markup               Markup
	}{
		{"plain", "甲。\n乙\\*。", "甲。乙*。", Markup{}},
		{"citation", "要制止。<law:未保法#39>", "要制止。《未成年人保护法》第三十九条", Markup{Cites: 1}},
		{"own words", "学校[要制止](law:未保法#39)。", "学校要制止（《未成年人保护法》第三十九条）。", Markup{Cites: 1}},
		{"unknown law", "<law:班规#3(2)>", "《班规》第三条第二款", Markup{Cites: 1}},
		{"link", "看[这里](https://example.org/a)", "看这里（https://example.org/a）", Markup{}},
		{"layout", "**学生**之间：\n- 故意\n- 伤害\n\n1. 先离开\n2. 再求助", "学生之间：\n- 故意\n- 伤害\n1. 先离开\n2. 再求助", Markup{Layout: true}},
		{"picture", "看![两个人](/a.png)图", "看（图：两个人）图", Markup{Images: []string{"两个人"}}},
	} {
		text, markup := TextOf(one.markdown, oneLaw)
		if text != one.text {
			t.Errorf("%s: TextOf = %q, want %q", one.name, text, one.text)
		}
		if diff := cmp.Diff(one.markup, markup); diff != "" {
			t.Errorf("%s: markup (-want +got):\n%s", one.name, diff)
		}
	}
}

func TestMarkdownOf(t *testing.T) {
	for _, one := range []struct{ name, words, markdown string }{
		{"paragraphs", "甲*\n\n 乙\n- 丙", "甲\\*\n\n乙\n\n\\- 丙"},
		{"citations", "《未成年人保护法》第三十九条和《刑法》第二百五十三条之一。", "<law:未成年人保护法#39>和<law:刑法#253之一>。"},
		{"item", "见《未成年人保护法》第七条第（二）项", "见<law:未成年人保护法#7(2)>"},
		{"not in the registry", "《班级公约》第三条，《未成年人保护法》第七条第二款", "《班级公约》第三条，《未成年人保护法》第七条第二款"},
	} {
		if got := MarkdownOf(one.words, oneLaw); got != one.markdown {
			t.Errorf("%s: MarkdownOf = %q, want %q", one.name, got, one.markdown)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		line := words(t, "", "line") + "\n" + words(t, "", "second")
		want := strings.Trim(line, "\n")
		if got, markup := TextOf(MarkdownOf(line, nil), nil); got != want || markup.Layout {
			t.Fatalf("TextOf(MarkdownOf(%q)) = %q, layout %v", line, got, markup.Layout)
		}
	})
}
