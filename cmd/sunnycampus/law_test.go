package main

import (
	"bytes"
	"flag"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// buildSite builds a source with the real program.
func buildSite(t testing.TB, source string, more ...string) fs.FS {
	t.Helper()
	return buildInto(t, filepath.Join(t.TempDir(), "out"), source, more...)
}

func buildInto(t testing.TB, out, source string, more ...string) fs.FS {
	t.Helper()
	if text, err := exec.Command(program, append([]string{"build", "--out", out, "--source", source}, more...)...).CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, text)
	}
	return os.DirFS(out)
}

var shipped struct {
	once sync.Once
	tree map[string]string // path → text of every HTML page
	all  fs.FS
}

// shippedSite is the site that ships, built once.
func shippedSite(t testing.TB) (pages map[string]string, all fs.FS) {
	t.Helper()
	shipped.once.Do(func() {
		shipped.all, shipped.tree = buildInto(t, filepath.Join(filepath.Dir(program), "shipped"), repository(t)), map[string]string{}
		err := fs.WalkDir(shipped.all, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || path.Base(name) != "index.html" {
				return err
			}
			body, err := fs.ReadFile(shipped.all, name)
			shipped.tree["/"+strings.TrimSuffix(strings.TrimSuffix(name, "index.html"), "/")] = string(body)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if len(shipped.tree) < 50 {
		t.Fatalf("built %d pages", len(shipped.tree))
	}
	return shipped.tree, shipped.all
}

var rendered = regexp.MustCompile(`<a class="?cite[^>]*>.*?</a>|<span class="?cite-open[^>]*>.*?</span>`)

const goldenLaws = `checked_on: "2026-06-03"
laws:
  - {id: wcnrbhf, name: 中华人民共和国未成年人保护法, short: 未成年人保护法, aliases: [未保法], level: 法律, issuer: 全国人大常委会, version: 2024-04-26 第二次修正,
     effective_date: "2021-06-01", status: 现行有效, articles_total: 132, checked_on: "2026-06-03", recheck_by: "2027-06-03", articles: {
       "4": {topic: 原则, child: 先想对你最好。, parent: 最有利于孩子。, paragraphs: 1, items: 6},
       "39": {topic: 防控, child: 学校要管。, parent: "学校要管，说“停”。", paragraphs: 3},
       "130": {topic: 定义, child: 什么是欺凌。, parent: 欺凌的定义。, paragraphs: 1, items: 12}}}
  - {id: mfd, name: 中华人民共和国民法典, short: 民法典, aliases: [], level: 法律, issuer: 全国人大, version: 2020-05-28 通过,
     effective_date: "2021-01-01", status: 现行有效, articles_total: 1260, checked_on: "2026-06-03", recheck_by: "2027-06-03", articles: {
       "1188": {topic: 监护人, child: 监护人来赔。, parent: 监护人承担。, paragraphs: 2}}}
  - {id: xf, name: 中华人民共和国刑法, short: 刑法, aliases: [], level: 法律, issuer: 全国人大, version: 修正案十二,
     effective_date: "1997-10-01", status: 现行有效, articles_total: 452, checked_on: "2026-06-03", recheck_by: "2027-06-03", articles: {
       "253之一": {topic: 个人信息, child: 不能卖。, parent: 保护信息。, paragraphs: 4}}}
repealed: []
named_only: []
`

// TestCitationsRenderAsWritten holds each form of a citation against a golden
// file.
func TestCitationsRenderAsWritten(t *testing.T) {
	content := t.TempDir()
	write(t, filepath.Join(content, "data", "laws.yaml"), goldenLaws)
	for name, audience := range map[string]string{"pupil": "[junior]", "parent": "[parents]"} {
		write(t, filepath.Join(content, "about", name+".md"), "---\ntitle: 引用\nsummary: 引用的写法。\naudience: "+audience+"\n---\n"+
			"<law:未成年人保护法#39>\n\n<law:未保法#39(2)>\n\n[学校要**立即**制止](law:未保法#39(2))\n\n<law:未保法#130(3)>\n\n<law:未保法#4(五)>\n\n"+
			"<law:中华人民共和国民法典#1188>\n\n<law:刑法#253之一>\n\n| 表 |\n|---|\n| [第三款](law:未保法#39（3）) |\n\n"+
			"<law:没有这部法#1>\n\n[自己的话](law:未保法#131)\n\n[没有条号](law:未保法)\n\n<law:未保法#39(4)>\n\n<law:未保法#39(一)>\n\n<law:未保法#130(99)>\n\n<law:未保法#4(六)>\n\n<law:未保法#4(七)>\n\n<law:未保法#39(0)>\n\n<law:未保法#39(08)>\n")
	}
	out := buildSite(t, repository(t), "--content", content)
	var got strings.Builder
	for _, name := range []string{"pupil", "parent"} {
		page, err := fs.ReadFile(out, "about/"+name+"/index.html")
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString("== " + name + "\n")
		for _, one := range rendered.FindAll(page, -1) {
			got.Write(append(one, '\n'))
		}
	}
	const golden = "testdata/citations.html"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("citations (-want +got):\n%s", diff)
	}
}

var (
	citeLink = regexp.MustCompile(`<a class="?cite"?[^>]*? href="?([^" >]+)`)
	anyID    = regexp.MustCompile(`\sid="?([^" >]+)`)
)

// TestEveryCitationLeadsToItsArticle follows each citation of the built site
// to the place that it names, and back: the article lists the page.
func TestEveryCitationLeadsToItsArticle(t *testing.T) {
	pages, _ := shippedSite(t)
	ids := map[string]map[string]bool{}
	for at, page := range pages {
		ids[at] = map[string]bool{}
		for _, m := range anyID.FindAllStringSubmatch(page, -1) {
			ids[at][m[1]] = true
		}
	}
	followed := 0
	for at, page := range pages {
		for _, m := range citeLink.FindAllStringSubmatch(page, -1) {
			base, err := url.Parse("http://x" + at + "/")
			if err != nil {
				t.Fatal(err)
			}
			to, err := base.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
			if err != nil {
				t.Fatal(err)
			}
			law := strings.TrimSuffix(to.Path, "/")
			if !strings.HasPrefix(law, "/laws/") || !ids[law][to.Fragment] {
				t.Errorf("%s cites %s: there is no such place", at, to)
				continue
			}
			followed++
			rest := pages[law][strings.Index(pages[law], "id="+quoted(pages[law], to.Fragment)):]
			article, _, _ := strings.Cut(rest, "</section>")
			if section := strings.SplitN(at, "/", 3)[1]; section != "quizzes" && !strings.Contains(article, at+"/") {
				t.Errorf("%s#%s does not list %s among the pages that cite it", law, to.Fragment, at)
			}
		}
	}
	if followed < 300 {
		t.Errorf("followed only %d citations", followed)
	}
}

// quoted is a value of an attribute as the minifier left it.
func quoted(page, value string) string {
	if strings.Contains(page, `id="`+value+`"`) {
		return `"` + value + `"`
	}
	return value
}

// TestEveryLawHasItsPage: each law of the registry, with each article.
func TestEveryLawHasItsPage(t *testing.T) {
	pages, _ := shippedSite(t)
	src, err := os.ReadFile(filepath.Join(repository(t), "content", "data", "laws.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var registry struct {
		Laws []struct {
			ID, Name, Version string
			Articles          map[string]struct{ Child, Parent string }
		}
	}
	if err := yaml.Unmarshal(src, &registry); err != nil {
		t.Fatal(err)
	}
	for _, law := range registry.Laws {
		page := pages["/laws/"+law.ID]
		for _, want := range []string{law.Name, "官方公布的文本"} {
			if !strings.Contains(page, want) {
				t.Errorf("/laws/%s/ does not say %q", law.ID, want)
			}
		}
		for key, gist := range law.Articles {
			if !strings.Contains(page, "id="+quoted(page, key)) || !strings.Contains(page, gist.Child) || !strings.Contains(page, gist.Parent) {
				t.Errorf("/laws/%s/ does not explain %s", law.ID, key)
			}
		}
	}
}

// TestEveryPageSaysForWhomAndByWhichLaw: for whom, reviewed by whom, and with
// a citation, against which version and that the authorities decide.
func TestEveryPageSaysForWhomAndByWhichLaw(t *testing.T) {
	pages, _ := shippedSite(t)
	checked := 0
	for at, page := range pages {
		section, slug, _ := strings.Cut(strings.TrimPrefix(at, "/"), "/")
		switch section {
		case "lessons", "scenarios", "law", "parents", "policy", "help", "quizzes":
		default:
			continue
		}
		if slug == "" && section != "help" {
			continue
		}
		checked++
		wanted := []string{"写给", "审核"}
		if citeLink.MatchString(page) {
			wanted = append(wanted, "文中引用", "核对到", "以有权机关认定为准")
		}
		for _, want := range wanted {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not say %q", at, want)
			}
		}
		if strings.Contains(page, "引用未核对") {
			t.Errorf("%s shows an unverified citation", at)
		}
	}
	if checked < 50 {
		t.Errorf("checked only %d pages", checked)
	}
}

// TestParentPagesBringAList: one page to copy, print and download.
func TestParentPagesBringAList(t *testing.T) {
	pages, all := shippedSite(t)
	lists := 0
	for at, page := range pages {
		if !strings.HasPrefix(at, "/parents/") && !strings.HasPrefix(at, "/policy/form-") {
			continue
		}
		lists++
		for _, kind := range []string{"list.txt", "list.doc"} {
			name := strings.TrimPrefix(at, "/") + "/" + kind
			body, err := fs.ReadFile(all, name)
			if err != nil || !strings.Contains(page, kind) {
				t.Errorf("%s brings no %s: %v", at, kind, err)
				continue
			}
			for _, unwanted := range []string{"law:", "{.sheet}", "- [ ]", "**", "&lt;", "](/"} {
				if bytes.Contains(body, []byte(unwanted)) {
					t.Errorf("%s holds %q", name, unwanted)
				}
			}
			if kind == "list.txt" && (!bytes.HasPrefix(body, []byte("\ufeff")) || bytes.ContainsAny(body, "<>") || bytes.Count(body, []byte("\r\n")) < 5) {
				t.Errorf("%s is not plain text for Windows and WeChat:\n%s", name, body)
			}
		}
	}
	if lists < 20 {
		t.Errorf("found only %d lists", lists)
	}
}

// TestWhatIsNeverDialled: no number of 2018 that nobody has verified is a link.
func TestWhatIsNeverDialled(t *testing.T) {
	pages, _ := shippedSite(t)
	if page := pages["/policy/directory"]; !strings.Contains(page, "0455—8388596") || !strings.Contains(page, "未核实") || strings.Count(page, "<tr>") < 14 {
		t.Error("the directory of 14 offices is not there as printed")
	}
	for at, page := range pages {
		if strings.Contains(page, "tel:045") || strings.Contains(page, "tel:+86-45") {
			t.Errorf("%s lets people call an unverified number", at)
		}
	}
}

var risky = regexp.MustCompile(`(?m)^safety: .*\bS[67]\b`)

// TestHelpComesFirst: pages that touch self-harm or sexual harm show the
// numbers before their text, and pages for pupils can be left in one tap.
func TestHelpComesFirst(t *testing.T) {
	pages, _ := shippedSite(t)
	found := 0
	content := os.DirFS(filepath.Join(repository(t), "content"))
	err := fs.WalkDir(content, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Base(name) != "index.md" {
			return err
		}
		src, err := fs.ReadFile(content, name)
		at := "/" + path.Dir(name)
		section, _, _ := strings.Cut(at[1:], "/")
		if risky.Match(src) && section != "help" {
			found++
			dial, text := strings.Index(pages[at], `class="dial"`), strings.Index(pages[at], `class="prose`)
			if dial < 0 || text < 0 || dial > text {
				t.Errorf("%s does not begin with the numbers to call", at)
			}
		}
		if leaves := strings.Contains(pages[at], "exit/"); !leaves && (section == "help" || section == "law" || section == "scenarios") {
			t.Errorf("%s cannot be left quickly", at)
		}
		return err
	})
	if err != nil || found < 10 {
		t.Errorf("looked at %d pages: %v", found, err)
	}
}
