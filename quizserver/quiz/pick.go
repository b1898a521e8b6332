package quiz

import "sunnycampus/quizserver/fault"

// Pick returns the quiz with only these items, in this order: a lesson rarely
// has time for a whole bank.
func (q *Quiz) Pick(ids []string) (*Quiz, error) {
	byID := make(map[string]Item, len(q.Items))
	for _, item := range q.Items {
		byID[item.ID] = item
	}
	picked := *q
	picked.Items = make([]Item, 0, len(ids))
	for _, id := range ids {
		item, ok := byID[id]
		if !ok {
			return nil, fault.New(fault.Invalid, "题库“%s”里没有编号为“%s”的题，或者它写了两遍", q.Title, id)
		}
		delete(byID, id)
		picked.Items = append(picked.Items, item)
	}
	return &picked, nil
}
