package main

import (
	"archive/zip"
	"fmt"
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
	"time"

	"github.com/google/go-cmp/cmp"
)

// canaryBank holds keys and explanations that occur nowhere else, and one item
// of every type.
const canaryBank = `---
title: 金丝雀题库
summary: 只为检查答案有没有漏出去。
audience: [junior]
---
## 哪一个是对的？ {#which points=10 seconds=30 level=easy topic=definition}
- [ ] 第一个
- [x] 第二个

> 解析金丝雀甲，见<law:未成年人保护法#39>。

## 填一个词：____ {#word points=10 seconds=30 level=easy topic=definition}
= 填空金丝雀乙 | 3.5 米

> 解析金丝雀丙

## 哪些是对的？ {#several points=10 seconds=30 level=easy topic=definition}
- [x] 红
- [ ] 黄
- [x] 蓝

> 解析金丝雀丁

## 排一排 {#order points=10 seconds=30 level=easy topic=definition}
1. 金丝雀停下
2. 金丝雀叫人
3. 金丝雀记下

> 解析金丝雀戊
`

const contestBank = `---
title: 竞赛金丝雀
summary: 窗口关闭以前，哪里都不能有。
audience: [junior]
use: contest
---
## 竞赛金丝雀题干 {#c points=10 seconds=30 level=easy topic=definition}
- [x] 竞赛金丝雀己
- [ ] 别的

> 竞赛金丝雀解析
`

// packs are both editions of one source, unpacked, for all tests.
var packs struct {
	once   sync.Once
	source string
	dir    map[string]string
}

func unpacked(t testing.TB, edition string) string {
	t.Helper()
	packs.once.Do(func() {
		packs.dir = map[string]string{}
		packs.source = copySource(t)
		kept := filepath.Join(filepath.Dir(program), "pack source") // t's own folder goes with t
		if err := os.Rename(packs.source, kept); err != nil {
			t.Fatal(err)
		}
		packs.source = kept
		write(t, filepath.Join(kept, "content", "quizzes", "canary.md"), canaryBank)
		write(t, filepath.Join(kept, "content", "quizzes", "contest-canary.md"), contestBank)
		for _, e := range []string{"pupil", "teacher"} {
			file := filepath.Join(filepath.Dir(program), "pack-"+e+".zip")
			if out, err := exec.Command(program, "pack", "--out", file, "--edition", e, "--source", kept, "--data", t.TempDir()).CombinedOutput(); err != nil {
				t.Fatalf("pack: %v\n%s", err, out)
			}
			z, err := zip.OpenReader(file)
			if err != nil {
				t.Fatal(err)
			}
			defer z.Close()
			// A blank and Chinese in the way, as on a teacher's own stick.
			packs.dir[e] = filepath.Join(filepath.Dir(program), "U 盘", e)
			if err := os.CopyFS(packs.dir[e], z); err != nil {
				t.Fatal(err)
			}
		}
	})
	return packs.dir[edition]
}

var reference = regexp.MustCompile(` (?:href|src|action)="([^"]*)"`)

// TestPackLeadsNowhereElse: every address in every page of both editions is a
// file of the pack, written out, or of another kind (a number, a fragment).
func TestPackLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for _, edition := range []string{"pupil", "teacher"} {
		tree := os.DirFS(unpacked(t, edition))
		pages := 0
		eachFile(t, tree, ".html", func(name, body string) {
			pages++
			for _, m := range reference.FindAllStringSubmatch(body, -1) {
				u, err := url.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
				if err != nil {
					t.Fatalf("%s: %s: %v", name, m[1], err)
				}
				if u.Path == "" || u.Scheme == "tel" || u.Scheme == "data" {
					continue
				}
				if u.Scheme != "" || u.Host != "" || strings.HasPrefix(u.Path, "/") {
					t.Errorf("%s/%s leads to %s", edition, name, m[1])
				} else if info, err := fs.Stat(tree, path.Join(path.Dir(name), u.Path)); err != nil || info.IsDir() {
					t.Errorf("%s/%s leads to %s, which is no file of the pack", edition, name, m[1])
				}
			}
			for _, gone := range []string{`class="btn-row"></p>`, "<li></li>", `href=""`, `href="index.md"`, "feed.xml", "serviceWorker"} {
				if strings.Contains(body, gone) {
					t.Errorf("%s/%s still has %s", edition, name, gone)
				}
			}
			shown := path.Base(name) == "screen.html" || strings.HasSuffix(name, "exit/index.html") // to a class, or to somebody at the door
			if banner := strings.Contains(body, "教师用 · 含答案"); !shown && banner != (edition == "teacher") {
				t.Errorf("%s/%s says that it has keys: %v", edition, name, banner)
			}
		})
		if pages < 60 {
			t.Errorf("%s: only %d pages", edition, pages)
		}
	}
}

