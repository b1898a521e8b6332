package site

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
	"github.com/yuin/goldmark/ast"

	"sunnycampus/quizserver/quiz"
)

const pinyinFile = "pinyin.yaml"

// Pinyin knows how to read the characters of a page for young children: words
// first, then single characters, then the dictionary's most common reading.
type Pinyin struct {
	Words map[string]string `yaml:"words"` // 长大: zhǎng dà
	Chars map[string]string `yaml:"chars"` // 们: men
	// Ambiguous are the characters of which only the word tells the reading.
	Ambiguous string `yaml:"ambiguous"`

	longest int // characters of the longest word
}

// LoadPinyin reads pinyin.yaml of the registries; a missing file is an empty
// list.
func LoadPinyin(data fs.FS) (*Pinyin, []Finding) {
	p := &Pinyin{}
	log := &report{path: dataPrefix + pinyinFile}
	src, err := fs.ReadFile(data, pinyinFile)
	if err != nil {
		return p, nil
	}
	if err := decodeStrict(src, p); err != nil {
		log.yaml(err)
	}
	for word, reading := range p.Words {
		if n := len([]rune(word)); n != len(strings.Fields(reading)) {
			log.add(1, "pinyin-word", "“%s”有 %d 个字，读音“%s”有 %d 个。请一个字写一个音节，中间空一格", word, n, reading, len(strings.Fields(reading)))
			delete(p.Words, word)
		}
		p.longest = max(p.longest, len([]rune(word)))
	}
	return p, log.findings
}

// Syllable is one character with its reading; Reading is empty for what is not
// a Chinese character.
type Syllable struct {
	Char    rune
	Reading string
	// Unsure marks a character whose reading depends on a word that the list
	// does not hold.
	Unsure bool

	inWord bool // as the list has it, also its tone
}

// Read gives each character of a text its reading.
func (p *Pinyin) Read(text string) []Syllable {
	runes := []rune(text)
	out := make([]Syllable, 0, len(runes))
	for at := 0; at < len(runes); {
		if readings, n := p.word(runes[at:]); n > 0 {
			for i := range n {
				out = append(out, Syllable{Char: runes[at+i], Reading: readings[i], inWord: n > 1})
			}
			at += n
			continue
		}
		out = append(out, p.char(runes[at]))
		at++
	}
	sandhi(out)
	return out
}

// word finds the longest known word at the start of a text.
func (p *Pinyin) word(runes []rune) (readings []string, n int) {
	for n = min(p.longest, len(runes)); n > 0; n-- {
		if reading, known := p.Words[string(runes[:n])]; known {
			return strings.Fields(reading), n
		}
	}
	return nil, 0
}

var dictionary = pinyin.Args{Style: pinyin.Tone}

func (p *Pinyin) char(r rune) Syllable {
	s := Syllable{Char: r}
	if !unicode.Is(unicode.Han, r) {
		return s
	}
	if reading, known := p.Chars[string(r)]; known {
		s.Reading = reading
		return s
	}
	if found := pinyin.SinglePinyin(r, dictionary); len(found) > 0 {
		s.Reading = found[0]
	}
	s.Unsure = s.Reading == "" || strings.ContainsRune(p.Ambiguous, r)
	return s
}

// sandhi changes the tones of 一 and 不 as they are spoken and as schoolbooks
// print them: before a fourth tone both rise, before others 一 falls. In 第一,
// in numbers and dates and at the end of a phrase 一 keeps its tone; a word of
// the list keeps all of its tones.
func sandhi(s []Syllable) {
	for i := range s {
		if i+1 >= len(s) || s[i+1].Reading == "" || s[i].inWord {
			continue
		}
		fourth := strings.ContainsAny(s[i+1].Reading, "àèìòùǜ")
		counted := i > 0 && strings.ContainsRune("第十百千零期周", s[i-1].Char) || strings.ContainsRune("二三四五六七八九月号日", s[i+1].Char)
		if i > 1 && s[i-2].Char == '小' && s[i-1].Char == '周' { // a name, not a weekday
			counted = false
		}
		switch {
		case s[i].Char == '不' && s[i].Reading == "bù" && fourth:
			s[i].Reading = "bú"
		case s[i].Char != '一' || s[i].Reading != "yī" || counted:
		case fourth || s[i+1].Char == '个':
			s[i].Reading = "yí"
		default:
			s[i].Reading = "yì"
		}
	}
}

