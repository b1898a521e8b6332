package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// handsOverTo lets another tab, which is at the room's host page, host as well.
func (w *tab) handsOverTo(other *tab) {
	w.t.Helper()
	value[bool](w, `document.getElementById("take-over").click() || true`)
	w.until(`document.querySelector("#claims-way .notice, #claims-way img")`)
	other.click("用这台设备接手")
	w.click("一样，同意")
}

// TestAnotherDeviceHosts: a phone asks, both screens show a number, the
// teacher agrees, and both go on; a slip is taken back; all is deleted.
func TestAnotherDeviceHosts(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	wall := b.tab(1280, 800)
	wall.media(still)
	wall.open(hostPath)
	wall.click("大屏举手")
	wall.click("开始")
	wall.mainStep("开始第一题")
	code := value[string](wall, "location.hash.slice(1)")

	phone := b.tab(360, 740)
	phone.media(still)
	phone.open("/host/#" + code)
	phone.says("这台设备没有主持过这间教室")
	phone.click("用这台设备接手")
	phone.says("请先在大屏上点“换设备”")
	phone.accessible("a device that wants to host")

	value[bool](wall, `document.getElementById("take-over").click() || true`)
	wall.says("换一台设备主持")
	wall.until(`document.querySelector("#claims-way .notice, #claims-way img")`)
	phone.click("用这台设备接手")
	phone.until(`document.querySelector(".claim-number")`)
	number := value[string](phone, `document.querySelector(".claim-number").textContent`)
	wall.until(fmt.Sprintf(`document.querySelector(".claim strong")?.textContent === %q`, number))
	wall.accessible("a device asks")
	wall.click("不是我的")
	phone.says("大屏上没有同意")
	phone.click("用这台设备接手")
	wall.until(fmt.Sprintf(`document.querySelector(".claim strong") && document.querySelector(".claim strong").textContent !== %q`, number))
	wall.click("一样，同意")
	phone.mainStep("开始举手")
	wall.says("停止举手")

	// Others can be sent away; the one that opened the room stays.
	value[bool](wall, `document.getElementById("take-over").click() || true`)
	wall.click("请别的设备退出主持")
	wall.says("别的设备都退出了")
	phone.says("这台设备不再主持这间教室")
	wall.click("回到答题")
	phone.click("再接手")
	phone.says("用这台设备接手")
	wall.handsOverTo(phone)
	phone.until(`!document.getElementById("main-step").hidden`)

	// A slip on either is taken back on the other.
	wall.mainStep("停止举手")
	phone.mainStep("公布答案")
	phone.mainStep("下一题")
	wall.says("第 2 题")
	wall.click("撤回")
	phone.says("第 1 题")
	phone.says("已公布")
	phone.click("结束")
	phone.click("再点一次就结束")
	wall.says("谢谢大家的认真")
	wall.click("撤回结束")
	phone.says("第 1 题")

	wall.click("结束")
	wall.click("再点一次就结束")
	wall.click("立即删除这次的数据")
	wall.until(`[...document.querySelectorAll("button")].some(b => b.textContent.includes("再点一次就删"))`)
	value[bool](wall, `[...document.querySelectorAll("button")].find(b => b.textContent.includes("再点一次就删")).dispatchEvent(new MouseEvent("click", { detail: 2, bubbles: true }))`)
	if status, _ := p.get("/api/rooms/" + code); status != 200 {
		t.Errorf("a double click deletes: %d", status)
	}
	wall.click("再点一次就删")
	wall.says("选一个题库")
	phone.says("没有这间教室了")
	if status, _ := p.get("/api/rooms/" + code); status != 404 {
		t.Errorf("after it was deleted the room answers %d", status)
	}
}

// showsCards gives the page's file field a photo of a table with cards: each a
// seat and how far it is turned.
func (w *tab) showsCards(list string) {
	w.t.Helper()
	value[bool](w, fmt.Sprintf(`(async () => {
		const files = new DataTransfer(), input = document.querySelector("input[type=file]");
		files.items.add(await cards.jpeg(cards.table(%s)));
		input.files = files.files;
		input.dispatchEvent(new Event("change"));
		return true })()`, list))
}

