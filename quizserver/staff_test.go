package quizserver

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

const password = "正确的密码 long enough"

// signUp makes an account of a role and signs the client in with its password.
func (w *world) signUp(role string) {
	w.t.Helper()
	account, err := NewAccount(context.Background(), "账号"+role, role, password)
	w.must(err)
	w.must(w.server.Store.CreateAccount(context.Background(), account, 1))
	w.client.Jar, err = cookiejar.New(nil)
	w.must(err)
	w.ok(200, w.login("账号"+role, password), nil)
}

// signIn does the same past the password, which takes long to hash.
func (w *world) signIn(role string, until time.Time) *http.Cookie {
	w.t.Helper()
	ctx, name, token := context.Background(), "账号"+role, rand.Text()
	w.must(w.server.Store.CreateAccount(ctx, store.Account{Name: name, Role: role}, 1))
	w.must(w.server.Store.CreateSession(ctx, store.HashToken(token), name, 1, until.UnixMilli()))
	jar, err := cookiejar.New(nil)
	w.must(err)
	u, err := url.Parse(w.base)
	w.must(err)
	cookie := &http.Cookie{Name: sessionCookie, Value: token}
	jar.SetCookies(u, []*http.Cookie{cookie})
	w.client.Jar = jar
	return cookie
}

func (w *world) login(name, password string) reply {
	w.t.Helper()
	return w.do("POST", "/api/staff/login", "", map[string]string{"name": name, "password": password})
}

func TestSetupMakesOneAdministrator(t *testing.T) {
	w := newWorld(t)
	var setup struct {
		HasAccount bool   `json:"has_account"`
		SiteURL    string `json:"site_url"`
		Loopback   bool   `json:"loopback_only"`
		QR         string `json:"qr_svg"`
	}
	w.ok(200, w.get("/api/staff/setup", ""), &setup)
	if setup.HasAccount || setup.SiteURL != w.base+"/" || !setup.Loopback || !strings.HasPrefix(setup.QR, "<svg") {
		t.Errorf("setup: %+v", setup)
	}
	w.ok(400, w.do("POST", "/api/staff/setup", "", `{"name":"王","password":"0123456789"}`), nil)
	w.ok(400, w.do("POST", "/api/staff/setup", "", `{"name":"王老师","password":"short"}`), nil)
	r := w.ok(201, w.do("POST", "/api/staff/setup", "", `{"name":" 王老师 ","password":"0123456789"}`), nil)
	cookie := (&http.Response{Header: r.header}).Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || cookie.MaxAge <= 0 || cookie.Secure {
		t.Errorf("cookie over plain HTTP: %v", cookie)
	}
	w.ok(409, w.do("POST", "/api/staff/setup", "", `{"name":"李老师","password":"0123456789"}`), nil)
	if w.ok(200, w.get("/api/staff/setup", ""), &setup); !setup.HasAccount {
		t.Error("setup does not see the account")
	}
	w.ok(200, w.login(" 王老师", "0123456789"), nil)
	w.ok(401, w.login("李老师", "0123456789"), nil)
}

func TestSetupIsForThisMachineOnly(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		from, host string
		header     map[string]string
		want       int
	}{
		"loopback":         {"127.0.0.1:4000", "127.0.0.1:8080", nil, 200},
		"loopback, v6":     {"[::1]:4000", "localhost:8080", nil, 200},
		"mapped loopback":  {"[::ffff:127.0.0.1]:4000", "localhost", nil, 200},
		"LAN":              {"192.168.1.20:4000", "192.168.1.10:8080", nil, 403},
		"forwarded":        {"127.0.0.1:4000", "127.0.0.1:8080", map[string]string{"X-Forwarded-For": "192.168.1.20"}, 403},
		"forged loopback":  {"192.168.1.20:4000", "127.0.0.1:8080", map[string]string{"X-Forwarded-For": "127.0.0.1"}, 403},
		"RFC 7239":         {"127.0.0.1:4000", "127.0.0.1:8080", map[string]string{"Forwarded": "for=192.168.1.20"}, 403},
		"via":              {"127.0.0.1:4000", "127.0.0.1:8080", map[string]string{"Via": "1.1 proxy"}, 403},
		"rebound name":     {"127.0.0.1:4000", "evil.example:8080", nil, 403},
		"nonsense address": {"nowhere", "localhost", nil, 403},
	} {
		for _, method := range []string{"GET", "POST"} {
			req := httptest.NewRequest(method, "/api/staff/setup", strings.NewReader(`{"name":"x"}`))
			req.RemoteAddr, req.Host = test.from, test.host
			for h, v := range test.header {
				req.Header.Set(h, v)
			}
			want := test.want
			if method == "POST" && want == 200 {
				want = 400 // let in, and then refused for the short name
			}
			rec := httptest.NewRecorder()
			if w.handler.ServeHTTP(rec, req); rec.Code != want {
				t.Errorf("%s: %s: %d, want %d: %s", name, method, rec.Code, want, rec.Body)
			}
		}
	}
	if has, err := w.server.Store.HasAccount(context.Background()); has || err != nil {
		t.Errorf("an account came to be: %v, %v", has, err)
	}
}

