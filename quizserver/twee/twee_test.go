package twee

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestThereAndBack: every story of the seed comes back the same.
func TestThereAndBack(t *testing.T) {
	files, err := filepath.Glob("../../content/scenarios/*/index.md")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d stories: %v", len(files), err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		there, err := FromMarkdown(string(source))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		back, err := ToMarkdown(there)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if diff := cmp.Diff(string(source), back); diff != "" {
			t.Errorf("%s came back changed:\n%s", file, diff)
		}
		if strings.Contains(there, "](#") {
			t.Errorf("%s: a choice was not written as a link", file)
		}
	}
}

func TestToMarkdown(t *testing.T) {
	// As Twine writes it: passages by name, positions, a style sheet.
	got, err := ToMarkdown(`:: StoryTitle
长绳

:: StoryData
{
  "ifid": "D674C58C-DEFA-4F70-B7A2-27742230C0FC",
  "format": "Harlowe",
  "start": "开头"
}

:: 走开 [ending back] {"position":"300,100","size":"100,100"}
你走开了。

[[再想想->开头]]

:: look [stylesheet]
body { color: red }

:: 开头 {"position":"100,100"}
大家看着你。你可以[[帮她说句话|help]]，也可以走。

[[走开]]
[[help<-叫老师]]

:: help [ending good]
有人来了。`)
	if err != nil {
		t.Fatal(err)
	}
	want := `---
title: 长绳
summary: ` + `
form: scenario
---

## 开头 {#p1}

大家看着你。你可以帮她说句话，也可以走。

- [走开](#p2)
- [叫老师](#help)

- [帮她说句话](#help)

## 走开 {#p2 .ending .back}

你走开了。

- [再想想](#p1)

## help {#help .ending .good}

有人来了。
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	for _, one := range []struct{ source, says string }{
		{"", "没有段落"},
		{"只是一段话", "没有段落"},
		{":: \n", "第 1 行：段落没有名字"},
		{":: a [b\n", "没有合上"},
		{":: a {x\n", "看不懂"},
		{":: a\n\n:: a\n", "都叫“a”"},
		{":: StoryData\n{\n\n:: a\n", "JSON"},
	} {
		if got, err := ToMarkdown(one.source); err == nil || !strings.Contains(err.Error(), one.says) {
			t.Errorf("%q: %q, %v; want %q", one.source, got, err, one.says)
		}
	}
	for _, one := range []struct{ source, says string }{
		{"## a {#b}\n", "第 1 行"},
		{"---\ntitle: x\n---\n", "没有段落"},
		{"---\ntitle: x\n---\n## 没有编号\n", "第 4 行"},
		{"---\ntitle: x\n---\n## a {#b}\n:: c\n", "第 5 行"},
	} {
		if got, err := FromMarkdown(one.source); err == nil || !strings.Contains(err.Error(), one.says) {
			t.Errorf("%q: %q, %v; want %q", one.source, got, err, one.says)
		}
	}
}

// FuzzTwee: what was read once is written and read the same again.
func FuzzTwee(f *testing.F) {
	f.Add(":: a [ending good]\n[[b->c]]\n\n:: c {\"position\":\"1,2\"}\ntext [[a]]")
	f.Add(":: \\[x\\] [id-y]\n* [[z|\\[x\\]]]\n")
	f.Fuzz(func(t *testing.T, source string) {
		first, err := ToMarkdown(source)
		if err != nil {
			return
		}
		there, err := FromMarkdown(first)
		if err != nil {
			return // what the author wrote has no place in Markdown, and was named
		}
		second, err := ToMarkdown(there)
		if err != nil {
			t.Fatalf("%q became %q, which is not read again: %v", source, there, err)
		}
		if heads := strings.Count(first, "\n## "); heads != strings.Count(second, "\n## ") {
			t.Errorf("%q\nbecame\n%q\nthen\n%q", source, first, second)
		}
	})
}
