// /staff/records/: a teacher files a lesson that was held.
import { h, fill, redraw, byId, readFrom, sentence, whileBusy } from "./lib/dom.js";
import { api } from "./lib/api.js";
import { loadForStaff } from "./lib/staff.js";
import { here, noClasses, query, scopeBar } from "./lib/scope.js";
import { heldLesson, forgetLesson } from "./lib/lesson.js";
import { day, token } from "./lib/ids.js";
import { remark, stepsHeld } from "./lib/held.js";
import { printPart } from "../reading/print.js";

const root = byId("staff-records");
loadForStaff(root, "/staff/overview" + here(), show, "老师和管理员的账号都可以。");

/** @param {Overview} o */
async function show(o) {
  if (o.organisation.kind === "office") {
    redraw(root, scopeBar(o), o.units.length ? choose(o) : noClasses(o));
  } else if (!o.classes.length) {
    redraw(root, scopeBar(o), noClasses(o));
  } else {
    new Filing(o);
  }
}

/** @param {Overview} o */
function choose(o) {
  return h("section", { class: "card start-card" }, h("h2", null, "给哪一所记"), h("ul", { class: "unit-list" },
    ...o.units.map((u) => h("li", null, h("a", { href: query(u.id, o.term.id) }, u.name)))));
}

class Filing {
  /** @param {Overview} o */
  constructor(o) {
    this.o = o;
    const template = /** @type {HTMLTemplateElement} */ (byId("record-form"));
    this.list = h("section", { "aria-labelledby": "filed-title" });
    redraw(root, scopeBar(o), o.may_file ? document.importNode(template.content, true) : h("p", { class: "notice" }, "这个账号只能看，不能记。"), this.list);
    this.form = /** @type {HTMLFormElement | null} */ (root.querySelector("form.record-form"));
    /** @type {LessonRecord[]} */
    this.records = [];
    this.id = "";
    this.seen = 0; // of a record that is corrected
    this.path = ""; // of its lesson, should the site have it no longer
    /** @type {HeldStep[]} */
    this.steps = [];
    this.heldId = ""; // under which the projected lesson is filed
    this.start();
    this.load();
  }

