package main

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stopClock opens pages at 10:00 on a day; minutes pass only by pass.
func (w *tab) stopClock() { w.t.Helper(); w.clockAt("Real.UTC(2026, 10, 27, 2)") }

// clockAt opens pages at a time, and minutes pass only by pass.
func (w *tab) clockAt(time string) {
	w.t.Helper()
	script := `{ const Real = Date, start = ` + time + `;
		const kept = () => Number(localStorage.getItem("test.minutes") || 0);
		Date = class extends Real { constructor(...a) { a.length ? super(...a) : super(Date.now()) } static now() { return start + kept() * 60000 } } }`
	if _, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *tab) pass(minutes float64) {
	w.t.Helper()
	value[bool](w, fmt.Sprintf(`localStorage.setItem("test.minutes", Number(localStorage.getItem("test.minutes") || 0) + %v) || true`, minutes))
}

// at waits until the screen shows a step and returns what can be read on it.
func (w *tab) at(title string) string {
	w.t.Helper()
	w.until(fmt.Sprintf(`(h => { const bare = h.cloneNode(true); bare.querySelectorAll("rt").forEach(e => e.remove()); return bare.textContent.includes(%q) })(document.querySelector(".hosting .slide:not([hidden]) h2"))`, title))
	return value[string](w, `document.querySelector(".slide:not([hidden])").innerText`)
}

// on presses a key as a hand does, not twice in one breath.
func (w *tab) on(key string) {
	w.t.Helper()
	w.until(`performance.now() - (window.pressedAt || -1000) > 300`)
	value[bool](w, `(window.pressedAt = performance.now()) > 0`)
	w.press(key)
}

var spokenByTeacher = regexp.MustCompile(`(?m)^> \[!(?:老师说|备选|安全)\]\n((?:>.*\n?)+)`)

