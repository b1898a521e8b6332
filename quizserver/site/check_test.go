package site

import (
	"cmp"
	"strconv"
	"strings"
	"testing"
)

const (
	lessonPath   = "content/lessons/four-points/index.md"
	scenarioPath = "content/scenarios/corridor/index.md"
	quizPath     = "content/quizzes/basics.md"
	guidePath    = "content/guide/start.md"
	lawsPath     = "content/data/laws.yaml"
)

// badSample is one mistake: change the text of a good file, or write a whole one.
type badSample struct {
	name     string
	path     string
	old, new string // replaced in the good file; with old empty, new is the file
	code     string
	line     int
	severity string // error when empty
	says     string // part of the message
	at       string // where the finding is, when not at path
}

var badSamples = []badSample{
	// Reading.
	{name: "no front matter", path: guidePath, new: "# 标题\n", code: "front-missing", line: 1, says: "---"},
	{name: "front matter not closed", path: guidePath, new: "---\ntitle: 标题\n", code: "front-unclosed", line: 1, says: "---"},
	{name: "bad YAML", path: guidePath, new: "---\ntitle: 标题\nsummary: \"一句\naudience: [all]\n---\n", code: "front-yaml", says: "YAML"},
	{name: "bad YAML indent", path: guidePath, new: "---\ntitle: 标题\n  summary: 一: 句\n---\n", code: "front-yaml", line: 3, says: "YAML"},
	{name: "front matter is a list", path: guidePath, new: "---\n- 标题\n---\n", code: "front-yaml", line: 2, says: "名称: 内容"},
	{name: "not UTF-8", path: guidePath, new: "---\ntitle: \xb1\xea\xcc\xe2\n---\n", code: "encoding", line: 2, says: "UTF-8"},
	{name: "unknown section", path: "content/news/a.md", new: page("好。\n"), code: "section", line: 1, says: "news"},
	{name: "too deep", path: "content/guide/a/b.md", new: page("好。\n"), code: "path", line: 1, says: "content/栏目"},
	{name: "at the top", path: "content/a.md", new: page("好。\n"), code: "path", line: 1, says: "content/栏目"},
	{name: "bad slug", path: "content/guide/我的页.md", new: page("好。\n"), code: "path", line: 1, says: "小写英文"},

	// Front matter.
	{name: "unknown key", path: lessonPath, old: "topics: [认识欺凌]", new: "topic: [认识欺凌]", code: "front-unknown", line: 5, says: "topics"},
	{name: "key of another section", path: guidePath, new: strings.Replace(page(""), "title", "viewpoint: 我\ntitle", 1), code: "front-unknown", line: 2, says: "使用帮助"},
	{name: "duplicate key", path: lessonPath, old: "topics: [认识欺凌]", new: "title: 又一个", code: "front-duplicate", line: 5, says: "两次"},
	{name: "missing key", path: lessonPath, old: "evidence: 没有测量过效果。\n", code: "front-required", line: 1, says: "evidence"},
	{name: "missing review date", path: "content/law/a.md", new: strings.Replace(page("好。\n"), "review_by: 2027-06-03\n", "", 1), code: "front-required", line: 1, says: "review_by"},
	{name: "empty value", path: lessonPath, old: "setup: 一块大屏", new: "setup:", code: "front-required", line: 9, says: "setup"},
	{name: "number in quotes", path: lessonPath, old: "minutes: 40", new: "minutes: 四十", code: "front-type", line: 7, says: "整数"},
	{name: "title is a number", path: guidePath, new: strings.Replace(page(""), "标题", "110", 1), code: "front-type", line: 2, says: "引号"},
	{name: "list is text", path: lessonPath, old: "materials: [卡片]", new: "materials: 卡片", code: "front-type", line: 11, says: "列表"},
	{name: "list item is a table", path: lessonPath, old: "materials: [卡片]", new: "materials:\n  - 卡片: 三张", code: "front-type", line: 12, says: "引号"},
	{name: "goal missing", path: lessonPath, old: "feel: [愿意求助], ", code: "front-type", line: 10, says: "know、feel、do"},
	{name: "role without note", path: scenarioPath, old: ", note: 旁观", code: "front-type", line: 8, says: "note"},
	{name: "reviewed by hand", path: lessonPath, old: "topics: [认识欺凌]", new: "reviewed: 2026-01-01", code: "front-type", line: 5, says: "审核"},
	{name: "unknown form", path: lessonPath, old: "class-meeting", new: "lecture", code: "front-value", line: 6, says: "class-meeting"},
	{name: "unknown audience", path: lessonPath, old: "[primary-mid]", new: "[primary]", code: "front-value", line: 4, says: "primary-low"},
	{name: "lesson for all", path: lessonPath, old: "[primary-mid]", new: "[all]", code: "front-value", line: 4, says: "all"},
	{name: "unknown safety code", path: lessonPath, old: "topics: [认识欺凌]", new: "safety: [S13]", code: "front-value", line: 5, says: "S12"},
	{name: "long summary", path: lessonPath, old: "用四个要点分清欺凌和打闹。", new: strings.Repeat("长", 81), code: "front-value", line: 3, says: "80"},
	{name: "too many exit slips", path: lessonPath, old: "[今天记住了什么？]", new: "[一, 二, 三, 四]", code: "front-value", line: 17, says: "3"},
	{name: "bad date", path: guidePath, new: strings.Replace(page(""), "2027-06-03", "2027年6月", 1), code: "front-date", line: 5, says: "年-月-日"},
	{name: "review passed", path: guidePath, new: strings.Replace(page(""), "2027-06-03", "2026-11-22", 1), code: "review-due", line: 5, severity: SeverityWarning, says: "复核"},

	// Lessons.
	{name: "minutes do not add up", path: lessonPath, old: "## 练习 {minutes=30}", new: "## 练习 {minutes=25}", code: "lesson-minutes", line: 7, says: "35 分钟"},
	{name: "no steps", path: lessonPath, old: goodLesson[strings.Index(goodLesson, "## 开场"):], code: "lesson-steps", says: "minutes=8"},
	{name: "step without minutes", path: lessonPath, old: "## 练习 {minutes=30}", new: "## 练习", code: "step-minutes", line: 29, says: "练习"},
	{name: "unknown quiz", path: lessonPath, old: "quiz: basics", new: "quiz: basic", code: "quiz-unknown", line: 14, says: "basic"},
	{name: "unknown scenario", path: lessonPath, old: "scenario: corridor", new: "scenario: stairs", code: "scenario-unknown", line: 15, says: "stairs"},
	{name: "broken attributes", path: lessonPath, old: "{minutes=30}", new: "{minutes=三十}", code: "heading", line: 29, says: "minutes=8"},

	// Scenarios.
	{name: "no passages", path: scenarioPath, old: goodScenario[strings.Index(goodScenario, "## 走廊"):], code: "scenario-start", says: "#start"},
	{name: "starts with an ending", path: scenarioPath, old: "{#start}", new: "{#start .ending .good}", code: "scenario-start", line: 13, says: "开始"},
	{name: "passage without id", path: scenarioPath, old: " {#teacher .ending .good}", code: "scenario-id", line: 18, says: "编号"},
	{name: "id used twice", path: scenarioPath, old: "#leave .ending", new: "#teacher .ending", code: "scenario-id", line: 22, says: "两次"},
	{name: "choice to nowhere", path: scenarioPath, old: "(#leave)", new: "(#left)", code: "scenario-choice", line: 16, says: "#left"},
	{name: "unreachable passage", path: scenarioPath, old: "- [走开](#leave)\n", code: "scenario-unreachable", says: "走开了"},
	{name: "dead end", path: scenarioPath, old: " .ending .back}\n\n[再选一次](#start)", new: "}", code: "scenario-dead-end", line: 22, says: "走开了"},
	{name: "no way back", path: scenarioPath, old: "[再选一次](#start)", new: "完。", code: "scenario-dead-end", line: 22, says: ".back"},
	{name: "ending without outcome", path: scenarioPath, old: " .ending .good", new: " .ending", code: "scenario-ending", line: 18, says: ".good"},
	{name: "no help ending", path: scenarioPath, old: ".good", new: ".fair", code: "scenario-help", line: 13, says: ".good"},
	{name: "help out of reach", path: scenarioPath, old: "[再选一次](#start)", new: "[再走](#leave)", code: "scenario-help", line: 22, says: "走开了"},

	// Quizzes.
	{name: "quiz without key", path: quizPath, old: "[x]", new: "[ ]", line: 8},
	{name: "quiz twice", path: "content/quizzes/basics/index.md", new: goodQuiz, at: quizPath, code: "quiz-duplicate", line: 1, says: "basics"},

	{name: "item without level", path: quizPath, old: " level=easy", code: "item-level", line: 8, severity: SeverityWarning, says: "level"},
	{name: "item without topic", path: quizPath, old: " topic=definition", code: "item-level", line: 8, severity: SeverityWarning, says: "topic"},
	{name: "explanation of one sentence", path: quizPath, old: "解析。看定义", new: "解析", code: "item-explanation", line: 8, severity: SeverityWarning, says: "现在有 1 句"},
	{name: "legal item without citation", path: quizPath, old: "看定义<law:未保法#130>", new: "这是违法的", code: "item-citation", line: 8, severity: SeverityWarning, says: "引用"},
	{name: "item about the pupil's own life", path: quizPath, old: "欺凌发生在谁之间？", new: "你有没有被同学欺负过？", code: "item-own-experience", line: 8, says: "经历"},
	{name: "exit slip about the pupil's own life", path: lessonPath, old: "[今天记住了什么？]", new: "[有人欺负过你吗？]", code: "item-own-experience", line: 17, says: "经历"},
	{name: "two items alike", path: "content/quizzes/other.md", new: goodQuiz, code: "item-alike", line: 8, severity: SeverityWarning, says: "quizzes/basics.md"},
	{name: "keys in one place", path: quizPath, new: bank(func(i int) (string, int) { return "甲乙丙丁", 0 }), code: "bank-position", line: 1, severity: SeverityWarning, says: "第 1 个"},
	{name: "keys that are the longest", path: quizPath, new: bank(func(i int) (string, int) { return "甲乙丙丁，还有很长的说明", i % 4 }), code: "bank-longest", line: 1, severity: SeverityWarning, says: "最长"},
	{name: "all true", path: quizPath, new: bank(func(i int) (string, int) { return "", 0 }), code: "bank-judge", line: 1, severity: SeverityWarning, says: "“对”有 12 道"},

	// Law.
	{name: "unknown law", path: lessonPath, old: "law:未保法#130", new: "law:未成人保护法#130", code: "citation", line: 27, says: "未成人保护法"},
	{name: "article beyond the last", path: lessonPath, old: "law:未保法#130(3)", new: "law:未保法#133", code: "citation", line: 27, says: "132 条"},
	{name: "article without gist", path: lessonPath, old: "law:未保法#130(3)", new: "law:未保法#40", code: "citation", line: 27, says: "child"},
	{name: "citation without article", path: lessonPath, old: "law:未保法#130(3)", new: "law:未保法", code: "citation", line: 27, says: "条号"},
	{name: "citation of repealed law", path: lessonPath, old: "law:未保法#130(3)", new: "law:婚姻法#3", code: "citation", line: 27, says: "民法典婚姻家庭编"},
	{name: "article of unchecked document", path: lessonPath, old: "law:未保法#130(3)", new: "law:学生伤害事故处理办法#3", code: "citation", line: 27, says: "以官方文本为准"},
	{name: "citation in front matter", path: lessonPath, old: "今天我们学了四个要点。", new: "见<law:未保法#999>。", code: "citation", line: 20, says: "999"},
	{name: "bare citation", path: lessonPath, old: "回家说一说。", new: "《未成年人保护法》第三十九条规定了。", code: "citation-bare", line: 35, says: "<law:"},
	{name: "bare citation without marks", path: lessonPath, old: "回家说一说。", new: "未保法第39条规定了。", code: "citation-bare", line: 35, says: "未保法第39条"},
	{name: "repealed law named", path: lessonPath, old: "回家说一说。", new: "按照婚姻法来办。", code: "law-repealed", line: 35, says: "民法典婚姻家庭编"},
	{name: "unchecked document named", path: lessonPath, old: "回家说一说。", new: "见《学生伤害事故处理办法》。", code: "law-named-only", line: 35, severity: SeverityWarning, says: "以官方文本为准"},

	{name: "bare citation across table cells", path: lessonPath, old: "回家说一说。", new: "| 法 | 条 |\n|---|---|\n| 未保法 | 第39条 |", code: "citation-bare", line: 37, says: "第39条"},
	{name: "paragraph beyond the last", path: lessonPath, old: "law:未成年人保护法#39", new: "law:未成年人保护法#39(4)", code: "citation", line: 31, says: "3 款"},
	{name: "item of an article without items", path: lessonPath, old: "law:未成年人保护法#39", new: "law:未成年人保护法#39(二)", code: "citation", line: 31, says: "不分项"},
	{name: "item beyond the last", path: lessonPath, old: "law:未保法#130(3)", new: "law:未保法#130(13)", code: "citation", line: 27, says: "12 项"},
	{name: "old number cited", path: lessonPath, old: "law:未成年人保护法#39", new: "law:未成年人保护法#21", code: "citation", line: 31, says: "现行文本（2024-04-26 第二次修正）是第 27 条"},
	{name: "old number written", path: lessonPath, old: "回家说一说。", new: "《未成年人保护法》第二十一条规定了。", code: "citation-renumbered", line: 35, says: "第 27 条"},
	{name: "old number of another matter", path: lessonPath, old: "回家说一说。", new: "大人不看日记<law:未保法#39>。", code: "citation-renumbered", line: 35, severity: SeverityWarning, says: "第 63 条"},

	// Links, pictures, marks.
	{name: "link to no page", path: lessonPath, old: "(/help/)", new: "(/helps/)", code: "link", line: 22, says: "/helps/"},
	{name: "link without slash", path: lessonPath, old: "(/help/)", new: "(/help)", code: "link", line: 22, says: "/help/"},
	{name: "relative link", path: lessonPath, old: "(/help/)", new: "(../help)", code: "link", line: 22, says: "以 / 开头"},
	{name: "script link", path: lessonPath, old: "(/help/)", new: "(javascript:alert(1))", code: "link", line: 22, says: "不能用"},
	{name: "missing file", path: lessonPath, old: "(/help/)", new: "(/files/no.pdf)", code: "link", line: 22, says: "no.pdf"},
	{name: "other host", path: lessonPath, old: "(/help/)", new: "(https://example.com/)", code: "link-external", line: 22, severity: SeverityWarning, says: "example.com"},
	{name: "anchor to nowhere", path: lessonPath, old: "(#开场)", new: "(#结尾)", code: "anchor", line: 31, says: "#结尾"},
	{name: "anchor to nowhere on another page", path: lessonPath, old: "(/help/)", new: "(/scenarios/corridor/#end)", code: "anchor", line: 22, says: "/scenarios/corridor/"},
	{name: "anchor to an article nobody explains", path: lessonPath, old: "(/help/)", new: "(/laws/wcnrbhf/#40)", code: "anchor", line: 22, says: "#40"},
	{name: "page of an unknown law", path: lessonPath, old: "(/help/)", new: "(/laws/xianfa/)", code: "link", line: 22, says: "/laws/xianfa/"},
	{name: "picture without words", path: lessonPath, old: "![四格图]", new: "![]", code: "image-alt", line: 31, says: "文字说明"},
	{name: "picture missing", path: lessonPath, old: "(four.svg)", new: "(five.svg)", code: "image-file", line: 31, says: "five.svg"},
	{name: "picture elsewhere", path: lessonPath, old: "(four.svg)", new: "(https://example.com/a.png)", code: "image-file", line: 31, says: "本站"},
	{name: "inline HTML", path: lessonPath, old: "回家说一说。", new: "回家<b>说</b>。", code: "raw-html", line: 35, says: "HTML"},
	{name: "HTML block", path: lessonPath, old: "回家说一说。", new: "<div>\n回家\n</div>", code: "raw-html", line: 35, says: "HTML"},
	{name: "bold that does not close", path: lessonPath, old: "回家说一说。", new: "**注意：**欺凌", code: "emphasis", line: 35, says: "外面"},
	{name: "bold in front matter", path: lessonPath, old: "今天我们学了四个要点。", new: "**“要点”**是什么", code: "emphasis", line: 20, says: "外面"},

	// Wording.
	{name: "forbidden word", path: lessonPath, old: "回家说一说。", new: "送去工读学校。", code: "wording", line: 35, says: "专门学校"},
	{name: "forbidden in a title", path: lessonPath, old: "title: 欺凌的四个要点", new: "title: 关于自杀", code: "wording", line: 2, says: "标题"},
	{name: "word to avoid", path: lessonPath, old: "回家说一说。", new: "不要霸凌。", code: "wording", line: 35, severity: SeverityWarning, says: "学生欺凌"},

	// Registries.
	{name: "no registry", path: lawsPath, old: lawsYAML, code: "data-missing", line: 1, says: "laws.yaml"},
	{name: "registry is not YAML", path: lawsPath, new: "laws: [\n", code: "data-yaml", says: "缩进"},
	{name: "unknown key of a law", path: lawsPath, old: "    issuer: 全国人大常委会", new: "    isuer: 全国人大常委会", code: "data-yaml", line: 8, says: "isuer"},
	{name: "total is text", path: lawsPath, old: "articles_total: 132", new: "articles_total: 很多", code: "data-yaml", line: 12, says: "很多"},
	{name: "law without version", path: lawsPath, old: "    version: 修正案十二\n", code: "law-shape", line: 21, says: "version"},
	{name: "bad law date", path: lawsPath, old: `effective_date: "1997-10-01"`, new: `effective_date: 1997年`, code: "law-date", line: 21, says: "effective_date"},
	{name: "checked too late", path: lawsPath, old: "articles_total: 132\n    checked_on: \"2026-06-03\"", new: "articles_total: 132\n    checked_on: \"2026-07-01\"", code: "law-date", line: 3, says: "2026-06-03"},
	{name: "name twice", path: lawsPath, old: "aliases: []", new: "aliases: [未保法]", code: "law-duplicate", line: 21, says: "未保法"},
	{name: "id twice", path: lawsPath, old: "id: xf", new: "id: wcnrbhf", code: "law-duplicate", line: 21, says: "wcnrbhf"},
	{name: "registered article beyond the last", path: lawsPath, old: `"253之一"`, new: `"999"`, code: "law-article", line: 21, says: "452"},
	{name: "article key in words", path: lawsPath, old: `"253之一"`, new: `第三条`, code: "law-article", line: 21, says: "阿拉伯数字"},
	{name: "gist for parents missing", path: lawsPath, old: ", parent: 保护孩子的信息。", code: "law-gist", line: 21, says: "parent"},
	{name: "article without a count", path: lawsPath, old: "parent: 保护孩子的信息。, paragraphs: 4", new: "parent: 保护孩子的信息。", code: "law-parts", line: 21, severity: SeverityWarning, says: "paragraphs"},
	{name: "renumbering without subject", path: lawsPath, old: "about: 体罚, ", new: "", code: "law-shape", line: 3, says: "about"},
	{name: "recheck passed", path: lawsPath, old: `recheck_by: "2027-06-03"`, new: `recheck_by: "2026-11-22"`, code: "law-recheck", line: 3, severity: SeverityWarning, says: "核对"},
	{name: "card without a number", path: "content/data/card.yaml", new: "school: 一中\nchecked_on: \"2026-11-02\"\nlines:\n  - {role: counsellor, name: 李老师}\n", code: "card", line: 1, says: "电话"},
	{name: "card with an unknown key", path: "content/data/card.yaml", new: "school: 一中\nphone: \"110\"\n", code: "data-yaml", line: 2, says: "phone"},
	{name: "contacts without year", path: "content/data/contacts.yaml", old: "published: \"2018\"\n", code: "contact-source", line: 1, says: "published"},
	{name: "contact without number", path: "content/data/contacts.yaml", old: `printed: "0451", `, code: "contact-shape", line: 4, says: "printed"},
	{name: "contact checked some day", path: "content/data/contacts.yaml", old: `verified_on: ""`, new: `verified_on: "去年"`, code: "contact-date", line: 4, says: "verified_on"},
	{name: "helpline without hours", path: "content/data/helplines.yaml", old: "hours: 24 小时, ", code: "helpline-shape", line: 2, says: "hours"},
	{name: "helpline without source", path: "content/data/helplines.yaml", old: "source: 公知, ", code: "helpline-source", line: 2, says: "12356"},
	{name: "helpline not checked", path: "content/data/helplines.yaml", old: "2026-06-03", code: "helpline-date", line: 2, severity: SeverityWarning, says: "核实"},
	{name: "reading undecided in a story", path: scenarioPath, old: "有人帮忙。", new: "他长得高。", code: "pinyin", line: 20, says: "长"},
	{name: "reading undecided in the title of a story", path: scenarioPath, old: "title: 走廊里", new: "title: 长走廊", code: "pinyin", line: 2, says: "长"},
	{name: "reading undecided in what pupils see of a lesson", path: lessonPath, old: "> [!老师说]", new: "> [!揭示]\n> 小树长高了。\n\n> [!老师说]", code: "pinyin", line: 27, says: "长"},
	{name: "reading undecided in a slip", path: lessonPath, old: "今天记住了什么", new: "长大想做什么", code: "pinyin", line: 17, says: "长"},
	{name: "reading undecided in an option", path: "content/quizzes/basics.md", old: "老师之间", new: "家长之间", code: "pinyin", line: 8, says: "长"},
	{name: "reading undecided in an explanation", path: "content/quizzes/basics.md", old: "CANARY 解析", new: "家长", code: "pinyin", line: 8, says: "长"},
	{name: "cover without description", path: "content/lessons/four-points/cover.svg", new: "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", code: "cover-alt", line: 1, says: "aria-label"},
	{name: "cover with a script", path: "content/lessons/four-points/cover.svg", new: "<svg aria-label=\"图\"><script/></svg>", code: "cover-file", line: 1, says: "脚本"},
	{name: "cover with a link", path: "content/lessons/four-points/cover.svg", new: "<svg aria-label=\"图\"><use href=\"https://a.example/x.svg#a\"/></svg>", code: "cover-file", line: 1, says: "别处"},
	{name: "cover that listens", path: "content/lessons/four-points/cover.svg", new: "<svg aria-label=\"图\" onload=\"alert(1)\"/>", code: "cover-file", line: 1, says: "SVG"},
	{name: "cover that is no drawing", path: "content/lessons/four-points/cover.svg", new: "PNG", code: "cover-file", line: 1, says: "SVG"},
	{name: "empty data file", path: "content/data/lexicon.yaml", new: "# nothing\n", code: "data-shape", line: 1, says: "空"},
	{name: "bad pattern", path: "content/data/wording.yaml", old: "'工读学校'", new: "'工读(学校'", code: "wording-rule", line: 2, says: "RE2"},
	{name: "bad severity", path: "content/data/wording.yaml", old: "severity: warning", new: "severity: hint", code: "wording-rule", line: 4, says: "severity"},
}

