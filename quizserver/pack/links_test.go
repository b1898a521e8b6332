package pack

import (
	"strings"
	"testing"
)

func somePages() *packer {
	return &packer{files: map[string]bool{
		"index.html": true, "help/index.html": true, "help/card/index.html": true, "lessons/a/index.html": true,
		"lessons/a/pinyin.html": true, "lessons/a/cover.svg": true, "css/x.css": true, "训练/index.html": true,
	}}
}

func TestResolve(t *testing.T) {
	for _, one := range []struct{ name, address, want string }{
		{"lessons/a/index.html", "../../help/#who", "../../help/index.html#who"},
		{"lessons/a/index.html", "/help/card/?a=b", "../../help/card/index.html?a=b"},
		{"lessons/a/index.html", "/help/card", "../../help/card/index.html"},
		{"lessons/a/index.html", "pinyin.html", "pinyin.html"},
		{"lessons/a/pinyin.html", "./", "index.html"},
		{"lessons/a/index.html", "cover.svg", "cover.svg"},
		{"lessons/a/index.html", "../../", "../../../index.html"}, // home lies above the folder of the rest
		{"lessons/a/index.html", "/css/x.css", "../../css/x.css"},
		{"index.html", "help/", "site/help/index.html"},
		{"index.html", "./", "index.html"},
		{"index.html", "/训练/", "site/%E8%AE%AD%E7%BB%83/index.html"},
		{"search/index.html", "/pack/pages.js", "../pack/pages.js"},
		{"help/index.html", "#top", "#top"},
		{"help/index.html", "tel:110", "tel:110"},
		{"help/index.html", "?q=x", "?q=x"},
		{"help/index.html", "https://beian.miit.gov.cn/", "https://beian.miit.gov.cn/"},
		{"help/index.html", "data:,", "data:,"},
	} {
		if got, ok := somePages().resolve(one.address, one.name); !ok || got != one.want {
			t.Errorf("%s on %s: %q %v, want %q", one.address, one.name, got, ok, one.want)
		}
	}
	for _, gone := range []string{"/host/?quiz=x", "../b/", "/lessons/", "index.md", "../../../../etc/"} {
		if got, ok := somePages().resolve(gone, "lessons/a/index.html"); ok {
			t.Errorf("%s leads to %s, which is not packed", gone, got)
		}
	}
}

// TestDeadLinks: what is there for the link alone goes, words stay.
func TestDeadLinks(t *testing.T) {
	for _, one := range []struct{ name, in, want string }{
		{"in a sentence", `<p>先看<a href="/host/">答题</a>再说</p>`, `<p>先看答题再说</p>`},
		{"with an element", `<p>先看<a href="/host/"><b>答</b>题</a></p>`, `<p>先看<b>答</b>题</p>`},
		{"a button of two", `<p class="btn-row"><a href="/host/">开</a><a href="/help/">求助</a></p>`, `<p class="btn-row"><a href="../help/index.html">求助</a></p>`},
		{"the only button", `<div><p class="btn-row"> <a href="/host/">开</a> </p><p>x</p></div>`, `<div><p>x</p></div>`},
		{"an entry", `<ul><li><a href="/host/"><b>开</b>一块大屏</a></li><li>x</li></ul>`, `<ul><li>x</li></ul>`},
		{"the only entry", `<div><ul><li><a href="/host/">开</a></li></ul></div>`, `<div></div>`},
		{"a cell", `<table><tbody><tr><td><a href="/host/">开</a></td></tr></tbody></table>`, `<table><tbody><tr><td>开</td></tr></tbody></table>`},
		{"a heading", `<h3><a href="/host/">开</a></h3>`, `<h3>开</h3>`},
		{"a form", `<div><form action="/host/"><input name="q"/></form></div>`, `<div></div>`},
		{"two in one", `<p><a href="/host/">一</a>和<a href="/join/">二</a></p>`, `<p>一和二</p>`},
		{"a living one", `<p><a href="/help/">求助</a></p>`, `<p><a href="../help/index.html">求助</a></p>`},
	} {
		got, err := somePages().relinkFragment(one.in, "laws/index.html")
		if err != nil || got != one.want {
			t.Errorf("%s: %s (%v), want %s", one.name, got, err, one.want)
		}
	}
}

func TestRelinkReachesHiddenParts(t *testing.T) {
	page := `<!DOCTYPE html><html><head><noscript><link rel="stylesheet" href="/css/x.css"/></noscript>` +
		`<template><link rel="stylesheet" href="/css/x.css"/></template></head><body><script>if (a < b && c) {}</script></body></html>`
	got, err := somePages().relink([]byte(page), "help/index.html")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(got), `href="../css/x.css"`); n != 2 {
		t.Errorf("%d of 2 links rewritten: %s", n, got)
	}
	if !strings.Contains(string(got), "if (a < b && c) {}") {
		t.Errorf("the script was changed: %s", got)
	}
}
