package search

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestSyncWritesOnlyWhatChanged(t *testing.T) {
	x := open(t)
	docs := site()
	if got := put(t, x, docs); got != 5 {
		t.Errorf("first Sync changed %d, want 5", got)
	}
	if got := put(t, x, site()); got != 0 {
		t.Errorf("same content changed %d, want 0", got)
	}
	docs[1].Body = "新的正文写的是收养。"
	if got := put(t, x, docs); got != 1 {
		t.Errorf("one edit changed %d, want 1", got)
	}
	if got := urls(find(t, x, Request{Query: "收养"})); !slices.Equal(got, []string{"/law/age/"}) {
		t.Errorf("new text found in %v, want /law/age/", got)
	}
	if got := urls(find(t, x, Request{Query: "周岁"})); len(got) != 0 {
		t.Errorf("old text still found in %v", got)
	}
	if got := put(t, x, docs[2:]); got != 2 || x.Count() != 3 {
		t.Errorf("removing two changed %d and left %d, want 2 and 3", got, x.Count())
	}
	if got := urls(find(t, x, Request{Query: "欺凌"})); len(got) != 0 {
		t.Errorf("removed page still found: %v", got)
	}
	if got := put(t, x, nil); got != 3 || x.Count() != 0 || find(t, x, Request{}).Total != 0 {
		t.Errorf("removing all changed %d and left %d, want 3 and 0", got, x.Count())
	}
}

func TestSyncNoticesEveryField(t *testing.T) {
	x := open(t)
	put(t, x, site())
	for name, edit := range map[string]func(d *Doc){
		"title":    func(d *Doc) { d.Title += "新" },
		"summary":  func(d *Doc) { d.Summary += "新" },
		"kind":     func(d *Doc) { d.Kind = "new" },
		"audience": func(d *Doc) { d.Audience = []string{"leaders"} },
		"topics":   func(d *Doc) { d.Topics = []string{"定义", "法律", "新"} },
		"body":     func(d *Doc) { d.Body += "新" },
	} {
		docs := site()
		edit(&docs[0])
		if got := put(t, x, docs); got != 1 {
			t.Errorf("editing the %s changed %d, want 1", name, got)
		}
		put(t, x, site())
	}
}

func TestSyncRefusesUnclearURLs(t *testing.T) {
	x := open(t)
	for _, docs := range [][]Doc{{{Title: "没有地址"}}, {{URL: "/a/"}, {URL: "/a/"}}} {
		if _, err := x.Sync(t.Context(), docs); err == nil || x.Count() != 0 {
			t.Errorf("Sync(%v) = %v with %d pages, want an error and nothing written", docs, err, x.Count())
		}
	}
}

func TestSyncInSeveralBatches(t *testing.T) {
	x := open(t)
	docs := make([]Doc, 2*batchSize+10)
	for i := range docs {
		docs[i] = Doc{URL: fmt.Sprintf("/%d/", i), Title: "班会"}
	}
	if got := put(t, x, docs); got != len(docs) || x.Count() != len(docs) {
		t.Errorf("Sync changed %d and holds %d, want %d", got, x.Count(), len(docs))
	}
	if got := put(t, x, docs[:5]); got != len(docs)-5 || find(t, x, Request{Query: "班会"}).Total != 5 {
		t.Errorf("removing changed %d, want %d", got, len(docs)-5)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := x.Sync(ctx, docs); n != 0 || !errors.Is(err, context.Canceled) || x.Count() != 5 {
		t.Errorf("cancelled Sync = %d, %v with %d pages, want nothing done", n, err, x.Count())
	}
}

func TestIndexSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	x, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	put(t, x, site())
	want := find(t, x, Request{Query: "学生欺凌"})
	if err := errors.Join(x.Close(), x.Close()); err != nil {
		t.Fatalf("Close twice: %v", err)
	}
	if _, err := x.Search(t.Context(), Request{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Search after Close = %v, want ErrClosed", err)
	}
	if _, err := x.Sync(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Sync after Close = %v, want ErrClosed", err)
	}
	if x, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if got := find(t, x, Request{Query: "学生欺凌"}); !slices.Equal(urls(got), urls(want)) || x.Count() != 5 {
		t.Errorf("after reopening %d pages, hits %v, want %v", x.Count(), urls(got), urls(want))
	}
	if got := put(t, x, site()); got != 0 {
		t.Errorf("same content after reopening changed %d, want 0", got)
	}
}

func TestDamagedIndexIsRebuilt(t *testing.T) {
	garbage := func(data []byte) []byte { return []byte(strings.Repeat("损坏", len(data)/6+1)) }
	half := func(data []byte) []byte { return data[:len(data)/2] }
	empty := func([]byte) []byte { return nil }
	middle := func(data []byte) []byte {
		for i := len(data) / 3; i < len(data)/2; i++ {
			data[i] ^= 0x55
		}
		return data
	}
	for _, test := range []struct {
		name, files string
		damage      func([]byte) []byte
	}{
		{"garbage settings", "index_meta.json", garbage},
		{"empty settings", "index_meta.json", empty},
		{"garbage root", "store/root.bolt", garbage},
		{"half a root", "store/root.bolt", half},
		{"empty root", "store/root.bolt", empty},
		{"garbage segments", "store/*.zap", garbage},
		{"half of each segment", "store/*.zap", half},
		{"empty segments", "store/*.zap", empty},
		{"bits turned in segments", "store/*.zap", middle},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			x, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			put(t, x, site())
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			rewrite(t, filepath.Join(dir, "pages.bleve", test.files), test.damage)

			x, err = Open(dir)
			if err != nil {
				t.Fatalf("Open of a damaged index: %v", err)
			}
			defer x.Close()
			put(t, x, site())
			if got := urls(find(t, x, Request{Query: "旁观者"})); x.Count() != 5 || len(got) == 0 {
				t.Errorf("after Sync %d pages, hits %v", x.Count(), got)
			}
		})
	}
}