// Nobody may dial the emergency numbers to see whether they work.
func TestEmergencyNumbersNeedNoTestCall(t *testing.T) {
	in := sample(map[string]string{"content/data/helplines.yaml": "lines:\n" +
		"  - {number: \"110\", name: 报警, when: 危险, hours: 24 小时, source: 公知, checked_on: \"\"}\n"})
	for _, f := range check(in, CheckOptions{Today: today}) {
		if f.Code == "helpline-date" {
			t.Error(f)
		}
	}
}

func TestCheckNamesEveryMistake(t *testing.T) {
	good := sample(nil)
	for _, test := range badSamples {
		t.Run(test.name, func(t *testing.T) {
			text := test.new
			if test.old != "" {
				before := fileText(t, good, test.path)
				text = strings.Replace(before, test.old, test.new, 1)
				if text == before {
					t.Fatalf("the good file does not hold %q", test.old)
				}
			}
			findings := check(sample(map[string]string{test.path: text}), CheckOptions{Today: today})
			severity := cmp.Or(test.severity, SeverityError)
			at := cmp.Or(test.at, test.path)
			for _, f := range findings {
				if f.Path == at && (test.code == "" || f.Code == test.code) && (test.line == 0 || f.Line == test.line) &&
					f.Severity == severity && strings.Contains(f.Message, test.says) {
					return
				}
			}
			t.Errorf("check found %v, want %s:%d: %s (%s) with %q", findings, at, test.line, test.code, severity, test.says)
		})
	}
}