func TestPackHoldsWhatItsReadersNeed(t *testing.T) {
	t.Parallel()
	pupil, teacher := os.DirFS(unpacked(t, "pupil")), os.DirFS(unpacked(t, "teacher"))
	has := func(tree fs.FS, name string) bool { _, err := fs.Stat(tree, name); return err == nil }
	for _, name := range []string{"index.html", "README.txt", "site/help/index.html", "site/search/index.html", "site/for/pupils/index.html",
		"site/scenarios/index.html", "site/parents/first-talk/index.html", "site/laws/wcnrbhf/index.html", "site/exit/index.html"} {
		if !has(pupil, name) || !has(teacher, name) {
			t.Errorf("%s: pupil's %v, teacher's %v; want both", name, has(pupil, name), has(teacher, name))
		}
	}
	for _, name := range []string{"site/lessons", "site/kits", "site/training", "site/for/teachers", "site/pack/quizzes"} {
		if has(pupil, name) || !has(teacher, name) {
			t.Errorf("%s: pupil's %v, teacher's %v; want the teacher's alone", name, has(pupil, name), has(teacher, name))
		}
	}
	for _, name := range []string{"site/host", "site/join", "site/staff", "site/start", "site/sw.js", "site/styleguide"} {
		if has(pupil, name) || has(teacher, name) {
			t.Errorf("%s needs a server", name)
		}
	}
}

// TestPupilsPackHoldsNoKey looks for keys that occur nowhere else, in every file.
func TestPupilsPackHoldsNoKey(t *testing.T) {
	t.Parallel()
	found := map[string]map[string]int{}
	for _, edition := range []string{"pupil", "teacher"} {
		found[edition] = map[string]int{}
		eachFile(t, os.DirFS(unpacked(t, edition)), "", func(name, body string) {
			for _, canary := range []string{"金丝雀甲", "金丝雀乙", "金丝雀丙", "金丝雀丁", "金丝雀戊", "竞赛金丝雀", "金丝雀停下"} {
				if strings.Contains(body, canary) {
					found[edition][canary]++
				}
			}
		})
	}
	want := map[string]map[string]int{
		"pupil":   {"金丝雀停下": 1}, // an option, on the page of the bank; where it comes is not told
		"teacher": {"金丝雀甲": 1, "金丝雀乙": 1, "金丝雀丙": 1, "金丝雀丁": 1, "金丝雀戊": 1, "金丝雀停下": 2},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("what stands in how many files (-want +found):\n%s", diff)
	}
}

// openPack opens an edition as a double click does.
func openPack(t testing.TB, edition string) *tab {
	t.Helper()
	dir := unpacked(t, edition)
	return openBrowserOn(t, (&url.URL{Scheme: "file", Path: dir}).String()).tab(1280, 800)
}

// TestPackSearchesLikeTheServer: the same source, the same words, the same
// answer, down to the marks in the snippets.
func TestPackSearchesLikeTheServer(t *testing.T) {
	t.Parallel()
	w := openPack(t, "teacher")
	p := start(t, t.TempDir(), "--addr", free(t), "--source", packs.source)
	w.open("/site/search/index.html")
	w.until(`window.sunnyPack`)

	type result struct {
		Total      int
		Help       bool
		DidYouMean any `json:"did_you_mean"`
		Facets     map[string][]struct {
			Value string
			Count int
		}
		Hits []struct {
			URL, Title, Snippet, Kind string
			Audience                  []string
		}
	}
	address := regexp.MustCompile(`^(?:\.\./\.\.|\.\.)/(.*)index\.html$`)
	unescape := strings.NewReplacer("&#38;", "&amp;", "&#60;", "&lt;", "&#62;", "&gt;")
	for _, query := range []string{
		"外号", "孩子被打了怎么办", "儿子被打了老师不管", "我想知道什么是欺凌？", "Ｎｏ．１２３５６ 热线", "法律援助 申请", "不想活了", "被同学打", "孤立", "停",
		"未成年人保护法 第三十九条", "家长群", "qq 群", "怎么办", "3 月", "没有这个词语吧呀xyzzy", "打 110", "知识竞赛 题", "……", "小熊",
	} {
		for _, more := range []string{"", "&audience=junior", "&kind=lessons&topic=%E6%B1%82%E5%8A%A9", "&kind=help"} {
			asked := "q=" + url.QueryEscape(query) + more + "&size=10&from=0"
			var want, got result
			p.call("GET", "/api/search?"+asked, "", nil, &want)
			got = value[result](w, fmt.Sprintf(`sunnyPack("/search?%s")`, asked))
			for i := range got.Hits {
				h := &got.Hits[i]
				h.URL = "/" + address.ReplaceAllString(h.URL, "$1")
				h.Title, h.Snippet = unescape.Replace(h.Title), unescape.Replace(h.Snippet)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s%s (-server +pack):\n%s", query, more, diff)
			}
		}
	}

	// And by hand, from the head of any page.
	w.open("/site/help/index.html")
	value[bool](w, `(f => { f.elements.q.value = "不想活了"; f.submit(); return true })(document.querySelector(".site-search"))`)
	w.until(`document.querySelector(".hit a") && !document.querySelector("#search-help").hidden`)
	w.says("12356")
	value[bool](w, `document.querySelector(".hit a").click() || true`)
	w.until(`document.querySelector("main h1") && !/search/.test(location.pathname)`)
}

