// Package search finds pages in Chinese text with Bleve.
//
// Bleve keeps the inverted index and its snapshots. Analysis (text.go) and
// ranking (score.go) are ours, because Bleve's own scoring is not BM25.
package search

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"
)

// ErrClosed is returned by calls after Close.
var ErrClosed = errors.New("search: index is closed")

// Doc is a page to be found. Body is plain text.
type Doc struct {
	URL, Title, Summary, Kind string
	Audience, Topics          []string
	Body                      string
	// Weight multiplies the score: below 1 for pages about the site itself,
	// above 1 for those that people in need should meet first. 0 means 1.
	Weight float64
}

const (
	// format is part of every hash: raise it when the analysis or the fields
	// change, and the next Sync writes every page again.
	format    = "2"
	batchSize = 1000

	fieldText  = "text"  // title, summary and body: searched
	fieldTitle = "title" // title alone: searched again, for the boost
	fieldBody  = "body"  // stored for snippets
	fieldCard  = "card"  // stored card
)

// card is what is kept in memory of each page: all that ranking, facets and
// a list of hits need, so that only the bodies of shown hits are read.
type card struct {
	Hash                    string
	Title, Summary, Kind    string
	Audience, Topics        []string
	TextLength, TitleLength int     // in terms
	Weight                  float64 // never 0
	url                     string
	order                   []byte // sorts by title
}

// Index is safe for concurrent use. Searches go on while Sync writes.
type Index struct {
	bleve   bleve.Index
	lexicon atomic.Pointer[Lexicon]

	writing sync.Mutex       // held by Sync and Close
	cards   map[string]*card // by URL, what is in the index

	mu   sync.RWMutex // guards view, held for the swap only
	view *view        // nil after Close
}

// Sync makes the index hold exactly docs, which a search sees when it
// returns. It writes only pages whose content changed, removes those that are
// gone, and returns how many it wrote or removed.
func (x *Index) Sync(ctx context.Context, docs []Doc) (changed int, err error) {
	x.writing.Lock()
	defer x.writing.Unlock()
	if x.cards == nil {
		return 0, ErrClosed
	}
	hashes, err := hashAll(docs)
	if err != nil {
		return 0, err
	}
	w := &writer{index: x, batch: x.bleve.NewBatch(), pending: map[string]*card{}}
	err = w.write(ctx, docs, hashes)
	// What was written before a failure is in the index, so show it too.
	if w.changed > 0 {
		err = errors.Join(err, x.refresh())
	}
	return w.changed, err
}

// writer sends changes to Bleve in batches.
type writer struct {
	index   *Index
	batch   *bleve.Batch
	pending map[string]*card // the batch by URL; nil where it removes
	changed int
}

func (w *writer) write(ctx context.Context, docs []Doc, hashes map[string]string) error {
	for url := range w.index.cards {
		if _, kept := hashes[url]; kept {
			continue
		}
		w.batch.Delete(url)
		if err := w.added(ctx, url, nil); err != nil {
			return err
		}
	}
	for _, d := range docs {
		if c := w.index.cards[d.URL]; c != nil && c.Hash == hashes[d.URL] {
			continue
		}
		c := newCard(d, hashes[d.URL])
		page, err := page(d, c)
		if err != nil {
			return err
		}
		if err := w.batch.IndexAdvanced(page); err != nil {
			return fmt.Errorf("search: page %s: %w", d.URL, err)
		}
		if err := w.added(ctx, d.URL, c); err != nil {
			return err
		}
	}
	return w.flush(ctx)
}

func (w *writer) added(ctx context.Context, url string, c *card) error {
	w.pending[url] = c
	if len(w.pending) < batchSize {
		return nil
	}
	return w.flush(ctx)
}

func (w *writer) flush(ctx context.Context) error {
	if len(w.pending) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.index.bleve.Batch(w.batch); err != nil {
		return fmt.Errorf("search: write %d pages: %w", len(w.pending), err)
	}
	for url, c := range w.pending {
		if c == nil {
			delete(w.index.cards, url)
		} else {
			w.index.cards[url] = c
		}
	}
	w.changed += len(w.pending)
	clear(w.pending)
	w.batch = w.index.bleve.NewBatch() // Bleve may still be reading the old one
	return nil
}

// refresh swaps in a view of what Bleve holds now.
func (x *Index) refresh() error {
	fresh, err := newView(x.bleve, x.cards)
	if err != nil {
		return fmt.Errorf("search: read back: %w", err)
	}
	x.mu.Lock()
	old := x.view
	x.view = fresh
	x.mu.Unlock()
	return old.close()
}

// Count is the number of pages that can be found.
func (x *Index) Count() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.view == nil {
		return 0
	}
	return len(x.view.byTitle)
}

// Close waits for running searches and writes, then releases the files.
func (x *Index) Close() error {
	x.writing.Lock()
	defer x.writing.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.view == nil {
		return nil
	}
	err := x.view.close()
	x.view, x.cards = nil, nil
	return errors.Join(err, x.bleve.Close())
}

func hashAll(docs []Doc) (map[string]string, error) {
	hashes := make(map[string]string, len(docs))
	for _, d := range docs {
		if d.URL == "" {
			return nil, fmt.Errorf("search: page %q has no URL", d.Title)
		}
		if _, twice := hashes[d.URL]; twice {
			return nil, fmt.Errorf("search: two pages have the URL %s", d.URL)
		}
		data, err := json.Marshal(d) // keeps the fields apart
		if err != nil {
			return nil, fmt.Errorf("search: page %s: %w", d.URL, err)
		}
		sum := sha256.Sum256(append(data, format...))
		hashes[d.URL] = hex.EncodeToString(sum[:16])
	}
	return hashes, nil
}

func newCard(d Doc, hash string) *card {
	return &card{
		Hash: hash, url: d.URL, Title: d.Title, Summary: d.Summary, Kind: d.Kind,
		Audience: append([]string{}, d.Audience...), Topics: slices.Clone(d.Topics),
		TextLength: countTerms(searchable(d)), TitleLength: countTerms(d.Title), Weight: cmp.Or(d.Weight, 1),
	}
}

// searchable is the text that a query is compared with. Line breaks keep
// bigrams from crossing the parts.
func searchable(d Doc) string { return d.Title + "\n" + d.Summary + "\n" + d.Body }

// page is the document for Bleve: two searched fields and two stored ones.
func page(d Doc, c *card) (*document.Document, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("search: page %s: %w", d.URL, err)
	}
	p := document.NewDocument(d.URL)
	add := func(name, value string, options index.FieldIndexingOptions) {
		p.AddField(document.NewTextFieldCustom(name, nil, []byte(value), options, analyzer{}))
	}
	add(fieldText, searchable(d), index.IndexField)
	add(fieldTitle, d.Title, index.IndexField)
	add(fieldBody, d.Body, index.StoreField)
	add(fieldCard, string(data), index.StoreField)
	return p, nil
}
