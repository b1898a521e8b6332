package quizserver

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// asset is the URL of the fingerprinted style sheet of the current release.
func (w *world) asset() string {
	w.t.Helper()
	names, err := fs.Glob(w.server.Site.Release().Public(), "css/main.*.css")
	w.must(err)
	if len(names) != 1 {
		w.t.Fatalf("style sheets: %v", names)
	}
	return "/" + names[0]
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	const html, text, revalidate, forever = "text/html; charset=utf-8", "text/plain; charset=utf-8", "no-cache", "public, max-age=31536000, immutable"
	for _, test := range []struct {
		path                        string
		status                      int
		contentType, cache, contain string
	}{
		{"/", 200, html, revalidate, "欢迎来到测试站"},
		{"/lessons/four-points/", 200, html, revalidate, "今天我们说四个要点"},
		{"/lessons/four-points/four.svg", 200, "image/svg+xml", revalidate, "<svg"},
		{"/lessons/four-points/?print=1", 200, html, revalidate, "四个要点"},
		{"/robots.txt", 200, text, revalidate, "User-agent"},
		{w.asset(), 200, "text/css; charset=utf-8", forever, "line-height"},
		{"/nowhere/", 404, html, revalidate, "没有这一页"},
		{"/nowhere", 404, html, revalidate, "没有这一页"},
		{"/robots.txt/", 404, html, revalidate, "没有这一页"},
		{"/css/", 404, html, revalidate, "没有这一页"},
		{"/css", 404, html, revalidate, "没有这一页"},
		{"/css/main.00000000000000000000000000000000.css", 404, html, revalidate, "没有这一页"},
		{"/%00", 404, html, revalidate, "没有这一页"},
		{"/" + strings.Repeat("a", 4000), 404, html, revalidate, "没有这一页"},
		{"/..%2f", 404, html, revalidate, "没有这一页"},
		{"/%2e%2e/", 404, html, revalidate, "没有这一页"},
		{"/..%2f..%2f..%2fetc%2fpasswd", 404, html, revalidate, "没有这一页"},
		{"/lessons/..%2frobots.txt", 404, html, revalidate, "没有这一页"},
		{"/..%2f" + strings.TrimPrefix(w.asset(), "/"), 404, html, revalidate, "没有这一页"},
		{"/..%5c..%5csunnycampus.db", 404, html, revalidate, "没有这一页"},
		{"//robots.txt", 404, html, revalidate, "没有这一页"},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			r := w.do(method, test.path, "", nil)
			if r.status != test.status || r.header.Get("Content-Type") != test.contentType || r.header.Get("Cache-Control") != test.cache {
				t.Errorf("%s %.60s: %d %q %q, want %d %q %q", method, test.path, r.status, r.header.Get("Content-Type"),
					r.header.Get("Cache-Control"), test.status, test.contentType, test.cache)
			}
			if method == "GET" && !strings.Contains(string(r.body), test.contain) || method == "HEAD" && len(r.body) > 0 {
				t.Errorf("%s %.60s: body %.200q", method, test.path, r.body)
			}
		}
	}
}

func TestFolderWithoutSlashIsRedirected(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]string{
		"/lessons/four-points":             "four-points/",
		"/quizzes":                         "quizzes/",
		"/help?q=%E6%B1%82%E5%8A%A9&a=%2F": "help/?q=%E6%B1%82%E5%8A%A9&a=%2F",
		"/lessons/four-points/index.html":  "./",
	} {
		r := w.ok(301, w.get(path, ""), nil)
		if got := r.header.Get("Location"); got != want {
			t.Errorf("GET %s leads to %q, want %q", path, got, want)
		}
	}
}

func TestPagesTakeNoOtherMethod(t *testing.T) {
	w := newWorld(t)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
		for _, path := range []string{"/", "/help/", "/nowhere"} {
			r := w.ok(405, w.do(method, path, "", nil), nil)
			if r.detail() == "" || r.header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %v %s", method, path, r.header, r.body)
			}
		}
	}
}

// TestUnchangedPageIsNotSentAgain also after a build that left it as it was.
func TestUnchangedPageIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	tag := w.get("/help/", "").header.Get("ETag")
	w.must(w.server.Site.Rebuild(context.Background()))
	for _, coding := range []string{"", "gzip, br"} {
		req := w.request("GET", "/help/", "", nil)
		req.Header.Set("Accept-Encoding", coding)
		req.Header.Set("If-None-Match", tag)
		w.ok(304, w.send(req), nil)
	}
	req := w.request("GET", "/lessons/four-points/", "", nil)
	req.Header.Set("If-None-Match", tag)
	w.ok(200, w.send(req), nil)
}