// TestCardsInTheClass: the wall shows the items, the teacher's phone reads the
// cards; a second photo corrects and adds, and all counts at the reveal.
func TestCardsInTheClass(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	wall := b.tab(1920, 1080)
	wall.media(still)
	wall.open(hostPath)
	wall.says("打印纸卡")
	wall.click("纸卡")
	wall.says("用纸卡时，填空、排序、多选和选项多于四个的题")
	wall.click("开始")
	wall.says("把哪个字母转到上面")
	code := value[string](wall, "location.hash.slice(1)")
	phone := b.tab(390, 844)
	phone.media(still)
	phone.open("/host/#" + code)
	wall.handsOverTo(phone)

	wall.mainStep("开始第一题")
	if value[bool](wall, `!document.getElementById("read-cards").hidden`) {
		t.Error("cards can be read before the item is open")
	}
	wall.mainStep("开始举卡")
	phone.click("读卡")
	phone.says("填上全班最后一个座号")
	phone.rendersCards()
	phone.field("cards-last", "5")
	phone.showsCards("[[1, 0], [2, 90], [4, 180]]")
	wall.until(`document.querySelector(".meter-count").innerText.replace(/\s/g, "").startsWith("3")`)
	phone.says("还没读到：3、5")
	phone.accessible("reading cards")
	wall.accessible("cards on the wall")
	wall.size(1920, 1080)
	phone.size(390, 844)
	phone.click("回到题目")
	phone.click("读卡") // what was read before stays
	phone.showsCards("[[1, -90], [3, 0], [5, 0]]")
	phone.says("都读到了")
	phone.showsCards("[[5, 0], [5, 90]]") // two cards of one seat: neither counts
	phone.says("还没读到：5")
	phone.click("清掉重读")
	phone.showsCards("[[5, 0]]")
	phone.says("都读到了")
	if body := value[float64](wall, `parseFloat(getComputedStyle(document.querySelector(".opt-card-text")).fontSize)`); body < 32 {
		t.Errorf("options are %.0f px on a 1080p projector", body)
	}

	wall.reload()
	wall.mainStep("停止读卡")
	phone.showsCards("[[2, 0]]") // held up late, before the reveal
	phone.until(`/有 1 张卡/.test(document.getElementById("live-region").textContent)`)
	phone.click("回到题目")
	phone.mainStep("公布答案") // what was read goes first
	wall.says("为什么")
	wall.until(`[...document.querySelectorAll(".opt-card-count")].reduce((n, e) => n + Number(e.textContent), 0) === 5`)
	// Seats 2, 3 and 5 held up A, 1 held up B and 4 held up C, as they stand on the wall.
	if counts := value[string](wall, `[...document.querySelectorAll(".opt-card-count")].map(e => e.textContent).join()`); counts[:5] != "3,1,1" {
		t.Errorf("counted %s", counts)
	}
	phone.until(`!document.getElementById("cards-dialog").open`)
	phone.says("下一题")
	phone.mainStep("下一题")
	wall.says("第 2 题")
	// An item that no card can answer is talked about.
	for range 5 {
		if value[bool](wall, `document.getElementById("main-step").textContent === "请大家说一说"`) {
			break
		}
		wall.click("跳过")
		wall.until(`document.getElementById("main-step").textContent !== "" && !document.getElementById("main-step").hasAttribute("aria-busy")`)
	}
	wall.mainStep("请大家说一说")
	wall.says("口头说一说")
	if value[bool](wall, `!document.getElementById("read-cards").hidden`) {
		t.Error("cards can be read for an item that they cannot answer")
	}
	wall.click("结束")
	wall.click("再点一次就结束")
	wall.says("全班一共答了 5 次")
}

