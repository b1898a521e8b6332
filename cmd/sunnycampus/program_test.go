package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// program is the real binary, built once. Hugo is linked into it, so these
// tests run without the race detector.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sunnycampus-program-")
	if err != nil {
		log.Fatal(err)
	}
	program = filepath.Join(dir, "sunnycampus")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		log.Fatalf("build the program: %v\n%s", err, out)
	}
	code := m.Run()
	for _, end := range ends {
		end()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

var (
	endsMu sync.Mutex
	ends   []func()
)

// atEnd ends what all tests share.
func atEnd(end func()) {
	endsMu.Lock()
	defer endsMu.Unlock()
	ends = append(ends, end)
}

func repository(t testing.TB) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("REPO", repository(t))
			return nil
		},
	})
}

// process is a running serve.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	url  string
	log  chan string // lines of standard error
	done chan error
}

// start runs serve in dir until it listens. Everything it logs is in p.log.
func start(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	return launch(t, dir, args...).listening()
}

func (p *process) listening() *process {
	p.t.Helper()
	line := p.waitFor("listening on ")
	p.url = strings.Trim(line[strings.Index(line, "listening on ")+len("listening on "):], "\"\n ")
	return p
}

func launch(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	return run(t, dir, exec.Command(program, append([]string{"serve"}, args...)...))
}

func run(t testing.TB, dir string, cmd *exec.Cmd) *process {
	t.Helper()
	p := spawn(t, dir, cmd)
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

func spawn(t testing.TB, dir string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, log: make(chan string, 10_000), done: make(chan error, 1)}
	p.cmd.Dir = dir
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			p.log <- lines.Text()
		}
		close(p.log)
		p.done <- p.cmd.Wait()
	}()
	return p
}

// shared is a server for all tests that only read, or open rooms of their own.
type shared struct {
	once sync.Once
	p    *process
}

var localServer, publicServer shared

// served is the site as it runs on the computer of a teacher.
func served(t testing.TB) *process {
	t.Helper()
	return localServer.start(t, "--addr", free(t))
}

// servedPublic has a sitemap and shows pupils a QR code.
func servedPublic(t testing.TB) *process {
	t.Helper()
	address := free(t)
	return publicServer.start(t, "--addr", address, "--base-url", "http://"+address, "--rooms", "anyone")
}

func (s *shared) start(t testing.TB, args ...string) *process {
	t.Helper()
	s.once.Do(func() {
		dir, err := os.MkdirTemp(filepath.Dir(program), "served-")
		if err != nil {
			t.Fatal(err)
		}
		p := spawn(t, dir, exec.Command(program, append([]string{"serve", "--source", repository(t)}, args...)...))
		atEnd(func() { _ = p.cmd.Process.Kill(); _ = p.end() })
		p.listening()
		go func() {
			for range p.log { // drained, so that the process never blocks on it
			}
		}()
		s.p = p
	})
	if s.p == nil {
		t.Fatal("the server that tests share did not start")
	}
	own := *s.p
	own.t = t
	return &own
}

// waitFor returns the first log line that holds text.
func (p *process) waitFor(text string) string {
	p.t.Helper()
	var seen []string
	deadline := time.After(2 * time.Minute)
	for {
		select {
		case line, ok := <-p.log:
			if !ok {
				p.t.Fatalf("the program ended before it logged %q:\n%s", text, strings.Join(seen, "\n"))
			}
			if strings.Contains(line, text) {
				return line
			}
			seen = append(seen, line)
		case <-deadline:
			p.t.Fatalf("the program did not log %q:\n%s", text, strings.Join(seen, "\n"))
		}
	}
}

// end waits until the process is gone.
func (p *process) end() error {
	p.t.Helper()
	for range p.log { // drained, so that the process never blocks on it
	}
	return <-p.done
}

func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.end() // killed, as asked
}

func (p *process) get(path string) (int, string) {
	p.t.Helper()
	res, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// call sends JSON and decodes JSON, and fails the test unless it is a 2xx.
func (p *process) call(method, path, token string, in, out any) {
	p.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		p.t.Fatal(err)
	}
	req, err := http.NewRequest(method, p.url+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode >= 300 {
		p.t.Fatalf("%s %s: %s: %s", method, path, res.Status, answer)
	}
	if out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			p.t.Fatalf("%s %s: %v: %s", method, path, err, answer)
		}
	}
}

// free finds an address that nothing listens on.
func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// copySource copies what a site is made from, so that a test may edit it.
func copySource(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	root := os.DirFS(repository(t))
	for _, name := range []string{"content", "themes"} {
		tree, err := fs.Sub(root, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(dir, name), tree); err != nil {
			t.Fatal(err)
		}
	}
	body, err := fs.ReadFile(root, "hugo.toml")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "hugo.toml"), string(body))
	return dir
}

