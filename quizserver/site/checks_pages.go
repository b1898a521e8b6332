package site

import (
	"errors"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

// checkReferences looks up the quiz and the scenario that a page names.
func (c *checker) checkReferences(r *report, d *document) {
	if id := d.front.text("quiz"); id != "" {
		q, known := c.quizzes[id]
		switch {
		case !known:
			r.add(d.front.line("quiz"), "quiz-unknown", "没有编号为“%s”的题库。编号就是 content/quizzes/ 里的文件名，不带 .md", id)
		case q != nil && q.Use == quiz.Contest:
			r.add(d.front.line("quiz"), "quiz-unknown", "“%s”是比赛题库，课上不能用。请改用练习题库", id)
		case q != nil:
			if _, err := q.Pick(d.front.list("quiz_items")); err != nil {
				_, message := fault.Of(err)
				r.add(d.front.line("quiz_items"), "quiz-item", "%s。编号写在题目后面的 {#…} 里", message)
			}
		}
	}
	if id := d.front.text("scenario"); id != "" && !c.urls["/scenarios/"+id+"/"] {
		r.add(d.front.line("scenario"), "scenario-unknown", "没有名为“%s”的情景剧。请写 content/scenarios/ 里的文件夹名", id)
	}
}

// readQuiz parses a quiz and passes on what its parser found.
func (c *checker) readQuiz(d *document, r *report) {
	if d.slug == "" {
		return
	}
	if _, twice := c.quizzes[d.slug]; twice {
		r.add(1, "quiz-duplicate", "已经有另一个编号为“%s”的题库。请给其中一个文件改名", d.slug)
		return
	}
	c.quizzes[d.slug] = nil
	if len(d.slips) > 0 {
		return
	}
	q, err := quiz.Parse(d.path, d.src)
	if err == nil {
		c.quizzes[d.slug], c.quizPaths[d.slug] = q, contentPrefix+d.path
		checkBank(r, q)
		c.checkQuizPinyin(r, q)
		return
	}
	bodyLine := d.line(d.body)
	frontFaulty := len(checkFront(d.front, d.section, false)) > 0
	for _, e := range quizErrors(err) {
		// The same fault in the front matter is not told twice.
		if e.Line >= bodyLine || !frontFaulty {
			r.add(e.Line, e.Code, "%s", e.Message)
		}
	}
}

func quizErrors(err error) quiz.Errors {
	var list quiz.Errors
	if errors.As(err, &list) {
		return list
	}
	return quiz.Errors{&quiz.Error{Line: 1, Code: "quiz", Message: "读不懂这个题库文件，请检查格式"}}
}

// headings2 lists the second-level headings of a page.
func (d *document) headings2() []*ast.Heading {
	var out []*ast.Heading
	for n := d.root.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 2 {
			out = append(out, h)
		}
	}
	return out
}

// checkLesson adds up the minutes of the steps.
func (c *checker) checkLesson(r *report, d *document) {
	for _, ask := range append(d.front.list("exit_slip"), d.front.text("question")) {
		if ownExperience.MatchString(ask) {
			r.add(d.front.line("exit_slip"), "item-own-experience", askedOwn)
		}
	}
	steps := d.headings2()
	if len(steps) == 0 {
		r.add(d.line(d.body), "lesson-steps", "这节课没有步骤。请写成 ## 步骤名 {minutes=8}，下面写老师说什么、学生做什么")
		return
	}
	total, whole := 0, true
	for _, h := range steps {
		value, _ := h.AttributeString("minutes")
		minutes, ok := value.(float64)
		if !ok || minutes <= 0 || minutes != float64(int(minutes)) {
			r.add(d.line(nodePosition(h)), "step-minutes", "这一步没有写时间。请写成 ## %s {minutes=8}", plainText(h, d.masked))
			whole = false
			continue
		}
		if optional, _ := h.AttributeString("optional"); optional != true {
			total += int(minutes)
		}
	}
	if want := d.front.number("minutes"); whole && want > 0 && total != want {
		r.add(d.front.line("minutes"), "lesson-minutes", "各步骤加起来是 %d 分钟，页面信息里写的是 %d 分钟。请改成一样；可选的步骤请加 optional=true", total, want)
	}
}

// passage is one scene of a scenario.
type passage struct {
	id, title string
	line      int
	ending    bool
	outcome   string // good, fair or back
	links     []string
}

// play is the graph of a scenario; the first passage is the start.
type play struct {
	passages []*passage
	byID     map[string]*passage
}

