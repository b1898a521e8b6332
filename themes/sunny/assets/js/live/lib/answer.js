// The form in which a pupil answers one item, on a phone, a PC or in practice.
import { h, fill, icon, announce, picture, spell, TICK } from "./dom.js";
import { mark } from "./options.js";

const UP = "M12 19V5M6 11l6-6 6 6";
const DOWN = "M12 5v14M6 13l6 6 6-6";

/**
 * @param {Prompt} prompt
 * @param {Choice | null} draft what was chosen before a reload or a reconnect
 * @param {(choice: Choice | null) => void} change called at each change; null while there is nothing to send
 * @returns {HTMLElement}
 */
export function answerFields(prompt, draft, change) {
  if (prompt.type === "fill") return blank(draft, change);
  if (prompt.type === "ordering") return ordering(prompt, draft, change);
  return choices(prompt, draft, change);
}

/** @param {Choice | null} draft @param {(choice: Choice | null) => void} change */
function blank(draft, change) {
  const field = h("input", {
    class: "blank-field", type: "text", maxlength: 60, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    "aria-label": "你的答案", placeholder: "在这里写答案", enterkeyhint: "send", value: typeof draft === "string" ? draft : "",
    input: () => change(field.value.trim() || null),
  });
  return field;
}

/** @param {Prompt} prompt @param {Choice | null} draft @param {(choice: Choice | null) => void} change */
function choices(prompt, draft, change) {
  const type = prompt.type === "multiple" ? "checkbox" : "radio";
  const inputs = prompt.options.map((o) =>
    h("input", { type, name: "option", value: o.id, checked: Array.isArray(draft) && draft.includes(o.id) }));
  const list = h("div", { class: "replies", role: type === "radio" ? "radiogroup" : "group", "aria-label": "选项" },
    ...prompt.options.map((o, i) =>
      h("label", { class: "reply" }, inputs[i],
        h("span", { class: "reply-face" }, mark(i), h("span", { class: "reply-text" }, spell(o.text, o.reading), picture(o.image)),
          h("span", { class: "reply-tick" }, icon(TICK))))));
  list.addEventListener("change", () => {
    const ids = inputs.filter((x) => x.checked).map((x) => x.value);
    change(ids.length ? ids : null);
  });
  return list;
}

/**
 * Buttons, not dragging: they work by keyboard and with a shaky finger.
 * @param {Prompt} prompt @param {Choice | null} draft @param {(choice: Choice | null) => void} change
 */
function ordering(prompt, draft, change) {
  const byID = new Map(prompt.options.map((o) => [o.id, o]));
  const kept = Array.isArray(draft) && draft.length === byID.size && draft.every((id) => byID.has(id));
  const order = kept ? /** @type {string[]} */ (draft).slice() : prompt.options.map((o) => o.id);
  const list = h("ol", { class: "order", "aria-label": "从上到下排顺序" });

  /** @param {number} from @param {number} to */
  function move(from, to) {
    order.splice(to, 0, ...order.splice(from, 1));
    draw();
    // The focus goes along with the moved row; at the end of the list only one of its buttons is left.
    const buttons = Array.from(list.querySelectorAll("li:nth-child(" + (to + 1) + ") button:not([disabled])"));
    const next = buttons[to < from ? 0 : buttons.length - 1];
    if (next instanceof HTMLElement) next.focus();
    announce("移到第 " + (to + 1) + " 位");
    change(order.slice());
  }

  function draw() {
    fill(list, ...order.map((id, at) => {
      const o = /** @type {Option} */ (byID.get(id));
      return h("li", { class: "order-row" }, h("span", { class: "order-n" }, at + 1),
        h("span", { class: "reply-text" }, spell(o.text, o.reading), picture(o.image)),
        h("button", { type: "button", class: "order-move", disabled: at === 0, "aria-label": "上移：" + o.text,
          click: () => move(at, at - 1) }, icon(UP)),
        h("button", { type: "button", class: "order-move", disabled: at === order.length - 1, "aria-label": "下移：" + o.text,
          click: () => move(at, at + 1) }, icon(DOWN)));
    }));
  }

  draw();
  change(order.slice());
  return list;
}

/**
 * Shows a choice that was made: what the pupil sent, or the key.
 * @param {Prompt} prompt
 * @param {string[]} choice
 */
export function chosen(prompt, choice) {
  if (prompt.type === "fill") return h("p", { class: "chosen-words" }, choice.join("、") || "（空）");
  return h("ul", { class: "chosen" }, ...choice.map((id, n) => {
    const i = prompt.options.findIndex((o) => o.id === id);
    const option = prompt.options[i];
    return option && h("li", null, prompt.type === "ordering" ? h("span", { class: "order-n" }, n + 1) : mark(i),
      h("span", null, spell(option.text, option.reading)));
  }));
}