// TestWordsOfDistressLeadToHelp: a pupil who writes them in a blank sees whom to
// turn to, the wall shows nothing, and the teacher a mark without words.
func TestWordsOfDistressLeadToHelp(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	host := b.tab(1280, 800)
	host.media(still)
	host.open("/host/?quiz=what-is-bullying&items=def-means-fill")
	host.click("学生设备")
	host.click("开始")
	host.until("/^#[0-9]{6}$/.test(location.hash)")
	pupil := b.tab(360, 740)
	pupil.media(still)
	pupil.sit(value[string](host, "location.hash.slice(1)"), 7)
	host.mainStep("开始第一题")
	host.mainStep("开放作答")
	write := func(words string) {
		t.Helper()
		pupil.until(`document.querySelector(".blank-field")`)
		value[bool](pupil, fmt.Sprintf(`(f => { f.value = %q; f.dispatchEvent(new Event("input", { bubbles: true })); return true })(document.querySelector(".blank-field"))`, words))
		pupil.click("提交")
	}
	write("我不想活了")
	pupil.says("现在就告诉一个你信任的大人")
	pupil.until(`document.querySelector('.care-lines a[href="tel:12356"]')`)
	pupil.accessible("whom to turn to")
	host.until(`!document.getElementById("show-care").hidden`)
	if wall := value[string](host, `document.body.innerText`); strings.Contains(wall, "不想活") || strings.Contains(wall, "7 号") {
		t.Errorf("the wall shows %s", wall)
	}
	value[bool](host, `document.getElementById("show-care").click() || true`)
	host.says("先上课") // the wall shows this dialog, too
	host.click("回到答题")
	host.mainStep("停止作答") // the pupil reads on, whatever the class does
	pupil.says("现在就告诉一个你信任的大人")
	host.click("重开")
	pupil.click("接着答题")
	pupil.until(`document.querySelector(".blank-field") && document.querySelector(".blank-field").value === ""`)
	write("报告")
	pupil.says("已收到")
	if kept := value[string](pupil, `JSON.stringify(Object.assign({}, sessionStorage, localStorage))`); strings.Contains(kept, "不想活") {
		t.Errorf("the browser keeps the words: %s", kept)
	}
	host.click("结束")
	host.click("再点一次就结束")
	value[bool](host, `document.getElementById("show-care").click() || true`)
	host.says("今天就单独、安静地找他")
	host.accessible("what to do after class")
}

// TestTeamsOnTheWall: teams say their answers, a tap notes them; a reload keeps
// them, and at the end only the first is named.
func TestTeamsOnTheWall(t *testing.T) {
	t.Parallel()
	p := served(t)
	w := openBrowserOn(t, p.url).tab(1920, 1080)
	w.media(still)
	w.open("/host/?quiz=what-is-bullying&items=def-who,def-elements,def-means-fill")
	w.click("大屏分队")
	w.until(`!document.querySelector("#open-teams").closest("p").hidden`)
	w.field("open-teams", "3")
	w.click("开始")
	w.says("大屏分队，3 队")
	w.mainStep("开始第一题")
	w.mainStep("各队商量")
	tap := func(team, option int) {
		t.Helper()
		value[bool](w, fmt.Sprintf(`document.querySelectorAll(".opt-card")[%d].querySelectorAll(".team-chip")[%d].click() || true`, option, team-1))
	}
	right := value[int](w, `[...document.querySelectorAll(".opt-card-text")].findIndex(e => { const bare = e.cloneNode(true); bare.querySelectorAll("rt").forEach(r => r.remove()); return bare.textContent === "学生和学生之间" })`)
	other := (right + 1) % 4
	tap(1, right)
	tap(2, other)
	tap(3, other)
	tap(3, right) // they have thought again
	w.says("都说了")
	w.accessible("teams")
	w.size(1920, 1080)
	w.reload()
	pressed := `[...document.querySelectorAll(".opt-card")].map(c => [...c.querySelectorAll('.team-chip[aria-pressed="true"]')].map(b => b.textContent).join("")).join()`
	w.until(fmt.Sprintf(`%s.split(",")[%d] === "13" && %s.split(",")[%d] === "2"`, pressed, right, pressed, other))
	if small := value[[]string](w, `[...document.querySelectorAll(".team-chip")].filter(b => Math.min(b.offsetWidth, b.offsetHeight) < 44).map(b => b.textContent)`); len(small) > 0 {
		t.Errorf("too small to hit: %v", small)
	}
	w.mainStep("都记好了")
	w.mainStep("公布答案")
	w.until(`document.querySelector(".opt-card-right .team-chips").innerText.replace(/\D/g, "") === "13"`)
	w.until(`document.querySelector(".verdict").innerText.replace(/\s/g, "") === "2/3队答对"`)
	w.mainStep("下一题")
	w.mainStep("各队商量")
	for option := range value[int](w, `document.querySelectorAll(".opt-card").length`) {
		tap(1, option)
	}
	if multiple := value[bool](w, `document.querySelector(".item-kind").textContent === "可以选几个"`); multiple {
		w.until(`[...document.querySelectorAll('.team-chip[aria-pressed="true"]')].length > 1`)
	}
	w.mainStep("都记好了")
	w.mainStep("公布答案")
	w.mainStep("下一题")
	w.mainStep("请大家说一说")
	w.mainStep("看答案")
	w.mainStep("结束，看全班成绩")
	w.until(`document.querySelectorAll(".top li").length > 0`)
	if names := value[string](w, `[...document.querySelectorAll(".top-name")].map(e => e.textContent).join()`); strings.Contains(names, "2 队") {
		t.Errorf("named at the end: %s", names)
	}
}

