package search

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/blevesearch/bleve/v2"
	index "github.com/blevesearch/bleve_index_api"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// view is one unchanging state of the index, which any number of searches
// read. Documents are named by Bleve's numbers in this snapshot.
type view struct {
	reader                  index.IndexReader
	cards                   []*card // by number; nil where removed
	byTitle                 []uint32
	textLength, titleLength float64 // averages
	columns                 [dimensions]column
}

// The dimensions that results can be narrowed by.
const (
	byKind = iota
	byAudience
	byTopic
	dimensions
)

var dimensionNames = [dimensions]string{"kind", "audience", "topic"}

// everybody is the audience of pages that are for all.
const everybody = "all"

// column holds the values of one dimension as small numbers, because counting
// strings over all matches costs more than the search.
type column struct {
	names []string
	codes map[string]uint16
	of    [][]uint16 // by document number
}

func newView(ix bleve.Index, cards map[string]*card) (*view, error) {
	reader, err := openReader(ix)
	if err != nil {
		return nil, err
	}
	v := &view{reader: reader}
	err = eachDoc(reader, func(number uint64, url string) error {
		c := cards[url]
		if c == nil {
			return nil // a page whose batch failed half-way
		}
		for uint64(len(v.cards)) <= number {
			v.cards = append(v.cards, nil)
		}
		v.cards[number] = c
		v.byTitle = append(v.byTitle, uint32(number))
		v.textLength += float64(c.TextLength)
		v.titleLength += float64(c.TitleLength)
		return nil
	})
	if err != nil {
		reader.Close()
		return nil, err
	}
	if n := float64(len(v.byTitle)); n > 0 {
		v.textLength = max(1, v.textLength/n)
		v.titleLength = max(1, v.titleLength/n)
	}
	v.sortByTitle()
	for d := range v.columns {
		v.columns[d] = newColumn(v.cards, d)
	}
	return v, nil
}

// sortByTitle orders pages as a Chinese reader expects, by pinyin.
func (v *view) sortByTitle() {
	pinyin := collate.New(language.SimplifiedChinese)
	var buffer collate.Buffer
	for _, number := range v.byTitle {
		if c := v.cards[number]; c.order == nil {
			c.order = bytes.Clone(pinyin.KeyFromString(&buffer, c.Title))
			buffer.Reset()
		}
	}
	slices.SortFunc(v.byTitle, func(a, b uint32) int {
		return cmp.Or(bytes.Compare(v.cards[a].order, v.cards[b].order),
			cmp.Compare(v.cards[a].url, v.cards[b].url))
	})
}

func newColumn(cards []*card, dimension int) column {
	col := column{codes: map[string]uint16{}, of: make([][]uint16, len(cards))}
	for number, c := range cards {
		if c == nil {
			continue
		}
		for _, name := range c.values(dimension) {
			code, known := col.codes[name]
			if !known {
				if len(col.names) > 0xffff {
					continue // no site has so many topics
				}
				code = uint16(len(col.names))
				col.codes[name] = code
				col.names = append(col.names, name)
			}
			if !slices.Contains(col.of[number], code) {
				col.of[number] = append(col.of[number], code)
			}
		}
	}
	return col
}

// values are the card's values in a dimension. A page for everybody has no
// narrower audience.
func (c *card) values(dimension int) []string {
	switch dimension {
	case byAudience:
		if slices.Contains(c.Audience, everybody) {
			return []string{everybody}
		}
		return c.Audience
	case byTopic:
		return c.Topics
	case byKind:
		if c.Kind != "" {
			return []string{c.Kind}
		}
	}
	return nil
}

func (v *view) close() error { return v.reader.Close() }
