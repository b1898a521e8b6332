package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is the site of one server in the Chromium of all tests; each tab of it
// has cookies and storage of its own.
type browser struct {
	t       testing.TB
	ctx     context.Context
	address string
}

// chromium is started once: a start costs more than most tests.
var chromium = sync.OnceValues(func() (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "zh-CN"))
	allocated, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocated)
	atEnd(func() { cancel(); chromedp.FromContext(ctx).Allocator.Wait() })
	return ctx, chromedp.Do(ctx)
})

func openBrowserOn(t testing.TB, address string) *browser {
	t.Helper()
	ctx, err := chromium()
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &browser{t, ctx, address}
}

// tab is a window of one person. It fails the test at its end if a script
// threw, something was logged as an error, or another host was asked.
type tab struct {
	*browser
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

func (b *browser) tab(width, height int64) *tab {
	b.t.Helper()
	w := b.longTab(width, height)
	ctx, cancel := context.WithTimeout(w.ctx, 4*time.Minute)
	b.t.Cleanup(cancel)
	w.ctx = ctx
	return w
}

// longTab is a tab without an end.
func (b *browser) longTab(width, height int64) *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.t.Cleanup(cancel)
	w := &tab{browser: b, ctx: ctx}
	if err := chromedp.Listen(ctx, w.watch); err != nil {
		b.t.Fatalf("open tab: %v", err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		b.t.Fatalf("size tab: %v", err)
	}
	b.t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, p := range w.problems {
			b.t.Error(p)
		}
	})
	return w
}

func (w *tab) watch(event any) {
	note := func(format string, args ...any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.problems = append(w.problems, fmt.Sprintf(format, args...))
	}
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		note("%s: script error: %s %+v", e.ExceptionDetails.URL, e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || (u.Scheme == "http" || u.Scheme == "https") && !strings.HasPrefix(e.Request.URL, w.address) {
			note("%s: request to another host: %s", e.DocumentURL, e.Request.URL)
		}
	}
}

func (w *tab) open(path string) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.Navigate(w.address+path)); err != nil {
		w.t.Fatalf("open %s: %v", path, err)
	}
}

// value evaluates an expression in the page.
func value[T any](w *tab, expression string) T {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// until waits inside the page for a condition, also across a navigation.
func (w *tab) until(condition string) {
	w.t.Helper()
	look := fmt.Sprintf(`new Promise(done => {
		const end = Date.now() + 20000;
		const look = () => { let ok = false; try { ok = !!(%s) } catch (_) {}
			ok ? done(true) : Date.now() > end ? done(false) : setTimeout(look, 25) };
		look() })`, condition)
	for {
		ok, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool](look, chromedp.EvalAwaitPromise))
		switch {
		case err != nil && strings.Contains(err.Error(), "navigated"):
			continue // the page we waited in is gone; look in the next
		case err != nil:
			w.t.Fatalf("wait for %s: %v", condition, err)
		case !ok:
			w.t.Fatalf("never true: %s\nthe page says: %s", condition, value[string](w, "document.body.innerText.slice(0, 800)"))
		}
		return
	}
}

