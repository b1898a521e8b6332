package main

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

const (
	firstView = 20_000 // bytes of a lesson until the load event
	headers   = 1_300  // of three answers
	words     = 7_500  // of the 20 KB; a lesson that has more to say may be heavier by that
)

var (
	gist       = regexp.MustCompile(`<a class="?cite[^>]* title="([^"]*)"[^>]*>`)
	laterParts = regexp.MustCompile(`(?s)<template.*?</template>|<noscript.*?</noscript>`)
	loaded     = regexp.MustCompile(`<link rel="?stylesheet"? href="?([^" >]+)|<script defer(?:="")? src="?([^" >]+)`)
)

// TestLessonIsLight: a phone on a slow line has a lesson after 20 KB in four
// requests, the page with its style and scripts.
func TestLessonIsLight(t *testing.T) {
	pages, site := shippedSite(t)
	sent := map[string]int{}
	found := 0
	for _, lesson := range section(t, "lessons") {
		at := strings.TrimSuffix(lesson, "/")
		html := pages[at]
		if html == "" {
			t.Errorf("%s was not built", lesson)
			continue
		}
		found++
		sum, requests := compressed(t, html), 1
		for _, m := range loaded.FindAllStringSubmatch(laterParts.ReplaceAllString(html, ""), -1) {
			name := strings.TrimPrefix(path.Join(at, m[1]+m[2]), "/")
			if sent[name] == 0 {
				sent[name] = compressed(t, readFile(t, site, name))
			}
			sum += sent[name]
			requests++
		}
		most := firstView - headers + max(0, compressed(t, tag.ReplaceAllString(gist.ReplaceAllString(html, "$1"), ""))-words)
		if sum > most || requests < 3 || requests > 4 {
			t.Errorf("%s sends %d bytes in %d requests, want at most %d in four", lesson, sum, requests, most)
		}
	}
	if found < 20 {
		t.Errorf("weighed %d lessons", found)
	}
}

// TestScreensAreLight: a projected lesson or story, the page where a lesson is
// filed and that where the quiz is run send at most 25 KB of scripts.
func TestScreensAreLight(t *testing.T) {
	_, site := shippedSite(t)
	names := []string{"host/index.html", "staff/records/index.html"}
	for _, page := range append(section(t, "lessons"), section(t, "scenarios")...) {
		names = append(names, strings.TrimPrefix(page, "/")+"screen.html")
	}
	for _, name := range names {
		sum, scripts := 0, 0
		for _, m := range loaded.FindAllStringSubmatch(readFile(t, site, name), -1) {
			if m[2] != "" {
				sum += compressed(t, readFile(t, site, path.Join(path.Dir(name), m[2])))
				scripts++
			}
		}
		if sum > 25<<10 || scripts == 0 {
			t.Errorf("%s sends %d bytes in %d scripts", name, sum, scripts)
		}
	}
}

// compressed is the size of a body as the server sends it in the end.
func compressed(t *testing.T, body string) int {
	t.Helper()
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, brotli.BestCompression)
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}
