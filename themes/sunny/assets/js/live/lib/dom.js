// Building blocks for screens. Text always enters as text nodes; see html() for the one exception.

/** @typedef {Node | string | number | null | undefined | false} Kid */

/**
 * Makes an element. Functions become listeners, true an empty attribute; false, null and undefined leave it out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any> | null} [props]
 * @param {...Kid} kids
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props, ...kids) {
  const el = document.createElement(tag);
  const all = props || {};
  for (const name of Object.keys(all)) {
    const value = all[name];
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") el.addEventListener(name, value);
    else el.setAttribute(name, value === true ? "" : String(value));
  }
  append(el, kids);
  return el;
}

/** @param {Element} el @param {Kid[]} kids */
function append(el, kids) {
  for (const kid of kids) {
    if (kid === null || kid === undefined || kid === false) continue;
    el.append(typeof kid === "number" ? String(kid) : kid);
  }
}

/** Replaces what an element holds. @param {Element} el @param {...Kid} kids */
export function fill(el, ...kids) {
  el.textContent = ""; // replaceChildren is missing before Chromium 86
  append(el, kids);
}

/**
 * Draws a screen anew. The focus that was on it goes on at its heading, never back to the top of the page.
 * @param {HTMLElement} root @param {...Kid} kids
 * @returns {boolean} whether the focus went, so that the heading is read out
 */
export function redraw(root, ...kids) {
  const had = root.contains(document.activeElement);
  fill(root, ...kids);
  const has = document.activeElement !== root && root.contains(document.activeElement);
  if (had && !has) readFrom(root);
  return had && !has;
}

/** Reading goes on at the heading of an element, or at the element where it has none. @param {HTMLElement} el */
export function readFrom(el) {
  const start = /** @type {HTMLElement} */ (el.querySelector("h1, h2, h3") || el);
  start.tabIndex = -1;
  start.focus();
}

/**
 * Does what a button asks for, once at a time. The button is marked, not disabled: that would take its focus away.
 * @param {HTMLButtonElement} button @param {() => Promise<unknown>} work
 */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  await work();
  button.removeAttribute("aria-disabled");
}

/** Finds an element that the layout promises. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const el = document.getElementById(id);
  if (!el) throw new Error("no element #" + id);
  return el;
}

/**
 * Shows HTML that the server has made safe (explanations, search hits). Its links open apart, so that
 * a click does not leave a running class.
 * @param {HTMLElement} el
 * @param {string} markup
 */
export function html(el, markup) {
  el.innerHTML = markup;
  for (const a of Array.from(el.querySelectorAll("a"))) {
    a.target = "_blank";
    a.rel = "noopener";
  }
  return el;
}

/** Words without their readings and drawings. @param {Element | null | undefined} el */
export function plain(el) {
  if (!el) return "";
  const copy = /** @type {Element} */ (el.cloneNode(true));
  copy.querySelectorAll("rt, svg").forEach((el) => el.remove());
  return (copy.textContent || "").trim();
}

/** @param {Picture | undefined} p @param {() => void} [onload] */
export function picture(p, onload) {
  return p && h("img", { class: "picture", src: p.src, alt: p.alt, load: onload });
}

/**
 * Text with the readings above its characters; a screen reader hears the text alone.
 * @param {string} text
 * @param {string[] | undefined} reading one for each character, empty for what is none
 * @returns {Kid}
 */
export function spell(text, reading) {
  if (!reading) return text;
  const out = h("span", { class: "spelt" });
  Array.from(text).forEach((c, i) => {
    const sound = reading[i];
    out.append(sound ? h("ruby", null, c, h("rt", { "aria-hidden": "true" }, sound)) : c);
  });
  return out;
}

const NS = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, string | number>} attrs @param {...(Node | string)} kids */
export function svg(tag, attrs, ...kids) {
  const el = document.createElementNS(NS, tag);
  for (const name of Object.keys(attrs)) el.setAttribute(name, String(attrs[name]));
  el.append(...kids);
  return el;
}

/** A line icon, 24 × 24. @param {string} path */
export function icon(path) {
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, svg("path", { d: path }));
}

export const TICK = "M4 12.5l5.5 5.5L20 6.5";

/** Tells screen readers about a change. @param {string} text */
export function announce(text) {
  let region = document.getElementById("live-region");
  if (!region) {
    region = h("p", { id: "live-region", class: "sr", "aria-live": "polite" });
    document.body.append(region);
  }
  if (region.textContent !== text) region.textContent = text;
}

/** A sentence for something that went wrong. @param {unknown} err */
export function sentence(err) {
  return err instanceof Error && err.message ? err.message : "出了点问题，请再试一次。";
}
