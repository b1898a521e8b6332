package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// flakyLine stands between browsers and a server. By a seed it loses requests
// or their answers, sends them twice, lets them arrive after the browser was
// told that they failed, makes them slow, and breaks streams anywhere.
type flakyLine struct {
	mu     sync.Mutex
	random *rand.Rand
	calm   bool
	late   sync.WaitGroup
	faults map[string]int
}

var errLine = errors.New("the line broke")

// ofRoom are the requests of a class that runs; pages arrive.
var ofRoom = regexp.MustCompile(`^/api/rooms/\d{6}`)

// openFlakyLine serves what a process serves, at an address of its own.
func openFlakyLine(t testing.TB, p *process, seed uint64) (*flakyLine, string) {
	t.Helper()
	to, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	line := &flakyLine{random: rand.New(rand.NewPCG(seed, 0)), faults: map[string]int{}}
	front := httptest.NewServer(&httputil.ReverseProxy{
		Transport:    line,
		Rewrite:      func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = to.Scheme, to.Host }, // and the name that the browser used
		ErrorLog:     log.New(io.Discard, "", 0),                                                               // it tells of each stream that broke
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	})
	t.Cleanup(func() { front.CloseClientConnections(); front.Close(); line.late.Wait() })
	return line, front.URL
}

func (f *flakyLine) fate() (fate string, bytes int, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calm {
		return "", 1 << 40, 0
	}
	fate = []string{"lost", "answer lost", "arrives late", "twice", "slow", "", "", "", "", ""}[f.random.IntN(10)]
	f.faults[fate]++
	return fate, 2000 + f.random.IntN(40_000), time.Duration(20+f.random.IntN(300)) * time.Millisecond
}

// RoundTrip sends a request as fate has it.
func (f *flakyLine) RoundTrip(req *http.Request) (*http.Response, error) {
	if !ofRoom.MatchString(req.URL.Path) {
		return http.DefaultTransport.RoundTrip(req)
	}
	fate, most, wait := f.fate()
	if strings.HasSuffix(req.URL.Path, "/events") {
		res, err := http.DefaultTransport.RoundTrip(req)
		if err == nil {
			res.Body = &brokenOff{res.Body, most}
		}
		return res, err
	}
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	send := func() (*http.Response, error) {
		copied := req.Clone(context.WithoutCancel(req.Context()))
		copied.Body = io.NopCloser(strings.NewReader(string(body)))
		return http.DefaultTransport.RoundTrip(copied)
	}
	finish := func() {
		if res, err := send(); err == nil {
			res.Body.Close()
		}
	}
	switch fate {
	case "lost":
		return nil, errLine
	case "answer lost":
		finish()
		return nil, errLine
	case "arrives late":
		f.late.Go(func() { time.Sleep(wait); finish() })
		return nil, errLine
	case "twice":
		finish()
	case "slow":
		time.Sleep(wait)
	}
	return send()
}

// mend ends all faults.
func (f *flakyLine) mend() {
	f.mu.Lock()
	f.calm = true
	f.mu.Unlock()
	f.late.Wait()
}

// brokenOff is a stream that ends after some bytes.
type brokenOff struct {
	io.ReadCloser
	left int
}

func (b *brokenOff) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLine
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// comesIn presses what the door offers until the pupil sits, as somebody would
// whose line fails.
func (w *tab) comesIn(code string, number int) {
	w.t.Helper()
	w.open("/join/#" + code)
	w.until(fmt.Sprintf(`(() => {
		if (document.body.innerText.includes("你已经进来了")) return true;
		const seat = document.querySelector('input[name="seat"][value="%d"]');
		if (seat && !seat.checked) seat.click();
		const go = [...document.querySelectorAll("button")].find(b => /^(进入|坐 %d 号)$/.test(b.textContent));
		if (go && !go.closest('[aria-busy="true"]') && !go.hasAttribute("aria-disabled")) go.click();
		return false })()`, number, number))
}