// Readings gives each character of a text its reading, empty for what is not a
// Chinese character.
func (p *Pinyin) Readings(text string) []string {
	read := p.Read(text)
	out := make([]string, len(read))
	for i, s := range read {
		out[i] = s.Reading
	}
	return out
}

// annotateQuiz gives the items of a quiz for young children their readings.
func (p *Pinyin) annotateQuiz(q *quiz.Quiz) error {
	if !forYoung(q.Audience) {
		return nil
	}
	q.Pinyin = quiz.PinyinShown
	if slices.Contains(q.Audience, "junior") || slices.Contains(q.Audience, "senior") {
		q.Pinyin = quiz.PinyinOffered
	}
	for i := range q.Items {
		it := &q.Items[i]
		it.Reading = p.Readings(it.Stem)
		for j := range it.Options {
			it.Options[j].Reading = p.Readings(it.Options[j].Text)
		}
		var err error
		if it.ExplanationHTML, err = p.Fragment(it.ExplanationHTML); err != nil {
			return fmt.Errorf("pinyin of item %s: %w", it.ID, err)
		}
	}
	return nil
}

// forYoung tells whether the lower or middle years of primary school are
// among the readers; what they read themselves comes with pinyin.
func forYoung(audience []string) bool {
	return slices.ContainsFunc(audience, func(a string) bool { return a == "primary-low" || a == "primary-mid" })
}

// seenByPupils is the start of the callouts of a lesson that the class sees.
var seenByPupils = regexp.MustCompile(`^\[!(学生做|揭示)\]`)

// checkPinyin asks for a word wherever a character that the theme shows with
// pinyin could be read in two ways: in stories, and in what pupils see of a
// lesson.
func (c *checker) checkPinyin(r *report, d *document) {
	if d.index || !forYoung(d.front.list("audience")) {
		return
	}
	switch d.section {
	case "scenarios":
		for _, key := range []string{"title", "summary"} {
			c.askReading(r, d.front.text(key), func(int) int { return d.front.line(key) })
		}
		f := newFlow(d.root, d.masked, c.laws)
		c.askReading(r, f.text, func(at int) int { return d.line(f.position(at)) })
	case "lessons":
		c.askReading(r, d.front.text("question"), func(int) int { return d.front.line("question") })
		for _, slip := range d.front.list("exit_slip") {
			c.askReading(r, slip, func(int) int { return d.front.line("exit_slip") })
		}
		for n := d.root.FirstChild(); n != nil; n = n.NextSibling() {
			f := newFlow(n, d.masked, c.laws)
			if n.Kind() == ast.KindHeading || seenByPupils.MatchString(f.text) {
				c.askReading(r, f.text, func(at int) int { return d.line(f.position(at)) })
			}
		}
	}
}

// checkQuizPinyin asks the same of the items of a bank.
func (c *checker) checkQuizPinyin(r *report, q *quiz.Quiz) {
	if !forYoung(q.Audience) {
		return
	}
	for _, it := range q.Items {
		here := func(int) int { return it.Line }
		c.askReading(r, it.Stem, here)
		for _, o := range it.Options {
			c.askReading(r, o.Text, here)
		}
		c.askReading(r, markup.ReplaceAllString(it.Explanation, "\n"), here)
	}
}

// markup is where the words of an explanation end: its citations stand as
// links, whose words are read apart.
var markup = regexp.MustCompile(`<law:[^>]*>|\]\([^)]*\)|[\[*_]`)

// askReading reports the characters of a text that need a word; line tells
// where the byte at an offset stands.
func (c *checker) askReading(r *report, text string, line func(at int) int) {
	at := 0
	asked := map[string]bool{}
	read := c.pinyin.Read(text)
	for i, s := range read {
		if s.Unsure {
			around := ""
			for _, near := range read[max(0, i-2):min(len(read), i+3)] {
				around += string(near.Char)
			}
			if key := strings.Join(strings.Fields(around), ""); !asked[key] {
				asked[key] = true
				r.add(line(at), "pinyin", "“%s”里的“%c”有几个读音。请在 content/data/pinyin.yaml 的 words 里写上这个词的读音", key, s.Char)
			}
		}
		at += utf8.RuneLen(s.Char)
	}
}
