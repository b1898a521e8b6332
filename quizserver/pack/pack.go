// Package pack writes a release as the offline set: a zip that is unpacked to a
// USB stick and opened by double click, the search included, without a server.
//
// Scripts of a page opened as a file can fetch nothing, so what they need
// comes as scripts too (data.go), and every link names a file (links.go).
package pack

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"sunnycampus/quizserver/site"
)

// folder holds everything but the home page and the note, so that the one file
// to open is not lost among twenty folders.
const folder = "site/"

// online are the parts of the site that only a server can answer, and what
// only machines ask for.
var online = []string{"host/", "cards/", "join/", "start/", "staff/", "offline/", "styleguide/",
	"404.html", "sw.js", "robots.txt", "sitemap.xml", "llms.txt"}

// Write writes the set of a release that was built for an edition. The pupil's
// holds no key of any item. Now is what the files are dated with.
func Write(w io.Writer, r *site.Release, edition site.Edition, now time.Time) error {
	p := &packer{release: r, edition: edition, public: r.Public(), files: map[string]bool{}}
	if err := p.choose(); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, one := range p.contents() {
		body, err := one.body()
		if err != nil {
			return fmt.Errorf("pack %s: %w", one.name, err)
		}
		f, err := z.CreateHeader(&zip.FileHeader{Name: one.name, Method: zip.Deflate, Modified: now})
		if err == nil {
			_, err = f.Write(body)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", one.name, err)
		}
	}
	return z.Close()
}

type packer struct {
	release *site.Release
	edition site.Edition
	public  fs.FS
	files   map[string]bool // of the public tree, those that are packed
}

// entry is one file of the zip.
type entry struct {
	name string
	body func() ([]byte, error)
}

func (p *packer) choose() error {
	return fs.WalkDir(p.public, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && p.packs(name) {
			p.files[name] = true
		}
		return err
	})
}

func (p *packer) packs(name string) bool {
	switch path.Ext(name) {
	case ".md", ".xml":
		return false // other forms of the pages, for machines
	}
	if p.edition == site.PupilEdition && strings.HasPrefix(name, "for/") && !strings.HasPrefix(name, "for/pupils/") {
		return false
	}
	return !slices.ContainsFunc(online, func(o string) bool { return name == o || strings.HasSuffix(o, "/") && strings.HasPrefix(name, o) })
}

// place is where a file of the public tree lies in the zip.
func place(name string) string {
	if name == "index.html" {
		return name
	}
	return folder + name
}

func (p *packer) contents() []entry {
	all := []entry{{"README.txt", func() ([]byte, error) { return readme(p.edition), nil }}}
	for name := range p.files {
		all = append(all, entry{place(name), func() ([]byte, error) {
			body, err := fs.ReadFile(p.public, name)
			if err != nil || path.Ext(name) != ".html" {
				return body, err
			}
			return p.relink(body, name)
		}})
	}
	all = append(all, entry{folder + "pack/pages.js", p.pages})
	if p.edition == site.TeacherEdition {
		for _, q := range p.release.Quizzes {
			all = append(all, entry{folder + "pack/quizzes/" + q.ID + ".js", func() ([]byte, error) { return p.bank(q) }})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return all
}

// readme is written for Windows' old Notepad: with a mark of its encoding and
// its line ends.
func readme(edition site.Edition) []byte {
	text := `阳光校园 离线包（学生版）

怎么打开
1. 把整个压缩包解压到电脑或 U 盘，不要在压缩软件里直接点开。
2. 双击 index.html（有的电脑只显示 index），用浏览器打开。不用联网，不用安装。
3. 只要 index.html 和 site 文件夹放在一起，可以拷到任何地方。

里面有什么：求助、情景剧、法治、家长，和站内搜索。没有题目的答案。
离线包不会自己更新：法律和电话有变时，请换新的。正有危险，打 110；有人受伤，打 120。
`
	if edition == site.TeacherEdition {
		text = strings.NewReplacer("（学生版）", "（教师版）\n\n【教师用·含答案】请不要发给学生，也不要放在学生能打开的地方。",
			"里面有什么：求助、情景剧、法治、家长，和站内搜索。没有题目的答案。",
			"里面有什么：全部课程、情景剧、活动包、法治、家长、培训、政策，站内搜索，题库的练习、试卷和答案。\n课堂答题的房间要用联网的网站。").Replace(text)
	}
	return append([]byte("\ufeff"), bytes.ReplaceAll([]byte(text), []byte("\n"), []byte("\r\n"))...)
}
