package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestItemsAreReadAloud in practice and on a pupil's screen: with a voice of the
// device, only what is shown, and not on into the next screen.
func TestItemsAreReadAloud(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	listener := func(had string) *tab {
		w := b.keyboard(360, 740)
		if _, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: voices}); err != nil {
			t.Fatal(err)
		}
		w.open("/exit/")
		value[bool](w, `sessionStorage.setItem("voices", '`+had+`') || true`)
		return w
	}
	const local = `[{"lang": "zh-CN", "localService": true}]`
	readOut := func(w *tab) string {
		t.Helper()
		value[bool](w, `(said.length = 0, true)`)
		w.tabTo("读给我听")
		w.press(kb.Enter)
		w.until(`said.length === 1`)
		if on := w.sees().Name; on != "不读了" {
			t.Errorf("while it reads the button says %q", on)
		}
		for !value[bool](w, `(done(), silent())`) {
		}
		return value[string](w, `said.join("\n")`)
	}
	const readings = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"

	far := listener(`[{"lang": "zh-CN", "localService": false}]`)
	far.open("/quizzes/body-and-help/")
	far.click("开始练习")
	far.until(`document.querySelector(".listen") && !document.querySelector(".listen").offsetParent`)

	w := listener(local)
	w.open("/quizzes/body-and-help/")
	w.click("开始练习")
	w.until(`document.querySelector("form.practice")`)
	said := readOut(w)
	wantInOrder(t, "an item", said, value[string](w, `[...document.querySelectorAll(".question-stem, .reply-text")].map(e => { const c = e.cloneNode(true); c.querySelectorAll("rt").forEach(r => r.remove()); return c.textContent }).join("\n")`))
	if strings.ContainsAny(said, readings) || !strings.Contains(said, "A，") {
		t.Errorf("reads %q", said)
	}
	w.accessible("an item that can be read")
	w.press(kb.Enter)
	w.until(`!silent()`)
	w.press(kb.Enter)
	w.until(`silent()`)
	w.press(kb.Enter)
	w.until(`!silent()`)
	w.tabTo("A：")
	w.press(" ")
	w.enter("看看对不对")
	w.until(`document.querySelector("section.practice") && silent()`)
	if said := readOut(w); !strings.Contains(said, value[string](w, `(c => { c.querySelectorAll("rt").forEach(r => r.remove()); return c.textContent })(document.querySelector(".explain-body p").cloneNode(true))`)) || strings.ContainsAny(said, readings) {
		t.Errorf("reads of the reason %q", said)
	}

	host := b.tab(1280, 800)
	host.open("/host/?quiz=body-and-help&items=body-red,stop-picture")
	host.click("学生设备")
	host.click("开始")
	host.until("/^#[0-9]{6}$/.test(location.hash)")
	pupil := listener(local)
	pupil.sit(value[string](host, "location.hash.slice(1)"), 3)
	host.mainStep("开始第一题")
	host.mainStep("开放作答")
	pupil.until(`document.querySelector("form.question")`)
	if said := readOut(pupil); strings.ContainsAny(said, readings) || !strings.Contains(said, "B，") {
		t.Errorf("reads %q", said)
	}
	pupil.press(kb.Enter)
	pupil.until(`!silent()`)
	host.click("暂停")
	pupil.until(`silent()`) // the state changed
	host.mainStep("继续作答")
	pupil.until(`document.querySelector("form.question")`)
	host.mainStep("停止作答")
	host.mainStep("公布答案")
	pupil.says("正确答案")
	if said := readOut(pupil); !strings.Contains(said, "这题没有交") || !strings.Contains(said, "正确答案") || !strings.Contains(said, "为什么") {
		t.Errorf("reads of the result %q", said)
	}
	pupil.accessible("a result that can be read")
}

// wantInOrder wants each line of what is expected in a text, in their order.
func wantInOrder(t *testing.T, what, text, expected string) {
	t.Helper()
	rest := text
	for line := range strings.SplitSeq(expected, "\n") {
		_, after, ok := strings.Cut(rest, line)
		if !ok {
			t.Errorf("%s: %q is not read in its place; read: %q", what, line, text)
			return
		}
		rest = after
	}
}
