// /search/: results while typing, facets, an address that keeps them.
import { h, fill, byId, announce, sentence } from "./lib/dom.js";
import { api } from "./lib/api.js";

const SIZE = 10;
const TOPICS = 10;
/** @type {[string, string][]} */
const FACETS = [["kind", "栏目"], ["audience", "适合谁"], ["topic", "话题"]];

const root = byId("search");
const form = /** @type {HTMLFormElement} */ (byId("search-form"));
const field = /** @type {HTMLInputElement} */ (byId("search-q"));
const list = byId("search-hits");
const count = byId("search-count");
const facets = byId("search-facets");
const filter = /** @type {HTMLDetailsElement} */ (byId("search-filter"));
const more = /** @type {HTMLButtonElement} */ (byId("search-more"));
/** @type {Record<string, Record<string, string>>} */
const names = { kind: JSON.parse(root.dataset.kinds || "{}"), audience: JSON.parse(root.dataset.audiences || "{}"), topic: {} };

/** @type {Record<string, string>} */
const chosen = {};
let asked = new AbortController();
let timer = 0;
let from = 0;

document.documentElement.classList.add("searching");
readAddress();
// Beside the results on a wide screen; folded away above them on a phone.
filter.open = window.matchMedia("(min-width: 60.01rem)").matches || FACETS.some(([name]) => chosen[name]);
search(false);
if (!field.value) field.focus();

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = window.setTimeout(() => search(true), 200);
});
form.addEventListener("submit", (e) => {
  e.preventDefault();
  clearTimeout(timer);
  search(true);
});
more.addEventListener("click", () => load(from + SIZE));
window.addEventListener("popstate", () => (readAddress(), search(false)));

function readAddress() {
  const at = new URLSearchParams(location.search);
  field.value = at.get("q") || "";
  for (const [name] of FACETS) chosen[name] = at.get(name) || "";
}

/** @param {boolean} keep whether the address changes */
function search(keep) {
  const at = params();
  // Replaced, not pushed: going back leaves the search instead of undoing letters.
  if (keep) history.replaceState(null, "", at.toString() ? "?" + at : location.pathname);
  load(0);
}

function params() {
  const at = new URLSearchParams();
  if (field.value.trim()) at.set("q", field.value.trim());
  for (const [name] of FACETS) if (chosen[name]) at.set(name, chosen[name] || "");
  return at;
}

/** @param {number} start */
async function load(start) {
  asked.abort(); // an older answer must not overtake a newer one
  const mine = (asked = new AbortController());
  const at = params();
  if (!at.get("q")) return idle();
  at.set("size", String(SIZE));
  at.set("from", String(start));
  root.setAttribute("aria-busy", "true");
  try {
    /** @type {SearchResult} */
    const result = await api("/search?" + at, { signal: mine.signal });
    if (mine.signal.aborted) return;
    from = start;
    show(result);
  } catch (err) {
    if (mine.signal.aborted) return;
    fill(count, sentence(err), " ", h("button", { class: "btn btn-quiet", click() { field.focus(); load(start); } }, "再搜一次"));
  }
  root.removeAttribute("aria-busy");
}

function idle() {
  fill(list);
  fill(count);
  filter.hidden = true;
  more.hidden = true;
  byId("search-none").hidden = true;
  byId("search-care").hidden = true;
  byId("search-help").hidden = true;
  byId("search-idle").hidden = false;
}

/** @param {SearchResult} r */
function show(r) {
  byId("search-idle").hidden = true;
  byId("search-help").hidden = !r.help;
  // Who asks for help is never told that there is nothing.
  byId("search-care").hidden = r.total > 0 || !r.help;
  byId("search-none").hidden = r.total > 0 || r.help;
  const text = r.total ? "找到 " + r.total + " 个页面" : r.help ? "" : "没有找到";
  fill(count, text, text && r.did_you_mean && suggestion(r.did_you_mean));
  announce((r.help ? "先看求助电话。" : "") + text);
  if (!from) fill(list);
  const first = list.children.length;
  list.append(...r.hits.map(hit));
  more.hidden = from + SIZE >= r.total;
  const next = list.children[first];
  if (from && next) /** @type {HTMLElement} */ (next.querySelector("a")).focus();
  drawFacets(r);
}

/** @param {string} words */
function suggestion(words) {
  return h("span", null, "。是不是要找 ", h("button", { class: "link-button", click() { field.value = words; field.focus(); search(true); } }, words));
}

/** @param {Hit} x */
function hit(x) {
  const link = h("a", { href: x.url });
  link.innerHTML = x.title; // escaped by the server, with <mark>
  const text = h("p", { class: "hit-text" });
  text.innerHTML = x.snippet;
  const kind = label("kind", x.kind);
  const who = x.audience.map((a) => label("audience", a)).filter((a) => a !== "所有人" && a !== kind).join("、");
  return h("li", { class: "hit" }, h("p", { class: "hit-kind" }, kind, who && " · " + who), h("h2", null, link), text);
}

/** @param {string} facet @param {string} value */
const label = (facet, value) => (names[facet] || {})[value] || value;

/** @param {SearchResult} r */
function drawFacets(r) {
  filter.hidden = !r.total;
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.facet : "";
  fill(facets, ...FACETS.map(([name, title]) => {
    const values = (r.facets[name] || []).slice(0, TOPICS);
    const lost = chosen[name] && !values.some((v) => v.value === chosen[name]);
    if (lost) values.unshift({ value: chosen[name] || "", count: r.total });
    return values.length > 0 && h("div", { class: "facet", role: "group", "aria-label": title }, h("p", { class: "facet-name" }, title),
      ...values.map((v) => facetButton(name, v.value, v.count)));
  }));
  for (const b of Array.from(facets.querySelectorAll("button"))) if (focused && b.dataset.facet === focused) b.focus();
}

/** @param {string} name @param {string} value @param {number} n */
function facetButton(name, value, n) {
  const on = chosen[name] === value;
  return h("button", { type: "button", class: "facet-value", "aria-pressed": String(on), "data-facet": name + "/" + value, click() {
    chosen[name] = on ? "" : value;
    search(true);
  } }, label(name, value), h("span", { class: "facet-n" }, n));
}