// TestLessonIsRunByKeys runs a whole lesson on the projector with a clicker's
// keys: pieces one by one, the time, a late lesson, a reload, the record.
func TestLessonIsRunByKeys(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	w := b.keyboard(1920, 1080)
	w.stopClock()
	w.open("/lessons/four-points/")
	w.click("投屏上课")
	w.at("欺凌的四个要点")

	w.on(kb.PageDown)
	if text := w.at("三件事，一样吗"); strings.Contains(text, "里面不一样") {
		t.Error("the answer is there before it is revealed")
	}
	w.until(`document.getElementById("timer").textContent === "4:00"`)
	w.pass(3.5)
	w.until(`document.getElementById("timer").textContent === "0:30" && document.getElementById("timer").classList.contains("timer-late")`)
	w.pass(1)
	w.until(`document.getElementById("timer").textContent === "超 0:30"`)
	w.click("加 1 分钟")
	w.until(`document.getElementById("timer").textContent === "0:30"`)
	w.pass(3)
	w.until(`document.getElementById("drift").textContent === "慢 3 分钟，建议跳过第 7 步"`)

	w.on(" ")
	w.until(`/里面不一样/.test(document.querySelector(".slide:not([hidden])").innerText)`)
	w.on(kb.ArrowRight)
	w.at("十张纸，四个格子")
	w.pass(4) // of ten
	w.until(`document.getElementById("timer").textContent === "6:00"`)
	w.on(" ")

	// After a reload the class goes on where it was.
	w.reload()
	w.at("十张纸，四个格子")
	w.until(`document.getElementById("timer").textContent === "6:00" && !document.querySelector(".slide:not([hidden]) .yet")`)
	w.pass(6)
	w.on(kb.PageDown)
	w.at("四句问话，四个动作")
	w.on(kb.PageUp)
	w.at("十张纸，四个格子")
	w.on(kb.PageDown)
	w.at("四句问话，四个动作")
	w.pass(7)

	// A screen that goes black, and the numbers to call, one key away.
	w.on("b")
	w.until(`!document.getElementById("blank").hidden`)
	w.on("x")
	w.until(`document.getElementById("blank").hidden`)
	w.on("h")
	w.until(`document.getElementById("help-card").open`)
	w.says("12356")
	w.on("h")
	w.until(`!document.getElementById("help-card").open`)

	// Hands, a number, a timer.
	w.on("c")
	w.until(`document.getElementById("count-card").open`)
	for _, key := range []string{"1", "1", "2", "3", "1"} {
		w.press(key)
	}
	w.until(`[...document.querySelectorAll("#count-rows strong")].map(e => e.textContent).join() === "3,1,1"`)
	w.on(kb.Escape)
	w.on("g")
	value[bool](w, `(f => { f.value = 3; f.dispatchEvent(new Event("change")); return true })(document.getElementById("pick-most"))`)
	drawn := map[string]bool{}
	for range 3 {
		value[bool](w, `document.getElementById("pick-one").click() || true`)
		drawn[value[string](w, `document.getElementById("pick-number").textContent`)] = true
	}
	if len(drawn) != 3 || !drawn["1"] || !drawn["2"] || !drawn["3"] {
		t.Errorf("three of three numbers drawn: %v", drawn)
	}
	value[bool](w, `document.getElementById("pick-one").click() || true`)
	w.says("都抽过一遍了")
	w.on(kb.Escape)
	w.on("t")
	w.click("2 分钟")
	w.on(kb.Escape)
	w.pass(1.5)
	w.until(`document.getElementById("time-left").textContent === "0:30"`)
	w.pass(.5)
	w.until(`document.getElementById("time-left").textContent === "时间到"`)

	// To the quiz and back to the same step.
	w.click("答题")
	w.until(`location.pathname === "/host/"`)
	w.says("什么是学生欺凌")
	w.says("这节课的 3 道题")
	w.pass(1)
	w.click("回到课上")
	w.at("四句问话，四个动作")

	for _, title := range []string{"再放一次", "只说看见的", "小法官，下班啦", "大屏答题", "下课小条", "上课记录"} {
		for range 30 { // the pieces of a step, or further down
			if value[bool](w, fmt.Sprintf(`document.querySelector(".slide:not([hidden]) h2").innerText.includes(%q)`, title)) {
				break
			}
			w.on(kb.PageDown)
		}
		text := w.at(title)
		switch title {
		case "再放一次":
			w.pass(8)
		case "下课小条":
			if !strings.Contains(text, "四句问话，你记住了哪几句") || !strings.Contains(text, "12356") {
				t.Errorf("the end says %s", text)
			}
		case "上课记录":
			for _, want := range []string{"2026年11月27日", "计划 40 分钟", "1. 三件事，一样吗\t4 分\t8 分", "2. 十张纸，四个格子\t10 分\t10 分", "4. 再放一次\t8 分\t8 分", "7. 大屏答题\t6 分\t没有上"} {
				if !strings.Contains(text, want) {
					t.Errorf("the record lacks %q:\n%s", want, text)
				}
			}
		}
	}
	if n := w.pages(); n != 1 {
		t.Errorf("the record prints on %d pages", n)
	}

	// The next class begins anew; one that was cut off can go on.
	w.open("/lessons/four-points/screen.html")
	w.at("欺凌的四个要点")
	if value[bool](w, `!document.querySelector("[data-again]").hidden`) {
		t.Error("a lesson that is over is offered again")
	}
	value[bool](w, `document.querySelectorAll(".path a")[4].click() || true`)
	w.at("只说看见的")
	w.open("/lessons/four-points/screen.html?again")
	w.at("欺凌的四个要点")
	w.click("接着上：")
	w.at("只说看见的")
}

// TestScreensHoldNoWordOfTheTeacher, on no lesson, in no form.
func TestScreensHoldNoWordOfTheTeacher(t *testing.T) {
	t.Parallel()
	_, site := shippedSite(t)
	words := 0
	eachFile(t, repositoryContent(t), "index.md", func(name, source string) {
		if !strings.HasPrefix(name, "lessons/") || path.Base(name) != "index.md" {
			return
		}
		screen := tag.ReplaceAllString(readFile(t, site, path.Join(path.Dir(name), "screen.html")), "")
		for _, m := range spokenByTeacher.FindAllStringSubmatch(source, -1) {
			for line := range strings.Lines(m[1]) {
				for _, sentence := range strings.FieldsFunc(strings.Trim(line, "> \n*"), func(r rune) bool { return strings.ContainsRune("。？！“”：", r) }) {
					if len([]rune(sentence)) < 12 || strings.Contains(sentence, "](") || inSight(source, sentence) {
						continue
					}
					if words++; strings.Contains(screen, sentence) {
						t.Errorf("%s: the class sees %q", name, sentence)
					}
				}
			}
		}
	})
	if words < 500 {
		t.Errorf("looked for %d sentences only", words)
	}
}

var seenByClass = regexp.MustCompile(`(?m)^> \[!(?:学生做|揭示)\]\n((?:>.*\n?)+)`)

