package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// site is a small collection in the site's own manner.
func site() []Doc {
	return []Doc{
		{URL: "/law/what-is-bullying/", Title: "什么是学生欺凌", Kind: "law", Audience: []string{"junior", "teachers"}, Topics: []string{"定义", "法律"},
			Summary: "学生欺凌的法律定义和四个要点。",
			Body:    "学生欺凌发生在学生之间。一方蓄意或者恶意通过肢体、语言及网络等手段实施欺压、侮辱，造成另一方人身伤害、财产损失或者精神损害。\n同学之间的打闹不是欺凌。"},
		{URL: "/law/age/", Title: "刑事责任年龄", Kind: "law", Audience: []string{"junior"}, Topics: []string{"法律"},
			Summary: "多大要负刑事责任。",
			Body:    "已满十六周岁的人犯罪，应当负刑事责任。已满14周岁不满16周岁的人，对八种犯罪负刑事责任。"},
		{URL: "/parents/injured/", Title: "孩子被同学打了，家长先做这五步", Kind: "parents", Audience: []string{"parents"}, Topics: []string{"应对"},
			Summary: "先看伤，再留证，再找学校。",
			Body:    "第一步，先陪孩子看伤。第二步，保留照片、聊天记录等证据。第三步，联系班主任，请学校调查。"},
		{URL: "/help/", Title: "现在就求助", Kind: "help", Audience: []string{"all"}, Topics: []string{"应对"},
			Summary: "打电话，找信任的大人。",
			Body:    "青少年服务热线 12355 可以拨打。紧急时拨打110。<b>不要</b>独自承受 & 不要隐瞒。"},
		{URL: "/lessons/bystander/", Title: "旁观者可以做什么", Kind: "lessons", Audience: []string{"primary-high", "junior"}, Topics: []string{"旁观者"},
			Summary: "一节四十分钟的班会课。",
			Body:    "同学看见有人被孤立时，可以陪伴，可以告诉老师。打印一张 A4 纸。使用 PPT 投影。"},
	}
}

func open(t testing.TB) *Index {
	t.Helper()
	x, err := Open(t.TempDir())
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return x
}

func put(t testing.TB, x *Index, docs []Doc) int {
	t.Helper()
	n, err := x.Sync(t.Context(), docs)
	if err != nil {
		t.Fatalf("Sync: %v", err)
	}
	return n
}

// tester is what testing.TB and *rapid.T have in common here.
type tester interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

func find(t tester, x *Index, req Request) *Result {
	t.Helper()
	r, err := x.Search(t.Context(), req)
	if err != nil {
		t.Fatalf("Search(%+v): %v", req, err)
	}
	return r
}

func urls(r *Result) (urls []string) {
	for _, h := range r.Hits {
		urls = append(urls, h.URL)
	}
	return urls
}

func TestSearchPutsThePageFirst(t *testing.T) {
	x := open(t)
	put(t, x, site())
	for _, test := range []struct{ name, query, want string }{
		{"exact term", "学生欺凌", "/law/what-is-bullying/"},
		{"title", "旁观者", "/lessons/bystander/"},
		{"natural question", "孩子被同学打了怎么办？", "/parents/injured/"},
		{"question words around", "请问什么是欺凌吗", "/law/what-is-bullying/"},
		{"one character", "伤", "/parents/injured/"},
		{"one character in one page", "凌", "/law/what-is-bullying/"},
		{"lower-case ASCII", "ppt", "/lessons/bystander/"},
		{"letters and digits with Chinese", "a4纸", "/lessons/bystander/"},
		{"full-width digits", "１２３５５", "/help/"},
		{"full-width letters", "ＰＰＴ投影", "/lessons/bystander/"},
		{"digits stay whole", "110", "/help/"},
		{"characters set apart", "刑 责", "/law/age/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := urls(find(t, x, Request{Query: test.query}))
			if len(got) == 0 || got[0] != test.want {
				t.Errorf("Search(%q) = %v, want %s first", test.query, got, test.want)
			}
		})
	}
}

func TestSingleCharactersTellEqualsApart(t *testing.T) {
	x := open(t)
	put(t, x, []Doc{
		{URL: "/without/", Title: "甲", Body: "欺凌。木。木。"},
		{URL: "/with/", Title: "乙", Body: "欺凌。校。园。"},
		{URL: "/only/", Title: "丙", Body: "校。园。"},
	})
	if got, want := urls(find(t, x, Request{Query: "校园欺凌"})), []string{"/with/", "/without/"}; !slices.Equal(got, want) {
		t.Errorf("校园欺凌 = %v, want %v", got, want)
	}
}

func TestSearchFindsNothing(t *testing.T) {
	x := open(t)
	put(t, x, site())
	for _, query := range []string{"量子力学", "1235", "龘"} {
		r := find(t, x, Request{Query: query})
		if r.Total != 0 || r.Hits == nil || len(r.Hits) != 0 {
			t.Errorf("Search(%q) = %d, %v, want no hits in an empty list", query, r.Total, r.Hits)
		}
	}
}

