// /staff/classes/: which classes a school has, once in a school year.
import { h, fill, redraw, byId, readFrom, sentence, whileBusy } from "./lib/dom.js";
import { api } from "./lib/api.js";
import { loadForStaff, signedInAs } from "./lib/staff.js";
import { asked, query } from "./lib/scope.js";

/**
 * @typedef {object} Tree
 * @property {Organisation[]} organisations
 * @property {string} root
 * @property {string} who
 * @property {boolean} may_manage
 * @property {number} year
 * @property {{year: number, name: string}[]} years
 * @property {string} school
 */
/** @typedef {{year: number, version: string, classes: Named[], last_year: string[]}} Classes */

const GRADES = ["一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级", "高一", "高二", "高三", "中职一年级", "中职二年级", "中职三年级"];
const root = byId("staff-classes");
loadForStaff(root, "/staff/organisations", show, "管理员可以改，别的账号只能看。");

/** @param {Tree} tree */
function show(tree) {
  const known = new Set(tree.organisations.map((o) => o.id));
  const tops = tree.organisations.filter((o) => !known.has(o.parent));
  const at = tree.organisations.find((o) => o.id === asked("organisation")) || (tops.length === 1 ? tops[0] : undefined);
  const who = signedInAs(tree.who);
  if (!tree.organisations.length) {
    redraw(root, who, tree.may_manage ? first(tree) : h("p", { class: "notice" }, "还没有学校，请管理员来加。"));
  } else if (at && at.kind === "school") {
    redraw(root, who, ...up(tree, at), h("section", { class: "card start-card", id: "classes" }), settings(tree, at), tree.may_manage && tree.organisations.length === 1 && tree.root === "" && more());
    new ClassList(tree, at);
  } else {
    const below = at ? tree.organisations.filter((o) => o.parent === at.id) : tops;
    redraw(root, who, ...(at ? up(tree, at) : []), units(at ? at.name : "全部单位", below), tree.may_manage && (at || tree.root === "") && add(tree, at ? at.id : ""),
      at && tree.may_manage && settings(tree, at));
  }
}

/** @param {Tree} tree @param {Organisation} o */
function up(tree, o) {
  const parent = tree.organisations.find((p) => p.id === o.parent);
  const above = parent || (tree.organisations.filter((p) => !p.parent).length > 1 ? { id: "", name: "全部单位" } : null);
  return above ? [h("p", { class: "scope-above" }, h("a", { href: location.pathname + query(above.id, "") }, above.name))] : [];
}

/** @param {string} name @param {Organisation[]} below */
function units(name, below) {
  return h("section", { class: "card start-card" }, h("h2", null, name), below.length
    ? h("ul", { class: "unit-list" }, ...below.map((o) => h("li", null, h("a", { href: query(o.id, "") }, o.name), o.kind === "office" && h("span", { class: "muted small" }, "主管单位"))))
    : h("p", { class: "muted" }, "下面还没有学校。"));
}

/** The first organisation: mostly the one school. @param {Tree} tree */
function first(tree) {
  return h("section", { class: "card start-card" }, h("h2", null, "先写校名"), organisationForm({ parent: "", kind: "school", name: tree.school, label: "学校名称", go: "下一步：写班级" }),
    h("details", null, h("summary", null, "我是教育局，要管几所学校"), organisationForm({ parent: "", kind: "office", name: "", label: "单位名称", go: "下一步：加学校" })));
}

/** Where one school has become several. */
function more() {
  return h("details", { class: "start-card" }, h("summary", null, "还要管别的学校"), organisationForm({ parent: "", kind: "school", name: "", label: "另一所学校的名称", go: "加上" }));
}

/** @param {Tree} tree @param {string} parent */
function add(tree, parent) {
  return h("section", { class: "card start-card" }, h("h2", null, "加一个"), organisationForm({ parent, kind: "school", name: "", label: "学校名称", go: "加一所学校" }),
    h("details", null, h("summary", null, "加一个下级主管单位"), organisationForm({ parent, kind: "office", name: "", label: "单位名称", go: "加上" })));
}

let forms = 0;

