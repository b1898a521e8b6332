package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Request asks for pages. Zero values mean: any, and a page of ten.
type Request struct {
	Query                 string
	Kind, Audience, Topic string
	Size, From            int
}

// What a request may ask for; more is cut to it.
const (
	maxQuery    = 200 // runes
	defaultSize = 10
	maxSize     = 50
	maxFrom     = 1000
)

// Hit is a page found. Title and Snippet are HTML: escaped text with <mark>
// around what matched.
type Hit struct {
	URL      string   `json:"url"`
	Title    string   `json:"title"`
	Snippet  string   `json:"snippet"`
	Kind     string   `json:"kind"`
	Audience []string `json:"audience"`
}

// Facet is a value to narrow by, and how many pages that would leave.
type Facet struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Result is one page of hits. Facets are by kind, audience and topic; those
// of a dimension in use show what its other values would give.
type Result struct {
	Total  int
	Took   time.Duration
	Hits   []Hit
	Facets map[string][]Facet
}

// Search ranks the pages that match. A query without a word lists all pages
// by title. Pages for everybody match every audience.
func (x *Index) Search(ctx context.Context, req Request) (*Result, error) {
	start := time.Now()
	req = req.within()
	q := parse(req.Query, x.lexicon.Load())

	x.mu.RLock() // keeps the view open while we read it
	defer x.mu.RUnlock()
	v := x.view
	if v == nil {
		return nil, ErrClosed
	}
	result, err := v.search(ctx, q, req)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	result.Took = time.Since(start)
	return result, nil
}

func (req Request) within() Request {
	runes := 0
	for i := range req.Query {
		if runes++; runes > maxQuery {
			req.Query = req.Query[:i]
			break
		}
	}
	if req.Size <= 0 {
		req.Size = defaultSize
	}
	req.Size = min(req.Size, maxSize)
	req.From = min(max(req.From, 0), maxFrom)
	return req
}

func (v *view) search(ctx context.Context, q query, req Request) (*Result, error) {
	found := v.all()
	if len(q.strong) > 0 {
		var err error
		if found, err = v.match(ctx, q); err != nil {
			return nil, err
		}
	}
	found, facets := v.narrow(found, req)
	result := &Result{Total: len(found), Facets: facets, Hits: []Hit{}}
	if len(q.strong) > 0 {
		leaders, err := v.order(ctx, q, found, req.From+req.Size)
		if err != nil {
			return nil, err
		}
		found = leaders
	}
	for _, r := range found[min(req.From, len(found)):min(req.From+req.Size, len(found))] {
		hit, err := v.hit(r, q)
		if err != nil {
			return nil, err
		}
		result.Hits = append(result.Hits, hit)
	}
	return result, nil
}

func (v *view) all() []ranked {
	found := make([]ranked, len(v.byTitle))
	for i, number := range v.byTitle {
		found[i].number = number
	}
	return found
}

// order returns the n best. Reranking always covers the same leaders, or
// pages of hits would not fit together.
func (v *view) order(ctx context.Context, q query, found []ranked, n int) ([]ranked, error) {
	best := leading(found, max(n, reranked))
	top := best[:min(len(best), reranked)]
	slices.SortFunc(top, func(a, b ranked) int { return cmp.Compare(a.number, b.number) })
	if err := v.rerank(ctx, top, q.weak); err != nil {
		return nil, err
	}
	slices.SortFunc(top, better)
	return best, nil
}

// narrow keeps what passes the filters and counts the facets.
func (v *view) narrow(found []ranked, req Request) ([]ranked, map[string][]Facet) {
	wanted := [dimensions]string{byKind: req.Kind, byAudience: req.Audience, byTopic: req.Topic}
	var counts [dimensions][]int
	for d := range counts {
		counts[d] = make([]int, len(v.columns[d].names))
	}
	kept := found[:0]
	for _, r := range found {
		failed, which := 0, 0
		for d := range wanted {
			if !v.columns[d].holds(r.number, wanted[d], d == byAudience) {
				failed, which = failed+1, d
			}
		}
		for d := range counts {
			// A facet is counted as if its own filter were not set.
			if failed == 0 || failed == 1 && which == d {
				for _, code := range v.columns[d].of[r.number] {
					counts[d][code]++
				}
			}
		}
		if failed == 0 {
			kept = append(kept, r)
		}
	}
	facets := make(map[string][]Facet, dimensions)
	for d := range counts {
		facets[dimensionNames[d]] = v.columns[d].facets(counts[d], d == byAudience)
	}
	return kept, facets
}

// holds tells whether a document has the wanted value; any value will do for
// none wanted, and everybody for all if open is set.
func (col *column) holds(number uint32, wanted string, open bool) bool {
	if wanted == "" {
		return true
	}
	code, known := col.codes[wanted]
	all, some := col.codes[everybody]
	for _, c := range col.of[number] {
		if known && c == code || open && some && c == all {
			return true
		}
	}
	return false
}

// facets lists the counted values, most first. Pages for everybody count for
// each audience, as the filter finds them.
func (col *column) facets(counts []int, open bool) []Facet {
	common := 0
	if all, some := col.codes[everybody]; open && some {
		common = counts[all]
	}
	facets := []Facet{}
	for code, n := range counts {
		switch name := col.names[code]; {
		case open && name == everybody:
		case n+common > 0:
			facets = append(facets, Facet{name, n + common})
		}
	}
	slices.SortFunc(facets, func(a, b Facet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return facets
}

func (v *view) hit(r ranked, q query) (Hit, error) {
	c := v.cards[r.number]
	hit := Hit{
		URL: c.url, Kind: c.Kind, Audience: c.Audience,
		Title: mark(c.Title, q.strong), Snippet: mark(cut(c.Summary, q.strong), q.strong),
	}
	if len(q.strong) == 0 {
		return hit, nil
	}
	doc, err := v.reader.Document(c.url)
	if err != nil {
		return Hit{}, fmt.Errorf("page %s: %w", c.url, err)
	}
	if text := snippet(string(stored(doc, fieldBody)), q.strong); text != "" {
		hit.Snippet = mark(text, q.strong)
	}
	return hit, nil
}