// TestClassOverAFlakyNetwork: a host and five pupils go through a quiz over a
// line that fails in every way, pressing again what did not work. Every answer
// counts, once; nothing is done twice; the pictures agree in the end.
func TestClassOverAFlakyNetwork(t *testing.T) {
	t.Parallel()
	line, address := openFlakyLine(t, served(t), 7)
	b := openBrowserOn(t, address)
	host := b.tab(1280, 800)
	host.media(still)
	host.open("/host/?quiz=what-is-bullying&items=def-who,def-times,bystander-order")
	host.click("学生设备")
	host.click("开始")
	host.until("/^#[0-9]{6}$/.test(location.hash)")
	code := value[string](host, "location.hash.slice(1)")
	const class = 5
	var pupils []*tab
	for i := range class {
		w := b.tab(360, 740)
		w.media(still)
		w.comesIn(code, i+1)
		pupils = append(pupils, w)
	}
	host.says("已入座 5 人")

	for item, step := range []string{"开始第一题", "下一题", "下一题"} {
		host.mainStep(step)
		host.mainStep("开放作答")
		for i, w := range pupils {
			w.until(`document.querySelector("form.question")`)
			value[bool](w, fmt.Sprintf(`((o, f) => { if (o.length) o[%d %% o.length].click(); f.requestSubmit(); return true })(
				document.querySelectorAll('input[name="option"]'), document.querySelector("form.question"))`, i))
			if i == item {
				w.reload() // in the worst moment
			}
		}
		for _, w := range pupils {
			w.says("已收到")
		}
		host.until(`/5\s*\/\s*5/.test(document.getElementById("stage").innerText)`)
		if item == 1 {
			host.reload()
		}
		host.mainStep("停止作答")
		host.mainStep("公布答案")
		for _, w := range pupils {
			w.until(`/答对了|这次没答对/.test(document.body.innerText)`)
		}
	}
	host.mainStep("结束，看全班成绩")
	host.says("全班一共答了 15 次")
	for _, w := range pupils {
		w.says("今天的答题结束了")
	}
	line.mend()
	entries := value[string](host, fmt.Sprintf(`fetch("/api/rooms/%s/log", {headers: {Authorization:
		"Bearer " + JSON.parse(localStorage.getItem("sunny.host"))[0].token}}).then(r => r.text())`, code))
	for event, want := range map[string]int{"seated": class, "answer": 3 * class, "open": 3, "close": 3, "reveal": 3, "next": 3, "end": 1} {
		if n := strings.Count(entries, `"event":"`+event+`"`); n != want {
			t.Errorf("%s happened %d times, want %d", event, n, want)
		}
	}
	points := 0
	for _, w := range pupils {
		points += value[int](w, `parseInt(document.querySelector(".own-points").textContent)`)
	}
	host.says(fmt.Sprintf("合计 %d 分", points))
	host.until(`document.getElementById("link-lost").hidden`)
	t.Logf("faults: %v", line.faults)
}

// picture is what somebody sees of a screen, with what is chosen on it.
const picture = `[...document.querySelectorAll("#host, #join, #seat-label")].filter(e => !e.hidden).map(e => e.innerText)
	.concat([...document.querySelectorAll("#host input, #join input")].map(i => i.type === "text" ? i.value : i.checked)).join("|")`

// looksTheSame reloads a screen, which finds what it had shown.
func (w *tab) looksTheSame(state string) {
	w.t.Helper()
	w.until(`document.getElementById("link-lost").hidden && !/在线 \d/.test(document.body.innerText)`) // all are back
	before := value[string](w, picture)
	w.reload()
	w.until(fmt.Sprintf(`%s === %q`, picture, before))
	if before == "" {
		w.t.Errorf("%s: an empty picture", state)
	}
}

// TestEveryStateOutlivesAReload, on the host's screen and on those of a pupil
// who answers and one who does not.
func TestEveryStateOutlivesAReload(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	host := b.tab(1280, 800)
	host.media(still)
	host.open("/host/?quiz=what-is-bullying&items=def-elements,def-means-fill,bystander-order")
	host.click("学生设备")
	host.click("开始")
	host.until("/^#[0-9]{6}$/.test(location.hash)")
	code := value[string](host, "location.hash.slice(1)")
	quick, slow := b.tab(360, 740), b.tab(360, 740)
	for i, w := range []*tab{quick, slow} {
		w.media(still)
		w.sit(code, i+1)
	}
	host.says("已入座 2 人")
	all := func(state string) {
		t.Helper()
		for _, w := range []*tab{host, quick, slow} {
			w.looksTheSame(state)
		}
	}
	all("lobby")
	for item, choose := range []string{
		`document.querySelectorAll('input[name="option"]').forEach(i => i.click())`,
		`(f => { f.value = "悄悄"; f.dispatchEvent(new Event("input", { bubbles: true })) })(document.querySelector(".blank-field"))`,
		`document.querySelector(".order-move:not([disabled])").click()`,
	} {
		at := func(state string) string { return fmt.Sprintf("item %d, %s", item+1, state) }
		host.mainStep([]string{"开始第一题", "下一题"}[min(item, 1)])
		host.says("开放作答")
		quick.says("下一题就来")
		slow.says("下一题就来")
		all(at("ready"))
		host.mainStep("开放作答")
		for _, w := range []*tab{quick, slow} {
			w.until(`document.querySelector("form.question")`)
		}
		all(at("open"))
		for _, w := range []*tab{quick, slow} {
			value[bool](w, choose+`, true`)
		}
		all(at("chosen")) // and not sent
		quick.click("提交")
		quick.says("已收到")
		host.until(`/1\s*\/\s*2/.test(document.getElementById("stage").innerText)`)
		all(at("answered"))
		host.click("暂停")
		slow.says("老师按了暂停")
		all(at("paused"))
		host.mainStep("继续作答")
		slow.until(`document.querySelector("form.question")`)
		all(at("open again"))
		host.mainStep("停止作答")
		slow.says("这一题停了")
		quick.says("马上揭晓")
		all(at("closed"))
		host.mainStep("公布答案")
		slow.says("这题没有交")
		quick.until(`/答对了|这次没答对/.test(document.body.innerText)`)
		all(at("revealed"))
	}
	host.mainStep("结束，看全班成绩")
	host.says("全班一共答了 3 次")
	for _, w := range []*tab{quick, slow} {
		w.says("今天的答题结束了")
	}
	all("ended")
}
