package exchange

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sunnycampus/quizserver/quiz"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// formats are those that keep less than Markdown does.
var formats = []Format{GIFT, XLSX, CSV, MoodleXML}

// lineless leaves out what an item cannot carry: where it stood.
var lineless = cmpopts.IgnoreFields(quiz.Item{}, "Line")

// spellAny knows every law, with paragraphs only.
func spellAny(dest string) (string, bool) {
	words, _ := quiz.TextOf("<"+dest+">", nil)
	return words, strings.HasPrefix(words, "《")
}

// shippedBanks are the banks of the seed and the sample of all types.
func shippedBanks(t testing.TB) map[string]*quiz.Quiz {
	t.Helper()
	banks := map[string]*quiz.Quiz{}
	for _, pattern := range []string{"../../content/quizzes/*.md", "../../content/quizzes/*/index.md", "../quiz/testdata/all-types.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("Glob(%s) = %v, %v", pattern, files, err)
		}
		for _, path := range files {
			if filepath.Base(path) == "_index.md" {
				continue
			}
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			q, err := quiz.Parse(filepath.ToSlash(path), src)
			if err != nil {
				t.Fatalf("Parse(%s): %v", path, err)
			}
			banks[path] = q
		}
	}
	return banks
}

// flat is an item as a file without pictures and markup can keep it.
func flat(it quiz.Item) quiz.Item {
	it.Explanation, _ = quiz.TextOf(it.Explanation, spellAny)
	it.Order = nil
	it.Options = slices.Clone(it.Options)
	for i := range it.Options {
		it.Options[i].ID = ""
	}
	return it
}

// TestBanksComeBack: every bank, through every format, has the same items
// again; what is not the same is in the report.
func TestBanksComeBack(t *testing.T) {
	for path, was := range shippedBanks(t) {
		for _, format := range formats {
			file, wrote, err := Write(format, was, Options{Spell: spellAny})
			if err != nil {
				t.Fatalf("Write(%s, %s): %v", format, path, err)
			}
			is, read, err := Read("x"+string(format), file, Options{Spell: spellAny})
			if err != nil {
				t.Fatalf("Read(%s, %s): %v\n%s", format, path, err, read)
			}
			if len(is.Items) != len(was.Items) || read.Refused() > 0 {
				t.Errorf("%s through %s: %d of %d items\n%s", path, format, len(is.Items), len(was.Items), read)
				continue
			}
			if format != CSV && is.Title != was.Title {
				t.Errorf("%s through %s: title %q", path, format, is.Title)
			}
			for i, it := range was.Items {
				named := slices.ContainsFunc(wrote.Notes, func(n Note) bool { return n.Item == it.ID && strings.Contains(n.Text, "图") })
				diff := cmp.Diff(flat(it), flat(is.Items[i]), lineless)
				if diff != "" && !named {
					t.Errorf("%s %s through %s changed, and the report does not say so (-was +is):\n%s", path, it.ID, format, diff)
				}
				if diff == "" && named {
					t.Errorf("%s %s through %s: the report names a change, but there is none", path, it.ID, format)
				}
			}
			if _, err := quiz.Parse("x.md", quiz.Markdown(is)); err != nil {
				t.Errorf("%s through %s is no quiz file: %v", path, format, err)
			}
		}
	}
}

// TestSecondPassChangesNothing: a file that was written from what was read is
// the same file.
func TestSecondPassChangesNothing(t *testing.T) {
	for path, q := range shippedBanks(t) {
		for _, format := range []Format{GIFT, CSV, MoodleXML} {
			first, _, err := Write(format, q, Options{Spell: spellAny})
			if err != nil {
				t.Fatal(err)
			}
			again, _, err := Read("x"+string(format), first, Options{Spell: spellAny, Title: q.Title})
			if err != nil {
				t.Fatal(err)
			}
			second, _, err := Write(format, again, Options{Spell: spellAny})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(first), string(second)); diff != "" {
				t.Errorf("%s through %s twice (-first +second):\n%s", path, format, diff)
			}
		}
	}
}

