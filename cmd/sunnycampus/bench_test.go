package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkBuild builds the real theme with the shipped content plus as many
// full lessons as make up the number of pages, in a fresh process each time.
func BenchmarkBuild(b *testing.B) {
	for _, pages := range []int{200, 2000} {
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			source := copySource(b)
			lesson, err := os.ReadFile(filepath.Join(source, "content", "lessons", "legal-red-lines", "index.md"))
			if err != nil {
				b.Fatal(err)
			}
			for i := range pages {
				write(b, filepath.Join(source, "content", "lessons", fmt.Sprintf("copy-%04d", i), "index.md"), string(lesson))
			}
			for b.Loop() {
				buildSite(b, source)
			}
		})
	}
}

// BenchmarkStart measures from the launch of the program until it listens:
// cold with an empty data folder (unpack, build, index), warm with the last
// release at hand.
func BenchmarkStart(b *testing.B) {
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			start(b, b.TempDir(), "--addr", free(b)).kill()
		}
	})
	b.Run("warm", func(b *testing.B) {
		dir := b.TempDir()
		start(b, dir, "--addr", free(b)).kill()
		b.ResetTimer()
		for b.Loop() {
			start(b, dir, "--addr", free(b)).kill()
		}
	})
}
