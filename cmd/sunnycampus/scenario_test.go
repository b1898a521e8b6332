package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestScenarioGoesToTwineAndBack through the program, and is checked like any.
func TestScenarioGoesToTwineAndBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	original := filepath.Join(repository(t), "content", "scenarios", "left-out", "index.md")
	there, back := filepath.Join(dir, "故事.twee"), filepath.Join(dir, "back.md")
	for _, step := range [][]string{{original, there}, {there, back}} {
		if out, err := exec.Command(program, "scenario", "convert", step[0], step[1]).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", step, err, out)
		}
	}
	was, err := os.ReadFile(original)
	is, err2 := os.ReadFile(back)
	if err != nil || err2 != nil || !bytes.Equal(was, is) {
		t.Errorf("came back changed: %v %v", err, err2)
	}
	for _, one := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{original, filepath.Join(dir, "x.docx")}, 2, ".twee"},
		{[]string{original}, 2, "两个文件"},
		{[]string{original, there}, 1, "已经有了"},
		{[]string{filepath.Join(dir, "none.md"), filepath.Join(dir, "n.twee")}, 1, "读不了"},
		{[]string{filepath.Join(repository(t), "README.md"), filepath.Join(dir, "n.twee")}, 1, "第 1 行"},
	} {
		out, err := exec.Command(program, append([]string{"scenario", "convert"}, one.args...)...).CombinedOutput()
		if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != one.code || !strings.Contains(string(out), one.says) {
			t.Errorf("%v: %v, want %d and %q\n%s", one.args, err, one.code, one.says, out)
		}
	}
}