// inSight tells whether the class is shown a sentence elsewhere in the lesson.
func inSight(source, sentence string) bool {
	for _, m := range seenByClass.FindAllStringSubmatch(source, -1) {
		if strings.Contains(m[1], sentence) {
			return true
		}
	}
	return strings.Contains(strings.SplitN(source, "\n---\n", 2)[0], sentence)
}

func repositoryContent(t testing.TB) fs.FS {
	return os.DirFS(filepath.Join(repository(t), "content"))
}

// smallType finds what cannot be read from the last row: letters below 32
// pixels on a projector of 1920 by 1080, and what hangs over the side.
const smallType = `const smallType = () => { const bad = [], slide = document.querySelector(".slide:not([hidden])"), stage = document.getElementById("stage");
	for (const el of slide.querySelectorAll(".slide-do, .slide-answer, .slide-slip, .slide-text p, .slide-text li, h2")) {
		if (parseFloat(getComputedStyle(el).fontSize) < 32 && !el.closest(".callout, .walked")) bad.push(slide.id + ": " + getComputedStyle(el).fontSize);
		if (el.scrollWidth > el.clientWidth + 1) bad.push(slide.id + ": too wide");
	}
	if (stage.scrollWidth > stage.clientWidth) bad.push(slide.id + ": scrolls sideways");
	return bad };`

// TestScreensAreReadFromTheLastRow looks at every step of every lesson and every
// passage of every story.
func TestScreensAreReadFromTheLastRow(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1920, 1080)
	screens := 0
	look := func(path, walk string) {
		w.open(path + "screen.html")
		w.until(`document.readyState === "complete" && document.documentElement.classList.contains("hosting")`)
		for _, f := range value[[]string](w, `(() => { `+smallType+`const bad = []; `+walk+` return [...new Set(bad)] })()`) {
			t.Errorf("%s %s", path, f)
		}
		screens += value[int](w, `document.querySelectorAll("[data-step], [data-passage]").length`)
	}
	for _, lesson := range section(t, "lessons") {
		look(lesson, `const main = document.getElementById("main-step");
			for (let i = 0; i < 400 && !main.hidden; i++) { bad.push(...smallType()); main.click() }
			if (!main.hidden) bad.push("never ends");`)
	}
	for _, story := range section(t, "scenarios") {
		look(story, `const named = {}; for (const s of document.querySelectorAll(".slide")) named[s.id] = s;
			const ways = new Set([document.querySelector(".slide").id]);
			for (const id of ways) { // each passage that can be reached
				location.hash = "#" + id; window.dispatchEvent(new HashChangeEvent("hashchange"));
				if (named[id].hidden) bad.push(id + ": not shown");
				bad.push(...smallType());
				for (const a of named[id].querySelectorAll(".way a")) ways.add(decodeURIComponent(a.hash.slice(1)));
			}
			if (ways.size !== document.querySelectorAll("[data-passage]").length) bad.push("reached " + ways.size);`)
	}
	if screens < 350 {
		t.Errorf("only %d screens", screens)
	}
}

// TestStoryOnTheWall: the class goes where most hands are, and back; the path
// and the endings are told, and kept over a reload.
func TestStoryOnTheWall(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).keyboard(1920, 1080)
	w.open("/scenarios/left-out/")
	w.click("投屏，和全班一起走")
	w.at("大课间的长绳")
	button := func(says string) {
		t.Helper()
		w.until(fmt.Sprintf(`document.getElementById("main-step").textContent === %q`, says))
	}
	value[bool](w, `document.querySelector("[data-pinyin-switch]").click() || true`) // without readings all of it fits
	value[bool](w, `document.getElementById("main-step").focus() || true`)
	button("先说说，再举手")
	w.on(" ")
	w.at("大课间的长绳") // nobody has chosen
	w.press("1")
	w.press("2")
	button("一样多，再说说")
	w.press("2")
	button("走 B")
	w.on(kb.PageDown)
	w.at("让她试试")
	w.on(kb.PageUp)
	w.at("大课间的长绳")
	button("先说说，再举手")                                                                       // the hands are down again
	value[bool](w, `document.querySelector(".slide:not([hidden]) .way a").click() || true`) // a touch on the words chooses, too
	w.at("“人够了”")
	w.reload()
	w.at("“人够了”")
	if path := value[int](w, `document.querySelectorAll("#path li").length`); path != 2 {
		t.Errorf("after a reload the path has %d passages", path)
	}
	for range 30 {
		if value[bool](w, `document.querySelector(".slide:not([hidden])").classList.contains("ending")`) {
			break
		}
		// The first way not walked yet: most stories lead round in circles else.
		value[bool](w, `(ways => (ways.find(a => !window["went" + a.hash]) || ways[0])) ([...document.querySelectorAll(".slide:not([hidden]) .way a")].map(a => a)).click() || true`)
		value[bool](w, `(window["went" + location.hash] = true)`)
	}
	w.says("走过的路")
	w.says("大课间的长绳：我说：“我们人够了。”")
	w.says("走到过 1 个")
	for range 5 {
		w.on(kb.PageDown)
		if value[bool](w, `!document.getElementById("talk").hidden`) {
			break
		}
	}
	w.says("走完以后，聊一聊")
	w.click("从头再来")
	w.at("大课间的长绳")

	w.open("/scenarios/protection-money/screen.html")
	w.accessible("a passage on the wall")
	w.press("1")
	w.accessible("hands")
}

