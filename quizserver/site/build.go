package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/search"
)

// Job names the folders of one Hugo build. All paths are absolute.
type Job struct {
	Root    string   `json:"root"`     // holds hugo.toml and themes/
	Content string   `json:"content"`  // pages; its data/ and quizzes/ are left out
	Quizzes string   `json:"quizzes"`  // key-free copies of the quizzes
	Data    string   `json:"data"`     // registries, mounted as Hugo data
	Local   string   `json:"local"`    // what this server adds to them, as local/
	Cache   string   `json:"cache"`    // kept between builds
	Out     string   `json:"out"`      // the site is written here
	BaseURL string   `json:"base_url"` // the public address; may be empty
	Edition Edition  `json:"edition,omitempty"`
	Without []string `json:"without,omitempty"` // patterns below content that the edition leaves out
}

// Rendered is what the child process reports of a build.
type Rendered struct {
	Pages    int       `json:"pages"`
	Problems []Problem `json:"problems,omitempty"` // why it failed
	Warnings []Problem `json:"warnings,omitempty"` // what was left out of a page
}

// Problem is one reason why a site could not be built. Line is 0 where none
// is known.
type Problem struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	if p.Line == 0 {
		return p.Path + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.Path, p.Line, p.Message)
}

// BuildError says which pages keep the site from being built.
type BuildError struct{ Problems []Problem }

func (e *BuildError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return "网站没有生成成功，原来的网站不受影响：\n" + strings.Join(lines, "\n")
}

// releaseFormat is raised when what a build makes of the same source changes:
// an upgraded program then builds afresh.
const releaseFormat = 3

// partialSuffix marks a release that is not finished.
const partialSuffix = ".partial"

// renderTimeout is far above any real build and ends one that hangs.
const renderTimeout = 10 * time.Minute

// Builder builds a source into numbered releases below a data folder.
type Builder struct {
	Source Source
	Data   string // holds releases/, cache/, dates.json and the file current
	// BaseURL is the public address, without a slash at its end. Without one
	// nothing absolute is written: no canonical link, no feed, no sitemap.
	BaseURL string
	// Edition makes an offline set of what is built; package pack writes it.
	Edition Edition
	// Command renders a Job given as JSON on standard input and prints a
	// Rendered: our own program as a child, so that Hugo's memory and panics
	// stay out of the server.
	Command []string
	// Card reads the contact card that was filled in on this server; nil, or a
	// nil card, for none.
	Card func(context.Context) (*ContactCard, error)
}

// Build makes a release and leaves what is served alone. A page that breaks
// the build is a *BuildError.
func (b *Builder) Build(ctx context.Context) (*Release, error) {
	card, err := b.ContactCard(ctx)
	if err != nil {
		return nil, err
	}
	hash, err := b.hash(card)
	if err != nil {
		return nil, err
	}
	number, err := b.nextNumber()
	if err != nil {
		return nil, err
	}
	r := &Release{Number: number, SourceHash: hash, dir: filepath.Join(b.releases(), fmt.Sprint(number))}
	// A folder of its own: a killed build, whose child may even still be
	// writing, must not leak into this one.
	err = os.MkdirAll(b.releases(), 0o755)
	partial, tempErr := os.MkdirTemp(b.releases(), fmt.Sprint(number)+"-*"+partialSuffix)
	if err := errors.Join(err, tempErr); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "无法写入数据文件夹 "+b.Data+"，请检查权限和磁盘空间，或用 --data 换一个文件夹")
	}
	defer os.RemoveAll(partial) // gone already when all went well
	if err := b.fill(ctx, r, card, partial); err != nil {
		return nil, err
	}
	if err := Rename(partial, r.dir); err != nil {
		return nil, fmt.Errorf("finish release %d: %w", number, err)
	}
	return r, nil
}