// says waits for a text that can be seen.
func (w *tab) says(text string) {
	w.t.Helper()
	w.until(fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// click waits for a button, link or label with this text and clicks it.
func (w *tab) click(text string) {
	w.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button, a, label, summary")].find(e =>
		e.offsetParent !== null && !e.disabled && e.textContent.includes(%q))`, text)
	w.until(find)
	value[bool](w, "("+find+").click() || true")
}

func (w *tab) reload() {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.Reload()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *tab) sit(code string, number int) {
	w.t.Helper()
	w.open("/join/#" + code)
	w.says("你是几号")
	value[bool](w, fmt.Sprintf(`document.querySelector('input[name="seat"][value="%d"]').click() || true`, number))
	w.click(fmt.Sprintf("坐 %d 号", number))
	w.says("你已经进来了")
}

// answer chooses the n-th option and submits.
func (w *tab) answer(n int) {
	w.t.Helper()
	w.until(`document.querySelectorAll('input[name="option"]').length > 1`)
	value[bool](w, fmt.Sprintf(`document.querySelectorAll('input[name="option"]')[%d].click() || true`, n))
	w.click("提交")
	w.says("已收到")
}

// mainStep presses the host's one big button once it says what is expected.
func (w *tab) mainStep(label string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`(b => b.textContent.includes(%q) && !b.hidden && !b.hasAttribute("aria-busy"))(document.getElementById("main-step"))`, label))
	// The button ignores a press right after the room moved by itself, so it is
	// pressed until it says something else.
	w.until(fmt.Sprintf(`(b => { if (b.hidden || !b.textContent.includes(%q)) return true; b.click(); return false })(
		document.getElementById("main-step"))`, label))
}

// hostPath opens the form with a few items of a large bank, always the same.
const hostPath = "/host/?quiz=what-is-bullying&items=def-who,def-times,def-case,def-elements,def-means-fill,types-means"

func TestClassQuizInBrowsers(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--addr", free(t), "--source", repository(t))
	b := openBrowserOn(t, p.url)
	host := b.tab(1920, 1080)
	host.open("/quizzes/what-is-bullying/")
	host.click("开始课堂答题")
	host.says("抽 10 道题") // of a large bank
	host.open(hostPath)
	host.click("学生设备")
	host.click("开始")
	host.until("/^#[0-9]{6}$/.test(location.hash)")
	host.says("现在只有这台电脑能打开")
	code := value[string](host, "location.hash.slice(1)")

	seven, eight := b.tab(360, 740), b.tab(1280, 800)
	seven.sit(code, 7)
	eight.sit(code, 8)
	host.says("已入座 2 人")

	// A second window cannot take a seat that is taken.
	thief := b.tab(360, 740)
	thief.open("/join/#" + code)
	thief.says("你是几号")
	value[bool](thief, `document.querySelector('input[name="seat"][value="7"]').click() || true`)
	thief.click("坐 7 号")
	thief.says("已经有人用了")

	host.mainStep("开始第一题")
	if strings.Contains(value[string](seven, "document.body.innerText"), "发生在谁") {
		t.Error("a pupil sees the item while it is still being read out")
	}
	host.mainStep("开放作答")
	seven.answer(0)
	host.until(`/1\s*\/\s*2/.test(document.getElementById("stage").innerText)`)

	// Refreshing loses nothing, on either side.
	seven.reload()
	seven.says("已收到")
	host.reload()
	host.until(`/1\s*\/\s*2/.test(document.getElementById("stage").innerText)`)
	eight.answer(1)
	host.until(`/2\s*\/\s*2/.test(document.getElementById("stage").innerText)`)

	host.mainStep("停止作答")
	if strings.Contains(value[string](seven, "document.body.innerText"), "正确答案") {
		t.Error("a pupil sees the key before the reveal")
	}
	host.mainStep("公布答案")
	host.says("为什么")
	for _, pupil := range []*tab{seven, eight} {
		pupil.until(`/答对了|这次没答对/.test(document.body.innerText)`)
		pupil.says("为什么")
	}
	host.mainStep("下一题")
	host.mainStep("开放作答")
	seven.answer(0)

	// The server is killed and comes back: everybody goes on.
	p.kill()
	start(t, p.cmd.Dir, "--addr", strings.TrimPrefix(p.url, "http://"), "--source", repository(t))
	host.mainStep("停止作答")
	host.mainStep("公布答案")
	seven.until(`/答对了|这次没答对/.test(document.body.innerText)`)
	eight.says("这题没有交，没关系")

	host.click("结束")
	host.click("再点一次就结束")
	seven.says("今天的答题结束了")
	host.says("下载成绩表")
	size := value[int](host, fmt.Sprintf(`fetch("/api/rooms/%s/results.xlsx", {headers: {Authorization:
		"Bearer " + JSON.parse(localStorage.getItem("sunny.host"))[0].token}}).then(r => r.ok ? r.blob() : Promise.reject(r.status)).then(b => b.size)`, code))
	if size < 1000 {
		t.Errorf("results.xlsx has %d bytes", size)
	}
}

// pagePaths lists the pages of the site from its own sitemap.
func pagePaths(t testing.TB, p *process) []string {
	t.Helper()
	_, body := p.get("/sitemap.xml")
	var sitemap struct {
		URL []struct {
			Loc string `xml:"loc"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal([]byte(body), &sitemap); err != nil {
		t.Fatalf("sitemap: %v", err)
	}
	var paths []string
	for _, u := range sitemap.URL {
		at, err := url.Parse(u.Loc)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, "/"+strings.TrimPrefix(at.Path, "/"))
	}
	if len(paths) < 20 {
		t.Fatalf("the sitemap lists %d pages", len(paths))
	}
	return append(paths, "/host/", "/join/", "/search/", "/nowhere/")
}

