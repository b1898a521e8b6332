// Counting raised hands on the wall: tap or type, and the server keeps the latest figures.
import { h, announce } from "./dom.js";
import { letter } from "./options.js";
import { tallySender } from "./tally.js";

/** @param {Room} room @param {import("./host-lobby.js").Host} host */
export function handCounter(room, host) {
  const prompt = /** @type {Prompt} */ (room.prompt);
  /** @type {Record<string, number>} */
  const counts = Object.assign({}, room.counts); // what the server already has, after a reload or on another device
  /** @type {Record<string, HTMLInputElement>} */
  const fields = {};
  /** @type {ReturnType<typeof import("./meter.js").meter> | null} */
  let figures = null;
  let dirty = false;
  const sender = tallySender(host, "举手人数", {
    waits: () => dirty,
    take() {
      dirty = false;
      return { item: prompt.id, opening: room.opening, counts: Object.assign({}, counts) };
    },
    back: () => { dirty = true; },
  });

  const sum = () => Object.keys(counts).reduce((n, id) => n + (counts[id] || 0), 0);

  /** @param {string} id @param {number} n */
  function set(id, n) {
    counts[id] = Math.max(0, Math.min(999, Math.round(n) || 0));
    const field = fields[id];
    if (field) field.value = String(counts[id]);
    if (figures) figures.answers(sum(), 0, 0);
    dirty = true;
    sender.later(250);
  }

  return {
    /** @param {string} id @param {number} i */
    field(id, i) {
      const name = letter(i);
      const input = h("input", { class: "hand-n", type: "text", inputmode: "numeric", maxlength: 3, value: counts[id] || 0, "aria-label": name + " 举手人数",
        focus: () => input.select(), input: () => set(id, Number(input.value.replace(/\D/g, ""))) });
      fields[id] = input;
      /** @param {number} by @param {string} sign @param {string} label */
      const step = (by, sign, label) => h("button", { type: "button", class: "hand-step", "aria-label": label,
        click: () => { set(id, (counts[id] || 0) + by); announce(name + "：" + counts[id] + " 人"); } }, sign);
      return h("span", { class: "hands" }, step(-1, "−", name + " 减一人"), input, step(1, "+", name + " 加一人"));
    },
    /** @param {ReturnType<typeof import("./meter.js").meter>} m */
    total(m) {
      figures = m;
      m.answers(sum(), 0, 0);
    },
    flush: sender.flush,
    stop: sender.stop,
  };
}
