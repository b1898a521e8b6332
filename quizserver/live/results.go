package live

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// Results is a room's outcome: revealed items only, by seat and by item.
type Results struct {
	Mode    string
	Items   []quiz.Item
	Numbers map[string]int // by item id, as the class counted them
	Seats   []SeatResult
	Summary map[string]ItemSummary // by item id
	// Concerns are seats whose words, not kept, showed distress.
	Concerns []store.Concern
}

// SeatResult is one seat's row.
type SeatResult struct {
	Seat     int
	Nickname string
	Answers  map[string]*SeatAnswer // by item id; nil where none came
	Correct  int
	Points   int
}

// SeatAnswer is what a seat answered to one item.
type SeatAnswer struct {
	Choice  []string
	Correct bool
}

// ItemSummary is one item's row.
type ItemSummary struct {
	Answered, Correct int
	Counts            map[string]int // by option
}

// Results reads what counts from the database.
func (r *Room) Results(ctx context.Context) (Results, error) {
	scored, err := r.db.ScoredOpenings(ctx, r.code)
	if err != nil {
		return Results{}, err
	}
	seats, err := r.db.Seats(ctx, r.code)
	if err != nil {
		return Results{}, err
	}
	answers, err := r.db.Answers(ctx, r.code)
	if err != nil {
		return Results{}, err
	}
	out := Results{Mode: r.mode, Numbers: map[string]int{}, Summary: map[string]ItemSummary{}}
	if out.Concerns, err = r.db.Concerns(ctx, r.code); err != nil {
		return Results{}, err
	}
	bySeat := map[int]int{}
	for i, s := range seats {
		bySeat[s.Number] = i
		out.Seats = append(out.Seats, SeatResult{Seat: s.Number, Nickname: s.Nickname, Answers: map[string]*SeatAnswer{}})
	}
	for i, item := range r.items {
		out.Numbers[item.ID] = i + 1
		opening, ok := scored[item.ID]
		if !ok {
			continue
		}
		out.Items = append(out.Items, item)
		sum := ItemSummary{Counts: map[string]int{}}
		if r.mode == "wall" {
			if err := r.sumTally(ctx, item, opening, &sum); err != nil {
				return Results{}, err
			}
		}
		for _, a := range answers {
			if a.ItemID == item.ID && a.Opening == opening {
				out.Seats[bySeat[a.Seat]].add(a)
				sum.add(a)
			}
		}
		out.Summary[item.ID] = sum
	}
	return out, nil
}

func (s *SeatResult) add(a store.Answer) {
	s.Answers[a.ItemID] = &SeatAnswer{a.Choice, a.Correct}
	s.Points += a.Points
	if a.Correct {
		s.Correct++
	}
}

func (sum *ItemSummary) add(a store.Answer) {
	sum.Answered++
	if a.Correct {
		sum.Correct++
	}
	for _, option := range a.Choice {
		sum.Counts[option]++
	}
}

func (r *Room) sumTally(ctx context.Context, item quiz.Item, opening int, out *ItemSummary) error {
	counts, err := r.db.Tally(ctx, r.code, item.ID, opening)
	if err != nil {
		return err
	}
	out.Counts, out.Answered, out.Correct = counts, sum(counts), countHands(item, counts).correct
	return nil
}

// Log lists what happened in the room in order: the host's actions, who sat
// down, and every answer that stands.
func (r *Room) Log(ctx context.Context) ([]store.LogEntry, error) {
	entries, err := r.db.Log(ctx, r.code)
	if err != nil {
		return nil, err
	}
	answers, err := r.db.Answers(ctx, r.code)
	if err != nil {
		return nil, err
	}
	for _, a := range answers {
		choice, err := json.Marshal(a.Choice)
		if err != nil {
			return nil, err
		}
		entries = append(entries, store.LogEntry{At: a.ReceivedAt, Event: "answer",
			Detail: fmt.Sprintf("seat %d item %s opening %d choice %s", a.Seat, a.ItemID, a.Opening, choice)})
	}
	slices.SortStableFunc(entries, func(a, b store.LogEntry) int { return cmp.Compare(a.At, b.At) })
	for i := range entries {
		entries[i].Seq = int64(i + 1)
	}
	return entries, nil
}
