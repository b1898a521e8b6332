package site

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Source is where a site is read from. Root holds hugo.toml and themes/;
// Content is the content folder, Root/content when empty.
type Source struct {
	Root, Content string
}

func (s Source) contentDir() string {
	if s.Content != "" {
		return s.Content
	}
	return filepath.Join(s.Root, "content")
}

// dataDir falls back to the seed's registries: a content folder of one's own
// need not bring its own laws and contacts.
func (s Source) dataDir() string {
	own := filepath.Join(s.contentDir(), "data")
	if info, err := os.Stat(own); err == nil && info.IsDir() {
		return own
	}
	return filepath.Join(s.Root, "content", "data")
}

// ContentFS is the content folder.
func (s Source) ContentFS() fs.FS { return os.DirFS(s.contentDir()) }

// DataFS is the folder of the registries: laws.yaml, wording.yaml and so on.
func (s Source) DataFS() fs.FS { return os.DirFS(s.dataDir()) }

func (s Source) folders() folders {
	return folders{content: s.ContentFS(), data: s.DataFS(), root: os.DirFS(s.Root)}
}

// folders is what everything in this package reads, so that tests need no disk.
type folders struct {
	content, data, root fs.FS
}

// Hash sums up the relative path and the bytes of everything that shapes the
// site. A different hash means that a rebuild is due.
func (s Source) Hash() (string, error) { return s.folders().hash() }

func (f folders) hash() (string, error) {
	h := sha256.New()
	trees := []struct {
		from         fs.FS
		name, prefix string
	}{
		{f.root, "hugo.toml", ""},
		{f.root, "themes", ""},
		{f.content, ".", "content"},
		{f.data, ".", "registry"},
	}
	for _, t := range trees {
		if err := hashTree(h, t.from, t.name, t.prefix); err != nil {
			return "", fmt.Errorf("hash the source: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hashTree(h hash.Hash, from fs.FS, name, prefix string) error {
	return fs.WalkDir(from, name, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			// A missing part is a state of its own, not a failure.
			if errors.Is(err, fs.ErrNotExist) && p == name {
				return nil
			}
			return err
		}
		if hidden(p) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return hashFile(h, from, p, path.Join(prefix, p))
	})
}

func hashFile(h hash.Hash, from fs.FS, name, label string) error {
	file, err := from.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	// The length keeps two neighbouring files from trading bytes unnoticed.
	fmt.Fprintf(h, "%s\x00%d\x00", label, info.Size())
	_, err = io.Copy(h, file)
	return err
}

// hidden leaves out what editors and version control leave behind.
func hidden(p string) bool {
	name := path.Base(p)
	return name != "." && (strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~"))
}

// markdownFiles lists the pages of a content folder in order, data/ left out.
func markdownFiles(content fs.FS) ([]string, error) {
	var files []string
	err := fs.WalkDir(content, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (p == "data" || hidden(p)):
			return fs.SkipDir
		case !d.IsDir() && !hidden(p) && strings.EqualFold(path.Ext(p), ".md"):
			files = append(files, p)
		}
		return nil
	})
	return files, err
}
