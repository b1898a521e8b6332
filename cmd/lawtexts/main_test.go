package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/site"
)

const lawText = `<!-- 第九十九条 from nowhere -->
# 某法
## 第一章 总则

第一条 为了保护同学，制定本法。

第二条 有下列情形之一的，学校应当制止：

（一）辱骂同学的；

（二）孤立同学的。

前款规定的情形，应当通知家长。

第二条之一　另有规定的，
从其规定。

### 第二章

这里不属于任何一条。

第三条 本法自公布之日起施行。依照第二条 的规定处理。

第四章 附则

也不属于。
`

func TestReadArticles(t *testing.T) {
	got := readArticles(lawText)
	type shape struct {
		Paragraphs, Items int
		Text              string
	}
	shapes := map[string]shape{}
	for key, a := range got {
		shapes[key] = shape{len(a.paragraphs), a.items, strings.ReplaceAll(a.text(), "\n", "|")}
	}
	want := map[string]shape{
		"1":   {1, 0, "为了保护同学，制定本法。"},
		"2":   {2, 2, "有下列情形之一的，学校应当制止：|（一）辱骂同学的；|（二）孤立同学的。|前款规定的情形，应当通知家长。"},
		"2之一": {2, 0, "另有规定的，|从其规定。"},
		"3":   {1, 0, "本法自公布之日起施行。依照第二条 的规定处理。"},
	}
	if diff := cmp.Diff(want, shapes); diff != "" {
		t.Errorf("articles (-want +got):\n%s", diff)
	}
}

func TestDigestIgnoresSpaceOnly(t *testing.T) {
	a, b := readArticles("第一条 学校 制止。")["1"], readArticles("第一条　学校制止。\n")["1"]
	c := readArticles("第一条 学校禁止。")["1"]
	if a.digest() != b.digest() || a.digest() == c.digest() {
		t.Error("the digest must change with the words and only with them")
	}
}

func TestKeyWordsSetAnArticleApart(t *testing.T) {
	articles := map[string]*article{}
	for i := range 40 {
		articles[fmt.Sprint(i)] = &article{paragraphs: []string{"学校管理办公室日常工作"}}
	}
	for _, key := range []string{"a", "b", "c"} {
		articles[key] = &article{paragraphs: []string{"学校防控欺凌，立即制止"}}
	}
	all := counts{}
	all.add(articles)
	words := all.keyWords(articles["a"], all)
	if !slices.Contains(words, "欺凌") || slices.Contains(words, "学校") {
		t.Errorf("key words %q", words)
	}
}

// world writes a registry and texts; registry and text change one thing.
func world(t *testing.T, registry, text string) (texts, data, out string) {
	t.Helper()
	dir := t.TempDir()
	texts, data, out = filepath.Join(dir, "texts"), filepath.Join(dir, "data"), filepath.Join(dir, "out.yaml")
	for _, d := range []string{texts, data} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, body string) {
		if body != "" {
			if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(filepath.Join(texts, "mf_2024.md"), text)
	write(filepath.Join(data, "laws.yaml"), registry)
	return texts, data, out
}

const registry = `checked_on: "2026-06-03"
laws:
  - {id: mf, name: 某某法, short: 某法, level: 法律, issuer: 某, version: 某, effective_date: "2024-01-01", status: 现行有效, articles_total: 3,
     checked_on: "2026-06-03", recheck_by: "2027-06-03", articles: {"2": {topic: 制止, child: 制止, parent: 制止, paragraphs: 2, items: 2}}}
`

func TestRunComparesRegistryAndTexts(t *testing.T) {
	texts, data, out := world(t, registry, lawText)
	if err := run(texts, data, out); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(body), "paragraphs: 2") || !strings.Contains(string(body), "digest: ") {
		t.Errorf("wrote %q, %v", body, err)
	}
	if err := os.WriteFile(filepath.Join(texts, "mf_2024.md"), []byte(strings.Replace(lawText, "辱骂", "打骂", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	laws, _ := site.LoadLaws(os.DirFS(data))
	articles, err := readLaw(texts, laws.List[0])
	if err != nil {
		t.Fatal(err)
	}
	facts, _ := compare(laws, map[string]map[string]*article{"mf": articles}, counts{})
	if got := changes(out, facts); !slices.Equal(got, []string{"mf 2"}) {
		t.Errorf("changed articles: %q", got)
	}
	for name, change := range map[string]struct{ registry, text, says string }{
		"no text":            {registry, "", "no text of 某某法"},
		"too few articles":   {registry, strings.Replace(lawText, "第三条 本法", "第二条之三 本法", 1), "the registry says 3"},
		"article not there":  {strings.Replace(registry, `{"2"`, `{"2之二"`, 1), lawText, "1 places"},
		"paragraph too many": {strings.Replace(registry, "paragraphs: 2", "paragraphs: 3", 1), lawText, "1 places"},
		"item too few":       {strings.Replace(registry, "items: 2", "items: 1", 1), lawText, "1 places"},
		"registry broken":    {strings.Replace(registry, "level: 法律, ", "", 1), lawText, "law-shape"},
	} {
		texts, data, out := world(t, change.registry, change.text)
		if err := run(texts, data, out); err == nil || !strings.Contains(err.Error(), change.says) {
			t.Errorf("%s: %v, want %q", name, err, change.says)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: facts were written all the same", name)
		}
	}
	if err := run("", data, out); err == nil || !strings.Contains(err.Error(), "DIR=") {
		t.Errorf("without a folder: %v", err)
	}
}