// fill writes the public tree and what the server keeps beside it.
func (b *Builder) fill(ctx context.Context, r *Release, card *ContactCard, dir string) error {
	laws, inLaws := LoadLaws(b.Source.DataFS())
	library, inQuizzes := LoadLibrary(b.Source, laws)
	pages, unread, err := Pages(b.Source, laws)
	if err != nil {
		return err
	}
	if err := stopOn(inLaws, inQuizzes, unread); err != nil {
		return err
	}
	if err := distinct(pages); err != nil {
		return err
	}
	held, without := b.Edition.split(pages)
	r.Pages, r.Quizzes, r.Lexicon = held, b.Edition.quizzes(library.Quizzes()), loadLexicon(b.Source.DataFS())
	dates, err := b.dates()
	if err != nil {
		return err
	}
	staged := filepath.Join(dir, "staged")
	local := filepath.Join(staged, "local")
	if err := errors.Join(stageQuizzes(b.Source, r.Quizzes, filepath.Join(staged, "quizzes")), stageCard(card, local), dates.stage(local)); err != nil {
		return err
	}
	rendered, err := b.render(ctx, staged, filepath.Join(dir, "public"), without)
	if err != nil {
		return err
	}
	if len(rendered.Problems) > 0 {
		return &BuildError{b.locate(b.relative(rendered.Problems))}
	}
	if err := os.RemoveAll(staged); err != nil {
		return fmt.Errorf("clear staging: %w", err)
	}
	if !whole(os.DirFS(filepath.Join(dir, "public"))) {
		return &BuildError{[]Problem{{Message: "生成的首页是空的：主题（themes 文件夹）可能不完整，请恢复它。"}}}
	}
	r.PageCount, r.Warnings = rendered.Pages, b.relative(rendered.Warnings)
	if len(r.Warnings) > 0 {
		r.Warnings = b.locate(r.Warnings)
	}
	if err := b.keepDates(dates); err != nil {
		return err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode release: %w", err)
	}
	return writeFile(filepath.Join(dir, "release.json"), body)
}

// stopOn stops a build that Hugo would let through with something missing: an
// unreadable page, a quiz with mistakes, a broken registry.
func stopOn(findings ...[]Finding) error {
	var broken BuildError
	for _, f := range slices.Concat(findings...) {
		if f.Severity == SeverityError {
			broken.Problems = append(broken.Problems, Problem{f.Path, f.Line, f.Message})
		}
	}
	if len(broken.Problems) == 0 {
		return nil
	}
	return &broken
}

// distinct refuses two pages with one address: Hugo would publish either.
func distinct(pages []Page) error {
	at := map[string]string{}
	for _, p := range pages {
		if other, taken := at[p.URL]; taken {
			return &BuildError{[]Problem{{"content/" + p.Path, 1, fmt.Sprintf("这一页和 content/%s 的网址相同（%s），请给其中一个改名。", other, p.URL)}}}
		}
		at[p.URL] = p.Path
	}
	return nil
}

// sourceHash tells whether a release is up to date with its source and with
// how this program builds.
func (b *Builder) sourceHash(ctx context.Context) (string, error) {
	card, err := b.ContactCard(ctx)
	var refused *BuildError // the hash of the source tells
	if err != nil && !errors.As(err, &refused) {
		return "", err
	}
	return b.hash(card)
}

func (b *Builder) hash(card *ContactCard) (string, error) {
	hash, err := b.Source.Hash()
	if err != nil {
		return "", err
	}
	local, err := card.encoded()
	return fmt.Sprintf("%d-%s-%x", releaseFormat, hash, sha256.Sum256(append(local, b.BaseURL+string(b.Edition)...))), err
}

// loadLexicon reads the words that people search by. Without a readable one
// the search works with the site's own words; check says what is wrong.
func loadLexicon(data fs.FS) (lexicon search.Lexicon) {
	body, err := fs.ReadFile(data, "lexicon.yaml")
	if err != nil || yaml.Unmarshal(body, &lexicon) != nil {
		return search.Lexicon{}
	}
	return lexicon
}

// stageQuizzes writes what Hugo may see of the quizzes: copies without keys,
// and the section's own page.
func stageQuizzes(src Source, quizzes []*quiz.Quiz, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, q := range quizzes {
		bundle := filepath.Join(dir, q.ID)
		if err := os.MkdirAll(bundle, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(bundle, "index.md"), quiz.KeyFree(q), 0o644); err != nil {
			return err
		}
		if err := stagePictures(q, filepath.Join(src.contentDir(), "quizzes", q.ID), bundle); err != nil {
			return err
		}
	}
	index, err := os.ReadFile(filepath.Join(src.contentDir(), "quizzes", "_index.md"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "_index.md"), index, 0o644)
}

