package exchange

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// looksHTML tells a text that was written as HTML from one that only has a
// less-than sign in it.
var looksHTML = regexp.MustCompile(`(?i)</?(p|br|div|span|b|i|u|em|strong|ul|ol|li|table|tr|td|img|a|h[1-6]|sub|sup|font)\b[^<>]*>|&(nbsp|lt|gt|amp|quot|#[0-9]+);`)

// quiet are elements whose going changes no meaning.
var quiet = []string{"p", "br", "div", "span", "font", "html", "body", "head", "o:p", "section", "center"}

// rows are elements that end a line.
var rows = []string{"p", "br", "div", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "pre", "blockquote"}

// htmlText returns the words of a text that may be HTML. Scripts and styles
// are no words; pictures become their alternative texts, and both pictures and
// layout are named in the report.
func htmlText(d *draft, text string, sure bool) string {
	if !sure && !looksHTML.MatchString(text) {
		return text
	}
	var b strings.Builder
	layout, skip := false, ""
	z := html.NewTokenizer(strings.NewReader(text))
	z.SetMaxBuf(maxFile)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		token := z.Token()
		switch {
		case skip != "":
			if kind == html.EndTagToken && token.Data == skip {
				skip = ""
			}
		case kind == html.TextToken:
			b.WriteString(token.Data)
		case kind == html.StartTagToken || kind == html.SelfClosingTagToken || kind == html.EndTagToken:
			opens := kind != html.EndTagToken
			switch token.Data {
			case "script", "style", "iframe", "object", "title":
				if kind == html.StartTagToken {
					skip = token.Data
				}
			case "img":
				b.WriteString(picture(d, token))
			case "audio", "video":
				if opens {
					d.change("声音或视频没有带过来")
				}
			case "td", "th":
				b.WriteByte(' ')
				layout = true
			default:
				layout = layout || !slices.Contains(quiet, token.Data)
			}
			if slices.Contains(rows, token.Data) {
				b.WriteByte('\n')
			}
		}
	}
	if layout {
		d.change("文字里的排版（加粗、上下标、表格等）没有带过来，请核对一下：%s", short(b.String()))
	}
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(b.String(), "\u00A0", " "), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// picture names a picture and gives its alternative text.
func picture(d *draft, token html.Token) string {
	var src, alt string
	for _, a := range token.Attr {
		switch a.Key {
		case "src":
			src = a.Val
		case "alt":
			alt = strings.TrimSpace(a.Val)
		}
	}
	if strings.HasPrefix(src, "data:") {
		src = "写在文件里的图"
	}
	src = strings.TrimPrefix(src, "@@PLUGINFILE@@/")
	if alt == "" {
		d.change("图片 %s 没有带过来，它也没有文字说明，请看看这道题还能不能做", short(src))
		return ""
	}
	d.change("图片 %s 没有带过来，写成了它的文字说明“%s”", short(src), short(alt))
	return "（图：" + alt + "）"
}

// paragraphs writes plain lines as HTML.
func paragraphs(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString("<p>" + html.EscapeString(line) + "</p>")
	}
	return b.String()
}
