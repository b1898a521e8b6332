package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
)

// certificateOf is what a server shows.
func certificateOf(t *testing.T, url string) []byte {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Raw
}

// TestSelfSignedHTTPS: a phone gets a secure page, and with it a camera; who
// types the address without https is led there; the certificate stays.
func TestSelfSignedHTTPS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addr := free(t)
	args := []string{"--addr", addr, "--source", repository(t), "--tls-self"}
	p := start(t, dir, args...)
	if !strings.HasPrefix(p.url, "https://") {
		t.Fatalf("listens on %s", p.url)
	}
	first := certificateOf(t, p.url)

	strict := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := strict.Get("http://" + addr + "/cards/?a=b")
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusTemporaryRedirect || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Location") != "https://"+addr+"/cards/?a=b" {
		t.Errorf("plain HTTP: %d to %s", res.StatusCode, res.Header.Get("Location"))
	}
	for _, rubbish := range []string{"", "x", "\x16", "\x16\x03\x01\x00\x05hello", "SSH-2.0\r\n\r\n", strings.Repeat("A", 1<<16)} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, rubbish)
		_ = conn.Close()
	}

	w := openBrowserOn(t, p.url).tab(390, 844)
	if _, err := chromedp.Call(w.ctx, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}); err != nil {
		t.Fatal(err)
	}
	w.open("/cards/")
	w.until(`isSecureContext && [...document.querySelectorAll("button")].some(b => b.offsetParent && /打开摄像头/.test(b.textContent))`)
	w.open(hostPath)
	w.click("学生设备")
	w.click("开始")
	w.until("/^#[0-9]{6}$/.test(location.hash)")
	w.mainStep("开始第一题")

	p.kill()
	p = start(t, dir, args...)
	if !bytes.Equal(first, certificateOf(t, p.url)) {
		t.Error("a restart shows another certificate: each device would warn again")
	}
}

// TestCertificates: one that is about to end or lacks an address is made anew;
// a renewed file is taken without a restart; a broken one leaves the old.
func TestCertificates(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "self.crt"), filepath.Join(dir, "self.key")
	read := func() string {
		t.Helper()
		body, err := os.ReadFile(cert)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	ensure := func(at time.Time) string {
		t.Helper()
		if err := ensureSelfSigned(cert, key, at); err != nil {
			t.Fatal(err)
		}
		return read()
	}
	now := time.Now()
	first := ensure(now)
	if ensure(now.Add(selfSignedLife-renewBefore-time.Hour)) != first {
		t.Error("a valid certificate was replaced")
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key may be read by others: %v (%v)", info.Mode(), err)
	}
	kept := &certificate{cert: cert, key: key}
	pair, err := kept.get(nil)
	if err != nil {
		t.Fatal(err)
	}
	second := ensure(now.Add(selfSignedLife - renewBefore + time.Hour))
	if second == first {
		t.Error("a certificate about to end stays")
	}
	again, err := kept.get(nil)
	if err != nil || again != pair {
		t.Errorf("the file is read at every connection: %v", err)
	}
	later := now.Add(time.Minute)
	if err := errors.Join(os.Chtimes(cert, later, later), os.WriteFile(key, []byte("half"), 0o600)); err != nil {
		t.Fatal(err)
	}
	kept.looked = time.Time{}
	if again, err = kept.get(nil); err != nil || again != pair {
		t.Errorf("a half-written pair: %v", err)
	}
	third := ensure(now)
	if third == second {
		t.Error("a broken key stays")
	}
	kept.looked, kept.of = time.Time{}, time.Time{}
	if again, err = kept.get(nil); err != nil || again == pair {
		t.Errorf("a renewed certificate is not taken: %v", err)
	}
}

// TestStreamsOutliveTheirDeadlineOverHTTP2: a stream on which nothing happens
// goes on to its heartbeat, which comes later than an event may take to write.
func TestStreamsOutliveTheirDeadlineOverHTTP2(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--addr", free(t), "--source", repository(t), "--tls-self")
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	ask := func(method, path, token, body string, into any) *http.Response {
		t.Helper()
		req, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if res.ProtoMajor != 2 || res.StatusCode >= 300 {
			t.Fatalf("%s %s: %s over %s", method, path, res.Status, res.Proto)
		}
		if into != nil {
			if err := errors.Join(json.NewDecoder(res.Body).Decode(into), res.Body.Close()); err != nil {
				t.Fatal(err)
			}
		}
		return res
	}
	var opened struct {
		Code string
		Host string `json:"host_token"`
	}
	ask("POST", "/api/rooms", "", `{"quiz":"what-is-bullying","mode":"wall"}`, &opened)
	events := ask("GET", "/api/rooms/"+opened.Code+"/events", opened.Host, "", nil)
	defer events.Body.Close()
	lines := bufio.NewScanner(events.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if lines.Text() == ": " {
			return
		}
	}
	t.Errorf("the stream ended before its first heartbeat: %v", lines.Err())
}

// failing fails to accept once, as when files run out.
type failing struct {
	net.Listener
	failed bool
}

type passing struct{ error }

func (passing) Temporary() bool { return true }

func (f *failing) Accept() (net.Conn, error) {
	if !f.failed {
		f.failed = true
		return nil, passing{errors.New("too many open files")}
	}
	return f.Listener.Accept()
}

// TestSecureListenerSurvives a failed accept, and a header without an end.
func TestSecureListenerSurvives(t *testing.T) {
	cert, key := filepath.Join(t.TempDir(), "c"), filepath.Join(t.TempDir(), "k")
	if err := ensureSelfSigned(cert, key, time.Now()); err != nil {
		t.Fatal(err)
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	kept := &certificate{cert: cert, key: key}
	l := secure(&failing{Listener: plain}, &tls.Config{GetCertificate: kept.get})
	web := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Minute}
	ended := make(chan error)
	go func() { ended <- web.Serve(l) }()

	endless, err := net.Dial("tcp", plain.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	sent, _ := io.Copy(endless, io.LimitReader(io.MultiReader(strings.NewReader("GET / HTTP/1.1\r\nX: "), zeros{}), 64<<20))
	_ = endless.Close()
	if sent > 32<<20 { // sockets buffer some
		t.Errorf("%d bytes of a header were taken", sent)
	}
	certificateOf(t, "https://"+plain.Addr().String())
	if err := web.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("ended with %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}