func TestPackPracticesAndPrintsWithoutAServer(t *testing.T) {
	t.Parallel()
	w := openPack(t, "teacher")
	w.open("/site/quizzes/canary/index.html")
	w.click("开始练习")
	w.says("第 1 / 4 题")
	w.click("第二个")
	w.click("看看对不对")
	w.says("解析金丝雀甲")
	if link := value[string](w, `document.querySelector(".explain-body a").getAttribute("href")`); link != "../../laws/wcnrbhf/index.html#39" {
		t.Errorf("the explanation leads to %s", link)
	}
	for _, one := range []struct {
		item, choice string
		right        bool
	}{
		{"word", `"填空金丝雀乙"`, true},
		{"word", `" 填空，金丝雀 乙。"`, true},
		{"word", `"３．５米"`, true},
		{"word", `"35 米"`, false},
		{"word", `"金丝雀"`, false},
		{"which", `ids("which", "第二个")`, true},
		{"which", `ids("which", "第一个")`, false},
		{"several", `ids("several", "蓝", "红")`, true},
		{"several", `ids("several", "红")`, false},
		{"several", `ids("several", "红", "黄", "蓝")`, false},
		{"order", `ids("order", "金丝雀停下", "金丝雀叫人", "金丝雀记下")`, true},
		{"order", `ids("order", "金丝雀叫人", "金丝雀停下", "金丝雀记下")`, false},
	} {
		got := value[bool](w, fmt.Sprintf(`(async () => {
			const bank = await sunnyPack("/quizzes/canary");
			const ids = (item, ...texts) => texts.map(t => bank.items.find(it => it.id === item).options.find(o => o.text === t).id);
			return (await sunnyPack("/quizzes/canary/check", {item: %q, choice: %s})).correct })()`, one.item, one.choice))
		if got != one.right {
			t.Errorf("%s answered %s: %v, want %v", one.item, one.choice, got, one.right)
		}
	}

	w.open("/site/quizzes/canary/index.html?items=which,order#paper")
	w.says("这一份有 2 道题")
	w.print("打印试卷")
	paper := w.sheet("paper")
	w.print("打印答案页")
	key := w.sheet("key")
	if diff := cmp.Diff(paper.Items, key.Items); diff != "" || len(key.Items) != 2 || !strings.Contains(key.Text, "解析金丝雀戊") {
		t.Errorf("paper and key differ, or the key is not whole:\n%s\n%s", diff, key.Text)
	}

	w = openPack(t, "pupil")
	w.open("/site/quizzes/canary/index.html")
	w.says("哪一个是对的")
	if n := value[int](w, `document.querySelectorAll("[data-practice], [data-paper]").length`); n != 0 {
		t.Error("the pupils' bank offers what it cannot do")
	}
}

