package search

import (
	"html"
	"strings"
	"unicode/utf8"
)

const (
	snippetLength = 120 // runes at most
	leadLength    = 20  // runes kept before the first match when cutting
)

// mark escapes text for HTML and puts <mark> around the terms in it.
// Neighbouring matches share one mark.
func mark(text string, terms map[string]float64) string {
	runes := []rune(text)
	lit := matches(text, terms)
	var out strings.Builder
	for i := 0; i < len(runes); {
		end := i + 1
		for end < len(runes) && lit[end] == lit[i] {
			end++
		}
		part := html.EscapeString(string(runes[i:end]))
		if lit[i] {
			part = "<mark>" + part + "</mark>"
		}
		out.WriteString(part)
		i = end
	}
	return out.String()
}

// matches tells for each rune of text whether it belongs to a term.
func matches(text string, terms map[string]float64) []bool {
	lit := make([]bool, utf8.RuneCountInString(text))
	eachTerm(fold(text), func(t term) {
		if terms[t.text] > 0 {
			for i := range t.runes {
				lit[t.at+i] = true
			}
		}
	})
	return lit
}

// snippet returns the sentence of body that holds most of the terms, with
// what follows it as far as there is room; "" if none holds any.
func snippet(body string, terms map[string]float64) string {
	best, from, to := 0.0, 0, 0
	for start := 0; start < len(body); {
		end := start + sentence(body[start:])
		folded, weight := fold(body[start:end]), 0.0
		for t, w := range terms {
			if strings.Contains(folded, t) {
				weight += w
			}
		}
		if weight > best {
			best, from, to = weight, start, end
		}
		start = end
	}
	if best == 0 {
		return ""
	}
	for to < len(body) {
		end := to + sentence(body[to:])
		if utf8.RuneCountInString(body[from:end]) > snippetLength {
			break
		}
		to = end
	}
	return cut(strings.Join(strings.Fields(body[from:to]), " "), terms)
}

// sentence returns the length in bytes of the first sentence of text.
func sentence(text string) int {
	ended := false
	for i, r := range text {
		switch r {
		case '。', '！', '？', '；', '!', '?', '\n':
			ended = true
		case '”', '’', '」', '』', '）', ')': // belong to the sentence they close
		default:
			if ended {
				return i
			}
		}
	}
	return len(text)
}

// cut shortens text to what fits around its first match.
func cut(text string, terms map[string]float64) string {
	runes := []rune(text)
	if len(runes) <= snippetLength {
		return text
	}
	first := 0
	for i, lit := range matches(text, terms) {
		if lit {
			first = i
			break
		}
	}
	room := snippetLength - 2 // for the dots
	start := min(max(first-leadLength, 0), len(runes)-room)
	out := string(runes[start : start+room])
	if start > 0 {
		out = "…" + out
	}
	if start+room < len(runes) {
		out += "…"
	}
	return out
}
