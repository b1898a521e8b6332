// Of which organisation and term a page of records speaks: its address says it, so that the way back leads back.
import { h } from "./dom.js";
import { signedInAs } from "./staff.js";

/** @param {string} name */
export const asked = (name) => new URLSearchParams(location.search).get(name) || "";

/** The query that asks for an organisation and a term; empty ones are left out. @param {string} organisation @param {string} term */
export function query(organisation, term) {
  const q = new URLSearchParams();
  if (organisation) q.set("organisation", organisation);
  if (term) q.set("term", term);
  const text = q.toString();
  return text && "?" + text;
}

/** Of what the address of this page asks. */
export const here = () => query(asked("organisation"), asked("term"));

/** Where one is, the way up, and another term. @param {Overview} o */
export function scopeBar(o) {
  const known = o.terms.some((t) => t.id === o.term.id) ? o.terms : o.terms.concat(o.term);
  const terms = h("select", { id: "term", name: "term" }, ...known.map((t) => h("option", { value: t.id, selected: t.id === o.term.id }, t.name)));
  return h("div", { class: "scope" },
    h("div", null, signedInAs(o.who),
      o.above.length ? h("p", { class: "scope-above" }, ...o.above.map((up) => h("a", { href: location.pathname + query(up.id, o.term.id) }, up.name))) : null,
      h("h2", null, o.organisation.name)),
    h("form", { class: "scope-term" }, o.organisation.id && h("input", { type: "hidden", name: "organisation", value: o.organisation.id }),
      h("p", { class: "field" }, h("label", { for: "term" }, "学期"), terms), h("button", { class: "btn", type: "submit" }, "看")));
}

/** The query for the classes of the school year that is looked at. @param {Overview} o */
export const classesOf = (o) => (query(o.organisation.id, "") || "?") + "&year=" + o.term.id.slice(0, 4);

/** What to do where no class is set up yet. @param {Overview} o */
export function noClasses(o) {
  const school = o.organisation.kind === "school";
  return h("section", { class: "card start-card" }, h("h2", null, school ? "这个学年还没有写班级" : "还没有学校"),
    h("p", null, o.may_manage ? "先写上有哪些班，一学年一次，两分钟。" : "请管理员先在“学校和班级”里写上有哪些班。"),
    o.may_manage && h("p", { class: "btn-row" }, h("a", { class: "btn btn-primary", href: "/staff/classes/" + classesOf(o) }, "写班级")));
}
