package exchange

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// The sheets of our own files.
const (
	itemSheet   = "题目"
	sampleSheet = "示例"
	helpSheet   = "说明"
)

// Limits of a workbook, which is a zip file and may be a bomb.
const (
	maxUnzipped = 64 << 20
	maxSheets   = 20
	maxColumns  = 60
	maxCells    = 1 << 20 // empty ones too: one cell at the end of a row costs 16384
)

func readXLSX(src []byte, r *Report) (*bank, error) {
	if bytes.HasPrefix(src, []byte("\xD0\xCF\x11\xE0")) {
		return nil, fault.New(fault.Invalid, "这是旧的 .xls 文件，或者加了密码。请在 Excel 或 WPS 里去掉密码，“另存为” .xlsx 再转")
	}
	// The second limit is where excelize would begin to write temporary files.
	book, err := excelize.OpenReader(bytes.NewReader(src), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "打不开这个 Excel 文件，它可能坏了，或者太大。请在 Excel 或 WPS 里打开，“另存为” .xlsx 再转")
	}
	defer book.Close()
	b := &bank{}
	if props, err := book.GetDocProps(); err == nil && props != nil {
		b.title = props.Title
	}
	sheets := book.GetSheetList()
	found := false
	for i, name := range sheets {
		if i == maxSheets {
			r.about("后面的 %d 张表没有读，最多读 %d 张", len(sheets)-i, maxSheets)
			break
		}
		if name == helpSheet && len(sheets) > 1 {
			continue
		}
		if name == sampleSheet && len(sheets) > 1 {
			r.about("“%s”这张表没有读", sampleSheet)
			continue
		}
		t := &table{report: r, cellAt: cellName}
		if len(sheets) > 1 && name != itemSheet {
			t.name = name
		}
		if t.lines, err = sheetLines(book, name, r); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "读不了表“"+name+"”，请在 Excel 或 WPS 里“另存为” .xlsx 再转")
		}
		if !t.read(b) {
			if len(t.lines) > 0 {
				r.about("表“%s”里没有找到表头，没有读", name)
			}
			continue
		}
		found = true
		if pictures, err := book.GetPictureCells(name); err == nil && len(pictures) > 0 {
			r.about("表“%s”里的图片没有带过来，在 %s 格。请看看这些题没有图还能不能做", name, strings.Join(pictures, "、"))
		}
	}
	if !found {
		return nil, noHead
	}
	return b, nil
}

func cellName(row, column int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return fmt.Sprintf("第 %d 列", column)
	}
	return name + " 格"
}

// sheetLines reads the rows of a sheet twice, as they show and as they are
// kept: only both together tell a date from what was typed.
func sheetLines(book *excelize.File, sheet string, r *Report) ([]line, error) {
	shown, err := book.Rows(sheet)
	if err != nil {
		return nil, err
	}
	defer shown.Close()
	kept, err := book.Rows(sheet)
	if err != nil {
		return nil, err
	}
	defer kept.Close()
	var lines []line
	read := 0
	for number := 1; shown.Next() && kept.Next(); number++ {
		if number > 50*maxRows { // prepared, but empty
			break
		}
		cells, err := shown.Columns()
		raw, err2 := kept.Columns(excelize.Options{RawCellValue: true})
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		if read += len(cells); read > maxCells {
			r.refuse(fmt.Sprintf("第 %d 行", number), "", "表太大，从这里起没有读。请把题目复制到一个新的表里再转")
			break
		}
		if len(cells) > maxColumns {
			r.about("表“%s”第 %d 列以后的内容没有读", sheet, maxColumns)
			cells = cells[:maxColumns]
		}
		l := line{number: number, cells: cells, broken: map[int]string{}}
		for i, cell := range cells {
			if i < len(raw) {
				l.cells[i] = typed(cell, raw[i])
				if isDate(cell, raw[i]) {
					l.broken[i] = fmt.Sprintf("被 Excel 变成了日期（%s），原来写的是什么看不出来了。请把这一格的格式改成“文本”，重新写一遍", cell)
				}
			}
		}
		if l.empty() {
			continue
		}
		if len(lines) == maxRows {
			r.refuse(fmt.Sprintf("第 %d 行", number), "", "超过 %d 行，后面的没有读，请分成几个文件", maxRows)
			break
		}
		lines = append(lines, l)
	}
	return lines, nil
}

