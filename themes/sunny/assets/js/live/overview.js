// /staff/overview/: what is due, what was held, what is missing; to print for an inspection.
import { h, fill, redraw, byId, sentence, whileBusy } from "./lib/dom.js";
import { api, download } from "./lib/api.js";
import { loadForStaff } from "./lib/staff.js";
import { classesOf, here, noClasses, query, scopeBar } from "./lib/scope.js";
import { remark, stepsHeld } from "./lib/held.js";
import { printPart } from "../reading/print.js";

const root = byId("staff-overview");
/** @type {{id: string, name: string}[]} */
const forms = JSON.parse(root.dataset.forms || "[]");
const formName = (/** @type {string} */ code) => (forms.find((f) => f.id === code) || { name: code }).name;
loadForStaff(root, "/staff/overview" + here(), show, "工作人员的账号都可以看自己单位的。");

/** @param {Overview} o */
async function show(o) {
  const school = o.organisation.kind === "school";
  if (school ? !o.classes.length : !o.units.length) {
    redraw(root, scopeBar(o), noClasses(o));
    return;
  }
  /** @type {LessonRecord[]} */
  let records = [];
  if (school) {
    try {
      records = (await api("/staff/records" + query(o.organisation.id, o.term.id))).records;
    } catch (err) {
      redraw(root, scopeBar(o), h("p", { class: "form-error", role: "alert" }, sentence(err)));
      return;
    }
  }
  redraw(root, scopeBar(o), figures(o), buttons(o), school ? byClass(o) : byUnit(o), byForm(o),
    o.may_manage && h("p", { class: "btn-row" }, h("a", { class: "btn btn-quiet", href: "/staff/classes/" + classesOf(o) }, "改学校和班级")));
  drawLedger(o, records);
  fillSelfCheck(o);
}

/** @param {Overview} o */
function figures(o) {
  const { due, held, missing } = o.total;
  return h("div", null, h("dl", { class: "figures" },
    ...[["应开", due, ""], ["已开", held, ""], ["缺", missing, missing ? " figure-missing" : " figure-whole"]].map(([name, n, look]) =>
      h("div", { class: "figure" + look }, h("dt", null, name), h("dd", null, n)))),
    h("p", { class: "muted small" }, o.organisation.kind === "school"
      ? `${o.total.classes} 个班，逐班算，一个班多开的，不抵别的班缺的。本学期到 ${o.term.to}。`
      : `${o.total.classes} 个班。逐班算，多开的不抵缺的。本学期到 ${o.term.to}。`));
}

/** @param {Overview} o */
function buttons(o) {
  const note = h("p", { class: "form-error", role: "alert" });
  const save = h("button", { class: "btn", type: "button", click: () => whileBusy(save, async () => {
    fill(note);
    try {
      await download("/staff/overview.xlsx" + query(o.organisation.id, o.term.id), `${o.organisation.name}-${o.term.name}-开课情况.xlsx`);
    } catch (err) {
      fill(note, sentence(err));
    }
  }) }, "下载 Excel");
  const prints = (/** @type {string} */ name, /** @type {string} */ part) => h("button", { class: "btn", type: "button", click: () => printPart(part) }, name);
  const school = o.organisation.kind === "school";
  return h("div", null, h("p", { class: "btn-row" },
    school && o.may_file && h("a", { class: "btn btn-primary", href: "/staff/records/" + query(o.organisation.id, o.term.id) }, "记一节课"),
    save, prints(school ? "打印督导台账" : "打印各单位情况", "ledger"), school && document.getElementById("self-check") && prints("打印自检自查表", "self-check")), note);
}

/** @param {string[]} head @param {(string | number | Node)[][]} rows @param {string} name */
function table(head, rows, name) {
  return h("div", { class: "table-scroll" }, h("table", { class: "counts", "aria-label": name }, h("thead", null, h("tr", null, ...head.map((c) => h("th", { scope: "col" }, c)))),
    h("tbody", null, ...rows.map((row) => h("tr", null, ...row.map((c, i) => (i ? h("td", null, c) : h("th", { scope: "row" }, c))))))));
}

/** @param {Coverage} c */
const gap = (c) => (c.missing ? h("b", { class: "gap" }, "缺 " + c.missing) : c.due ? "开齐了" : "—");

/** @param {Overview} o */
function byClass(o) {
  return h("section", { class: "start-card" }, h("h2", null, "各班"),
    table(["班级", "应开", "已开", "还缺", "全部活动"], o.classes.map((k) => [k.name, k.due, k.held, gap(k), k.records]), "各班开课情况"));
}

/** @param {Overview} o */
function byUnit(o) {
  return h("section", { class: "start-card" }, h("h2", null, "各单位"),
    table(["单位", "每班应开", "班级", "应开", "已开", "还缺"], o.units.map((u) => [h("a", { href: query(u.id, o.term.id) }, u.name), u.kind === "school" ? u.meetings : "", u.classes, u.due, u.held, gap(u)]), "各单位开课情况"));
}