// TestHostControlsByKeysAndTouch: whatever the host does besides the main road
// is done without a mouse, by keys as by a finger.
func TestHostControlsByKeysAndTouch(t *testing.T) {
	t.Parallel()
	p := served(t)
	b := openBrowserOn(t, p.url)
	t.Run("keys", func(t *testing.T) {
		t.Parallel()
		w := b.as(t).keyboard(1280, 800)
		controlsBesidesTheMainRoad(w, func(selector string) {
			t.Helper()
			for range 100 {
				if value[bool](w, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
					w.sees()
					w.press(kb.Enter)
					return
				}
				w.press(kb.Tab)
			}
			t.Fatalf("Tab never reached %s", selector)
		})
	})
	t.Run("touch", func(t *testing.T) {
		t.Parallel()
		w := b.as(t).tab(1024, 768)
		w.media(still)
		w.withTouch()
		controlsBesidesTheMainRoad(w, func(selector string) {
			t.Helper()
			w.complains(selector, fmt.Sprintf(`(e => { const r = e.getBoundingClientRect(), top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
				return [!e.contains(top) && "is covered by " + (top || {}).className, Math.min(r.width, r.height) < 44 && "is only " + r.width + "×" + r.height + " px"].filter(Boolean) })(
				document.querySelector(%q))`, selector))
			w.touch(selector)
		})
	})
}

func controlsBesidesTheMainRoad(host *tab, press func(selector string)) {
	host.open(hostPath)
	host.click("学生设备")
	host.click("开始")
	host.until("/^#[0-9]{6}$/.test(location.hash)")
	code := value[string](host, "location.hash.slice(1)")
	pupil := host.tab(360, 740)
	pupil.media(still)
	pupil.sit(code, 7)
	host.says("已入座 1 人")

	// do presses until a button offers something else, since a second press in
	// haste counts as the first.
	do := func(selector, shows string) {
		host.t.Helper()
		host.until(fmt.Sprintf(`document.querySelector(%q)?.offsetParent`, selector))
		for range 20 {
			press(selector)
			if value[bool](host, fmt.Sprintf(`new Promise(done => { const look = n => (%s) ? done(true) : n ? setTimeout(look, 25, n - 1) : done(false); look(40) })`, shows)) {
				return
			}
		}
		host.t.Fatalf("after %s never: %s", selector, shows)
	}
	offers := func(action string) string { return fmt.Sprintf(`document.querySelector('[data-action="%s"]')`, action) }
	main := func(label string) string {
		return fmt.Sprintf(`document.getElementById("main-step").textContent === %q`, label)
	}
	do("#main-step", main("开放作答"))
	do("#main-step", main("停止作答"))
	pupil.until(`document.querySelector("form.question")`)
	do(`[data-action="pause"]`, main("继续作答"))
	pupil.says("老师按了暂停")
	do("#main-step", main("停止作答"))
	pupil.answer(0)
	do("#main-step", main("公布答案"))
	do(`[data-action="reopen"]`, main("停止作答"))
	pupil.until(`document.querySelector("form.question")`)
	do(`[data-action="skip"]`, `document.querySelector('[data-action="skip"]').textContent === "再点一次就跳过"`)
	do(`[data-action="skip"]`, offers("undo"))
	pupil.says("下一题就来")
	host.says("第 2 题，共 6 题")
	do(`[data-action="undo"]`, main("继续作答"))
	host.says("第 1 题，共 6 题")

	do("#show-seats", `document.getElementById("seats-card").open`)
	do(`#seat-list [data-seat="7"]`, `document.querySelector("#seat-list .seat-out")`)
	pupil.says("请先离开这个座位")
	do(`#seat-list [data-seat="7"]`, `document.querySelector("#seat-list .seat-away")`)
	do("#seats-card [data-close]", `!document.getElementById("seats-card").open`)
	pupil.click("重新加入")
	pupil.until(`document.getElementById("code").value !== ""`)
	pupil.click("进入")
	pupil.says("你是几号")
	value[bool](pupil, `document.querySelector('input[name="seat"][value="7"]').click() || true`)
	pupil.click("坐 7 号")
	pupil.says("老师按了暂停")

	do(`[data-action="end"]`, `document.querySelector('[data-action="end"]').textContent === "再点一次就结束"`)
	do(`[data-action="end"]`, `document.querySelector(".end")`)
	pupil.says("今天的答题结束了")
	do(`[data-action="undo"]`, main("继续作答"))
	do("#main-step", main("停止作答"))
	pupil.until(`document.querySelector("form.question")`)
}
