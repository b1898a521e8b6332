package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
)

// fold makes texts comparable: full-width forms become ASCII, letters lower
// case. It maps rune to rune, so positions in runes stay the same.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u3000':
			return ' '
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r >= firstHan: // most of a Chinese text, and without case
			return r
		}
		return unicode.ToLower(r)
	}, s)
}

const firstHan = 0x2e80

// bare is the folded text without spaces and punctuation, for comparing
// phrases however they were typed.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if isHan(r) || isWord(r) {
			return r
		}
		return -1
	}, fold(s))
}

func isHan(r rune) bool {
	return r >= '一' && r <= '鿿' || r >= firstHan && unicode.Is(unicode.Han, r)
}

func isWord(r rune) bool {
	return !isHan(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// term is a piece of folded text that the index knows. At and runes give its
// place in runes.
type term struct {
	text      string
	at, runes int
	weak      bool // a single character inside a longer run
}

// eachTerm cuts folded text into Han bigrams, single Han characters, and
// whole words of other letters and digits.
func eachTerm(folded string, emit func(term)) {
	at := 0
	for folded != "" {
		r, size := utf8.DecodeRuneInString(folded)
		class := isHan
		switch {
		case isHan(r):
		case isWord(r):
			class = isWord
		default:
			folded, at = folded[size:], at+1
			continue
		}
		end := strings.IndexFunc(folded, func(r rune) bool { return !class(r) })
		if end < 0 {
			end = len(folded)
		}
		run := folded[:end]
		length := utf8.RuneCountInString(run)
		if isHan(r) {
			eachGram(run, at, length, emit)
		} else {
			emit(term{text: run, at: at, runes: length})
		}
		folded, at = folded[end:], at+length
	}
}

func eachGram(run string, at, length int, emit func(term)) {
	previous := 0 // where the character before begins
	for i, r := range run {
		size := utf8.RuneLen(r)
		if i > 0 {
			emit(term{text: run[previous : i+size], at: at - 1, runes: 2})
		}
		emit(term{text: run[i : i+size], at: at, runes: 1, weak: length > 1})
		previous = i
		at++
	}
}

func countTerms(s string) (n int) {
	eachTerm(fold(s), func(term) { n++ })
	return n
}

// analyzer is eachTerm for Bleve.
type analyzer struct{}

func (analyzer) Analyze(input []byte) analysis.TokenStream {
	var stream analysis.TokenStream
	eachTerm(fold(string(input)), func(t term) {
		stream = append(stream, &analysis.Token{Term: []byte(t.text), Position: t.at + 1})
	})
	return stream
}

// questionWords say that something is asked, not what. Longer ones first:
// the replacer takes the first that fits.
var questionWords = blanker(`我想知道 可不可以 怎么办 怎么样 怎么做 怎么 怎样 咋办 咋样 如何
	为什么 为啥 什么是 是什么 什么 有没有 要不要 会不会 能不能 该不该 是不是 算不算 应不应该 应该
	请问 请教 想问 哪些 哪里 吗? 吗,`)

func blanker(words string) *strings.Replacer {
	var pairs []string
	for _, w := range strings.Fields(words) {
		pairs = append(pairs, w, " ")
	}
	return strings.NewReplacer(pairs...)
}

// withoutQuestion drops question words from a folded query, unless nothing
// else is left.
func withoutQuestion(folded string) string {
	rest := questionWords.Replace(folded)
	rest = strings.TrimRight(rest, "吗呢吧啊呀 ?!。,.")
	if bare(rest) == "" {
		return folded
	}
	return rest
}