var exponent = regexp.MustCompile(`^\d+(\.\d+)?E\+\d+$`)

// typed is what somebody typed: a long number, which shows as 1.38E+10, is
// taken as it is kept.
func typed(shown, raw string) string {
	if exponent.MatchString(shown) {
		if n, err := strconv.ParseFloat(raw, 64); err == nil {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
	}
	return shown
}

// isDate tells a number that shows as a date or a time.
func isDate(shown, raw string) bool {
	_, err := strconv.ParseFloat(raw, 64)
	return err == nil && raw != shown && strings.ContainsAny(strings.TrimPrefix(shown, "-"), "-/:年月日")
}

func writeXLSX(title string, items []quiz.Item) ([]byte, error) {
	return workbook(title, func(book *excelize.File) error {
		return errors.Join(book.SetSheetName("Sheet1", itemSheet), fillSheet(book, itemSheet, items, 0), fillHelp(book))
	})
}

// Template is an empty workbook to fill in, with a sheet that shows how.
func Template() ([]byte, error) {
	return workbook("", func(book *excelize.File) error {
		_, err := book.NewSheet(sampleSheet)
		return errors.Join(err, book.SetSheetName("Sheet1", itemSheet), fillSheet(book, itemSheet, nil, maxItem),
			fillSheet(book, sampleSheet, samples(), 0), fillHelp(book))
	})
}

func workbook(title string, fill func(*excelize.File) error) ([]byte, error) {
	book := excelize.NewFile()
	defer book.Close()
	if err := errors.Join(fill(book), book.SetDocProps(&excelize.DocProperties{Title: title, Creator: "阳光校园"})); err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	out, err := book.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return out.Bytes(), nil
}

// fillSheet writes items under the headings. All cells are text, so that Excel
// makes no date of 1-3 and no formula of anything; room is how many empty rows
// are prepared.
func fillSheet(book *excelize.File, sheet string, items []quiz.Item, room int) error {
	head, rows := tableRows(items)
	last := max(len(rows), room) + 1
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"#FCE8C8"}},
		Alignment: &excelize.Alignment{Vertical: "center"}})
	text, err2 := book.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	edge, err3 := excelize.ColumnNumberToName(len(head))
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	all := []error{book.SetSheetRow(sheet, "A1", &head)}
	for i, row := range rows {
		all = append(all, book.SetSheetRow(sheet, fmt.Sprintf("A%d", i+2), &row))
	}
	all = append(all, book.SetCellStyle(sheet, "A1", edge+"1", bold), book.SetCellStyle(sheet, "A2", fmt.Sprintf("%s%d", edge, last), text),
		book.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	for i, word := range head {
		name, err := excelize.ColumnNumberToName(i + 1)
		width := 8.0
		switch {
		case word == "题目" || word == "解析":
			width = 44
		case strings.HasPrefix(word, "选项"):
			width = 18
		case word == "答案" || word == "题号" || word == "主题":
			width = 14
		}
		all = append(all, err, book.SetColWidth(sheet, name, name, width))
		switch word {
		case "题型":
			all = append(all, oneOf(book, sheet, name, last, "单选题", "多选题", "判断题", "填空题", "排序题", "调查题"))
		case "难度":
			all = append(all, oneOf(book, sheet, name, last, "简单", "中等", "困难"))
		}
	}
	return errors.Join(all...)
}

// oneOf lets a column be chosen from a list.
func oneOf(book *excelize.File, sheet, column string, last int, words ...string) error {
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s2:%s%d", column, column, last)
	v.SetError(excelize.DataValidationErrorStyleStop, "请从列表里选", "这一格只能是："+strings.Join(words, "、"))
	return cmp.Or(v.SetDropList(words), book.AddDataValidation(sheet, v))
}

