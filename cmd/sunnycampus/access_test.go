package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func axe(t testing.TB) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(repository(t), ".cache", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is missing; run make tools: %v", err)
	}
	return string(body)
}

// as is the same browser for a subtest.
func (b *browser) as(t testing.TB) *browser { return &browser{t, b.ctx, b.address} }

func (w *tab) size(width, height int64) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.EmulateViewport(width, height)); err != nil {
		w.t.Fatal(err)
	}
	value[float64](w, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))`) // laid out anew
}

// media sets what the reader prefers, as "name: value".
func (w *tab) media(features ...string) {
	w.t.Helper()
	var params emulation.SetEmulatedMediaParams
	for _, feature := range features {
		name, value, _ := strings.Cut(feature, ": ")
		params.Features = append(params.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	if _, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, params); err != nil {
		w.t.Fatal(err)
	}
}

// Nothing moves while a page is looked at.
const still = "prefers-reduced-motion: reduce"

// everything is every rule of axe, also the experimental ones, but those of level
// AAA, the deprecated ones and p-as-heading, which takes any large words for a
// heading; colours are the rules that look at colours.
const (
	everything = `rules: Object.fromEntries(axe.getRules().map(r => [r.ruleId, {enabled: r.ruleId !== "p-as-heading" && !r.tags.some(t => /^(wcag2aaa|deprecated)$/.test(t))}]))`
	colours    = `runOnly: ["color-contrast", "link-in-text-block"]`
)

func (w *tab) axe(state, rules string) {
	w.t.Helper()
	if !value[bool](w, `"axe" in window`) {
		if err := chromedp.Do(w.ctx, chromedp.Evaluate[chromedp.Void](axe(w.t)+";undefined")); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, v := range value[[]string](w, `axe.run(document, {resultTypes: ["violations"], `+rules+`}).then(r => r.violations.map(v =>
		v.id + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + n.any.concat(n.all).map(c => c.message).join("; ")).join(", ")))`) {
		w.t.Errorf("%s: axe %s", state, v)
	}
}

func (w *tab) fits(state string) {
	w.t.Helper()
	if over := value[int](w, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		w.t.Errorf("%s: %d px too wide", state, over)
	}
}

// complains fails the test for each line that an expression returns.
func (w *tab) complains(state, expression string) {
	w.t.Helper()
	for _, line := range value[[]string](w, expression) {
		w.t.Errorf("%s: %s", state, line)
	}
}

// What a finger has to hit is 44 px high, also a choice or a seat.
const tooSmall = `[...document.querySelectorAll(".btn, .reply, .seat-cell, .order-move, .choices a, .blank-field, .code-field, .leave, .join-help, .dial a, .tool, .seat-kick")]
	.filter(e => e.offsetParent && Math.min(e.offsetWidth, e.offsetHeight) < 44)
	.map(e => "only " + e.offsetWidth + "×" + e.offsetHeight + " px: " + e.textContent.trim().slice(0, 20))`

// Nothing moves for who asked for that, and no reading is heard.
const moves = `[...document.querySelectorAll("*")].filter(e => { const s = getComputedStyle(e);
	return parseFloat(s.transitionDuration) > 0 || s.animationName !== "none" || s.scrollBehavior !== "auto" }).slice(0, 3)
	.map(e => e.localName + "." + e.className + " moves")
	.concat([...document.querySelectorAll("rt:not([aria-hidden=true])")].slice(0, 1).map(e => e.textContent + " is heard"))`

// accessible looks at a state of a screen on a phone and on a laptop, by day
// and by night.
func (w *tab) accessible(state string) {
	w.t.Helper()
	for scheme, rules := range map[string]string{"light": everything, "dark": colours} {
		w.media(still, "prefers-color-scheme: "+scheme)
		for _, size := range [][2]int64{{360, 740}, {1280, 800}} {
			w.size(size[0], size[1])
			value[bool](w, "(scrollTo(0, 0), true)") // a bar that stays covers nothing there
			at := fmt.Sprintf("%s, %d px, %s", state, size[0], scheme)
			w.axe(at, rules)
			w.fits(at)
		}
	}
	w.media(still)
	w.complains(state, tooSmall)
	w.complains(state, moves)
}

// TestPagesFitAndAreAccessible looks at every page of the sitemap as a phone, a
// laptop and a projector would, by day and by night.
func TestPagesFitAndAreAccessible(t *testing.T) {
	t.Parallel()
	p := servedPublic(t)
	b := openBrowserOn(t, p.url)
	paths := append(pagePaths(t, p), "/cards/", "/start/", "/staff/", "/staff/card/", "/staff/records/", "/staff/overview/", "/staff/classes/", "/exit/")
	for _, path := range paths {
		if _, body := p.get(path); strings.Contains(body, `href="pinyin.html"`) {
			paths = append(paths, path+"pinyin.html")
		}
	}
	// A new tab for each page would take as long as the page.
	tabs := make(chan *tab, runtime.GOMAXPROCS(0)+1) // one waits for its next frame
	for range cap(tabs) {
		tabs <- b.longTab(360, 740)
	}
	t.Run("pages", func(t *testing.T) {
		for _, path := range paths {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				w := <-tabs
				defer func() { tabs <- w }()
				lookAtPage(w.stranger(t), path)
			})
		}
	})
}

// stranger is the tab for somebody who was never here before.
func (w *tab) stranger(t testing.TB) *tab {
	t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 4*time.Minute)
	t.Cleanup(cancel)
	if _, err := chromedp.Call(ctx, storage.ClearDataForOrigin, storage.ClearDataForOriginParams{Origin: w.address, StorageTypes: "all"}); err != nil {
		t.Fatal(err)
	}
	return &tab{browser: w.as(t), ctx: ctx}
}

// cutOff finds text that its box does not show whole.
const cutOff = `[...document.querySelectorAll("body *")].filter(e => e.clientWidth > 2 && e.textContent.trim() && !e.closest("svg, .sr, .sheet-blank")).filter(e => {
	const {overflowX, overflowY} = getComputedStyle(e), cuts = o => o === "hidden" || o === "clip";
	return cuts(overflowX) && e.scrollWidth > e.clientWidth + 2 || cuts(overflowY) && e.scrollHeight > e.clientHeight + 2
}).slice(0, 3).map(e => e.localName + "." + e.className + " is cut off")`

func lookAtPage(w *tab, path string) {
	w.t.Helper()
	w.media(still)
	w.size(360, 740)
	w.open(path)
	// What unfolds is read, too.
	value[bool](w, `document.querySelectorAll("details").forEach(d => { d.open = true }) || true`)
	w.axe("360 px, light", everything)
	w.media(still, "prefers-color-scheme: dark")
	w.size(1280, 800)
	w.axe("1280 px, dark", everything)
	w.media(still)
	w.axe("1280 px, light", colours)
	// 640 px is a laptop at 200 %, 320 px what WCAG asks for.
	for _, width := range []int64{320, 360, 640, 1280, 1920} {
		w.size(width, 900)
		w.fits(fmt.Sprintf("%d px", width))
	}
	value[bool](w, `(document.documentElement.dataset.size = "3") !== ""`)
	for _, width := range []int64{1280, 360} {
		w.size(width, 900)
		w.fits(fmt.Sprintf("%d px with A++", width))
		w.complains("A++", cutOff)
	}
	// The spacing that WCAG 1.4.12 lets readers choose.
	value[bool](w, `(document.documentElement.dataset.size = "1", document.styleSheets[0].insertRule(
		"* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"), true)`)
	w.fits("wide spacing")
	w.complains("wide spacing", cutOff)
	w.complains("page", tooSmall)
	w.complains("page", moves)
	if lang := value[string](w, "document.documentElement.lang"); lang != "zh-CN" {
		w.t.Errorf("the page is in %q", lang)
	}
	if help := value[bool](w, `!!document.querySelector('a[href$="help/"], #show-help')`); !help && path != "/exit/" {
		w.t.Error("help is not one tap away")
	}
}

// allTypes are items of every type, in this order.
const allTypes = "def-who,def-times,def-elements,def-means-fill,bystander-order,poll-laugh"

// step moves the room on and waits for what its screen then says.
func (w *tab) step(label, says string) {
	w.t.Helper()
	w.mainStep(label)
	w.says(says)
}

func TestClassIsAccessible(t *testing.T) {
	t.Parallel()
	p := servedPublic(t)
	b := openBrowserOn(t, p.url)
	t.Run("devices", func(t *testing.T) { t.Parallel(); classOnDevices(b.as(t)) })
	t.Run("hands", func(t *testing.T) { t.Parallel(); classByHands(b.as(t)) })
	t.Run("pinyin", func(t *testing.T) { t.Parallel(); classWithPinyin(b.as(t)) })
}

func classOnDevices(b *browser) {
	host := b.tab(1280, 800)
	host.media(still)
	host.open("/host/")
	host.says("用这个题库")
	host.accessible("banks")
	host.open("/host/?quiz=what-is-bullying&items=" + allTypes)
	host.says("这节课的 6 道题")
	host.accessible("form")
	host.click("学生设备")
	host.click("开始")
	host.until(`document.querySelector(".lobby-qr")?.naturalWidth > 0`)
	host.accessible("lobby")
	code := value[string](host, "location.hash.slice(1)")

	seven, eight := b.tab(360, 740), b.tab(360, 740)
	seven.media(still)
	seven.open("/join/")
	seven.says("6 位课堂码")
	seven.accessible("door")
	seven.open("/join/#000000")
	seven.until(`/课堂码/.test(document.querySelector(".form-error").textContent)`)
	seven.accessible("wrong code")
	seven.open("/")
	seven.open("/join/#" + code)
	seven.says("你是几号")
	seven.accessible("seats")
	seven.sit(code, 7)
	seven.accessible("waiting")
	eight.sit(code, 8)
	host.says("已入座 2 人")
	host.accessible("lobby with seats")
	value[bool](host, `document.getElementById("show-help").click() || true`)
	host.accessible("help card")
	host.key("\u001b")

	for i, kind := range []string{"选一个", "判断对错", "可以选几个", "填一填", "排顺序", "说说看法"} {
		if i == 0 {
			host.step("开始第一题", kind)
			host.accessible("item read out")
			value[bool](host, `document.getElementById("show-seats").click() || true`)
			host.accessible("seats dialog")
			host.key("\u001b")
		} else {
			host.step("下一题", kind)
		}
		seven.says("下一题就来")
		host.mainStep("开放作答")
		seven.until(`document.querySelector("form.question")`)
		host.accessible("open: " + kind)
		seven.accessible("question: " + kind)
		if kind == "判断对错" { // one of the two is right
			seven.answer(0)
			eight.answer(1)
			host.says("都交齐了")
			host.accessible("all answered")
			host.click("暂停")
			host.says("继续作答")
			host.accessible("paused")
			host.mainStep("继续作答")
		}
		if kind == "可以选几个" {
			seven.click("A")
			seven.accessible("chosen")
			host.click("暂停")
			seven.says("老师按了暂停")
			seven.accessible("paused")
			host.mainStep("继续作答")
			seven.until(`document.querySelector("form.question")`)
			offline(seven, true)
			value[bool](seven, `document.querySelector("form.question").requestSubmit() || true`)
			seven.says("正在重新连接")
			seven.until(`!document.getElementById("link-lost").hidden || document.querySelector(".note-way")`)
			seven.accessible("no line")
			offline(seven, false)
			seven.says("已收到")
			seven.accessible("sent")
		}
		host.step("停止作答", "已停止作答")
		if kind == "选一个" {
			host.accessible("closed")
			seven.says("这一题停了")
			seven.accessible("not sent")
		}
		host.mainStep("公布")
		host.says("已公布")
		seven.until(`/这题没有交|答对了|这次没答对|谢谢你的看法/.test(document.body.innerText)`)
		host.accessible("revealed: " + kind)
		seven.accessible("revealed: " + kind)
		if kind == "判断对错" {
			eight.until(`/答对了|这次没答对/.test(document.body.innerText)`)
			eight.accessible("revealed the other way")
		}
	}
	// The teacher asks seat 8 out.
	value[bool](host, `document.getElementById("show-seats").click() || true`)
	value[bool](host, `document.querySelector('[data-seat="8"]').click() || true`)
	eight.says("请先离开这个座位")
	eight.accessible("out")
	host.until(`document.querySelector(".seat-out")`)
	host.accessible("a seat that is out")
	host.key("\u001b")
	host.step("结束，看全班成绩", "谢谢大家的认真")
	host.accessible("board")
	seven.says("今天的答题结束了")
	seven.accessible("end")
	eight.open("/")
	eight.open("/join/#" + code)
	eight.says("这场答题已经结束了")
	eight.accessible("closed door")
}

// offline takes the line away, or gives it back.
func offline(w *tab, off bool) {
	w.t.Helper()
	line := &network.Conditions{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}
	params := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{line}}
	if _, err := chromedp.Call(w.ctx, network.EmulateNetworkConditionsByRule, params); err != nil {
		w.t.Fatal(err)
	}
}

func classByHands(b *browser) {
	w := b.tab(1280, 800)
	w.media(still)
	w.open("/host/?quiz=what-is-bullying&items=" + allTypes)
	w.click("大屏举手")
	w.click("开始")
	w.says("看题，想一想")
	w.accessible("lobby")
	w.mainStep("开始第一题")
	w.mainStep("开始举手")
	w.until(`document.querySelector(".hand-n")`)
	w.accessible("hands")
	w.step("停止举手", "已停止作答")
	w.accessible("hands down")
	w.step("公布答案", "为什么")
	w.accessible("revealed")
	for _, kind := range []string{"判断对错", "可以选几个", "口头说一说", "口头说一说"} {
		w.step("下一题", kind)
		if kind != "口头说一说" {
			w.mainStep("开始举手")
			w.mainStep("停止举手")
			w.step("公布答案", "为什么")
			continue
		}
		w.step("请大家说一说", "看答案")
		w.accessible("talk")
		w.step("看答案", "已公布")
		w.accessible("answer to the talk")
	}
	w.key("b")
	w.until(`!document.getElementById("blank").hidden`)
	w.accessible("blank")
	w.key("x")
	w.click("结束")
	w.click("再点一次就结束")
	w.says("谢谢大家的认真")
	w.accessible("end")
	w.open("/host/#000000")
	w.says("没有主持过这间教室")
	w.accessible("not this computer")
}

func classWithPinyin(b *browser) {
	host, pupil := b.tab(1280, 800), b.tab(360, 740)
	host.media(still)
	pupil.media(still)
	host.open("/host/?quiz=body-and-help&items=body-red,stop-picture,body-fill,stop-order")
	host.click("学生设备")
	host.click("开始")
	host.until("/^#[0-9]{6}$/.test(location.hash)")
	pupil.sit(value[string](host, "location.hash.slice(1)"), 3)
	for i := range 4 {
		host.mainStep([]string{"开始第一题", "下一题"}[min(i, 1)])
		host.mainStep("开放作答")
		host.until(`document.querySelector(".stem rt")?.offsetParent`)
		pupil.until(`document.querySelector(".question-stem rt")?.offsetParent`)
		item := fmt.Sprintf("item %d", i+1)
		host.accessible(item)
		pupil.accessible(item)
		host.mainStep("停止作答")
		host.step("公布答案", "已公布")
		pupil.says("正确答案")
		host.accessible(item + " revealed")
		pupil.accessible(item + " revealed")
	}
}

func TestScreensAreAccessible(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--addr", free(t), "--source", repository(t))
	b := openBrowserOn(t, p.url)
	for name, look := range map[string]func(w *tab){
		"practice": practiceStates, "search": searchStates, "story": storyStates, "reading": readingStates, "staff": staffStates,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := b.as(t).tab(1280, 800)
			w.media(still)
			look(w)
		})
	}
}

// practiceStates answers an item of each type, and one by one until an answer
// was right and one was wrong.
func practiceStates(w *tab) {
	w.open("/quizzes/what-is-bullying/")
	w.until(`document.querySelector("[data-practice] button")`)
	w.accessible("before practice")
	w.click("开始练习")
	seen := map[string]bool{}
	for {
		w.until(`document.querySelector("form.practice") || /练完了/.test(document.querySelector(".practice h3")?.textContent)`)
		if value[bool](w, `document.querySelector("form.practice") === null`) {
			break
		}
		kind := value[string](w, `document.querySelector(".question-place").textContent.split("·")[1].trim()`)
		if seen[kind] && seen["答对了"] && seen["这次没答对"] {
			w.click("先跳过")
			continue
		}
		if !seen[kind] {
			w.accessible("asks: " + kind)
		}
		value[bool](w, `(f => { const field = f.querySelector(".blank-field");
			if (field) { field.value = "不知道"; field.dispatchEvent(new Event("input")) } else f.querySelector("input")?.click();
			f.requestSubmit(); return true })(document.querySelector("form.practice"))`)
		w.until(`document.querySelector("section.practice h3")`)
		if said := value[string](w, `document.querySelector("section.practice h3").textContent`); !seen[kind] || !seen[said] {
			seen[kind], seen[said] = true, true
			w.accessible("says: " + kind + said)
		}
		value[bool](w, `document.querySelector(".practice .btn-primary").click() || true`)
	}
	w.accessible("done")
	if len(seen) < 9 { // six types; right, wrong and thanks
		w.t.Errorf("saw only %v", slices.Collect(maps.Keys(seen)))
	}
}

func searchStates(w *tab) {
	for query, found := range map[string]string{
		"":                   `!document.getElementById("search-idle").hidden`,
		"?q=外号":              `document.querySelectorAll("#search-hits mark").length`,
		"?q=外号&kind=lessons": `document.querySelector('.facet-value[aria-pressed="true"]')`,
		"?q=qqzzxx":          `!document.getElementById("search-none").hidden`,
		"?q=我不想活了":           `!document.getElementById("search-help").hidden`,
	} {
		w.open("/search/" + query)
		w.until(found)
		w.accessible("search " + query)
	}
	w.open("/search/?q=外号")
	w.until(`document.querySelectorAll("#search-hits mark").length`)
	offline(w, true)
	value[bool](w, `document.getElementById("search-form").requestSubmit() || true`)
	w.says("再搜一次")
	w.accessible("no line")
	offline(w, false)
}

// storyStates shows a passage and an ending of each kind.
func storyStates(w *tab) {
	for path, shown := range map[string][]string{
		"/scenarios/corridor/":          {":not(.ending)", ".good", ".fair", ".back"},
		"/scenarios/nickname-at-break/": {".good"}, // with pinyin
	} {
		for _, kind := range shown {
			w.open(path)
			w.until(`document.querySelector(".playing")`)
			value[bool](w, fmt.Sprintf(`(location.hash = document.querySelector(".passage%s").id) !== ""`, kind))
			w.until(fmt.Sprintf(`document.querySelector(".passage%s:not([hidden])")`, kind))
			w.accessible(path + " " + kind)
		}
	}
}

func readingStates(w *tab) {
	w.open("/lessons/")
	value[bool](w, `(picks => { for (const a of picks) for (const b of picks) {
		if (!document.querySelector("[data-empty]").hidden) return true;
		for (const p of picks) p.checked = p === a || p === b;
		a.dispatchEvent(new Event("change", { bubbles: true }));
	} return true })([...document.querySelectorAll(".pick input")])`)
	w.says("没有同时满足这些条件的内容")
	w.accessible("no lesson matches")
	w.open("/law/case-shoving/")
	w.until(`document.querySelector("a.cite[data-gist]")`)
	value[bool](w, `document.querySelector("main a.cite").focus() || true`)
	w.until(`document.querySelector(".cite-card")`)
	w.accessible("citation open")
	w.open("/policy/directory/")
	value[bool](w, `(i => { i.value = "南极"; i.dispatchEvent(new Event("input")); return true })(document.getElementById("lookup"))`)
	w.says("没有找到")
	w.accessible("nobody found")
	w.open("/parents/hurt-today/")
	value[bool](w, `(navigator.clipboard.writeText = async () => { throw new Error("no") }, document.execCommand = () => false, true)`)
	w.click("复制文字")
	w.says("请长按选择")
	w.accessible("text to copy")
}

func staffStates(w *tab) {
	w.open("/staff/")
	w.says("件事要做")
	w.accessible("tasks")
	w.open("/staff/card/")
	w.until(`document.getElementById("card-school-line-phone")`)
	w.accessible("card")
	value[bool](w, `(document.getElementById("card-school").value = "阳光镇学校") !== ""`)
	w.click("保存")
	w.says("请写核实日期")
	w.accessible("card with an error")
	w.open("/start/")
	w.says("建立管理员账号")
	w.accessible("first use")
	value[bool](w, `(f => { f.elements.name.value = "教务处"; f.elements.password.value = "一二三四五六七八九十"; f.requestSubmit(); return true })(
		document.querySelector(".start-form"))`)
	w.says("已登录")
	w.accessible("first account")
	w = w.tab(1280, 800) // somebody else
	w.media(still)
	w.open("/staff/")
	w.until(`document.querySelector(".start-form")`)
	w.accessible("sign in")
	value[bool](w, `(f => { f.elements.name.value = "教务处"; f.elements.password.value = "这不是我的密码啊啊啊"; f.requestSubmit(); return true })(
		document.querySelector(".start-form"))`)
	w.says("账号名或密码不对")
	w.accessible("wrong password")
}

// keyboard lets a tab be used by keys alone.
func (b *browser) keyboard(width, height int64) *tab {
	b.t.Helper()
	w := b.tab(width, height)
	w.media(still)
	if _, err := chromedp.Call(w.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		b.t.Fatal(err)
	}
	return w
}

// press sends a key in one piece, as a keyboard does: a page that stops it on its
// way down stops its letter, too. chromedp.KeyEvent sends the letter all the same.
func (w *tab) press(key string, modifiers ...chromedp.Modifier) {
	w.t.Helper()
	for _, r := range key {
		events := kb.Encode(r)
		if len(events) == 3 {
			events[0].Text, events[0].UnmodifiedText = events[1].Text, events[1].UnmodifiedText
			events = slices.Delete(events, 1, 2)
		}
		for _, event := range events {
			for _, m := range modifiers {
				event.Modifiers |= int64(m)
			}
			if _, err := chromedp.Call(w.ctx, input.DispatchKeyEvent, *event); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

const lost = "the focus is lost"

// focused is what has the focus: what a reader hears, and what is wrong with it.
type focused struct{ Name, Wrong string }

// lookAtFocus measures the element with the focus: a ring that can be seen, the
// whole of it inside the window, nothing above it. An input without a drawing of
// its own is drawn by its neighbour.
const lookAtFocus = `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
	const e = document.activeElement, drawn = getComputedStyle(e).opacity === "0" ? e.nextElementSibling : e;
	const heard = el => { const copy = el.cloneNode(true); copy.querySelectorAll("[aria-hidden]").forEach(x => x.remove()); return copy.textContent };
	const name = (e.getAttribute("aria-label") || heard(e.labels?.[0] || e) || e.value || e.id || e.localName).trim();
	const wrong = say => done({Name: name, Wrong: say});
	if (e === document.body) return wrong("` + lost + `");
	const ring = getComputedStyle(drawn);
	if (e.id !== "main" && (ring.outlineStyle === "none" || parseFloat(ring.outlineWidth) < 2)) return wrong("no ring");
	for (const r of drawn.getClientRects()) {
		const tall = r.height > innerHeight / 2;
		if (r.left < -1 || r.right > innerWidth + 1 || (!tall && (r.top < -1 || r.bottom > innerHeight + 1)))
			return wrong("outside the window: " + [r.left, r.top, r.right, r.bottom].map(Math.round));
		const x = (r.left + r.right) / 2, y = (r.top + r.bottom) / 2;
		if (!tall) for (const at of [[x, r.top + 3], [x, r.bottom - 3], [r.left + 3, y], [r.right - 3, y]]) {
			const top = document.elementFromPoint(...at);
			if (!top || !(top.contains(drawn) || (e.closest("label") || drawn).contains(top))) return wrong("under " + (top ? top.className || top.localName : "nothing"));
		}
	}
	wrong("");
})))`

// sees fails the test unless the element with the focus can be seen.
func (w *tab) sees() focused {
	w.t.Helper()
	on := value[focused](w, lookAtFocus)
	if on.Wrong != "" {
		report := w.t.Errorf
		if on.Wrong == lost {
			report = w.t.Fatalf
		}
		report("%s: on %.30q: %s", value[string](w, "location.pathname + location.hash"), on.Name, on.Wrong)
	}
	return on
}

// tabTo presses Tab until the focus is on what has this name.
func (w *tab) tabTo(name string) {
	w.t.Helper()
	for range 300 {
		w.press(kb.Tab)
		if strings.Contains(w.sees().Name, name) {
			return
		}
	}
	w.t.Fatalf("Tab never reached %s", name)
}

// backTo is tabTo with Shift.
func (w *tab) backTo(name string) {
	w.t.Helper()
	for range 300 {
		w.press(kb.Tab, chromedp.ModifierShift)
		if strings.Contains(w.sees().Name, name) {
			return
		}
	}
	w.t.Fatalf("Shift and Tab never reached %s", name)
}

// goOn presses a key on the host's main button, as often as it is too early.
func (w *tab) goOn(key, label string) {
	w.t.Helper()
	main := fmt.Sprintf(`(b => b === document.activeElement && b.textContent.includes(%q))(document.getElementById("main-step"))`, label)
	w.until(main)
	w.sees()
	for value[bool](w, main) {
		w.press(key)
		value[bool](w, fmt.Sprintf(`new Promise(done => { const look = n => n && %s ? setTimeout(look, 50, n - 1) : done(true); look(15) })`, main))
	}
}

// enter goes to what has this name and presses Enter.
func (w *tab) enter(name string) {
	w.t.Helper()
	w.tabTo(name)
	w.press(kb.Enter)
}

// TestKeyboardAlone uses the site without a mouse: everything is reached, and
// at each stop the focus is seen.
func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	p := servedPublic(t)
	b := openBrowserOn(t, p.url)
	for name, run := range map[string]func(*browser){
		"class": classByKeyboard, "pupil": pupilByKeyboard, "hands": handsByKeyboard, "story": storyByKeyboard, "list": listByKeyboard, "practice": practiceByKeyboard, "staff": staffByKeyboard,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(b.as(t))
		})
	}
}

func classByKeyboard(b *browser) {
	host := b.keyboard(1280, 800)
	host.open("/lessons/bystander-choices/")
	host.press(kb.Tab)
	if first := host.sees().Name; first != "跳到正文" {
		b.t.Errorf("the first stop is %q", first)
	}
	host.press(kb.Enter)
	host.until(`document.activeElement.id === "main"`)
	host.enter("课堂答题")
	host.says("这节课的 3 道题")
	host.tabTo("大屏举手")
	for _, mode := range []string{"大屏分队", "纸卡", "学生设备"} {
		host.press(kb.ArrowDown)
		if on := host.sees().Name; !strings.Contains(on, mode) {
			b.t.Errorf("the arrow leads to %q", on)
		}
	}
	host.tabTo("不限时")
	host.tabTo("开始")
	host.press(kb.Enter)
	host.until(`document.querySelector(".lobby-qr")`)

	pupil := b.keyboard(360, 740)
	pupil.open("/join/")
	pupil.until(`document.activeElement.id === "code"`)
	pupil.sees()
	for _, digit := range value[string](host, "location.hash.slice(1)") {
		pupil.press(string(digit))
	}
	pupil.says("你是几号")
	pupil.sees() // on the heading
	pupil.tabTo("1 号")
	pupil.press(" ")
	for range 20 {
		pupil.press(kb.ArrowRight)
		pupil.sees()
	}
	pupil.enter("坐 21 号")
	pupil.says("你已经进来了")
	pupil.sees()

	host.enter("座位")
	host.until(`document.getElementById("seats-card").open`)
	host.backTo("移出 21 号") // without a mouse, too
	host.press(kb.Escape)
	host.goOn(kb.Enter, "开始第一题")
	for item := range 3 {
		host.says(fmt.Sprintf("第 %d 题，共 3 题", item+1))
		host.goOn(kb.Enter, "开放作答")
		pupil.until(`document.querySelector("form.question")`)
		pupil.sees()
		pupil.tabTo("：")
		if item == 0 { // one name for the board
			for !strings.Contains(pupil.sees().Name, "老师或大人") {
				pupil.press(kb.ArrowDown)
			}
		}
		pupil.press(" ")
		pupil.enter("提交")
		pupil.says("已收到")
		pupil.sees()
		if item == 0 {
			host.backTo("暂停")
			host.press(" ")
			host.goOn(" ", "继续作答")
		}
		host.goOn(kb.Enter, "停止作答")
		host.goOn(kb.Enter, "公布")
		pupil.until(`/答对了|这次没答对|谢谢你的看法/.test(document.body.innerText)`)
		pupil.sees()
		if item == 0 {
			host.press("h")
			host.until(`document.getElementById("help-card").open`)
			host.sees()
			host.press(kb.Escape)
			host.until(`document.activeElement.id === "main-step"`)
			host.backTo("求助")
			host.press(kb.Enter)
			host.until(`document.getElementById("help-card").open`)
			host.sees()
			host.press(kb.Enter)
			host.until(`document.activeElement.id === "main-step"`)
		}
		host.goOn(kb.Enter, []string{"下一题", "下一题", "结束，看全班成绩"}[item])
	}
	host.says("谢谢大家的认真")
	host.sees()
	host.tabTo("隐藏名单")
	host.press(kb.Enter)
	host.until(`document.activeElement.textContent === "显示名单"`)
	host.sees()
	pupil.leavesSeat()
}

// leavesSeat goes from the end of a quiz back to the door.
func (w *tab) leavesSeat() {
	w.t.Helper()
	w.says("今天的答题结束了")
	w.sees()
	w.enter("离开座位")
	w.until(`document.activeElement.id === "code"`)
}

// pupilByKeyboard answers every type of item.
func pupilByKeyboard(b *browser) {
	host := b.tab(1280, 800)
	host.open("/host/?quiz=what-is-bullying&items=" + allTypes)
	host.click("学生设备")
	host.click("开始")
	host.until(`document.querySelector(".lobby-qr")`)
	w := b.keyboard(360, 740)
	w.open("/join/#" + value[string](host, "location.hash.slice(1)"))
	w.says("你是几号")
	w.enter("给我起个昵称")
	w.says("你已经进来了")
	w.sees()
	host.mainStep("开始第一题")
	for i, kind := range []string{"选一个", "判断对错", "可以选几个", "填一填", "排顺序", "说说看法"} {
		if i > 0 {
			host.mainStep("下一题")
		}
		host.says(kind)
		host.mainStep("开放作答")
		w.until(`document.querySelector("form.question")`)
		w.sees()
		switch kind {
		case "填一填":
			w.tabTo("你的答案")
			w.press("悄")
		case "排顺序":
			w.tabTo("下移")
			moved := value[string](w, `document.activeElement.getAttribute("aria-label")`)
			w.press(kb.Enter)
			if on := w.sees().Name; on != moved {
				b.t.Errorf("after %q the focus is on %q", moved, on)
			}
			for range 9 { // to the end, where only the way up is left
				w.press(" ")
				w.sees()
			}
		case "可以选几个":
			w.tabTo("B：")
			w.press(" ")
			w.backTo("A：")
			w.press(" ")
		default:
			w.tabTo("A：")
			w.press(kb.ArrowDown)
			w.sees()
		}
		w.enter("提交")
		w.says("已收到")
		w.sees()
		host.mainStep("停止作答")
		host.mainStep("公布")
		w.until(`/答对了|这次没答对|谢谢你的看法/.test(document.body.innerText)`)
		w.sees()
	}
	host.mainStep("结束，看全班成绩")
	w.leavesSeat()
}

// handsByKeyboard counts hands without a mouse.
func handsByKeyboard(b *browser) {
	w := b.keyboard(1280, 800)
	w.open("/host/?quiz=what-is-bullying&items=" + allTypes)
	w.says("这节课的 6 道题")
	w.enter("开始")
	w.says("看题，想一想")
	w.tabTo("开始第一题")
	w.goOn(kb.Enter, "开始第一题")
	w.goOn(kb.Enter, "开始举手")
	w.until(`document.querySelector(".hand-n")`)
	w.backTo("B 举手人数")
	w.press("7")
	w.press(kb.Enter) // back to the main button
	if on := w.sees().Name; on != "停止举手" {
		b.t.Errorf("after the figure the focus is on %q", on)
	}
	w.press("h")
	w.tabTo("字母键")
	w.press(" ") // letters off, for who speaks to the computer
	w.press(kb.Escape)
	w.until(`document.activeElement.id === "main-step"`)
	for _, letter := range []string{"b", "h", "."} {
		w.press(letter)
		if value[bool](w, `!document.getElementById("blank").hidden || document.getElementById("help-card").open`) {
			b.t.Errorf("the key %s does something although letters are switched off", letter)
		}
	}
	w.backTo("求助")
	w.press(kb.Enter)
	w.until(`document.getElementById("help-card").open`)
	w.tabTo("字母键")
	w.press(" ")
	w.press(kb.Escape)
	w.press("b")
	w.until(`!document.getElementById("blank").hidden`)
	w.press(" ")
	w.until(`document.getElementById("blank").hidden`)
	w.sees()
	w.goOn(" ", "停止举手")
	w.goOn(" ", "公布答案")
	w.until(`document.querySelectorAll(".opt-card-count")[1].textContent === "7"`)
	w.backTo("未成年人保护法") // the law behind the answer
	w.enter("结束")
	w.sees()
	w.press(kb.Enter)
	w.says("谢谢大家的认真")
	w.sees()
	w.enter("再来一次")
	w.says("一共")
}

// storyByKeyboard plays to an ending, steps back, and starts again.
func storyByKeyboard(b *browser) {
	for _, width := range []int64{360, 1280} {
		w := b.keyboard(width, 740)
		w.open("/scenarios/nickname-at-break/")
		first := value[string](w, `document.querySelector(".passage:not([hidden])").id`)
		for range 12 {
			w.press(kb.Tab)
			for !value[bool](w, `document.activeElement.matches(".choices a, .help-card a")`) {
				w.sees()
				w.press(kb.Tab)
			}
			w.sees()
			if value[bool](w, `document.activeElement.matches(".help-card a")`) {
				break // an ending has no choices
			}
			on := value[string](w, `document.activeElement.hash.slice(1)`)
			w.press(kb.Enter)
			w.until(fmt.Sprintf(`document.activeElement.id === decodeURIComponent(%q)`, on))
			w.sees()
		}
		w.until(`document.querySelector(".passage:not([hidden])").classList.contains("ending")`)
		w.backTo("退一步")
		w.press(" ")
		w.until(`!document.querySelector(".passage:not([hidden])").classList.contains("ending")`)
		w.sees()
		w.backTo("从头再来")
		w.press(kb.Enter)
		w.until(fmt.Sprintf(`document.activeElement.id === %q`, first))
		w.sees()
	}
}

func listByKeyboard(b *browser) {
	w := b.keyboard(1280, 800)
	w.open("/lessons/")
	w.tabTo("小学低年级")
	w.press(" ")
	w.until(`document.querySelector("[data-card][hidden]")`)
	w.sees()
	w.enter("全部显示")
	w.until(`!document.querySelector("[data-card][hidden]")`)
	w.sees()
	w.backTo("A++")
	w.press(kb.Enter)
	w.until(`document.documentElement.dataset.size === "3"`)
	for range 30 {
		w.press(kb.Tab)
		w.sees()
	}
	w.open("/search/?q=" + url.QueryEscape("外号"))
	w.until(`document.querySelectorAll("#search-hits mark").length`)
	w.tabTo("课程")
	w.until(`document.querySelectorAll(".facet-value").length`)
	for !strings.HasPrefix(w.sees().Name, "课程") || !value[bool](w, `document.activeElement.matches(".facet-value")`) {
		w.press(kb.Tab)
	}
	w.press(" ")
	w.until(`document.activeElement.getAttribute("aria-pressed") === "true"`)
	w.sees()
	w.enter("再看 10 个")
	w.until(`document.activeElement.closest(".hit")`)
	w.sees()
}

func practiceByKeyboard(b *browser) {
	w := b.keyboard(360, 740)
	w.open("/quizzes/body-and-help/")
	w.until(`document.querySelector("[data-practice] button")`)
	w.enter("开始练习")
	w.until(`document.querySelector("form.practice")`)
	w.sees()
	w.tabTo("A：")
	w.press(" ")
	w.enter("看看对不对")
	w.until(`document.querySelector("section.practice")`)
	w.sees()
	w.enter("下一题")
	w.until(`document.querySelector("form.practice")`)
	w.sees()
	for !value[bool](w, `document.activeElement.closest(".practice").textContent.includes("练完了")`) {
		w.enter("先跳过")
		w.sees()
	}
	w.enter("从头再练")
	w.sees()
	w.enter("开始练习")
	w.sees()
}

// staffByKeyboard makes a mistake at the door: the button keeps the focus.
func staffByKeyboard(b *browser) {
	w := b.keyboard(1280, 800)
	w.open("/staff/")
	w.until(`document.querySelector(".start-form")`)
	w.tabTo("账号名")
	w.press("wang")
	w.tabTo("密码")
	w.press("not my password")
	w.enter("登录")
	w.says("账号名或密码不对")
	if on := w.sees().Name; on != "登录" {
		b.t.Errorf("after a wrong password the focus is on %q", on)
	}
}

// TestForcedColours looks at what must differ where the system chooses the
// colours.
func TestForcedColours(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).keyboard(1280, 800)
	w.media(still, "forced-colors: active", "prefers-color-scheme: dark")
	differ := func(what, a, b string) {
		t.Helper()
		if same := value[bool](w, fmt.Sprintf(`(look => look(%q) === look(%q))(selector => {
			const e = document.querySelector(selector), s = getComputedStyle(e), line = side => [s[side + "Width"] !== "0px" && s[side + "Style"], s[side + "Color"], s[side + "Width"]];
			return [s.visibility, e.matches("svg") && s.stroke].concat(...["borderTop", "borderBottom", "outline"].map(line).filter(l => l[0] && l[0] !== "none")).join() })`, a, b)); same {
			t.Errorf("%s looks like what it is not", what)
		}
	}
	w.open("/lessons/")
	differ("the open section", ".site-nav [aria-current]", ".site-nav a:not([aria-current])")
	differ("the chosen text size", `.size-switch [aria-pressed="true"]`, `.size-switch [aria-pressed="false"]`)
	w.tabTo("小学低年级")
	differ("the focus", ".pick input:focus + span", ".pick input:not(:focus) + span")
	w.press(" ")
	w.press(kb.Tab)
	differ("the chosen filter", ".pick input:checked + span", ".pick input:not(:checked):not(:focus) + span")

	w.open("/help/")
	differ("an emergency number", ".dial a", ".lead")
	w.open("/search/?q=" + url.QueryEscape("外号") + "&kind=lessons")
	w.until(`document.querySelector('.facet-value[aria-pressed="true"]')`)
	differ("the chosen facet", `.facet-value[aria-pressed="true"]`, `.facet-value[aria-pressed="false"]`)

	w.open("/host/?quiz=what-is-bullying&items=def-times,bystander-order")
	w.until(`document.querySelectorAll(".open-choice").length > 3`)
	differ("the chosen way", ".open-choice input:checked + .open-face", ".open-choice input:not(:checked) + .open-face")
	w.click("学生设备")
	w.click("开始")
	w.until("/^#[0-9]{6}$/.test(location.hash)")
	host, code := w, value[string](w, "location.hash.slice(1)")
	w = w.tab(360, 740)
	w.media(still, "forced-colors: active", "prefers-color-scheme: dark")
	w.open("/join/#" + code)
	w.says("你是几号")
	value[bool](w, `document.querySelector('input[name="seat"][value="7"]').click() || true`)
	differ("the chosen seat", ".seat-cell input:checked + span", ".seat-cell input:not(:checked) + span")
	w.sit(code, 7)
	host.mainStep("开始第一题")
	host.mainStep("开放作答")
	w.until(`document.querySelectorAll(".reply").length`)
	value[bool](w, `document.querySelector(".reply input").click() || true`)
	differ("the chosen answer", ".reply input:checked + .reply-face", ".reply input:not(:checked) + .reply-face")
	differ("the tick", ".reply input:checked + .reply-face .reply-tick", ".reply input:not(:checked) + .reply-face .reply-tick")
	host.mainStep("停止作答")
	host.step("公布答案", "正确")
	w = host
	differ("the right answer", ".opt-card-right", ".opt-card-other")
	host.mainStep("下一题")
	host.mainStep("开放作答")
	w = w.tab(360, 740) // somebody else
	w.media(still, "forced-colors: active")
	w.open("/join/#" + code)
	w.click("给我起个昵称")
	w.until(`document.querySelector(".order-move[disabled]")`)
	differ("a button that cannot be pressed", ".order-move[disabled] .icon", ".order-move:not([disabled]) .icon")
}

// voices stands in for the voices of a device, which a test machine lacks. It
// notes what is said; done() ends the sentence.
const voices = `(() => {
	window.said = [];
	let now = null;
	const synth = { getVoices: () => JSON.parse(sessionStorage.getItem("voices")), onvoiceschanged: null,
		speak(u) { now = u; said.push(u.text.trim()) }, cancel() { now = null; sessionStorage.setItem("hushed", window.event?.type) } };
	window.done = () => now.onend();
	window.silent = () => now === null;
	Object.defineProperty(window, "speechSynthesis", { value: synth });
	window.SpeechSynthesisUtterance = function (text) { this.text = text };
	if (!sessionStorage.getItem("voices")) sessionStorage.setItem("voices", "[]");
})()`

// TestPagesAreReadAloud with the device's own voice only, by keyboard.
func TestPagesAreReadAloud(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).keyboard(360, 740)
	if _, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: voices}); err != nil {
		t.Fatal(err)
	}
	for _, had := range []string{`[]`, `[{"lang": "zh-CN", "localService": false}]`, `[{"lang": "en-US", "localService": true}]`, `[{"lang": "zh-HK", "localService": true}]`} {
		w.open("/help/")
		value[bool](w, fmt.Sprintf(`sessionStorage.setItem("voices", %q) || true`, had))
		w.open("/help/")
		if value[bool](w, `document.querySelector("[data-speak]").offsetParent !== null`) {
			t.Errorf("offers to read with the voices %s", had)
		}
	}
	// Voices may come late.
	value[bool](w, `(sessionStorage.setItem("voices", '[{"lang": "zh-CN", "localService": true}]'), speechSynthesis.onvoiceschanged(), true)`)
	w.until(`document.querySelector("[data-speak]").offsetParent`)

	for _, path := range []string{"/scenarios/nickname-at-break/", "/parents/first-talk/", "/law/case-shoving/", "/laws/wcnrbhf/", "/help/", "/help/card/"} {
		w.open(path)
		w.tabTo("读给我听")
		w.press(kb.Enter)
		w.until(`said.length === 1`)
		if on := w.sees().Name; on != "停一下" {
			t.Errorf("%s: while it reads the button says %q", path, on)
		}
		if path == "/scenarios/nickname-at-break/" || path == "/help/" {
			w.accessible(path + " read aloud")
		}
		for !value[bool](w, `(done(), silent())`) {
			w.until(`document.querySelectorAll(".spoken").length === 1`)
		}
		w.complains(path, `said.filter(s => /[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]/.test(s)).map(s => "reads pinyin: " + s)`)
		w.complains(path, `said.filter(s => s.length > 300).map(s => "in one piece: " + s)`)
		if value[bool](w, `said.join("").length < 60 || document.querySelector(".spoken") !== null`) {
			t.Errorf("%s: reads %v", path, value[[]string](w, "said"))
		}
	}

	w.open("/help/")
	w.enter("读给我听")
	w.until(`said.length`)
	value[bool](w, `[1, 2, 3].forEach(done) || true`)
	if numbers := value[string](w, `said[3].replace(/\s/g, " ")`); !strings.Contains(numbers, "1 2 0") {
		t.Errorf("reads a telephone number as %q", numbers)
	}
	w.press(" ") // stops
	w.until(`silent() && !document.querySelector(".spoken")`)
	w.press(" ") // goes on with the same piece
	w.until(`said.length === 5 && said[3] === said[4] && document.querySelector(".spoken")`)
	w.enter("不读了")
	w.until(`silent()`)
	if on := w.sees().Name; on != "读给我听" {
		t.Errorf("afterwards the focus is on %q", on)
	}
	w.press(kb.Enter) // from the beginning
	w.until(`said.length === 6 && said[5] === said[0]`)
	w.backTo("快速离开")
	w.press(kb.Enter)
	w.until(`location.pathname === "/exit/"`)
	if hushed := value[string](w, `sessionStorage.getItem("hushed")`); hushed != "pagehide" {
		t.Error("goes on reading when the page is left")
	}

	// A story goes on in the passage that is chosen, while it reads.
	w.open("/scenarios/nickname-at-break/")
	w.enter("读给我听")
	w.until(`said.length`)
	first := value[string](w, `said[0]`)
	w.enter("走到窗边去") // a choice
	w.until(fmt.Sprintf(`said.length === 2 && said[1] !== %q && document.querySelector(".passage:not([hidden]) .spoken")`, first))
}
