package site

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The signature sees what a rebuild could change and nothing else.
func TestSignature(t *testing.T) {
	root := t.TempDir()
	put := func(name, body string) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	signature := func() uint64 {
		s, err := Source{Root: root}.signature()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	put("hugo.toml", "title = 'x'")
	put("themes/sunny/layouts/home.html", "x")
	put("content/help/_index.md", "x")
	before := signature()
	if signature() != before {
		t.Error("the signature changes by itself")
	}
	put("content/.git/index", "a commit")
	put("content/help/_index.md~", "an editor's backup")
	put("README.md", "not part of the site")
	if signature() != before {
		t.Error("files that are not part of the site change the signature")
	}
	for _, name := range []string{"content/help/_index.md", "themes/sunny/layouts/home.html", "hugo.toml", "content/data/laws.yaml"} {
		put(name, "longer than before: "+name)
		after := signature()
		if after == before {
			t.Errorf("a change of %s is not seen", name)
		}
		before = after
	}
	if err := os.Remove(filepath.Join(root, "content/help/_index.md")); err != nil {
		t.Fatal(err)
	}
	if signature() == before {
		t.Error("a deleted page is not seen")
	}
}
