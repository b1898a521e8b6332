package exchange

import (
	"strings"

	"sunnycampus/quizserver/quiz"
)

// tableRows writes items as our own template has them.
func tableRows(items []quiz.Item) (head []string, rows [][]any) {
	options, fixed := 6, false
	for _, it := range items {
		fixed = fixed || it.Fixed
		if it.Type != quiz.TrueFalse {
			options = max(options, len(it.Options))
		}
	}
	head = []string{"题型", "题目"}
	for i := range options {
		head = append(head, "选项"+string(rune('A'+i)))
	}
	head = append(head, "答案", "解析", "分值", "秒数", "难度", "主题", "题号")
	if fixed {
		head = append(head, headings[colFixed][0])
	}
	for _, it := range items {
		row := []any{typeWord(it.Type), it.Stem}
		for i := range options {
			text := ""
			if it.Type != quiz.TrueFalse && i < len(it.Options) {
				text = it.Options[i].Text
			}
			row = append(row, text)
		}
		row = append(row, tableAnswer(it), it.Explanation)
		if it.Type == quiz.Poll {
			row = append(row, "")
		} else {
			row = append(row, it.Points)
		}
		row = append(row, it.Seconds, levelWord(it.Level), it.Topic, it.ID)
		if it.Fixed {
			row = append(row, "固定")
		}
		rows = append(rows, row)
	}
	return head, rows
}

func tableAnswer(it quiz.Item) string {
	var letters []string
	for i, o := range it.Options {
		if o.Correct || it.Type == quiz.Ordering {
			letters = append(letters, string(rune('A'+i)))
		}
	}
	switch it.Type {
	case quiz.TrueFalse:
		return map[bool]string{true: "对", false: "错"}[it.Options[0].Correct]
	case quiz.Fill:
		return strings.Join(it.Accept, "|")
	case quiz.Ordering:
		return strings.Join(letters, ">")
	}
	return strings.Join(letters, "")
}
