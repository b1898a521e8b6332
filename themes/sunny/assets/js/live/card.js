// /staff/card/: a school writes down whom its pupils can turn to.
import { fill, redraw, byId, sentence, whileBusy } from "./lib/dom.js";
import { api } from "./lib/api.js";
import { loadForStaff } from "./lib/staff.js";

/** @typedef {{role: string, name: string, place: string, phone: string, hours: string}} Line */
/** @typedef {{school: string, county: string, checked_on: string, lines: Line[]}} Card */

const SLOW = 600000; // ms; the answer comes when the site is built
const root = byId("staff-card");
const parts = /** @type {const} */ (["name", "phone", "place", "hours"]);
loadForStaff(root, "/staff/card", show);

/** @param {Card} card */
function show(card) {
  const template = /** @type {HTMLTemplateElement} */ (byId("card-form"));
  redraw(root, document.importNode(template.content, true));
  const form = /** @type {HTMLFormElement} */ (root.querySelector("form"));
  for (const name of /** @type {const} */ (["school", "county", "checked_on"])) input(form, `[name="${name}"]`).value = card[name];
  const rest = card.lines.slice();
  for (const set of form.querySelectorAll("fieldset")) {
    const at = rest.findIndex((line) => line.role === set.dataset.role);
    const line = at < 0 ? null : rest.splice(at, 1)[0];
    for (const part of parts) input(set, `[data-part="${part}"]`).value = line ? line[part] : "";
  }
  const remove = /** @type {HTMLButtonElement} */ (form.querySelector("[data-remove]"));
  remove.hidden = !card.lines.length;
  remove.addEventListener("click", async () => {
    if (!confirm("撤下以后，求助页和求助卡上就没有本校的电话了。要撤下吗？")) return;
    try {
      await api("/staff/card", { method: "DELETE", timeout: SLOW });
      location.reload();
    } catch (err) {
      fill(/** @type {HTMLElement} */ (form.querySelector("[data-error]")), sentence(err));
    }
  });
  const phones = [...form.querySelectorAll('[data-part="phone"]')];
  const mobile = /** @type {HTMLElement} */ (form.querySelector("[data-mobile]"));
  form.addEventListener("input", () => { mobile.hidden = !phones.some((phone) => /^\s*1[3-9]\d{9}\s*$/.test(/** @type {HTMLInputElement} */ (phone).value)); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(/** @type {HTMLButtonElement} */ (form.querySelector("button")), () => save(form, rest));
  });
}

/** @param {HTMLFormElement} form @param {Line[]} rest lines beyond those of the form are kept */
async function save(form, rest) {
  const error = /** @type {HTMLElement} */ (form.querySelector("[data-error]"));
  const done = /** @type {HTMLElement} */ (form.querySelector("[data-done]"));
  const lines = [...form.querySelectorAll("fieldset")].map((set) =>
    Object.assign({ role: set.dataset.role || "" }, ...parts.map((part) => ({ [part]: input(set, `[data-part="${part}"]`).value }))));
  fill(error);
  fill(done, "正在保存，并更新求助页…");
  try {
    const body = { school: input(form, '[name="school"]').value, county: input(form, '[name="county"]').value,
      checked_on: input(form, '[name="checked_on"]').value, lines: lines.concat(rest.map(({ role, name, place, phone, hours }) => ({ role, name, place, phone, hours }))) };
    await api("/staff/card", { method: "PUT", body, timeout: SLOW });
    fill(done, "已经保存，求助页上能看到了。");
    /** @type {HTMLElement} */ (form.querySelector("[data-remove]")).hidden = false;
  } catch (err) {
    fill(done);
    fill(error, sentence(err));
  }
}

/** @param {Element} inside @param {string} selector @returns {HTMLInputElement} */
function input(inside, selector) {
  return /** @type {HTMLInputElement} */ (inside.querySelector(selector));
}