func TestPagesAreSentCompressed(t *testing.T) {
	w := newWorld(t)
	read := func(path, accept string) (coding, body string) {
		t.Helper()
		req := w.request("GET", path, "", nil)
		req.Header.Set("Accept-Encoding", accept)
		r := w.send(req)
		if r.status != 200 || !strings.Contains(r.header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s for %q: %d, Vary %q", path, accept, r.status, r.header.Get("Vary"))
		}
		var plain io.Reader = bytes.NewReader(r.body)
		coding = r.header.Get("Content-Encoding")
		switch coding {
		case "br":
			plain = brotli.NewReader(plain)
		case "gzip":
			unzipped, err := gzip.NewReader(plain)
			w.must(err)
			plain = unzipped
		}
		out, err := io.ReadAll(plain)
		w.must(err)
		return coding, string(out)
	}
	for _, path := range []string{"/", w.asset(), "/robots.txt"} {
		_, want := read(path, "identity")
		for accept, coding := range map[string]string{
			"gzip, deflate, br, zstd": "br", "gzip, deflate": "gzip", "GZIP;q=0.5": "gzip", "br;q=0, gzip": "gzip", "deflate": "", "*": "",
		} {
			for range 3 { // the quick form, and perhaps the better one
				if got, body := read(path, accept); got != coding || body != want {
					t.Errorf("%s for %q: coding %q, want %q; same body: %t", path, accept, got, coding, body == want)
				}
			}
		}
	}
	req := w.request("GET", "/", "", nil)
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("Range", "bytes=0-9")
	if r := w.ok(206, w.send(req), nil); r.header.Get("Content-Encoding") != "" || len(r.body) != 10 {
		t.Errorf("a part of the plain page: %v, %d bytes", r.header, len(r.body))
	}
}

// TestCompressedBodiesStayBounded fills what may be kept.
func TestCompressedBodiesStayBounded(t *testing.T) {
	var b bodies
	noise := make([]byte, maxKept/5)
	for i := range byte(20) {
		b.keep(form{sum: [32]byte{i}, coding: "br"}, noise)
		if b.size > maxKept || b.size != len(b.kept)*len(noise) {
			t.Fatalf("after %d: %d bytes counted for %d bodies", i, b.size, len(b.kept))
		}
	}
	b.keep(form{sum: [32]byte{19}, coding: "br"}, noise[:10])
	if want := (len(b.kept)-1)*len(noise) + 10; b.size != want {
		t.Errorf("a body kept again counts %d bytes, want %d", b.size, want)
	}
}

func TestAssetOfAnEarlierReleaseIsStillServed(t *testing.T) {
	w := newWorld(t)
	first := w.asset()
	for n := 2; ; n++ {
		w.write("themes/sunny/assets/main.css", fmt.Sprintf("body { line-height: %d; }", n))
		w.must(w.server.Site.Rebuild(context.Background()))
		if w.asset() == first {
			t.Fatal("a changed asset keeps its name")
		}
		r := w.get(first, "")
		if n > 4 { // of five releases the first is gone
			w.ok(404, r, nil)
			break
		}
		w.ok(200, r, nil)
		wantContain(t, "old style sheet", string(r.body), []string{"1.75"}, nil)
		if got := r.header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("old asset: Cache-Control %q", got)
		}
	}
	// A page that is gone stays gone, even while an old release holds it.
	w.ok(404, w.get("/release.json", ""), nil)
}

func TestPageRemovedFromTheSourceIsGone(t *testing.T) {
	w := newWorld(t)
	w.write("content/about/team/index.md", "---\ntitle: 团队\nsummary: 一句话。\naudience: [all]\n---\n独一无二的词语\n")
	w.must(w.server.Site.Rebuild(context.Background()))
	w.ok(200, w.get("/about/team/", ""), nil)
	w.remove("content/about")
	w.must(w.server.Site.Rebuild(context.Background()))
	w.ok(404, w.get("/about/team/", ""), nil)
	var found struct{ Total int }
	if w.ok(200, w.get("/api/search?q=%E7%8B%AC%E4%B8%80%E6%97%A0%E4%BA%8C", ""), &found); found.Total != 0 {
		t.Errorf("a page that is gone has %d hits", found.Total)
	}
}

func TestFingerprinted(t *testing.T) {
	hash := strings.Repeat("0a", 32)
	for name, want := range map[string]bool{
		"css/main." + hash + ".css": true, "js/a.min." + hash + ".js": true, "main.css": false, "a.min.js": false,
		hash + ".css": false, "x/" + hash: false, "": false, "css." + hash + ".d/main.css": false,
	} {
		if got := fingerprinted(name); got != want {
			t.Errorf("fingerprinted(%q) = %v", name, got)
		}
	}
}

func TestBeforeTheFirstBuildNothingIsServed(t *testing.T) {
	w := newWorld(t)
	w.server.Site = newLive(t, w.source, t.TempDir(), w.server.Log)
	for _, path := range []string{"/", "/readyz", "/api/quizzes", "/api/quizzes/canary"} {
		r := w.get(path, "")
		if r.status != 503 || r.detail() == "" {
			t.Errorf("GET %s: %d %s", path, r.status, r.body)
		}
	}
	w.ok(503, w.do("POST", "/api/rooms", "", `{"quiz":"canary"}`), nil)
	w.ok(200, w.get("/healthz", ""), nil)
}
