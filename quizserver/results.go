package quizserver

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/xuri/excelize/v2"

	"sunnycampus/quizserver/live"
	"sunnycampus/quizserver/quiz"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (s *Server) results(c *gin.Context) error {
	r, err := s.host(c)
	if err != nil {
		return err
	}
	results, err := r.Results(c.Request.Context())
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer book.Close()
	if err := fillBook(book, results); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return sendBook(c, book, "results-"+c.Param("code")+".xlsx")
}

func sendBook(c *gin.Context, book *excelize.File, name string) error {
	body, err := book.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Data(http.StatusOK, xlsxType, body.Bytes())
	return nil
}

const (
	seatSheet = "成绩"
	itemSheet = "题目"
)

// fillBook writes one sheet of seats, where there are any, and one of items.
// Everything is written as a string or a number, so nothing typed by a pupil
// becomes a formula.
func fillBook(book *excelize.File, r live.Results) error {
	if r.Mode == "wall" {
		if err := book.SetSheetName("Sheet1", itemSheet); err != nil {
			return err
		}
		return fillItems(book, r)
	}
	if err := book.SetSheetName("Sheet1", seatSheet); err != nil {
		return err
	}
	if _, err := book.NewSheet(itemSheet); err != nil {
		return err
	}
	if err := errors.Join(fillSeats(book, r), fillConcerns(book, r)); err != nil {
		return err
	}
	return fillItems(book, r)
}

// fillConcerns says whom to look after, apart from the marks.
func fillConcerns(book *excelize.File, r live.Results) error {
	if len(r.Concerns) == 0 {
		return nil
	}
	names := map[int]string{}
	for _, seat := range r.Seats {
		names[seat.Seat] = seat.Nickname
	}
	rows := [][]any{{"座位", "第几题", "怎么做"}}
	for _, c := range r.Concerns {
		if c.Seat > live.MaxSeatNumber {
			rows = append(rows, []any{names[c.Seat], r.Numbers[c.ItemID], "写的话可能需要大人关心，没有保存。这是抽来的昵称，不知道是谁：不追查、不当众问。今天就对全班说一遍可以找谁、打什么电话，下课在教室多留十分钟，让他能来找您。"})
			continue
		}
		rows = append(rows, []any{names[c.Seat], r.Numbers[c.ItemID], "写的话可能需要大人关心，没有保存。今天就单独、安静地找他：先说谢谢，不追问细节，不答应保密到底，按学校流程报告；说不想活了，陪着他，马上找人来帮，也可以打 12356。"})
	}
	return errors.Join(addSheet(book, "请关心", rows, 14), book.SetColWidth("请关心", "C", "C", 100))
}

func fillSeats(book *excelize.File, r live.Results) error {
	head := []any{"座位"}
	for _, item := range r.Items {
		head = append(head, fmt.Sprintf("第%d题", r.Numbers[item.ID]))
	}
	rows := [][]any{append(head, "答对", "得分")}
	for _, seat := range r.Seats {
		row := []any{seat.Nickname}
		for _, item := range r.Items {
			row = append(row, cell(item, seat.Answers[item.ID]))
		}
		rows = append(rows, append(row, seat.Correct, seat.Points))
	}
	return writeRows(book, seatSheet, rows)
}

func fillItems(book *excelize.File, r live.Results) error {
	rows := [][]any{{"题号", "题目", "答案", "作答人数", "答对人数", "正确率", "区分度", "各选项人数"}}
	for _, item := range r.Items {
		sum := r.Summary[item.ID]
		rate, tells := any("—"), any("—")
		handsShowOne := r.Mode == "wall" && item.Type == quiz.Multiple // of several right options
		if p, ok := sum.Facility(); ok && item.Type != quiz.Poll && !handsShowOne {
			rate = fmt.Sprintf("%.0f%%", 100*p)
		}
		if d, ok := r.Discrimination(item.ID); ok && item.Type != quiz.Poll {
			tells = math.Round(100*d) / 100
		}
		rows = append(rows, []any{r.Numbers[item.ID], item.Stem, spelled(item, item.Key()), sum.Answered, sum.Correct, rate, tells, distribution(item, sum.Counts)})
	}
	if err := writeRows(book, itemSheet, rows); err != nil {
		return err
	}
	return errors.Join(book.SetColWidth(itemSheet, "B", "C", 40), book.SetColWidth(itemSheet, "H", "H", 60), addSheet(book, "说明", [][]any{
		{"怎么看", ""},
		{"正确率", "答对人数除以作答人数，也叫难度。很低的题，先看看是不是没讲清楚，或者题目有毛病。"},
		{"区分度", fmt.Sprintf("这道题答对没有，和其他题答对几道的相关系数，从 -1 到 1。负的，多半是题目或者答案有问题。少于 %d 人作答不算。", live.FewestSeats)},
		{"各选项人数", "没有人选的错误选项，下次可以换一个。"},
		{"出处", "https://docs.moodle.org/dev/Quiz_statistics_calculations（facility index、discrimination index）"},
		{"别这样用", "这里看的是题，不是人。不拿它给学生排名次。"},
	}, 14), book.SetColWidth("说明", "B", "B", 90))
}

func writeRows(book *excelize.File, sheet string, rows [][]any) error {
	for i, row := range rows {
		if err := book.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if err := book.SetRowStyle(sheet, 1, 1, bold); err != nil {
		return err
	}
	return book.SetPanes(sheet, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"})
}

func cell(item quiz.Item, a *live.SeatAnswer) string {
	if a == nil {
		return ""
	}
	text := labels(item, a.Choice)
	if item.Type == quiz.Poll {
		return text
	}
	if a.Correct {
		return "✓ " + text
	}
	return "✗ " + text
}

// labels writes option ids as the letters that the class saw, and a fill-in
// as it is.
func labels(item quiz.Item, choice []string) string {
	var out []string
	for _, id := range choice {
		out = append(out, label(item, id))
	}
	return strings.Join(out, " ")
}

func label(item quiz.Item, id string) string {
	prompt := item.Prompt() // in the order that the class saw
	at := slices.IndexFunc(prompt.Options, func(o quiz.PromptOption) bool { return o.ID == id })
	if at < 0 {
		return id
	}
	if item.Type == quiz.TrueFalse {
		return prompt.Options[at].Text
	}
	return string(rune('A' + at))
}

// spelled writes options with their text: next week nobody knows the letters.
func spelled(item quiz.Item, choice []string) string {
	var out []string
	for _, id := range choice {
		text := label(item, id)
		for _, o := range item.Options {
			if o.ID == id && o.Text != text {
				text += " " + o.Text
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, "；")
}

func distribution(item quiz.Item, counts map[string]int) string {
	if item.Type == quiz.Ordering {
		return "" // everybody sends all options
	}
	var out []string
	for _, o := range item.Prompt().Options {
		out = append(out, fmt.Sprintf("%s：%d", spelled(item, []string{o.ID}), counts[o.ID]))
	}
	return strings.Join(out, "；")
}
