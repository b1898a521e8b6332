package render

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"sunnycampus/quizserver/site"
)

// pinyinMark is what the theme writes on elements that young children read.
const pinyinMark = "data-pinyin"

// addPinyin writes the reading above each character of the marked elements of
// all pages.
func addPinyin(out, data string) error {
	pinyin, _ := site.LoadPinyin(os.DirFS(data)) // what is wrong with it check says
	return filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		page, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(page, []byte(pinyinMark)) {
			return err
		}
		if page, err = annotate(page, pinyin); err != nil {
			return err
		}
		return os.WriteFile(path, page, 0o644)
	})
}

func annotate(page []byte, pinyin *site.Pinyin) ([]byte, error) {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, err
	}
	eachMarked(root, func(n *html.Node) { ruby(n, pinyin) })
	var out bytes.Buffer
	err = html.Render(&out, root)
	return out.Bytes(), err
}

func eachMarked(n *html.Node, do func(*html.Node)) {
	for _, a := range n.Attr {
		if a.Key == pinyinMark {
			do(n)
			return
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		eachMarked(c, do)
	}
}

// ruby replaces the text below a node. A text is read as a whole, so that a
// word is known by its neighbours; words across an element are not.
func ruby(n *html.Node, pinyin *site.Pinyin) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.TextNode:
			for _, one := range syllables(c.Data, pinyin) {
				n.InsertBefore(one, c)
			}
			n.RemoveChild(c)
		case c.DataAtom != atom.Script && c.DataAtom != atom.Style && c.DataAtom != atom.Svg && c.DataAtom != atom.Ruby:
			ruby(c, pinyin)
		}
		c = next
	}
}

func syllables(text string, pinyin *site.Pinyin) []*html.Node {
	var out []*html.Node
	plain := ""
	flush := func() {
		if plain != "" {
			out = append(out, &html.Node{Type: html.TextNode, Data: plain})
			plain = ""
		}
	}
	for _, s := range pinyin.Read(text) {
		if s.Reading == "" {
			plain += string(s.Char)
			continue
		}
		flush()
		r := element(atom.Ruby)
		r.AppendChild(&html.Node{Type: html.TextNode, Data: string(s.Char)})
		rt := element(atom.Rt)
		rt.Attr = []html.Attribute{{Key: "aria-hidden", Val: "true"}}
		rt.AppendChild(&html.Node{Type: html.TextNode, Data: s.Reading})
		r.AppendChild(rt)
		out = append(out, r)
	}
	flush()
	return out
}

func element(a atom.Atom) *html.Node {
	return &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
}
