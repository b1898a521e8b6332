package site

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// dates tells since when each page says what it says, by its path below the
// content folder. Feeds and sitemap show it.
type dates map[string]dated

type dated struct {
	Since time.Time `json:"since"`
	Sum   string    `json:"sum"` // of the file's bytes
}

// dates takes the time of the file, unless its bytes are those of the last
// build: a new version of the program unpacks every page again, and so does a
// clone, but no page is new for that.
func (b *Builder) dates() (dates, error) {
	var last dates
	body, err := os.ReadFile(b.datesFile())
	if err == nil {
		err = json.Unmarshal(body, &last)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		last = nil // unreadable: as in a new data folder
	}
	content := b.Source.ContentFS()
	files, err := markdownFiles(content)
	if err != nil {
		return nil, err
	}
	now := dates{}
	for _, name := range files {
		body, err := fs.ReadFile(content, name)
		if err != nil {
			return nil, err
		}
		info, err := fs.Stat(content, name)
		if err != nil {
			return nil, err
		}
		page := dated{info.ModTime(), fmt.Sprintf("%x", sha256.Sum256(body))}
		if before, known := last[name]; known && before.Sum == page.Sum {
			page = before
		}
		now[name] = page
	}
	return now, nil
}

func (b *Builder) datesFile() string { return filepath.Join(b.Data, "dates.json") }

// keepDates waits until a build has gone well, like all that is kept of it.
func (b *Builder) keepDates(d dates) error {
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return writeFile(b.datesFile(), body)
}

// stage writes what the templates read: path → time.
func (d dates) stage(dir string) error {
	since := map[string]string{}
	for name, page := range d {
		since[name] = page.Since.UTC().Format(time.RFC3339)
	}
	body, err := json.Marshal(since)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "dates.json"), body, 0o644)
}
