package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"html"
	"image/png"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
)

const publicAddress = "https://sunny.example.edu.cn"

var public struct {
	once sync.Once
	all  fs.FS
}

// publicSite is the site that ships as it is built for the public, once.
func publicSite(t testing.TB) fs.FS {
	t.Helper()
	public.once.Do(func() {
		public.all = buildInto(t, filepath.Join(filepath.Dir(program), "public"), repository(t), "--base-url", publicAddress+"/")
	})
	return public.all
}

// eachFile calls do for every file with this ending.
func eachFile(t testing.TB, tree fs.FS, ending string, do func(name, body string)) {
	t.Helper()
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ending) {
			return err
		}
		body, err := fs.ReadFile(tree, name)
		do(name, string(body))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, tree fs.FS, name string) string {
	t.Helper()
	body, err := fs.ReadFile(tree, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// pageAt is the file of an absolute address; "" when there is none.
func pageAt(tree fs.FS, address string) string {
	name, ours := strings.CutPrefix(address, publicAddress+"/")
	if !ours {
		return ""
	}
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	if _, err := fs.Stat(tree, name); err != nil {
		return ""
	}
	return name
}

// pagesOf counts the pages of a section in the repository.
func pagesOf(t testing.TB, section string) int {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(repository(t), "content", section, "*", "index.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages in %s: %v", section, err)
	}
	return len(pages)
}

type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Summary string `xml:"summary"`
		Updated string `xml:"updated"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

// TestFeeds: one for each section and one for all, newest first, each entry
// with an id of its own and a page; no quiz.
func TestFeeds(t *testing.T) {
	site, total := publicSite(t), 0
	check := func(name string, want int) {
		t.Helper()
		var f feed
		if err := xml.Unmarshal([]byte(readFile(t, site, name)), &f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		at := publicAddress + "/" + strings.TrimSuffix(name, "feed.xml")
		if f.ID != at || f.Title == "" || f.Author == "" || len(f.Links) != 2 || f.Links[0].Href != at || f.Links[1].Rel != "self" || f.Links[1].Href != publicAddress+"/"+name {
			t.Errorf("%s is headed %+v", name, f)
		}
		if len(f.Entries) != want {
			t.Errorf("%s has %d entries, want %d", name, len(f.Entries), want)
		}
		ids, last := map[string]bool{}, f.Updated
		for _, e := range f.Entries {
			if ids[e.ID] || e.ID != e.Link.Href || pageAt(site, e.ID) == "" || strings.Contains(e.ID, "/quizzes/") || e.Title == "" || e.Summary == "" {
				t.Errorf("%s has an entry %+v", name, e)
			}
			ids[e.ID] = true
			if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.Updated > last {
				t.Errorf("%s: %s updated %q after %q: %v", name, e.ID, e.Updated, last, err)
			}
			last = e.Updated
		}
		if page := readFile(t, site, strings.TrimSuffix(name, "feed.xml")+"index.html"); !strings.Contains(page, "application/atom+xml") {
			t.Errorf("the page beside %s does not name it", name)
		}
	}
	for _, section := range []string{"lessons", "scenarios", "kits", "law", "parents", "training", "policy"} {
		pages := pagesOf(t, section)
		total += pages
		check(section+"/feed.xml", pages)
	}
	check("feed.xml", total)
	found := 0
	eachFile(t, site, "feed.xml", func(string, string) { found++ })
	if found != 8 {
		t.Errorf("%d feeds, want 8", found)
	}
}

// TestSitemap lists every page that wants to be found, once, and robots.txt
// names it.
func TestSitemap(t *testing.T) {
	site := publicSite(t)
	var sitemap struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []struct {
			Loc     string `xml:"loc"`
			Lastmod string `xml:"lastmod"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal([]byte(readFile(t, site, "sitemap.xml")), &sitemap); err != nil {
		t.Fatal(err)
	}
	listed, dated := map[string]bool{}, 0
	for _, u := range sitemap.URLs {
		name := pageAt(site, u.Loc)
		if name == "" || listed[name] {
			t.Errorf("%s is listed twice or is no page", u.Loc)
		}
		listed[name] = true
		if u.Lastmod != "" {
			dated++
			if _, err := time.Parse(time.RFC3339, u.Lastmod); err != nil {
				t.Errorf("%s: %v", u.Loc, err)
			}
		}
	}
	if dated < 100 {
		t.Errorf("only %d pages have a date", dated)
	}
	eachFile(t, site, "index.html", func(name, body string) {
		hidden := strings.Contains(body, `content="noindex"`)
		if listed[name] == hidden {
			t.Errorf("%s: listed %v, noindex %v", name, listed[name], hidden)
		}
	})
	for _, functional := range []string{"join", "host", "cards", "start", "exit", "search", "staff", "staff/card"} {
		if listed[functional+"/index.html"] {
			t.Errorf("/%s/ is listed", functional)
		}
	}
	if robots := readFile(t, site, "robots.txt"); !strings.Contains(robots, "\nSitemap: "+publicAddress+"/sitemap.xml\n") {
		t.Errorf("robots.txt: %s", robots)
	}
}