func write(t testing.TB, path, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestServesEmbeddedSiteFromEmptyFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "阳光 校园")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := start(t, dir, "--addr", free(t))
	for path, want := range map[string]string{
		"/":                                "阳光校园",
		"/help/":                           "12356",
		"/readyz":                          "ready",
		"/api/search?q=%E7%BB%B0%E5%8F%B7": `"total"`,
		"/api/quizzes":                     "what-is-bullying",
	} {
		if status, body := p.get(path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("GET %s: %d, want 200 with %q", path, status, want)
		}
	}
}

func TestKillKeepsRoomAndAnswers(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { killKeepsRoomAndAnswers(t) })
	t.Run("postgres", func(t *testing.T) { killKeepsRoomAndAnswers(t, "--db", postgres(t)) })
}

// postgres makes a database of its own on the server that the tests are given.
func postgres(t *testing.T) string {
	t.Helper()
	dsn := os.Getenv("SUNNYCAMPUS_TEST_POSTGRES")
	if dsn == "" {
		t.Fatal("SUNNYCAMPUS_TEST_POSTGRES is not set; run make test, or .ci/postgres go test ./cmd/...")
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := strings.ToLower("sunny_" + rand.Text())
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return strings.Replace(dsn, "/postgres?", "/"+name+"?", 1)
}

func killKeepsRoomAndAnswers(t *testing.T, more ...string) {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"--addr", free(t), "--source", repository(t)}, more...)
	p := start(t, dir, args...)
	var opened struct {
		Code      string `json:"code"`
		HostToken string `json:"host_token"`
	}
	p.call("POST", "/api/rooms", "", map[string]any{"quiz": "what-is-bullying", "timer": "item"}, &opened)
	path := "/api/rooms/" + opened.Code
	var seat struct {
		Token string `json:"seat_token"`
	}
	p.call("POST", path+"/seats", "", map[string]any{"number": 7}, &seat)
	type room struct {
		State       string
		Version     int64
		Opening     int
		RemainingMS int64 `json:"remaining_ms"`
		Answered    map[string]int
		Prompt      struct {
			ID      string
			Options []struct{ ID string }
		}
	}
	var now room
	p.call("POST", path+"/control", opened.HostToken, map[string]any{"action": "open", "version": 1}, &now)
	answer := map[string]any{"item": now.Prompt.ID, "opening": 1, "choice": []string{now.Prompt.Options[0].ID}}
	p.call("POST", path+"/answers", seat.Token, answer, nil)
	p.kill()

	p = start(t, dir, args...)
	var back room
	p.call("GET", path, opened.HostToken, nil, &back)
	if back.State != "open" || back.Version != now.Version || back.Answered[now.Prompt.ID] != 1 || back.RemainingMS <= 0 {
		t.Errorf("after the kill: %+v, want the open item with one answer and time left", back)
	}
	var receipt struct{ Kept bool }
	p.call("POST", path+"/answers", seat.Token, answer, &receipt)
	if !receipt.Kept {
		t.Error("the acknowledged answer did not survive the kill")
	}
	var closed room
	p.call("POST", path+"/control", opened.HostToken, map[string]any{"action": "close", "version": back.Version}, &closed)
	if closed.State != "closed" {
		t.Errorf("state %q after close", closed.State)
	}
}

// What a restore would replace while it is in use would be lost.
func TestRestoreRefusesWhileServing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir, "--addr", free(t), "--source", repository(t))
	command := func(args ...string) (string, error) {
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := command("backup", "saved.zip"); err != nil {
		t.Fatalf("backup while serving: %v\n%s", err, out)
	}
	if out, err := command("restore", "saved.zip"); err == nil || !strings.Contains(out, "请先关闭") {
		t.Errorf("restore while serving: %v\n%s", err, out)
	}
	var opened struct {
		Code      string `json:"code"`
		HostToken string `json:"host_token"`
	}
	p.call("POST", "/api/rooms", "", map[string]any{"quiz": "what-is-bullying"}, &opened)
	p.kill()
	if out, err := command("restore", "saved.zip"); err != nil {
		t.Errorf("restore when stopped: %v\n%s", err, out)
	}
}

func TestRestartServesLastReleaseWithoutBuilding(t *testing.T) {
	t.Parallel()
	dir, source := t.TempDir(), copySource(t)
	args := []string{"--addr", free(t), "--source", source}
	start(t, dir, args...).kill()
	// A source that cannot be built any more: only a release kept from before
	// can be served now.
	write(t, filepath.Join(source, "content", "lessons", "broken.md"), "---\ntitle: [\n---\n")
	p := start(t, dir, args...)
	if status, _ := p.get("/help/"); status != 200 {
		t.Errorf("GET /help/: %d, want 200 from the last release", status)
	}
	p.waitFor("content/lessons/broken.md:2")
}