// stagePictures copies the pictures that the items show, and nothing else:
// whatever more lies beside a quiz may tell keys.
func stagePictures(q *quiz.Quiz, from, to string) error {
	var pictures []*quiz.Image
	for _, it := range q.Items {
		pictures = append(pictures, it.Image)
		for _, o := range it.Options {
			pictures = append(pictures, o.Image)
		}
	}
	for _, p := range pictures {
		if p == nil {
			continue
		}
		name := path.Base(p.Src)
		body, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // check names it
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func stageCard(card *ContactCard, dir string) error {
	body, err := card.encoded()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "card.json"), body, 0o644)
}

func (b *Builder) render(ctx context.Context, staged, out string, without []string) (Rendered, error) {
	var rendered Rendered
	job, err := b.job(staged, out, without)
	if err != nil {
		return rendered, err
	}
	ctx, cancel := context.WithTimeout(ctx, renderTimeout)
	defer cancel()
	var stdout, stderr bytes.Buffer
	child := exec.CommandContext(ctx, b.Command[0], b.Command[1:]...)
	child.WaitDelay = 5 * time.Second
	child.Stdin, child.Stdout, child.Stderr = bytes.NewReader(job), &stdout, &stderr
	if err := child.Run(); err != nil {
		return rendered, fault.Wrap(fault.Internal, fmt.Errorf("render: %w: %s", err, tail(stderr.String())), "网站没有生成成功")
	}
	if err := json.Unmarshal(stdout.Bytes(), &rendered); err != nil {
		return rendered, fmt.Errorf("render: unreadable report: %w: %s", err, tail(stdout.String()+stderr.String()))
	}
	return rendered, nil
}

func (b *Builder) job(staged, out string, without []string) ([]byte, error) {
	job := Job{Root: b.Source.Root, Content: b.Source.contentDir(), Quizzes: filepath.Join(staged, "quizzes"), Local: filepath.Join(staged, "local"),
		Data: b.Source.dataDir(), Cache: filepath.Join(b.Data, "cache"), Out: out, BaseURL: b.BaseURL,
		Edition: b.Edition, Without: without}
	for _, path := range []*string{&job.Root, &job.Content, &job.Quizzes, &job.Local, &job.Data, &job.Cache, &job.Out} {
		abs, err := filepath.Abs(*path)
		if err != nil {
			return nil, err
		}
		*path = abs
	}
	return json.Marshal(job)
}

// relative names problems as the author knows the file: content/….
func (b *Builder) relative(problems []Problem) []Problem {
	for _, base := range []struct{ dir, name string }{{b.Source.contentDir(), "content/"}, {b.Source.Root, ""}} {
		abs, err := filepath.Abs(base.dir)
		if err != nil {
			continue
		}
		abs += string(filepath.Separator)
		for i := range problems {
			p := &problems[i]
			if rest, ok := strings.CutPrefix(p.Path, abs); ok {
				p.Path = base.name + filepath.ToSlash(rest)
			}
			p.Message = strings.ReplaceAll(p.Message, abs, base.name)
		}
	}
	return problems
}

// locate replaces what Hugo says of a page by the content check's findings on
// it, which always have a line and say in Chinese how to mend it.
func (b *Builder) locate(problems []Problem) []Problem {
	var located []Problem
	found := map[string]bool{}
	for _, f := range Check(b.Source, CheckOptions{Today: time.Now()}) {
		if f.Severity == SeverityError && slices.ContainsFunc(problems, func(p Problem) bool { return p.Path == f.Path }) {
			located, found[f.Path] = append(located, Problem{f.Path, f.Line, f.Message}), true
		}
	}
	for _, p := range problems {
		if !found[p.Path] {
			located = append(located, p)
		}
	}
	return located
}

func tail(s string) string {
	const most = 2000
	if len(s) > most {
		return "…" + s[len(s)-most:]
	}
	return s
}