func TestSearchInBrowser(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(360, 740)
	w.open("/")
	value[bool](w, `(f => { f.q.value = "孩子被同学起外号怎么办"; f.requestSubmit(); return true })(
		[...document.forms].find(f => f.action.includes("/search/") && f.q))`)
	w.until(`location.pathname === "/search/" && document.querySelectorAll("mark").length > 0`)
	w.says("找到")
	w.open("/search/?q=" + url.QueryEscape("我不想活了"))
	w.until(`document.querySelector('a[href="tel:12356"]')`)
	w.open("/search/?q=" + url.QueryEscape("qqzzxx"))
	w.until(`/没有找到/.test(document.body.innerText)`)
}

// TestPagesReadWithoutScripts switches scripts off, as an old browser or a
// careful school would.
func TestPagesReadWithoutScripts(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	w := b.tab(360, 740)
	if _, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/lessons/bystander-choices/": "老师说",
		"/help/":                      "12356",
		"/search/":                    "脚本",
		"/join/":                      "脚本",
	} {
		w.open(path)
		w.says(want)
	}
	w.open("/scenarios/corridor/")
	// Every choice leads to a passage of the page, and passages can be seen.
	broken := value[[]string](w, `[...document.querySelectorAll("main a[href^='#']")].map(a => a.getAttribute("href"))
		.filter(h => h.length > 1 && !document.getElementById(decodeURIComponent(h.slice(1))))`)
	if len(broken) > 0 {
		t.Errorf("choices that lead nowhere: %v", broken)
	}
	value[bool](w, `(a => { location.hash = a.getAttribute("href"); return true })(document.querySelector("main ol a[href^='#'], main ul a[href^='#']"))`)
	w.until(`(e => e.offsetParent !== null && e.getBoundingClientRect().height > 0)(document.getElementById(location.hash.slice(1)))`)
}

// TestStaffSignInOpensRoom is a public server, where only staff open rooms.
func TestStaffSignInOpensRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	add := exec.Command(program, "user", "add", "王老师", "--role", "teacher", "--password-stdin", "--data", filepath.Join(dir, "data"))
	add.Stdin = strings.NewReader("一二三四五六七八九十\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("user add: %v\n%s", err, out)
	}
	p := start(t, dir, "--addr", free(t), "--source", repository(t), "--rooms", "staff")
	w := openBrowserOn(t, p.url).tab(1280, 800)
	w.open(hostPath)
	w.click("开始")
	w.says("老师登录")
	signIn := func(password string) {
		value[bool](w, fmt.Sprintf(`(f => { f.elements.name.value = "王老师"; f.elements.password.value = %q;
			f.requestSubmit(); return true })(document.querySelector(".start-form"))`, password))
	}
	signIn("这不是我的密码啊啊啊")
	w.says("账号名或密码不对")
	signIn("一二三四五六七八九十")
	w.until("/^#[0-9]{6}$/.test(location.hash)")
	w.says("开始第一题")
}