// words draws a text with all the signs that the formats use for themselves.
func words(t *rapid.T, prefix, label string) string {
	letters := []rune("欺凌对错，。“”（）《》｛｝＝～＃：aZ 09.-+=*_`~#[](){}<>!|\\&:;'\"$^%/@,\tTF")
	text := prefix + rapid.StringOfN(rapid.RuneFrom(letters), 0, 24, -1).Draw(t, label)
	if prefix == "" && rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
		text = rapid.SampledFrom([]string{"[html]<b>粗</b>", "%50%", "T", "$CATEGORY: 甲", "//", "::甲::乙", "｛＝甲～乙｝", "&lt;p&gt;", "@@PLUGINFILE@@/a.png", "]]>", "'=1+1"}).Draw(t, "oddity") + text
	}
	return strings.Join(strings.Fields(text), " ")
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// anyQuiz draws a quiz that quiz.Parse could have made.
func anyQuiz(t *rapid.T) *quiz.Quiz {
	q := &quiz.Quiz{Title: words(t, "题库", "title"), Use: quiz.Practice}
	for i := range rapid.IntRange(1, 4).Draw(t, "items") {
		it := quiz.Item{
			ID: fmt.Sprintf("i-%d", i), Stem: orElse(words(t, "", "stem"), "问"), Points: rapid.IntRange(0, 100).Draw(t, "points"),
			Seconds: rapid.IntRange(5, 600).Draw(t, "seconds"), Fixed: rapid.Bool().Draw(t, "fixed"),
			Level: rapid.SampledFrom([]string{"", "easy", "medium", "hard"}).Draw(t, "level"), Topic: string([]rune(words(t, "", "topic") + strings.Repeat(" ", 40))[:40]),
			Type: rapid.SampledFrom([]quiz.Type{quiz.Single, quiz.Multiple, quiz.Poll, quiz.Fill, quiz.Ordering, quiz.TrueFalse}).Draw(t, "type"),
		}
		it.Explanation = quiz.MarkdownOf(words(t, "", "line")+"\n"+words(t, "", "second"), nil)
		right := rapid.IntRange(0, 2).Draw(t, "right")
		switch it.Type {
		case quiz.Fill:
			for j := range 1 + right {
				it.Accept = append(it.Accept, strings.ReplaceAll(words(t, "", "answer")+string(rune('甲'+j)), "|", ""))
			}
		case quiz.TrueFalse:
			it.Options = []quiz.Option{{Text: "对", Correct: right == 0}, {Text: "错", Correct: right != 0}}
		default:
			for j := range rapid.IntRange(3, 8).Draw(t, "options") {
				it.Options = append(it.Options, quiz.Option{Text: words(t, "", "option") + "甲乙丙丁戊己庚辛"[3*j:3*j+3],
					Correct: it.Type == quiz.Single && j == right || it.Type == quiz.Multiple && j != right})
			}
		}
		q.Items = append(q.Items, it)
	}
	parsed, err := quiz.Parse("q.md", quiz.Markdown(q))
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, quiz.Markdown(q))
	}
	return parsed
}

func TestAnythingComesBack(t *testing.T) {
	for _, format := range append(formats, Markdown) {
		t.Run(string(format), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				was := anyQuiz(t)
				file, wrote, err := Write(format, was, Options{})
				if err != nil {
					t.Fatalf("Write: %v", err)
				}
				is, report, err := Read("x"+string(format), file, Options{})
				if err != nil {
					t.Fatalf("Read: %v\n%s\n%s", err, report, file)
				}
				for _, n := range report.Notes {
					if n.Kind != About {
						t.Fatalf("note on our own file: %s\n%s", n, file)
					}
				}
				for i := range was.Items {
					named := slices.ContainsFunc(wrote.Notes, func(n Note) bool { return n.Kind == Changed && n.Item == was.Items[i].ID })
					if diff := cmp.Diff(flat(was.Items[i]), flat(is.Items[i]), lineless); diff != "" && !named {
						t.Fatalf("came back changed (-was +is):\n%s\n%s", diff, file)
					}
				}
			})
		})
	}
}
