// Command classload plays a class quiz against a running server with many
// seats and prints how long everything took. It shares no code with the
// server, so that a fault there cannot hide here.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	base := flag.String("url", "http://127.0.0.1:8080", "server")
	quizID := flag.String("quiz", "what-is-bullying", "quiz to play")
	seats := flag.Int("seats", 200, "pupils")
	items := flag.Int("items", 5, "items to play")
	parallel := flag.Int("parallel", 64, "joins under way at once")
	spread := flag.Duration("spread", time.Second, "answers come at random moments within this time")
	pid := flag.Int("pid", 0, "server process, to report its CPU and memory (Linux)")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if err := run(ctx, *base, *quizID, *seats, *items, *parallel, *spread, *pid); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type client struct {
	base string
	http *http.Client
}

type room struct {
	State   string `json:"state"`
	Version int64  `json:"version"`
	Item    int    `json:"item"`
	Count   int    `json:"item_count"`
	Opening int    `json:"opening"`
	Prompt  *struct {
		ID      string `json:"id"`
		Type    string `json:"type"`
		Options []struct {
			ID string `json:"id"`
		} `json:"options"`
	} `json:"prompt"`
	Reveal *struct {
		Answered int `json:"answered"`
	} `json:"reveal"`
}

type seat struct {
	token string
	state chan stamped
}

// stamped is a state and when it reached the pupil.
type stamped struct {
	room room
	at   time.Time
}

func run(ctx context.Context, base, quizID string, seats, items, parallel int, spread time.Duration, pid int) error {
	c := &client{base: base, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: seats + 100}}}
	var opened struct {
		Code      string `json:"code"`
		HostToken string `json:"host_token"`
	}
	if err := c.call(ctx, "POST", "/api/rooms", "", map[string]any{"quiz": quizID}, &opened); err != nil {
		return err
	}
	path := "/api/rooms/" + opened.Code
	before := usage(pid)

	start := time.Now()
	class, joins, err := c.join(ctx, path, seats, parallel)
	if err != nil {
		return err
	}
	fmt.Printf("seats %d: all joined in %v; join %s\n", seats, time.Since(start).Round(time.Millisecond), joins)
	tallies := make(chan int, 1024)
	go c.follow(ctx, path, opened.HostToken, nil, tallies)
	for _, s := range class {
		go c.follow(ctx, path, s.token, s.state, nil)
	}
	for _, s := range class {
		if _, err := await(ctx, s.state, "lobby", 0); err != nil {
			return err
		}
	}
	after := usage(pid)
	fmt.Printf("  server: join and connect %.2f CPU-s, %d MB resident\n", after.cpu-before.cpu, after.rss>>20)

	var now room
	if err := c.call(ctx, "GET", path, opened.HostToken, nil, &now); err != nil {
		return err
	}
	items = min(items, now.Count)
	for i := range items {
		if now, err = c.play(ctx, path, opened.HostToken, class, tallies, now, spread, pid, i == items-1); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) join(ctx context.Context, path string, seats, parallel int) ([]*seat, figures, error) {
	class := make([]*seat, seats)
	took := make([]time.Duration, seats)
	errs := make(chan error, seats)
	gate := make(chan struct{}, parallel)
	var all sync.WaitGroup
	for i := range seats {
		all.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			var taken struct {
				Token string `json:"seat_token"`
			}
			start := time.Now()
			errs <- c.call(ctx, "POST", path+"/seats", "", map[string]any{}, &taken)
			took[i] = time.Since(start)
			class[i] = &seat{taken.Token, make(chan stamped, 64)}
		})
	}
	all.Wait()
	for range seats {
		if err := <-errs; err != nil {
			return nil, nil, err
		}
	}
	return class, took, nil
}

