package live

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// marks makes results of seats from rows of 1 (right), 0 (wrong) and - (none).
func marks(rows ...string) Results {
	r := Results{Summary: map[string]ItemSummary{}}
	for i, row := range rows {
		s := SeatResult{Seat: i + 1, Answers: map[string]*SeatAnswer{}}
		for item, mark := range row {
			if mark == '-' {
				continue
			}
			s.Answers[string(rune('a'+item))] = &SeatAnswer{Correct: mark == '1'}
			if mark == '1' {
				s.Correct++
			}
		}
		r.Seats = append(r.Seats, s)
	}
	return r
}

func TestDiscrimination(t *testing.T) {
	for name, test := range map[string]struct {
		rows []string
		want float64
		ok   bool
	}{
		"who knows the rest knows it":          {[]string{"111", "111", "111", "111", "111", "000", "000", "000", "000", "000"}, 1, true},
		"who knows the rest does not":          {[]string{"011", "011", "011", "011", "011", "100", "100", "100", "100", "100"}, -1, true},
		"it tells nothing":                     {[]string{"11", "10", "01", "00", "11", "10", "01", "00", "11", "10", "01", "00"}, 0, true},
		"by hand":                              {[]string{"111", "110", "101", "100", "100", "011", "010", "000", "000", "000"}, 1 / math.Sqrt(61), true},
		"too few":                              {[]string{"111", "111", "000", "000"}, 0, false},
		"all have it right":                    {[]string{"11", "10", "11", "10", "11", "10", "11", "10", "11", "10"}, 0, false},
		"there is no other item":               {[]string{"1", "0", "1", "0", "1", "0", "1", "0", "1", "0"}, 0, false},
		"who did not answer does not count":    {[]string{"111", "111", "111", "111", "111", "000", "000", "000", "000", "000", "-11", "-00"}, 1, true},
		"nine who answered are not yet enough": {[]string{"111", "111", "111", "111", "111", "000", "000", "000", "000", "-00"}, 0, false},
	} {
		got, ok := marks(test.rows...).Discrimination("a")
		if ok != test.ok || math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%s: %v, %v; want %v, %v", name, got, ok, test.want, test.ok)
		}
	}
}

// It is a correlation: within its bounds, and the same whoever sits where.
func TestDiscriminationIsACorrelation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.StringMatching(`[01-]{4}`), 0, 40).Draw(t, "rows")
		got, ok := marks(rows...).Discrimination("a")
		if math.IsNaN(got) || got < -1-1e-9 || got > 1+1e-9 || !ok && got != 0 {
			t.Fatalf("%v, %v", got, ok)
		}
		if again, _ := marks(rapid.Permutation(rows).Draw(t, "seats")...).Discrimination("a"); math.Abs(got-again) > 1e-9 {
			t.Fatalf("%v, in another order %v", got, again)
		}
	})
}
