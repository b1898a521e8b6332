package quizserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sunnycampus/quizserver/site"
)

func (w *world) remove(name string) {
	w.t.Helper()
	w.must(os.RemoveAll(filepath.Join(w.source, filepath.FromSlash(name))))
}

// TestFailedBuildChangesNothingServed breaks the build in every way a child
// process can fail.
func TestFailedBuildChangesNothingServed(t *testing.T) {
	w := newWorld(t)
	for _, mischief := range []string{breaksBuild, killsRenderer, makesGarbage, failsRenderer} {
		w.write("content/about/bad/index.md", fmt.Sprintf(brokenPageText, mischief))
		err := w.server.Site.Rebuild(context.Background())
		if err == nil {
			t.Fatalf("%s: the build went through", mischief)
		}
		var broken *site.BuildError
		if errors.As(err, &broken) != (mischief == breaksBuild) {
			t.Errorf("%s: error %T %v", mischief, err, err)
		}
		if mischief == breaksBuild {
			wantContain(t, "the error", err.Error(), []string{"content/about/bad/index.md:8: failed to render "}, []string{w.source})
		}
		w.checkServed(mischief, 1)
	}
	w.remove("content/about/bad")
	w.must(w.server.Site.Rebuild(context.Background()))
	w.checkServed("mended", 2)
}

// checkServed wants a release to be served whole, with nothing half-built
// beside it.
func (w *world) checkServed(when string, release int) {
	w.t.Helper()
	if got := w.server.Site.Release().Number; got != release {
		w.t.Errorf("%s: release %d is served, want %d", when, got, release)
	}
	w.ok(200, w.get("/lessons/four-points/", ""), nil)
	w.ok(404, w.get("/about/bad/", ""), nil)
	w.ok(200, w.get("/readyz", ""), nil)
	var found struct{ Total int }
	if w.ok(200, w.get("/api/search?q=%E5%9D%8F%E9%A1%B5", ""), &found); found.Total != 0 {
		w.t.Errorf("%s: the search finds a page that is not served", when)
	}
	current, err := os.ReadFile(filepath.Join(w.data, "current"))
	if err != nil || strings.TrimSpace(string(current)) != fmt.Sprint(release) {
		w.t.Errorf("%s: current is %q, %v; want %d", when, current, err, release)
	}
	entries, err := os.ReadDir(filepath.Join(w.data, "releases"))
	w.must(err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".partial") {
			w.t.Errorf("%s: %s was left behind", when, e.Name())
		}
	}
}

func TestFailedBuildIsLoggedWithFileAndLine(t *testing.T) {
	w := newWorld(t)
	w.write("content/about/bad/index.md", fmt.Sprintf(brokenPageText, breaksBuild))
	w.server.Site.LogRebuild(context.Background())
	wantContain(t, "the log", w.log.String(), []string{"the old site stays up", "content/about/bad/index.md:8"}, nil)
}

func TestFailedBuildSaysInChineseWhatToMend(t *testing.T) {
	w := newWorld(t)
	w.write("content/about/bad/index.md", "---\ntitle: 坏页\nsummary: 一句话。\naudience: [all]\noops: 1\n---\n"+breaksBuild+"\n")
	err := w.server.Site.Rebuild(context.Background())
	if err == nil {
		t.Fatal("the build went through")
	}
	wantContain(t, "the error", err.Error(), []string{"content/about/bad/index.md:5: ", "oops"}, []string{"failed to render", w.source})
}

func TestMissingRendererIsAnError(t *testing.T) {
	w := newWorld(t)
	w.server.Site.Builder.Command = []string{filepath.Join(w.data, "no such program")}
	if err := w.server.Site.Rebuild(context.Background()); err == nil {
		t.Fatal("a build without a renderer went through")
	}
	w.checkServed("missing renderer", 1)
}

