package site

import (
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"sunnycampus/quizserver/quiz"
)

// seed is the content that ships with the program.
var seed = Source{Root: "../.."}

func TestSeedHasNoErrors(t *testing.T) {
	start := time.Now()
	findings := Check(seed, CheckOptions{Today: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	took := time.Since(start)
	for _, f := range findings {
		if f.Severity == SeverityError {
			t.Error(f)
		} else {
			t.Log(f)
		}
	}
	t.Logf("checked in %v", took)
}

// TestSeedIsTheWholeCurriculum counts what the province's plan asks for.
func TestSeedIsTheWholeCurriculum(t *testing.T) {
	pages, findings, err := Pages(seed, mustLaws(t))
	if err != nil || len(findings) > 0 {
		t.Fatal(err, findings)
	}
	count := map[string]int{}
	forms := map[string]map[string]int{} // form, audience
	for _, p := range pages {
		if path.Base(p.Path) == "_index.md" {
			continue
		}
		count[p.Section]++
		for _, a := range p.Audience {
			if forms[p.Form] == nil {
				forms[p.Form] = map[string]int{}
			}
			forms[p.Form][a]++
		}
		dir := path.Join("../../content", p.URL)
		if _, err := os.Stat(path.Join(dir, coverFile)); (p.Section == "lessons" || p.Section == "scenarios") && err != nil {
			t.Errorf("%s has no drawing", p.URL)
		}
	}
	for section, want := range map[string]int{"lessons": 27, "scenarios": 16, "training": 17, "kits": 20, "law": 14, "parents": 17} {
		if count[section] < want {
			t.Errorf("%s: %d pages, want %d", section, count[section], want)
		}
	}
	for form, bands := range map[string]string{
		"class-meeting": "primary-low primary-mid primary-high junior senior vocational",
		"competition":   "primary-mid primary-high junior senior vocational",
		"speech":        "primary-low primary-mid primary-high junior senior vocational",
		"scenario":      "primary-low primary-mid primary-high junior senior vocational",
		"behaviour":     "primary-low primary-mid primary-high junior senior",
		"emotion":       "primary-low primary-mid primary-high junior",
		"practice":      "primary-high junior senior vocational",
		"moot-court":    "junior senior vocational",
		"case":          "primary-high junior senior vocational",
	} {
		for band := range strings.FieldsSeq(bands) {
			if forms[form][band] == 0 {
				t.Errorf("nothing of the form %s for %s", form, band)
			}
		}
	}
	library, _ := LoadLibrary(seed, mustLaws(t))
	for _, q := range library.Quizzes() {
		types := map[quiz.Type]int{}
		for _, it := range q.Items {
			types[it.Type]++
		}
		if len(q.Items) < 60 || len(types) < 4 {
			t.Errorf("%s: %d items of %d types, want 60 of 4", q.ID, len(q.Items), len(types))
		}
	}
	if n := len(library.Quizzes()); n < 8 {
		t.Errorf("%d banks, want 8", n)
	}
}

func mustLaws(t testing.TB) *Laws {
	t.Helper()
	laws, findings := LoadLaws(seed.DataFS())
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return laws
}

// BenchmarkCheckSeed checks all content that ships.
func BenchmarkCheckSeed(b *testing.B) {
	for b.Loop() {
		Check(seed, CheckOptions{})
	}
}