// checkScenario walks the graph: every choice leads somewhere, every passage
// can be reached, and from each one help can be reached.
func checkScenario(r *report, d *document) {
	g := readPlay(r, d)
	if len(g.passages) == 0 {
		r.add(d.line(d.body), "scenario-start", "这个情景剧没有段落。请写成 ## 段落标题 {#start}，第一段就是开始")
		return
	}
	if g.passages[0].ending {
		r.add(g.passages[0].line, "scenario-start", "第一段就是结局。请把开始的段落放在最前面")
	}
	good := false
	for _, p := range g.passages {
		good = good || p.outcome == "good"
	}
	if !good {
		r.add(g.passages[0].line, "scenario-help", "没有得到帮助的结局。请至少写一个带 {.ending .good} 的段落")
	}
	reached := g.from(g.passages[0])
	for _, p := range g.passages {
		switch {
		case !reached[p]:
			r.add(p.line, "scenario-unreachable", "没有哪个选择通到“%s”。请加一个链接 (#%s)，或删去这一段", p.title, p.id)
		case len(p.links) == 0 && !p.ending:
			r.add(p.line, "scenario-dead-end", "“%s”没有选择，也不是结局。请加上选择，或在标题后写 {.ending .good}、{.ending .fair}、{.ending .back}", p.title)
		case len(p.links) == 0 && p.outcome == "back":
			r.add(p.line, "scenario-dead-end", "“%s”是可以重来的结局（.back），请加一个回到前面的链接", p.title)
		case good && (!p.ending || p.outcome == "back") && !g.reachesHelp(p):
			r.add(p.line, "scenario-help", "从“%s”怎么走都得不到帮助。请加一个能走到 .good 结局的选择", p.title)
		}
	}
}

func readPlay(r *report, d *document) *play {
	g := &play{byID: map[string]*passage{}}
	var current *passage
	var linkLines []int
	var targets []string
	for n := d.root.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 2 {
			current = g.add(r, d, h)
			continue
		}
		_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			link, ok := n.(*ast.Link)
			if !ok || !entering {
				return ast.WalkContinue, nil
			}
			if to, ok := strings.CutPrefix(string(link.Destination), "#"); ok {
				targets = append(targets, to)
				linkLines = append(linkLines, d.line(nodePosition(link)))
				if current != nil {
					current.links = append(current.links, to)
				}
			}
			return ast.WalkContinue, nil
		})
	}
	for i, to := range targets {
		if g.byID[to] == nil {
			r.add(linkLines[i], "scenario-choice", "没有编号为 #%s 的段落。请改正编号，或写上这一段：## 标题 {#%s}", to, to)
		}
	}
	return g
}

func (g *play) add(r *report, d *document, h *ast.Heading) *passage {
	id, _ := h.AttributeString("id")
	class, _ := h.AttributeString("class")
	p := &passage{id: attributeText(id), title: plainText(h, d.masked), line: d.line(nodePosition(h))}
	written, _, _ := strings.Cut(string(d.src[d.starts[p.line-1]:]), "\n")
	switch {
	case !strings.Contains(written, "#"+p.id):
		r.add(p.line, "scenario-id", "段落“%s”没有编号。请在标题后写 {#英文编号}", p.title)
	case g.byID[p.id] != nil:
		r.add(p.line, "scenario-id", "编号 #%s 用了两次。请给其中一段换一个编号", p.id)
	default:
		g.byID[p.id] = p
	}
	classes := strings.Fields(attributeText(class))
	p.ending = slices.Contains(classes, "ending")
	for _, outcome := range []string{"good", "fair", "back"} {
		if slices.Contains(classes, outcome) {
			p.outcome = outcome
		}
	}
	if p.ending == (p.outcome == "") {
		r.add(p.line, "scenario-ending", "结局的写法不全。请写成 {#%s .ending .good}，或 .fair、.back", p.id)
	}
	g.passages = append(g.passages, p)
	return p
}

// from lists every passage that can be reached from one, itself included.
func (g *play) from(start *passage) map[*passage]bool {
	seen := map[*passage]bool{start: true}
	for queue := []*passage{start}; len(queue) > 0; queue = queue[1:] {
		for _, to := range queue[0].links {
			if next := g.byID[to]; next != nil && !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return seen
}

func (g *play) reachesHelp(p *passage) bool {
	for next := range g.from(p) {
		if next.outcome == "good" {
			return true
		}
	}
	return false
}
