package live

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sunnycampus/quizserver/fault"
)

func TestBoardRanks(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	// Seats 1–8 answer: 1 and 2 get both items, 3–5 the second, 6 and 7 the
	// first, 8 none, and 9 does not answer.
	right := map[string][]int{"single": {1, 2, 6, 7}, "multiple": {1, 2, 3, 4, 5}}
	pupils := map[int]Viewer{}
	for seat := 1; seat <= 9; seat++ {
		pupils[seat] = c.sit(seat)
	}
	for _, item := range []string{"single", "multiple"} {
		c.do("open")
		correct := map[int]bool{}
		for _, seat := range right[item] {
			correct[seat] = true
		}
		for seat := 1; seat <= 8; seat++ {
			choice := c.wrong()
			if correct[seat] {
				choice = c.key()
			}
			c.answer(pupils[seat], choice...)
		}
		c.do("close reveal next")
	}
	c.do("open")
	c.answer(pupils[8], c.key()...) // never revealed, so it does not count
	c.do("end")
	want := &Board{Answered: 16, Correct: 9, Points: 4*10 + 5*20, Top: []Place{
		{1, 1, "1 号", 30}, {1, 2, "2 号", 30}, // half of those at 20 points are in the lower half
	}}
	check := func(when string) {
		t.Helper()
		if diff := cmp.Diff(want, c.View(c.host).Board); diff != "" {
			t.Errorf("board %s (-want +got):\n%s", when, diff)
		}
		if c.View(pupils[1]).Board != nil {
			t.Error("a pupil is sent the board")
		}
		if own := c.View(pupils[8]).Own; own.Points != 0 {
			t.Errorf("seat 8 has %d points, want 0", own.Points)
		}
	}
	check("at the end")
	c.restart()
	check("after a restart")
	wantRecount(t, c, want)
}

// wantRecount compares the results that are read from the database.
func wantRecount(t *testing.T, c *class, board *Board) {
	t.Helper()
	results, err := c.Results(t.Context())
	must(t, err)
	if len(results.Items) != 2 || len(results.Seats) != 9 {
		t.Fatalf("results have %d items and %d seats, want 2 and 9", len(results.Items), len(results.Seats))
	}
	recount := Board{Top: board.Top}
	for _, sum := range results.Summary {
		recount.Answered += sum.Answered
		recount.Correct += sum.Correct
	}
	for _, s := range results.Seats {
		recount.Points += s.Points
		if want := c.View(Viewer{Seat: s.Seat}).Own.Points; s.Points != want {
			t.Errorf("results give seat %d %d points, its own view %d", s.Seat, s.Points, want)
		}
	}
	if diff := cmp.Diff(board, &recount); diff != "" {
		t.Errorf("results against the board (-want +got):\n%s", diff)
	}
	if nine := results.Seats[8]; len(nine.Answers) != 0 || nine.Correct != 0 {
		t.Errorf("seat 9 did not answer and has %+v", nine)
	}
}

func TestReopenedItemCountsItsLastReveal(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	pupil, other := c.sit(1), c.sit(2)
	c.do("open")
	c.answer(pupil, c.key()...)
	c.answer(other, c.key()...)
	c.do("close reopen")
	if got := c.View(c.host).Answered["single"]; got != 0 {
		t.Errorf("%d have answered the new opening, want 0", got)
	}
	c.wantAsStored("reopen")
	c.answer(pupil, c.wrong()...)
	c.do("close reveal")
	reveal := c.View(other).Reveal
	if reveal.Answered != 1 || reveal.Correct != 0 || reveal.Counts[c.wrong()[0]] != 1 || len(reveal.Counts) != 1 {
		t.Errorf("the reveal is %+v, want the one wrong answer of the last opening", reveal)
	}
	for _, v := range []Viewer{pupil, other} {
		if points := c.View(v).Own.Points; points != 0 {
			t.Errorf("seat %d has %d points of an opening that does not count", v.Seat, points)
		}
	}
}

