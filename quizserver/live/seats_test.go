package live

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sunnycampus/quizserver/fault"
)

func TestManySitAtOnce(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	const pupils = 200
	var all sync.WaitGroup
	var mu sync.Mutex
	numbers, nicknames := map[int]bool{}, map[string]bool{}
	for range pupils {
		all.Go(func() {
			seat, token, err := c.Sit(context.Background(), 0)
			if err != nil {
				t.Errorf("Sit: %v", err)
				return
			}
			if v, err := c.Authorize(token); err != nil || v.Seat != seat.Number || v.Host {
				t.Errorf("Authorize of seat %d: %+v (%v)", seat.Number, v, err)
			}
			mu.Lock()
			defer mu.Unlock()
			numbers[seat.Number], nicknames[seat.Nickname] = true, true
		})
	}
	all.Wait()
	if len(numbers) != pupils || len(nicknames) != pupils {
		t.Errorf("%d pupils got %d seats and %d nicknames", pupils, len(numbers), len(nicknames))
	}
	for n := range numbers {
		if n <= MaxSeatNumber {
			t.Errorf("a drawn seat has number %d, which a pupil may type", n)
		}
	}
	c.wantAsStored("200 pupils sat down")
}

func TestSameNumberTwice(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	results := make(chan error)
	for range 2 {
		go func() {
			_, _, err := c.Sit(context.Background(), 12)
			results <- err
		}()
	}
	first, second := <-results, <-results
	if first != nil {
		first, second = second, first
	}
	must(t, first)
	wantKind(t, "the second Sit on a number", second, fault.Conflict)
	_, _, err := c.Sit(t.Context(), 12)
	wantKind(t, "a later Sit on a number", err, fault.Conflict)
}

// TestSitAgainWithTheSameToken: a device that did not hear the answer asks
// again, and nobody else's seat is given away.
func TestSitAgainWithTheSameToken(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	for _, number := range []int{7, 0} {
		token := fmt.Sprintf("token of the device at %d", number)
		first, err := c.SitAs(t.Context(), number, token)
		must(t, err)
		c.restart()
		again, err := c.SitAs(t.Context(), number, token)
		must(t, err)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("seat %d asked for again (-first +second):\n%s", number, diff)
		}
	}
	if got := len(c.View(c.host).SeatList); got != 2 {
		t.Errorf("%d seats, want 2", got)
	}
	must(t, c.Control(t.Context(), "kick", 0, 7))
	_, err := c.SitAs(t.Context(), 7, "token of the device at 7")
	wantKind(t, "Sit again on a kicked seat", err, fault.Denied)
	must(t, c.Control(t.Context(), "readmit", 0, 7))
	back := c.sit(7)
	must(t, c.Control(t.Context(), "readmit", 0, 7)) // comes twice
	c.do("open")
	c.answer(back, c.key()...)
	c.wantAsStored("readmit twice")
	_, _, err = c.Sit(t.Context(), 7)
	wantKind(t, "Sit on the seat after readmit came twice", err, fault.Conflict)
}

func TestSitRefuses(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	for _, number := range []int{-1, 64, 101, 1 << 40} {
		_, _, err := c.Sit(t.Context(), number)
		wantKind(t, fmt.Sprintf("Sit(%d)", number), err, fault.Invalid)
	}
	c.sit(1)
	c.sit(63)
	c.do("end")
	_, _, err := c.Sit(t.Context(), 2)
	wantKind(t, "Sit in a room that has ended", err, fault.Conflict)
}

func TestKickAndReadmit(t *testing.T) {
	c := newClass(t, parse(t), "devices", false)
	_, token, err := c.Sit(t.Context(), 7)
	must(t, err)
	pupil, err := c.Authorize(token)
	must(t, err)
	c.do("open")
	first := c.answer(pupil, c.key()...)
	version := c.View(c.host).Version

	must(t, c.Control(t.Context(), "kick", version, 7))
	_, err = c.Authorize(token)
	wantKind(t, "Authorize of a kicked seat", err, fault.Unauthorized)
	_, _, err = c.Sit(t.Context(), 7)
	wantKind(t, "Sit on a kicked seat", err, fault.Denied)
	c.wantAsStored("kick")
	c.restart()
	_, _, err = c.Sit(t.Context(), 7)
	wantKind(t, "Sit on a kicked seat after a restart", err, fault.Denied)

	must(t, c.Control(t.Context(), "readmit", version, 7))
	_, err = c.Authorize(token)
	wantKind(t, "Authorize of the old token", err, fault.Unauthorized)
	back := c.sit(7)
	c.wantAsStored("readmit")
	again := c.answer(back, c.wrong()...)
	first.Kept = true
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("an answer after readmission (-first +second):\n%s", diff)
	}
	_, _, err = c.Sit(t.Context(), 7)
	wantKind(t, "Sit on a seat taken again", err, fault.Conflict)
	wantKind(t, "kick of an empty seat", c.Control(t.Context(), "kick", version, 50), fault.NotFound)
	if got := c.View(c.host); got.Version != version || len(got.SeatList) != 1 {
		t.Errorf("seats %+v at version %d, want one at %d", got.SeatList, got.Version, version)
	}
}

func TestNicknamesAreDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		room := rapid.StringMatching(`[1-9][0-9]{5}`).Draw(t, "room")
		taken := map[string]int{}
		for n := range 1800 {
			name := nickname(room, n)
			if other, ok := taken[name]; ok {
				t.Fatalf("seats %d and %d of room %s are both called %s", other, n, room, name)
			}
			taken[name] = n
		}
	})
}
