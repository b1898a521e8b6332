package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

const staffPassword = "一二三四五六七八九十"

// addUser makes an account by command, while the program runs.
func addUser(dir, name, role string, more ...string) (string, error) {
	args := append([]string{"user", "add", name, "--role", role, "--password-stdin", "--data", filepath.Join(dir, "data")}, more...)
	add := exec.Command(program, args...)
	add.Stdin = strings.NewReader(staffPassword + "\n")
	out, err := add.CombinedOutput()
	return string(out), err
}

// signIn fills in the form that a page of staff shows.
func (w *tab) signIn(name string) {
	w.t.Helper()
	w.until(`document.querySelector(".start-form input[type=password]")`)
	value[bool](w, fmt.Sprintf(`(f => { f.elements.name.value = %q; f.elements.password.value = %q; f.requestSubmit(); return true })(document.querySelector(".start-form"))`, name, staffPassword))
}

// field writes into a field by its id, as hands do.
func (w *tab) field(id, text string) {
	w.t.Helper()
	value[bool](w, fmt.Sprintf(`(e => { e.value = %q; e.dispatchEvent(new Event("input", { bubbles: true })); e.dispatchEvent(new Event("change", { bubbles: true })); return true })(document.getElementById(%q))`, text, id))
}

// TestLessonHeldIsFiled goes the whole way: an administrator sets up the
// school, a teacher runs a lesson by keys and files it, corrects it, and the
// administrator prints what an inspection asks for.
func TestLessonHeldIsFiled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := addUser(dir, "教务处", "admin"); err != nil {
		t.Fatalf("user add: %v\n%s", err, out)
	}
	p := start(t, dir, "--addr", free(t), "--source", repository(t))
	b := openBrowserOn(t, p.url)

	admin := b.tab(1280, 800)
	admin.media(still)
	admin.open("/staff/overview/")
	admin.signIn("教务处")
	admin.says("还没有学校")
	admin.click("写班级")
	admin.says("先写校名")
	admin.accessible("first school")
	admin.field("organisation-1", "阳光镇小学")
	admin.click("下一步：写班级")
	admin.says("阳光镇小学：0 个班")
	admin.click("加上")
	admin.says("请写年级")
	admin.field("class-grade", "三年级")
	admin.field("class-number", "2")
	value[bool](admin, `document.getElementById("class-number").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })) || true`)
	admin.says("一共 2 个班")
	admin.click("保存班级")
	admin.says("已经保存")
	admin.says("阳光镇小学：2 个班")
	admin.accessible("classes")
	if out, err := addUser(dir, "李老师", "teacher", "--organisation", "阳光镇中学"); err == nil || !strings.Contains(out, "没有叫“阳光镇中学”的单位") {
		t.Errorf("an unknown organisation: %v\n%s", err, out)
	}
	if out, err := addUser(dir, "王老师", "teacher", "--organisation", "阳光镇小学"); err != nil || !strings.Contains(out, "阳光镇小学") {
		t.Fatalf("user add: %v\n%s", err, out)
	}

	w := b.keyboard(1920, 1080)
	w.clockAt("Real.now() - 3600000") // lessons take an hour at most
	w.open("/lessons/four-points/")
	w.click("投屏上课")
	w.at("欺凌的四个要点")
	for minutes := 0; ; minutes += 4 {
		w.on(kb.PageDown)
		if value[bool](w, `!document.getElementById("summary").hidden`) {
			break
		}
		if value[bool](w, `!document.querySelector(".slide-step:not([hidden]) .yet") && !document.querySelector(".slide-step:not([hidden])[data-optional]")`) && minutes < 4*200 {
			w.pass(0.5)
		}
	}
	used := value[string](w, `document.getElementById("summary-words").textContent`)
	w.click("归档上课记录")
	w.says("老师和管理员的账号都可以")
	w.signIn("王老师")
	w.says("刚上完的课")
	w.says("投屏记下的：共 7 步，上了")
	minutes := value[string](w, `document.getElementById("record-minutes").value`)
	if minutes == "" || !strings.Contains(used, "用了 "+minutes+" 分钟") {
		t.Errorf("the summary says %q, the record %q minutes", used, minutes)
	}
	if got := value[string](w, `[...document.querySelectorAll(".record-form select, .record-form input:not([type=date])")].map(e => e.type === "checkbox" ? e.checked : e.value).join()`); got != ",/lessons/four-points/,欺凌的四个要点,class-meeting,"+minutes+",王老师,true" {
		t.Errorf("handed over: %s", got)
	}
	w.media(still)
	w.accessible("a lesson to file")
	w.click("归档")
	w.says("请选班级")
	class := value[string](w, `[...document.getElementById("record-class").options].find(o => o.textContent === "三年级2班").value`)
	w.field("record-class", class)
	w.click("归档")
	w.says("已经归档：三年级2班，欺凌的四个要点")
	w.says("这学期归档的，1 条")

	// The same once more is pointed out; a lesson of one's own needs a title.
	w.field("record-class", class)
	w.says("已经记过这节课了")
	w.field("record-lesson", "own")
	w.field("record-title", "")
	w.click("归档")
	w.says("课题要写")
	w.field("record-title", "班里的约定")
	w.field("record-minutes", "四十")
	w.click("归档")
	w.says("请写 1 到 240")
	w.field("record-minutes", "20")
	value[bool](w, `document.querySelector("[name=meeting]").click() || true`)
	w.click("归档")
	w.says("这学期归档的，2 条")
	w.says("不算主题班会")
	w.accessible("filed lessons")

	// It is there after a reload, is corrected and taken back.
	w.reload()
	w.says("这学期归档的，2 条")
	value[bool](w, `[...document.querySelectorAll(".record-list button")].find(b => b.getAttribute("aria-label") === "更正 三年级2班 欺凌的四个要点").click() || true`)
	w.says("更正这一条")
	w.field("record-minutes", "39")
	w.click("归档")
	w.says("主题班会 · 39 分钟")
	w.says("更正 " + time.Now().Format(time.DateOnly))
	value[bool](w, `(window.print = () => {}, [...document.querySelectorAll(".record-list button")].find(b => b.getAttribute("aria-label") === "打印 三年级2班 欺凌的四个要点").click(), true)`)
	w.until(`/三年级2班/.test(document.getElementById("one-record").textContent)`)
	if steps := value[int](w, `document.querySelectorAll("#one-record thead + tbody tr").length`); steps != 7 {
		t.Errorf("the record on paper has %d steps", steps)
	}
	w.atMost(1, "record")

	// What was being corrected does not go into the next record.
	value[bool](w, `[...document.querySelectorAll(".record-list button")].find(b => b.getAttribute("aria-label") === "更正 三年级2班 班里的约定").click() || true`)
	w.says("更正这一条")
	w.click("不改了")
	if got := value[string](w, `["record-lesson", "record-minutes", "record-teacher"].map(id => document.getElementById(id).value).join() + document.querySelector("[name=meeting]").checked`); got != ",,王老师true" {
		t.Errorf("after a correction that was given up the form holds %s", got)
	}
	value[bool](w, `(window.confirm = () => true, [...document.querySelectorAll(".record-list button")].find(b => b.getAttribute("aria-label") === "删除 三年级2班 班里的约定").click(), true)`)
	w.says("这学期归档的，1 条")

	admin.open("/staff/overview/")
	admin.until(`[...document.querySelectorAll(".figure dd")].map(e => e.textContent).join() === "4,1,3"`)
	admin.says("缺 2")
	admin.accessible("overview")
	admin.print("打印督导台账")
	ledger := value[string](admin, `document.getElementById("ledger").textContent`)
	for _, word := range []string{"阳光镇小学", "应开 4 次，已开 1 次，缺 3 次", "三年级2班", "欺凌的四个要点", "39", "王老师", "不是官方表格"} {
		if !strings.Contains(ledger, word) {
			t.Errorf("the ledger lacks %q: %s", word, ledger)
		}
	}
	admin.atMost(1, "ledger")
	admin.print("打印自检自查表")
	row := value[string](admin, `[...document.querySelectorAll("#self-check tr")].find(tr => /每班上过/.test(tr.textContent)).textContent`)
	for _, word := range []string{"□有 ☑缺", "应开 4，已开 1，缺 3", "三年级1班缺 2", "三年级2班缺 1"} {
		if !strings.Contains(row, word) {
			t.Errorf("self-inspection lacks %q: %s", word, row)
		}
	}
	if head := value[string](admin, `document.getElementById("self-check").textContent`); !strings.Contains(head, "学校：阳光镇小学") || !strings.Contains(head, fmt.Sprint(time.Now().Year())) {
		t.Errorf("self-inspection is headed %.80s", head)
	}
	admin.atMost(1, "self-inspection")
	value[bool](admin, `(window.saved = "", HTMLAnchorElement.prototype.click = function () { window.saved = this.download }, true)`)
	value[bool](admin, `[...document.querySelectorAll("button")].find(b => b.textContent === "下载 Excel").click() || true`)
	admin.until(`window.saved.endsWith("开课情况.xlsx")`)

	// What the class period left is kept until it is filed, also where one has to choose the school first.
	value[bool](admin, `sessionStorage.setItem("sunny.held", JSON.stringify({ lesson: "/lessons/four-points/", title: "欺凌的四个要点", form: "class-meeting",
		held_on: "`+time.Now().Format(time.DateOnly)+`", minutes: 33, steps: [] })) || true`)

	// The county comes above; its school stays what it was.
	admin.open("/staff/classes/")
	admin.says("还要管别的学校")
	value[bool](admin, `(d => { d.open = true; return true })([...document.querySelectorAll("details")].pop())`)
	admin.field("organisation-1", "阳光镇中学")
	value[bool](admin, `document.getElementById("organisation-1").form.requestSubmit() || true`)
	admin.says("阳光镇中学：0 个班")
	admin.open("/staff/overview/")
	admin.says("全部单位")
	admin.click("阳光镇小学")
	admin.until(`document.querySelectorAll(".figure dd")[1]?.textContent === "1"`)
	admin.open("/staff/records/")
	admin.click("阳光镇小学")
	admin.says("刚上完的课")
	admin.says("这学期归档的，1 条")
	value[bool](admin, `[...document.querySelectorAll(".record-list button")].find(b => b.getAttribute("aria-label") === "更正 三年级2班 欺凌的四个要点").click() || true`)
	admin.says("更正这一条")
	admin.click("归档")
	admin.says("刚上完的课") // a correction does not use it up
	if minutes := value[string](admin, `document.getElementById("record-minutes").value`); minutes != "33" {
		t.Errorf("the lesson that waits has %s minutes", minutes)
	}
	admin.open("/staff/overview/?organisation=nowhere")
	admin.says("您的账号看不到它")
	w.open("/staff/overview/")
	w.until(`document.querySelectorAll(".figure dd")[1]?.textContent === "1"`)
	w.open("/staff/classes/")
	w.says("阳光镇小学：2 个班")
	if value[bool](w, `Boolean(document.querySelector("#classes .class-rows input"))`) {
		t.Error("a teacher may write classes")
	}
	w.click("退出登录")
	w.until(`document.querySelector(".start-form")`)
	if out, err := addUser(dir, "新老师", "teacher"); err == nil || !strings.Contains(out, "--organisation") {
		t.Errorf("an account of no school among two: %v\n%s", err, out)
	}
	move := exec.Command(program, "user", "move", "王老师", "--organisation", "阳光镇中学", "--data", filepath.Join(dir, "data"))
	if out, err := move.CombinedOutput(); err != nil {
		t.Errorf("user move: %v\n%s", err, out)
	}
	w.open("/staff/overview/")
	w.signIn("王老师")
	w.says("这个学年还没有写班级")
}