// play runs one item: open, everybody answers, close, reveal, next.
func (c *client) play(ctx context.Context, path, host string, class []*seat, tallies <-chan int, now room, spread time.Duration, pid int, last bool) (room, error) {
	before := usage(pid)
	opening := time.Now()
	if err := c.control(ctx, path, host, "open", &now); err != nil {
		return now, err
	}
	arrived, acked := make([]time.Duration, len(class)), make([]time.Duration, len(class))
	errs := make(chan error, len(class))
	for i, s := range class {
		go func() {
			got, err := await(ctx, s.state, "open", now.Version)
			if err != nil {
				errs <- err
				return
			}
			arrived[i] = got.at.Sub(opening)
			time.Sleep(rand.N(spread + 1))
			start := time.Now()
			errs <- c.call(ctx, "POST", path+"/answers", s.token,
				map[string]any{"item": got.room.Prompt.ID, "opening": got.room.Opening, "choice": guess(got.room)}, nil)
			acked[i] = time.Since(start)
		}()
	}
	for range class {
		if err := <-errs; err != nil {
			return now, err
		}
	}
	answered := time.Now()
	for n := 0; n < len(class); {
		select {
		case n = <-tallies:
		case <-time.After(30 * time.Second):
			return now, fmt.Errorf("the host saw %d of %d answers", n, len(class))
		}
	}
	seen := time.Since(answered)
	if err := c.control(ctx, path, host, "close", &now); err != nil {
		return now, err
	}
	if err := c.control(ctx, path, host, "reveal", &now); err != nil {
		return now, err
	}
	lost := len(class) - now.Reveal.Answered
	after := usage(pid)
	fmt.Printf("item %d: open→pupil %s; receipt %s; host saw all %v after the last; lost %d; server %.2f CPU-s, %d MB\n",
		now.Item+1, figures(arrived), figures(acked), seen.Round(100*time.Microsecond), lost, after.cpu-before.cpu, after.rss>>20)
	if last {
		return now, c.control(ctx, path, host, "end", &now)
	}
	return now, c.control(ctx, path, host, "next", &now)
}

func guess(r room) any {
	if r.Prompt.Type == "fill" {
		return "蓄意"
	}
	ids := []string{}
	for _, o := range r.Prompt.Options {
		ids = append(ids, o.ID)
	}
	if r.Prompt.Type == "ordering" {
		return ids
	}
	return []string{ids[rand.N(len(ids))]}
}

func (c *client) control(ctx context.Context, path, token, action string, now *room) error {
	version := now.Version
	*now = room{}
	return c.call(ctx, "POST", path+"/control", token, map[string]any{"action": action, "version": version}, now)
}

func (c *client) call(ctx context.Context, method, path, token string, in, out any) error {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// follow reads a stream of events until ctx ends.
func (c *client) follow(ctx context.Context, path, token string, states chan<- stamped, tallies chan<- int) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path+"/events", nil)
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := c.http.Do(req)
	if err != nil {
		return
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 4<<20)
	event := ""
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			event = name
			continue
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		at := time.Now()
		if event == "state" && tallies == nil {
			var r room
			if json.Unmarshal([]byte(data), &r) == nil {
				states <- stamped{r, at}
			}
		}
		if tallies != nil {
			var t struct {
				Answered json.RawMessage `json:"answered"`
			}
			if event == "tally" && json.Unmarshal([]byte(data), &t) == nil {
				n, _ := strconv.Atoi(string(t.Answered))
				tallies <- n
			}
		}
	}
}

// await waits for a state of at least a version.
func await(ctx context.Context, states <-chan stamped, state string, version int64) (stamped, error) {
	for {
		select {
		case s := <-states:
			if s.room.State == state && s.room.Version >= version {
				return s, nil
			}
		case <-ctx.Done():
			return stamped{}, fmt.Errorf("a pupil never saw %q", state)
		}
	}
}

// figures prints quantiles of durations.
type figures []time.Duration

func (f figures) String() string {
	s := slices.Sorted(slices.Values(f))
	at := func(q float64) time.Duration { return s[int(q*float64(len(s)-1))].Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %v p99 %v max %v", at(0.5), at(0.99), at(1))
}

type used struct {
	cpu float64 // seconds, user and system
	rss int64   // bytes
}

// usage reads what a process has used from /proc; zero where there is none.
func usage(pid int) (u used) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if pid == 0 || err != nil {
		return u
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	pages, _ := strconv.ParseInt(fields[21], 10, 64)
	const ticks = 100 // USER_HZ is 100 on every Linux that Go runs on
	return used{(user + system) / ticks, pages * int64(os.Getpagesize())}
}