// TestScreenStates holds the states of the screen against axe, at every width.
func TestScreenStates(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1920, 1080)
	w.open("/lessons/four-points/screen.html")
	w.accessible("start")
	w.step("开始", "三件事")
	w.accessible("a step")
	value[bool](w, `document.getElementById("main-step").click() || true`)
	w.accessible("a piece is revealed")
	for _, card := range []string{"count-card", "pick-card", "time-card", "help-card"} {
		value[bool](w, fmt.Sprintf(`document.querySelector('[data-opens="%s"]').click() || true`, card))
		w.until(fmt.Sprintf(`document.getElementById(%q).open`, card))
		w.accessible(card)
		value[bool](w, fmt.Sprintf(`document.getElementById(%q).close() || true`, card))
	}
	w.open("/lessons/four-points/screen.html#end")
	w.accessible("the end")
	value[bool](w, `document.getElementById("main-step").click() || true`)
	w.at("上课记录")
	w.accessible("the record")
	w.open("/lessons/four-points/cues.html")
	w.says("我念三件事，都是编的")
	if value[bool](w, `/听起来都闹哄哄的/.test(document.querySelector("main").textContent)`) {
		t.Error("the teacher's cues hold what the class is shown")
	}
	w.accessible("cues")
	w.open("/lessons/my-body-my-say/screen.html") // with readings
	w.step("开始", "")
	value[bool](w, `document.querySelector("[data-pinyin-switch]").click() || true`)
	w.accessible("with readings")
}

// TestScreensByKeyboard: Tab reaches everything on a projected page, the place is
// always seen, and each card gives it back.
func TestScreensByKeyboard(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	for _, width := range []int64{1280, 360} {
		w := b.keyboard(width, 800)
		w.open("/lessons/four-points/screen.html")
		w.tabTo("开始")
		w.press(kb.Enter)
		w.at("三件事，一样吗")
		w.sees()
		for _, name := range []string{"上一步", "全屏", "答题", "加 1 分钟", "先讨论，再揭示", "第 4 步", "欺凌的四个要点"} {
			w.backTo(name)
		}
		for value[bool](w, `document.activeElement.id !== "main-step"`) { // down again
			w.press(kb.Tab)
			w.sees()
		}
		for button, card := range map[string]string{"数举手": "count-card", "抽一个": "pick-card", "计时": "time-card", "求助": "help-card"} {
			w.backTo(button)
			w.press(kb.Enter)
			w.until(fmt.Sprintf(`document.getElementById(%q).open`, card))
			for range 8 {
				w.press(kb.Tab)
				if value[bool](w, `document.activeElement !== document.body`) { // Tab may leave a dialog for the browser
					w.sees()
				}
			}
			w.press(kb.Escape)
			w.until(`document.activeElement.id === "main-step"`)
			w.sees()
		}

		w.open("/scenarios/protection-money/screen.html")
		w.tabTo("只手，加一")
		w.press(kb.Enter)
		w.press(kb.Enter)
		w.until(`document.querySelector(".slide:not([hidden]) .count-add strong").textContent === "2"`)
		w.press(kb.Tab)
		w.sees()
		w.press(kb.Enter) // the words choose
		w.until(`document.querySelectorAll("#path li").length === 2`)
		if at := w.sees().Name; at != value[string](w, `document.getElementById("main-step").textContent`) {
			t.Errorf("after a choice the focus is on %q", at)
		}
		w.backTo("退一步")
		w.press(kb.Enter)
		w.until(`document.querySelectorAll("#path li").length === 1`)
		w.sees()
	}
}