/** @param {Overview} o */
function byForm(o) {
  return h("section", { class: "start-card" }, h("h2", null, "各种形式"), h("p", { class: "muted small" }, "前七种是省方案点名的。一学年里都用上一次就好，不必每学期都有。"),
    h("ul", { class: "form-counts" }, ...o.forms.map((f) => h("li", { class: !f.records && "form-none" },
      h("span", null, formName(f.form)), h("b", null, f.records ? f.records + " 次" : "还没有")))));
}

const today = () => new Date().toLocaleDateString("zh-CN", { year: "numeric", month: "long", day: "numeric" });

/** What was held, as a paper for whoever inspects. @param {Overview} o @param {LessonRecord[]} records */
function drawLedger(o, records) {
  const school = o.organisation.kind === "school";
  const { due, held, missing } = o.total;
  fill(byId("ledger"),
    h("h1", null, school ? "防治学生欺凌教育督导台账" : "防治学生欺凌教育开课情况"),
    h("p", { class: "ledger-head" }, h("span", null, o.organisation.name), h("span", null, o.term.name), h("span", null, today() + "打印")),
    h("p", null, `主题班会：应开 ${due} 次，已开 ${held} 次，缺 ${missing} 次。` + (school ? `全部活动 ${records.length} 次：${formWords(o)}。` : "")),
    school ? h("div", { class: "ledger-classes" }, ...halves(o.classes).map((some) => table(["班级", "应开", "已开", "缺"], some.map((k) => [k.name, k.due, k.held, k.missing || ""]), "各班")))
      : table(["单位", "班级", "应开", "已开", "缺"], o.units.map((u) => [u.name, u.classes, u.due, u.held, u.missing || ""]), "各单位"),
    school && h("h2", null, "上课记录"),
    school && table(["序号", "日期", "班级", "课题", "形式", "分钟", "步数", "老师", "备注"], records.map((r, i) => [i + 1, r.held_on.slice(5), r.class.name, r.title, formName(r.form),
      r.minutes, r.steps.length ? `${stepsHeld(r)}／${r.steps.length}` : "", r.teacher, [!r.meeting && "不算班会", remark(r)].filter(Boolean).join("，")]), "上课记录"),
    h("p", { class: "ledger-sign" }, ...(school ? ["填表人", "分管负责人", "校长"] : ["填表人", "负责人"]).map((who) => h("span", null, who + "＿＿＿＿＿＿"))),
    h("p", { class: "small" }, "由阳光校园网站按老师归档的记录生成，是本站的建议格式，不是官方表格。里面没有学生的任何信息。"));
}

/** Long lists stand side by side. @template T @param {T[]} list */
const halves = (list) => (list.length > 8 ? [list.slice(0, Math.ceil(list.length / 2)), list.slice(Math.ceil(list.length / 2))] : [list]);

/** @param {Overview} o */
const formWords = (o) => o.forms.filter((f) => f.records).map((f) => `${formName(f.form)} ${f.records}`).join("，") || "还没有";

/** The site's own form of self-inspection, with what the records prove written in. @param {Overview} o */
function fillSelfCheck(o) {
  const paper = document.getElementById("self-check");
  if (!paper || o.organisation.kind !== "school") return;
  const { due, held, missing } = o.total;
  const short = o.classes.filter((k) => k.missing).map((k) => `${k.name}缺 ${k.missing}`);
  const named = short.length > 4 ? short.slice(0, 4).join("、") + ` 等 ${short.length} 个班` : short.join("、");
  for (const p of paper.querySelectorAll("p")) {
    p.textContent = (p.textContent || "").replace(/学校＿+/, "学校：" + o.organisation.name).replace(/日期＿+/, "日期：" + today());
  }
  // Whether each class had one; how many are still due is for who reads it to judge.
  const none = o.classes.some((k) => !k.records);
  prove(paper, /每班上过/, !none, `${o.term.name}：应开 ${due}，已开 ${held}，缺 ${missing}。${named ? named + "。" : ""}${formWords(o)}。台账另附。`);
  if (paper.dataset.card && paper.dataset.school === o.organisation.name) {
    prove(paper, /求助的人和电话/, null, `联系卡上的电话 ${paper.dataset.card} 逐个打通过。贴没贴，去看一眼。`);
  }
}

/** @param {HTMLElement} paper @param {RegExp} row @param {boolean | null} done @param {string} words */
function prove(paper, row, done, words) {
  const cells = [...paper.querySelectorAll("tbody tr")].map((tr) => tr.children).find((c) => row.test((c[0] && c[0].textContent) || ""));
  if (!cells || cells.length < 3) return;
  if (done !== null) /** @type {Element} */ (cells[1]).textContent = done ? "☑有 □缺" : "□有 ☑缺";
  /** @type {Element} */ (cells[2]).textContent = words;
}
