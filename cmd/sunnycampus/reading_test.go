package main

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// touch taps an element with a finger, once the page stands still.
func (w *tab) touch(selector string) {
	w.t.Helper()
	at := w.middle(selector)
	for _, event := range []input.DispatchTouchEventParams{
		{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: at[0], Y: at[1]}}},
		{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}},
	} {
		if _, err := chromedp.Call(w.ctx, input.DispatchTouchEvent, event); err != nil {
			w.t.Fatal(err)
		}
	}
}

// middle brings an element into sight and tells where it stands.
func (w *tab) middle(selector string) []float64 {
	w.t.Helper()
	return value[[]float64](w, fmt.Sprintf(`new Promise(done => { const e = document.querySelector(%q);
		e.scrollIntoView({ block: "center", behavior: "instant" });
		requestAnimationFrame(() => requestAnimationFrame(() => { const r = e.getClientRects()[0]; done([r.left + r.width / 2, r.top + r.height / 2]) })) })`, selector))
}

func (w *tab) withTouch() {
	w.t.Helper()
	if _, err := chromedp.Call(w.ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: 1}); err != nil {
		w.t.Fatal(err)
	}
}

// TestCitationsExplainThemselves by touch, by keyboard, and without a script.
func TestCitationsExplainThemselves(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)

	w := b.tab(360, 740)
	w.withTouch()
	w.open("/law/case-shoving/")
	w.until(`document.querySelector("a.cite[data-gist]")`)
	w.touch("main a.cite")
	w.until(`document.querySelector(".cite-card")`)
	if inside := value[bool](w, `(r => r.left >= 0 && r.right <= innerWidth && location.pathname.endsWith("/case-shoving/"))(
		document.querySelector(".cite-card").getBoundingClientRect())`); !inside {
		t.Error("the gist is off the screen, or the tap left the page")
	}
	w.touch(".cite-card a")
	w.until(`location.pathname.startsWith("/laws/") && document.getElementById(decodeURIComponent(location.hash.slice(1)))`)

	w = b.tab(1280, 800)
	w.open("/law/case-shoving/")
	w.until(`document.querySelector("a.cite[data-gist]")`)
	value[bool](w, `document.querySelector("main a.cite").focus() || true`)
	w.until(`document.querySelector(".cite-card") && document.activeElement.getAttribute("aria-describedby") === "cite-gist"`)
	w.key("\u001b")
	w.until(`!document.querySelector(".cite-card")`)

	w = b.tab(360, 740)
	if _, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	w.open("/law/case-shoving/")
	if plain := value[bool](w, `(a => a.title.length > 5 && a.pathname.startsWith("/laws/") && a.hash.length > 1)(document.querySelector("main a.cite"))`); !plain {
		t.Error("without a script a citation has no title or leads nowhere")
	}
}

// TestListsAreCopiedAsTheyAreKept: what the button copies is what the file
// holds, where the browser allows a copy and where it refuses.
func TestListsAreCopiedAsTheyAreKept(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(360, 740)
	w.open("/parents/hurt-today/")
	value[bool](w, `(navigator.clipboard.writeText = async text => { window.copied = text }) && true`)
	w.click("复制文字")
	w.says("已复制")
	copied := value[string](w, `window.copied`)
	for _, want := range []string{"【现在】", "1. ", "10. ", "110", "看看有没有更新"} {
		if !strings.Contains(copied, want) {
			t.Errorf("copied without %q:\n%s", want, copied)
		}
	}
	if strings.Contains(copied, "127.0.0.1") {
		t.Errorf("an address of this machine goes into the chat:\n%s", copied)
	}
	_, kept := p.get("/parents/hurt-today/list.txt")
	if line := "10. "; lineWith(kept, line) != lineWith(copied, line) {
		t.Errorf("the file says %q, the copy %q", lineWith(kept, line), lineWith(copied, line))
	}
	w.open("/parents/hurt-today/")
	value[bool](w, `(navigator.clipboard.writeText = async () => { throw new Error("no") }, document.execCommand = () => false, true)`)
	w.click("复制文字")
	w.says("请长按选择")
	w.until(`document.querySelector("[data-plain] textarea").offsetParent && document.querySelector("[data-plain] textarea").selectionEnd > 100`)
}

func lineWith(text, word string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, word) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// TestSchoolFillsInItsCard from the form to the help page and the printed card,
// over a restart.
func TestSchoolFillsInItsCard(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), free(t)
	p := start(t, dir, "--addr", addr, "--source", repository(t))
	if _, page := p.get("/help/"); !strings.Contains(page, "本校的电话还没有填在这里") {
		t.Error("an empty card does not say so")
	}
	w := openBrowserOn(t, p.url).tab(1280, 900)
	w.open("/staff/")
	w.says("还没有填写本校联系卡")
	w.click("填写本校联系卡")
	w.until(`document.getElementById("card-school-line-phone")`)
	fill := func(id, text string) {
		value[bool](w, fmt.Sprintf(`(document.getElementById(%q).value = %q) !== null`, id, text))
	}
	fill("card-school", "阳光镇<b>实验</b>学校")
	fill("card-school-line-phone", "办公室打")
	fill("card-counsellor-name", "李老师")
	fill("card-counsellor-place", "一楼心理室")
	w.click("保存")
	w.says("请写核实日期")
	fill("card-checked", "2026-11-02")
	w.click("保存")
	w.says("不像一个电话号码")
	fill("card-school-line-phone", "0451—1234 5678")
	w.click("保存")
	w.says("已经保存")
	for round := range 2 {
		_, page := p.get("/help/")
		for _, want := range []string{"阳光镇&lt;b", `href="tel:045112345678"`, "0451-1234 5678", "一楼心理室", "2026年11月2日核实"} {
			if !strings.Contains(page, want) {
				t.Errorf("round %d: the help page does not show %q", round, want)
			}
		}
		if _, page := p.get("/help/card/"); strings.Count(page, "0451-1234 5678") != 8 {
			t.Errorf("round %d: not all eight cards hold the number", round)
		}
		if round == 0 {
			p.kill()
			p = start(t, dir, "--addr", addr, "--source", repository(t))
		}
	}
}