var (
	dataBlock = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)
	canonical = regexp.MustCompile(`<link rel="canonical" href="([^"]*)"`)
	ogURL     = regexp.MustCompile(`<meta property="og:url" content="([^"]*)"`)
	ogImage   = regexp.MustCompile(`<meta property="og:image" content="([^"]*)"`)
	duration  = regexp.MustCompile(`^PT\d+M$`)
	ages      = regexp.MustCompile(`^\d+-\d+$`)
)

// things are the typed objects of a page's data block.
func things(t testing.TB, name, page string) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	blocks := dataBlock.FindAllStringSubmatch(page, -1)
	if len(blocks) > 1 {
		t.Errorf("%s has %d data blocks", name, len(blocks))
	}
	for _, block := range blocks {
		var data map[string]any
		if err := json.Unmarshal([]byte(block[1]), &data); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, block[1])
		}
		if data["@context"] != "https://schema.org" {
			t.Errorf("%s: context %v", name, data["@context"])
		}
		graph, several := data["@graph"].([]any)
		if !several {
			graph = []any{data}
		}
		for _, one := range graph {
			thing := one.(map[string]any)
			found[thing["@type"].(string)] = thing
		}
	}
	return found
}

// TestStructuredData: every page has JSON that parses; what is taught with is
// described in full.
func TestStructuredData(t *testing.T) {
	_, plain := shippedSite(t)
	for address, site := range map[string]fs.FS{"": plain, publicAddress: publicSite(t)} {
		resources := map[string]int{}
		eachFile(t, site, ".html", func(name, page string) {
			found := things(t, name, page)
			section, rest, _ := strings.Cut(name, "/")
			hidden := strings.Contains(page, `content="noindex"`) || name == "404.html"
			if _, has := found["BreadcrumbList"]; has != (address != "" && !hidden && name != "index.html") {
				t.Errorf("%s at %q: breadcrumbs %v", name, address, has)
			}
			if _, has := found["WebSite"]; has != (address != "" && name == "index.html") {
				t.Errorf("%s at %q: website %v", name, address, has)
			}
			r, has := found["LearningResource"]
			if !has {
				return
			}
			if path.Base(rest) == "pinyin.html" {
				return // a copy, which says whose
			}
			resources[section]++
			if r["name"] == "" || r["description"] == "" || r["inLanguage"] != "zh-CN" || r["isAccessibleForFree"] != true || r["learningResourceType"] == "" || r["audience"] == nil {
				t.Errorf("%s: %v", name, r)
			}
			if section == "lessons" && (len(r["teaches"].([]any)) < 3 || !duration.MatchString(r["timeRequired"].(string)) || !ages.MatchString(r["typicalAgeRange"].(string)) || r["educationalLevel"] == nil) {
				t.Errorf("%s: %v", name, r)
			}
			if address != "" && r["url"] != address+"/"+section+"/"+strings.TrimSuffix(rest, "index.html") {
				t.Errorf("%s: url %v", name, r["url"])
			}
		})
		for _, section := range []string{"lessons", "scenarios", "kits", "training"} {
			if resources[section] != pagesOf(t, section) {
				t.Errorf("at %q %d pages of %s are described, want %d", address, resources[section], section, pagesOf(t, section))
			}
		}
	}
}

// TestAddressesOfPages: each page that wants to be found says where it is and
// shows the card of its section.
func TestAddressesOfPages(t *testing.T) {
	site := publicSite(t)
	eachFile(t, site, "index.html", func(name, page string) {
		if strings.Contains(page, `content="noindex"`) {
			if canonical.MatchString(page) {
				t.Errorf("%s has an address and wants none", name)
			}
			return
		}
		at, og, image := canonical.FindStringSubmatch(page), ogURL.FindStringSubmatch(page), ogImage.FindStringSubmatch(page)
		if at == nil || pageAt(site, html.UnescapeString(at[1])) != name || og == nil || og[1] != at[1] || image == nil || pageAt(site, image[1]) == "" {
			t.Errorf("%s: canonical %q, og:url %q, og:image %q", name, at, og, image)
		}
	})
	for _, section := range []string{"lessons", "scenarios", "quizzes", "kits", "law", "parents", "training", "policy", "help"} {
		body := readFile(t, site, "img/social/"+section+".png")
		card, err := png.DecodeConfig(strings.NewReader(body))
		if err != nil || card.Width != 1200 || card.Height != 630 || len(body) > 60_000 {
			t.Errorf("the card of %s is %d x %d in %d bytes: %v", section, card.Width, card.Height, len(body), err)
		}
		if !strings.Contains(readFile(t, site, section+"/index.html"), publicAddress+"/img/social/"+section+".png") {
			t.Errorf("/%s/ does not show its card", section)
		}
	}
}

