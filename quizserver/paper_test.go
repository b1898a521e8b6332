package quizserver

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type paperSheet struct {
	Items []struct {
		Prompt      prompt
		Key         []string
		Explanation string
	}
}

// TestPaperKeyNumbersAndLettersLikeThePaper: the paper is made of the quiz, the
// key sheet of another answer; item and option must stand at the same places.
func TestPaperKeyNumbersAndLettersLikeThePaper(t *testing.T) {
	w := newWorld(t)
	var q struct{ Items []prompt }
	w.ok(200, w.get("/api/quizzes/canary", ""), &q)
	for _, ids := range [][]string{{"fill", "who", "order"}, nil} {
		var sheet paperSheet
		r := w.ok(200, w.get("/api/quizzes/canary/paper?items="+strings.Join(ids, ","), ""), &sheet)
		if got := r.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("the key sheet may be kept: Cache-Control %q", got)
		}
		want := q.Items
		if ids != nil {
			want = nil
			for _, id := range ids {
				want = append(want, q.Items[slices.IndexFunc(q.Items, func(p prompt) bool { return p.ID == id })])
			}
		}
		var got []prompt
		for _, it := range sheet.Items {
			got = append(got, it.Prompt)
			if why := "CANARYWHY-" + it.Prompt.ID; !strings.Contains(it.Explanation, why) {
				t.Errorf("%s has no explanation: %q", it.Prompt.ID, it.Explanation)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("items %v differ from the paper (-paper +key):\n%s", ids, diff)
		}
	}
}

func TestPaperKeyIsRight(t *testing.T) {
	w := newWorld(t)
	var sheet paperSheet
	w.ok(200, w.get("/api/quizzes/canary/paper", ""), &sheet)
	want := map[string][]string{"who": {"学生之间"}, "tf": {"错"}, "many": {"故意孤立", "长期辱骂"},
		"order": {"先保证安全", "告诉老师", "陪伴同学", "记下经过"}, "fill": {"CANARYACCEPT制止", "CANARYACCEPT阻止"}, "mood": nil}
	for _, it := range sheet.Items {
		var got []string
		for _, id := range it.Key {
			if at := slices.IndexFunc(it.Prompt.Options, func(o struct{ ID, Text string }) bool { return o.ID == id }); at >= 0 {
				id = it.Prompt.Options[at].Text
			}
			got = append(got, id)
		}
		if it.Prompt.ID == "many" { // drawn at random
			slices.Sort(got)
		}
		if diff := cmp.Diff(want[it.Prompt.ID], got); diff != "" {
			t.Errorf("key of %s (-want +got):\n%s", it.Prompt.ID, diff)
		}
	}
}

func TestPaperKeyIsRefused(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]int{
		"/api/quizzes/contest-bank/paper":          404,
		"/api/quizzes/nowhere/paper":               404,
		"/api/quizzes/canary/paper?items=who,gone": 400,
		"/api/quizzes/canary/paper?items=who,who":  400,
		"/api/quizzes/canary/paper?items=,":        400,
	} {
		r := w.ok(want, w.get(path, ""), nil)
		wantContain(t, path, string(r.body), nil, secrets)
	}
}

// TestPaperKeyIsForStaffWhereRoomsAre: a public server shows a whole bank's key
// to nobody who may not open a room with it.
func TestPaperKeyIsForStaffWhereRoomsAre(t *testing.T) {
	w := newWorld(t, func(s *Server) { s.StaffOnly = true })
	r := w.ok(401, w.get("/api/quizzes/canary/paper", ""), nil)
	wantContain(t, "the refusal", string(r.body), nil, secrets)
	w.signIn("teacher", time.Now().Add(time.Hour))
	w.ok(200, w.get("/api/quizzes/canary/paper", ""), nil)
}