// bank writes twelve items; item says the text of the right option and its
// place, or no text for true-false.
func bank(item func(i int) (text string, place int)) string {
	out := "---\ntitle: 题库\nsummary: 十二道题。\naudience: [junior]\n---\n"
	for i := range 12 {
		stem := strings.Repeat(string(rune('一'+37*i)), 3) + strings.Repeat(string(rune('一'+37*i+1)), 2)
		out += "\n## " + stem + " {#i" + strconv.Itoa(i) + " level=easy topic=t}\n"
		text, place := item(i)
		if text == "" {
			out += "- [x] 对\n- [ ] 错\n"
		}
		for p := range 4 {
			switch {
			case text == "":
			case p == place:
				out += "- [x] " + text + "\n"
			default:
				out += "- [ ] " + strings.Repeat(string(rune('一'+37*i+2+p)), 4) + "\n"
			}
		}
		out += "\n> 一。二。\n"
	}
	return out
}

// TestOwnExperience tells a question about the reader's life from one about a
// supposed case.
func TestOwnExperience(t *testing.T) {
	for _, asks := range []string{
		"你被人欺负过吗？", "你有没有遇到过欺凌？", "最近有人孤立过你吗？", "你是不是经常被同学嘲笑？", "你被打过几次？", "你欺负过同学吗？",
	} {
		if !ownExperience.MatchString(asks) {
			t.Errorf("%q is let through", asks)
		}
	}
	for _, supposes := range []string{
		"如果你被人欺负了，先找谁？", "小林被同学嘲笑，你可以怎么做？", "看见有人被打，你先做什么？", "要是有人孤立你，可以跟谁说？", "你愿意帮被欺负的同学吗？",
	} {
		if ownExperience.MatchString(supposes) {
			t.Errorf("%q is refused", supposes)
		}
	}
}
