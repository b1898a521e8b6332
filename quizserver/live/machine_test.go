package live

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// moves is the state machine on an item that is not the last and not a poll:
// each state's row says where an action leads, and - that it is refused.
const moves = `
          open  reopen  pause   resume  close   reveal    next   skip   end    hide      extend
lobby     open  -       -       -       -       -         ready  ready  ended  lobby     -
ready     open  -       -       -       -       -         -      ready  ended  ready     -
open      -     -       paused  -       closed  -         -      ready  ended  open      open
paused    -     -       -       open    closed  -         -      ready  ended  paused    paused
closed    -     open    -       -       -       revealed  ready  ready  ended  closed    -
revealed  -     -       -       -       -       -         ready  ready  ended  revealed  -
ended     -     -       -       -       -       -         -      -      -      ended     -
`

// selfMoves is that of a self-paced room: there is no next item.
const selfMoves = `
          open  reopen  pause   resume  close   reveal    next  skip  end    hide      extend
lobby     open  -       -       -       -       -         -     -     ended  lobby     -
open      -     -       paused  -       closed  -         -     -     ended  open      open
paused    -     -       -       open    closed  -         -     -     ended  paused    paused
closed    -     open    -       -       -       revealed  -     -     ended  closed    -
revealed  -     -       -       -       -       -         -     -     ended  revealed  -
ended     -     -       -       -       -       -         -     -     -      ended     -
`

// leadsTo looks a move up; "" means that it is refused.
func leadsTo(moves, state, action string) string {
	lines := strings.Split(strings.TrimSpace(moves), "\n")
	for column, name := range strings.Fields(lines[0]) {
		for _, line := range lines[1:] {
			if row := strings.Fields(line); row[0] == state && name == action && row[column+1] != "-" {
				return row[column+1]
			}
		}
	}
	return ""
}

var machineItems = []quiz.Item{
	{ID: "first", Type: quiz.Single, Seconds: 30},
	{ID: "second", Type: quiz.Single, Seconds: 45},
	{ID: "third", Type: quiz.Single, Seconds: 60},
}

func TestMove(t *testing.T) {
	tryMoves(t, moves, course{items: machineItems})
	tryMoves(t, moves, course{items: machineItems, timed: true})
	tryMoves(t, selfMoves, course{items: machineItems, self: true})
	tryMoves(t, selfMoves, course{items: machineItems, self: true, timed: true, windowMS: 45_000})
}

