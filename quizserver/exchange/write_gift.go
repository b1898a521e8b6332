package exchange

import (
	"slices"
	"strconv"
	"strings"

	"sunnycampus/quizserver/quiz"
)

// writeGIFT writes items for Moodle. What GIFT has no place for stands in a
// comment, which Moodle passes over and readGIFT reads.
func writeGIFT(title string, items []quiz.Item, r *Report) []byte {
	var b strings.Builder
	b.WriteString("$CATEGORY: " + strings.ReplaceAll(title, "/", "//") + "\n")
	polls := false
	for _, it := range items {
		b.WriteString("\n// [id:" + it.ID + "]")
		if it.Topic != "" {
			b.WriteString(" [tag:" + strings.NewReplacer(`\`, `\\`, `]`, `\]`).Replace(it.Topic) + "]")
		}
		if it.Type != quiz.Poll {
			b.WriteString(" points=" + strconv.Itoa(it.Points))
		}
		b.WriteString(" seconds=" + strconv.Itoa(it.Seconds))
		if it.Level != "" {
			b.WriteString(" level=" + it.Level)
		}
		if it.Fixed {
			b.WriteString(" shuffle=no")
		}
		if it.Type == quiz.Ordering && it.Explanation != "" { // the plugin would take it for one more entry
			b.WriteString("\n//####" + giftEscape.Replace(it.Explanation))
			it.Explanation = ""
		}
		b.WriteString("\n::" + it.ID + "::[plain]" + giftEscape.Replace(it.Stem) + " {")
		giftAnswers(&b, it, r)
		if it.Explanation != "" {
			b.WriteString("\t####" + giftText(it.Explanation) + "\n")
		}
		b.WriteString("}\n")
		polls = polls || it.Type == quiz.Poll
	}
	r.about("分值、秒数、难度写在 GIFT 的注释里，转回来还在，别的软件会跳过")
	if polls {
		r.about("GIFT 没有调查题，写成了选哪个都得分的单选题，转回来还是调查题")
	}
	return []byte(b.String())
}

func giftAnswers(b *strings.Builder, it quiz.Item, r *Report) {
	switch it.Type {
	case quiz.TrueFalse:
		if it.Options[0].Correct {
			b.WriteString("TRUE\n")
		} else {
			b.WriteString("FALSE\n")
		}
	case quiz.Fill:
		b.WriteString("\n")
		for _, a := range it.Accept {
			if strings.Contains(a, "->") { // Moodle would make pairs of it
				r.change("", it.ID, "答案“%s”里的 -> 写成了全角的 －＞", a)
				a = strings.ReplaceAll(a, "->", "－＞")
			}
			b.WriteString("\t=%100%" + giftText(moodleAnswer(a)) + "\n")
		}
	case quiz.Ordering:
		b.WriteString(">" + strconv.Itoa(len(it.Options)) + " ALL VERTICAL ALL_OR_NOTHING\n")
		for _, o := range it.Options {
			if rest, ok := strings.CutPrefix(o.Text, "//"); ok { // else it is a comment
				r.change("", it.ID, "“%s”开头的 // 写成了全角的 ／／", short(o.Text))
				o.Text = "／／" + rest
			}
			b.WriteString("\t" + giftLine.Replace(o.Text) + "\n")
		}
		r.about("排序题按 Moodle 的“排序”插件写的，没有这个插件的 Moodle 读不了；它的解析写在注释里")
	default:
		b.WriteString("\n")
		for i, w := range weights(it) {
			text := it.Options[i].Text
			mark := "~"
			switch {
			case it.Type == quiz.Single && w == 100, it.Type == quiz.Poll && i == 0:
				mark = "="
			case w != 0:
				mark = "~%" + percent(w) + "%"
			}
			b.WriteString("\t" + mark + giftText(text) + "\n")
		}
	}
}

// weights are the percentages that Moodle wants: together 100 for what is
// right; for a poll each option alone.
func weights(it quiz.Item) []float64 {
	right := slices.DeleteFunc(slices.Clone(it.Options), func(o quiz.Option) bool { return !o.Correct })
	all := make([]float64, len(it.Options))
	for i, o := range it.Options {
		switch {
		case it.Type == quiz.Poll:
			all[i] = 100
		case o.Correct:
			all[i] = 100 / float64(len(right))
		case it.Type == quiz.Multiple:
			all[i] = -100
		}
	}
	return all
}

// percent writes as many digits as Moodle knows its fractions by.
func percent(w float64) string {
	s := strconv.FormatFloat(w, 'f', 5, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// giftLine escapes an entry of an ordering item, which the plugin shows as it is.
var giftLine = strings.NewReplacer(`\`, `\\`, "#", `\#`, "{", `\{`, "}", `\}`)

var giftEscape = strings.NewReplacer(`\`, `\\`, "#", `\#`, "=", `\=`, "~", `\~`, "{", `\{`, "}", `\}`, ":", `\:`, "\n", `\n`)

func giftText(s string) string {
	s = giftEscape.Replace(strings.TrimSpace(s))
	if giftFormat.MatchString(s) || giftWeight.MatchString(s) { // these are its own words
		return "[plain]" + s
	}
	return s
}
