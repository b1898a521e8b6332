package site

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestDatesFollowTheWords: the first date is that of the file; then a date
// changes with the words only, however often the file is written anew.
func TestDatesFollowTheWords(t *testing.T) {
	b := &Builder{Source: Source{Root: t.TempDir()}, Data: t.TempDir()}
	page := filepath.Join(b.Source.contentDir(), "about", "team.md")
	if err := os.MkdirAll(filepath.Dir(page), 0o755); err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return time.Date(2026, 9, n, 8, 0, 0, 0, time.UTC) }
	for _, step := range []struct {
		words             string
		written, expected time.Time
	}{
		{"一", day(1), day(1)},
		{"一", day(2), day(1)},
		{"二", day(3), day(3)},
		{"二", day(4), day(3)},
	} {
		if err := os.WriteFile(page, []byte(step.words), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(page, step.written, step.written); err != nil {
			t.Fatal(err)
		}
		dates, err := b.dates()
		if err != nil {
			t.Fatal(err)
		}
		if got := dates["about/team.md"].Since; !got.Equal(step.expected) {
			t.Errorf("%q written on %v: since %v, want %v", step.words, step.written, got, step.expected)
		}
		if err := b.keepDates(dates); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(b.datesFile(), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if dates, err := b.dates(); err != nil || !dates["about/team.md"].Since.Equal(day(4)) {
		t.Errorf("with a damaged record: %v, %v; want the date of the file", dates, err)
	}
}

// TestPublicAddressIsPartOfTheSource: a release made for another address is
// out of date.
func TestPublicAddressIsPartOfTheSource(t *testing.T) {
	hashes := map[string]bool{}
	for _, address := range []string{"", "https://a.example", "https://b.example"} {
		b := &Builder{Source: Source{Root: t.TempDir()}, Data: t.TempDir(), BaseURL: address}
		hash, err := b.sourceHash(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hashes[hash] = true
	}
	if len(hashes) != 3 {
		t.Errorf("three addresses have %d hashes", len(hashes))
	}
}
