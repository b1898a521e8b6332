package live

import "math"

// FewestSeats is how many seats must have answered an item before its
// discrimination says anything; below, one pupil turns it around.
const FewestSeats = 10

// Facility is the share of right answers, from 0 (nobody) to 1 (all); ok is
// false when nobody answered. For an item that is right or wrong it is the
// facility index of https://docs.moodle.org/dev/Quiz_statistics_calculations.
func (sum ItemSummary) Facility() (p float64, ok bool) {
	if sum.Answered == 0 {
		return 0, false
	}
	return float64(sum.Correct) / float64(sum.Answered), true
}

// Discrimination is the correlation, from -1 to 1, between having an item
// right and how many of the other items the same seat has right: the
// discrimination index of https://docs.moodle.org/dev/Quiz_statistics_calculations.
// Seats that did not answer the item are left out. ok is false with fewer than
// FewestSeats, with one item only, or where all are alike.
func (r Results) Discrimination(itemID string) (d float64, ok bool) {
	var n, sumX, sumY, sumXX, sumYY, sumXY float64
	for _, seat := range r.Seats {
		a := seat.Answers[itemID]
		if a == nil {
			continue
		}
		x, y := 0.0, float64(seat.Correct)
		if a.Correct {
			x, y = 1, y-1
		}
		n++
		sumX, sumY, sumXX, sumYY, sumXY = sumX+x, sumY+y, sumXX+x*x, sumYY+y*y, sumXY+x*y
	}
	varX, varY := n*sumXX-sumX*sumX, n*sumYY-sumY*sumY
	if n < FewestSeats || varX <= 0 || varY <= 0 {
		return 0, false
	}
	return (n*sumXY - sumX*sumY) / math.Sqrt(varX*varY), true
}