// TestPackAnswersOnTheWall: from a lesson to its items, hands, the answer with its
// reason, and back to the same step, without a server.
func TestPackAnswersOnTheWall(t *testing.T) {
	t.Parallel()
	w := openPack(t, "teacher")
	w.open("/site/lessons/four-points/screen.html")
	w.step("开始", "三件事")
	w.click("答题")
	w.until(`!document.getElementById("wall").hidden`)
	w.says("第 1 题，共 3 题")
	w.key("1")
	w.key("1")
	w.key("2")
	w.until(`[...document.querySelectorAll("#stage .count-add strong")].slice(0, 2).map(e => e.textContent).join() === "2,1"`)
	if value[bool](w, `!!document.querySelector("#stage .way-right, #stage .slide-reveal")`) {
		t.Error("the answer is there before it is asked for")
	}
	w.mainStep("看答案")
	w.until(`document.querySelectorAll("#stage .way-right").length === 1 && document.querySelector("#stage .slide-reveal").textContent.length > 10`)
	w.accessible("an answer on the wall")
	w.mainStep("下一题")
	w.says("第 2 题，共 3 题")
	for _, label := range []string{"看答案", "下一题", "看答案", "结束"} {
		w.mainStep(label)
	}
	w.says("谢谢大家的认真")
	w.click("回到课上")
	w.at("三件事，一样吗")

	// Items of every type, opened from the page of their bank.
	w.open("/site/quizzes/canary/index.html")
	w.click("大屏答题")
	for i, answer := range []string{"第二个", "填空金丝雀乙 或 3.5 米", "红", "1. 金丝雀停下"} {
		w.says(fmt.Sprintf("第 %d 题，共 4 题", i+1))
		w.mainStep("看答案")
		w.says(answer)
		w.mainStep(map[bool]string{true: "结束", false: "下一题"}[i == 3])
	}
	w.click("回到题库页")
	w.until(`document.getElementById("wall").hidden`)
	w.says("自己练一练")
}

// TestPackOpensAtEveryWidth: no script fails, nothing is asked of a network and
// nothing hangs over, on the pages that the pack changes.
func TestPackOpensAtEveryWidth(t *testing.T) {
	t.Parallel()
	for edition, pages := range map[string][]string{
		"pupil":   {"/index.html", "/site/for/pupils/index.html", "/site/help/index.html", "/site/search/index.html", "/site/quizzes/canary/index.html", "/site/guide/pupils/index.html"},
		"teacher": {"/index.html", "/site/for/teachers/index.html", "/site/for/junior/index.html", "/site/lessons/index.html", "/site/quizzes/canary/index.html", "/site/guide/index.html"},
	} {
		w := openPack(t, edition)
		for _, page := range pages {
			w.open(page)
			w.accessible(edition + page)
		}
	}
	w := openPack(t, "teacher")
	w.open("/site/lessons/index.html")
	value[bool](w, `document.querySelector(".tile a").click() || true`)
	w.until(`/lessons.[a-z-]+.index/.test(location.pathname) && document.documentElement.classList.contains("js")`)
	w.open("/site/for/teachers/index.html")
	w.until(`!document.querySelector("[data-recent]").hidden`) // what was opened last is remembered here too
	value[bool](w, `document.querySelector("[data-recent] a").click() || true`)
	w.until(`/lessons.[a-z-]+.index/.test(location.pathname)`)
	if w.pages() < 1 {
		t.Error("a lesson of the pack does not print")
	}
}

func TestPackRefusesClearly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, one := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"pack"}, 2, "--out"},
		{[]string{"pack", "--out", filepath.Join(dir, "x")}, 2, ".zip"},
		{[]string{"pack", "--out", filepath.Join(dir, "x.zip"), "--edition", "parent"}, 2, "pupil（学生版）"},
		{[]string{"pack", "--out", filepath.Join(dir, "none", "x.zip")}, 1, "所在的文件夹"},
	} {
		out, err := exec.Command(program, append(one.args, "--source", repository(t))...).CombinedOutput()
		if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != one.code || !strings.Contains(string(out), one.says) {
			t.Errorf("%v: %v, want %d and %q\n%s", one.args, err, one.code, one.says, out)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestPackBringsTheSchoolsCard: the card that was filled in on this server is in
// the pack that is made beside it, while it runs.
func TestPackBringsTheSchoolsCard(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, data, "--addr", free(t), "--source", repository(t), "--data", data)
	p.call("PUT", "/api/staff/card", "", map[string]any{"school": "实验小学", "county": "甲县", "checked_on": time.Now().Format(time.DateOnly),
		"lines": []map[string]string{{"role": "school-line", "name": "", "place": "一楼", "phone": "0451-80000001", "hours": "全天"}}}, nil)
	file := filepath.Join(t.TempDir(), "card.zip")
	if out, err := exec.Command(program, "pack", "--out", file, "--source", repository(t), "--data", data).CombinedOutput(); err != nil {
		t.Fatalf("pack: %v\n%s", err, out)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if help := readFile(t, z, "site/help/index.html"); !strings.Contains(help, "0451-80000001") {
		t.Error("the help page of the pack lacks the school's own number")
	}
}
