package exchange

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"sunnycampus/quizserver/quiz"
)

// Moodle gives every answer a percentage of the points; our items are right or
// wrong as a whole.

// mark is what an option is worth, and what Moodle says to who chose it.
type mark struct {
	weight   float64
	feedback string
}

// whole is all the points, but for rounding.
func whole(weight float64) bool { return weight > 99.9 }

// mark decides which of the options are right, and whether parts of the points
// were left out.
func (d *draft) mark(single bool, marks []mark) (parts bool) {
	var full, best, positive, negative int
	for i, m := range marks {
		switch {
		case whole(m.weight):
			full++
			positive++
		case m.weight > 0:
			positive++
		case m.weight < 0:
			negative++
		}
		if m.weight > marks[best].weight {
			best = i
		}
	}
	d.item.Type = quiz.Single
	options := d.item.Options
	switch {
	case single && full == len(marks) && full > 1:
		d.item.Type = quiz.Poll
		d.report.about("选哪个都得满分的题，当成了没有对错的调查题")
		full = 0
	case single && full == 0 && positive > 0:
		options[best].Correct = true
		d.change("没有得满分的选项，把得分最多的“%s”当成了正确答案", short(options[best].Text))
	case single:
		for i, m := range marks {
			options[i].Correct = whole(m.weight)
			if m.weight > 0 && !options[i].Correct {
				d.change("选项“%s”原来得 %s%% 的分，现在按错算", short(options[i].Text), percent(m.weight))
			}
		}
		if full > 1 {
			d.item.Type = quiz.Multiple
			d.change("有 %d 个正确答案，改成了多选题：原来选中任何一个都算对，现在要全部选上才算对", full)
		}
	default:
		parts = true
		d.item.Type = quiz.Multiple
		even := true
		for i, m := range marks {
			options[i].Correct = m.weight > 0
			even = even && (m.weight <= 0 || math.Abs(m.weight-marks[best].weight) < 0.01)
		}
		if !even {
			d.change("正确的选项原来得分不一样多，现在要全部选对才得分")
		}
	}
	if single && negative > 0 {
		d.change("选错要倒扣的分没有带过来")
	}
	for i, m := range marks {
		if m.feedback != "" {
			d.explain(options[i].Text + "：" + m.feedback)
		}
	}
	return parts
}

// wildcard is a star that stands for anything in a Moodle answer.
var wildcard = regexp.MustCompile(`(^|[^\\])\*`)

// accept takes an answer of a fill-in.
func (d *draft) accept(text string, weight float64, feedback string, exact bool) {
	text = strings.TrimSpace(text)
	anything := text == "*"
	switch {
	case weight <= 0:
		if feedback != "" && !anything {
			d.explain("答“" + text + "”：" + feedback)
			return
		}
		if feedback == "" && !anything {
			d.change("列出的错误答案“%s”没有带过来，本来就按错算", short(text))
		}
		d.explain(feedback)
		return
	case !whole(weight):
		d.change("答案“%s”原来得 %s%% 的分，没有带过来，现在按错算", short(text), percent(weight))
	case !exact && wildcard.MatchString(text):
		d.change("答案“%s”里的 * 代表任何文字，本站没有这种写法，没有带过来", short(text))
	case strings.ContainsAny(text, "|｜"):
		d.change("答案“%s”里有竖线，本站用它隔开几种写法，没有带过来", short(text))
	default:
		if !exact {
			text = strings.ReplaceAll(text, `\*`, "*")
		}
		d.item.Accept = append(d.item.Accept, text)
	}
	if feedback != "" {
		d.explain(feedback)
	}
}

// moodleAnswer writes an accepted answer so that Moodle takes it literally.
func moodleAnswer(s string) string { return strings.ReplaceAll(s, "*", `\*`) }

// manyNumbers is how many whole numbers of a range are listed one by one.
const manyNumbers = 21

// number takes a numerical answer: 12, 12:1 or 11..13. It reports whether
// there is one that can be typed.
func (d *draft) number(text string, weight float64, feedback string) bool {
	text = strings.Join(strings.Fields(width.Narrow.String(text)), "")
	if text == "*" || weight <= 0 {
		d.accept(text, 0, feedback, false)
		return true
	}
	low, high, ranged := strings.Cut(text, "..")
	centre, tolerance, tolerant := strings.Cut(text, ":")
	if !ranged && !tolerant {
		low, high = text, text
	}
	if tolerant && !ranged {
		c, errC := strconv.ParseFloat(centre, 64)
		t, errT := strconv.ParseFloat(tolerance, 64)
		if errC != nil || errT != nil || math.IsNaN(c) {
			d.refuse("数值题的答案“%s”看不懂，请写成 12、12:1 或 11..13", short(text))
			return false
		}
		if t == 0 {
			low, high = centre, centre
		} else {
			low, high = strconv.FormatFloat(c-t, 'f', -1, 64), strconv.FormatFloat(c+t, 'f', -1, 64)
		}
	}
	a, errA := strconv.ParseFloat(low, 64)
	b, errB := strconv.ParseFloat(high, 64)
	whole := a == math.Trunc(a) && b == math.Trunc(b) && math.Abs(a) < 1e15 && b-a < manyNumbers
	switch {
	case errA != nil || errB != nil || !(a <= b):
		d.refuse("数值题的答案“%s”看不懂，请写成 12、12:1 或 11..13", short(text))
		return false
	case a == b:
		d.accept(low, weight, feedback, true)
		d.change("数值题改成了填空题，要填得和答案“%s”一样", low)
	case whole:
		for n := int64(a); n <= int64(b); n++ {
			d.accept(strconv.FormatInt(n, 10), weight, "", true)
		}
		d.explain(feedback)
		d.change("数值题改成了填空题，%d 到 %d 的整数都算对", int64(a), int64(b))
	case tolerant && !ranged:
		d.accept(centre, weight, feedback, true)
		d.change("数值题改成了填空题，只有“%s”算对，允许的误差 %s 没有带过来", centre, tolerance)
	default:
		d.refuse("数值题的答案是一个范围（%s），填空题判不了，请改成选择题", text)
		return false
	}
	return true
}

// level reads how hard an item is.
func level(word string) (string, bool) {
	switch strings.ToLower(narrow(word)) {
	case "":
		return "", true
	case "easy", "简单", "容易", "易", "低":
		return "easy", true
	case "medium", "中等", "中", "一般", "适中":
		return "medium", true
	case "hard", "难", "困难", "较难", "高":
		return "hard", true
	}
	return "", false
}

// levelWord is a level as a teacher writes it.
func levelWord(level string) string {
	return map[string]string{"easy": "简单", "medium": "中等", "hard": "困难"}[level]
}
