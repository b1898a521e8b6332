package site

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// PinyinMark is what the theme writes on elements that young children read.
const PinyinMark = "data-pinyin"

// Annotate writes the reading above each character of the marked elements of a
// page.
func (p *Pinyin) Annotate(page []byte) ([]byte, error) {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, err
	}
	p.marked(root)
	var out bytes.Buffer
	err = html.Render(&out, root)
	return out.Bytes(), err
}

// Fragment writes the reading above each character of a piece of HTML.
func (p *Pinyin) Fragment(markup string) (string, error) {
	root := element(atom.Div)
	nodes, err := html.ParseFragment(strings.NewReader(markup), root)
	if err != nil {
		return "", err
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	p.ruby(root)
	var out strings.Builder
	for c := root.FirstChild; c != nil; c = c.NextSibling {
		if err := html.Render(&out, c); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

func (p *Pinyin) marked(n *html.Node) {
	for _, a := range n.Attr {
		if a.Key == PinyinMark {
			p.ruby(n)
			return
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.marked(c)
	}
}

// ruby replaces the text below a node. A text is read as a whole, so that a
// word is known by its neighbours; words across an element are not.
func (p *Pinyin) ruby(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.TextNode:
			for _, one := range p.syllables(c.Data) {
				n.InsertBefore(one, c)
			}
			n.RemoveChild(c)
		case c.DataAtom != atom.Script && c.DataAtom != atom.Style && c.DataAtom != atom.Svg && c.DataAtom != atom.Ruby:
			p.ruby(c)
		}
		c = next
	}
}

func (p *Pinyin) syllables(text string) []*html.Node {
	var out []*html.Node
	plain := ""
	flush := func() {
		if plain != "" {
			out = append(out, &html.Node{Type: html.TextNode, Data: plain})
			plain = ""
		}
	}
	for _, s := range p.Read(text) {
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