func tryMoves(t *testing.T, moves string, c course) {
	lines := strings.Split(strings.TrimSpace(moves), "\n")
	for _, line := range lines[1:] {
		state := strings.Fields(line)[0]
		for _, action := range strings.Fields(lines[0]) {
			from := store.Position{State: state, Item: 1, ItemID: "second", Opening: 4, RemainingMS: 7000}
			got, err := move(from, nil, c, 6500, action)
			to := leadsTo(moves, state, action)
			if to == "" || action == "extend" && !c.timed {
				wantKind(t, action+" while "+state, err, fault.Conflict)
				if got != from {
					t.Errorf("%s while %s was refused and moved to %+v", action, state, got)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s while %s: %v", action, state, err)
				continue
			}
			if diff := cmp.Diff(wantPosition(from, to, action, c), got); diff != "" {
				t.Errorf("%s while %s, timed %v, self %v (-want +got):\n%s", action, state, c.timed, c.self, diff)
			}
		}
	}
}

// wantPosition is where an allowed action leads, field by field.
func wantPosition(from store.Position, state, action string, c course) store.Position {
	want := from
	want.State = state
	switch action {
	case "open", "reopen":
		want.Opening, want.RemainingMS = 5, 0
		if c.self && action == "reopen" {
			want.Opening = 4 // what was answered stays
		}
		switch {
		case c.timed && want.Opening == 4:
			want.RemainingMS = 300_000
		case c.timed:
			want.RemainingMS = 45_000
		}
	case "extend":
		want.RemainingMS = 6500 + 15_000
		if c.self {
			want.RemainingMS = 6500 + 300_000
		}
	case "pause":
		want.RemainingMS = 6500
	case "close", "end":
		want.RemainingMS = 0
	case "next", "skip":
		if from.State == Lobby && action == "next" {
			break // to the first item, which is read out
		}
		want.Item, want.ItemID, want.Opening, want.RemainingMS = 2, "third", 0, 0
	case "hide":
		want.BoardHidden = true
		if from.State == Open {
			want.RemainingMS = 6500
		}
	}
	return want
}

func TestMoveSpecialCases(t *testing.T) {
	poll := []quiz.Item{{ID: "first", Type: quiz.Poll}, {ID: "second", Type: quiz.Single}}
	for _, test := range []struct {
		name    string
		items   []quiz.Item
		from    store.Position
		action  string
		want    store.Position
		refused bool
	}{
		{name: "a poll opens again after its reveal", items: poll, action: "reopen",
			from: store.Position{State: Revealed, ItemID: "first", Opening: 1},
			want: store.Position{State: Open, ItemID: "first", Opening: 2}},
		{name: "a poll that is open does not", items: poll, action: "reopen", refused: true,
			from: store.Position{State: Open, ItemID: "first", Opening: 1}},
		{name: "nothing comes after the last item", items: machineItems, action: "next", refused: true,
			from: store.Position{State: Revealed, Item: 2, ItemID: "third", Opening: 1}},
		{name: "the last item cannot be skipped", items: machineItems, action: "skip", refused: true,
			from: store.Position{State: Ready, Item: 2, ItemID: "third"}},
		{name: "hide twice shows the board", items: machineItems, action: "hide",
			from: store.Position{State: Ended, BoardHidden: true},
			want: store.Position{State: Ended}},
		{name: "the first opening of an item", items: machineItems, action: "open",
			from: store.Position{State: Lobby, ItemID: "first"},
			want: store.Position{State: Open, ItemID: "first", Opening: 1}},
	} {
		got, err := move(test.from, nil, course{items: test.items}, 0, test.action)
		if test.refused {
			wantKind(t, test.name, err, fault.Conflict)
			test.want = test.from
		} else if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	for _, state := range []string{Lobby, Open, Revealed} {
		for _, action := range []string{"", "OPEN", "explode"} {
			_, err := move(store.Position{State: state}, nil, course{items: machineItems}, 0, action)
			wantKind(t, "action "+action+" while "+state, err, fault.Invalid)
		}
	}
}

// TestUndo: what was left by mistake comes back, and nothing else does.
func TestUndo(t *testing.T) {
	for _, state := range []string{Lobby, Ready, Open, Paused, Closed, Revealed, Ended} {
		for _, action := range strings.Fields("open reopen pause resume close reveal next skip end hide") {
			from := store.Position{State: state, Item: 1, ItemID: "second", Opening: 4, RemainingMS: 7000}
			to, err := move(from, nil, course{items: machineItems, timed: true}, 6500, action)
			if err != nil {
				continue
			}
			undo := wayBack(from, nil, 6500, action)
			back, err := move(to, undo, course{items: machineItems, timed: true}, 0, "undo")
			if action != "next" && action != "skip" && action != "end" {
				wantKind(t, "undo of "+action, err, fault.Conflict)
				continue
			}
			must(t, err)
			want := from
			want.RemainingMS = 6500
			if want.State == Open {
				want.State = Paused
			}
			if diff := cmp.Diff(want, back); diff != "" {
				t.Errorf("undo of %s while %s (-want +got):\n%s", action, state, diff)
			}
			hidden, err := move(to, undo, course{items: machineItems, timed: true}, 0, "hide")
			must(t, err)
			if again, err := move(hidden, wayBack(to, undo, 0, "hide"), course{items: machineItems, timed: true}, 0, "undo"); err != nil || !again.BoardHidden || again.State != want.State {
				t.Errorf("undo of %s after the board was hidden: %+v (%v)", action, again, err)
			}
		}
	}
}