// TestScreenWithoutScripts: each step is a plain page with ways up and down.
func TestScreenWithoutScripts(t *testing.T) {
	t.Parallel()
	_, site := shippedSite(t)
	page := readFile(t, site, "lessons/four-points/screen.html")
	ids := regexp.MustCompile(`<section class="slide[^"]*" id="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(ids) != 10 {
		t.Fatalf("%d screens: %v", len(ids), ids)
	}
	for _, m := range regexp.MustCompile(`<p class="slide-turn">(.*?)</p>`).FindAllStringSubmatch(page, -1) {
		for _, to := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(m[1], -1) {
			if id, err := url.PathUnescape(to[1]); err != nil || !strings.Contains(page, fmt.Sprintf(`id="%s"`, id)) {
				t.Errorf("leads to #%s, which is not there", to[1])
			}
		}
	}
	if n := strings.Count(page, ">下一步<"); n < 7 {
		t.Errorf("%d ways on", n)
	}
}

// TestPackRunsALesson from a stick, without a server.
func TestPackRunsALesson(t *testing.T) {
	t.Parallel()
	w := openPack(t, "teacher")
	w.open("/site/lessons/four-points/index.html")
	w.click("投屏上课")
	w.at("欺凌的四个要点")
	w.step("开始", "三件事")
	w.reload()
	w.at("三件事，一样吗")
	if to := value[string](w, `document.getElementById("to-quiz").getAttribute("href")`); !strings.HasPrefix(to, "../../quizzes/what-is-bullying/index.html?items=") {
		t.Errorf("the quiz of the pack is at %s", to)
	}
	w.open("/site/scenarios/left-out/screen.html")
	w.at("大课间的长绳")
}

// mouse presses an element where it stands.
func (w *tab) mouse(selector string) {
	w.t.Helper()
	at := w.middle(selector)
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		if _, err := chromedp.Call(w.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at[0], Y: at[1], Button: "left", ClickCount: 1}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestStoryByMouseKeyboardAndTouch plays a story to an ending, on the wall and
// alone at a computer, from the server and from a stick.
func TestStoryByMouseKeyboardAndTouch(t *testing.T) {
	t.Parallel()
	server := openBrowserOn(t, served(t).url)
	stick := openPack(t, "teacher").browser
	for _, place := range []struct {
		name, prefix string
		from         *browser
	}{{"server", "/scenarios/left-out/", server}, {"stick", "/site/scenarios/left-out/", stick}} {
		for _, hand := range []string{"mouse", "keyboard", "touch"} {
			for page, passage := range map[string]string{"screen.html": ".slide:not([hidden])", "index.html": ".passage:not([hidden])"} {
				t.Run(place.name+" "+hand+" "+page, func(t *testing.T) {
					t.Parallel()
					w := place.from.as(t).keyboard(1280, 800)
					if hand == "touch" {
						w.withTouch()
					}
					if place.name == "server" && page == "index.html" {
						page = ""
					}
					w.open(place.prefix + page)
					w.until(fmt.Sprintf(`document.querySelector(%q)`, passage+" .choices a"))
					w.walkStory(hand, passage, strings.HasPrefix(page, "screen"))
				})
			}
		}
	}
}

// walkStory takes at each passage the first way that it has not taken yet.
func (w *tab) walkStory(hand, passage string, wall bool) {
	w.t.Helper()
	for range 40 {
		if value[bool](w, fmt.Sprintf(`document.querySelector(%q).classList.contains("ending")`, passage)) {
			return
		}
		was := value[string](w, fmt.Sprintf(`document.querySelector(%q).id`, passage))
		// Back there, the one big button of the wall asks for hands again.
		n := value[int](w, fmt.Sprintf(`(ways => { const i = Math.max(0, ways.findIndex(a => !window["went" + %q + a.hash])); window["went" + %q + ways[i].hash] = true; return i })(
			[...document.querySelectorAll(%q)])`, was, was, passage+" .choices a"))
		way := fmt.Sprintf("%s .choices li:nth-child(%d) a", passage, n+1)
		switch {
		case hand == "mouse":
			w.mouse(way)
		case hand == "touch":
			w.touch(way)
		case wall:
			w.press(fmt.Sprint(n + 1))
			for range 4 { // first down a long passage
				w.on(" ")
				if value[bool](w, fmt.Sprintf(`document.querySelector(%q).id !== %q`, passage, was)) {
					break
				}
			}
		default:
			value[bool](w, fmt.Sprintf(`document.querySelector(%q).focus() || true`, way))
			w.press(kb.Enter)
		}
		w.until(fmt.Sprintf(`document.querySelector(%q)?.id !== %q`, passage, was))
	}
	w.t.Error("forty choices and no ending")
}
