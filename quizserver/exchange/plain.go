package exchange

import (
	"slices"
	"strings"

	"sunnycampus/quizserver/quiz"
)

// plain returns the items with words where only a page of the site has more:
// pictures become their alternative texts, explanations their words.
func plain(q *quiz.Quiz, spell quiz.Spell, r *Report) []quiz.Item {
	var items []quiz.Item
	for _, it := range q.Items {
		it.Options, it.Accept = slices.Clone(it.Options), slices.Clone(it.Accept)
		if it.Image != nil {
			r.change("", it.ID, "题目的图片（%s）带不过去，写成了文字“（图：%s）”", it.Image.Src, it.Image.Alt)
			it.Stem += "（图：" + it.Image.Alt + "）"
			it.Image = nil
		}
		if !plainOptions(&it, r) {
			continue
		}
		text, markup := quiz.TextOf(it.Explanation, spell)
		it.Explanation = text
		if markup.Cites > 0 {
			r.change("", it.ID, "解析里的 %d 处法律引用写成了文字，例如《……》第几条", markup.Cites)
		}
		if len(markup.Images) > 0 {
			r.change("", it.ID, "解析里的图片带不过去，写成了文字：%s", strings.Join(markup.Images, "；"))
		}
		if markup.Layout {
			r.change("", it.ID, "解析里的排版（加粗、列表等）没有带过去，文字都在")
		}
		items = append(items, it)
	}
	return items
}

// plainOptions reports whether the options can still be told apart.
func plainOptions(it *quiz.Item, r *Report) bool {
	seen := map[string]bool{}
	for i := range it.Options {
		o := &it.Options[i]
		if o.Image != nil {
			r.change("", it.ID, "选项的图片（%s）带不过去，写成了文字“%s”", o.Image.Src, o.Image.Alt)
			if o.Text == "" {
				o.Text = o.Image.Alt
			} else {
				o.Text += "（图：" + o.Image.Alt + "）"
			}
			o.Image = nil
		}
		if seen[o.Text] {
			r.refuse("", it.ID, "去掉图片后，有两个选项都是“%s”，分不清了。请先给它们写上不同的文字", short(o.Text))
			return false
		}
		seen[o.Text] = true
	}
	return true
}
