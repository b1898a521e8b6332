package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

// pages prints what the page would print now and counts the sheets of paper.
func (w *tab) pages() int {
	w.t.Helper()
	printed, err := chromedp.Call(w.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(pdfPage.FindAll(printed.Data, -1))
}

// atMost fails the test if more pages would be printed. It asks for the page
// after the last, which the browser refuses when there is none: a tenth of the
// time that a whole print takes.
func (w *tab) atMost(most int, what string) {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true), PageRanges: strconv.Itoa(most + 1)})
	switch {
	case err == nil:
		w.t.Errorf("%s has more pages than %d", what, most)
	case !strings.Contains(err.Error(), "exceeds page count"):
		w.t.Fatal(err)
	}
}

// print presses a print button; the browser's own dialog stays away.
func (w *tab) print(button string) {
	w.t.Helper()
	value[bool](w, `(window.printed = false, window.print = () => { window.printed = true }, true)`)
	w.click(button)
	w.until(`window.printed`)
}

// section lists the pages of a section of the content.
func section(t testing.TB, name string) (paths []string) {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(repository(t), "content", name, "*", "index.md"))
	if err != nil || len(folders) < 10 {
		t.Fatalf("only %d pages in content/%s: %v", len(folders), name, err)
	}
	for _, f := range folders {
		paths = append(paths, "/"+name+"/"+filepath.Base(filepath.Dir(f))+"/")
	}
	return paths
}

// TestLessonPrintsOnFewSheets: a teacher takes two pages to class, a pupil gets
// one sheet (two with readings, or where a lesson is several), a family one.
func TestLessonPrintsOnFewSheets(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1280, 800)
	for i, path := range section(t, "lessons") {
		w.open(path)
		sum := 0
		for _, part := range []struct {
			button string
			most   int
		}{{"教师卡", 2}, {"学生单", 2}, {"家长信", 1}} {
			w.print(part.button)
			w.atMost(part.most, path+": "+part.button)
			if i < 3 { // the whole takes its time; a few will do
				w.print(part.button)
				sum += w.pages()
			}
		}
		if left := value[int](w, `document.querySelectorAll(".off-paper").length`); left > 0 {
			t.Errorf("%s: after printing %d parts are still left out", path, left)
		}
		if i < 3 {
			if n := w.pages(); n != sum || n < 3 {
				t.Errorf("%s: the whole has %d pages, its parts have %d", path, n, sum)
			}
		}
		for _, sheet := range []string{".pupil-sheet", ".letter"} {
			lines := value[string](w, fmt.Sprintf(`(e => e ? e.textContent : "")(document.querySelector(%q))`, sheet+" .paper-help"))
			for _, number := range []string{"110", "120", "12356"} {
				if !strings.Contains(lines, number) {
					t.Errorf("%s: %s without %s", path, sheet, number)
				}
			}
		}
		// What a reveal says must not stand on the sheet that is handed out before it.
		told := value[[]string](w, `(sheet => [...document.querySelectorAll(".callout-reveal p, .callout-reveal li")].map(e => e.textContent.trim())
			.filter(text => text.length > 12 && sheet.includes(text)))(document.querySelector(".pupil-sheet").textContent)`)
		if len(told) > 0 {
			t.Errorf("%s: the pupils' sheet tells %q", path, told)
		}
	}
	for _, path := range []string{"/lessons/my-body-my-say/", "/lessons/four-points/"} { // lower and middle years
		w.open(path)
		w.click("看拼音")
		w.until(`document.querySelector(".pupil-sheet rt")`)
		w.print("学生单")
		w.atMost(2, path+": the pupils' sheet with readings")
		w.print("教师卡")
		w.atMost(2, path+": the teacher's card of the copy with readings")
	}
}

// TestRoleCardsLeaveOutWhoIsNeverCast: nobody is handed the part of the one who
// is bullied, or of those who bully.
func TestRoleCardsLeaveOutWhoIsNeverCast(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1280, 800)
	for _, path := range section(t, "scenarios") {
		w.open(path)
		cards := value[[]string](w, `[...document.querySelectorAll(".role-sheet h2")].map(e => e.textContent)`)
		kept := value[[]string](w, `[...document.querySelectorAll(".role-kept li")].map(e => e.textContent)`)
		if len(cards) < 3 || len(cards) > 8 || len(kept) < 2 {
			t.Errorf("%s: cards for %q, none for %q", path, cards, kept)
		}
		never := value[[]string](w, `[...document.querySelectorAll(".roles li")].filter(e => /只由|只放在|只投在|不让|不请同学|遭受|实施/.test(e.textContent))
			.map(e => e.querySelector("b").textContent)`)
		if len(never) == 0 {
			t.Errorf("%s: every part may be cast", path)
		}
		for _, name := range never {
			if slices.Contains(cards, name) {
				t.Errorf("%s: a card is cut for %s", path, name)
			}
		}
		w.print("角色卡")
		w.atMost(1, path+": 角色卡")
		w.print("剧本")
		w.atMost(8, path+": 剧本")
		// Each choice says where to go on, in words that paper has.
		if lost := value[int](w, `document.querySelectorAll(".choices a[href^='#']:not([data-to])").length`); lost > 0 {
			t.Errorf("%s: %d choices without a number", path, lost)
		}
	}
}