func TestDirectoryIsSearched(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(360, 740)
	w.open("/policy/directory/")
	w.says("共 14 个")
	value[bool](w, `(i => { i.value = "绥化"; i.dispatchEvent(new Event("input")); return true })(document.getElementById("lookup"))`)
	w.says("共 1 个")
	w.says("0455—8388596")
	if value[bool](w, `document.querySelector(".directory a[href^='tel:']") !== null`) {
		t.Error("an unverified number can be called")
	}
	value[bool](w, `(i => { i.value = "南极"; i.dispatchEvent(new Event("input")); return true })(document.getElementById("lookup"))`)
	w.says("没有找到")
}

// TestStaticSiteTakesItsCardFromAFile: no server, no form.
func TestStaticSiteTakesItsCardFromAFile(t *testing.T) {
	source := copySource(t)
	write(t, source+"/content/data/card.yaml", "school: 一中\ncounty: 甲县\nchecked_on: \"2026-11-02\"\nlines:\n"+
		"  - {role: county-office, name: 安全科, phone: 0451-1111 2222, place: \"\", hours: \"\"}\n")
	page, err := fs.ReadFile(buildSite(t, source), "help/index.html")
	if err != nil || !strings.Contains(string(page), `href="tel:045111112222"`) {
		t.Errorf("the card of the file is not shown: %v", err)
	}
}

// TestPinyinCanBeSwitchedOff on a story, in practice, on the wall and on a
// pupil's phone; what one chooses stays.
func TestPinyinCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	const seen = `[...document.querySelectorAll("main rt")].filter(e => e.offsetParent !== null).length`
	const hidden = `document.querySelectorAll("main rt").length > 0 && ` + seen + ` === 0`

	w := b.tab(360, 740)
	w.open("/lessons/joking-or-bullying/") // a teacher reads it: only offered
	if n := value[int](w, `document.querySelectorAll("rt").length`); n > 0 {
		t.Errorf("a teacher's page brings %d readings unasked", n)
	}
	w.until(`document.documentElement.classList.contains("no-pinyin")`) // else its lines stand apart for readings
	w.click("看拼音")
	w.until(`location.pathname.endsWith("/pinyin.html") && ` + seen + ` > 100`)
	w.click("不看拼音")
	w.until(`location.pathname === "/lessons/joking-or-bullying/"`)
	w.open("/scenarios/nickname-at-break/")
	w.until(seen + ` > 50`)
	if spoken := value[bool](w, `[...document.querySelectorAll("rt")].every(e => e.getAttribute("aria-hidden") === "true")`); !spoken {
		t.Error("a screen reader would read the text twice")
	}
	w.open("/quizzes/body-and-help/")
	w.click("开始练习")
	w.until(`document.querySelector(".question-stem rt")?.offsetParent && document.querySelector(".reply-text rt")`)
	w.click("不看拼音")
	w.until(hidden)
	w.open("/scenarios/nickname-at-break/")
	w.until(hidden)
	w.click("看拼音")
	w.until(seen + ` > 50`)

	wall := b.tab(1920, 1080)
	wall.open("/host/?quiz=body-and-help&items=stop-tickle,stop-laugh")
	wall.click("大屏举手")
	wall.click("开始")
	wall.mainStep("开始第一题")
	wall.until(`document.querySelector(".stem rt")?.offsetParent && document.querySelector(".opt-card-text rt")`)
	small := value[float64](wall, `parseFloat(getComputedStyle(document.querySelector(".opt-card-text")).fontSize)`)
	if small < 32 {
		t.Errorf("options are %.0f px on a 1080p projector, want at least 32", small)
	}
	wall.click("不看拼音")
	wall.until(hidden)
	wall.open(hostPath) // older pupils use this bank, too
	wall.click("大屏举手")
	wall.click("开始")
	wall.mainStep("开始第一题")
	wall.until(hidden)
}

// TestReadPagesStayReadableOffline takes the server away from a reader.
func TestReadPagesStayReadableOffline(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--addr", free(t), "--source", repository(t))
	w := openBrowserOn(t, p.url).tab(360, 740)
	w.open("/")
	w.until(`navigator.serviceWorker.controller`)
	w.open("/lessons/four-points/?from=search")
	w.says("欺凌的四个要点")
	p.kill()
	w.open("/lessons/four-points/")
	w.says("欺凌的四个要点")
	w.until(`document.styleSheets.length > 0 && document.documentElement.classList.contains("js")`)
	w.open("/parents/first-talk/") // never read
	w.says("现在连不上网")
	w.until(`document.querySelector('a[href="tel:110"]')`)
	w.click("怎么找人帮忙")
	w.says("先找身边的大人")
	if live := value[bool](w, `caches.open("sunny-1").then(c => c.keys()).then(k => k.some(r => /\/(api|host|join|search|staff)\//.test(r.url)))`); live {
		t.Error("a live screen or an interface is kept")
	}
}