// TestBrokenQuizLeavesTheOthers keeps a slip in one file from taking a
// class's quiz away.
// What Hugo would let through with something missing stops the build.
func TestSilentLossesStopTheBuild(t *testing.T) {
	for name, test := range map[string]struct{ file, text, want string }{
		"a quiz with a mistake": {"content/quizzes/hands.md", "---\ntitle: 坏题\n---\n## 没有题号？\n- [ ] 一个\n", "content/quizzes/hands.md:4: "},
		"a page in GBK":         {"content/about/gbk.md", "---\ntitle: \xd5\xe2\xd2\xbb\xd2\xb3\n---\n", "UTF-8"},
		"a broken registry":     {"content/data/laws.yaml", "laws: [\n", "content/data/laws.yaml:"},
		"an empty law":          {"content/data/laws.yaml", "checked_on: \"2026-06-03\"\nlaws:\n  -\n", "content/data/laws.yaml:"},
	} {
		w := newWorld(t)
		w.write(test.file, test.text)
		err := w.server.Site.Rebuild(context.Background())
		var broken *site.BuildError
		if !errors.As(err, &broken) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Rebuild = %v, want a build error with %q", name, err, test.want)
		}
		w.ok(200, w.get("/api/quizzes/hands", ""), nil)
		w.checkServed(name, 1)
	}
}

// Somebody who tidies up below DATA gets the site back.
func TestVanishedReleaseIsBuiltAgain(t *testing.T) {
	w := newWorld(t)
	w.must(os.RemoveAll(filepath.Join(w.data, "releases")))
	w.ok(503, w.get("/readyz", ""), nil)
	ctx, stop := context.WithCancel(context.Background())
	watching := make(chan struct{})
	go func() { w.server.Site.Watch(ctx, time.Millisecond); close(watching) }()
	for w.get("/lessons/four-points/", "").status != 200 {
	}
	stop()
	<-watching
	w.ok(200, w.get("/readyz", ""), nil)
}

func TestRoomKeepsItsQuizWhenThatChanges(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	before := string(w.get("/api/quizzes/canary", "").body)
	items := fmt.Sprint(c.view(c.host).Items)
	w.write("content/quizzes/canary.md", "---\ntitle: 换过的题\n---\n## 新题？ {#new}\n- [x] 是\n- [ ] 否\n")
	w.must(w.server.Site.Rebuild(context.Background()))
	if got := fmt.Sprint(c.view(c.host).Items); got != items {
		t.Errorf("the room's items changed to %s", got)
	}
	if after := string(w.get("/api/quizzes/canary", "").body); after == before || !strings.Contains(after, "新题？") {
		t.Errorf("the practice quiz did not change: %s", after)
	}
}

func TestRestartServesAtOnce(t *testing.T) {
	w := newWorld(t)
	w.must(w.server.Index.Close())
	partial := filepath.Join(w.data, "releases", "9.partial")
	w.must(os.MkdirAll(filepath.Join(partial, "public"), 0o755)) // a killed build's

	restart := func(wantServed, wantStale bool) *site.Live {
		t.Helper()
		again := newLive(t, w.source, w.data, w.server.Log)
		again.Builder.Command = []string{"no renderer is needed to serve"}
		served, stale, err := again.Resume(context.Background())
		if served != wantServed || stale != wantStale || err != nil {
			t.Errorf("Resume = served %v, stale %v, %v; want %v, %v", served, stale, err, wantServed, wantStale)
		}
		w.server.Site, w.server.Index = again, again.Index
		return again
	}
	w.must(restart(true, false).Index.Close())
	w.write("content/help/_index.md", "---\ntitle: 求助\nsummary: 新的一句。\naudience: [all]\n---\n换过的内容\n")
	again := restart(true, true)
	w.ok(200, w.get("/help/", ""), nil)
	w.ok(200, w.get("/api/quizzes/canary", ""), nil)
	w.ok(200, w.get("/readyz", ""), nil)

	again.Builder.Command = newLive(t, w.source, t.TempDir(), w.server.Log).Builder.Command
	w.must(again.Rebuild(context.Background()))
	wantContain(t, "rebuilt page", string(w.get("/help/", "").body), []string{"换过的内容"}, nil)
	if _, err := os.Stat(partial); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a killed build's folder is still there: %v", err)
	}
	w.must(again.Index.Close())
	w.must(restart(true, false).Index.Close())

	w.must(os.WriteFile(filepath.Join(w.data, "current"), []byte("7\n"), 0o644)) // lost release
	w.must(restart(false, true).Index.Close())
	w.must(os.WriteFile(filepath.Join(w.data, "current"), []byte("\x00"), 0o644))
	restart(false, true)
}