func TestQuestionWordsAloneAreKept(t *testing.T) {
	x := open(t)
	put(t, x, site())
	if got := urls(find(t, x, Request{Query: "什么"})); !slices.Contains(got, "/lessons/bystander/") {
		t.Errorf("Search(什么) = %v, want the page whose title asks it", got)
	}
}

func TestWithoutQuestion(t *testing.T) {
	for in, want := range map[string]string{
		"孩子被打怎么办?":  "孩子被打",
		"要不要告诉老师":   " 告诉老师",
		"起外号算欺凌吗?!": "起外号算欺凌",
		"怎么办":       "怎么办",
		"吗":         "吗",
		"吗啡":        "吗啡",
	} {
		if got := withoutQuestion(in); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("withoutQuestion(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEachTerm(t *testing.T) {
	var got []string
	eachTerm(fold("校园Ａ4欺凌，１２３"), func(term term) {
		got = append(got, fmt.Sprintf("%s@%d+%d", term.text, term.at, term.runes))
	})
	want := []string{"校@0+1", "校园@0+2", "园@1+1", "a4@2+2", "欺@4+1", "欺凌@4+2", "凌@5+1", "123@7+3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("eachTerm (-want +got):\n%s", diff)
	}
}

func TestHitIsMarkedAndEscaped(t *testing.T) {
	x := open(t)
	put(t, x, append(site(), Doc{URL: "/x/", Title: `<i>"危险"</i>标题`, Body: `前面一句。<script>alert('危险标题')</script>`}))

	hit := find(t, x, Request{Query: "不要隐瞒"}).Hits[0]
	if want := "&lt;b&gt;<mark>不要</mark>&lt;/b&gt;独自承受 &amp; <mark>不要隐瞒</mark>。"; hit.Snippet != want {
		t.Errorf("snippet = %s\nwant %s", hit.Snippet, want)
	}
	hit = find(t, x, Request{Query: "危险标题"}).Hits[0]
	if want := "&lt;i&gt;&#34;<mark>危险</mark>&#34;&lt;/i&gt;<mark>标题</mark>"; hit.Title != want {
		t.Errorf("title = %s\nwant %s", hit.Title, want)
	}
	if want := "&lt;script&gt;alert(&#39;<mark>危险标题</mark>&#39;)&lt;/script&gt;"; hit.Snippet != want {
		t.Errorf("snippet = %s\nwant %s", hit.Snippet, want)
	}
	hit = find(t, x, Request{Query: "旁观者"}).Hits[0]
	if want := "一节四十分钟的班会课。"; hit.Snippet != want {
		t.Errorf("snippet without a match in the body = %s, want the summary %s", hit.Snippet, want)
	}
}

func TestSnippetCutsALongSentence(t *testing.T) {
	body := strings.Repeat("长", 300) + "保留证据" + strings.Repeat("句", 300)
	got := snippet(body, map[string]float64{"证据": 1})
	if n := len([]rune(got)); n != snippetLength {
		t.Errorf("snippet has %d runes, want %d", n, snippetLength)
	}
	if !strings.HasPrefix(got, "…长") || !strings.HasSuffix(got, "句…") || !strings.Contains(got, "保留证据") {
		t.Errorf("snippet = %s, want the match with dots on both sides", got)
	}
}

func TestEmptyQueryListsAllByTitle(t *testing.T) {
	x := open(t)
	put(t, x, site())
	// By pinyin: hai, pang, shen, xian, xing.
	want := []string{"/parents/injured/", "/lessons/bystander/", "/law/what-is-bullying/", "/help/", "/law/age/"}
	for _, query := range []string{"", " 　", "？！"} {
		if diff := cmp.Diff(want, urls(find(t, x, Request{Query: query}))); diff != "" {
			t.Errorf("Search(%q) (-want +got):\n%s", query, diff)
		}
	}
	if got := urls(find(t, x, Request{From: 1, Size: 2})); !slices.Equal(got, want[1:3]) {
		t.Errorf("second page = %v, want %v", got, want[1:3])
	}
	if r := find(t, x, Request{From: 99}); len(r.Hits) != 0 || r.Total != 5 {
		t.Errorf("past the end = %d of %d hits, want 0 of 5", len(r.Hits), r.Total)
	}
}

func TestFacetsAndFilters(t *testing.T) {
	x := open(t)
	put(t, x, site())
	count := func(r *Result, dimension, value string) int {
		for _, f := range r.Facets[dimension] {
			if f.Value == value {
				return f.Count
			}
		}
		return 0
	}
	r := find(t, x, Request{Query: "同学"})
	if diff := cmp.Diff([]Facet{{"law", 1}, {"lessons", 1}, {"parents", 1}}, r.Facets["kind"]); diff != "" {
		t.Errorf("kinds of 同学 (-want +got):\n%s", diff)
	}
	r = find(t, x, Request{})
	if diff := cmp.Diff([]Facet{{"junior", 4}, {"parents", 2}, {"primary-high", 2}, {"teachers", 2}}, r.Facets["audience"]); diff != "" {
		t.Errorf("audiences, with the page for everybody (-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		req  Request
		want []string
	}{
		{Request{Kind: "law"}, []string{"/law/age/", "/law/what-is-bullying/"}},
		{Request{Audience: "parents"}, []string{"/help/", "/parents/injured/"}},
		{Request{Audience: "vocational"}, []string{"/help/"}},
		{Request{Topic: "应对", Kind: "help"}, []string{"/help/"}},
		{Request{Query: "刑事责任", Audience: "teachers"}, nil},
		{Request{Kind: "unknown"}, nil},
	} {
		r := find(t, x, test.req)
		got := urls(r)
		slices.Sort(got)
		if !slices.Equal(got, test.want) || r.Total != len(test.want) {
			t.Errorf("Search(%+v) = %d %v, want %v", test.req, r.Total, got, test.want)
		}
	}
	r = find(t, x, Request{Kind: "law"})
	if got := count(r, "kind", "parents"); got != 1 {
		t.Errorf("with kind=law, kind facet parents = %d, want the 1 that choosing it would give", got)
	}
	if got := count(r, "topic", "应对"); got != 0 {
		t.Errorf("with kind=law, topic facet 应对 = %d, want 0", got)
	}
}

func TestWeightOrdersEqualPages(t *testing.T) {
	x := open(t)
	put(t, x, []Doc{
		{URL: "/about/", Title: "求助", Body: "怎样求助", Weight: 0.5},
		{URL: "/help/", Title: "求助", Body: "怎样求助", Weight: 1.5},
		{URL: "/law/", Title: "求助", Body: "怎样求助"},
	})
	if got := urls(find(t, x, Request{Query: "求助"})); !slices.Equal(got, []string{"/help/", "/law/", "/about/"}) {
		t.Errorf("order = %v", got)
	}
}

func TestLexicon(t *testing.T) {
	x := open(t)
	put(t, x, site())
	if r := find(t, x, Request{Query: "霸凌"}); r.Total != 0 {
		t.Fatalf("霸凌 without a lexicon found %v", urls(r))
	}
	lexicon := &Lexicon{
		Distress: []string{"不想活", "ＳＯＳ", "被…打"},
		Synonyms: []Synonym{{Say: []string{"霸凌"}, Mean: []string{"学生欺凌"}}},
	}
	x.SetLexicon(lexicon)
	r := find(t, x, Request{Query: "霸凌怎么办"})
	if got := urls(r); len(got) == 0 || got[0] != "/law/what-is-bullying/" {
		t.Fatalf("霸凌 = %v, want the page about 学生欺凌", got)
	}
	if want := "什么是<mark>学生欺凌</mark>"; r.Hits[0].Title != want {
		t.Errorf("title = %s, want %s", r.Hits[0].Title, want)
	}
	if got := urls(find(t, x, Request{Query: "霸凌 旁观者"})); got[0] != "/lessons/bystander/" {
		t.Errorf("霸凌 旁观者 = %v, want the typed word to weigh more than the added one", got)
	}
	for query, want := range map[string]bool{
		"我不想活了": true, "不 想，活": true, "sos!": true, "Ｓ o S": true,
		"想活动一下": false, "": false,
		"孩子被同学打了怎么办": true, "被打": true, "被 人 打 了": true,
		"被表扬之后高兴地打球": false, "打球被表扬": false,
	} {
		if got := lexicon.InDistress(query); got != want {
			t.Errorf("InDistress(%q) = %v, want %v", query, got, want)
		}
	}
	if (*Lexicon)(nil).InDistress("不想活") {
		t.Error("no lexicon, yet distress")
	}
}

func TestLimits(t *testing.T) {
	x := open(t)
	var docs []Doc
	for i := range 60 {
		docs = append(docs, Doc{URL: fmt.Sprintf("/%d/", i), Title: "班会", Body: "班会"})
	}
	put(t, x, docs)
	for size, want := range map[int]int{0: 10, -1: 10, 7: 7, 50: 50, 51: 50} {
		if got := len(find(t, x, Request{Query: "班会", Size: size, From: -3}).Hits); got != want {
			t.Errorf("size %d gave %d hits, want %d", size, got, want)
		}
	}
	if r := find(t, x, Request{Query: strings.Repeat("长", 200) + "班会"}); r.Total != 0 {
		t.Error("a query is not cut after 200 runes")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Search(ctx, Request{Query: "班会"}); err == nil {
		t.Error("Search with a cancelled context gave no error")
	}
}
