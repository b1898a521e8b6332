package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"
)

// cardScenes is an empty page that can render and read classes with cards.
func cardScenes(t *testing.T) *tab {
	t.Helper()
	w := openBrowserOn(t, "").tab(800, 600)
	w.open("about:blank")
	w.rendersCards()
	return w
}

// rendersCards brings testdata/cards into the page.
func (w *tab) rendersCards() {
	w.t.Helper()
	built := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(repository(w.t), "cmd/sunnycampus/testdata/cards/scenes.js")},
		Bundle:      true, Format: api.FormatIIFE, GlobalName: "cards", Target: api.ES2018,
	})
	if len(built.Errors) > 0 {
		w.t.Fatal(built.Errors[0].Text)
	}
	if err := chromedp.Do(w.ctx, chromedp.Evaluate[chromedp.Void](string(built.OutputFiles[0].Contents)+";window.cards = cards;undefined")); err != nil {
		w.t.Fatal(err)
	}
}

// TestCardsAreRead renders classes and no classes: cards turned, tilted, small,
// blurred, dim, noisy, half in the shadow, in front of what looks like cards.
func TestCardsAreRead(t *testing.T) {
	t.Parallel()
	w := cardScenes(t)
	type count struct {
		Scenes, Cards, Read, Hidden, HiddenRead, Small, SmallRead int
		Wrong, Missed                                             []string
		MS, Most                                                  float64
	}
	var cards, read int
	for name, scenes := range map[string]string{
		"one card":        `{from: 1, count: 40, width: 640, height: 480, cards: 1, least: 26, most: 300}`,
		"twelve cards":    `{from: 1000, count: 16, width: 1280, height: 960, cards: 12, least: 28, most: 160}`,
		"fifty cards":     `{from: 2000, count: 12, width: 1600, height: 1200, cards: 50, least: 30, most: 70}`,
		"no card":         `{from: 3000, count: 16, width: 1200, height: 900, cards: 0, nasty: 60}`,
		"fingers":         `{from: 4000, count: 12, width: 1600, height: 1200, cards: 20, least: 30, most: 120, hide: 0.9, nasty: 4}`,
		"12-MP photo":     `{from: 5000, count: 2, width: 4000, height: 3000, cards: 50, least: 32, most: 170, jpeg: true}`,
		"dim and noisy":   `{from: 6000, count: 4, width: 1280, height: 960, cards: 30, least: 34, most: 80, exposure: 0.08, noise: 7}`,
		"hardly legible":  `{from: 7000, count: 4, width: 1600, height: 1200, cards: 50, least: 14, most: 26}`,
		"nearly the same": `{from: 8000, count: 4, width: 1600, height: 1200, cards: 20, least: 40, most: 90, nasty: 80}`,
	} {
		got := value[count](w, `cards.count(`+scenes+`)`)
		t.Logf("%s: read %d of %d (of %d partly hidden %d, of %d too small %d), wrong %d, %.0f ms a picture, at most %.0f", name,
			got.Read, got.Cards, got.Hidden, got.HiddenRead, got.Small, got.SmallRead, len(got.Wrong), got.MS/float64(got.Scenes), got.Most)
		for _, wrong := range got.Wrong {
			t.Errorf("%s: %s", name, wrong)
		}
		if len(got.Missed) > 0 {
			t.Logf("%s: missed\n%s", name, strings.Join(got.Missed, "\n"))
		}
		cards, read = cards+got.Cards, read+got.Read
	}
	t.Logf("recall %.2f %%", 100*float64(read)/float64(cards))
	if cards < 1000 || read*100 < cards*99 {
		t.Errorf("read %d of %d cards", read, cards)
	}
}

// TestCardsDiffer: each marker is far from any other, turned in any way, and
// from any seen through the paper; what is printed is what is looked for.
func TestCardsDiffer(t *testing.T) {
	t.Parallel()
	w := cardScenes(t)
	got := value[struct{ Least, Behind, Promised int }](w, `cards.distances()`)
	if got.Least != got.Promised || got.Least < 14 || got.Behind < 10 {
		t.Errorf("distances: %+v", got)
	}
	if seats := value[[]int](w, `Array.from({length: 63}, (_, i) => i + 1).filter(seat => !cards.drawn(seat))`); len(seats) > 0 {
		t.Errorf("drawn otherwise than read: seats %v", seats)
	}
}

// TestCardsAreSorted: a seat with two answers has none, nor has a card held
// with a corner up; two of the same say it once.
func TestCardsAreSorted(t *testing.T) {
	t.Parallel()
	w := cardScenes(t)
	got := value[string](w, `(() => {
		const reading = cards.readCards(cards.table([[7, 0], [7, 90], [8, 180], [8, 175], [9, -90], [10, 45], [63, 20]]));
		return reading.cards.map(c => c.seat + c.answer).join() + " " + reading.twice.map(t => t.seat + t.seen.map(c => c.answer).sort().join("")).join() +
			" " + reading.tilted.map(c => c.seat).join();
	})()`)
	if want := "8C,9B,63A 7AD 10"; got != want {
		t.Errorf("read %s, want %s", got, want)
	}
}