var help = [][2]string{
	{"题型", "从列表里选：单选题、多选题、判断题、填空题、排序题、调查题（没有对错，只看大家怎么想）。"},
	{"题目", "一格一道题，最多 500 字。填空的地方写 ____。不要问学生自己有没有被欺负。"},
	{"选项A、选项B……", "单选、多选、调查、排序题写 2 到 8 个，每个最多 200 字，前面不用写字母。判断题、填空题空着。"},
	{"答案", "单选写 A；多选写 AC；判断写 对 或 错；填空写答案，几种写法用 | 隔开，例如 12355|一二三五五；排序写正确的次序，例如 B>A>C；调查题空着。"},
	{"解析", "两三句：为什么对，别的为什么不对。引用法律写全名和条号，例如《未成年人保护法》第三十九条，转成题库时会自动连到法律页。"},
	{"分值", "0 到 100 的整数，空着就是 10。"},
	{"秒数", "5 到 600 的整数，空着就是 30。"},
	{"难度", "简单、中等、困难，可以空着。"},
	{"主题", "一个词，最多 40 个字，可以空着。"},
	{"题号", "小写字母、数字、连字符，例如 def-1。空着会自动编。以后不要再改，改了就是另一道题。"},
	{"别的列", "可以加，但不会带进题库；转换时会告诉您。图片也带不进去。"},
	{"怎么转", "sunnycampus quiz convert 这个文件.xlsx 题库.md"},
}

func fillHelp(book *excelize.File) error {
	_, err := book.NewSheet(helpSheet)
	wrap, err2 := book.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	all := []error{err, err2, book.SetSheetRow(helpSheet, "A1", &[]string{"列", "怎么写"})}
	for i, row := range help {
		all = append(all, book.SetSheetRow(helpSheet, fmt.Sprintf("A%d", i+2), &[]string{row[0], row[1]}))
	}
	return errors.Join(append(all, book.SetColWidth(helpSheet, "A", "A", 20), book.SetColWidth(helpSheet, "B", "B", 90),
		book.SetCellStyle(helpSheet, "A1", fmt.Sprintf("B%d", len(help)+1), wrap))...)
}

// samples are one item of each type.
func samples() []quiz.Item {
	options := func(right string, texts ...string) []quiz.Option {
		var all []quiz.Option
		for i, text := range texts {
			all = append(all, quiz.Option{Text: text, Correct: strings.ContainsRune(right, rune('A'+i))})
		}
		return all
	}
	return []quiz.Item{
		{ID: "who", Type: quiz.Single, Stem: "法律上说的“学生欺凌”，发生在谁和谁之间？", Options: options("C", "老师和学生之间", "校外的人和学生之间", "学生和学生之间"),
			Explanation: "学生欺凌发生在学生之间。《未成年人保护法》第一百三十条", Points: 10, Seconds: 30, Level: "easy", Topic: "定义"},
		{ID: "elements", Type: quiz.Multiple, Stem: "判断一件事是不是学生欺凌，要看哪几点？（多选）", Options: options("AC", "是不是故意", "受欺负的同学招不招人喜欢", "有没有造成伤害", "旁边有没有人看见"),
			Explanation: "故意、造成伤害，都写在法律里。招不招人喜欢、有没有人看见，不能改变事情的性质。", Points: 15, Seconds: 60, Level: "medium", Topic: "定义"},
		{ID: "once", Type: quiz.TrueFalse, Stem: "只发生过一次的事，也可能是学生欺凌。", Options: options("A", "对", "错"),
			Explanation: "法律没有规定要欺负几次才算。不用等到第二次才去求助。", Points: 10, Seconds: 20, Level: "easy", Topic: "定义"},
		{ID: "hotline", Type: quiz.Fill, Stem: "青少年服务热线的号码是____。", Accept: []string{"12355", "一二三五五"},
			Explanation: "打 12355，可以不说名字。", Points: 10, Seconds: 40, Level: "easy", Topic: "求助"},
		{ID: "steps", Type: quiz.Ordering, Stem: "看到有人被堵在墙角，按先后排一排。", Options: options("", "先退到安全的地方", "马上告诉老师", "事后陪一陪那位同学"),
			Explanation: "先保证自己安全，再找大人。陪伴也是帮助。", Points: 20, Seconds: 60, Level: "medium", Topic: "旁观者"},
		{ID: "first-person", Type: quiz.Poll, Stem: "如果遇到难事，你更愿意先告诉谁？", Options: options("", "家里人", "老师", "同学"), Seconds: 20, Topic: "求助"},
	}
}
