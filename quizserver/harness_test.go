package quizserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sunnycampus/quizserver/live"
	"sunnycampus/quizserver/site"
	"sunnycampus/quizserver/store"
	"sunnycampus/search"
)

// patience ends a test that waits for what never comes.
const patience = 20 * time.Second

// world is a whole server over a copy of testdata/source, without Hugo.
type world struct {
	t        testing.TB
	server   *Server
	handler  http.Handler
	base     string // of the URL
	source   string
	data     string
	stopping chan struct{}
	log      *lockedBuffer
	client   *http.Client
	close    func() error // of the store, once
}

// newWorld builds the fixture and serves it on loopback.
func newWorld(t testing.TB, change ...func(*Server)) *world {
	t.Helper()
	w := &world{t: t, source: filepath.Join(t.TempDir(), "源 source"), data: filepath.Join(t.TempDir(), "数据 data"),
		stopping: make(chan struct{}), log: &lockedBuffer{}}
	w.must(os.CopyFS(w.source, os.DirFS("testdata/source")))
	log := slog.New(slog.NewTextHandler(w.log, nil))
	db, err := store.Open(context.Background(), "file:"+DatabaseFile(w.data))
	w.must(err)
	w.close = sync.OnceValue(db.Close)
	pages := newLive(t, w.source, w.data, log)
	pages.Builder.Card = Card(db, log)
	w.must(pages.Rebuild(context.Background()))

	web := &http.Server{ReadHeaderTimeout: patience}
	reach := NewReach("", func(l net.Listener) {
		if err := web.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	rooms := live.NewRooms(db, log, reach.Base)
	rooms.Distress = pages.Index.InDistress
	w.server = &Server{Store: db, Rooms: rooms, Site: pages, Index: pages.Index, Reach: reach, Log: log,
		Secret: "test", Version: "test", Stopping: w.stopping}
	for _, c := range change {
		c(w.server)
	}
	w.handler = w.server.Handler()
	web.Handler = w.handler
	w.must(reach.Listen("127.0.0.1:0"))
	w.base = reach.Local()
	w.client = &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	t.Cleanup(func() {
		w.client.CloseIdleConnections()
		if err := web.Close(); err != nil {
			t.Error(err)
		}
		rooms.Stop()
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// newLive makes the site of a source with the test binary as its renderer.
func newLive(t testing.TB, source, data string, log *slog.Logger) *site.Live {
	t.Helper()
	index, err := search.Open(filepath.Join(data, "index"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := index.Close(); err != nil && !errors.Is(err, search.ErrClosed) {
			t.Error(err)
		}
	})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	builder := &site.Builder{Source: site.Source{Root: source}, Data: data, Command: []string{self, "render"}}
	return &site.Live{Builder: builder, Index: index, Log: log}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// write changes a file of the source.
func (w *world) write(name, body string) {
	w.t.Helper()
	file := filepath.Join(w.source, filepath.FromSlash(name))
	w.must(os.MkdirAll(filepath.Dir(file), 0o755))
	w.must(os.WriteFile(file, []byte(body), 0o644))
}

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// into decodes a JSON answer.
func (r reply) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		t.Fatalf("decode %q: %v", r.body, err)
	}
}

// detail is the sentence of a problem; "" when it is none.
func (r reply) detail() string {
	var p struct{ Detail string }
	if r.header.Get("Content-Type") != "application/problem+json; charset=utf-8" || json.Unmarshal(r.body, &p) != nil {
		return ""
	}
	return p.Detail
}

// request makes a request with a JSON body; a string or []byte goes as it is.
func (w *world) request(method, path, token string, body any) *http.Request {
	w.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	case []byte:
		raw = b
	default:
		var err error
		raw, err = json.Marshal(b)
		w.must(err)
	}
	req, err := http.NewRequest(method, w.base+path, bytes.NewReader(raw))
	w.must(err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req
}

// send sends a request and holds the answer against the contract.
func (w *world) send(req *http.Request) reply {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	res, err := w.client.Do(req.WithContext(ctx))
	if err != nil {
		w.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	w.must(err)
	r := reply{res.StatusCode, res.Header, body}
	checkContract(w.t, req, r)
	return r
}

func (w *world) do(method, path, token string, body any) reply {
	w.t.Helper()
	return w.send(w.request(method, path, token, body))
}

func (w *world) get(path, token string) reply { w.t.Helper(); return w.do("GET", path, token, nil) }

// ok wants a status and decodes the answer into v unless that is nil.
func (w *world) ok(want int, r reply, v any) reply {
	w.t.Helper()
	if r.status != want {
		w.t.Fatalf("status %d, want %d: %.500q", r.status, want, r.body)
	}
	if v != nil {
		r.into(w.t, v)
	}
	return r
}

// lockedBuffer collects the log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// wantContain checks that text holds all of the wanted and none of the others.
func wantContain(t testing.TB, what, text string, wanted, unwanted []string) {
	t.Helper()
	for _, s := range wanted {
		if !strings.Contains(text, s) {
			t.Errorf("%s lacks %q: %.300s", what, s, text)
		}
	}
	for _, s := range unwanted {
		if at := strings.Index(text, s); at >= 0 {
			t.Errorf("%s holds %q: …%.300s", what, s, text[max(0, at-100):])
		}
	}
}
