package exchange

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sunnycampus/quizserver/quiz"
)

// seeds adds the samples of one format and what we write in it.
func seeds(f *testing.F, format Format) {
	files, _ := filepath.Glob("testdata/samples/*" + string(format))
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	src, err := os.ReadFile("../quiz/testdata/all-types.md")
	if err != nil {
		f.Fatal(err)
	}
	if format != Markdown {
		q, err := quiz.Parse("all-types.md", src)
		if err != nil {
			f.Fatal(err)
		}
		if src, _, err = Write(format, q, Options{}); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(src)
}

// checkRead holds what must be so for any file: what was read is a good bank,
// what was not is in the report, and what we write of it comes back.
func checkRead(t *testing.T, format Format, src []byte) {
	q, report, err := Read("x"+string(format), src, Options{Spell: spellAny})
	if report != nil {
		for _, n := range report.Notes {
			if n.Text == "" || !utf8.ValidString(n.String()) {
				t.Fatalf("note %+v is no sentence", n)
			}
		}
	}
	if err != nil {
		if q != nil || err.Error() == "" {
			t.Fatalf("Read = %v, %v", q, err)
		}
		return
	}
	if len(q.Items) == 0 || len(q.Items) != report.Items {
		t.Fatalf("%d items, and the report says %d", len(q.Items), report.Items)
	}
	checkBank(t, format, q)
}

func checkBank(t *testing.T, format Format, q *quiz.Quiz) {
	again, err := quiz.Parse("x.md", quiz.Markdown(q))
	if err != nil {
		t.Fatalf("what was read is no quiz file: %v\n%s", err, quiz.Markdown(q))
	}
	if diff := cmp.Diff(q.Items, again.Items, lineless); diff != "" {
		t.Fatalf("the quiz file says something else (-read +file):\n%s", diff)
	}
	file, wrote, err := Write(format, q, Options{Spell: spellAny})
	if err != nil || wrote.Refused() > 0 {
		if wrote.Refused() == 0 {
			t.Fatalf("Write: %v", err)
		}
		return
	}
	back, report, err := Read("x"+string(format), file, Options{Spell: spellAny})
	if err != nil || len(back.Items) != len(q.Items) {
		t.Fatalf("what we wrote does not come back: %v\n%s\n%s", err, report, file)
	}
	for i, it := range q.Items {
		named := slices.ContainsFunc(wrote.Notes, func(n Note) bool { return n.Kind == Changed && n.Item == it.ID })
		if diff := cmp.Diff(flat(it), flat(back.Items[i]), lineless); diff != "" && !named {
			t.Fatalf("%s came back changed, and the report does not say so (-was +is):\n%s\n%s", it.ID, diff, file)
		}
	}
}

func FuzzGIFT(f *testing.F) {
	seeds(f, GIFT)
	f.Add([]byte("::a::b{=c#d\n~%50%e#f####g}\n\n：：h：：i｛＝j～k｝\n"))
	f.Fuzz(func(t *testing.T, src []byte) { checkRead(t, GIFT, src) })
}

func FuzzMoodleXML(f *testing.F) {
	seeds(f, MoodleXML)
	f.Fuzz(func(t *testing.T, src []byte) { checkRead(t, MoodleXML, src) })
}

func FuzzCSV(f *testing.F) {
	seeds(f, CSV)
	f.Add([]byte("Question\tAnswer 1\tAnswer 2\tTime limit\tCorrect answer(s)\na\tb\tc\t20\t1,2\n"))
	f.Fuzz(func(t *testing.T, src []byte) { checkRead(t, CSV, src) })
}

func FuzzMarkdown(f *testing.F) {
	seeds(f, Markdown)
	f.Fuzz(func(t *testing.T, src []byte) { checkRead(t, Markdown, src) })
}

// FuzzTable feeds the rows of a sheet, without the cost of a zip file.
func FuzzTable(f *testing.F) {
	f.Add("题型\t题目\t选项A\t选项B\t答案\t题号\n单选题\t问\t甲\t乙\tA\ta\n排序题\t问\t甲\t乙\tB>A\tb\n")
	f.Add("Question - max\tAnswer 1 - max\tAnswer 2\tTime limit (sec)\tCorrect answer(s)\n问\t甲\t乙\t20\t1,2\n")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		report := &Report{}
		sheet := &table{report: report, cellAt: cellName}
		for i, row := range strings.Split(text, "\n") {
			sheet.lines = append(sheet.lines, line{number: i + 1, cells: strings.Split(row, "\t")})
		}
		b := &bank{}
		if !sheet.read(b) {
			return
		}
		q, err := b.settle("题", nil, report)
		if err != nil {
			return
		}
		checkBank(t, CSV, q)
	})
}
