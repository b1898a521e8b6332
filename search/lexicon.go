package search

import (
	"strings"
	"unicode/utf8"
)

// Lexicon holds words that people type and the site does not write.
type Lexicon struct {
	// Distress holds words of danger or despair. 被…打 also meets words in
	// between, as in 被同学打.
	Distress []string
	Synonyms []Synonym // colloquial words and ours
}

// Synonym widens a query that holds one of Say by the words of Mean.
type Synonym struct{ Say, Mean []string }

// InDistress tells whether query holds a word of distress, however it is
// spaced, punctuated or capitalised.
func (l *Lexicon) InDistress(query string) bool {
	return l != nil && holdsAny(bare(query), l.Distress)
}

// meanings returns the words that the query's own words stand for.
func (l *Lexicon) meanings(query string) (words []string) {
	if l == nil {
		return nil
	}
	query = bare(query)
	for _, s := range l.Synonyms {
		if holdsAny(query, s.Say) {
			words = append(words, s.Mean...)
		}
	}
	return words
}

func holdsAny(text string, words []string) bool {
	for _, w := range words {
		before, after, open := strings.Cut(w, "…")
		before, after = bare(before), bare(after)
		if !open && before != "" && strings.Contains(text, before) || open && holdsAround(text, before, after) {
			return true
		}
	}
	return false
}

// maxBetween is how many characters may stand in the gap of a pattern.
const maxBetween = 6

// holdsAround tells whether after follows before with a few characters in
// between.
func holdsAround(text, before, after string) bool {
	for before != "" && after != "" {
		at := strings.Index(text, before)
		if at < 0 {
			return false
		}
		text = text[at+len(before):]
		if next := strings.Index(text, after); next >= 0 && utf8.RuneCountInString(text[:next]) <= maxBetween {
			return true
		}
	}
	return false
}

// SetLexicon replaces the lexicon for the searches that follow. The caller
// must not change l afterwards; nil removes it.
func (x *Index) SetLexicon(l *Lexicon) { x.lexicon.Store(l) }

// InDistress tells whether a query holds a word of distress of the lexicon.
func (x *Index) InDistress(query string) bool { return x.lexicon.Load().InDistress(query) }
