package quizserver

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

// download fetches a backup over HTTP while a room is in use.
func download(t *testing.T) (file, code string) {
	t.Helper()
	w := newWorld(t)
	w.signUp("admin")
	c := w.openRoom("canary", "devices")
	s := c.sit(1)
	c.act("open")
	c.answer(200, s.Token, c.item(), c.key("who"))
	r := w.ok(200, w.get("/api/staff/backup", ""), nil)
	file = filepath.Join(t.TempDir(), "备份.zip")
	w.must(os.WriteFile(file, r.body, 0o600))
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "sunnycampus-backup-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("the backup left %v behind, %v", left, err)
	}
	return file, c.code
}

func TestBackupRoundTrip(t *testing.T) {
	file, code := download(t)
	data := filepath.Join(t.TempDir(), "新 new")
	for round := range 2 {
		kept, err := Restore(context.Background(), file, data)
		if err != nil || (kept == "") != (round == 0) {
			t.Fatalf("round %d: Restore = %q, %v", round, kept, err)
		}
		if kept != "" {
			if _, err := os.Stat(kept); err != nil {
				t.Errorf("the former data are not kept: %v", err)
			}
		}
	}
	db, err := store.Open(context.Background(), "file:"+DatabaseFile(data))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	answers, err := db.Answers(context.Background(), code)
	if err != nil || len(answers) != 1 || answers[0].Seat != 1 || !answers[0].Correct {
		t.Errorf("restored answers: %+v, %v", answers, err)
	}
	if account, err := db.Account(context.Background(), "账号admin"); err != nil || !matches(t, account.PasswordHash, password) {
		t.Errorf("restored account: %+v, %v", account, err)
	}
}

// folder lists a folder with the size and sum of each file.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for _, e := range entries {
		body, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sums[e.Name()] = fmt.Sprintf("%d %x", len(body), sha256.Sum256(body))
	}
	return sums
}

// zipOf makes a backup of any database bytes, with a manifest that fits them.
func zipOf(t *testing.T, database []byte, change func(*manifest)) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	m := manifest{Version: "test", SHA256: fmt.Sprintf("%x", sha256.Sum256(database))}
	if change != nil {
		change(&m)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{databaseName: database, "manifest.json": text} {
		entry, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDamagedBackupChangesNothing(t *testing.T) {
	file, _ := download(t)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if _, err := Restore(context.Background(), file, data); err != nil {
		t.Fatal(err)
	}
	before := folder(t, data)
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 0xff
	var alien bytes.Buffer
	if err := zip.NewWriter(&alien).Close(); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{
		"a flipped bit":         flipped,
		"cut off":               good[:len(good)-100],
		"empty":                 nil,
		"another zip":           alien.Bytes(),
		"no zip":                []byte("这不是备份"),
		"no database in it":     zipOf(t, []byte("这不是数据库"), nil),
		"an empty database":     zipOf(t, nil, func(m *manifest) { m.SHA256 = "" }),
		"a sum that is another": zipOf(t, []byte("x"), func(m *manifest) { m.SHA256 = strings.Repeat("0", 64) }),
	} {
		bad := filepath.Join(t.TempDir(), "bad.zip")
		if err := os.WriteFile(bad, body, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Restore(context.Background(), bad, data)
		kind, message := fault.Of(err)
		if err == nil || kind != fault.Invalid || !strings.ContainsFunc(message, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: kind %d, %v", name, kind, err)
		}
		if diff := cmp.Diff(before, folder(t, data)); diff != "" {
			t.Errorf("%s changed the data folder (-before +after):\n%s", name, diff)
		}
	}
	if _, err := Restore(context.Background(), filepath.Join(data, "none.zip"), data); err == nil {
		t.Error("a missing backup was restored")
	}
}
