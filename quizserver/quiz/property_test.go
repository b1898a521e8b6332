package quiz

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
)

// canary stands in what must not leak, and nowhere else.
const canary = "canarykey"

// words draws text with everything that Markdown, YAML and Hugo could trip on.
// The prefix keeps texts of one item apart.
func words(t *rapid.T, prefix, label string) string {
	letters := []rune("欺凌对错，。“”（）《》aZ 09.-+=*_`~#[](){}<>!|\\&:;'\"$^%/\u3000")
	return oneLine(prefix + rapid.StringOfN(rapid.RuneFrom(letters), 0, 30, -1).Draw(t, label))
}

// source writes a quiz file. The texts of stems and options are returned to
// compare with; keys of fill-ins and explanations hold the canary.
func source(t *rapid.T) (src string, texts [][]string) {
	var b strings.Builder
	title, _ := json.Marshal(words(t, "题", "title")) // JSON strings are YAML
	fmt.Fprintf(&b, "---\ntitle: %s\n---\n", title)
	for i := range rapid.IntRange(1, 4).Draw(t, "items") {
		stem := words(t, "问", "stem")
		row := []string{stem}
		kind := rapid.SampledFrom([]Type{Single, Multiple, Poll, Fill, Ordering, TrueFalse}).Draw(t, "kind")
		attrs := fmt.Sprintf("{#i-%d points=%d", i, rapid.IntRange(0, 100).Draw(t, "points"))
		if kind == Poll {
			attrs += " poll=true"
		}
		if rapid.Bool().Draw(t, "fixed") {
			attrs += " shuffle=no"
		}
		fmt.Fprintf(&b, "## %s %s}\n", escape(stem), attrs)
		switch kind {
		case Fill:
			fmt.Fprintf(&b, "= %s | %s2\n", canary, canary)
		case TrueFalse:
			b.WriteString("- [ ] 错\n- [x] 对\n")
			row = append(row, "对", "错")
		default:
			for j := range rapid.IntRange(3, 8).Draw(t, "options") {
				text := words(t, string(rune('a'+j)), "option")
				row = append(row, text)
				mark := "- [ ] "
				switch {
				case kind == Ordering:
					mark = fmt.Sprintf("%d. ", j+1)
				case kind == Single && j == 1, kind == Multiple && j != 1:
					mark = "- [x] "
				}
				b.WriteString(mark + escape(text) + "\n")
			}
		}
		fmt.Fprintf(&b, "\n> %s %s\n\n", canary, escape(words(t, "", "explanation")))
		texts = append(texts, row)
	}
	return b.String(), texts
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src, texts := source(t)
		q, err := Parse("q.md", []byte(src))
		if err != nil {
			t.Fatalf("Parse: %v\n%s", err, src)
		}
		for i, it := range q.Items {
			got := []string{it.Stem}
			for _, o := range it.Options {
				got = append(got, o.Text)
			}
			if !slices.Equal(got, texts[i]) {
				t.Fatalf("item %d: got %q, want %q", i, got, texts[i])
			}
		}
		checkQuiz(t, q)
		seed := rapid.Uint64().Draw(t, "seed")
		d := q.Draw(rand.New(rand.NewPCG(seed, 1)))
		checkQuiz(t, d)
		checkDraw(t, q, d)
		for _, part := range []string{string(KeyFree(q)), string(KeyFree(d)), prompts(t, q), prompts(t, d)} {
			for _, secret := range []string{canary, "correct", "accept", "order\"", "explanation"} {
				if strings.Contains(part, secret) {
					t.Fatalf("%q leaks in:\n%s", secret, part)
				}
			}
		}
	})
}

func prompts(t tb, q *Quiz) string {
	var all []Prompt
	for _, it := range q.Items {
		all = append(all, it.Prompt())
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatalf("Marshal: %v", err)
	}
	return string(raw)
}

// tb is what testing and rapid share.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkDraw sees that a draw keeps texts, marks and the right order.
func checkDraw(t tb, q, d *Quiz) {
	t.Helper()
	for i, it := range d.Items {
		was := q.Items[i]
		if it.Stem != was.Stem || it.Type != was.Type || it.Points != was.Points || it.ID != was.ID {
			t.Fatalf("draw changed item %+v to %+v", was, it)
		}
		var before, after []string
		for _, o := range was.Options {
			before = append(before, fmt.Sprint(o.look(), o.Correct))
		}
		for _, o := range it.Options {
			after = append(after, fmt.Sprint(o.look(), o.Correct))
		}
		if it.Fixed && it.Type != Ordering && !slices.Equal(before, after) {
			t.Fatalf("draw moved the options of a fixed item: %q to %q", before, after)
		}
		slices.Sort(before)
		slices.Sort(after)
		if !slices.Equal(before, after) {
			t.Fatalf("draw changed options %q to %q", before, after)
		}
		if it.Type == Ordering {
			for j, id := range it.Order {
				if look(it, id) != look(was, was.Order[j]) {
					t.Fatalf("draw changed the right order of %+v to %+v", was, it)
				}
			}
		}
	}
}

func look(it Item, id string) string {
	i := slices.IndexFunc(it.Options, func(o Option) bool { return o.ID == id })
	return it.Options[i].look()
}

