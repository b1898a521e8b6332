package quizserver

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"sunnycampus/quizserver/site"
)

// TestMain lets the test binary stand in for the renderer: as its own child it
// renders a job without Hugo.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render" {
		os.Exit(renderChild())
	}
	// A child built with -race would wait a second before it ends.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// Words in a page that make the renderer fail in one of its ways.
const (
	breaksBuild    = "BREAK-THE-BUILD"
	killsRenderer  = "KILL-THE-RENDERER"
	makesGarbage   = "PRINT-GARBAGE"
	failsRenderer  = "EXIT-WITH-ERROR"
	brokenPageText = "---\ntitle: 坏页\nsummary: 一句话。\naudience: [all]\n---\n第一行\n\n%s\n"
)

func renderChild() int {
	var job site.Job
	if err := json.NewDecoder(os.Stdin).Decode(&job); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	r := renderer{job: job}
	err := r.tree(job.Content, "", "data", "quizzes") // what the real mount leaves out
	if err == nil {
		err = r.tree(job.Quizzes, "quizzes")
	}
	if err == nil {
		err = r.theme()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := json.NewEncoder(os.Stdout).Encode(r.out); err != nil {
		return 1
	}
	return 0
}

type renderer struct {
	job site.Job
	out site.Rendered
}

// tree copies the whole text of every page into its HTML, so that whatever
// reaches the renderer reaches the public tree.
func (r *renderer) tree(dir, prefix string, without ...string) error {
	return fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		for _, skip := range without {
			if name == skip {
				return fs.SkipDir
			}
		}
		if d.IsDir() {
			return nil
		}
		body, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		target := path.Join(prefix, name)
		if path.Ext(name) == ".md" {
			r.sabotage(filepath.Join(dir, name), string(body))
			r.out.Pages++
			stem := strings.TrimSuffix(target, ".md")
			if base := path.Base(stem); base == "index" || base == "_index" {
				stem = path.Dir(stem)
			}
			target = path.Join(stem, "index.html")
			body = []byte("<!doctype html><html lang=zh-CN><pre>" + html.EscapeString(string(body)) + "</pre>")
		}
		return r.write(target, body)
	})
}

func (r *renderer) sabotage(file, body string) {
	for i, line := range strings.Split(body, "\n") {
		switch line {
		case breaksBuild:
			r.out.Problems = append(r.out.Problems, site.Problem{Path: file, Line: i + 1, Message: "failed to render " + file})
		case killsRenderer:
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				_ = self.Kill()
			}
			select {}
		case makesGarbage:
			fmt.Println("panic: not a report")
		case failsRenderer:
			fmt.Fprintln(os.Stderr, "SECRET-STDERR")
			os.Exit(3)
		}
	}
}

// theme copies static files and fingerprints assets.
func (r *renderer) theme() error {
	theme := filepath.Join(r.job.Root, "themes", "sunny")
	css, err := os.ReadFile(filepath.Join(theme, "assets", "main.css"))
	if err != nil {
		return err
	}
	robots, err := os.ReadFile(filepath.Join(theme, "static", "robots.txt"))
	if err != nil {
		return err
	}
	for name, body := range map[string][]byte{
		fmt.Sprintf("css/main.%x.css", sha256.Sum256(css)): css,
		"robots.txt": robots,
		"404.html":   []byte("<!doctype html><title>没有这一页</title>"),
	} {
		if err := r.write(name, body); err != nil {
			return err
		}
	}
	return nil
}

func (r *renderer) write(name string, body []byte) error {
	file := filepath.Join(r.job.Out, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, body, 0o644)
}
