package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
)

func TestOpenNamesWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "文件")
	must(t, os.WriteFile(file, nil, 0o600))
	text := filepath.Join(t.TempDir(), "not a database.db")
	must(t, os.WriteFile(text, []byte(strings.Repeat("这不是数据库。", 1000)), 0o600))
	for _, test := range []struct {
		name, dsn string
		kind      fault.Kind
		contains  string
	}{
		{"no scheme", "quiz.db", fault.Invalid, `"quiz.db"`},
		{"another database", "mysql://u:p@h/db", fault.Invalid, "file:"},
		{"a question mark", "file:/tmp/a?mode=memory", fault.Invalid, "问号"},
		{"a folder that cannot be made", "file:" + filepath.Join(file, "data", "quiz.db"), fault.Unavailable, "文件夹"},
		{"a folder in place of the file", "file:" + t.TempDir(), fault.Unavailable, "数据文件"},
		{"a file that is no database", "file:" + text, fault.Unavailable, "数据文件"},
		{"a PostgreSQL address that is none", "postgres://sunny:secret@host:port/db", fault.Invalid, "postgres://用户:密码@主机/库名"},
		{"a PostgreSQL that is not there", "postgres://sunny:secret@/db?host=" + t.TempDir(), fault.Unavailable, "连接"},
	} {
		db, err := Open(t.Context(), test.dsn)
		if err == nil {
			must(t, db.Close())
		}
		wantKind(t, "Open of "+test.name, err, test.kind)
		if _, msg := fault.Of(err); !strings.Contains(msg, test.contains) || strings.Contains(msg, "secret") {
			t.Errorf("Open of %s says %q, want it to contain %q and no password", test.name, msg, test.contains)
		}
	}
}

func TestReopeningKeepsEverything(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, err := Open(t.Context(), dsn)
		must(t, err)
		want := openRoom(t, db, "123456")
		must(t, db.TakeSeat(t.Context(), "123456", Seat{Number: 7, Nickname: "7 号", TokenHash: "h"}, 1))
		must(t, db.CreateAccount(t.Context(), Account{Name: "王老师", Role: "admin"}, 1))
		saved := db.SaveAnswer(sampleAnswer("123456", 7)) // still queued
		must(t, db.Close())
		wantInserted(t, []*SavedAnswer{saved}, true)

		db = open(t, dsn)
		got, err := db.Room(t.Context(), "123456")
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("room after reopening (-want +got):\n%s", diff)
		}
		wantSeats(t, db, Seat{7, "7 号", "h", false})
		if a, err := db.Answer(t.Context(), "123456", "def-1", 1, 7); err != nil || a.Points != 10 {
			t.Errorf("answer after reopening: %+v (%v)", a, err)
		}
		if _, err := db.Account(t.Context(), "王老师"); err != nil {
			t.Errorf("account after reopening: %v", err)
		}
		if log, err := db.Log(t.Context(), "123456"); err != nil || len(log) != 3 {
			t.Errorf("log after reopening is %v (%v), want three entries", log, err)
		}
	})
}

// A write that meets a closing database fails at once; it does not hang.
func TestWritesAfterCloseAreRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, err := Open(t.Context(), dsn)
		must(t, err)
		openRoom(t, db, "123456")
		must(t, db.Close())
		for seat := 1; seat <= 50; seat++ {
			_, err := db.SaveAnswer(sampleAnswer("123456", seat)).Inserted(t.Context())
			wantKind(t, "SaveAnswer after Close", err, fault.Unavailable)
		}
	})
}

// Writes race with Close: each is either durable or refused.
func TestWritesDuringClose(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, err := Open(t.Context(), dsn)
		must(t, err)
		openRoom(t, db, "123456")
		const seats = 300
		acknowledged := make(chan int)
		for seat := 1; seat <= seats; seat++ {
			go func() {
				inserted, err := db.SaveAnswer(sampleAnswer("123456", seat)).Inserted(t.Context())
				if err != nil {
					if kind, _ := fault.Of(err); kind != fault.Unavailable {
						t.Errorf("SaveAnswer during Close: %v", err)
					}
				}
				if !inserted {
					seat = 0
				}
				acknowledged <- seat
			}()
		}
		first := <-acknowledged
		must(t, db.Close())
		want := map[int]bool{first: true}
		for range seats - 1 {
			want[<-acknowledged] = true
		}
		delete(want, 0)
		stored, err := open(t, dsn).Answers(t.Context(), "123456")
		must(t, err)
		if len(stored) != len(want) {
			t.Errorf("%d answers stored, %d acknowledged", len(stored), len(want))
		}
	})
}

