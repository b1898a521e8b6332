package search

import "strings"

// Lexicon holds words that people type and the site does not write.
type Lexicon struct {
	Distress []string  // words of danger or despair
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
		if w = bare(w); w != "" && strings.Contains(text, w) {
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
