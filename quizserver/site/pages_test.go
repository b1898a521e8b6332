package site

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPages(t *testing.T) {
	in := sample(map[string]string{
		"content/quizzes/final.md":  strings.NewReplacer("use: practice", "use: contest", "CANARY", "SECRET").Replace(goodQuiz),
		"content/guide/broken.md":   "---\ntitle: 坏\n",
		"content/guide/escaped.md":  page("一\\*二 &amp; 三，`代码`。\n\n{{< figure >}}\n\n| 列 | 值 |\n|---|---|\n| 甲 | 乙 |\n"),
		"content/quizzes/_index.md": page("小题目。\n"),
	})
	got, _, err := pages(in.content, testLaws(t))
	if err != nil {
		t.Fatal(err)
	}
	var urls []string
	byURL := map[string]Page{}
	for _, p := range got {
		urls = append(urls, p.URL)
		byURL[p.URL] = p
	}
	want := []string{"/guide/escaped/", "/help/", "/lessons/four-points/", "/quizzes/", "/quizzes/basics/", "/scenarios/corridor/"}
	slices.Sort(urls)
	if diff := cmp.Diff(want, urls); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	lesson := byURL["/lessons/four-points/"]
	if diff := cmp.Diff(Page{
		Path: "lessons/four-points/index.md", URL: "/lessons/four-points/", Section: "lessons",
		Title: "欺凌的四个要点", Summary: "用四个要点分清欺凌和打闹。", Form: "class-meeting",
		Audience: []string{"primary-mid"}, Topics: []string{"认识欺凌"}, Minutes: 40, PrepMinutes: 10,
		Text: "先看求助。\n开场\n今天我们说四个要点，法律写在《未成年人保护法》第一百三十条第（三）项。\n练习\n" +
			"学校要立即制止（《未成年人保护法》第三十九条）。见开头，图 四格图。\n延伸\n回家说一说。",
	}, lesson); diff != "" {
		t.Errorf("lesson (-want +got):\n%s", diff)
	}
	if got, want := byURL["/guide/escaped/"].Text, "一*二 & 三，代码。\n列\t值\n甲\t乙"; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
}

// TestPagesHoldNoKey looks for the explanation and the key of a quiz in
// everything that the search is given.
func TestPagesHoldNoKey(t *testing.T) {
	in := sample(map[string]string{"content/quizzes/final.md": strings.NewReplacer("use: practice", "use: contest", "CANARY", "SECRET").Replace(goodQuiz)})
	got, _, err := pages(in.content, testLaws(t))
	if err != nil {
		t.Fatal(err)
	}
	all, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"CANARY", "SECRET", "[x]", "[ ]", "解析"} {
		if strings.Contains(string(all), secret) {
			t.Errorf("the pages hold %q", secret)
		}
	}
	if !strings.Contains(string(all), "欺凌发生在谁之间") || strings.Contains(string(all), "老师之间") {
		t.Errorf("the pages lack the stem, or show an option as if it were true: %s", all)
	}
}

