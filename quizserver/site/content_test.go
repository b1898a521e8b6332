package site

import (
	"testing"
	"time"
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

// BenchmarkCheckSeed checks all content that ships.
func BenchmarkCheckSeed(b *testing.B) {
	for b.Loop() {
		Check(seed, CheckOptions{})
	}
}
