package pack

import (
	"bytes"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// relink makes every link of a page name a file beside it. What leads to a page
// that is not in the set goes: a link in a sentence becomes its words, a
// button and an entry of a list go whole.
func (p *packer) relink(page []byte, name string) ([]byte, error) {
	// As a browser without scripts: what stands in a noscript is links too.
	root, err := html.ParseWithOptions(bytes.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, err
	}
	for _, n := range p.relinkBelow(root, name) {
		drop(n)
	}
	var out bytes.Buffer
	err = html.Render(&out, root)
	return out.Bytes(), err
}

// relinkFragment does the same for a piece of a page.
func (p *packer) relinkFragment(markup, name string) (string, error) {
	root := &html.Node{Type: html.ElementNode, DataAtom: atom.Div, Data: "div"}
	nodes, err := html.ParseFragment(strings.NewReader(markup), root)
	if err != nil {
		return "", err
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	for _, n := range p.relinkBelow(root, name) {
		drop(n)
	}
	var out strings.Builder
	for c := root.FirstChild; c != nil; c = c.NextSibling {
		if err := html.Render(&out, c); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// relinkBelow rewrites the addresses below n and returns the links that lead
// nowhere.
func (p *packer) relinkBelow(n *html.Node, name string) (dead []*html.Node) {
	for i := range n.Attr {
		a := &n.Attr[i]
		if a.Key != "href" && a.Key != "src" && a.Key != "action" {
			continue
		}
		if file, ok := p.resolve(a.Val, name); ok {
			a.Val = file
		} else {
			dead = append(dead, n)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		dead = append(dead, p.relinkBelow(c, name)...)
	}
	return dead
}

// resolve turns an address on the page name into the way from its file to the
// other. An address of another kind (tel:, a fragment) stays as it is.
func (p *packer) resolve(address, name string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" {
		return address, true
	}
	target := u.Path
	if !strings.HasPrefix(target, "/") {
		target = path.Join("/", path.Dir(name), target)
	}
	target = strings.TrimPrefix(path.Clean(target), "/")
	if !p.has(target) {
		target = path.Join(target, "index.html")
	}
	if !p.has(target) {
		return "", false
	}
	way, err := filepath.Rel(path.Dir(place(name)), place(target))
	if err != nil {
		return "", false
	}
	u.Path = filepath.ToSlash(way)
	return u.String(), true
}

func (p *packer) has(name string) bool { return p.files[name] || strings.HasPrefix(name, "pack/") }

// drop removes a link with what is there for its sake alone; from a sentence
// it takes the link and leaves the words.
func drop(link *html.Node) {
	if link.DataAtom == atom.A && speaks(link.Parent) {
		unwrap(link)
		return
	}
	parent := link.Parent
	parent.RemoveChild(link)
	for empty(parent) && (parent.DataAtom == atom.Li || parent.DataAtom == atom.P || parent.DataAtom == atom.Ul || parent.DataAtom == atom.Form) {
		link, parent = parent, parent.Parent
		parent.RemoveChild(link)
	}
}

// speaks tells whether an element has words of its own, or is one that must not
// stand empty.
func speaks(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Td, atom.Th, atom.Dd, atom.B, atom.Strong, atom.Em, atom.H1, atom.H2, atom.H3, atom.H4, atom.Summary:
		return true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return true
		}
	}
	return false
}

func empty(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode || c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return false
		}
	}
	return true
}

// unwrap puts what an element holds in its place.
func unwrap(n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}
