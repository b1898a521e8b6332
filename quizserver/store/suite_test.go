package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(killedWriterEnv); dsn != "" {
		writeUntilKilled(dsn)
	}
	os.Exit(m.Run())
}

// onEachDatabase runs one test on SQLite and on PostgreSQL, each empty: what
// this package promises, it promises on both.
func onEachDatabase(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteDSN(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, postgresDSN(t)) })
}

// sqliteDSN is a file where teachers keep theirs: a path with Chinese and spaces.
func sqliteDSN(t *testing.T) string {
	t.Helper()
	return "file:" + filepath.Join(t.TempDir(), "阳光 校园", "数据 库.db")
}

// postgresDSN makes a schema for this test alone.
func postgresDSN(t *testing.T) string {
	t.Helper()
	base := os.Getenv("SUNNYCAMPUS_TEST_POSTGRES")
	if base == "" {
		t.Fatal("SUNNYCAMPUS_TEST_POSTGRES is not set: run make test, or .ci/postgres go test ./quizserver/store/")
	}
	admin, err := sql.Open("pgx", base)
	must(t, err)
	schema := "t_" + strings.ToLower(rand.Text())
	_, err = admin.Exec(`CREATE SCHEMA ` + schema)
	must(t, err)
	t.Cleanup(func() {
		_, err := admin.Exec(`DROP SCHEMA ` + schema + ` CASCADE`)
		must(t, err)
		must(t, admin.Close())
	})
	address, err := url.Parse(base)
	must(t, err)
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	return address.String()
}

// open opens a database for as long as the test runs.
func open(t *testing.T, dsn string) *DB {
	t.Helper()
	db, err := Open(t.Context(), dsn)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantKind checks that an error is of a kind and speaks Chinese.
func wantKind(t testing.TB, call string, err error, want fault.Kind) {
	t.Helper()
	if err == nil {
		t.Fatalf("%s succeeded, want an error of kind %d", call, want)
	}
	kind, msg := fault.Of(err)
	if kind != want {
		t.Fatalf("%s: kind %d (%v), want %d", call, kind, err, want)
	}
	if !strings.ContainsFunc(msg, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }) {
		t.Errorf("%s: message %q is not a Chinese sentence", call, msg)
	}
}

// sampleRoom is a room in the lobby with every field set to something that a
// mixed-up column would change.
func sampleRoom(code string) Room {
	return Room{
		Code: code, HostHash: "host-" + code, Mode: "devices", Timed: true, Version: 1, CreatedAt: 1_700_000_000_123,
		Quiz: &quiz.Quiz{ID: "what", Title: "什么是“欺凌”？", Use: quiz.Practice, Items: []quiz.Item{{
			ID: "def-1", Type: quiz.Single, Stem: "哪一种是欺凌？", Points: 10, Seconds: 30, ExplanationHTML: "<p>关键在于…</p>",
			Options: []quiz.Option{{ID: "a", Text: "争论"}, {ID: "b", Text: "长期辱骂", Correct: true}},
		}}},
		Position: Position{State: "lobby", ItemID: "def-1", RemainingMS: 7, BoardHidden: true},
	}
}

func createRoom(t testing.TB, db *DB, code string) Room {
	t.Helper()
	room := sampleRoom(code)
	must(t, db.CreateRoom(context.Background(), room))
	return room
}

// openRoom makes a room whose first item is open for the first time.
func openRoom(t testing.TB, db *DB, code string) Room {
	t.Helper()
	room := createRoom(t, db, code)
	room.Position = at("open", 1)
	must(t, db.Transition(context.Background(), code, 1, room.Position, nil, nil, 1, "open", ""))
	room.Version = 2
	return room
}

func at(state string, opening int) Position {
	return Position{State: state, ItemID: "def-1", Opening: opening}
}

func sampleAnswer(room string, seat int) Answer {
	return Answer{Room: room, ItemID: "def-1", Opening: 1, Seat: seat, Choice: []string{"b"}, Correct: true, Points: 10,
		ReceivedAt: 1_700_000_000_000 + int64(seat)}
}

// save stores an answer and tells whether it was inserted.
func save(t testing.TB, db *DB, a Answer) bool {
	t.Helper()
	inserted, err := db.SaveAnswer(a).Inserted(context.Background())
	if err != nil {
		t.Fatalf("SaveAnswer(seat %d): %v", a.Seat, err)
	}
	return inserted
}

// holdCommits keeps the writer busy until release is called, so that what is
// queued meanwhile shares one commit.
func holdCommits(db *DB) (release func()) {
	started, let := make(chan struct{}), make(chan struct{})
	db.enqueue(func(*sql.Tx) error {
		close(started)
		<-let
		return nil
	})
	<-started
	return func() { close(let) }
}

func count(t testing.TB, db *DB, query string, args ...any) (n int) {
	t.Helper()
	if err := db.read.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func code(n int) string { return fmt.Sprint(100_000 + n) }