// TestPhotosAreUpright: a phone that was held upright writes that into its
// photo; each of the eight ways must come to the same answers, also where the
// browser is too old to look.
func TestPhotosAreUpright(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(800, 600)
	w.open("/offline/")
	w.rendersCards()
	want := []string{"1: 7A,8D 7A,8D", "2:  ", "3: 7C,8B 7C,8B", "4:  ", "5:  ", "6: 7D,8C 7D,8C", "7:  ", "8: 7B,8A 7B,8A"} // mirrored cards are none
	if diff := cmp.Diff(want, value[[]string](w, `cards.held()`)); diff != "" {
		t.Error(diff)
	}
}

// TestCardsPage prints cards and tries them, by photo and by camera.
func TestCardsPage(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1280, 800)
	w.open("/cards/")
	w.says("50 张卡，25 张 A4 纸")
	pages := func(from, to string, want int) {
		t.Helper()
		value[bool](w, fmt.Sprintf(`[["card-from", %q], ["card-to", %q]].forEach(([id, v]) => { const e = document.getElementById(id);
			e.value = v; e.dispatchEvent(new Event("input")) }) || true`, from, to))
		if want > 0 {
			w.print("打印纸卡")
			if got := w.pages(); got != want {
				t.Errorf("seats %s to %s: %d pages, want %d", from, to, got, want)
			}
		}
	}
	pages("1", "63", 32)
	pages("5", "5", 1)
	pages("9", "3", 0)
	w.says("从小到大")
	pages("7", "10", 2)

	// A photo, held upright and with two cards of the same seat.
	w.rendersCards()
	value[bool](w, `(window.requests = performance.getEntriesByType("resource").length, window.show = async (list, note) => {
		const files = new DataTransfer();
		files.items.add(await cards.jpeg(cards.table(list), note));
		const input = document.querySelector("input[type=file]");
		input.files = files.files;
		input.dispatchEvent(new Event("change"));
	}, true)`)
	seats := `[...document.querySelectorAll(".reader-seats li")].map(e => e.textContent).join()`
	value[bool](w, `show([[7, 0], [8, 90], [12, 180]], 6).then(() => true)`)
	w.says("读到 3 张")
	w.until(seats + ` === "7 号D,8 号C,12 号B"`)
	value[bool](w, `show([[7, 0], [9, 0], [9, 180], [13, 45]]).then(() => true)`)
	w.until(seats + ` === "7 号A,8 号C,12 号B"`) // the newest of each seat, none of a seat with two
	w.says("9 号：一张画面里有两张同号的卡")
	w.says("13 号：卡斜着")
	if sent := value[[]string](w, `performance.getEntriesByType("resource").slice(requests).map(e => e.name).filter(n => !/^(blob|data):/.test(n))`); len(sent) > 0 {
		t.Errorf("a photo made requests: %v", sent)
	}
	w.accessible("cards after a photo")
	w.size(1280, 800)
	w.click("清掉重读")
	w.until(`!document.querySelector(".reader-count").textContent && !document.querySelector(".reader-view canvas")`)

	// The camera: a canvas stands in for it.
	value[bool](w, `(() => {
		const canvas = document.createElement("canvas"), c = canvas.getContext("2d");
		canvas.width = 800; canvas.height = 200;
		window.before = list => { window.shown = cards.table(list) };
		before([[1, 0], [2, 0], [3, -90], [4, 0]]);
		setInterval(() => c.putImageData(shown, 0, 0), 40);
		window.camera = canvas.captureStream(20);
		navigator.mediaDevices.getUserMedia = async () => camera;
		return true })()`)
	w.click("打开摄像头")
	w.says("读到 4 张")
	w.until(seats + ` === "1 号A,2 号A,3 号B,4 号A"`)
	value[bool](w, `(before([[1, 180], [5, 0], [6, 0], [7, 0]]), true)`)
	w.until(seats + ` === "1 号C,2 号A,3 号B,4 号A,5 号A,6 号A,7 号A"`)
	w.accessible("cards with the camera")
	w.size(1280, 800)
	w.click("关掉摄像头")
	w.until(`camera.getTracks()[0].readyState === "ended" && !document.querySelector("video")`)
	w.says("读到 7 张")
}

// TestCardsWithoutCamera: a school's own network has no https, and there no
// browser has a camera for the page.
func TestCardsWithoutCamera(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(360, 740)
	if _, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `Object.defineProperty(Navigator.prototype, "mediaDevices", {get() { return undefined }})`}); err != nil {
		t.Fatal(err)
	}
	w.open("/cards/")
	w.says("拍照一样能读")
	w.until(`document.querySelector("input[type=file][capture=environment]") && ![...document.querySelectorAll("button")].some(b => b.offsetParent && /摄像头/.test(b.textContent))`)
}