// sheet is a paper or a key sheet as it stands in the page.
type sheet struct {
	Number, Text string
	Items        []struct {
		Stem    string
		Options []string
	}
}

func (w *tab) sheet(part string) (s sheet) {
	w.t.Helper()
	body := value[string](w, fmt.Sprintf(`(e => JSON.stringify({number: e.querySelector("[data-number]").textContent, text: e.textContent,
		items: [...e.querySelectorAll(".paper-item")].map(item => ({stem: item.querySelector("h2").firstChild.textContent + item.querySelector("h2").childNodes[1].textContent,
			options: [...item.querySelectorAll("li")].map(o => o.textContent)}))}))(document.querySelector('[data-part="%s"]'))`, part))
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// TestPaperAndKeyArePrintedApart: nothing of the key is in the page before
// somebody asks for it, nor after; both sheets number and letter alike.
func TestPaperAndKeyArePrintedApart(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1280, 800)
	w.open("/lessons/self-defence-or-revenge/")
	w.click("答题卷")
	w.until(`location.pathname === "/quizzes/age-and-responsibility/"`)
	w.says("选好的 5 道")
	w.says("这一份有 5 道题")

	for _, amount := range []string{"picked", "10"} {
		value[bool](w, fmt.Sprintf(`document.querySelector('input[name="paper-amount"][value="%s"]').click() || true`, amount))
		query := value[string](w, `location.search`)
		if query == "" {
			t.Fatal("the address does not keep which items were chosen")
		}
		_, body := p.get("/api/quizzes/age-and-responsibility/paper" + query)
		why := explanations(t, body)

		w.print("打印试卷")
		paper := w.sheet("paper")
		html := value[string](w, `document.documentElement.outerHTML`)
		if n := w.pages(); n < 1 || n > 3 {
			t.Errorf("a paper of %s items has %d pages", amount, n)
		}
		for _, text := range why {
			if strings.Contains(html, text) {
				t.Errorf("with the paper the page holds %q", text)
			}
		}
		if !strings.Contains(paper.Text, "座号") || strings.Contains(paper.Text, "姓名") {
			t.Errorf("the paper asks for a name, or not for a seat: %.200s", paper.Text)
		}

		w.print("打印答案页")
		key := w.sheet("key")
		if diff := cmp.Diff(paper.Items, key.Items); diff != "" || paper.Number != key.Number || len(paper.Items) != len(why) {
			t.Errorf("paper %s and key %s differ:\n%s", paper.Number, key.Number, diff)
		}
		for _, text := range why {
			if !strings.Contains(key.Text, text) {
				t.Errorf("the key sheet lacks %q", text)
			}
		}
		if shown := value[bool](w, `document.querySelector('[data-part="paper"]').hidden`); !shown {
			t.Error("the paper would be printed with its key")
		}
		if n := w.pages(); n < 1 || n > 4 {
			t.Errorf("a key sheet of %s items has %d pages", amount, n)
		}
		html = value[string](w, `document.documentElement.outerHTML`)
		for _, text := range why {
			if strings.Contains(html, text) {
				t.Errorf("after the key was printed the page still holds %q", text)
			}
		}
	}

	// The same address brings the same paper back.
	number := value[string](w, `document.querySelector("[data-paper] b").textContent`)
	w.reload()
	w.until(fmt.Sprintf(`document.querySelector("[data-paper] b").textContent === %q`, number))
}

var tag = regexp.MustCompile(`<[^>]*>`)

// explanations returns the longest run of text of each explanation.
func explanations(t testing.TB, body string) (runs []string) {
	t.Helper()
	var key struct {
		Items []struct{ Explanation string }
	}
	if err := json.Unmarshal([]byte(body), &key); err != nil {
		t.Fatalf("key %.200q: %v", body, err)
	}
	for _, it := range key.Items {
		longest := ""
		for _, run := range tag.Split(it.Explanation, -1) {
			if len(run) > len(longest) {
				longest = run
			}
		}
		runs = append(runs, strings.TrimSpace(longest))
	}
	return runs
}
