// Package render turns content into HTML with Hugo, linked in as a library.
// Only the program's own child process imports it: that keeps Hugo's memory,
// its globals and its panics out of the server.
package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/bep/logg"
	"github.com/gohugoio/hugo/common/herrors"
	"github.com/gohugoio/hugo/common/hmaps"
	"github.com/gohugoio/hugo/common/loggers"
	"github.com/gohugoio/hugo/config"
	"github.com/gohugoio/hugo/config/allconfig"
	"github.com/gohugoio/hugo/deps"
	"github.com/gohugoio/hugo/hugofs"
	"github.com/gohugoio/hugo/hugolib"
	"github.com/spf13/afero"

	"sunnycampus/quizserver/site"
)

// Run builds the site. A site that Hugo cannot build is Rendered with
// Problems; an error means that the build could not be tried.
func Run(job site.Job) (rendered site.Rendered, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("hugo panicked: %v\n%s", r, debug.Stack())
		}
	}()
	var warnings bytes.Buffer
	logger := loggers.New(loggers.Options{
		Level: logg.LevelWarn, StdOut: io.Discard, StdErr: &warnings,
		DistinctLevel: logg.LevelWarn,
	})
	conf, err := allconfig.LoadConfig(allconfig.ConfigSourceDescriptor{
		Fs: hugofs.Os, Logger: logger, Environment: "production",
		Filename: filepath.Join(job.Root, "hugo.toml"), Flags: settings(job),
		Environ: []string{"HUGO_DISABLE_ENV=1"}, // the caller's environment must not change a build
	})
	if err != nil {
		return site.Rendered{Problems: problems(err)}, nil
	}
	fs := hugofs.NewFromSourceAndDestination(hugofs.Os, hugofs.Os, settings(job))
	sites, err := hugolib.NewHugoSites(deps.DepsCfg{
		Configs: conf, Fs: fs, LogLevel: logg.LevelWarn,
		StdOut: io.Discard, StdErr: &warnings,
	})
	if err != nil {
		return site.Rendered{Problems: problems(err)}, nil
	}
	defer sites.Close()
	if err := sites.Build(hugolib.BuildCfg{NoBuildLock: true}); err != nil {
		return site.Rendered{Problems: append(logged(warnings.String(), "ERROR "), problems(err)...)}, nil
	}
	rendered.Warnings = logged(warnings.String(), "WARN ")
	for _, static := range sites.BaseFs.Static {
		if err := copyStatic(static.Fs, job.Out); err != nil {
			return site.Rendered{}, err
		}
	}
	if err := addPinyin(job.Out, job.Data); err != nil {
		return site.Rendered{}, err
	}
	rendered.Pages = len(sites.Pages())
	return rendered, nil
}

// settings overrides hugo.toml. Hugo consumes part of the provider it is
// given, so every use needs a fresh one.
func settings(job site.Job) config.Provider {
	cfg := config.New()
	cfg.Set("workingDir", job.Root)
	cfg.Set("publishDir", job.Out)
	cfg.Set("resourceDir", filepath.Join(job.Cache, "resources"))
	cfg.Set("cacheDir", filepath.Join(job.Cache, "hugo"))
	cfg.Set("params", hmaps.Params{"base_url": job.BaseURL, "edition": string(job.Edition)}) // not baseURL: links stay relative
	cfg.Set("internal", hmaps.Params{"running": false, "watch": false})
	pages := []string{"! /data/**", "! /quizzes/**"}
	for _, pattern := range job.Without {
		pages = append(pages, "! /"+pattern)
	}
	cfg.Set("module", hmaps.Params{"mounts": []map[string]any{
		{"source": job.Content, "target": "content", "files": append(pages, "**")},
		{"source": job.Quizzes, "target": "content/quizzes"},
		{"source": job.Data, "target": "data"},
		{"source": job.Local, "target": "data/local"},
		{"source": "layouts", "target": "layouts"}, // absent folders are ignored
	}})
	return cfg
}

// copyStatic does what Hugo's command line does and its library does not.
func copyStatic(static afero.Fs, out string) error {
	return afero.Walk(static, "", func(path string, info os.FileInfo, err error) error {
		if path == "" && errors.Is(err, os.ErrNotExist) {
			return nil // a site without static files
		}
		if err != nil || info.IsDir() {
			return err
		}
		body, err := afero.ReadFile(static, path)
		if err != nil {
			return err
		}
		target := filepath.Join(out, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, body, 0o644)
	})
}

// logged reads what templates reported with errorf and warnf, one a line; by
// the theme's habit it starts with the page's path.
func logged(output, level string) []site.Problem {
	var found []site.Problem
	for line := range strings.Lines(output) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), level)
		if !ok {
			continue
		}
		p := site.Problem{Message: strings.TrimSpace(text)}
		if page, rest, ok := strings.Cut(p.Message, ".md: "); ok {
			p = site.Problem{Path: "content/" + page + ".md", Message: rest}
		}
		found = append(found, p)
	}
	return found
}

func problems(err error) []site.Problem {
	var found []site.Problem
	for _, one := range herrors.Errors(err) {
		p := site.Problem{Message: one.Error()}
		for _, fe := range herrors.UnwrapFileErrors(one) {
			pos := fe.Position()
			p.Path, p.Line = pos.Filename, pos.LineNumber
		}
		if cause := herrors.Cause(one); cause != nil {
			p.Message = cause.Error()
		}
		found = append(found, p)
	}
	if len(found) == 0 {
		found = append(found, site.Problem{Message: err.Error()})
	}
	return found
}

const (
	// A page that only offers pinyin carries this link to a copy beside it, so
	// that those who need none load none.
	toPinyin   = `href="pinyin.html">看拼音<`
	fromPinyin = `href="./">不看拼音<`
	plainRoot  = ` class="no-pinyin">`
)

// readings holds the style of readings where only the copy needs it.
var readings = regexp.MustCompile(`<template data-readings>(.*?)</template>`)

// addPinyin writes the reading above each character of the marked elements of
// all pages, or into the copy that a page offers.
func addPinyin(out, data string) error {
	pinyin, _ := site.LoadPinyin(os.DirFS(data)) // what is wrong with it check says
	return filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		page, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(page, []byte(site.PinyinMark)) {
			return err
		}
		if copied := bytes.Replace(page, []byte(toPinyin), []byte(fromPinyin), 1); !bytes.Equal(copied, page) {
			copied = bytes.Replace(copied, []byte(plainRoot), []byte(">"), 1)
			copied = readings.ReplaceAll(copied, []byte("$1"))
			page, path = copied, filepath.Join(filepath.Dir(path), "pinyin.html")
		}
		if page, err = pinyin.Annotate(page); err != nil {
			return err
		}
		return os.WriteFile(path, page, 0o644)
	})
}
