package quizserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/gin-gonic/gin"
)

type contract struct {
	doc    *openapi3.T
	router routers.Router
}

// described is openapi.yaml, made strict: a property that it does not name is
// an error.
var described = sync.OnceValues(func() (contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		return contract{}, err
	}
	router, err := legacy.NewRouter(doc) // validates the document, too
	if err != nil {
		return contract{}, err
	}
	for _, s := range doc.Components.Schemas {
		closeSchema(s.Value)
	}
	for _, r := range doc.Components.Responses {
		for _, m := range r.Value.Content {
			closeSchema(m.Schema.Value)
		}
	}
	return contract{doc, router}, nil
})

func closeSchema(s *openapi3.Schema) {
	if s.Type.Is("object") && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
		s.AdditionalProperties.Has = new(bool)
	}
	for _, p := range s.Properties {
		if p.Ref == "" {
			closeSchema(p.Value)
		}
	}
	if s.Items != nil && s.Items.Ref == "" {
		closeSchema(s.Items.Value)
	}
}

var everyAnswer = map[string]string{
	"Content-Security-Policy":    contentPolicy,
	"X-Content-Type-Options":     "nosniff",
	"Referrer-Policy":            "same-origin",
	"Permissions-Policy":         "camera=(self), microphone=(), geolocation=()",
	"Cross-Origin-Opener-Policy": "same-origin",
}

// checkContract holds one answer against openapi.yaml and against what every
// answer must carry. A request that was accepted must be one it describes.
func checkContract(t testing.TB, req *http.Request, r reply) {
	t.Helper()
	c, err := described()
	if err != nil {
		t.Fatal(err)
	}
	what := req.Method + " " + req.URL.Path
	ext := path.Ext(req.URL.Path)
	noDocument := r.status < 400 && fingerprinted(req.URL.Path) && (ext == ".css" || ext == ".js")
	for name, want := range everyAnswer {
		if noDocument && name != "X-Content-Type-Options" {
			want = ""
		}
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %s: %q, want %q", what, name, got, want)
		}
	}
	route, params, err := c.router.FindRoute(req)
	if err != nil {
		if strings.HasPrefix(req.URL.Path, "/api/") {
			checkProblem(t, what, req, r)
		}
		return
	}
	if r.status >= 400 {
		checkProblem(t, what, req, r)
	}
	in := &openapi3filter.RequestValidationInput{Request: withBody(t, req), PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true,
			IncludeResponseStatus: true, ExcludeResponseBody: notJSON(r.header.Get("Content-Type"))}}
	if r.status < 400 {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			t.Errorf("%s: accepted, but not described: %v", what, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: r.status, Header: r.header, Options: in.Options}
	if err := openapi3filter.ValidateResponse(context.Background(), out.SetBodyBytes(r.body)); err != nil {
		t.Errorf("%s: answer %d: %v", what, r.status, err)
	}
}

// withBody gives back the body that sending has used up.
func withBody(t testing.TB, req *http.Request) *http.Request {
	t.Helper()
	again := req.Clone(context.Background())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		again.Body = body
	}
	return again
}

func notJSON(contentType string) bool {
	return !strings.HasPrefix(contentType, "application/json") && !strings.HasPrefix(contentType, "application/problem+json")
}

var internals = regexp.MustCompile(`(?i)sql|panic|goroutine|\.go\b|invalid character|json:|unmarshal|no such|/tmp/|localhost|connection`)

// checkProblem wants a problem whose sentence is Chinese and holds nothing of
// the inside.
func checkProblem(t testing.TB, what string, req *http.Request, r reply) {
	t.Helper()
	if req.Method == http.MethodHead {
		return
	}
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	if got, want := r.header.Get("Content-Type"), "application/problem+json; charset=utf-8"; got != want {
		t.Errorf("%s: answer %d: Content-Type %q, want %q: %.200s", what, r.status, got, want, r.body)
		return
	}
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Errorf("%s: problem %q: %v", what, r.body, err)
		return
	}
	if p.Status != r.status || p.Type == "" || p.Title == "" {
		t.Errorf("%s: problem %s does not fit status %d", what, r.body, r.status)
	}
	if !strings.ContainsFunc(p.Detail, func(c rune) bool { return unicode.Is(unicode.Han, c) }) || internals.Match(r.body) {
		t.Errorf("%s: detail %q is not a sentence for people", what, p.Detail)
	}
	if got := r.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s: problem with Cache-Control %q, want no-store", what, got)
	}
}

// checkSchema holds JSON against a named schema of openapi.yaml.
func checkSchema(t testing.TB, name string, data []byte) {
	t.Helper()
	c, err := described()
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&v); err != nil && err != io.EOF {
		t.Errorf("%s event %q: %v", name, data, err)
		return
	}
	if err := c.doc.Components.Schemas[name].Value.VisitJSON(v); err != nil {
		t.Errorf("%s event: %v", name, err)
	}
}

func TestEveryRouteIsDescribedAndViceVersa(t *testing.T) {
	c, err := described()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for path, item := range c.doc.Paths.Map() {
		for method := range item.Operations() {
			want = append(want, method+" "+path)
		}
	}
	engine, ok := (&Server{}).Handler().(*gin.Engine)
	if !ok {
		t.Fatal("Handler is not the router: routes could hide behind it")
	}
	param := regexp.MustCompile(`:(\w+)`)
	for _, r := range engine.Routes() {
		got = append(got, r.Method+" "+param.ReplaceAllString(r.Path, "{$1}"))
	}
	for _, r := range got {
		if !slices.Contains(want, r) {
			t.Errorf("%s is routed but not in openapi.yaml", r)
		}
	}
	for _, r := range want {
		if !slices.Contains(got, r) {
			t.Errorf("%s is in openapi.yaml but not routed", r)
		}
	}
}

func TestSystemEndpoints(t *testing.T) {
	w := newWorld(t)
	w.ok(200, w.get("/healthz", ""), nil)
	w.ok(200, w.get("/readyz", ""), nil)
	yaml := w.ok(200, w.get("/api/openapi.yaml", ""), nil)
	if !bytes.Equal(yaml.body, openAPI) {
		t.Error("/api/openapi.yaml is not the document that the tests validate")
	}
}
