package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// readCSV reads the columns of the template, parted by commas, semicolons or
// tabs.
func readCSV(text string, r *Report) (*bank, error) {
	t := &table{report: r, cellAt: func(_, column int) string { return fmt.Sprintf("第 %d 列", column) }}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = comma(text)
	reader.FieldsPerRecord, reader.LazyQuotes = -1, true
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var at *csv.ParseError
			row := len(t.lines) + 1
			if errors.As(err, &at) {
				row = at.Line
			}
			r.refuse(fmt.Sprintf("第 %d 行", row), "", "这一行的引号没有成对，从这里起读不下去了")
			break
		}
		row, _ := reader.FieldPos(0)
		if len(t.lines) == maxRows {
			r.refuse(fmt.Sprintf("第 %d 行", row), "", "超过 %d 行，后面的没有读，请分成几个文件", maxRows)
			break
		}
		for i, cell := range record {
			record[i] = tame(cell)
		}
		t.lines = append(t.lines, line{number: row, cells: record})
	}
	b := &bank{}
	if !t.read(b) {
		return nil, noHead
	}
	return b, nil
}

var noHead = fault.New(fault.Invalid, "没有找到表头。请用模板（sunnycampus quiz template 模板.xlsx），表头里至少要有“题目”和“答案”；Kahoot 的表要有 Question、Answer 1 和 Correct answer(s)")

// comma is the sign that parts the most cells in the first rows.
func comma(text string) rune {
	var first strings.Builder
	for range 5 {
		row, rest, _ := strings.Cut(text, "\n")
		first.WriteString(row)
		text = rest
	}
	best, most := ',', strings.Count(first.String(), ",")
	for _, sign := range "\t;" {
		if n := strings.Count(first.String(), string(sign)); n > most {
			best, most = sign, n
		}
	}
	return best
}

// signs begin what Excel would run as a formula.
const signs = "=+-@'"

// tame takes away the apostrophe that writeCSV puts before a formula.
func tame(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && rest != "" && strings.ContainsRune(signs, rune(rest[0])) {
		return rest
	}
	return cell
}

// writeCSV writes the template with a byte order mark, without which Excel
// takes it for GBK. Nothing in it runs as a formula.
func writeCSV(items []quiz.Item) []byte {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	head, rows := tableRows(items)
	_ = w.Write(head) // a bytes.Buffer does not fail
	for _, row := range rows {
		record := make([]string, len(row))
		for i, cell := range row {
			record[i] = fmt.Sprint(cell)
			if text, ok := cell.(string); ok && text != "" && strings.ContainsRune(signs, rune(text[0])) {
				record[i] = "'" + text
			}
		}
		_ = w.Write(record)
	}
	w.Flush()
	return b.Bytes()
}