func TestWallTally(t *testing.T) {
	c := newClass(t, hands(t), "wall", false)
	options := c.Quiz().Items[0].Options
	a, b := options[0].ID, options[1].ID
	tally := func(opening int, team string, counts map[string]int) (Tally, error) {
		return c.Tally(t.Context(), "single", opening, team, counts)
	}
	_, err := tally(0, "", map[string]int{a: 1})
	wantKind(t, "Tally before the opening", err, fault.Conflict)
	c.do("open")
	for _, step := range []struct {
		team   string
		counts map[string]int
		want   map[string]int
		total  int
	}{
		{"一组", map[string]int{a: 9}, map[string]int{a: 9}, 9},
		{"二组", map[string]int{a: 1, b: 4}, map[string]int{a: 10, b: 4}, 14},
		{"一组", map[string]int{a: 2, b: 1}, map[string]int{a: 3, b: 5}, 8},
	} {
		got, err := tally(1, step.team, step.counts)
		must(t, err)
		if diff := cmp.Diff(Tally{Item: "single", Opening: 1, Answered: step.total, Counts: step.want}, got); diff != "" {
			t.Errorf("Tally of %s (-want +got):\n%s", step.team, diff)
		}
	}
	_, err = tally(1, "", map[string]int{"nonsense": 1})
	wantKind(t, "Tally of an unknown option", err, fault.Invalid)
	_, err = tally(2, "", map[string]int{a: 1})
	wantKind(t, "Tally of another opening", err, fault.Conflict)
	c.restart()
	c.do("close")
	if _, err = tally(1, "二组", map[string]int{a: 1, b: 6}); err != nil {
		t.Errorf("Tally after the close: %v", err)
	}
	c.do("reveal")
	_, err = tally(1, "", map[string]int{a: 1})
	wantKind(t, "Tally after the reveal", err, fault.Conflict)
	wantWallReveal(t, c, map[string]int{a: 3, b: 7})

	fill := newClass(t, parse(t), "wall", false)
	fill.do("skip skip skip skip open")
	_, err = fill.Tally(t.Context(), "fill", 1, "", nil)
	wantKind(t, "Tally of a fill-in", err, fault.Invalid)

	devices := newClass(t, parse(t), "devices", false)
	devices.do("open")
	_, err = devices.Tally(t.Context(), "single", 1, "", map[string]int{devices.key()[0]: 1})
	wantKind(t, "Tally in a room with devices", err, fault.Conflict)
}

// wantWallReveal compares the reveal of the current item and the results.
func wantWallReveal(t *testing.T, c *class, counts map[string]int) {
	t.Helper()
	reveal := c.View(c.host).Reveal
	want := ItemSummary{Counts: counts}
	for option, n := range counts {
		want.Answered += n
		if len(c.key()) == 1 && option == c.key()[0] {
			want.Correct += n
		}
	}
	if diff := cmp.Diff(want, ItemSummary{reveal.Answered, reveal.Correct, reveal.Counts}); diff != "" {
		t.Errorf("reveal of %s (-want +got):\n%s", reveal.Item, diff)
	}
	results, err := c.Results(t.Context())
	must(t, err)
	if diff := cmp.Diff(want, results.Summary[reveal.Item]); diff != "" {
		t.Errorf("results of %s (-want +got):\n%s", reveal.Item, diff)
	}
}

// Hands raised for two right options are not two pupils who know the answer.
func TestWallMultipleChoiceCountsNobodyCorrect(t *testing.T) {
	c := newClass(t, hands(t), "wall", false)
	c.do("skip open")
	key := c.key()
	counts := map[string]int{key[0]: 20, key[1]: 5}
	_, err := c.Tally(t.Context(), "multiple", 1, "", counts)
	must(t, err)
	c.do("close reveal")
	wantWallReveal(t, c, counts)
}

// TestBoardNeverNamesTheLast over any points: the board holds first places
// only, at most the upper half, and nobody who came last, unless all are first.
func TestBoardNeverNamesTheLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 30).Draw(t, "points")
		r := &Room{mode: rapid.SampledFrom([]string{"devices", "cards", "teams"}).Draw(t, "mode"), scores: map[string]map[int]score{"q": {}}}
		for seat, n := range points {
			r.scores["q"][seat+1] = score{n > 0, n}
		}
		top := r.board().Top
		most, least := slices.Max(points), slices.Min(points)
		if (len(top) > 0) != (most > 0) {
			t.Fatalf("%d places", len(top))
		}
		for i, place := range top {
			better, asGood := 0, 0
			for _, n := range points {
				better += count(n > place.Points)
				asGood += count(n >= place.Points)
			}
			switch {
			case place.Points != points[place.Seat-1] || place.Rank != better+1 || i > 0 && place.Rank < top[i-1].Rank:
				t.Errorf("place %+v of a seat with %d points, %d had more", place, points[place.Seat-1], better)
			case place.Points == least && most > least:
				t.Errorf("%+v came last", place)
			case place.Rank > boardTop || place.Rank > 1 && asGood > len(points)/2:
				t.Errorf("%+v of %d is not in the upper half", place, len(points))
			}
		}
	})
}
