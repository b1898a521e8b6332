package search

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/blevesearch/bleve/v2"
	index "github.com/blevesearch/bleve_index_api"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrInUse is returned by Open while another process has the index open.
var ErrInUse = errors.New("search: index is in use by another process")

const lockWait = time.Second

// Open opens the index under dir, or creates it. A damaged index is replaced
// by an empty one: all it held comes back with the next Sync.
func Open(dir string) (*Index, error) {
	path := filepath.Join(dir, "pages.bleve") // only this folder is ever removed
	x, err := openExisting(path)
	if err == nil || errors.Is(err, ErrInUse) {
		return x, err
	}
	if err := os.RemoveAll(path); err != nil {
		return nil, fmt.Errorf("search: remove damaged index: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("search: create index: %w", err)
	}
	ix, err := bleve.New(path, bleve.NewIndexMapping())
	if err != nil {
		return nil, fmt.Errorf("search: create index: %w", err)
	}
	return newIndex(ix)
}

func openExisting(path string) (x *Index, err error) {
	// Bleve and bbolt trust their mapped files: damage shows as a panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			x, err = nil, fmt.Errorf("search: damaged index: %v", r)
		}
	}()
	if err := checkUnused(path); err != nil {
		return nil, err
	}
	if err := removeDamagedSegments(path); err != nil {
		return nil, err
	}
	ix, err := bleve.OpenUsing(path, map[string]any{"bolt_timeout": lockWait.String()})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrInUse
	}
	if err != nil {
		return nil, err
	}
	return newIndex(ix)
}

// checkUnused keeps us from mending files that another process is writing.
func checkUnused(path string) error {
	db, err := bolt.Open(filepath.Join(path, "store", "root.bolt"), 0o600,
		&bolt.Options{ReadOnly: true, Timeout: lockWait})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return ErrInUse
	}
	if err != nil {
		return err
	}
	return db.Close()
}

// removeDamagedSegments removes segment files whose checksum is wrong, which
// Bleve does not look at. Left by a killed write they are garbage; still in
// use, they make the opening fail.
func removeDamagedSegments(path string) error {
	files, err := filepath.Glob(filepath.Join(path, "store", "*.zap"))
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if n := len(data) - 4; n >= 0 && crc32.ChecksumIEEE(data[:n]) == binary.BigEndian.Uint32(data[n:]) {
			continue
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

func newIndex(ix bleve.Index) (*Index, error) {
	x := &Index{bleve: ix}
	var err error
	if x.cards, err = loadCards(ix); err == nil {
		x.view, err = newView(ix, x.cards)
	}
	if err != nil {
		return nil, errors.Join(err, ix.Close())
	}
	return x, nil
}

func loadCards(ix bleve.Index) (cards map[string]*card, err error) {
	reader, err := openReader(ix)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	cards = map[string]*card{}
	return cards, eachDoc(reader, func(_ uint64, url string) error {
		doc, err := reader.Document(url)
		if err != nil {
			return err
		}
		c := &card{url: url}
		if err := json.Unmarshal(stored(doc, fieldCard), c); err != nil {
			return fmt.Errorf("page %s: %w", url, err)
		}
		cards[url] = c
		return nil
	})
}

func openReader(ix bleve.Index) (index.IndexReader, error) {
	raw, err := ix.Advanced()
	if err != nil {
		return nil, err
	}
	return raw.Reader()
}

// stored returns a copy: Bleve's bytes are valid only during the visit.
func stored(doc index.Document, name string) (value []byte) {
	if doc == nil {
		return nil
	}
	doc.VisitFields(func(f index.Field) {
		if f.Name() == name {
			value = append(value, f.Value()...)
		}
	})
	return value
}

func eachDoc(reader index.IndexReader, do func(number uint64, url string) error) error {
	ids, err := reader.DocIDReaderAll()
	if err != nil {
		return err
	}
	defer ids.Close()
	for {
		id, err := ids.Next()
		if err != nil || id == nil {
			return err
		}
		url, err := reader.ExternalID(id)
		if err != nil {
			return err
		}
		if err := do(id.Value(), url); err != nil {
			return err
		}
	}
}
