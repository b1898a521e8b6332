package search

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var unmark = strings.NewReplacer("<mark>", "", "</mark>", "")

// prose draws texts in which terms repeat, with what tends to go wrong.
func prose(max int) *rapid.Generator[string] {
	pieces := rapid.SampledFrom([]string{"学", "生", "欺", "凌", "学生欺凌", "法", "a4", "PPT", "Ｐ", "１２", " ", "。", "！”", "\n",
		"<", "&", "\"", "𠮷", "é", "e\u0301", "İ", "\x00", "\xff", "<mark>", "怎么办"})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(pieces, 0, max).Draw(t, "pieces"), "")
	})
}

func drawTerms(t *rapid.T) map[string]float64 {
	return parse(prose(6).Draw(t, "query"), nil).strong
}

func TestTermsLieWhereTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(prose(40), rapid.String()).Draw(t, "text")
		runes := []rune(fold(text))
		if got, want := len(runes), utf8.RuneCountInString(text); got != want {
			t.Fatalf("fold gives %d runes, want %d", got, want)
		}
		covered := make([]bool, len(runes))
		eachTerm(fold(text), func(term term) {
			if got := string(runes[term.at : term.at+term.runes]); got != term.text {
				t.Fatalf("term %q, but its place holds %q", term.text, got)
			}
			for i := range term.runes {
				covered[term.at+i] = true
			}
		})
		for i, r := range runes {
			if want := isHan(r) || isWord(r); covered[i] != want {
				t.Fatalf("rune %d %q covered: %v, want %v", i, r, covered[i], want)
			}
		}
	})
}

func TestMarkChangesNoText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := prose(60).Draw(t, "text")
		marked := mark(text, drawTerms(t))
		if got, want := unmark.Replace(marked), html.EscapeString(string([]rune(text))); got != want {
			t.Fatalf("without marks %q, want %q", got, want)
		}
		if strings.Contains(marked, "</mark><mark>") {
			t.Fatalf("neighbouring marks are not merged: %q", marked)
		}
	})
}

func TestSnippetIsShortAndFromTheBody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body, terms := prose(300).Draw(t, "body"), drawTerms(t)
		text := snippet(body, terms)
		if n := utf8.RuneCountInString(text); n > snippetLength {
			t.Fatalf("%d runes: %q", n, text)
		}
		flat := strings.Join(strings.Fields(string([]rune(body))), " ")
		if !strings.Contains(flat, strings.Trim(string([]rune(text)), "…")) {
			t.Fatalf("%q is not in %q", text, flat)
		}
	})
}

func TestLeadingIsTheSortedPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var found []ranked
		for i, score := range rapid.SliceOf(rapid.IntRange(0, 9)).Draw(t, "scores") {
			found = append(found, ranked{uint32(i), float64(score)})
		}
		n := rapid.IntRange(1, 20).Draw(t, "n")
		want := slices.Clone(found)
		slices.SortFunc(want, better)
		if got := leading(found, n); !slices.Equal(got, want[:min(n, len(want))]) {
			t.Fatalf("leading(%v, %d) = %v", found, n, got)
		}
	})
}

func drawDocs(t *rapid.T) (docs []Doc) {
	for _, id := range rapid.SliceOfDistinct(rapid.IntRange(0, 12), rapid.ID[int]).Draw(t, "ids") {
		docs = append(docs, Doc{
			URL: fmt.Sprintf("/%d/", id), Title: prose(4).Draw(t, "title"), Body: prose(20).Draw(t, "body"),
			Kind: rapid.SampledFrom([]string{"law", "help"}).Draw(t, "kind"),
		})
	}
	return docs
}

// The index is one and the same through all cases: each Sync must lead from
// whatever was there to the drawn pages, and scores must be plain BM25.
func TestSyncThenSearchAgreesWithBM25(t *testing.T) {
	x := open(t)
	previous := map[string]string{}
	rapid.Check(t, func(t *rapid.T) {
		docs := drawDocs(t)
		hashes, err := hashAll(docs)
		if err != nil {
			t.Fatal(err)
		}
		changes := 0
		for url, hash := range hashes {
			if previous[url] != hash {
				changes++
			}
		}
		for url := range previous {
			if hashes[url] == "" {
				changes++
			}
		}
		previous = hashes
		if got, err := x.Sync(t.Context(), docs); err != nil || got != changes || x.Count() != len(docs) {
			t.Fatalf("Sync changed %d, holds %d, error %v; want %d, %d", got, x.Count(), err, changes, len(docs))
		}

		q := parse(prose(6).Draw(t, "query"), nil)
		found, err := x.view.match(t.Context(), q)
		if err == nil {
			err = x.view.rerank(t.Context(), found, q.weak)
		}
		if err != nil {
			t.Fatal(err)
		}
		want := plainBM25(docs, q)
		if len(found) != len(want) {
			t.Fatalf("%d pages match %v, want %d", len(found), q, len(want))
		}
		for _, r := range found {
			url := x.view.cards[r.number].url
			if math.Abs(r.score-want[url]) > 1e-9 {
				t.Fatalf("score of %s is %v, want %v", url, r.score, want[url])
			}
		}
	})
}

