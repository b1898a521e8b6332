package search

import (
	"cmp"
	"context"
	"math"
	"slices"

	index "github.com/blevesearch/bleve_index_api"
)

// BM25, with constants that won on real questions about law.
const (
	k1 = 1.2
	b  = 0.75

	titleBoost    = 2.0
	weakWeight    = 0.3 // single characters inside a longer run
	meaningWeight = 0.5 // words that the lexicon adds
	reranked      = 200 // leaders whose single characters are counted too
)

// query is what a request asks for, in terms of the index. A page must hold
// one of the strong terms; the weak ones only tell the leaders apart.
type query struct {
	strong map[string]float64 // weight
	weak   []string
}

func parse(text string, lexicon *Lexicon) query {
	q := query{strong: map[string]float64{}}
	weak := map[string]bool{}
	eachTerm(withoutQuestion(fold(text)), func(t term) {
		if t.weak {
			weak[t.text] = true
		} else {
			q.strong[t.text] = 1
		}
	})
	for _, word := range lexicon.meanings(text) {
		eachTerm(fold(word), func(t term) {
			if !t.weak {
				q.strong[t.text] = max(q.strong[t.text], meaningWeight)
			}
		})
	}
	for text := range weak {
		q.weak = append(q.weak, text)
	}
	slices.Sort(q.weak) // sums of floats depend on the order
	return q
}

// ranked is a document with its score.
type ranked struct {
	number uint32
	score  float64
}

// match scores every document that holds a strong term. It returns them in
// the order of their numbers.
func (v *view) match(ctx context.Context, q query) ([]ranked, error) {
	scores := make([]float64, len(v.cards))
	terms := make([]string, 0, len(q.strong))
	for t := range q.strong {
		terms = append(terms, t)
	}
	slices.Sort(terms)
	for _, t := range terms {
		idf, err := v.addAll(ctx, scores, fieldText, t, func(df float64) float64 {
			return q.strong[t] * v.idf(df)
		})
		if err != nil {
			return nil, err
		}
		if idf == 0 {
			continue // not in any text, so in no title
		}
		_, err = v.addAll(ctx, scores, fieldTitle, t, func(float64) float64 { return idf * titleBoost })
		if err != nil {
			return nil, err
		}
	}
	var found []ranked
	for number, score := range scores {
		if score > 0 {
			found = append(found, ranked{uint32(number), score * v.cards[number].Weight})
		}
	}
	return found, nil
}

// addAll adds a term's part to the scores of all documents that hold it. The
// weight is computed from the number of these documents and returned.
func (v *view) addAll(ctx context.Context, scores []float64, field, text string, weigh func(df float64) float64) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	postings, err := v.reader.TermFieldReader(ctx, []byte(text), field, true, false, false)
	if err != nil {
		return 0, err
	}
	defer postings.Close()
	df := float64(postings.Count())
	if df == 0 {
		return 0, nil
	}
	weight := weigh(df)
	var p index.TermFieldDoc
	for {
		next, err := postings.Next(p.Reset())
		if err != nil || next == nil {
			return weight, err
		}
		number := next.ID.Value()
		if number < uint64(len(v.cards)) && v.cards[number] != nil {
			scores[number] += weight * v.saturation(field, number, next.Freq)
		}
	}
}

// rerank adds the weak terms to the leaders, which are in order of number.
// Common characters are in nearly every page: reading all of their postings
// would cost more than the rest of the search.
func (v *view) rerank(ctx context.Context, leaders []ranked, weak []string) error {
	for _, text := range weak {
		if err := ctx.Err(); err != nil {
			return err
		}
		postings, err := v.reader.TermFieldReader(ctx, []byte(text), fieldText, true, false, false)
		if err != nil {
			return err
		}
		weight := weakWeight * v.idf(float64(postings.Count()))
		var p index.TermFieldDoc
		var id index.IndexInternalID
		at := int64(-1) // number of the last posting read
		for i := range leaders {
			number := int64(leaders[i].number)
			// Advance to a place already passed starts from the beginning.
			if at < number {
				id = index.NewIndexInternalID(id, uint64(number))
				next, err := postings.Advance(id, p.Reset())
				if err != nil {
					postings.Close()
					return err
				}
				if next == nil {
					break
				}
				at = int64(next.ID.Value())
			}
			if at == number {
				leaders[i].score += weight * v.saturation(fieldText, uint64(number), p.Freq) * v.cards[number].Weight
			}
		}
		postings.Close()
	}
	return nil
}

func (v *view) idf(df float64) float64 {
	return math.Log(1 + (float64(len(v.byTitle))-df+0.5)/(df+0.5))
}

func (v *view) saturation(field string, number, freq uint64) float64 {
	length, average := float64(v.cards[number].TextLength), v.textLength
	if field == fieldTitle {
		length, average = float64(v.cards[number].TitleLength), v.titleLength
	}
	tf := float64(freq)
	return tf * (k1 + 1) / (tf + k1*(1-b+b*length/average))
}

// leading returns the n best, best first.
func leading(found []ranked, n int) []ranked {
	best := make([]ranked, 0, min(n, len(found))+1)
	for _, r := range found {
		if len(best) == n && better(best[n-1], r) < 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, r, better)
		if best = slices.Insert(best, i, r); len(best) > n {
			best = best[:n]
		}
	}
	return best
}

func better(a, b ranked) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.number, b.number))
}
