package quiz

import (
	"slices"
	"unicode/utf8"

	"sunnycampus/quizserver/fault"
)

// Mark judges a choice: option ids, in order for an ordering item, or one
// text for a fill-in. There are no part marks. A choice that the screen could
// not have sent is an Invalid fault and counts as no answer.
func (it Item) Mark(choice []string) (correct bool, points int, err error) {
	if it.Type == Fill {
		correct, err = it.markText(choice)
	} else if err = it.checkIDs(choice); err == nil {
		switch it.Type {
		case Poll:
		case Ordering:
			correct = slices.Equal(choice, it.Order)
		default:
			correct = sameSet(choice, it.Key())
		}
	}
	if correct {
		points = it.Points
	}
	return correct, points, err
}

func (it Item) markText(choice []string) (bool, error) {
	if len(choice) != 1 {
		return false, fault.New(fault.Invalid, "填空题要交一段文字，请填写后再提交。")
	}
	answer := choice[0]
	if !utf8.ValidString(answer) || utf8.RuneCountInString(answer) > maxText {
		return false, fault.New(fault.Invalid, "答案不能超过 %d 个字，请写短一些再提交。", maxText)
	}
	folded := fold(answer)
	if folded == "" {
		return false, fault.New(fault.Invalid, "答案是空的，请填写后再提交。")
	}
	return slices.ContainsFunc(it.Accept, func(a string) bool { return fold(a) == folded }), nil
}

// checkIDs refuses unknown and repeated options and a wrong number of them.
func (it Item) checkIDs(choice []string) error {
	n := len(choice)
	switch {
	case n == 0:
		return fault.New(fault.Invalid, "还没有选答案，请选择后再提交。")
	case n > len(it.Options):
		return fault.New(fault.Invalid, "答案比选项还多，请刷新页面后重新作答。")
	case it.Type == Ordering && n != len(it.Options):
		return fault.New(fault.Invalid, "还有没排的项，请把每一项都排好再提交。")
	case n > 1 && it.Type != Multiple && it.Type != Ordering:
		return fault.New(fault.Invalid, "这道题只能选一个答案，请只选一个再提交。")
	}
	for i, id := range choice {
		if !slices.ContainsFunc(it.Options, func(o Option) bool { return o.ID == id }) {
			return fault.New(fault.Invalid, "答案里有这道题没有的选项，请刷新页面后重新作答。")
		}
		if slices.Contains(choice[:i], id) {
			return fault.New(fault.Invalid, "同一个选项交了两次，请重新作答。")
		}
	}
	return nil
}

// sameSet compares two lists without repeats.
func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
