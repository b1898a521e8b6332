package quizserver

import (
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
)

// A slim machine knows neither type; Go's own table has no such rows.
func init() {
	err := errors.Join(mime.AddExtensionType(".doc", "application/msword"), mime.AddExtensionType(".md", "text/markdown; charset=utf-8"))
	if err != nil {
		panic(err)
	}
}

// page serves a file of the current release.
func (s *Server) page(c *gin.Context) error {
	url := c.Request.URL.Path
	if strings.HasPrefix(url, "/api/") {
		return fault.New(fault.NotFound, "没有这个接口")
	}
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		c.Header("Allow", "GET, HEAD")
		wrongMethod(c)
		return nil
	}
	release := s.Site.Release()
	if release == nil {
		return fault.New(fault.Unavailable, "网站正在生成，请过一会儿刷新本页")
	}
	tree := release.Public()
	name, isFolder, ok := find(tree, url)
	switch {
	case ok && isFolder && !strings.HasSuffix(url, "/"):
		redirect(c, path.Base(url)+"/")
		return nil
	case ok && !isFolder && path.Base(name) == "index.html": // each page has one address
		redirect(c, "./")
		return nil
	case ok:
		return s.file(c, tree, name)
	}
	return s.missing(c, tree, strings.TrimPrefix(url, "/"))
}

// redirect leads to a relative address for good, with the query.
func redirect(c *gin.Context, target string) {
	if query := c.Request.URL.RawQuery; query != "" {
		target += "?" + query
	}
	c.Header("Location", target)
	c.Status(http.StatusMovedPermanently)
}

// file sends one file of a release.
func (s *Server) file(c *gin.Context, tree fs.FS, name string) error {
	body, err := fs.ReadFile(tree, name)
	if err != nil {
		return fmt.Errorf("read %s of a release: %w", name, err)
	}
	c.Header("Cache-Control", "no-cache")
	if fingerprinted(name) {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
		if ext := path.Ext(name); ext == ".css" || ext == ".js" {
			noDocument(c)
		}
	}
	s.deliver(c, contentType(name, body), body)
	return nil
}

// noDocument takes off the headers that guard documents, which are as long as
// a small style sheet.
func noDocument(c *gin.Context) {
	for _, name := range []string{"Content-Security-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy"} {
		c.Writer.Header().Del(name)
	}
}

func contentType(name string, body []byte) string {
	if known := mime.TypeByExtension(path.Ext(name)); known != "" {
		return known
	}
	return http.DetectContentType(body)
}

// find maps a URL to a file; a folder is its index.html. A path with .. or an
// empty part is nobody's: nothing is cleaned, so each page has one address.
func find(tree fs.FS, url string) (name string, isFolder, ok bool) {
	name = strings.TrimSuffix(strings.TrimPrefix(url, "/"), "/")
	if name == "" {
		name = "."
	}
	if !fs.ValidPath(name) {
		return "", false, false
	}
	info, err := fs.Stat(tree, name)
	if err != nil {
		return "", false, false
	}
	if !info.IsDir() {
		return name, false, !strings.HasSuffix(url, "/")
	}
	name = path.Join(name, "index.html")
	_, err = fs.Stat(tree, name)
	return name, true, err == nil
}

// missing looks among earlier releases for an asset of a page opened before
// the last publish, and else shows the 404 page.
func (s *Server) missing(c *gin.Context, tree fs.FS, name string) error {
	if fingerprinted(name) {
		if old, ok := s.Site.Asset(name); ok {
			return s.file(c, old, name)
		}
	}
	body, err := fs.ReadFile(tree, "404.html")
	if err != nil {
		body = []byte("没有找到这个页面")
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusNotFound, "text/html; charset=utf-8", body)
	return nil
}

// fingerprinted tells whether a name carries a hash of its content, as in
// main.3f2a….css: such a file never changes.
func fingerprinted(name string) bool {
	parts := strings.Split(path.Base(name), ".")
	return len(parts) >= 3 && len(parts[len(parts)-2]) >= 32
}
