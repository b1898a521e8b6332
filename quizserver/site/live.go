package site

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"sunnycampus/search"
)

// Live is the site being served: a release behind an atomic pointer, and the
// search index that follows it.
type Live struct {
	Builder *Builder
	Index   *search.Index
	Log     *slog.Logger

	building sync.Mutex // Hugo and the index take one at a time
	current  atomic.Pointer[Release]
	earlier  atomic.Pointer[[]fs.FS]
}

// Release is what is served now; nil before the first build.
func (l *Live) Release() *Release { return l.current.Load() }

// Asset opens a file of a release that is no longer current: pages opened
// before a publish still ask for their fingerprinted files.
func (l *Live) Asset(name string) (fs.FS, bool) {
	trees := l.earlier.Load()
	if trees == nil {
		return nil, false
	}
	for _, tree := range *trees {
		if _, err := fs.Stat(tree, name); err == nil {
			return tree, true
		}
	}
	return nil, false
}

// Resume serves the last release at once, if there is one, and tells whether
// the source has changed since.
func (l *Live) Resume(ctx context.Context) (served, stale bool, err error) {
	r, err := l.Builder.Current()
	if errors.Is(err, fs.ErrNotExist) {
		return false, true, nil
	}
	if err != nil {
		l.Log.Warn("the last release cannot be read; building afresh", "err", err)
		return false, true, nil
	}
	if !r.Whole() {
		l.Log.Warn("the last release is damaged; building afresh", "release", r.Number)
		return false, true, nil
	}
	hash, err := l.Builder.sourceHash(ctx)
	if err != nil {
		l.Log.Warn("nobody knows whether the last release is up to date; building afresh behind it", "err", err)
	}
	l.serve(ctx, r)
	return true, err != nil || hash != r.SourceHash, nil
}

// Update rebuilds if what is served is out of date.
func (l *Live) Update(ctx context.Context) error {
	l.building.Lock()
	defer l.building.Unlock()
	// Who waited for the lock often finds the work done.
	if r := l.Release(); r != nil && r.Whole() && !l.outdated(ctx) {
		return nil
	}
	l.Log.Info("content has changed; rebuilding")
	return l.rebuild(ctx)
}

// Rebuild builds, swaps and indexes, in this order. When it fails, what is
// served stays as it was.
func (l *Live) Rebuild(ctx context.Context) error {
	l.building.Lock()
	defer l.building.Unlock()
	return l.rebuild(ctx)
}

func (l *Live) rebuild(ctx context.Context) error {
	r, err := l.Builder.Build(ctx)
	if err != nil {
		return err
	}
	if err := l.Builder.Publish(r); err != nil {
		return err
	}
	if before := l.Release(); before == nil || !slices.Equal(before.Warnings, r.Warnings) {
		for _, w := range r.Warnings {
			l.Log.Warn("a page has something that check refuses", "problem", w.String())
		}
	}
	l.serve(ctx, r)
	return nil
}

// serve shows a release and then indexes it. An index that fails costs the
// search, not the pages; the next release mends it.
func (l *Live) serve(ctx context.Context, r *Release) {
	earlier, err := l.Builder.Earlier()
	if err != nil {
		l.Log.Warn("earlier releases cannot be read", "err", err)
	}
	l.Index.SetLexicon(&r.Lexicon)
	l.current.Store(r)
	l.earlier.Store(&earlier)
	changed, err := l.Index.Sync(ctx, r.Docs())
	if err != nil {
		l.Log.Error("the search does not know this release", "release", r.Number, "err", err)
	}
	l.Log.Info("release is live", "release", r.Number, "pages", r.PageCount, "quizzes", len(r.Quizzes), "indexed", changed)
}

// weights bring help before teaching, and both before words about the site.
var weights = map[string]float64{"help": 1.3, "parents": 1.2, "quizzes": 0.8, "policy": 0.8, "laws": 0.6, "guide": 0.5, "about": 0.5}

// Docs are the pages as the search knows them.
func (r *Release) Docs() []search.Doc {
	docs := make([]search.Doc, len(r.Pages))
	for i, p := range r.Pages {
		docs[i] = search.Doc{URL: p.URL, Title: p.Title, Summary: p.Summary, Kind: p.Section,
			Audience: p.Audience, Topics: p.Topics, Body: p.Text, Weight: weights[p.Section]}
	}
	return docs
}
