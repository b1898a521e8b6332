// Package quiz turns a quiz file into data: it parses Markdown, marks a
// choice, draws a quiz for a room and tells apart what may leave the server
// from what must not.
package quiz

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Type says how an item is answered.
type Type string

// The types of items.
const (
	Single    Type = "single"
	Multiple  Type = "multiple"
	TrueFalse Type = "truefalse"
	Poll      Type = "poll"
	Fill      Type = "fill"
	Ordering  Type = "ordering"
)

// What a quiz may be used for. A contest bank stays closed until its window ends.
const (
	Practice = "practice"
	Contest  = "contest"
)

// How the readings of a quiz for young children come up at first; a switch
// changes it.
const (
	PinyinShown   = "shown"
	PinyinOffered = "offered" // older pupils use the quiz, too
)

// Image is a picture of an item or of an option.
type Image struct {
	Src string `json:"src"`
	Alt string `json:"alt"`
}

// Option is one entry to choose or to put in order, with its key.
type Option struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Reading []string `json:"reading,omitempty"` // pinyin, one a character of Text, empty for what is none
	Image   *Image   `json:"image,omitempty"`
	Correct bool     `json:"correct,omitempty"`
}

// Item is one question with its key. All fields are exported because a room
// stores its drawn quiz as JSON; what pupils get is a Prompt.
type Item struct {
	ID      string   `json:"id"`
	Type    Type     `json:"type"`
	Stem    string   `json:"stem"`
	Reading []string `json:"reading,omitempty"` // pinyin of Stem; like ExplanationHTML left empty by Parse
	Image   *Image   `json:"image,omitempty"`
	Options []Option `json:"options,omitempty"` // ordering: in the right order until drawn
	Order   []string `json:"order,omitempty"`   // ordering only: option ids in the right order
	Accept  []string `json:"accept,omitempty"`  // fill-in only
	Fixed   bool     `json:"fixed,omitempty"`   // shuffle=no: Draw keeps the order of the options
	Points  int      `json:"points"`            // always 0 for a poll
	Seconds int      `json:"seconds"`
	Level   string   `json:"level,omitempty"` // easy, medium, hard, or empty when not given
	Topic   string   `json:"topic,omitempty"`

	Explanation string `json:"explanation,omitempty"` // Markdown
	// ExplanationHTML is left empty by Parse: only who knows the registry of
	// laws can render the citations in it.
	ExplanationHTML string `json:"explanation_html,omitempty"`
	Line            int    `json:"line,omitempty"` // of the heading in the file
}

// Review is the signed review that a page carries.
type Review struct {
	By string `json:"by" yaml:"by"`
	On string `json:"on" yaml:"on"`
}

// Quiz is one file of items.
type Quiz struct {
	ID       string   `json:"id"` // stem of the file name
	Title    string   `json:"title"`
	Summary  string   `json:"summary,omitempty"`
	Use      string   `json:"use"`
	Audience []string `json:"audience,omitempty"`
	Topics   []string `json:"topics,omitempty"`
	Sources  []string `json:"sources,omitempty"`
	Safety   []string `json:"safety,omitempty"` // codes S1 to S12
	Pinyin   string   `json:"pinyin,omitempty"` // empty for a quiz without readings
	Minutes  int      `json:"minutes,omitempty"`
	Weight   int      `json:"weight,omitempty"`
	ReviewBy string   `json:"review_by,omitempty"` // YYYY-MM-DD
	Reviewed *Review  `json:"reviewed,omitempty"`
	Items    []Item   `json:"items"`
}

// Prompt is an item as a pupil may see it before the reveal. It has no field
// for a key or an explanation, so none can slip in.
type Prompt struct {
	ID      string         `json:"id"`
	Type    Type           `json:"type"`
	Stem    string         `json:"stem"`
	Reading []string       `json:"reading,omitempty"`
	Image   *Image         `json:"image,omitempty"`
	Options []PromptOption `json:"options"`
	Points  int            `json:"points"`
	Seconds int            `json:"seconds"`
}

// PromptOption is an option without its key.
type PromptOption struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Reading []string `json:"reading,omitempty"`
	Image   *Image   `json:"image,omitempty"`
}

// Prompt returns the item without its key. The options of an ordering item
// come sorted by id, because an item that was not drawn holds them in the
// right order.
func (it Item) Prompt() Prompt {
	p := Prompt{
		ID: it.ID, Type: it.Type, Stem: it.Stem, Reading: it.Reading, Image: it.Image.clone(),
		Options: make([]PromptOption, 0, len(it.Options)),
		Points:  it.Points, Seconds: it.Seconds,
	}
	for _, o := range it.Options {
		p.Options = append(p.Options, PromptOption{ID: o.ID, Text: o.Text, Reading: o.Reading, Image: o.Image.clone()})
	}
	if it.Type == Ordering {
		slices.SortFunc(p.Options, func(a, b PromptOption) int { return cmp.Compare(a.ID, b.ID) })
	}
	return p
}

// Key returns the ids of the right options (for an ordering item in the right
// order), the accepted answers of a fill-in, and nothing for a poll.
func (it Item) Key() []string {
	switch it.Type {
	case Fill:
		return slices.Clone(it.Accept)
	case Ordering:
		return slices.Clone(it.Order)
	case Poll:
		return nil
	}
	var key []string
	for _, o := range it.Options {
		if o.Correct {
			key = append(key, o.ID)
		}
	}
	return key
}

// KeyedItem is an item of a key sheet, with the options as the paper shows them.
type KeyedItem struct {
	Prompt      Prompt   `json:"prompt"`
	Key         []string `json:"key"`
	Explanation string   `json:"explanation"` // HTML
}

// KeySheet is what a teacher marks a paper by.
func (q *Quiz) KeySheet() []KeyedItem {
	items := make([]KeyedItem, len(q.Items))
	for i, it := range q.Items {
		items[i] = KeyedItem{it.Prompt(), append([]string{}, it.Key()...), it.ExplanationHTML}
	}
	return items
}

func (m *Image) clone() *Image {
	if m == nil {
		return nil
	}
	c := *m
	return &c
}

// Error is one mistake in a quiz file, with a sentence that says how to mend it.
type Error struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error formats the mistake as path:line: code: message.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d: %s: %s", e.Path, e.Line, e.Code, e.Message)
}

// Errors holds every mistake of a file, sorted by line.
type Errors []*Error

// Error lists the mistakes, one a line.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find a single mistake.
func (es Errors) Unwrap() []error {
	all := make([]error, len(es))
	for i, e := range es {
		all[i] = e
	}
	return all
}
