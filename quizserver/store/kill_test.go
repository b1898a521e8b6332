package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// killedWriterEnv makes the test binary the child of TestKillLosesNoAnswer.
const killedWriterEnv = "SUNNYCAMPUS_TEST_KILLED_WRITER"

// writeUntilKilled saves answers of ever more seats and prints each seat once
// its answer is acknowledged.
func writeUntilKilled(dsn string) {
	ctx := context.Background()
	db, err := Open(ctx, dsn)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var last atomic.Int64
	var out sync.Mutex
	stored, err := db.Answers(ctx, "123456")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, a := range stored {
		last.Store(max(last.Load(), int64(a.Seat)))
	}
	for range 16 {
		go func() {
			for {
				seat := int(last.Add(1))
				inserted, err := db.SaveAnswer(sampleAnswer("123456", seat)).Inserted(ctx)
				if err != nil || !inserted {
					fmt.Fprintln(os.Stderr, "seat", seat, "inserted", inserted, err)
					os.Exit(1)
				}
				out.Lock()
				fmt.Println(seat)
				out.Unlock()
			}
		}()
	}
	select {}
}

func TestKillLosesNoAnswer(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, err := Open(t.Context(), dsn)
		must(t, err)
		openRoom(t, db, "123456")
		must(t, db.Close())
		acknowledged := map[int]bool{}
		for range 4 {
			killWriter(t, dsn, 1+rand.IntN(400), acknowledged)
			stored := map[int]bool{}
			db, err := Open(t.Context(), dsn)
			must(t, err)
			answers, err := db.Answers(t.Context(), "123456")
			must(t, err)
			must(t, db.Close())
			for _, a := range answers {
				stored[a.Seat] = true
			}
			for seat := range acknowledged {
				if !stored[seat] {
					t.Errorf("the answer of seat %d was acknowledged and is lost", seat)
				}
			}
		}
	})
}

// killWriter kills a writer that is busy once it has acknowledged some
// answers, and notes all that it acknowledged until it died.
func killWriter(t *testing.T, dsn string, after int, acknowledged map[int]bool) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	child := exec.Command(self)
	child.Env = append(os.Environ(), killedWriterEnv+"="+dsn)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	n := 0
	for lines := bufio.NewReader(out); ; n++ {
		if n == after {
			must(t, child.Process.Kill())
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a torn line was never read as an acknowledgement
		}
		seat, err := strconv.Atoi(line[:len(line)-1])
		must(t, err)
		acknowledged[seat] = true
	}
	if err := child.Wait(); err == nil || child.ProcessState.Exited() {
		t.Fatalf("the writer ended by itself after %d answers: %v", n, err)
	}
}