// TestHandsOnTheWall runs a quiz with no device but the teacher's screen, by
// keyboard.
func TestHandsOnTheWall(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1920, 1080)
	w.open(hostPath)
	w.click("大屏举手")
	w.click("开始")
	w.mainStep("开始第一题")
	w.mainStep("开始举手")
	w.until(`document.querySelectorAll(".hand-n").length > 1`)
	value[bool](w, `(plus => { plus[0].click(); plus[0].click(); plus[1].click(); return true })(
		[...document.querySelectorAll(".hand-step")].filter(b => b.textContent === "+"))`)
	w.until(`document.querySelector(".meter-count").innerText.includes("3")`)
	w.mainStep("停止举手") // sends what is still waiting
	w.says("公布答案")
	w.reload()
	w.until(`[...document.querySelectorAll(".hand-n")].map(f => f.value).slice(0, 2).join() === "2,1"`)
	w.mainStep("公布答案")
	w.until(`[...document.querySelectorAll(".opt-card-count")].map(c => c.innerText).slice(0, 2).join() === "2,1"`)
	w.says("为什么")
	body := value[float64](w, `parseFloat(getComputedStyle(document.querySelector(".opt-card-text")).fontSize)`)
	if body < 32 {
		t.Errorf("options are %.0f px on a 1080p projector, want at least 32", body)
	}
	// B blanks the screen, any key brings it back.
	w.key("b")
	w.until(`!document.getElementById("blank").hidden`)
	w.key("x")
	w.until(`document.getElementById("blank").hidden`)
}

// TestLessonBringsItsOwnItems starts from a lesson, which has time for three
// items and not for a whole bank.
func TestLessonBringsItsOwnItems(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1280, 720)
	w.open("/lessons/bystander-choices/")
	w.click("课堂答题")
	w.says("这节课的 3 道题")
	w.click("大屏举手")
	w.click("开始")
	w.mainStep("开始第一题")
	w.says("第 1 题，共 3 题")
	w.says("最稳妥的第一步")
}

// TestLobbyCodeNeverMeetsQR measures the lobby of a server with an address
// that pupils can open, with a wide and a narrow font.
func TestLobbyCodeNeverMeetsQR(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--addr", free(t), "--source", repository(t), "--rooms", "anyone",
		"--base-url", "http://a-long-name.school.example:18080")
	w := openBrowserOn(t, p.url).tab(1920, 1080)
	w.open(hostPath)
	w.click("学生设备")
	w.click("开始")
	w.until(`document.querySelector(".lobby-qr")?.naturalWidth > 0`)
	for _, size := range [][2]int64{{1024, 768}, {1280, 720}, {1920, 1080}} {
		for _, font := range []string{"DejaVu Sans", "Noto Sans CJK SC"} {
			if err := chromedp.Do(w.ctx, chromedp.EmulateViewport(size[0], size[1])); err != nil {
				t.Fatal(err)
			}
			overlap := value[bool](w, fmt.Sprintf(`new Promise(done => {
				document.documentElement.style.setProperty("--font", %q);
				window.dispatchEvent(new Event("resize"));
				setTimeout(() => {
					const box = s => { const r = document.createRange(); r.selectNodeContents(document.querySelector(s)); return r.getBoundingClientRect() };
					const qr = document.querySelector(".lobby-qr").getBoundingClientRect();
					done([".lobby-code", ".lobby-address"].some(s => { const r = box(s);
						return r.right > qr.left && r.left < qr.right && r.bottom > qr.top && r.top < qr.bottom }));
				}, 300) })`, font))
			if overlap {
				t.Errorf("at %dx%d in %s the code or the address meets the QR code", size[0], size[1], font)
			}
		}
	}
}

func (w *tab) key(name string) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.KeyEvent(name)); err != nil {
		w.t.Fatal(err)
	}
}
