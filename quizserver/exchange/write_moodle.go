package exchange

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"sunnycampus/quizserver/quiz"
)

// What writeMoodle writes, in the order that Moodle does.

type cdata struct {
	Text string `xml:",cdata"`
}

type outText struct {
	Format string `xml:"format,attr,omitempty"`
	Text   cdata  `xml:"text"`
}

type outAnswer struct {
	Fraction string  `xml:"fraction,attr"`
	Format   string  `xml:"format,attr"`
	Text     cdata   `xml:"text"`
	Feedback outText `xml:"feedback"`
}

type outQuestion struct {
	XMLName  xml.Name    `xml:"question"`
	Type     string      `xml:"type,attr"`
	Category *outText    `xml:"category,omitempty"`
	Name     *outText    `xml:"name,omitempty"`
	Stem     *outText    `xml:"questiontext,omitempty"`
	General  *outText    `xml:"generalfeedback,omitempty"`
	Grade    string      `xml:"defaultgrade,omitempty"`
	Penalty  string      `xml:"penalty,omitempty"`
	Hidden   string      `xml:"hidden,omitempty"`
	IDNumber string      `xml:"idnumber,omitempty"`
	Single   string      `xml:"single,omitempty"`
	Shuffle  string      `xml:"shuffleanswers,omitempty"`
	UseCase  string      `xml:"usecase,omitempty"`
	Layout   string      `xml:"layouttype,omitempty"`
	Select   string      `xml:"selecttype,omitempty"`
	Count    string      `xml:"selectcount,omitempty"`
	Grading  string      `xml:"gradingtype,omitempty"`
	Answers  []outAnswer `xml:"answer"`
	Tags     *outTags    `xml:"tags,omitempty"`
}

type outTags struct {
	Tag []outText `xml:"tag"`
}

func writeMoodle(title string, items []quiz.Item, r *Report) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	all := struct {
		XMLName   xml.Name `xml:"quiz"`
		Questions []outQuestion
	}{Questions: []outQuestion{{Type: "category", Category: &outText{Text: cdata{"$course$/top/" + strings.ReplaceAll(title, "/", "//")}}}}}
	for _, it := range items {
		all.Questions = append(all.Questions, moodleItem(it, r))
	}
	if err := enc.Encode(all); err != nil {
		return nil, fmt.Errorf("write Moodle XML: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func htmlField(text string) *outText { return &outText{"html", cdata{paragraphs(text)}} }

func moodleItem(it quiz.Item, r *Report) outQuestion {
	q := outQuestion{Name: &outText{Text: cdata{it.ID}}, Stem: htmlField(it.Stem), General: &outText{Format: "html"},
		Grade: strconv.Itoa(it.Points), Hidden: "0", IDNumber: it.ID}
	if it.Explanation != "" {
		q.General = htmlField(it.Explanation)
	}
	answer := func(fraction float64, format, text string) {
		q.Answers = append(q.Answers, outAnswer{percent(fraction), format, cdata{text}, outText{Format: "html"}})
	}
	switch it.Type {
	case quiz.TrueFalse:
		q.Type = "truefalse"
		for i, word := range []string{"true", "false"} {
			answer(map[bool]float64{true: 100}[it.Options[i].Correct], "moodle_auto_format", word)
		}
	case quiz.Fill:
		q.Type, q.UseCase = "shortanswer", "0"
		for _, a := range it.Accept {
			answer(100, "moodle_auto_format", moodleAnswer(a))
		}
	case quiz.Ordering:
		q.Type, q.Layout, q.Select, q.Count, q.Grading = "ordering", "VERTICAL", "ALL", strconv.Itoa(len(it.Options)), "ALL_OR_NOTHING"
		for i, o := range it.Options {
			answer(float64(i+1), "html", paragraphs(o.Text))
		}
		r.about("排序题按 Moodle 的“排序”插件写的，没有这个插件的 Moodle 读不了")
	default:
		q.Type, q.Single, q.Shuffle = "multichoice", strconv.FormatBool(it.Type != quiz.Multiple), "true"
		for i, w := range weights(it) {
			answer(w, "html", paragraphs(it.Options[i].Text))
		}
		if it.Type == quiz.Poll {
			r.about("Moodle 没有调查题，写成了选哪个都得分的单选题，转回来还是调查题")
		}
	}
	if it.Fixed {
		q.Shuffle = "false"
	}
	tags := &outTags{}
	add := func(text string) { tags.Tag = append(tags.Tag, outText{Text: cdata{text}}) }
	if it.Topic != "" {
		add(tagTopic + it.Topic)
	}
	if it.Level != "" {
		add(tagLevel + levelWord(it.Level))
	}
	add(tagSeconds + strconv.Itoa(it.Seconds))
	r.about("秒数、难度、主题写成了 Moodle 的标签")
	q.Tags = tags
	return q
}
