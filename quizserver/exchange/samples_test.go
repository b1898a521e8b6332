package exchange

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"sunnycampus/quizserver/quiz"
)

// TestSamples reads files as teachers and Moodle have them. Beside each stands
// the bank that comes of it, and the report.
func TestSamples(t *testing.T) {
	files, err := filepath.Glob("testdata/samples/*")
	if err != nil || len(files) < 5 {
		t.Fatalf("Glob = %v, %v", files, err)
	}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		q, report, err := Read(path, src, Options{Spell: spellAny})
		if err != nil {
			t.Errorf("Read(%s): %v\n%s", path, err, report)
			continue
		}
		if _, err := quiz.Parse("x.md", quiz.Markdown(q)); err != nil {
			t.Errorf("%s became no quiz file: %v", path, err)
		}
		golden(t, "testdata/golden/"+filepath.Base(path)+".txt", report.String()+"\n"+string(quiz.Markdown(q)))
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// TestEncodings: the same file in every encoding is the same bank, and the
// report says which one was guessed.
func TestEncodings(t *testing.T) {
	const chinese = "::def-1::下面哪一种情况属于学生欺凌？“镕”字也在{=长期辱骂 ~争论#不是}\r\n\r\n::b::旁观者起哄，对吗？{F}\r\n"
	const french = "::a::Où est le café «été»?{=là-bas ~ici, garçon}\n"
	for _, one := range []struct {
		name, text string
		encode     func(string) (string, error)
		says       string
	}{
		{"UTF-8", chinese, func(s string) (string, error) { return s, nil }, ""},
		{"mark", chinese, func(s string) (string, error) { return "\uFEFF" + s, nil }, ""},
		{"UTF-16 LE with mark", chinese, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewEncoder().String, "UTF-16"},
		{"UTF-16 BE with mark", chinese, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewEncoder().String, "UTF-16"},
		{"UTF-16 LE", chinese, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String, "UTF-16"},
		{"UTF-16 BE", chinese, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String, "UTF-16"},
		{"GBK", chinese, simplifiedchinese.GBK.NewEncoder().String, "GBK"},
		{"GB18030", chinese, simplifiedchinese.GB18030.NewEncoder().String, "GBK"},
		{"windows-1252", french, charmap.Windows1252.NewEncoder().String, "windows-1252"},
	} {
		src, err := one.encode(one.text)
		if err != nil {
			t.Fatalf("%s: %v", one.name, err)
		}
		want, _, err := Read("x.gift", []byte(one.text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, report, err := Read("x.gift", []byte(src), Options{})
		if err != nil {
			t.Errorf("%s: %v", one.name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s reads otherwise (-want +got):\n%s", one.name, diff)
		}
		if said := strings.Contains(report.String(), "编码"); said != (one.says != "") || !strings.Contains(report.String(), one.says) {
			t.Errorf("%s: report says %q", one.name, report)
		}
	}
	for name, src := range map[string]string{"zeros": "a\x00b", "a picture": "\x89PNG\r\n\x1a\n\x00\x00\x00", "controls": "::a::b\x01{=c ~d}"} {
		if _, _, err := Read("x.gift", []byte(src), Options{}); err == nil || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// sheet makes a workbook of rows.
func sheet(t testing.TB, rows [][]any, more func(*excelize.File)) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	if more != nil {
		more(book)
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestKahoot reads the layout of Kahoot's template: a title, hints, the
// headings in row 8, the numbers of the right answers.
func TestKahoot(t *testing.T) {
	src := sheet(t, [][]any{
		{}, {nil, "Quiz template"}, {nil, "Add questions, at least two answer alternatives, time limit and choose correct answers (at least one)."}, {}, {}, {}, {},
		{nil, "Question - max 120 characters", "Answer 1 - max 75 characters", "Answer 2 - max 75 characters", "Answer 3 - max 75 characters", "Answer 4 - max 75 characters",
			"Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs", "Correct answer(s) - choose at least one"},
		{1, "谁能帮忙？", "老师", "家长", "陌生人", nil, 20, "1,2"},
		{2, "起哄对吗？", "True", "False", nil, nil, 5, 2},
		{3, "热线？", "12355", "12306", "10086", "95588", 30, 1},
		{4, "没有答案", "甲", "乙", nil, nil, 30, nil},
		{5, nil, nil, nil, nil, nil, nil, nil},
	}, nil)
	q, report, err := Read("安全.xlsx", src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/golden/kahoot.xlsx.txt", report.String()+"\n"+string(quiz.Markdown(q)))
}

// TestTemplate: what we hand out is read by us, with a good item of each type.
func TestTemplate(t *testing.T) {
	src, err := Template()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read("模板.xlsx", src, Options{}); err == nil {
		t.Error("an empty template is no bank, but was read")
	}
	book, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rules, err := book.GetDataValidations(itemSheet)
	if err != nil || len(rules) != 2 || !strings.Contains(rules[0].Formula1, "判断题") || !strings.HasPrefix(rules[0].Sqref, "A2:A") {
		t.Errorf("validations = %v, %v", rules, err)
	}
	// A teacher writes into the sheet for it; the sample would do.
	rows, err := book.GetRows(sampleSheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := book.SetSheetRow(itemSheet, cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	var filled bytes.Buffer
	if err := book.Write(&filled); err != nil {
		t.Fatal(err)
	}
	q, report, err := Read("模板.xlsx", filled.Bytes(), Options{Spell: spellAny})
	if err != nil {
		t.Fatalf("%v\n%s", err, report)
	}
	golden(t, "testdata/golden/template.xlsx.txt", report.String()+"\n"+string(quiz.Markdown(q)))
}

// TestWorkbookOddities: dates, long numbers, pictures, several sheets.
func TestWorkbookOddities(t *testing.T) {
	head := []any{"题型", "题目", "选项A", "选项B", "答案", "题号"}
	src := sheet(t, [][]any{
		head,
		{"单选题", "比分是多少？", 1, 2, "A", "date"},
		{"填空题", "一个很长的号码", nil, nil, 138000000001234, "long"},
		{"单选题", "有图的题", "甲", "乙", "A", "picture"},
	}, func(book *excelize.File) {
		style, err := book.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{
			book.SetCellValue("Sheet1", "C2", 45356), book.SetCellStyle("Sheet1", "C2", "C2", style),
			book.AddPictureFromBytes("Sheet1", "B4", &excelize.Picture{Extension: ".png", File: onePixel}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"第二张", "随手记"} {
			if _, err := book.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		second := []any{"单选题", "第二张表的题", "甲", "乙", "B", "second"}
		note := []any{"别忘了打印"}
		for _, err := range []error{book.SetSheetRow("第二张", "A1", &head), book.SetSheetRow("第二张", "A2", &second), book.SetSheetRow("随手记", "A1", &note)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	q, report, err := Read("杂.xlsx", src, Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, report)
	}
	golden(t, "testdata/golden/oddities.xlsx.txt", report.String()+"\n"+string(quiz.Markdown(q)))
}

var onePixel = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82")

// TestWritten shows what we write, and what the report says of it.
func TestWritten(t *testing.T) {
	src, err := os.ReadFile("../quiz/testdata/all-types.md")
	if err != nil {
		t.Fatal(err)
	}
	q, err := quiz.Parse("all-types.md", src)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []Format{GIFT, CSV, MoodleXML} {
		out, report, err := Write(format, q, Options{Spell: spellAny})
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/golden/all-types"+string(format), strings.ReplaceAll(string(out), "\r\n", "\n"))
		golden(t, "testdata/golden/all-types"+string(format)+".report.txt", report.String())
	}
}

// TestNothingRunsAsAFormula in what we hand out for Excel.
func TestNothingRunsAsAFormula(t *testing.T) {
	const evil = `=HYPERLINK("http://example.org","点我")`
	q := &quiz.Quiz{Title: "题", Items: []quiz.Item{{ID: "a", Type: quiz.Single, Stem: evil, Seconds: 30, Explanation: "+1",
		Options: []quiz.Option{{Text: "@甲", Correct: true}, {Text: "-乙"}, {Text: "'丙"}}}}}
	out, _, err := Write(CSV, q, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(out), "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range rows[1] {
		if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
			t.Errorf("Excel would run %q", cell)
		}
	}
	back, _, err := Read("x.csv", out, Options{})
	if err != nil || back.Items[0].Stem != evil || back.Items[0].Options[2].Text != "'丙" {
		t.Errorf("came back as %+v, %v", back, err)
	}
	if out, _, err = Write(XLSX, q, Options{}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	formula, err := book.GetCellFormula(itemSheet, "B2")
	text, err2 := book.GetCellValue(itemSheet, "B2")
	if err != nil || err2 != nil || formula != "" || text != evil {
		t.Errorf("cell B2: formula %q, text %q, %v, %v", formula, text, err, err2)
	}
}

// TestPicturesAreNamed in everything that cannot hold them.
func TestPicturesAreNamed(t *testing.T) {
	src, err := os.ReadFile("../quiz/testdata/all-types.md")
	if err != nil {
		t.Fatal(err)
	}
	q, err := quiz.Parse("all-types.md", src)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range formats {
		_, report, err := Write(format, q, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"corridor.png", "red.png", "blue.png", "1 处法律引用", "排版", "摘要、适用对象", "审核"} {
			if !strings.Contains(report.String(), word) {
				t.Errorf("%s: the report does not name %s:\n%s", format, word, report)
			}
		}
	}
	q.Items = []quiz.Item{{ID: "twins", Type: quiz.Single, Stem: "哪一张？", Options: []quiz.Option{
		{Image: &quiz.Image{Src: "/a.png", Alt: "图"}, Correct: true}, {Image: &quiz.Image{Src: "/b.png", Alt: "图"}}}}}
	if _, report, err := Write(GIFT, q, Options{}); err == nil || report.Refused() != 1 {
		t.Errorf("options that look alike without pictures: %v\n%s", err, report)
	}
}

// TestRefusedFiles are refused as a whole, with a word on how to mend them.
func TestRefusedFiles(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><quiz><question type="truefalse"><name><text>&b;</text></name></question></quiz>`
	outside := `<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question type="truefalse"><questiontext><text>&x;</text></questiontext></question></quiz>`
	for _, one := range []struct{ name, file, src, says string }{
		{"no format", "x.docx", "a", ".gift"},
		{"too large", "x.gift", strings.Repeat("a", maxText+1), "分成几个文件"},
		{"a broken letter", "x.gift", strings.Repeat("欺凌", 20) + "\n\n甲\xE6\x8B{=乙 ~丙}", "第 3 行"},
		{"nothing", "x.gift", "", "GIFT"},
		{"nothing but comments", "x.gift", "// a\n", "GIFT"},
		{"no headings", "x.csv", "甲,乙\n丙,丁\n", "表头"},
		{"no items", "x.csv", "题目,答案\n", "没有一道题"},
		{"not a workbook", "x.xlsx", "PK\x03\x04", "另存为"},
		{"an old workbook", "x.xlsx", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ".xls"},
		{"not XML", "x.xml", "abc", "Moodle"},
		{"not Moodle", "x.xml", "<html></html>", "Moodle"},
		{"entity bomb", "x.xml", bomb, "没有一道题"},
		{"external entity", "x.xml", outside, "没有一道题"},
		{"no item in Markdown", "x.md", "# 一\n", "第 1 行"},
		{"Markdown without items", "x.md", "---\ntitle: 甲\n---\n", "没有题目"},
		{"only bad items", "x.md", "---\ntitle: 甲\n---\n## 甲 {#a}\n- [ ] 一\n- [ ] 二\n", "没有题目"},
	} {
		q, _, err := Read(one.file, []byte(one.src), Options{})
		if err == nil || q != nil || !strings.Contains(err.Error(), one.says) {
			t.Errorf("%s: Read = %v, %v; want %q", one.name, q, err, one.says)
		}
	}
}

// TestTooManyItems: the first 300 are taken, the rest is one note, in no time.
func TestTooManyItems(t *testing.T) {
	var gift, md, rows, moodle strings.Builder
	md.WriteString("---\ntitle: 很多题\n---\n")
	rows.WriteString("题目,选项A,选项B,答案,题号\n")
	moodle.WriteString("<quiz>")
	for i := range 310 {
		fmt.Fprintf(&gift, "::i-%d::第%d题{=甲 ~乙}\n\n", i, i)
		fmt.Fprintf(&md, "## 第%d题 {#i-%d}\n- [x] 甲\n- [ ] 乙\n\n", i, i)
		fmt.Fprintf(&rows, "第%d题,甲,乙,A,i-%d\n", i, i)
		fmt.Fprintf(&moodle, `<question type="truefalse"><idnumber>i-%d</idnumber><questiontext><text>第%d题</text></questiontext><answer fraction="100"><text>true</text></answer></question>`, i, i)
	}
	moodle.WriteString("</quiz>")
	for name, src := range map[string]string{"x.gift": gift.String(), "x.md": md.String(), "x.csv": rows.String(), "x.xml": moodle.String()} {
		q, report, err := Read(name, []byte(src), Options{})
		if err != nil || len(q.Items) != 300 || report.Refused() != 1 || !strings.Contains(report.String(), "的 10 道没有转") {
			t.Errorf("%s: %v\n%s", name, err, report)
		}
	}
	for name, src := range map[string]string{"x.gift": strings.Repeat("说明\n\n", 20_000) + "题{T}", "x.md": strings.Repeat("## 甲 {#a}\n- [ ] 乙\n", 10_000)} {
		start := time.Now()
		if _, report, err := Read(name, []byte(src), Options{}); err == nil || len(report.Notes) > 40_000 || time.Since(start) > time.Minute {
			t.Errorf("%s: %v, %d notes after %v", name, err, len(report.Notes), time.Since(start))
		}
	}
}

// TestZipBomb: a workbook of 20 KB that unpacks to 80 MB, and one whose few
// cells stand at the far ends of their rows.
func TestZipBomb(t *testing.T) {
	good := sheet(t, [][]any{{"题目", "答案", "选项A", "选项B"}, {"问", "A", "甲", "乙"}}, nil)
	far := new(strings.Builder)
	far.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for row := range 100_000 {
		fmt.Fprintf(far, `<row r="%d"><c r="XFD%[1]d"><v>1</v></c></row>`, row+1)
	}
	far.WriteString(`</sheetData></worksheet>`)
	empty := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>`
	for _, one := range []struct{ name, worksheet, says string }{
		{"bomb", empty + strings.Repeat(" ", 80<<20), "打不开"},
		{"far", far.String(), "表头"},
	} {
		from, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		to := zip.NewWriter(&out)
		for _, f := range from.File {
			if f.Name != "xl/worksheets/sheet1.xml" {
				if err := to.Copy(f); err != nil {
					t.Fatal(err)
				}
				continue
			}
			w, err := to.Create(f.Name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, one.worksheet); err != nil {
				t.Fatal(err)
			}
		}
		if err := to.Close(); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, _, err := Read("x.xlsx", out.Bytes(), Options{}); err == nil || !strings.Contains(err.Error(), one.says) || time.Since(start) > 25*time.Second {
			t.Errorf("%s: %v after %v", one.name, err, time.Since(start))
		}
		if one.name == "bomb" && out.Len() > 1<<20 {
			t.Errorf("the bomb has %d bytes, it is none", out.Len())
		}
	}
}