// TestWithoutAnAddressNothingIsAbsolute: what needs the public address is not
// there, and what can do without is.
func TestWithoutAnAddressNothingIsAbsolute(t *testing.T) {
	pages, site := shippedSite(t)
	eachFile(t, site, ".xml", func(name, _ string) { t.Errorf("there is a %s", name) })
	if robots := readFile(t, site, "robots.txt"); strings.Contains(robots, "Sitemap") || !strings.Contains(robots, "User-agent") {
		t.Errorf("robots.txt: %s", robots)
	}
	for at, page := range pages {
		for _, unwanted := range []string{"canonical", "og:url", "og:image", "atom+xml"} {
			head, _, _ := strings.Cut(page, "<body")
			if strings.Contains(head, unwanted) {
				t.Errorf("%s/ has %s", at, unwanted)
			}
		}
	}
	eachFile(t, site, "index.md", func(name, text string) {
		if strings.Contains(text, "](/") || strings.Contains(text, "](</") {
			t.Errorf("%s has a link that only a server can follow", name)
		}
	})
}

var markdownLink = regexp.MustCompile(`\]\(<?([^)>\s]+)>?\)`)

// TestMarkdown: each page of the content is there as Markdown that needs no
// knowledge of ours, and each of its links leads somewhere.
func TestMarkdown(t *testing.T) {
	_, plain := shippedSite(t)
	for address, site := range map[string]fs.FS{"": plain, publicAddress: publicSite(t)} {
		found := map[string]bool{}
		eachFile(t, site, "index.md", func(name, text string) {
			found[name] = true
			for _, unwanted := range []string{"law:", "{minutes", ".ending", ".sheet", "> [!", "引用未核对", "[x]", "<no value>", "%!"} {
				if strings.Contains(text, unwanted) {
					t.Errorf("%s holds %q", name, unwanted)
				}
			}
			for _, wanted := range []string{"# ", "110", "审核", "以有权机关认定为准"} {
				if !strings.Contains(text, wanted) {
					t.Errorf("%s does not say %q", name, wanted)
				}
			}
			for _, m := range markdownLink.FindAllStringSubmatch(text, -1) {
				to, _, _ := strings.Cut(m[1], "#")
				to, _, _ = strings.Cut(to, "?")
				if to == "" || strings.HasPrefix(to, "tel:") {
					continue
				}
				if rest, ours := strings.CutPrefix(to, publicAddress+"/"); ours && address != "" {
					to = rest
				} else {
					to = path.Join(path.Dir(name), to)
				}
				if _, err := fs.Stat(site, strings.TrimSuffix(to, "/")); err != nil {
					t.Errorf("%s at %q links to %s: %v", name, address, m[1], err)
				}
			}
			if page := readFile(t, site, strings.TrimSuffix(name, ".md")+".html"); !strings.Contains(page, `type="text/markdown" href="index.md"`) {
				t.Errorf("the page beside %s does not name it", name)
			}
		})
		content := os.DirFS(filepath.Join(repository(t), "content"))
		eachFile(t, content, ".md", func(name, _ string) {
			stem := strings.TrimSuffix(name, ".md")
			if base := path.Base(stem); base == "index" || base == "_index" {
				stem = path.Dir(stem)
			}
			if stem != "." && !found[stem+"/index.md"] {
				t.Errorf("content/%s is not there as Markdown", name)
			}
		})
	}
	lesson := readFile(t, plain, "lessons/four-points/index.md")
	for _, want := range []string{"# 欺凌的四个要点\n", "（[《未成年人保护法》第三十九条第二款](../../laws/wcnrbhf/#39)）", "## 再放一次（8 分钟）\n", "> **老师说**\n>\n> ", "给家长的一封短信"} {
		if !strings.Contains(lesson, want) {
			t.Errorf("the lesson has no %q", want)
		}
	}
}

