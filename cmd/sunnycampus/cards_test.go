package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/evanw/esbuild/pkg/api"
)

// cardScenes is an empty page that can render and read classes with cards.
func cardScenes(t *testing.T) *tab {
	t.Helper()
	built := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(repository(t), "cmd/sunnycampus/testdata/cards/scenes.js")},
		Bundle:      true, Format: api.FormatIIFE, GlobalName: "cards", Target: api.ES2018,
	})
	if len(built.Errors) > 0 {
		t.Fatal(built.Errors[0].Text)
	}
	w := openBrowserOn(t, "").tab(800, 600)
	w.open("about:blank")
	if err := chromedp.Do(w.ctx, chromedp.Evaluate[chromedp.Void](string(built.OutputFiles[0].Contents)+";window.cards = cards;undefined")); err != nil {
		t.Fatal(err)
	}
	return w
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