func TestBrokenPageLeavesSiteUpAndNamesLine(t *testing.T) {
	t.Parallel()
	source := copySource(t)
	p := start(t, t.TempDir(), "--addr", free(t), "--source", source)
	page := filepath.Join(source, "content", "about", "extra.md")
	write(t, page, "---\ntitle: 多出来的一页\nsummary: [没有关上\naudience: [all]\n---\n正文\n")
	p.waitFor("content/about/extra.md:")
	if status, _ := p.get("/"); status != 200 {
		t.Errorf("GET /: %d while a page is broken, want 200", status)
	}
	write(t, page, "---\ntitle: 多出来的一页\nsummary: 已经修好\naudience: [all]\n---\n独一无二的紫色长颈鹿\n")
	p.waitFor("release is live")
	if _, body := p.get("/about/extra/"); !strings.Contains(body, "紫色长颈鹿") {
		t.Error("the mended page is not live")
	}
	if _, body := p.get("/api/search?q=%E7%B4%AB%E8%89%B2%E9%95%BF%E9%A2%88%E9%B9%BF"); !strings.Contains(body, "/about/extra/") {
		t.Error("the mended page cannot be found")
	}
}

func TestShutdownEndsStreamsAndExitsClean(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--addr", free(t), "--source", repository(t))
	var opened struct {
		Code      string `json:"code"`
		HostToken string `json:"host_token"`
	}
	p.call("POST", "/api/rooms", "", map[string]any{"quiz": "what-is-bullying"}, &opened)
	req, err := http.NewRequestWithContext(context.Background(), "GET", p.url+"/api/rooms/"+opened.Code+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+opened.HostToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.end(); err != nil {
		t.Errorf("exit: %v, want 0", err)
	}
	if _, err := io.ReadAll(res.Body); err != nil {
		t.Errorf("the stream was cut off instead of ended: %v", err)
	}
}

func TestRefusesTwiceTheSamePort(t *testing.T) {
	t.Parallel()
	addr := free(t)
	start(t, t.TempDir(), "--addr", addr, "--source", repository(t))
	out, err := exec.Command(program, "serve", "--addr", addr, "--data", t.TempDir(), "--source", repository(t)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--addr") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("second server on %s: %v\n%s\nwant one sentence and a non-zero exit", addr, err, out)
	}
}

// TestDoubleClick runs the program as a double click does: no arguments, from
// its own folder, and nothing prepared.
func TestDoubleClick(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "我的 程序")
	body, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, "sunnycampus")
	write(t, own, string(body))
	if err := os.Chmod(own, 0o755); err != nil {
		t.Fatal(err)
	}
	p := run(t, dir, exec.Command(own)).listening()
	if status, page := p.get("/start/"); status != 200 || !strings.Contains(page, "开始使用") {
		t.Errorf("GET /start/: %d, want the first page", status)
	}
	var setup struct {
		HasAccount bool   `json:"has_account"`
		QR         string `json:"qr_svg"`
	}
	p.call("GET", "/api/staff/setup", "", nil, &setup)
	if setup.HasAccount || !strings.HasPrefix(setup.QR, "<svg") {
		t.Errorf("setup says %+v, want no account yet and a QR code", setup)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "sunnycampus.db")); err != nil {
		t.Errorf("the data is not beside the program: %v", err)
	}
	// A second double click finds the first and ends by itself.
	if out, err := exec.Command(own).CombinedOutput(); !strings.Contains(string(out), "已经在运行") {
		t.Errorf("second double click: %v\n%s", err, out)
	}
}

// TestPublicTreeHoldsNoKey builds with the real Hugo a quiz whose key and
// explanation occur nowhere else, and looks for them in every file: pages,
// Markdown, feeds, sitemap and llms.txt.
func TestPublicTreeHoldsNoKey(t *testing.T) {
	t.Parallel()
	source := copySource(t)
	write(t, filepath.Join(source, "content", "quizzes", "canary.md"), `---
title: 金丝雀题库
summary: 只为检查答案有没有漏出去。
audience: [junior]
---
## 哪一个是对的？ {#which points=10 seconds=30 level=easy topic=definition}
- [ ] 第一个
- [x] 第二个

> 解析金丝雀甲

## 填一个词：____ {#word points=10 seconds=30 level=easy topic=definition}
= 填空金丝雀乙

> 解析金丝雀丙
`)
	out := filepath.Join(t.TempDir(), "out")
	buildInto(t, out, source, "--base-url", publicAddress)
	files := 0
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		body, err := os.ReadFile(path)
		for _, canary := range []string{"金丝雀甲", "金丝雀乙", "金丝雀丙"} {
			if bytes.Contains(body, []byte(canary)) {
				t.Errorf("%s holds %q", path, canary)
			}
		}
		return err
	})
	if err != nil || files < 20 {
		t.Fatalf("looked at %d files: %v", files, err)
	}
	for _, form := range []string{"index.html", "index.md"} {
		page, err := os.ReadFile(filepath.Join(out, "quizzes", "canary", form))
		if err != nil || !bytes.Contains(page, []byte("哪一个是对的")) || bytes.Contains(page, []byte("[x]")) {
			t.Errorf("the quiz's own %s is missing, has no stem or shows a marked box: %v", form, err)
		}
	}
	for _, form := range []string{"feed.xml", "sitemap.xml", "llms.txt"} {
		if _, err := os.Stat(filepath.Join(out, form)); err != nil {
			t.Errorf("no %s was looked at: %v", form, err)
		}
	}
}