func TestSQLiteSettingsOfEveryConnection(t *testing.T) {
	db := open(t, sqliteDSN(t))
	pools := []struct {
		name      string
		pool      *sql.DB
		size      int
		queryOnly int
	}{{"write", db.write, 1, 0}, {"read", db.read, 8, 1}}
	for _, p := range pools {
		for i := range p.size { // held, so that each is another connection
			conn, err := p.pool.Conn(t.Context())
			must(t, err)
			defer conn.Close()
			for pragma, want := range map[string]any{
				"foreign_keys": 1, "synchronous": 2, "journal_mode": "wal", "busy_timeout": 5000, "query_only": p.queryOnly,
			} {
				var got any
				must(t, conn.QueryRowContext(t.Context(), `PRAGMA `+pragma).Scan(&got))
				if n, ok := got.(int64); ok {
					got = int(n)
				}
				if got != want {
					t.Errorf("%s connection %d: PRAGMA %s is %v, want %v", p.name, i, pragma, got, want)
				}
			}
		}
	}
}

func TestBackupOpens(t *testing.T) {
	db := open(t, sqliteDSN(t))
	want := openRoom(t, db, "123456")
	save(t, db, sampleAnswer("123456", 7))
	copied := filepath.Join(t.TempDir(), "备份 一.db")
	must(t, db.BackupTo(t.Context(), copied))
	save(t, db, sampleAnswer("123456", 8)) // the original goes on

	backup := open(t, "file:"+copied)
	got, err := backup.Room(t.Context(), "123456")
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("room in the backup (-want +got):\n%s", diff)
	}
	if answers, err := backup.Answers(t.Context(), "123456"); err != nil || len(answers) != 1 {
		t.Errorf("answers in the backup: %v (%v), want the one of before", answers, err)
	}
	if !save(t, backup, sampleAnswer("123456", 9)) {
		t.Error("the backup takes no answers")
	}
}

func TestBackupOfPostgresPointsToPgDump(t *testing.T) {
	db := open(t, postgresDSN(t))
	err := db.BackupTo(t.Context(), filepath.Join(t.TempDir(), "b.db"))
	wantKind(t, "BackupTo on PostgreSQL", err, fault.Invalid)
	if _, msg := fault.Of(err); !strings.Contains(msg, "pg_dump") {
		t.Errorf("BackupTo says %q, want it to name pg_dump", msg)
	}
}

func TestPing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, err := Open(t.Context(), dsn)
		must(t, err)
		must(t, db.Ping(t.Context()))
		must(t, db.Close())
		if db.Ping(t.Context()) == nil {
			t.Error("Ping of a closed database succeeded")
		}
	})
}

// A full disk refuses what is new in plain words, keeps reading, and takes
// answers again once there is room.
func TestFullDisk(t *testing.T) {
	db := open(t, sqliteDSN(t))
	openRoom(t, db, "123456")
	limit := func(pages string) {
		t.Helper()
		_, err := db.write.Exec(`PRAGMA max_page_count = ` + pages)
		must(t, err)
	}
	limit("1") // SQLite takes the present size instead
	saved := map[int]bool{}
	var full error
	for seat := 1; full == nil && seat < 10_000; seat++ {
		var inserted bool
		inserted, full = db.SaveAnswer(sampleAnswer("123456", seat)).Inserted(t.Context())
		saved[seat] = inserted
	}
	wantKind(t, "SaveAnswer on a full disk", full, fault.Unavailable)
	if _, msg := fault.Of(full); !strings.Contains(msg, "磁盘") {
		t.Errorf("a full disk is called %q, want it to name the disk", msg)
	}
	stored, err := db.Answers(t.Context(), "123456")
	must(t, err)
	if len(stored) != len(saved)-1 {
		t.Errorf("%d answers stored, want the %d that were acknowledged", len(stored), len(saved)-1)
	}
	limit("100000")
	if !save(t, db, sampleAnswer("123456", 20_000)) {
		t.Error("an answer was not inserted when the disk had room again")
	}
}
