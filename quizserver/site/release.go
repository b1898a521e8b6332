package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"sunnycampus/quizserver/quiz"
	"sunnycampus/search"
)

// keptReleases is how many releases stay on disk: a page opened before a
// publish still finds its fingerprinted scripts and styles.
const keptReleases = 4

// Release is one complete build. It holds all that a restart needs to serve
// at once, so nothing is parsed or built on the way.
type Release struct {
	Number     int            `json:"number"`
	SourceHash string         `json:"source_hash"`
	PageCount  int            `json:"page_count"`
	Pages      []Page         `json:"pages"`   // for the search
	Quizzes    []*quiz.Quiz   `json:"quizzes"` // with keys: never below public/
	Lexicon    search.Lexicon `json:"lexicon"`
	Warnings   []Problem      `json:"warnings,omitempty"`

	dir string
}

// Public is the tree that may be served.
func (r *Release) Public() fs.FS { return os.DirFS(filepath.Join(r.dir, "public")) }

// Whole tells whether the tree is still there: a folder below DATA is easily
// deleted by hand.
func (r *Release) Whole() bool { return whole(r.Public()) }

func whole(public fs.FS) bool {
	home, err := fs.Stat(public, "index.html")
	return err == nil && home.Size() > 0
}

// Quiz finds a quiz by its id.
func (r *Release) Quiz(id string) (*quiz.Quiz, bool) {
	for _, q := range r.Quizzes {
		if q.ID == id {
			return q, true
		}
	}
	return nil, false
}

func (b *Builder) releases() string { return filepath.Join(b.Data, "releases") }

// Current reads the release that was served last; fs.ErrNotExist if none was.
func (b *Builder) Current() (*Release, error) {
	name, err := os.ReadFile(filepath.Join(b.Data, "current"))
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(name)))
	if err != nil {
		return nil, fmt.Errorf("read current: %w", err)
	}
	return b.read(number)
}

// Earlier reads the public trees of the kept releases, newest first.
func (b *Builder) Earlier() ([]fs.FS, error) {
	numbers, err := b.numbers()
	if err != nil {
		return nil, err
	}
	var trees []fs.FS
	for _, n := range slices.Backward(numbers) {
		trees = append(trees, os.DirFS(filepath.Join(b.releases(), strconv.Itoa(n), "public")))
	}
	return trees, nil
}

func (b *Builder) read(number int) (*Release, error) {
	r := &Release{dir: filepath.Join(b.releases(), strconv.Itoa(number))}
	body, err := os.ReadFile(filepath.Join(r.dir, "release.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, r); err != nil {
		return nil, fmt.Errorf("read release %d: %w", number, err)
	}
	return r, nil
}

// Publish makes a release the current one: a small file replaced by rename,
// since a symlink needs rights that school PCs do not give.
func (b *Builder) Publish(r *Release) error {
	if err := writeFile(filepath.Join(b.Data, "current"), []byte(strconv.Itoa(r.Number)+"\n")); err != nil {
		return fmt.Errorf("publish release %d: %w", r.Number, err)
	}
	b.prune(r.Number)
	return nil
}

// prune removes old releases and what a killed build left behind. What cannot
// be removed now (on Windows, a file that is being read) goes next time.
func (b *Builder) prune(current int) {
	entries, err := os.ReadDir(b.releases())
	if err != nil {
		return
	}
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		stale := err != nil && strings.HasSuffix(e.Name(), partialSuffix)
		if stale || err == nil && n <= current-keptReleases {
			_ = os.RemoveAll(filepath.Join(b.releases(), e.Name()))
		}
	}
}

func (b *Builder) nextNumber() (int, error) {
	numbers, err := b.numbers()
	if err != nil || len(numbers) == 0 {
		return 1, err
	}
	return numbers[len(numbers)-1] + 1, nil
}

func (b *Builder) numbers() ([]int, error) {
	entries, err := os.ReadDir(b.releases())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// Rename moves a file or folder. On Windows a virus scanner may hold what was
// just written for a moment, so it tries for two seconds.
func Rename(from, to string) error {
	var err error
	for range 20 {
		if err = os.Rename(from, to); err == nil || runtime.GOOS != "windows" || errors.Is(err, fs.ErrNotExist) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// writeFile replaces a file whole or not at all.
func writeFile(path string, body []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when the rename went well
	_, err = f.Write(body)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return Rename(f.Name(), path)
}