/** @param {{parent: string, kind: string, name: string, label: string, go: string}} of */
function organisationForm({ parent, kind, name, label, go }) {
  const id = "organisation-" + ++forms;
  const input = h("input", { id, maxlength: 60, required: true, autocomplete: "off", value: name });
  const error = h("p", { class: "form-error", role: "alert" });
  const button = h("button", { class: "btn btn-primary", type: "submit" }, go);
  const form = h("form", { class: "start-form", novalidate: true }, h("p", { class: "field" }, h("label", { for: id }, label), input), error, button);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    whileBusy(button, async () => {
      fill(error);
      try {
        const made = await api("/staff/organisations", { body: { parent, kind, name: input.value } });
        location.search = query(made.id, "");
      } catch (err) {
        fill(error, sentence(err));
      }
    });
  });
  return form;
}

/** Its name and what is due. @param {Tree} tree @param {Organisation} o */
function settings(tree, o) {
  if (!tree.may_manage) return null;
  const school = o.kind === "school";
  const name = h("input", { id: "own-name", maxlength: 60, value: o.name, autocomplete: "off" });
  const above = tree.root === o.id && o.parent !== ""; // an office above says how many are due
  const meetings = h("input", { id: "own-meetings", type: "number", inputmode: "numeric", min: 0, max: 20, value: o.meetings, disabled: above });
  const note = h("p", { role: "status" });
  const error = h("p", { class: "form-error", role: "alert" });
  const save = h("button", { class: "btn", type: "submit" }, "保存");
  const remove = h("button", { class: "btn btn-quiet", type: "button", click: async () => {
    if (!confirm(`删掉“${o.name}”？`)) return;
    try {
      await api("/staff/organisations/" + o.id, { method: "DELETE" });
      location.search = query(o.parent, "");
    } catch (err) {
      fill(error, sentence(err));
    }
  } }, "删掉这个单位");
  const form = h("form", { class: "card start-card", novalidate: true }, h("h2", null, o.name), h("div", { class: "card-row" },
    h("p", { class: "field" }, h("label", { for: "own-name" }, "名称"), name),
    school && h("p", { class: "field" }, h("label", { for: "own-meetings" }, "每班每学期应开几次主题班会"), meetings,
      h("span", { class: "hint" }, above ? "由上级单位定。" : "教育部办公厅 2024 年的专项通知提到至少两次，以官方文本为准；上级另有要求的，照上级的写。改了，从这学期起算，过去的学期不变。"))),
    error, h("p", { class: "btn-row" }, save, tree.root !== o.id && remove), note);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    whileBusy(save, async () => {
      fill(error);
      fill(note);
      try {
        const due = Number(meetings.value);
        const saved = await api("/staff/organisations/" + o.id, { method: "PUT", body: { name: name.value, meetings: Number.isInteger(due) && meetings.value !== "" ? due : -1 } });
        fill(/** @type {HTMLElement} */ (form.querySelector("h2")), saved.name);
        fill(note, "已经保存。");
      } catch (err) {
        fill(error, sentence(err));
      }
    });
  });
  return form;
}

class ClassList {
  /** @param {Tree} tree @param {Organisation} school */
  constructor(tree, school) {
    this.tree = tree;
    this.school = school;
    this.box = byId("classes");
    this.year = tree.years.some((y) => String(y.year) === asked("year")) ? Number(asked("year")) : tree.year;
    this.load();
  }

  get path() {
    return `/staff/organisations/${this.school.id}/classes?year=${this.year}`;
  }

  async load() {
    try {
      this.draw(await api(this.path));
    } catch (err) {
      fill(this.box, h("h2", null, "班级"), h("p", { class: "form-error", role: "alert" }, sentence(err)));
    }
  }