// What a killed build left behind is not part of the next release.
func TestKilledBuildLeaksNothingIntoTheNext(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"2.partial", "2-123.partial"} {
		ghost := filepath.Join(w.data, "releases", name, "public", "ghost")
		w.must(os.MkdirAll(ghost, 0o755))
		w.must(os.WriteFile(filepath.Join(ghost, "index.html"), []byte("ghost"), 0o644))
	}
	w.must(w.server.Site.Rebuild(context.Background()))
	w.ok(404, w.get("/ghost/", ""), nil)
	w.checkServed("after the ghost", 2)
}

func TestTwoPagesOfOneAddressAreNamed(t *testing.T) {
	w := newWorld(t)
	page := "---\ntitle: 坏页\nsummary: 同一个网址。\naudience: [all]\n---\n正文\n"
	w.write("content/about/twin.md", page)
	w.write("content/about/twin/index.md", page)
	err := w.server.Site.Rebuild(context.Background())
	var broken *site.BuildError
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), "content/about/twin") || !strings.Contains(err.Error(), "网址相同") {
		t.Errorf("Rebuild = %v", err)
	}
	w.checkServed("with twins", 1)
	w.remove("content/about/twin")
	w.must(w.server.Site.Rebuild(context.Background()))
}

// A search that fails costs the search, not the pages.
func TestPagesAreServedWhenTheIndexFails(t *testing.T) {
	w := newWorld(t)
	w.must(w.server.Index.Close())
	w.must(w.server.Site.Rebuild(context.Background()))
	w.ok(200, w.get("/lessons/four-points/", ""), nil)
	if got := w.server.Site.Release().Number; got != 2 {
		t.Errorf("release %d is served, want 2", got)
	}
	wantContain(t, "the log", w.log.String(), []string{"the search does not know this release"}, nil)
}

// A folder that differs from quizzes/ by case only is left out by Hugo, and
// must not be told by the search either.
func TestSearchKeepsOutOfUnknownFolders(t *testing.T) {
	w := newWorld(t)
	w.write("content/Quizzes/secret.md", "---\ntitle: 竞赛题\nsummary: 竞赛。\naudience: [junior]\nuse: contest\n---\n## 题？ {#a}\n- [x] 甲\n- [ ] 乙\n\n> 竞赛解析金丝雀\n")
	w.must(w.server.Site.Rebuild(context.Background()))
	var found struct{ Total int }
	if w.ok(200, w.get("/api/search?q=%E9%87%91%E4%B8%9D%E9%9B%80", ""), &found); found.Total != 0 {
		t.Error("the search tells an explanation of a contest bank")
	}
}

// TestPicturesOfAQuizArePublished: those that its items show, and nothing else
// of its folder.
func TestPicturesOfAQuizArePublished(t *testing.T) {
	w := newWorld(t)
	w.write("content/quizzes/pictures/index.md", "---\ntitle: 看图\nsummary: 一道题。\naudience: [primary-low]\n---\n"+
		"## 小熊在做什么？ {#bear}\n![一只小熊](/quizzes/pictures/bear.svg)\n\n- [x] 说停\n- [ ] ![走开的小熊](/quizzes/pictures/away.svg)\n\n> CANARYWHY。\n")
	for _, name := range []string{"bear.svg", "away.svg", "unused.svg", "key.txt"} {
		w.write("content/quizzes/pictures/"+name, "<svg>"+name+"</svg>")
	}
	w.must(w.server.Site.Rebuild(context.Background()))
	for name, want := range map[string]int{"": 200, "bear.svg": 200, "away.svg": 200, "unused.svg": 404, "key.txt": 404, "index.md": 404} {
		r := w.ok(want, w.get("/quizzes/pictures/"+name, ""), nil)
		if strings.Contains(string(r.body), "CANARYWHY") {
			t.Errorf("%s holds the explanation", name)
		}
	}
}
