package quizserver

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/gin-gonic/gin"
)

const (
	maxKept    = 64 << 20 // bytes of compressed bodies in memory
	maxWaiting = 256      // bodies that wait to be compressed better
)

// deliver sends a body with an ETag of its content, compressed if the client
// takes that. What is sent once is kept by its hash, so an unchanged page costs
// nothing after a publish either.
func (s *Server) deliver(c *gin.Context, contentType string, body []byte) {
	h := c.Writer.Header()
	h.Set("Content-Type", contentType)
	sum := sha256.Sum256(body)
	// Weak: the same content may go out in better and worse compression.
	h.Set("ETag", `W/"`+base64.RawURLEncoding.EncodeToString(sum[:15])+`"`)
	if compressible(contentType) {
		h.Set("Vary", "Accept-Encoding")
		// Parts of a body are parts of the plain one.
		if coding := chooseCoding(c.Request.Header.Get("Accept-Encoding")); coding != "" && c.Request.Header.Get("Range") == "" {
			h.Set("Content-Encoding", coding)
			body = s.bodies.compressed(form{sum, coding}, body)
			h.Set("Content-Length", strconv.Itoa(len(body))) // ServeContent leaves it out of a coded answer
		}
	}
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(body))
}

func compressible(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml") || kind == "application/javascript" || kind == "application/msword")
}

// chooseCoding takes brotli before gzip. Browsers offer brotli over TLS and to
// this machine only.
func chooseCoding(accepted string) string {
	offered := map[string]bool{}
	for one := range strings.SplitSeq(accepted, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(one), ";")
		q, found := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		offered[strings.ToLower(strings.TrimSpace(name))] = !found || err == nil && weight > 0
	}
	switch {
	case offered["br"]:
		return "br"
	case offered["gzip"]:
		return "gzip"
	}
	return ""
}

// form is one content in one coding.
type form struct {
	sum    [sha256.Size]byte
	coding string
}

// bodies are compressed bodies by content. The first to ask gets a quick form;
// a better one is made behind and serves everybody after.
type bodies struct {
	mu      sync.Mutex
	kept    map[form][]byte
	size    int
	waiting chan waitingBody
}

type waitingBody struct {
	form form
	body []byte
}

func (b *bodies) compressed(f form, body []byte) []byte {
	b.mu.Lock()
	done, known := b.kept[f]
	if b.waiting == nil {
		b.waiting = make(chan waitingBody, maxWaiting)
		go b.improve()
	}
	b.mu.Unlock()
	if known {
		return done
	}
	done = compress(f.coding, body, 5, gzip.DefaultCompression)
	b.keep(f, done)
	select {
	case b.waiting <- waitingBody{f, body}:
	default: // enough to do; the quick form stays
	}
	return done
}

func (b *bodies) improve() {
	for w := range b.waiting {
		b.keep(w.form, compress(w.form.coding, w.body, brotli.BestCompression, gzip.BestCompression))
	}
}

func (b *bodies) keep(f form, done []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil || b.size+len(done) > maxKept {
		b.kept, b.size = map[form][]byte{}, 0
	}
	b.size += len(done) - len(b.kept[f])
	b.kept[f] = done
}

func compress(coding string, body []byte, brotliLevel, gzipLevel int) []byte {
	var out bytes.Buffer
	var w io.WriteCloser
	if coding == "br" {
		w = brotli.NewWriterLevel(&out, brotliLevel)
	} else {
		w, _ = gzip.NewWriterLevel(&out, gzipLevel) // fails on an unknown level only
	}
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}