// A root cut short points at pages that are not there: reading one is a fault
// of the processor, not an error.
func TestIndexWithItsRootCutShortIsRebuilt(t *testing.T) {
	source := t.TempDir()
	x, err := Open(source)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 { // many commits, so that the root has grown
		put(t, x, site()[i%2:])
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join("pages.bleve", "store", "root.bolt")
	info, err := os.Stat(filepath.Join(source, root))
	if err != nil {
		t.Fatal(err)
	}
	for size := int64(0); size < info.Size(); size += 3 * 4096 {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(dir, root), size); err != nil {
			t.Fatal(err)
		}
		x, err := Open(dir)
		if err != nil {
			t.Fatalf("root of %d bytes: Open: %v", size, err)
		}
		put(t, x, site())
		if x.Count() != 5 {
			t.Errorf("root of %d bytes: %d pages, want 5", size, x.Count())
		}
		if err := x.Close(); err != nil {
			t.Errorf("root of %d bytes: Close: %v", size, err)
		}
	}
}

// rewrite changes the content of the files that match pattern.
func rewrite(t *testing.T, pattern string, change func([]byte) []byte) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, change(data), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenLeavesOtherFilesAlone(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pages.bleve"), []byte("not a folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	x, err := Open(dir)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer x.Close()
	if _, err := os.Stat(other); err != nil {
		t.Errorf("a file that is not ours is gone: %v", err)
	}
}

func TestOpenTwiceKeepsTheIndexInUse(t *testing.T) {
	dir := t.TempDir()
	x, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	put(t, x, site())
	if _, err := Open(dir); !errors.Is(err, ErrInUse) {
		t.Errorf("second Open = %v, want ErrInUse", err)
	}
	if got := put(t, x, site()[1:]); got != 1 || x.Count() != 4 {
		t.Errorf("first index then changed %d and holds %d, want 1 and 4", got, x.Count())
	}
}

// While Sync replaces every page, searches see the old state or the new one,
// never a mixture.
func TestSearchDuringSync(t *testing.T) {
	x := open(t)
	states := [2][]Doc{site(), site()}
	for i := range states {
		for j := range states[i] {
			states[i][j].Body += [2]string{"版本甲", "版本乙"}[i]
		}
	}
	put(t, x, states[0])

	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				for _, query := range []string{"版本甲", "版本乙"} {
					r, err := x.Search(t.Context(), Request{Query: query, Kind: "law"})
					if err != nil {
						t.Errorf("Search: %v", err)
						return
					}
					lit := 0
					for _, h := range r.Hits {
						if strings.Contains(h.Snippet, "<mark>"+query+"</mark>") {
							lit++
						}
					}
					if lit != 0 && lit != 2 {
						t.Errorf("%d of 2 pages of one state, hits %v", lit, r.Hits)
					}
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 20 {
		put(t, x, states[(i+1)%2])
		x.SetLexicon(&Lexicon{Synonyms: []Synonym{{Say: []string{"甲"}, Mean: []string{"乙"}}}})
	}
	close(done)
	readers.Wait()
}