  start() {
    const form = this.form;
    if (!form) return;
    for (const k of this.o.classes) this.select("class").append(h("option", { value: k.id }, k.name));
    const date = this.input("held_on");
    date.min = this.o.term.from;
    date.max = day(new Date()) < this.o.term.to ? day(new Date()) : this.o.term.to;
    this.select("lesson").addEventListener("change", () => this.choose());
    form.addEventListener("input", () => this.twin());
    form.addEventListener("change", () => this.twin());
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      whileBusy(/** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]")), () => this.save());
    });
    this.part("cancel").addEventListener("click", () => {
      this.fresh();
      readFrom(form);
    });
    this.fresh();
  }

  /** An empty form, or the lesson that comes from the projector and is not filed yet. */
  fresh() {
    /** @type {any} */ (this.form).reset();
    this.input("teacher").value = this.o.who;
    const today = day(new Date());
    this.input("held_on").value = today >= this.o.term.from && today <= this.o.term.to ? today : ""; // of a term that is over nobody knows
    this.next();
    const held = heldLesson();
    if (held && held.held_on >= this.o.term.from && held.held_on <= this.o.term.to) this.take(held);
  }

  /** Another record of the same: only the class is another. */
  next() {
    this.id = token();
    this.seen = 0;
    this.path = "";
    this.steps = [];
    fill(this.part("title"), "记一节课");
    this.part("steps").hidden = true;
    this.part("cancel").hidden = true;
    fill(this.part("error"));
    this.select("class").value = "";
    this.ownTitle();
    this.twin();
  }

  /** What the projected lesson hands over. @param {HeldLesson} held */
  take(held) {
    this.put(held);
    this.heldId = this.id;
    this.input("meeting").checked = true;
    fill(this.part("title"), "刚上完的课");
    const taught = held.steps.filter((s) => s.held).length;
    fill(this.part("steps"), `投屏记下的：共 ${held.steps.length} 步，上了 ${taught} 步，用了 ${held.minutes} 分钟。选上班级，就可以归档。`);
    this.part("steps").hidden = false;
  }

  /** @param {HeldLesson} held */
  put(held) {
    const lesson = this.select("lesson");
    lesson.value = held.lesson;
    if (!lesson.value) lesson.value = "own"; // not of the site, or no longer
    this.input("title").value = held.title;
    this.select("form").value = held.form;
    this.input("minutes").value = String(held.minutes || "");
    this.input("held_on").value = held.held_on;
    this.steps = held.steps;
    this.path = held.lesson;
    this.ownTitle();
  }

  /** A lesson brings its form and its time. */
  choose() {
    const lesson = this.select("lesson");
    const option = lesson.selectedOptions[0];
    this.steps = []; // those of another lesson
    this.path = "";
    this.part("steps").hidden = true;
    this.input("meeting").checked = true;
    if (option && !option.dataset.form) this.input("title").value = "";
    if (option && option.dataset.form) {
      this.select("form").value = option.dataset.form;
      if (option.dataset.minutes) this.input("minutes").value = option.dataset.minutes;
      this.input("meeting").checked = option.value.startsWith("/lessons/");
    }
    this.ownTitle();
  }

  ownTitle() {
    const option = this.select("lesson").selectedOptions[0];
    this.part("own-title").hidden = !option || option.value !== "own";
    if (option && option.dataset.form) this.input("title").value = option.textContent || "";
  }

  /** Says so where this would be the second record of one lesson. */
  twin() {
    const [k, on, title] = [this.select("class").value, this.input("held_on").value, this.input("title").value.trim()];
    this.part("twin").hidden = !this.records.some((r) => r.id !== this.id && r.class.id === k && r.held_on === on && r.title === title);
  }

  async save() {
    const error = this.part("error");
    const done = this.part("done");
    fill(error);
    fill(done);
    const minutes = Number(this.input("minutes").value);
    const lesson = this.select("lesson").value;
    const body = { class: this.select("class").value, held_on: this.input("held_on").value, lesson: lesson === "own" ? this.path : lesson, title: this.input("title").value,
      form: this.select("form").value, meeting: this.input("meeting").checked, minutes: Number.isInteger(minutes) ? minutes : 0, steps: this.steps,
      teacher: this.input("teacher").value, seen: this.seen };
    try {
      if (!body.class) throw new Error("请选班级。");
      if (!lesson) throw new Error("请选上的是什么。");
      /** @type {LessonRecord} */
      const r = await api("/staff/records/" + this.id, { method: "PUT", body });
      if (this.id === this.heldId) forgetLesson();
      const corrected = this.seen > 0;
      if (corrected) this.fresh();
      else this.next();
      const elsewhere = r.term === this.o.term.id ? "" : "它在另一个学期里，在上面换学期能看到。";
      fill(done, `已经归档：${r.class.name}，${r.title}，${r.held_on}。${elsewhere}${corrected ? "" : "要记别的班，接着选。"}用的是教室的电脑，记完请退出登录。`);
      await this.load();
    } catch (err) {
      fill(error, sentence(err));
    }
  }

  async load() {
    try {
      this.records = (await api("/staff/records" + query(this.o.organisation.id, this.o.term.id))).records;
    } catch (err) {
      fill(this.list, h("p", { class: "form-error", role: "alert" }, sentence(err)));
      return;
    }
    const template = /** @type {HTMLTemplateElement} */ (byId("record-form")).content;
    const names = new Map(Array.from(/** @type {HTMLSelectElement} */ (template.querySelector("[name=form]")).options, (f) => [f.value, f.textContent]));
    const newest = this.records.slice().reverse();
    fill(this.list, h("h2", { id: "filed-title" }, `这学期归档的，${newest.length} 条`),
      newest.length ? h("ul", { class: "record-list" }, ...newest.map((r) => this.row(r, names.get(r.form) || ""))) : h("p", { class: "muted" }, "还没有。"),
      h("p", { class: "btn-row" }, h("a", { class: "btn", href: "/staff/overview/" + query(this.o.organisation.id, this.o.term.id) }, "看开课情况、导出、打印")));
    if (this.form) this.twin();
  }

  /** @param {LessonRecord} r @param {string} form */
  row(r, form) {
    const name = `${r.class.name} ${r.title}`;
    const button = (/** @type {string} */ label, /** @type {() => void} */ click) => h("button", { class: "btn btn-small", type: "button", "aria-label": `${label} ${name}`, click }, label);
    return h("li", null, h("div", null, h("b", null, `${r.class.name}　${r.title}`),
      h("span", { class: "muted small" }, [r.held_on, form, `${r.minutes} 分钟`, r.steps.length && `上了 ${stepsHeld(r)} 步`, r.teacher, !r.meeting && "不算主题班会", remark(r)].filter(Boolean).join(" · "))),
      h("p", { class: "btn-row" }, button("打印", () => this.print(r, form)), r.may_change && this.form && button("更正", () => this.edit(r)), r.may_change && this.form && button("删除", () => this.remove(r))));
  }

  /** One record on paper, with its steps. @param {LessonRecord} r @param {string} form */
  print(r, form) {
    fill(byId("one-record"), h("h1", null, "上课记录"), h("p", null, this.o.organisation.name),
      h("table", null, h("tbody", null, ...[["班级", r.class.name], ["课题", r.title], ["日期", r.held_on], ["形式", form + (r.meeting ? "（算一次主题班会）" : "")], ["时间", r.minutes + " 分钟"], ["老师", r.teacher],
        ["归档", [r.filed_by, r.filed_on, remark(r)].filter(Boolean).join("，")]].map(([name, value]) => h("tr", null, h("th", { scope: "row" }, name), h("td", null, value))))),
      r.steps.length ? h("table", null, h("thead", null, h("tr", null, ...["步骤", "计划", "用了"].map((c) => h("th", { scope: "col" }, c)))),
        h("tbody", null, ...r.steps.map((s, i) => h("tr", null, h("td", null, `${i + 1}. ${s.title}`), h("td", null, s.planned ? s.planned + " 分" : "—"), h("td", null, s.held ? s.used + " 分" : "没有上"))))) : null,
      h("p", { class: "ledger-sign" }, h("span", null, "老师＿＿＿＿＿＿"), h("span", null, "负责人＿＿＿＿＿＿")), h("p", { class: "small" }, "里面没有学生的任何信息。"));
    printPart("one-record");
  }

  /** @param {LessonRecord} r */
  edit(r) {
    this.next();
    this.id = r.id;
    this.seen = r.changed_at;
    this.put(r);
    this.select("class").value = r.class.id;
    this.input("teacher").value = r.teacher;
    this.input("meeting").checked = r.meeting;
    fill(this.part("title"), "更正这一条");
    fill(this.part("done"));
    this.part("cancel").hidden = false;
    this.twin();
    readFrom(/** @type {HTMLFormElement} */ (this.form));
  }

  /** @param {LessonRecord} r */
  async remove(r) {
    if (!confirm(`删掉 ${r.class.name} ${r.held_on} 的这条记录？删了就没有了。`)) return;
    try {
      await api("/staff/records/" + r.id, { method: "DELETE" });
      if (this.id === r.id) this.fresh(); // it was being corrected
      await this.load();
      readFrom(this.list);
    } catch (err) {
      fill(this.part("error"), sentence(err));
    }
  }

  /** @param {string} name @returns {HTMLInputElement} */
  input(name) {
    return /** @type {any} */ (this.form).elements[name];
  }

  /** @param {string} name @returns {HTMLSelectElement} */
  select(name) {
    return /** @type {any} */ (this.form).elements[name];
  }

  /** @param {string} name @returns {HTMLElement} */
  part(name) {
    return /** @type {any} */ (this.form).querySelector(`[data-${name}]`);
  }
}
