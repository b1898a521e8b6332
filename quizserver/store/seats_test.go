package store

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
)

func TestSeatConflicts(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		createRoom(t, db, "123456")
		createRoom(t, db, "222222")
		must(t, db.TakeSeat(t.Context(), "123456", Seat{Number: 7, Nickname: "7 号", TokenHash: "first"}, 1))
		must(t, db.TakeSeat(t.Context(), "222222", Seat{Number: 7, Nickname: "7 号", TokenHash: "other room"}, 1))
		for _, test := range []struct {
			name string
			seat Seat
		}{
			{"a number in use", Seat{Number: 7, Nickname: "八号", TokenHash: "second"}},
			{"a number and nickname in use", Seat{Number: 7, Nickname: "7 号", TokenHash: "second"}},
			{"a nickname in use", Seat{Number: 8, Nickname: "7 号", TokenHash: "second"}},
		} {
			wantKind(t, "TakeSeat with "+test.name, db.TakeSeat(t.Context(), "123456", test.seat, 2), fault.Conflict)
		}
		wantSeats(t, db, Seat{7, "7 号", "first", false})
		if log, err := db.Log(t.Context(), "123456"); err != nil || len(log) != 2 {
			t.Errorf("log after refused seats is %v (%v), want two entries", log, err)
		}
	})
}

func TestKickReadmitAndSitAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		createRoom(t, db, "123456")
		sit := func(token string) error {
			return db.TakeSeat(t.Context(), "123456", Seat{Number: 7, Nickname: "7 号", TokenHash: token}, 1)
		}
		must(t, sit("first"))
		must(t, db.TakeSeat(t.Context(), "123456", Seat{Number: 9, Nickname: "9 号", TokenHash: "ninth"}, 1))
		ninth := Seat{9, "9 号", "ninth", false}

		must(t, db.SetKicked(t.Context(), "123456", 7, true, 2))
		wantSeats(t, db, Seat{7, "7 号", "", true}, ninth)
		wantKind(t, "TakeSeat of a kicked seat", sit("second"), fault.Conflict)
		wantSeats(t, db, Seat{7, "7 号", "", true}, ninth)

		must(t, db.SetKicked(t.Context(), "123456", 7, false, 3))
		wantSeats(t, db, Seat{7, "7 号", "", false}, ninth)
		must(t, sit("second"))
		wantSeats(t, db, Seat{7, "7 号", "second", false}, ninth)
		wantKind(t, "TakeSeat of a seat taken again", sit("third"), fault.Conflict)
		wantSeats(t, db, Seat{7, "7 号", "second", false}, ninth)

		wantKind(t, "SetKicked of an unknown seat", db.SetKicked(t.Context(), "123456", 50, true, 4), fault.NotFound)
	})
}

func TestOneSeatForManyWhoWantIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		createRoom(t, db, "123456")
		const pupils = 50
		var seated atomic.Int32
		done := make(chan struct{})
		for i := range pupils {
			go func() {
				defer func() { done <- struct{}{} }()
				err := db.TakeSeat(context.Background(), "123456", Seat{Number: 7, Nickname: "7 号", TokenHash: fmt.Sprint(i)}, 1)
				if err == nil {
					seated.Add(1)
				} else if kind, _ := fault.Of(err); kind != fault.Conflict {
					t.Errorf("TakeSeat: %v, want a Conflict", err)
				}
			}()
		}
		for range pupils {
			<-done
		}
		if n := seated.Load(); n != 1 {
			t.Errorf("%d pupils were given the same seat, want 1", n)
		}
	})
}

func TestExtraTimeIsReplaced(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		createRoom(t, db, "123456")
		createRoom(t, db, "654321")
		must(t, db.SetExtraTime(t.Context(), "654321", map[int]int{7: 200}, 1))
		for _, want := range []map[int]int{{7: 150, 12: 0}, {7: 200}, {}} {
			must(t, db.SetExtraTime(t.Context(), "123456", want, 1))
			got, err := db.ExtraTime(t.Context(), "123456")
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("ExtraTime (-want +got):\n%s", diff)
			}
		}
		if got, err := db.ExtraTime(t.Context(), "654321"); err != nil || got[7] != 200 {
			t.Errorf("ExtraTime of another room: %v (%v)", got, err)
		}
		must(t, db.DeleteRoom(t.Context(), "654321"))
		if got, err := db.ExtraTime(t.Context(), "654321"); err != nil || len(got) != 0 {
			t.Errorf("ExtraTime of a room that is gone: %v (%v)", got, err)
		}
	})
}

func wantSeats(t *testing.T, db *DB, want ...Seat) {
	t.Helper()
	got, err := db.Seats(t.Context(), "123456")
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Seats (-want +got):\n%s", diff)
	}
}
