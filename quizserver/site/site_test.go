package site

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// today is the day on which the tests check.
var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

const lawsYAML = `checked_on: "2026-06-03"
laws:
  - id: wcnrbhf
    name: 中华人民共和国未成年人保护法
    short: 未成年人保护法
    aliases: [未保法]
    level: 法律
    issuer: 全国人大常委会
    version: 2024-04-26 第二次修正
    effective_date: "2021-06-01"
    status: 现行有效
    articles_total: 132
    checked_on: "2026-06-03"
    recheck_by: "2027-06-03"
    renumbered:
      - {old: "21", now: "27", about: 体罚, words: [体罚]}
      - {old: "39", now: "63", about: 隐私, words: [日记]}
    articles:
      "39": {topic: 防控学生欺凌, child: 学校要管好"欺凌"。, parent: 学校有防控责任。, paragraphs: 3}
      "130": {topic: 定义, child: 什么是欺凌。, parent: 欺凌的定义。, paragraphs: 1, items: 12}
  - id: xf
    name: 中华人民共和国刑法
    short: 刑法
    aliases: []
    level: 法律
    issuer: 全国人民代表大会
    version: 修正案十二
    effective_date: "1997-10-01"
    status: 现行有效
    articles_total: 452
    checked_on: "2026-06-03"
    recheck_by: "2027-06-03"
    articles:
      "253之一": {topic: 个人信息, child: 不能卖别人的信息。, parent: 保护孩子的信息。, paragraphs: 4}
repealed:
  - {name: 婚姻法, now: 民法典婚姻家庭编}
named_only:
  - {name: 学生伤害事故处理办法, note: 以官方文本为准}
`

const wordingYAML = `rules:
  - {pattern: '工读学校', reason: 名称已经不用。, suggest: 专门学校, severity: error, except: ['旧称']}
  - {pattern: '^(title:|#+ ).*自杀', reason: 标题里不出现。, suggest: 换一种说法, severity: error, except: []}
  - {pattern: '霸凌', reason: 用法律里的词。, suggest: 学生欺凌, severity: warning, except: ['“[^”]*霸凌[^”]*”']}
`

const contactsYAML = `source: 方案附表
published: "2018"
offices:
  - {region: 黑龙江省, office: 教育厅, printed: "0451", status: 未核实, verified_on: ""}
`

const helplinesYAML = `lines:
  - {number: "12356", name: 心理援助, when: 危险, hours: 24 小时, source: 公知, checked_on: "2026-06-03"}
`

const goodLesson = `---
title: 欺凌的四个要点
summary: 用四个要点分清欺凌和打闹。
audience: [primary-mid]
topics: [认识欺凌]
form: class-meeting
minutes: 40
prep_minutes: 10
setup: 一块大屏
objectives: {know: [四个要点], feel: [愿意求助], do: [会判断]}
materials: [卡片]
if_disclosed: 先谢谢他，当天报告。
evidence: 没有测量过效果。
quiz: basics
scenario: corridor
question: 什么时候不是玩笑？
exit_slip: [今天记住了什么？]
parent_letter: |
  亲爱的家长，
  今天我们学了四个要点。
---
先看[求助](/help/)。

## 开场 {minutes=10}

> [!老师说]
> 今天我们说**四个要点**，法律写在<law:未保法#130(3)>。

## 练习 {minutes=30}

学校要[立即制止](law:未成年人保护法#39)。见[开头](#开场)，图 ![四格图](four.svg)。

## 延伸 {minutes=5 optional=true}

回家说一说。
`

const goodScenario = `---
title: 走廊里
summary: 看见有人被推，你怎么办。
audience: [primary-mid]
form: scenario
minutes: 15
viewpoint: 旁观的同学
roles: [{name: 小林, note: 旁观}]
debrief: [你会怎么做？]
---
都是虚构的。

## 走廊 {#start}

- [叫老师](#teacher)
- [走开](#leave)

## 老师来了 {#teacher .ending .good}

有人帮忙。

## 走开了 {#leave .ending .back}

[再选一次](#start)
`

const goodQuiz = `---
title: 基础题
summary: 三道小题。
audience: [primary-mid]
use: practice
---

## 欺凌发生在谁之间？ {#who points=10 seconds=30 level=easy topic=definition}
- [ ] 老师之间
- [x] 学生之间

> CANARY 解析。看定义<law:未保法#130>。
`

func page(body string) string {
	return "---\ntitle: 标题\nsummary: 一句话。\naudience: [all]\nreview_by: 2027-06-03\n---\n" + body
}

// sample is a small tree without any finding, with changes put on top. An
// empty text takes a file away.
func sample(changes map[string]string) folders {
	files := map[string]string{
		"content/_index.md":                    page("欢迎。\n"),
		"content/lessons/four-points/index.md": goodLesson,
		"content/lessons/four-points/four.svg": "<svg/>",
		"content/scenarios/corridor/index.md":  goodScenario,
		"content/quizzes/basics.md":            goodQuiz,
		"content/help/_index.md":               page("身边的大人。\n"),
		"content/data/laws.yaml":               lawsYAML,
		"content/data/wording.yaml":            wordingYAML,
		"content/data/contacts.yaml":           contactsYAML,
		"content/data/helplines.yaml":          helplinesYAML,
		"content/data/pinyin.yaml":             "ambiguous: 长\n",
		"themes/sunny/static/files/card.pdf":   "pdf",
		"hugo.toml":                            "title = '阳光校园'",
	}
	maps.Copy(files, changes)
	content, data, root := fstest.MapFS{}, fstest.MapFS{}, fstest.MapFS{}
	for name, text := range files {
		if text == "" {
			continue
		}
		file := &fstest.MapFile{Data: []byte(text)}
		root[name] = file
		if inner, ok := strings.CutPrefix(name, "content/"); ok {
			content[inner] = file
		}
		if inner, ok := strings.CutPrefix(name, "content/data/"); ok {
			data[inner] = file
		}
	}
	return folders{content: content, data: data, root: root}
}

func TestCheckFindsNothingInGoodContent(t *testing.T) {
	for _, f := range check(sample(nil), CheckOptions{Today: today}) {
		t.Error(f)
	}
}

func fileText(t testing.TB, in folders, name string) string {
	t.Helper()
	src, err := fs.ReadFile(in.root, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}
