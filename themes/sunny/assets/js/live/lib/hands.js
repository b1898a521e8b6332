// Counting raised hands on the wall: tap or type, and the server keeps the latest figures.
import { h, announce, sentence } from "./dom.js";
import { api, ApiError } from "./api.js";
import { letter } from "./options.js";

/** @param {Room} room @param {import("./host-lobby.js").Host} host */
export function handCounter(room, host) {
  const prompt = /** @type {Prompt} */ (room.prompt);
  /** @type {Record<string, number>} */
  const counts = Object.assign({}, room.counts); // what the server already has, after a reload or on another device
  /** @type {Record<string, HTMLInputElement>} */
  const fields = {};
  /** @type {ReturnType<typeof import("./meter.js").meter> | null} */
  let figures = null;
  let timer = 0;
  /** @type {Promise<void> | null} */
  let sending = null;
  let dirty = false;

  const sum = () => Object.keys(counts).reduce((n, id) => n + (counts[id] || 0), 0);

  /** @param {string} id @param {number} n */
  function set(id, n) {
    counts[id] = Math.max(0, Math.min(999, Math.round(n) || 0));
    const field = fields[id];
    if (field) field.value = String(counts[id]);
    if (figures) figures.answers(sum(), 0, 0);
    dirty = true;
    later(250);
  }

  /** @param {number} ms */
  function later(ms) {
    clearTimeout(timer);
    timer = window.setTimeout(send, ms);
  }

  // One request at a time, always with the newest figures: an older one can never arrive last.
  function send() {
    if (!sending && dirty) sending = put().then(() => { sending = null; });
    return sending;
  }

  async function put() {
    dirty = false;
    try {
      await api("/rooms/" + room.code + "/tally",
        { method: "PUT", token: host.token, body: { item: prompt.id, opening: room.opening, counts: Object.assign({}, counts) } });
      host.warn("");
      if (dirty) later(100);
    } catch (err) {
      host.warn("举手人数还没有记上。" + sentence(err));
      if (!(err instanceof ApiError) || !err.again) return;
      dirty = true;
      later(2000);
    }
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
    /** Sends what is still waiting: called before the room moves on. */
    async flush() {
      clearTimeout(timer);
      await sending;
      await send();
      if (dirty) throw new Error("举手人数还没有记上，请等一下再点。");
    },
    stop: () => clearTimeout(timer),
  };
}
