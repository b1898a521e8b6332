package store

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
)

func TestAccounts(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		if has, err := db.HasAccount(t.Context()); err != nil || has {
			t.Errorf("HasAccount of a new database: %v (%v), want false", has, err)
		}
		want := Account{Name: "王老师", Role: "teacher", PasswordHash: "$argon2id$1"}
		must(t, db.CreateAccount(t.Context(), want, 1))
		got, err := db.Account(t.Context(), "王老师")
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Account (-want +got):\n%s", diff)
		}
		if has, err := db.HasAccount(t.Context()); err != nil || !has {
			t.Errorf("HasAccount: %v (%v), want true", has, err)
		}
		again := Account{Name: "王老师", Role: "admin", PasswordHash: "$argon2id$2"}
		wantKind(t, "CreateAccount with a name in use", db.CreateAccount(t.Context(), again, 2), fault.Conflict)
		if got, err := db.Account(t.Context(), "王老师"); err != nil || got != want {
			t.Errorf("after a refused CreateAccount: %+v (%v), want %+v", got, err, want)
		}
		_, err = db.Account(t.Context(), "李老师")
		wantKind(t, "Account of an unknown name", err, fault.NotFound)
		if err := db.CreateAccount(t.Context(), Account{Name: "x", Role: "king"}, 1); err == nil {
			t.Error("CreateAccount with an unknown role succeeded")
		}
	})
}

// The first account may do everything, so two people who set up at once, even
// on two replicas, must not both get it.
func TestFirstAccountIsMadeOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		replicas := []*DB{open(t, dsn), open(t, dsn)}
		const people = 8
		for range 25 {
			results := make(chan error)
			for i := range people {
				go func() {
					a := Account{Name: fmt.Sprintf("admin-%d", i), Role: "admin", PasswordHash: "h"}
					results <- replicas[i%2].CreateFirstAccount(context.Background(), a, 1)
				}()
			}
			made := 0
			for range people {
				if err := <-results; err == nil {
					made++
				} else {
					wantKind(t, "CreateFirstAccount of a loser", err, fault.Conflict)
				}
			}
			if n := count(t, replicas[0], `SELECT COUNT(*) FROM accounts`); made != 1 || n != 1 {
				t.Fatalf("%d told that theirs is the first account and %d stored, want 1 and 1", made, n)
			}
			for _, table := range []string{"accounts", "settings"} {
				_, err := replicas[0].write.Exec(`DELETE FROM ` + table)
				must(t, err)
			}
		}
	})
}

func TestFirstAccountOnlyWhileThereIsNone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		must(t, db.CreateAccount(t.Context(), Account{Name: "author", Role: "author"}, 1))
		err := db.CreateFirstAccount(t.Context(), Account{Name: "admin", Role: "admin"}, 2)
		wantKind(t, "CreateFirstAccount beside an account", err, fault.Conflict)
		_, err = db.Account(t.Context(), "admin")
		wantKind(t, "Account that was refused", err, fault.NotFound)
	})
}

func TestSessionsExpire(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		want := Account{Name: "王老师", Role: "teacher", PasswordHash: "h"}
		must(t, db.CreateAccount(t.Context(), want, 1))
		must(t, db.CreateSession(t.Context(), "one", "王老师", 100, 200))
		must(t, db.CreateSession(t.Context(), "two", "王老师", 100, 300))
		wantAccount := func(token string, now int64) {
			t.Helper()
			if got, err := db.SessionAccount(t.Context(), token, now); err != nil || got != want {
				t.Errorf("SessionAccount(%s, %d): %+v (%v), want %+v", token, now, got, err, want)
			}
		}
		refused := func(token string, now int64) {
			t.Helper()
			_, err := db.SessionAccount(t.Context(), token, now)
			wantKind(t, fmt.Sprintf("SessionAccount(%s, %d)", token, now), err, fault.Unauthorized)
		}
		wantAccount("one", 200)
		refused("one", 201)
		refused("never issued", 100)
		wantAccount("two", 201)
		must(t, db.DeleteSession(t.Context(), "two"))
		refused("two", 150)
		must(t, db.CreateSession(t.Context(), "three", "王老师", 250, 900))
		if n := count(t, db, `SELECT COUNT(*) FROM sessions`); n != 1 {
			t.Errorf("%d sessions stored, want only the one that has not expired", n)
		}
		if err := db.CreateSession(t.Context(), "four", "nobody", 1, 2); err == nil {
			t.Error("CreateSession for an account that is not there succeeded")
		}
	})
}

func TestStoredSettingIsReplaced(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		one, other := open(t, dsn), open(t, dsn)
		if got, err := one.StoredSetting(t.Context(), "card"); got != "" || err != nil {
			t.Errorf("before: %q, %v", got, err)
		}
		for _, value := range []string{"一", "二"} {
			must(t, one.StoreSetting(t.Context(), "card", value))
			if got, err := other.StoredSetting(t.Context(), "card"); got != value || err != nil {
				t.Errorf("the other replica reads %q, %v", got, err)
			}
		}
	})
}

func TestSettingFirstWins(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		replicas := []*DB{open(t, dsn), open(t, dsn)}
		const starts = 20
		results := make(chan string)
		for i := range starts {
			go func() {
				value, err := replicas[i%2].Setting(context.Background(), "secret", fmt.Sprintf("drawn by %d", i))
				if err != nil {
					t.Errorf("Setting: %v", err)
				}
				results <- value
			}()
		}
		stored := <-results
		for range starts - 1 {
			if got := <-results; got != stored {
				t.Errorf("Setting gave %q to one and %q to another", stored, got)
			}
		}
		if got, err := replicas[1].Setting(t.Context(), "secret", "late"); err != nil || got != stored {
			t.Errorf("Setting later: %q (%v), want %q", got, err, stored)
		}
		if got, err := replicas[0].Setting(t.Context(), "another", "fresh"); err != nil || got != "fresh" {
			t.Errorf("Setting of another name: %q (%v), want fresh", got, err)
		}
	})
}
