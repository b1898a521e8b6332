package site

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sunnycampus/quizserver/quiz"
)

// What makes a bank good enough to learn from. The shares count from
// enoughItems of a kind on; below that chance decides.
const (
	enoughItems    = 12
	mostAtOnePlace = 45 // percent of the keys of single choice
	mostLongest    = 50 // percent of the keys that are longer than all distractors
	fewestFalse    = 30 // percent, of either answer, of true-false
	alike          = 75 // percent of the character pairs of two items in common
)

var (
	legalWords = regexp.MustCompile(`违法|犯罪|法律|拘留|处罚|刑事|侵权|赔偿|监护人|责令`)
	sentences  = regexp.MustCompile(`[。！？]`)
	// ownExperience asks for what happened to the reader. A case that is only
	// supposed (如果、要是) is none.
	ownExperience = regexp.MustCompile(`(你|自己)(们|的同学)?(有没有|是否|是不是|曾经|曾|最近|平时|过去|上周|这学期)[^。？！，]{0,8}(被|受到?|遭受?|遇到)[^。？！，]{0,8}(欺负|欺凌|打|骂|孤立|排挤|威胁|取笑|嘲笑|外号|勒索|伤害)` +
		`|(欺负|欺凌|打|骂|孤立|排挤|威胁|嘲笑|笑话)过(你|自己)` +
		`|(你|自己)(被|受过?|遭受过?)[^。？！，]{0,8}(欺负|欺凌|打|骂|孤立|排挤|威胁|嘲笑)过?(吗|几次|多少次|没有)` +
		`|你(有没有)?(欺负|欺凌|打|骂|孤立|排挤|嘲笑)过(别人|同学|谁|人)`)
)

const askedOwn = "这里在问学生自己的经历。课上不让任何人说自己的遭遇，请改成问故事里的人，或者问“可以怎么做”"

// checkBank holds the items of a quiz against what a good bank keeps to.
func checkBank(r *report, q *quiz.Quiz) {
	for i := range q.Items {
		checkItem(r, &q.Items[i])
	}
	checkBalance(r, q)
}

func checkItem(r *report, it *quiz.Item) {
	whole := it.Stem + " " + it.Explanation
	for _, o := range it.Options {
		whole += " " + o.Text
	}
	if ownExperience.MatchString(whole) {
		r.add(it.Line, "item-own-experience", askedOwn)
	}
	if it.Type == quiz.Poll {
		return
	}
	if it.Level == "" || it.Topic == "" {
		r.warn(it.Line, "item-level", "这道题没有写难度或主题。请在 {…} 里加上 level=easy topic=\"定义\"")
	}
	if n := len(sentences.FindAllString(it.Explanation, -1)); n < 2 || n > 4 {
		r.warn(it.Line, "item-explanation", "解析请写两三句：为什么对，别的为什么不对。现在有 %d 句", n)
	}
	if legalWords.MatchString(whole) && !strings.Contains(it.Explanation, "law:") {
		r.warn(it.Line, "item-citation", "这道题说到了法律，解析里没有引用。请加上 <law:法律名#条号>")
	}
}

// checkBalance looks for habits that give the key away.
func checkBalance(r *report, q *quiz.Quiz) {
	places := map[int]int{}
	singles, longest, judged, yes := 0, 0, 0, 0
	for _, it := range q.Items {
		key := slices.IndexFunc(it.Options, func(o quiz.Option) bool { return o.Correct })
		switch {
		case key < 0:
		case it.Type == quiz.TrueFalse:
			judged++
			if key == 0 {
				yes++
			}
		case it.Type == quiz.Single && len(it.Options) > 2:
			singles++
			places[key]++
			if keyIsLongest(it.Options, key) {
				longest++
			}
		}
	}
	for place, n := range places {
		if singles >= enoughItems && n*100 > singles*mostAtOnePlace {
			r.warn(1, "bank-position", "%d 道单选题里，有 %d 道的答案是第 %d 个选项。请换一换位置", singles, n, place+1)
		}
	}
	if singles >= enoughItems && longest*100 > singles*mostLongest {
		r.warn(1, "bank-longest", "%d 道单选题里，有 %d 道的答案最长，一看就知道。请把干扰项写得一样细", singles, longest)
	}
	if judged >= enoughItems && min(yes, judged-yes)*100 < judged*fewestFalse {
		r.warn(1, "bank-judge", "%d 道判断题里，“对”有 %d 道。请让“对”和“错”差不多一样多", judged, yes)
	}
}

func keyIsLongest(options []quiz.Option, key int) bool {
	length := utf8.RuneCountInString(options[key].Text)
	for i, o := range options {
		if i != key && utf8.RuneCountInString(o.Text) >= length {
			return false
		}
	}
	return true
}

// checkAlike looks for two items that ask the same, in one bank or in two.
func (c *checker) checkAlike() {
	type known struct {
		path  string
		item  *quiz.Item
		pairs map[[2]rune]bool
	}
	var all []known
	for _, id := range sortedKeys(c.quizzes) {
		q := c.quizzes[id]
		if q == nil {
			continue
		}
		for i := range q.Items {
			it := &q.Items[i]
			one := known{c.quizPaths[id], it, pairsOf(it)}
			for _, other := range all {
				if percentShared(one.pairs, other.pairs) < alike {
					continue
				}
				log := &report{path: one.path}
				log.warn(it.Line, "item-alike", "这道题和 %s 第 %d 行的题几乎一样。请换一个问法，或删去一道", strings.TrimPrefix(other.path, contentPrefix), other.item.Line)
				c.findings = append(c.findings, log.findings...)
			}
			all = append(all, one)
		}
	}
}

// pairsOf are the pairs of neighbouring letters of an item.
func pairsOf(it *quiz.Item) map[[2]rune]bool {
	text := it.Stem
	for _, o := range it.Options {
		text += "\n" + o.Text
	}
	pairs := map[[2]rune]bool{}
	var last rune
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			last = 0
			continue
		}
		if last != 0 {
			pairs[[2]rune{last, r}] = true
		}
		last = r
	}
	return pairs
}

// percentShared is the share that two sets have in common, of both together.
func percentShared(a, b map[[2]rune]bool) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 || len(a)*100 < len(b)*alike {
		return 0 // too different in size to be alike
	}
	common := 0
	for pair := range a {
		if b[pair] {
			common++
		}
	}
	return common * 100 / (len(a) + len(b) - common)
}