func TestWhoMayDownloadABackup(t *testing.T) {
	w := newWorld(t)
	w.ok(401, w.get("/api/staff/backup", ""), nil)
	for _, role := range Roles {
		w.signIn(role, time.Now().Add(time.Hour))
		want := 403
		if role == "admin" {
			want = 200
		}
		r := w.ok(want, w.get("/api/staff/backup", ""), nil)
		if want == 200 && (r.header.Get("Content-Type") != "application/zip" || r.header.Get("Cache-Control") != "no-store") {
			t.Errorf("backup headers: %v", r.header)
		}
	}
}

func TestLogoutEndsTheSession(t *testing.T) {
	w := newWorld(t)
	kept := w.signIn("admin", time.Now().Add(time.Hour))
	w.ok(200, w.get("/api/staff/backup", ""), nil)
	w.ok(204, w.do("POST", "/api/staff/logout", "", nil), nil)
	w.ok(401, w.get("/api/staff/backup", ""), nil)
	req := w.request("GET", "/api/staff/backup", "", nil)
	req.AddCookie(kept) // somebody copied it
	w.ok(401, w.send(req), nil)
	w.ok(204, w.do("POST", "/api/staff/logout", "", nil), nil)
}

func TestExpiredOrForgedSessionIsNone(t *testing.T) {
	w := newWorld(t)
	w.signIn("admin", time.Now().Add(-time.Second))
	w.ok(401, w.get("/api/staff/backup", ""), nil)
	w.client.Jar = nil
	for _, value := range []string{"", "forged", strings.Repeat("A", 26)} {
		req := w.request("GET", "/api/staff/backup", "", nil)
		req.AddCookie(&http.Cookie{Name: sessionCookie, Value: value})
		w.ok(401, w.send(req), nil)
	}
}

func TestLoginTellsNothingAndIsSlowedDown(t *testing.T) {
	w := newWorld(t)
	w.signUp("teacher")
	wrong, unknown := w.login("账号teacher", "not the password"), w.login("没有这个人", "not the password")
	if wrong.status != 401 || unknown.status != 401 || wrong.detail() != unknown.detail() {
		t.Errorf("a wrong password and an unknown name differ: %s, %s", wrong.body, unknown.body)
	}
	// Wrong room codes of a whole school must not lock the teacher out.
	w.guess("127.0.0.1:4000", func(int) map[string]string { return nil })
	w.ok(200, w.login("账号teacher", password), nil)
	for range w.server.passwords.burst - 5 { // hashing so many takes long
		w.server.passwords.allow("127.0.0.1")
	}
	for n := 0; ; n++ {
		if n > 10 {
			t.Fatal("wrong passwords are let through without end")
		}
		if w.login("账号teacher", "not the password").status == http.StatusTooManyRequests {
			break
		}
	}
	w.ok(429, w.login("账号teacher", password), nil)
}

func TestCookieIsSecureBehindTLS(t *testing.T) {
	w := newWorld(t)
	w.signUp("teacher")
	req := w.request("POST", "/api/staff/login", "", map[string]string{"name": "账号teacher", "password": password})
	req.Header.Set("X-Forwarded-Proto", "https")
	r := w.ok(200, w.send(req), nil)
	if !(&http.Response{Header: r.header}).Cookies()[0].Secure {
		t.Error("a session of an HTTPS site may travel over HTTP")
	}
}

func matches(t *testing.T, hash, password string) bool {
	t.Helper()
	ok, err := passwordMatches(context.Background(), hash, password)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestNewAccount(t *testing.T) {
	for _, test := range []struct {
		name, role, password string
		valid                bool
	}{
		{"王老师", "teacher", "0123456789", true},
		{"王老师", "teacher", strings.Repeat("密", 10), true},
		{"王", "teacher", "0123456789", false},
		{"   王   ", "teacher", "0123456789", false},
		{strings.Repeat("王", 41), "teacher", "0123456789", false},
		{"王\n老师", "teacher", "0123456789", false},
		{"王老师", "root", "0123456789", false},
		{"王老师", "", "0123456789", false},
		{"王老师", "teacher", "012345678", false},
		{"王老师", "teacher", strings.Repeat("a", 201), false},
	} {
		a, err := NewAccount(context.Background(), test.name, test.role, test.password)
		if kind, _ := fault.Of(err); (err == nil) != test.valid || err != nil && kind != fault.Invalid {
			t.Errorf("NewAccount(%q, %q, %d bytes) = %v", test.name, test.role, len(test.password), err)
		}
		if test.valid && (!matches(t, a.PasswordHash, test.password) || matches(t, a.PasswordHash, test.password+" ")) {
			t.Errorf("password of %q does not match itself alone", test.name)
		}
	}
}

func TestPasswordHash(t *testing.T) {
	a, err := NewAccount(context.Background(), "王老师", "admin", password)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewAccount(context.Background(), "王老师", "admin", password)
	if err != nil {
		t.Fatal(err)
	}
	if a.PasswordHash == b.PasswordHash || !strings.HasPrefix(a.PasswordHash, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("hashes %q and %q", a.PasswordHash, b.PasswordHash)
	}
	for _, hash := range []string{"", "$", "$$$$$", "not a hash"} {
		if matches(t, hash, "") {
			t.Errorf("a password matches the hash %q", hash)
		}
	}
}
