package main

import (
	"fmt"
	"testing"
)

// TestSelfPacedClassInBrowsers: one window, items in any order, a reload, time
// added; then the answers, item by item, and everybody's own result.
func TestSelfPacedClassInBrowsers(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	wall := b.tab(1280, 800)
	wall.media(still)
	wall.open("/host/?quiz=what-is-bullying&items=def-who,def-means-fill,def-times")
	wall.click("自己的步子")
	wall.until(`document.querySelector('[name="timer"]').closest("fieldset").hidden && !document.querySelector("#open-minutes").closest("p").hidden`)
	wall.click("开始")
	wall.until(`/^#\d{6}$/.test(location.hash)`)
	code := value[string](wall, "location.hash.slice(1)")
	one, two := b.tab(390, 844), b.tab(390, 844)
	one.media(still)
	two.media(still)
	one.sit(code, 7)
	two.sit(code, 8)
	wall.until(`document.querySelectorAll(".seats .seat").length > 1`)
	wall.mainStep("开始")
	wall.says("全班一共交了 0 题")
	wall.until(`document.querySelector(".ring-n").textContent.startsWith("19:") || document.querySelector(".ring-n").textContent === "20:00"`)

	// The last item first, without losing what was only chosen.
	one.until(`document.querySelectorAll(".strip-n").length === 3`)
	go3 := `document.querySelectorAll(".strip-n")[2].click() || true`
	value[bool](one, go3)
	one.says("第 3 题")
	one.until(`document.querySelectorAll('input[name="option"]').length > 1`)
	value[bool](one, `document.querySelectorAll('input[name="option"]')[0].click() || true`)
	one.reload()
	one.until(`document.querySelectorAll(".strip-n").length === 3`)
	value[bool](one, go3)
	one.until(`document.querySelectorAll('input[name="option"]:checked').length === 1`)
	one.click("提交")
	one.until(`document.querySelector(".strip-n.strip-done").textContent === "3"`)
	one.says("第 1 题") // on to what is still open
	one.accessible("an item of a self-paced class")
	one.size(390, 844)
	wall.says("全班一共交了 1 题")

	wall.click("加 5 分钟")
	wall.until(`/^2[45]:/.test(document.querySelector(".ring-n").textContent)`)
	wall.accessible("the window of a self-paced class")
	wall.size(1280, 800)
	value[bool](one, `document.querySelectorAll('input[name="option"]')[0].click() || true`)
	one.click("提交")
	one.until(`document.querySelector(".blank-field")`)
	value[bool](one, `(f => { f.value = "报告"; f.dispatchEvent(new Event("input")); return true })(document.querySelector(".blank-field"))`)
	one.click("提交")
	one.says("每一题都交了")
	wall.until(`document.querySelector(".meter-count").innerText.replace(/\s/g, "") === "1/2"`)
	for n := range 2 { // two leaves one out
		value[bool](two, fmt.Sprintf(`document.querySelectorAll(".strip-n")[%d].click() || true`, 2*n))
		two.until(fmt.Sprintf(`document.querySelector(".question-place").textContent.includes("第 %d 题")`, 2*n+1))
		value[bool](two, `document.querySelectorAll('input[name="option"]')[1].click() || true`)
		two.click("提交")
		two.until(fmt.Sprintf(`document.querySelectorAll(".strip-done").length === %d`, n+1))
	}
	wall.mainStep("停止作答")
	two.says("时间到了")
	wall.mainStep("公布答案")
	wall.says("一起看看这些题")
	wall.accessible("how a self-paced class did")
	wall.size(1280, 800)
	wall.mainStep("从第 1 题讲起")
	wall.until(`document.querySelector(".stem") && document.querySelector(".explain")`)
	wall.click("全部题目")
	wall.click("%")
	wall.until(`document.querySelector(".stem")`)
	wall.reload()
	wall.says("一起看看这些题")

	two.says("没有交")
	two.until(`document.querySelectorAll(".strip-right, .strip-wrong").length === 2`)
	two.accessible("the results of a self-paced class")
	value[bool](one, go3)
	one.until(`document.querySelector(".note h1").textContent.startsWith("答对") || document.querySelector(".note h1").textContent.startsWith("这次")`)
	for _, label := range []string{"从第 1 题讲起", "下一题", "结束，看全班成绩"} {
		wall.mainStep(label)
	}
	wall.says("谢谢大家的认真")
	one.says("今天的答题结束了")
}

// TestMoreTimeForASeat: the teacher gives it where nobody sees it; the wall
// and the others hear nothing of it.
func TestMoreTimeForASeat(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	wall := b.tab(1280, 800)
	wall.media(still)
	wall.open(hostPath)
	wall.click("学生设备")
	wall.click("每题一样")
	wall.until(`!document.querySelector("#open-seconds").closest("p").hidden`)
	wall.field("open-seconds", "10")
	wall.until(`!document.querySelector(".open-bonus").hidden`)
	wall.click("开始")
	wall.until(`/^#\d{6}$/.test(location.hash)`)
	code := value[string](wall, "location.hash.slice(1)")
	usual, slow := b.tab(390, 844), b.tab(390, 844)
	usual.media(still)
	slow.media(still)
	usual.sit(code, 7)
	slow.sit(code, 8)
	wall.until(`!document.getElementById("give-time").hidden`)
	value[bool](wall, `document.getElementById("give-time").click() || true`)
	wall.says("同学们看得见这块屏幕吗")
	if seats := value[bool](wall, `!!document.getElementById("extra-seat")`); seats {
		t.Error("seats stand on the wall before the teacher has said that nobody sees it")
	}
	wall.click("同学们看不见，开始设")
	wall.field("extra-seat", "8")
	wall.field("extra-time", "0")
	wall.click("加上")
	wall.until(`document.querySelector(".extra-list li").innerText.includes("8 号")`)
	wall.accessible("more time for a seat")
	wall.size(1280, 800)
	wall.click("回到答题")
	wall.mainStep("开始第一题")
	wall.mainStep("开放作答")
	slow.until(`document.querySelectorAll('input[name="option"]').length > 1 && document.querySelector(".time-left").hidden`)
	usual.says("还有")
	usual.says("时间到了") // after its ten seconds
	wall.says("时间到")
	value[bool](slow, `document.querySelectorAll('input[name="option"]')[0].click() || true`)
	slow.click("提交")
	slow.says("已收到")
	wall.says("公布答案") // closed by itself once that came
}
