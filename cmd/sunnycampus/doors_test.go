package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var (
	yearTable = regexp.MustCompile(`(?s)<table[^>]*>.*?</table>`)
	planRow   = regexp.MustCompile(`(?s)<tr><td[^>]*>[^<]*</td><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td></tr>`)
)

// TestEveryStageHasItsYear: two class lessons a term are the least.
func TestEveryStageHasItsYear(t *testing.T) {
	pages, _ := shippedSite(t)
	for _, stage := range []string{"primary-low", "primary-mid", "primary-high", "junior", "senior", "vocational"} {
		table := yearTable.FindString(pages["/for/"+stage])
		rows := planRow.FindAllStringSubmatch(table, -1)
		if len(rows) < 4 {
			t.Errorf("%s: %d rows in the year plan: %s", stage, len(rows), table)
		}
		for term := 1; term <= 2; term++ {
			lessons, first := 0, ""
			for _, row := range rows {
				lessons += strings.Count(row[term], `lessons/`) + strings.Count(row[term], `scenarios/`) + strings.Count(row[term], `law/`) + strings.Count(row[term], `kits/`)
				if first == "" {
					first = row[term]
				}
			}
			if lessons < 2 || !strings.Contains(first, "lessons/") {
				t.Errorf("%s, term %d: %d lessons, the term begins with %s", stage, term, lessons, first)
			}
		}
	}
}

// atDate opens pages on a day of the calendar.
func (w *tab) atDate(day string) {
	w.t.Helper()
	script := fmt.Sprintf(`{ const Real = Date; Date = class extends Real { constructor(...a) { a.length ? super(...a) : super(%q) } static now() { return new Date().getTime() } } }`, day)
	if _, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		w.t.Fatal(err)
	}
}

func TestThisWeekFollowsTheYearPlan(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	for _, test := range []struct{ day, says, week string }{
		{"2026-09-02T08:00", "我的身体我做主", "上学期，大约第 1 周"},
		{"2026-10-09T08:00", "开玩笑还是欺负", "上学期，大约第 6 周"},
		{"2027-01-08T08:00", "绰号的温度", "上学期，大约第 19 周"},
		{"2027-02-20T08:00", "求助不是告状", "下学期，大约第 1 周"},
		{"2027-04-28T08:00", "橡皮不见了", "下学期，大约第 9 周"},
		{"2027-08-20T08:00", "我的身体我做主", "上学期，大约第 1 周"},
	} {
		w := b.tab(1280, 800)
		w.atDate(test.day)
		w.open("/for/primary-low/")
		w.until(fmt.Sprintf(`(b => b.innerText.includes(%q) && b.innerText.includes(%q))(document.querySelector("[data-this-week]"))`, test.says, test.week))
	}
}

// TestTeachersDoor remembers the stage and what a teacher opened, and nothing
// of what a child or a parent reads.
func TestTeachersDoor(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(360, 740)
	for _, path := range []string{"/lessons/four-points/", "/help/", "/parents/first-talk/", "/scenarios/left-out/", "/kits/term-plan/", "/law/help-map/"} {
		w.open(path)
		w.until(`document.documentElement.classList.contains("js")`)
	}
	w.open("/for/teachers/")
	w.until(`[...document.querySelectorAll("[data-recent] li a")].map(a => a.pathname).join() === "/kits/term-plan/,/lessons/four-points/"`)
	w.click("小学中年级")
	w.says("这一周可以上")
	w.reload()
	w.says("这一周可以上")
	w.click("清掉")
	w.until(`document.querySelector("[data-recent]").hidden && localStorage.getItem("sunny.recent") === null`)
}

// TestFiltersTellPagesApart with a script, and leaves ways to a list without.
func TestFiltersTellPagesApart(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1280, 800)
	w.open("/lessons/?audience=primary-high")
	shown := `[...document.querySelectorAll("[data-card]")].filter(c => !c.hidden).length`
	w.until(shown + ` === 5`)
	w.click("网络与照片")
	w.until(shown + ` === 2`)
	w.click("全部显示")
	w.until(shown + ` === 27`)
	if hidden := value[bool](w, `document.querySelector("[data-ways]").hidden && !document.querySelector('input[name="prep"], input[name="device"]')`); !hidden {
		t.Error("the plain links stand beside the filter, or a facet with one value is offered")
	}
}
