package pack

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"sunnycampus/quizserver/quiz"
)

// page is what js/pack/search.js knows of a page.
type page struct {
	URL      string   `json:"url"` // from the search page
	Title    string   `json:"title"`
	Summary  string   `json:"summary"`
	Body     string   `json:"body"`
	Kind     string   `json:"kind"`
	Audience []string `json:"audience"`
	Topics   []string `json:"topics"`
	Weight   float64  `json:"weight"`
}

// pages is the script with all that can be searched. Pages come in the order in
// which the server would number them.
func (p *packer) pages() ([]byte, error) {
	docs := p.release.Docs()
	found := make([]page, 0, len(docs))
	for _, d := range docs {
		url, ok := p.resolve(d.URL, "search/index.html")
		if !ok {
			continue
		}
		found = append(found, page{url, d.Title, d.Summary, d.Body, d.Kind, append([]string{}, d.Audience...), append([]string{}, d.Topics...), d.Weight})
	}
	return script("sunnyPages", map[string]any{"pages": found,
		"distress": append([]string{}, p.release.Lexicon.Distress...), "synonyms": p.release.Lexicon.Synonyms})
}

// bank is the script with a bank and its keys. Only the teacher's edition has it.
func (p *packer) bank(q *quiz.Quiz) ([]byte, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	// The same bank makes the same paper, wherever it is packed.
	q = q.Draw(rand.New(rand.NewChaCha8(sha256.Sum256(body))))
	at := "quizzes/" + q.ID + "/index.html"
	items := q.KeySheet()
	for i := range items {
		it := &items[i]
		if it.Explanation, err = p.relinkFragment(it.Explanation, at); err != nil {
			return nil, fmt.Errorf("explanation of %s: %w", it.Prompt.ID, err)
		}
		p.repicture(it.Prompt.Image, at)
		for _, o := range it.Prompt.Options {
			p.repicture(o.Image, at)
		}
	}
	return script("sunnyBank", map[string]any{"id": q.ID, "title": q.Title, "pinyin": q.Pinyin, "items": items})
}

func (p *packer) repicture(picture *quiz.Image, at string) {
	if picture == nil {
		return
	}
	if src, ok := p.resolve(picture.Src, at); ok {
		picture.Src = src
	}
}

// script sets a global name. A page of a pack can fetch no data, only run a script.
func script(name string, value any) ([]byte, error) {
	body, err := json.Marshal(value) // escapes U+2028, which old browsers take for a line end
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "window.%s = %s;\n", name, body), nil
}