// checkQuiz holds what everybody may rely on in a quiz without errors.
func checkQuiz(t tb, q *Quiz) {
	t.Helper()
	if q.ID == "" || q.Title == "" || len(q.Items) == 0 || len(q.Items) > maxItems || q.Use != Practice && q.Use != Contest {
		t.Fatalf("quiz %+v breaks a rule", q)
	}
	seen := map[string]bool{}
	for _, it := range q.Items {
		if !slug.MatchString(it.ID) || seen[it.ID] || it.Line < 1 {
			t.Fatalf("item id %q is invalid or taken, or line %d is none", it.ID, it.Line)
		}
		seen[it.ID] = true
		checkItem(t, it)
	}
	checkKeyFree(t, q)
}

func checkItem(t tb, it Item) {
	t.Helper()
	n, key := len(it.Options), it.Key()
	ok := map[Type]bool{
		Single:    n >= 2 && len(key) == 1,
		Multiple:  n >= 2 && len(key) >= 2,
		TrueFalse: n == 2 && len(key) == 1 && it.Options[0].Text == "对" && it.Options[1].Text == "错",
		Poll:      n >= 2 && len(key) == 0 && it.Points == 0,
		Fill:      n == 0 && len(key) >= 1,
		Ordering:  n >= 3 && len(key) == n,
	}[it.Type]
	if !ok || n > maxOption || it.Points < 0 || it.Points > 100 || it.Seconds < 5 || it.Seconds > 600 ||
		it.Stem == "" || utf8.RuneCountInString(it.Stem) > maxStem || it.Stem != oneLine(it.Stem) {
		t.Fatalf("item %+v breaks a rule", it)
	}
	ids, looks := map[string]bool{}, map[string]bool{}
	for _, o := range it.Options {
		if o.ID == "" || ids[o.ID] || looks[o.look()] || o.Text == "" && o.Image == nil || o.Text != oneLine(o.Text) {
			t.Fatalf("option %+v of item %+v breaks a rule", o, it)
		}
		ids[o.ID], looks[o.look()] = true, true
	}
	if it.Type == Poll {
		key = []string{it.Options[0].ID}
	}
	if it.Type == Fill {
		key = key[:1]
	}
	correct, points, err := it.Mark(key)
	if want := it.Type != Poll; err != nil || correct != want || points != it.Points {
		t.Fatalf("Mark(%q) of %+v = %v, %d, %v; want %v, %d", key, it, correct, points, err, want, it.Points)
	}
}

// checkKeyFree reads the key-free page back: each stem must be a heading that
// shows just the stem, and each option an entry of a list.
func checkKeyFree(t tb, q *Quiz) {
	t.Helper()
	page := KeyFree(q)
	if strings.Contains(string(page), "{{") && !strings.Contains(q.Title+q.Summary+fmt.Sprint(q.Topics, q.Audience, q.Reviewed), "{{") {
		t.Fatalf("page holds a shortcode:\n%s", page)
	}
	f := &file{quiz: &Quiz{}}
	_, body, _ := strings.Cut(string(page), "\n---\n")
	f.src = []byte(body)
	var want, got []string
	for i, it := range q.Items {
		want = append(want, fmt.Sprintf("%d. %s", i+1, it.Stem))
		for _, o := range hashed(it) {
			want = append(want, "- "+o.Text)
		}
	}
	for n := markdown.Parse(text.NewReader(f.src)).FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			got = append(got, f.plain(n).text)
		case *ast.List:
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if c.ChildCount() != 1 {
					t.Fatalf("option is more than text:\n%s", page)
				}
				got = append(got, "- "+f.plain(c.FirstChild()).text)
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("page shows %q, want %q", got, want)
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.md")
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(head + "## 题干 {#a shuffle=no level=easy}\n= 甲 | b\n\n> - a\n>   > b\n"))
	f.Add([]byte(head + "题干 {#a}\n---\n* [x] \\甲&amp;`b`\n* [ ] ![图](/a.png \"t\")\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		q, err := Parse("q.md", src)
		if err == nil {
			checkQuiz(t, q)
			d := q.Draw(rand.New(rand.NewPCG(1, 1)))
			checkQuiz(t, d)
			checkDraw(t, q, d)
			return
		}
		errs, ok := err.(Errors)
		lines := strings.Count(strings.ReplaceAll(string(src), "\r", "\n"), "\n") + 1
		for _, e := range errs {
			ok = ok && e.Line >= 1 && e.Line <= lines && e.Code != "" && utf8.ValidString(e.Message)
		}
		if !ok || q != nil {
			t.Fatalf("Parse = %v, %#v; want Errors with lines up to %d", q, err, lines)
		}
	})
}

func FuzzMark(f *testing.F) {
	src, err := os.ReadFile("testdata/all-types.md")
	if err != nil {
		f.Fatal(err)
	}
	q, err := Parse("q.md", src)
	if err != nil {
		f.Fatal(err)
	}
	for i, it := range q.Items {
		f.Add(i, strings.Join(it.Key(), "\n"))
	}
	f.Add(4, "１２３ 55。")
	f.Fuzz(func(t *testing.T, i int, choice string) {
		it := q.Items[uint(i)%uint(len(q.Items))]
		parts := strings.Split(choice, "\n")
		correct, points, err := it.Mark(parts)
		if points != 0 && (!correct || points != it.Points) || err != nil && correct {
			t.Fatalf("Mark(%q) = %v, %d, %v", parts, correct, points, err)
		}
		key := it.Key()
		if it.Type != Ordering {
			slices.Sort(key)
			slices.Sort(parts)
		}
		if correct && it.Type != Fill && !slices.Equal(parts, key) {
			t.Fatalf("Mark(%q) is right, but the key is %q", parts, key)
		}
	})
}
