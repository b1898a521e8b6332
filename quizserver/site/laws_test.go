package site

import (
	"flag"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func testLaws(t testing.TB) *Laws {
	t.Helper()
	laws, findings := LoadLaws(sample(nil).data)
	for _, f := range findings {
		t.Fatal(f)
	}
	return laws
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

func TestCiteText(t *testing.T) {
	laws := testLaws(t)
	var got strings.Builder
	for _, dest := range []string{
		"law:未成年人保护法#39", "law:未保法#39(2)", "law:中华人民共和国未成年人保护法#130(12)",
		"law:%E6%9C%AA%E4%BF%9D%E6%B3%95#39", "law:刑法#253之一", "law:刑法#253%E4%B9%8B%E4%B8%80(3)",
		"law:未保法#133", "law:未保法#40", "law:未保法", "law:未保法#", "law:未保法#第39条", "law:未保法#039", "law:未保法#39（2）", "law:未保法#39(二)", "law:未保法#39(4)", "law:未保法#130(三)", "law:未保法#130(13)", "law:未保法#130(二十)", "law:未保法#21", "law:未保法#39(二项)", "law:未保法#39(0)",
		"law:保护法#1", "law:宪法#1", "law:婚姻法#1", "law:学生伤害事故处理办法#1", "law:刑法#253", "law:#39", "law:", "39",
	} {
		c, err := laws.Cite(dest)
		if err != nil {
			got.WriteString(dest + " ! " + citationError(err) + "\n")
			continue
		}
		got.WriteString(dest + " → " + c.Text + " | " + c.URL() + " | " + c.Gist.Child + "\n")
	}
	golden(t, "citations.txt", got.String())
}

func TestHTML(t *testing.T) {
	laws := testLaws(t)
	var got strings.Builder
	for _, markdown := range []string{
		"要*记住*：**学校**要管。<law:未保法#39>",
		"[学校要立即制止](law:未保法#39(2))，也见<law:刑法#253之一>。",
		"第一段。\n\n第二段，[求助](/help/)或拨[110](tel:110)。",
		"<script>alert(1)</script><b onclick=\"x\">粗</b>",
		"<div>\n块\n</div>",
		"[点](javascript:alert(1)) [点](JAVASCRIPT:alert(1)) [点](data:text/html,x) [点](vbscript:x) <javascript:alert(1)>",
		"[引号](/a\"onmouseover=\"x) ![图](https://example.com/a.png)",
		"1 < 2 & 3",
		"",
	} {
		html, err := laws.HTML(markdown)
		if err != nil {
			t.Fatalf("HTML(%q): %v", markdown, err)
		}
		got.WriteString(markdown + "\n→ " + html + "\n\n")
	}
	golden(t, "explanations.txt", got.String())
}

func TestHTMLRefusesWrongCitation(t *testing.T) {
	for _, markdown := range []string{"<law:未保法#999>", "[话](law:宪法#1)"} {
		if html, err := testLaws(t).HTML(markdown); err == nil {
			t.Errorf("HTML(%q) = %q, want an error", markdown, html)
		}
	}
	var none *Laws
	if _, err := none.HTML("字"); err == nil {
		t.Error("HTML without a registry gave no error")
	}
}

func TestChineseNumber(t *testing.T) {
	for n, want := range map[int]string{
		1: "一", 9: "九", 10: "十", 12: "十二", 20: "二十", 39: "三十九", 100: "一百", 101: "一百零一", 110: "一百一十", 112: "一百一十二",
		130: "一百三十", 253: "二百五十三", 1000: "一千", 1003: "一千零三", 1010: "一千零一十", 1012: "一千零一十二", 1024: "一千零二十四",
		1188: "一千一百八十八", 1195: "一千一百九十五", 1999: "一千九百九十九", 0: "0", -1: "-1", 2000: "2000",
	} {
		if got := ChineseNumber(n); got != want {
			t.Errorf("ChineseNumber(%d) = %q, want %q", n, got, want)
		}
	}
}

// chineseValue reads a number back, by a rule of its own.
func chineseValue(s string) int {
	total, digit := 0, 0
	for _, r := range s {
		switch r {
		case '千', '百', '十':
			total += max(digit, 1) * map[rune]int{'千': 1000, '百': 100, '十': 10}[r]
			digit = 0
		default:
			digit = max(0, len([]rune("零一二三四五六七八九"[:strings.IndexRune("零一二三四五六七八九", r)])))
		}
	}
	return total + digit
}

func TestChineseNumberReadsBack(t *testing.T) {
	for n := 1; n < 2000; n++ {
		if got := chineseValue(ChineseNumber(n)); got != n {
			t.Errorf("%q reads as %d, want %d", ChineseNumber(n), got, n)
		}
	}
}

// TestCiteRoundTrip writes citations of a made-up registry and reads them back.
func TestCiteRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`\p{Han}{2,12}`).Draw(t, "name")
		article := strconv.Itoa(rapid.IntRange(1, 1260).Draw(t, "article")) + rapid.SampledFrom([]string{"", "之一", "之十二"}).Draw(t, "suffix")
		paragraphs := rapid.IntRange(1, 9).Draw(t, "paragraphs")
		items := rapid.IntRange(0, 40).Draw(t, "items")
		item := ""
		switch rapid.IntRange(0, 2).Draw(t, "part") {
		case 1:
			most := paragraphs
			if paragraphs == 1 && items > 0 {
				most = items
			}
			item = strconv.Itoa(rapid.IntRange(1, most).Draw(t, "number"))
		case 2:
			if items > 0 {
				item = ChineseNumber(rapid.IntRange(1, items).Draw(t, "number"))
			}
		}
		law := &Law{ID: "x", Name: "中华人民共和国" + name, Short: name, ArticlesTotal: 1260,
			Articles: map[string]Gist{article: {Topic: "题", Child: "孩子", Parent: "家长", Paragraphs: paragraphs, Items: items}}}
		laws := &Laws{List: []*Law{law}}
		laws.index()

		dest := Citation{Law: law, Article: article, Item: item}.Dest()
		for _, written := range []string{dest, strings.ReplaceAll(url.PathEscape(dest), "%23", "#"), strings.Replace(dest, name, law.Name, 1)} {
			got, err := laws.Cite(written)
			if err != nil {
				t.Fatalf("Cite(%q): %v", written, err)
			}
			if got.Dest() != dest || got.Law != law {
				t.Fatalf("Cite(%q) reads as %q, want %q", written, got.Dest(), dest)
			}
			if !strings.HasPrefix(got.Text, "《"+name+"》第") {
				t.Fatalf("Cite(%q).Text = %q", written, got.Text)
			}
		}
	})
}

func FuzzCite(f *testing.F) {
	for _, dest := range []string{"law:未保法#39(2)", "law:刑法#253之一", "law:%E6%9C%AA#1", "law:%zz#1", "law:未保法#0", "law:", "\xff"} {
		f.Add(dest)
	}
	laws := testLaws(f)
	f.Fuzz(func(t *testing.T, dest string) {
		c, err := laws.Cite(dest)
		if err != nil {
			if message := citationError(err); !strings.HasSuffix(message, "。") {
				t.Errorf("Cite(%q): %q is no sentence", dest, message)
			}
			return
		}
		again, err := laws.Cite(c.Dest())
		if err != nil || again.Text != c.Text {
			t.Errorf("Cite(%q) = %q, its own form reads %q, %v", dest, c.Text, again.Text, err)
		}
	})
}
