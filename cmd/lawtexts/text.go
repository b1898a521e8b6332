package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sunnycampus/quizserver/site"
)

// article is one article of a law as printed.
type article struct {
	paragraphs []string // 款, each with its items
	items      int      // 项 of the longest list
}

var (
	articleStart = regexp.MustCompile(`^第([零一二三四五六七八九十百千]+)条(之[一二三四五六七八九十]+)?[\s　]+(.*)$`)
	itemStart    = regexp.MustCompile(`^[（(][一二三四五六七八九十]+[)）]`)
	comments     = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// readArticles cuts a text in Markdown into articles by their numbers, "39" or
// "253之一". Headings end an article.
func readArticles(src string) map[string]*article {
	found := map[string]*article{}
	var current *article
	list := 0
	for _, line := range strings.Split(comments.ReplaceAllString(src, ""), "\n") {
		line = strings.TrimFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' })
		switch m := articleStart.FindStringSubmatch(line); {
		case line == "":
		case strings.HasPrefix(line, "#"), m == nil && !strings.ContainsAny(line[len(line)-min(3, len(line)):], "。；：，）”"):
			current = nil // a heading, some texts do not mark it as one
		case m != nil && site.NumberOf(m[1]) > 0:
			current, list = &article{paragraphs: []string{m[3]}}, 0
			found[strconv.Itoa(site.NumberOf(m[1]))+m[2]] = current
		case current == nil:
		case itemStart.MatchString(line):
			list++
			current.items = max(current.items, list)
			current.paragraphs[len(current.paragraphs)-1] += "\n" + line
		default:
			current.paragraphs, list = append(current.paragraphs, line), 0
		}
	}
	return found
}

func lastNumber(articles map[string]*article) int {
	last := 0
	for key := range articles {
		base, _, _ := strings.Cut(key, "之")
		n, _ := strconv.Atoi(base)
		last = max(last, n)
	}
	return last
}

func (a *article) text() string { return strings.Join(a.paragraphs, "\n") }

func (a *article) digest() string {
	sum := sha256.Sum256([]byte(strings.Join(strings.Fields(a.text()), "")))
	return hex.EncodeToString(sum[:])
}

// counts says in how many articles of all texts a word stands; "" counts the
// articles.
type counts map[string]int

func (c counts) add(articles map[string]*article) {
	for _, a := range articles {
		c[""]++
		for word := range words(a.text()) {
			c[word]++
		}
	}
}

const (
	// One key word for so many characters, and so many at the least.
	spacing, fewest = 4, 40
	// A word that stands in more than one article of twelve tells nothing; one
	// that stands in hardly any is mostly the seam between two words.
	commonShare, seam = 12, 3
)

// keyWords are the words that set an article apart from the others of its law
// and of all laws: those with the highest frequency in it times inverse
// frequency in all articles (tf-idf).
func (c counts) keyWords(a *article, law counts) []string {
	type scored struct {
		word  string
		score float64
	}
	var all []scored
	for word, n := range words(a.text()) {
		if c[word] < seam || c[word]*commonShare > c[""] || law[word] > max(2*seam, law[""]/commonShare) || strings.ContainsAny(word, functionWords) {
			continue
		}
		all = append(all, scored{word, (1 + math.Log(float64(n))) * math.Log(float64(c[""])/float64(c[word]))})
	}
	slices.SortFunc(all, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.word, b.word)) })
	out := []string{}
	for _, s := range all[:min(len(all), max(fewest, utf8.RuneCountInString(a.text())/spacing))] {
		out = append(out, s.word)
	}
	return out
}

const functionWords = "的其和或与及等在以由所之于为把将该此并向从者应对可"

// words counts the pairs of neighbouring Chinese characters, which find
// Chinese words without a dictionary.
func words(text string) map[string]int {
	found := map[string]int{}
	var last rune
	for _, r := range text {
		if !unicode.Is(unicode.Han, r) {
			last = 0
			continue
		}
		if last != 0 {
			found[string([]rune{last, r})]++
		}
		last = r
	}
	return found
}