// TestLLMSTxt names every section and leads to its pages.
func TestLLMSTxt(t *testing.T) {
	_, plain := shippedSite(t)
	for address, site := range map[string]fs.FS{"": plain, publicAddress: publicSite(t)} {
		text := readFile(t, site, "llms.txt")
		if !strings.HasPrefix(text, "# 阳光校园\n\n> ") {
			t.Errorf("llms.txt begins %.60q", text)
		}
		linked := map[string]bool{}
		for _, m := range markdownLink.FindAllStringSubmatch(text, -1) {
			name := path.Clean(strings.TrimPrefix(m[1], publicAddress+"/"))
			if _, err := fs.Stat(site, name); err != nil || strings.HasPrefix(m[1], "https:") != (address != "") {
				t.Errorf("llms.txt at %q links to %s: %v", address, m[1], err)
			}
			linked[name] = true
		}
		eachFile(t, site, "index.md", func(name, _ string) {
			if !linked[name] {
				t.Errorf("llms.txt at %q leaves out %s", address, name)
			}
		})
		sections, err := fs.Glob(os.DirFS(filepath.Join(repository(t), "content")), "*/_index.md")
		if err != nil || len(sections) < 10 {
			t.Fatalf("sections %v: %v", sections, err)
		}
		if got := strings.Count(text, "\n## "); got != len(sections)+1 { // and the laws, which the theme brings
			t.Errorf("llms.txt has %d sections, want %d", got, len(sections)+1)
		}
	}
}

// TestMachinesGetWhatIsWritten: whatever an author writes arrives whole in
// every form, and closes nothing that it should not.
func TestMachinesGetWhatIsWritten(t *testing.T) {
	const title, summary = `A & B <i> "C" 'D' \ </script>`, `]]> --> {{ x }} </script><script>alert(1)</script> & "引号" \n`
	content := t.TempDir()
	head, err := json.Marshal(map[string]any{"title": title, "summary": summary, "audience": []string{"teachers"}, "minutes": 90})
	if err != nil {
		t.Fatal(err)
	}
	var y bytes.Buffer // JSON is YAML
	y.WriteString("---\n")
	y.Write(head)
	y.WriteString("\n---\n字。\n")
	write(t, filepath.Join(content, "training", "odd", "index.md"), y.String())
	write(t, filepath.Join(content, "_index.md"), "---\ntitle: 首页\nsummary: 首页。\naudience: [all]\n---\n")
	write(t, filepath.Join(content, "parents", "_index.md"), "---\ntitle: 家长\nsummary: 还没有页。\naudience: [parents]\n---\n")
	site := buildSite(t, repository(t), "--content", content, "--base-url", publicAddress)

	page := readFile(t, site, "training/odd/index.html")
	resource := things(t, "the page", page)["LearningResource"]
	if resource["name"] != title || resource["description"] != summary || resource["timeRequired"] != "PT90M" {
		t.Errorf("the data block says %v", resource)
	}
	var f feed
	if err := xml.Unmarshal([]byte(readFile(t, site, "training/feed.xml")), &f); err != nil {
		t.Fatal(err)
	}
	if empty := readFile(t, site, "parents/index.html"); !strings.Contains(empty, `href="../feed.xml"`) || strings.Contains(empty, "parents/feed.xml") {
		t.Error("a section without pages names a feed of its own, or not that of all")
	}
	if len(f.Entries) != 1 || f.Entries[0].Title != title || f.Entries[0].Summary != summary {
		t.Errorf("the feed says %+v", f.Entries)
	}
	if md := readFile(t, site, "training/odd/index.md"); !strings.Contains(md, "# "+title) || !strings.Contains(md, summary) {
		t.Errorf("the Markdown says\n%s", md)
	}
}

// TestDataBlocksBreakNoPolicy: the policy that forbids inline scripts does not
// mind a block of data.
func TestDataBlocksBreakNoPolicy(t *testing.T) {
	t.Parallel()
	address := "http://" + free(t)
	p := start(t, t.TempDir(), "--addr", strings.TrimPrefix(address, "http://"), "--source", repository(t), "--base-url", address)
	w := openBrowserOn(t, p.url).tab(360, 740)
	refused := func(event any) {
		if e, ok := event.(*log.EventEntryAdded); ok && e.Entry.Source == log.EntrySourceSecurity {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.problems = append(w.problems, "the policy refused: "+e.Entry.Text)
		}
	}
	if err := chromedp.Listen(w.ctx, refused); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"/", "/lessons/four-points/"} {
		w.open(at)
		if types := value[string](w, `[...document.querySelectorAll('script[type="application/ld+json"]')].map(s => JSON.parse(s.textContent)["@context"]).join()`); types != "https://schema.org" {
			t.Errorf("%s: data of %q", at, types)
		}
	}
}
