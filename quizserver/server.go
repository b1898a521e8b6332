// Package quizserver answers over HTTP: the built site, the search, class
// quizzes and the staff's endpoints. It is the only importer of gin.
package quizserver

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/live"
	"sunnycampus/quizserver/site"
	"sunnycampus/quizserver/store"
	"sunnycampus/search"
)

//go:embed openapi.yaml
var openAPI []byte

// Limits on what a request may hold.
const (
	maxBody      = 64 << 10
	writeTimeout = 60 * time.Second
)

// Server holds what the handlers need.
type Server struct {
	Store   *store.DB
	Rooms   *live.Rooms
	Site    *site.Live
	Index   *search.Index
	Reach   *Reach
	Log     *slog.Logger
	Secret  string // seeds the option ids of practice quizzes
	Version string
	// StaffOnly lets only signed-in staff open rooms.
	StaffOnly bool
	// Now tells the day of a lesson that is filed; nil for the clock of the machine.
	Now func() time.Time
	// Stopping ends the event streams, so that a shutdown need not wait.
	Stopping <-chan struct{}

	bodies    bodies
	practice  practice
	due       dueFindings
	guesses   limiter // wrong room codes
	passwords limiter // sign-ins
	openings  limiter // new rooms
}

// Handler routes all requests.
func (s *Server) Handler() http.Handler {
	s.guesses.burst, s.guesses.interval = 300, 500*time.Millisecond
	s.passwords.burst, s.passwords.interval = 60, 2*time.Second
	s.openings.burst, s.openings.interval = 60, 5*time.Second
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false // would answer past our middleware
	// Only a proxy on this machine may say who asks; from elsewhere
	// X-Forwarded-For would let a guesser take a new address for every guess.
	if err := r.SetTrustedProxies([]string{"127.0.0.1", "::1"}); err != nil {
		s.Log.Error("trust the local proxy", "err", err)
	}
	r.Use(s.observe, gin.CustomRecoveryWithWriter(io.Discard, s.recovered), s.protect, refuseCrossOrigin())
	s.routeSystem(r)
	s.routeSearch(r)
	s.routeQuizzes(r)
	s.routeRooms(r)
	s.routeStaff(r)
	s.routeRecords(r)
	r.NoMethod(wrongMethod)
	r.NoRoute(s.handle(s.page))
	return r
}

// refuseCrossOrigin keeps other sites' pages from acting in a visitor's name.
func refuseCrossOrigin() gin.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	return func(c *gin.Context) {
		if guard.Check(c.Request) != nil {
			writeProblem(c.Writer, http.StatusForbidden, "请在本站的页面上操作")
			c.Abort()
		}
	}
}

// wrongMethod answers a path that exists for other methods; the router has
// set Allow.
func wrongMethod(c *gin.Context) {
	writeProblem(c.Writer, http.StatusMethodNotAllowed, "这个地址不支持这种请求方式")
}

func (s *Server) routeSystem(r *gin.Engine) {
	// Monitors ask with HEAD, too.
	ask := []string{http.MethodGet, http.MethodHead}
	r.Match(ask, "/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	r.Match(ask, "/readyz", s.handle(func(c *gin.Context) error {
		if r := s.Site.Release(); r == nil || !r.Whole() {
			return fault.New(fault.Unavailable, "网站还在生成，请稍候")
		}
		if err := s.Store.Ping(c.Request.Context()); err != nil {
			return fault.Wrap(fault.Unavailable, err, "数据库没有回答")
		}
		c.JSON(http.StatusOK, gin.H{"status": "ready"})
		return nil
	}))
	r.GET("/api/openapi.yaml", func(c *gin.Context) { c.Data(http.StatusOK, "application/yaml; charset=utf-8", openAPI) })
}

// handle lets a handler return its error; it is the one place that turns an
// error into a status, a body and a log line.
func (s *Server) handle(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := h(c)
		if err == nil {
			return
		}
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			err = fault.Wrap(fault.TooLarge, err, "请求太大")
		}
		kind, detail := fault.Of(err)
		if (kind == fault.Internal || kind == fault.Unavailable) && !errors.Is(err, context.Canceled) {
			s.Log.Error("request failed", "request", requestID(c), "route", c.FullPath(), "err", err)
		}
		if !c.Writer.Written() {
			writeProblem(c.Writer, status(kind), detail)
		}
	}
}

func status(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.Denied:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// writeProblem answers as RFC 9457 asks; detail is a Chinese sentence that a
// page may show as it is.
func writeProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	err := json.NewEncoder(w).Encode(map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail})
	_ = err // the client is gone; nothing is left to tell it
}

// observe logs every request by route, never by query: what people search for
// stays with them.
func (s *Server) observe(c *gin.Context) {
	start := time.Now()
	c.Set("request", rand.Text()[:12])
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "page"
	}
	s.Log.Debug("request", "request", requestID(c), "method", c.Request.Method, "route", route,
		"status", c.Writer.Status(), "ms", time.Since(start).Milliseconds())
}

func requestID(c *gin.Context) string { return c.GetString("request") }

func (s *Server) recovered(c *gin.Context, reason any) {
	s.Log.Error("handler panicked", "request", requestID(c), "route", c.FullPath(), "reason", reason, "stack", string(debug.Stack()))
	if !c.Writer.Written() {
		writeProblem(c.Writer, http.StatusInternalServerError, "服务器出了问题，请稍后再试")
	}
	c.Abort()
}

const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// protect sets the headers that every answer carries and bounds the request.
func (s *Server) protect(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: Chromium 69 then sends "Origin: null" from our own pages, too, which refuseCrossOrigin refuses.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxBody)
	// A client that does not read must not hold a connection for ever; event
	// streams set their own deadline.
	s.writeUntil(c, writeTimeout)
}

// writeUntil says how long an answer may take.
func (s *Server) writeUntil(c *gin.Context, long time.Duration) {
	err := http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(long))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.Log.Debug("set write deadline", "err", err)
	}
}

// decode reads one JSON object and refuses what it does not know.
func decode(c *gin.Context, into any) error {
	const malformed = "请求的内容不是约定的 JSON 格式"
	body, err := io.ReadAll(c.Request.Body) // all of it: what follows the object counts, too
	if err != nil {                         // one that is too large is answered by handle
		return fault.Wrap(fault.Invalid, err, "请求没有收全，请再试一次")
	}
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return fault.New(fault.Invalid, malformed)
	}
	if bytes.Contains(body, []byte(`\u0000`)) { // PostgreSQL stores no NUL
		return fault.New(fault.Invalid, "请求里有不能用的字符")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fault.Wrap(fault.Invalid, err, malformed)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fault.New(fault.Invalid, "请求里只能有一个 JSON 对象")
	}
	return nil
}

// bearer reads the token of the Authorization header; "" when there is none.
func bearer(c *gin.Context) string {
	token, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(token)
}
