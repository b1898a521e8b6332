package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
)

func TestRoomRoundTrip(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		want := createRoom(t, db, "123456")
		got, err := db.Room(t.Context(), "123456")
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Room differs from what was created (-want +got):\n%s", diff)
		}
		_, err = db.Room(t.Context(), "654321")
		wantKind(t, "Room of an unknown code", err, fault.NotFound)

		again := sampleRoom("123456")
		again.HostHash = "somebody else"
		wantKind(t, "CreateRoom with a code in use", db.CreateRoom(t.Context(), again), fault.Conflict)
		if got, err := db.Room(t.Context(), "123456"); err != nil || got.HostHash != want.HostHash {
			t.Errorf("after a refused CreateRoom the host is %q (%v), want %q", got.HostHash, err, want.HostHash)
		}
	})
}

func TestRoomsInState(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		openRoom(t, db, "300000")
		createRoom(t, db, "200000")
		openRoom(t, db, "100000")
		got, err := db.RoomsInState(t.Context(), "open")
		must(t, err)
		if diff := cmp.Diff([]string{"100000", "300000"}, got); diff != "" {
			t.Errorf("RoomsInState(open) (-want +got):\n%s", diff)
		}
	})
}

func TestTransitionMovesAllOrNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		want := createRoom(t, db, "123456")
		want.Position = Position{State: "open", Item: 3, ItemID: "x", Opening: 2, RemainingMS: 9000, BoardHidden: false}
		want.Version = 2
		must(t, db.Transition(t.Context(), "123456", 1, want.Position, nil, []string{want.ItemID}, 5, "open", "x 2"))
		check := func(after string) {
			t.Helper()
			got, err := db.Room(t.Context(), "123456")
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("room after %s (-want +got):\n%s", after, diff)
			}
			if n := count(t, db, `SELECT COUNT(*) FROM openings`); n != 1 {
				t.Errorf("%d openings after %s, want 1", n, after)
			}
			log, err := db.Log(t.Context(), "123456")
			must(t, err)
			if len(log) != 2 {
				t.Errorf("log after %s is %v, want two entries", after, log)
			}
		}
		check("a transition")
		for _, version := range []int64{0, 1, 3} {
			err := db.Transition(t.Context(), "123456", version, at("open", 9), nil, []string{"x"}, 6, "open", "")
			wantKind(t, fmt.Sprintf("Transition of version %d", version), err, fault.Conflict)
			check("a refused transition")
		}
		wantKind(t, "Transition of an unknown room", db.Transition(t.Context(), "999999", 1, at("open", 1), nil, []string{"x"}, 6, "open", ""), fault.Conflict)
		if err := db.Transition(t.Context(), "123456", 2, at("no such state", 1), nil, []string{"x"}, 6, "open", ""); err == nil {
			t.Error("Transition to a state that does not exist succeeded")
		}
		check("a transition that broke a rule")
	})
}

// Two replicas act on the version that both see, again and again.
func TestTransitionHasOneWinner(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		replicas := []*DB{open(t, dsn), open(t, dsn)}
		createRoom(t, replicas[0], "123456")
		opened := 0
		for version := int64(1); version <= 40; version++ {
			targets := []Position{at("open", int(version)), at("closed", int(version))}
			results := make(chan int, 2) // the winner's index, or -1
			for i, db := range replicas {
				go func() {
					err := db.Transition(context.Background(), "123456", version, targets[i], nil, []string{targets[i].ItemID}, version, targets[i].State, "")
					if kind, _ := fault.Of(err); err != nil && kind != fault.Conflict {
						t.Errorf("racer %d at version %d: %v", i, version, err)
					}
					if err != nil {
						i = -1
					}
					results <- i
				}()
			}
			first, second := <-results, <-results
			if (first == -1) == (second == -1) {
				t.Fatalf("version %d: winners %d and %d, want exactly one", version, first, second)
			}
			winner := targets[max(first, second)]
			if winner.State == "open" {
				opened++
			}
			room, err := replicas[0].Room(t.Context(), "123456")
			must(t, err)
			if room.Version != version+1 || room.Position != winner {
				t.Fatalf("room is %+v at version %d, want %+v at %d", room.Position, room.Version, winner, version+1)
			}
			log, err := replicas[1].Log(t.Context(), "123456")
			must(t, err)
			if last := log[len(log)-1]; int64(len(log)) != version+1 || last.Event != winner.State {
				t.Fatalf("log has %d entries and ends with %q, want %d and %q", len(log), last.Event, version+1, winner.State)
			}
		}
		if n := count(t, replicas[0], `SELECT COUNT(*) FROM openings`); n != opened {
			t.Errorf("%d openings, want %d: a loser wrote half", n, opened)
		}
	})
}

func TestSaveRemainingOnlyWhileOpen(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		openRoom(t, db, "123456")
		steps := []struct {
			what    string
			opening int
			save    int64
			want    int64
		}{
			{"this opening", 1, 5000, 5000},
			{"another opening", 2, 4000, 5000},
		}
		for _, step := range steps {
			must(t, db.SaveRemaining(t.Context(), "123456", step.opening, step.save))
			room, err := db.Room(t.Context(), "123456")
			must(t, err)
			if room.RemainingMS != step.want || room.Version != 2 {
				t.Errorf("SaveRemaining of %s: %d ms at version %d, want %d at 2", step.what, room.RemainingMS, room.Version, step.want)
			}
		}
		must(t, db.Transition(t.Context(), "123456", 2, at("closed", 1), nil, nil, 1, "close", ""))
		must(t, db.SaveRemaining(t.Context(), "123456", 1, 3000))
		if room, err := db.Room(t.Context(), "123456"); err != nil || room.RemainingMS != 0 {
			t.Errorf("SaveRemaining after the close: %d ms (%v), want 0", room.RemainingMS, err)
		}
	})
}

