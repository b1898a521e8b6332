package site

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"time"
)

// Watch rebuilds when a file of the source or the stored contact card changes,
// until ctx ends. It polls size and time: that works on network drives and on
// Windows alike. A change is looked at once it has been still for one interval,
// so saves coalesce, and built only if the bytes differ from what is served.
func (l *Live) Watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var seen, last uint64
	var retry time.Time // zero: nothing to try again
	complaint := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, err := l.Builder.signature(ctx)
		if err != nil {
			if complaint != err.Error() {
				complaint = err.Error()
				l.Log.Warn("watch the source", "err", err)
			}
			continue
		}
		complaint = ""
		r := l.Release()
		vanished := r != nil && !r.Whole()
		if vanished || now == last && (now != seen || !retry.IsZero() && time.Now().After(retry)) {
			seen, retry = now, time.Time{}
			if !l.LogRebuild(ctx) {
				retry = time.Now().Add(retryBuild)
			}
		}
		last = now
	}
}

func (l *Live) outdated(ctx context.Context) bool {
	hash, err := l.Builder.sourceHash(ctx)
	if err != nil {
		l.Log.Warn("watch the source", "err", err)
	}
	r := l.Release()
	return err == nil && (r == nil || r.SourceHash != hash)
}

// retryBuild is how long a build waits that failed for no fault of the
// content, such as a full disk.
const retryBuild = 30 * time.Second

// LogRebuild updates and reports to the log what went wrong, if anything. It
// is false if trying again may help.
func (l *Live) LogRebuild(ctx context.Context) bool {
	err := l.Update(ctx)
	var broken *BuildError
	switch {
	case errors.As(err, &broken):
		for _, p := range broken.Problems {
			l.Log.Error("build failed; the old site stays up", "problem", p.String())
		}
	case err != nil && ctx.Err() == nil:
		l.Log.Error("build failed; the old site stays up", "err", err)
		return false
	}
	return true
}

// signature changes with the source's files and with the contact card, which
// another replica may have stored.
func (b *Builder) signature(ctx context.Context) (uint64, error) {
	h := fnv.New64a()
	if b.Card != nil {
		card, err := b.Card(ctx)
		if err != nil {
			return 0, err
		}
		local, err := card.encoded()
		if err != nil {
			return 0, err
		}
		_, _ = h.Write(local)
	}
	files, err := b.Source.signature()
	return files ^ h.Sum64(), err
}

// signature sums up names, sizes and times of the source's files.
func (s Source) signature() (uint64, error) {
	h := fnv.New64a()
	in := s.folders()
	for _, tree := range []struct {
		from fs.FS
		name string
	}{{in.root, "hugo.toml"}, {in.root, "themes"}, {in.content, "."}, {in.data, "."}} {
		err := fs.WalkDir(tree.from, tree.name, func(p string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // deleted while we looked; the next round sees it
			case err != nil:
				return err
			case d.IsDir() && hidden(p):
				return fs.SkipDir
			case d.IsDir() || hidden(p):
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return nil // likewise
			}
			fmt.Fprintf(h, "%s\x00%d\x00%d\x00", p, info.Size(), info.ModTime().UnixNano())
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return h.Sum64(), nil
}
