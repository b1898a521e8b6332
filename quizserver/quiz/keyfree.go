package quiz

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// KeyFree writes the Markdown that Hugo may see: stems and unmarked options.
// Options stand in the order of a hash, so that neither a position nor the
// sequence of an ordering item tells the key.
func KeyFree(q *Quiz) []byte {
	head := struct {
		Title     string   `yaml:"title"`
		Summary   string   `yaml:"summary,omitempty"`
		Audience  []string `yaml:"audience,omitempty"`
		Topics    []string `yaml:"topics,omitempty"`
		Sources   []string `yaml:"sources,omitempty"`
		Safety    []string `yaml:"safety,omitempty"`
		Pinyin    string   `yaml:"pinyin,omitempty"`
		Minutes   int      `yaml:"minutes,omitempty"`
		Weight    int      `yaml:"weight,omitempty"`
		ReviewBy  string   `yaml:"review_by,omitempty"`
		Reviewed  *Review  `yaml:"reviewed,omitempty"`
		ItemCount int      `yaml:"item_count"`
		QuizID    string   `yaml:"quiz_id"`
	}{q.Title, q.Summary, q.Audience, q.Topics, q.Sources, q.Safety, q.Pinyin, q.Minutes, q.Weight, q.ReviewBy, q.Reviewed, len(q.Items), q.ID}
	front, err := yaml.Marshal(head)
	if err != nil { // strings and numbers only: cannot happen
		panic(fmt.Sprintf("quiz: front matter of %s: %v", q.ID, err))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "---\n%s---\n", front)
	for i, it := range q.Items {
		fmt.Fprintf(&b, "\n### %d. %s\n\n", i+1, escape(it.Stem))
		if it.Image != nil {
			fmt.Fprintf(&b, "%s\n\n", it.Image.markdown())
		}
		for _, o := range hashed(it) {
			b.WriteString("-")
			if o.Image != nil {
				b.WriteString(" " + o.Image.markdown())
			}
			if o.Text != "" {
				b.WriteString(" " + escape(o.Text))
			}
			b.WriteString("\n")
		}
	}
	return b.Bytes()
}

// hashed returns the options in an order that comes from their looks alone.
func hashed(it Item) []Option {
	options := slices.Clone(it.Options)
	if it.Type != TrueFalse { // always 对, then 错
		slices.SortFunc(options, func(a, b Option) int {
			return cmp.Compare(digest(it.ID, a.look()), digest(it.ID, b.look()))
		})
	}
	return options
}

func (m *Image) markdown() string { return "![" + escape(m.Alt) + "](<" + m.Src + ">)" }

// escape writes plain text as Markdown that shows just this text, and that
// Hugo does not take for a shortcode.
func escape(s string) string {
	var b strings.Builder
	numbered := true // a number so far, which with . or ) would begin a list
	for i, r := range s {
		switch {
		case strings.ContainsRune("\\`*_{}[]<>#~&", r),
			i == 0 && strings.ContainsRune("-+", r),
			i > 0 && numbered && (r == '.' || r == ')'):
			b.WriteByte('\\')
		}
		numbered = numbered && r >= '0' && r <= '9'
		b.WriteRune(r)
	}
	return b.String()
}