func TestScoredOpenings(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		createRoom(t, db, "123456")
		version := int64(1)
		move := func(state, item string, opening int) {
			t.Helper()
			must(t, db.Transition(t.Context(), "123456", version, Position{State: state, ItemID: item, Opening: opening}, nil, []string{item}, 1, state, ""))
			version++
		}
		want := func(when string, scored map[string]int) {
			t.Helper()
			got, err := db.ScoredOpenings(t.Context(), "123456")
			must(t, err)
			if diff := cmp.Diff(scored, got); diff != "" {
				t.Errorf("ScoredOpenings %s (-want +got):\n%s", when, diff)
			}
		}
		want("of a new room", map[string]int{})
		move("open", "a", 1)
		move("closed", "a", 1)
		move("open", "a", 2)
		move("closed", "a", 2)
		want("before a reveal", map[string]int{})
		move("revealed", "a", 2)
		move("open", "b", 1)
		move("closed", "b", 1)
		want("with one item revealed and one closed", map[string]int{"a": 2})
		move("revealed", "b", 1)
		move("open", "b", 2)
		want("with a poll reopened after its reveal", map[string]int{"a": 2, "b": 1})
		move("closed", "b", 2)
		move("revealed", "b", 2)
		want("when it was revealed again", map[string]int{"a": 2, "b": 2})
	})
}

func TestTallySumsOverTeams(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		createRoom(t, db, "123456")
		save := func(item string, opening int, team string, counts map[string]int) {
			t.Helper()
			must(t, db.SaveTally(t.Context(), "123456", item, opening, team, counts, 1))
		}
		save("def-1", 1, "第一组", map[string]int{"a": 9, "b": 9})
		save("def-1", 1, "第二组", map[string]int{"b": 5, "c": 2})
		save("def-1", 1, "第一组", map[string]int{"a": 3, "b": 1})
		save("def-1", 2, "", map[string]int{"a": 40})
		save("other", 1, "", map[string]int{"a": 50})
		for _, test := range []struct {
			item    string
			opening int
			want    map[string]int
		}{
			{"def-1", 1, map[string]int{"a": 3, "b": 6, "c": 2}},
			{"def-1", 2, map[string]int{"a": 40}},
			{"def-1", 3, map[string]int{}},
		} {
			got, err := db.Tally(t.Context(), "123456", test.item, test.opening)
			must(t, err)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Tally(%s, %d) (-want +got):\n%s", test.item, test.opening, diff)
			}
		}
	})
}

func TestLogKeepsTheOrder(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		createRoom(t, db, "123456")
		openRoom(t, db, "222222")
		must(t, db.Transition(t.Context(), "123456", 1, at("open", 1), nil, nil, 20, "open", "def-1 1"))
		must(t, db.TakeSeat(t.Context(), "123456", Seat{Number: 7, Nickname: "7 号", TokenHash: "h"}, 15)) // a clock set back
		must(t, db.SetKicked(t.Context(), "123456", 7, true, 30))
		must(t, db.SetKicked(t.Context(), "123456", 7, false, 31))
		must(t, db.SaveTally(t.Context(), "123456", "def-1", 1, "一组", map[string]int{"a": 2}, 40))
		got, err := db.Log(t.Context(), "123456")
		must(t, err)
		want := []LogEntry{
			{1, 1_700_000_000_123, "created", "what"},
			{2, 20, "open", "def-1 1"},
			{3, 15, "seated", "7 号"},
			{4, 30, "kicked", "7"},
			{5, 31, "readmitted", "7"},
			{6, 40, "tally", `def-1 一组 {"a":2}`},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Log (-want +got):\n%s", diff)
		}
	})
}

func TestDeleteRoomsBeforeTakesEverything(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		tables := strings.Fields("openings seats answers tallies room_log")
		for _, c := range []string{"111111", "222222"} {
			openRoom(t, db, c)
			must(t, db.TakeSeat(t.Context(), c, Seat{Number: 1, Nickname: "1 号", TokenHash: c}, 1))
			save(t, db, sampleAnswer(c, 1))
			must(t, db.SaveTally(t.Context(), c, "def-1", 1, "", map[string]int{"a": 1}, 1))
		}
		young := sampleRoom("333333")
		young.CreatedAt++
		must(t, db.CreateRoom(t.Context(), young))
		n, err := db.DeleteRoomsBefore(t.Context(), young.CreatedAt)
		must(t, err)
		if n != 2 {
			t.Errorf("DeleteRoomsBefore deleted %d rooms, want 2", n)
		}
		if _, err := db.Room(t.Context(), "333333"); err != nil {
			t.Errorf("the younger room is gone: %v", err)
		}
		for _, table := range tables {
			if n := count(t, db, `SELECT COUNT(*) FROM `+table+` WHERE room <> '333333'`); n != 0 {
				t.Errorf("%d rows of deleted rooms stay in %s", n, table)
			}
		}
	})
}
