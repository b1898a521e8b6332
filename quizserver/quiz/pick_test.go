package quiz

import (
	"testing"

	"sunnycampus/quizserver/fault"
)

func TestPick(t *testing.T) {
	q := &Quiz{Title: "题库", Items: []Item{{ID: "a"}, {ID: "b"}, {ID: "c"}}}
	got, err := q.Pick([]string{"c", "a"})
	if err != nil || len(got.Items) != 2 || got.Items[0].ID != "c" || got.Items[1].ID != "a" || got.Title != q.Title {
		t.Errorf("Pick = %+v, %v", got, err)
	}
	if len(q.Items) != 3 {
		t.Error("Pick changed the quiz it picked from")
	}
	for _, ids := range [][]string{{"d"}, {"a", "a"}} {
		_, err := q.Pick(ids)
		if kind, _ := fault.Of(err); err == nil || kind != fault.Invalid {
			t.Errorf("Pick(%v) = %v, want an Invalid fault", ids, err)
		}
	}
}