// plainBM25 is the formula written down, without an index.
func plainBM25(docs []Doc, q query) map[string]float64 {
	count := func(text string) (counts map[string]float64, length float64) {
		counts = map[string]float64{}
		eachTerm(fold(text), func(t term) { counts[t.text]++; length++ })
		return counts, length
	}
	var textAverage, titleAverage float64
	df := map[string]float64{}
	for _, d := range docs {
		counts, length := count(searchable(d))
		for t := range counts {
			df[t]++
		}
		_, titleLength := count(d.Title)
		textAverage += length / float64(len(docs))
		titleAverage += titleLength / float64(len(docs))
	}
	part := func(tf, length, average float64) float64 {
		return tf * 2.2 / (tf + 1.2*(0.25+0.75*length/max(1, average)))
	}
	scores := map[string]float64{}
	for _, d := range docs {
		text, textLength := count(searchable(d))
		title, titleLength := count(d.Title)
		idf := func(t string) float64 { return math.Log(1 + (float64(len(docs))-df[t]+0.5)/(df[t]+0.5)) }
		score := 0.0
		for t, weight := range q.strong {
			score += weight * idf(t) * (part(text[t], textLength, textAverage) + 2*part(title[t], titleLength, titleAverage))
		}
		if score == 0 {
			continue
		}
		for _, t := range q.weak {
			score += 0.3 * idf(t) * part(text[t], textLength, textAverage)
		}
		scores[d.URL] = score
	}
	return scores
}

func TestPagesOfHitsFitTogether(t *testing.T) {
	x := open(t)
	var docs []Doc
	for i := range 400 {
		docs = append(docs, Doc{URL: fmt.Sprintf("/%d/", i), Title: "班会", Body: strings.Repeat("学生", i%7) + strings.Repeat("校园欺凌。", i%11) + "班会"})
	}
	put(t, x, docs)
	rapid.Check(t, func(t *rapid.T) {
		query := rapid.SampledFrom([]string{"", "校园欺凌班会", "班会", "学生"}).Draw(t, "query")
		size := rapid.IntRange(7, 50).Draw(t, "size")
		seen := map[string]bool{}
		total := 0
		for from := 0; from == 0 || from < total; from += size {
			r := find(t, x, Request{Query: query, From: from, Size: size})
			total = r.Total
			for _, h := range r.Hits {
				if seen[h.URL] {
					t.Fatalf("%s is on two pages", h.URL)
				}
				seen[h.URL] = true
			}
		}
		if len(seen) != total {
			t.Fatalf("pages show %d of %d hits", len(seen), total)
		}
	})
}

func FuzzSearch(f *testing.F) {
	x := open(f)
	put(f, x, append(site(), Doc{URL: "/odd/", Title: "<mark>\x00\xff", Body: "<mark>𠮷é&amp; a4\n\n。！”"}))
	x.SetLexicon(&Lexicon{Synonyms: []Synonym{{Say: []string{"霸凌", ""}, Mean: []string{"学生欺凌", ""}}}})
	for _, query := range []string{"", "学生欺凌", "孩子被同学打了怎么办？", "霸凌", "<mark>", "Ａ4 纸", "\xff\x00", "法", "+a -b \"c\" *:*", "𠮷é", strings.Repeat("学", 300)} {
		f.Add(query, "", 0, 0)
	}
	f.Add("同学", "parents", 3, 1)
	f.Fuzz(func(t *testing.T, query, audience string, size, from int) {
		r := find(t, x, Request{Query: query, Audience: audience, Size: size, From: from})
		if len(r.Hits) > min(r.Total, maxSize) {
			t.Errorf("%d hits of %d", len(r.Hits), r.Total)
		}
		for _, h := range r.Hits {
			for _, text := range []string{h.Title, h.Snippet} {
				plain := unmark.Replace(text)
				if strings.ContainsAny(plain, "<>\"") || !utf8.ValidString(text) || strings.Count(text, "<mark>") != strings.Count(text, "</mark>") {
					t.Errorf("query %q gave unsafe HTML %q", query, text)
				}
			}
			if n := utf8.RuneCountInString(html.UnescapeString(unmark.Replace(h.Snippet))); n > snippetLength {
				t.Errorf("snippet of %d runes", n)
			}
		}
		byCount := func(a, b Facet) int { return cmp.Compare(b.Count, a.Count) }
		if !slices.IsSortedFunc(r.Facets["kind"], byCount) {
			t.Errorf("facets out of order: %v", r.Facets["kind"])
		}
	})
}