func TestLibrary(t *testing.T) {
	in := sample(map[string]string{
		"content/quizzes/final.md":   strings.Replace(goodQuiz, "use: practice", "use: contest", 1),
		"content/quizzes/broken.md":  strings.Replace(goodQuiz, "[x]", "[ ]", 1),
		"content/quizzes/wrong.md":   strings.Replace(goodQuiz, "未保法#130", "未保法#999", 1),
		"content/quizzes/another.md": strings.Replace(goodQuiz, "基础题", "an earlier title", 1),
	})
	library, findings := loadLibrary(in.content, testLaws(t), &Pinyin{})
	var ids []string
	for _, q := range library.Quizzes() {
		ids = append(ids, q.ID)
	}
	if diff := cmp.Diff([]string{"another", "basics"}, ids); diff != "" {
		t.Errorf("quizzes (-want +got):\n%s", diff)
	}
	q, ok := library.Quiz("basics")
	if !ok || !strings.Contains(q.Items[0].ExplanationHTML, `<a class="cite" href="/laws/wcnrbhf/#130"`) {
		t.Errorf("Quiz(basics) = %+v, %t", q, ok)
	}
	if _, ok := library.Quiz("final"); ok {
		t.Error("a contest bank is in the library")
	}
	var paths []string
	for _, f := range findings {
		paths = append(paths, f.Path)
	}
	if diff := cmp.Diff([]string{"content/quizzes/broken.md", "content/quizzes/wrong.md"}, slices.Compact(paths)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestHashTellsEveryChange(t *testing.T) {
	hash := func(changes map[string]string) string {
		t.Helper()
		sum, err := sample(changes).hash()
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	base := hash(nil)
	if again := hash(nil); again != base {
		t.Errorf("two hashes of one tree: %s and %s", base, again)
	}
	for name, text := range map[string]string{
		"hugo.toml": "title = 'x'", "themes/sunny/static/files/card.pdf": "pdg", "content/help/_index.md": page("别的。\n"),
		"content/data/laws.yaml": lawsYAML + "\n", "content/guide/new.md": page("新。\n"), "content/quizzes/basics.md": "",
	} {
		if hash(map[string]string{name: text}) == base {
			t.Errorf("the hash does not see a change of %s", name)
		}
	}
	for _, name := range []string{"content/.git/HEAD", "content/help/_index.md~", "README.md"} {
		if hash(map[string]string{name: "x"}) != base {
			t.Errorf("the hash changes with %s, which is not part of the site", name)
		}
	}
}

func TestCheckStrictMakesWarningsErrors(t *testing.T) {
	late := CheckOptions{Today: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	severities := func(opt CheckOptions) []string {
		var out []string
		for _, f := range check(sample(nil), opt) {
			out = append(out, f.Severity)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	if got := severities(late); !slices.Equal(got, []string{SeverityWarning}) {
		t.Errorf("past dates give %v, want warnings only", got)
	}
	late.Strict = true
	if got := severities(late); !slices.Equal(got, []string{SeverityError}) {
		t.Errorf("strict gives %v, want errors only", got)
	}
}

func TestCheckRefusesContestBankInLesson(t *testing.T) {
	in := sample(map[string]string{
		"content/quizzes/final.md": strings.NewReplacer("use: practice", "use: contest", "欺凌发生在谁之间？", "哪两种人之间的事才叫这个名字？").Replace(goodQuiz),
		lessonPath:                 strings.NewReplacer("quiz: basics", "quiz: final", "(/help/)", "(/quizzes/final/)").Replace(goodLesson),
	})
	var codes []string
	for _, f := range check(in, CheckOptions{Today: today}) {
		codes = append(codes, f.Code)
		if !strings.Contains(f.Message, "比赛题库") {
			t.Errorf("%s does not speak of the contest bank", f)
		}
	}
	if diff := cmp.Diff([]string{"quiz-unknown", "link"}, codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

func TestCheckSaysWhenContentIsMissing(t *testing.T) {
	got := Check(Source{Root: t.TempDir()}, CheckOptions{Today: today})
	if !slices.ContainsFunc(got, func(f Finding) bool { return f.Code == "content" }) {
		t.Errorf("Check of an empty folder = %v", got)
	}
}

func TestFindingIsOneLine(t *testing.T) {
	f := Finding{Path: "content/a.md", Line: 3, Code: "link", Severity: SeverityError, Message: "坏。"}
	if got := f.String(); got != "content/a.md:3: link: 坏。" {
		t.Errorf("String() = %q", got)
	}
	got, _ := json.Marshal(f)
	if want := `{"path":"content/a.md","line":3,"code":"link","severity":"error","message":"坏。"}`; string(got) != want {
		t.Errorf("JSON = %s, want %s", got, want)
	}
}

// BenchmarkCheck checks 500 copies of real pages.
func BenchmarkCheck(b *testing.B) {
	in := seed.folders()
	files, err := markdownFiles(in.content)
	if err != nil {
		b.Fatal(err)
	}
	content := fstest.MapFS{}
	for i := range 500 {
		name := files[i%len(files)]
		src, err := fs.ReadFile(in.content, name)
		if err != nil {
			b.Fatal(err)
		}
		if i >= len(files) {
			section, _, _ := strings.Cut(name, "/")
			name = fmt.Sprintf("%s/copy-%d/index.md", section, i)
		}
		content[name] = &fstest.MapFile{Data: src}
	}
	in.content = content
	for b.Loop() {
		check(in, CheckOptions{Today: today})
	}
}

// FuzzCheck gives the check what a staff member might save.
func FuzzCheck(f *testing.F) {
	f.Add("lessons", goodLesson)
	f.Add("scenarios", goodScenario)
	f.Add("quizzes", goodQuiz)
	f.Add("guide", page("**甲：**乙 {{< x >}} [a](#b) ![](c) 未保法第1条"))
	f.Add("law", "---\na: &a [*a]\n---\n")
	f.Fuzz(func(t *testing.T, section, text string) {
		if !kebab.MatchString(section) {
			return
		}
		lines := strings.Count(text, "\n") + 1
		in := sample(map[string]string{"content/" + section + "/fuzz/index.md": text})
		for _, f := range check(in, CheckOptions{Today: today}) {
			if strings.Contains(f.Path, "fuzz") && (f.Line < 1 || f.Line > lines+1) {
				t.Errorf("%s is beyond the %d lines of the file", f, lines)
			}
		}
		if _, _, err := pages(in.content, testLaws(t)); err != nil {
			t.Error(err)
		}
	})
}

// TestLawsAreFoundBySearch: the pages that the theme makes of the registry.
func TestLawsAreFoundBySearch(t *testing.T) {
	found := testLaws(t).pages()
	if len(found) != 2 || found[0].URL != "/laws/wcnrbhf/" || found[0].Title != "未成年人保护法" ||
		!strings.Contains(found[0].Text, "未保法") || !strings.Contains(found[0].Text, "第一百三十条定义。什么是欺凌。") {
		t.Errorf("pages of laws: %+v", found)
	}
}

// TestCardRolesAreTheSameEverywhere: in the program, the theme and the API.
func TestCardRolesAreTheSameEverywhere(t *testing.T) {
	for _, file := range []string{"../../themes/sunny/data/labels.yaml", "../../themes/sunny/layouts/staff/card.html", "../openapi.yaml"} {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range cardRoles {
			if !strings.Contains(string(body), role) || cardLabels[role] == "" {
				t.Errorf("%s does not know the role %s", file, role)
			}
		}
	}
}