  /** @param {Classes} was */
  draw(was) {
    const years = h("select", { id: "class-year", name: "year" }, ...this.tree.years.map((y) => h("option", { value: y.year, selected: y.year === this.year }, y.name)));
    const title = h("h2", null, `${this.school.name}：${was.classes.length} 个班`);
    const head = h("form", { class: "scope-term" }, h("input", { type: "hidden", name: "organisation", value: this.school.id }),
      h("p", { class: "field" }, h("label", { for: "class-year" }, "学年"), years), h("button", { class: "btn", type: "submit" }, "看"));
    if (!this.tree.may_manage) {
      fill(this.box, title, head, h("ul", { class: "unit-list" }, ...was.classes.map((k) => h("li", null, k.name))));
      return;
    }
    const rows = h("ul", { class: "class-rows" }, ...was.classes.map((k) => this.row(k)));
    const error = h("p", { class: "form-error", role: "alert" });
    const note = h("p", { role: "status" });
    const save = h("button", { class: "btn btn-primary", type: "submit" }, "保存班级");
    const grade = h("input", { id: "class-grade", list: "class-grades", maxlength: 20, autocomplete: "off" });
    const number = h("input", { id: "class-number", type: "number", inputmode: "numeric", min: 1, max: 40, value: 4 });
    const several = h("button", { class: "btn", type: "button", click: () => {
      const name = grade.value.trim();
      const n = Number(number.value);
      fill(error);
      if (!name || !(n >= 1 && n <= 40)) {
        fill(error, "请写年级，和这个年级有几个班。");
        return;
      }
      const there = new Set(this.names(rows));
      for (let i = 1; i <= n; i++) if (!there.has(`${name}${i}班`)) rows.append(this.row({ id: "", name: `${name}${i}班` }));
      fill(note, `加上了，一共 ${this.names(rows).length} 个班。还没有保存。`);
      grade.value = "";
      grade.focus();
    } }, "加上");
    const form = h("form", { novalidate: true },
      was.last_year.length ? h("p", { class: "notice" }, `上一学年有 ${was.last_year.length} 个班。`, h("button", { class: "btn btn-small", type: "button", click: (/** @type {Event} */ e) => {
        for (const name of was.last_year) rows.append(this.row({ id: "", name }));
        /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (e.target).closest(".notice")).remove();
        fill(note, "照着写上了，改好再保存。");
        readFrom(this.box);
      } }, "照着写")) : null,
      h("fieldset", { class: "class-several", keydown: (/** @type {KeyboardEvent} */ e) => {
        if (e.key !== "Enter" || e.target === several) return;
        e.preventDefault(); // else the list is saved without them
        several.click();
      } }, h("legend", null, "一个年级一起加"),
        h("p", { class: "field" }, h("label", { for: "class-grade" }, "年级"), grade, h("datalist", { id: "class-grades" }, ...GRADES.map((g) => h("option", { value: g })))),
        h("p", { class: "field" }, h("label", { for: "class-number" }, "几个班"), number), several),
      rows, error,
      h("p", { class: "btn-row" }, save, h("button", { class: "btn", type: "button", click: () => {
        const row = this.row({ id: "", name: "" });
        rows.append(row);
        /** @type {HTMLElement} */ (row.querySelector("input")).focus();
      } }, "加一个班")), note);
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      whileBusy(save, async () => {
        fill(error);
        fill(note);
        const classes = [...rows.querySelectorAll("input")].map((i) => ({ id: i.dataset.id || "", name: i.value })).filter((k) => k.id || k.name.trim());
        try {
          this.draw(await api(this.path, { method: "PUT", body: { version: was.version, classes } }));
          readFrom(this.box);
          this.box.append(h("p", { class: "btn-row", role: "status" }, "已经保存。", h("a", { class: "btn", href: "/staff/overview/" + query(this.school.id, "") }, "看开课情况"),
            h("a", { class: "btn", href: "/staff/records/" + query(this.school.id, "") }, "记一节课")));
        } catch (err) {
          fill(error, sentence(err));
        }
      });
    });
    fill(this.box, title, head, form);
  }

  /** @param {Element} rows */
  names(rows) {
    return [...rows.querySelectorAll("input")].map((i) => i.value.trim()).filter(Boolean);
  }

  /** @param {Named} k */
  row(k) {
    const li = h("li", null, h("input", { value: k.name, maxlength: 30, "aria-label": "班级名称", autocomplete: "off", "data-id": k.id }),
      h("button", { class: "tool", type: "button", title: "去掉", "aria-label": "去掉 " + k.name, click: () => {
        const next = /** @type {HTMLElement | null} */ ((li.nextElementSibling || li.previousElementSibling || this.box).querySelector("input, button"));
        li.remove();
        if (next) next.focus();
      } }, "×"));
    return li;
  }
}
