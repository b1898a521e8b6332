// /staff/records/: a teacher files a lesson that was held.
import { h, fill, redraw, byId, readFrom, sentence, whileBusy } from "./lib/dom.js";
import { api } from "./lib/api.js";
import { loadForStaff } from "./lib/staff.js";
import { asked, here, noClasses, query, scopeBar } from "./lib/scope.js";
import { heldLesson, forgetLesson } from "./lib/lesson.js";
import { day, token } from "./lib/ids.js";

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
    this.form = root.querySelector("form");
    /** @type {LessonRecord[]} */
    this.records = [];
    this.start();
    this.load();
  }

  start() {
    const form = this.form;
    if (!form) return;
    const lesson = this.select("lesson");
    for (const k of this.o.classes) this.select("class").append(h("option", { value: k.id }, k.name));
    const date = this.input("held_on");
    const today = day(new Date());
    date.min = this.o.term.from;
    date.max = today < this.o.term.to ? today : this.o.term.to;
    this.input("teacher").value = this.o.who;
    lesson.addEventListener("change", () => this.choose());
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
    const held = heldLesson();
    if (held && !asked("term")) this.take(held);
  }

  /** An empty form. */
  fresh() {
    this.id = token();
    /** @type {HeldStep[]} */
    this.steps = [];
    this.editing = false;
    fill(this.part("title"), "记一节课");
    this.part("steps").hidden = true;
    this.part("cancel").hidden = true;
    fill(this.part("error"));
    this.select("class").value = "";
    if (!this.input("held_on").value) this.input("held_on").value = this.input("held_on").max;
    this.ownTitle();
    this.twin();
  }

  /** What the projected lesson hands over. @param {HeldLesson} held */
  take(held) {
    this.put(held);
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
    this.ownTitle();
  }

  /** A lesson brings its form and its time. */
  choose() {
    const lesson = this.select("lesson");
    const option = lesson.selectedOptions[0];
    this.steps = []; // those of another lesson
    this.part("steps").hidden = true;
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
    const body = { class: this.select("class").value, held_on: this.input("held_on").value, lesson: this.select("lesson").value.replace("own", ""), title: this.input("title").value,
      form: this.select("form").value, meeting: this.input("meeting").checked, minutes: Number.isInteger(minutes) ? minutes : 0, steps: this.steps,
      teacher: this.input("teacher").value };
    try {
      if (!body.class) throw new Error("请选班级。");
      if (!this.select("lesson").value) throw new Error("请选上的是什么。");
      /** @type {LessonRecord} */
      const r = await api("/staff/records/" + this.id, { method: "PUT", body });
      forgetLesson();
      this.fresh();
      fill(done, `已经归档：${r.class.name}，${r.title}，${r.held_on}。要记别的班，接着选。`);
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
    const names = new Map(Array.from(this.form ? this.select("form").options : [], (f) => [f.value, f.textContent]));
    const mine = this.records.slice().reverse();
    fill(this.list, h("h2", { id: "filed-title" }, `本学期归档的，${mine.length} 条`),
      mine.length ? h("ul", { class: "record-list" }, ...mine.map((r) => this.row(r, names.get(r.form) || ""))) : h("p", { class: "muted" }, "还没有。"),
      h("p", { class: "btn-row" }, h("a", { class: "btn", href: "/staff/overview/" + query(this.o.organisation.id, this.o.term.id) }, "看开课情况、导出、打印")));
    if (this.form) this.twin();
  }

  /** @param {LessonRecord} r @param {string} form */
  row(r, form) {
    const held = r.steps.filter((s) => s.held).length;
    return h("li", null, h("div", null, h("b", null, `${r.class.name}　${r.title}`),
      h("span", { class: "muted small" }, [r.held_on, form, `${r.minutes} 分钟`, held && `上了 ${held} 步`, r.teacher, !r.meeting && "不算主题班会", r.late && "补记"].filter(Boolean).join(" · "))),
      r.mine && this.form ? h("p", { class: "btn-row" },
        h("button", { class: "btn btn-small", type: "button", "aria-label": `更正 ${r.class.name} ${r.title}`, click: () => this.edit(r) }, "更正"),
        h("button", { class: "btn btn-small", type: "button", "aria-label": `删除 ${r.class.name} ${r.title}`, click: () => this.remove(r) }, "删除")) : null);
  }

  /** @param {LessonRecord} r */
  edit(r) {
    this.fresh();
    this.id = r.id;
    this.editing = true;
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
      if (this.id === r.id) this.fresh();
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
