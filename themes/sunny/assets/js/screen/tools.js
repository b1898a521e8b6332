// What a teacher does with a class and no devices: counting hands, drawing a number, a timer without a sound.
import { byId, fill, h } from "../live/lib/dom.js";
import { colour, letter, mark } from "../live/lib/options.js";
import { clock } from "./pace.js";

const MOST = "sunny.pick-most";

/** Hands for A, B, C …: a tap is a hand. Counted in the page, kept nowhere. */
export function handCount() {
  let counts = [0, 0, 0];
  /** @type {{face: HTMLElement, bar: HTMLElement}[]} */
  let rows = [];
  const show = () => rows.forEach(({ face, bar }, i) => {
    face.textContent = String(counts[i]);
    bar.style.width = (100 * (counts[i] || 0)) / Math.max(1, ...counts) + "%";
  });
  const count = (/** @type {number} */ i, /** @type {number} */ by) => {
    counts[i] = Math.max(0, Math.min(999, (counts[i] || 0) + by));
    show();
  };
  const draw = () => {
    rows = counts.map(() => ({ face: h("strong"), bar: h("span", { class: "count-bar" }) }));
    fill(byId("count-rows"), ...rows.map(({ face, bar }, i) => {
      const { add, less } = hands(i, face, (by) => count(i, by));
      return h("div", { class: "count-row " + colour(i) }, add, h("span", { class: "count-track", "aria-hidden": "true" }, bar), less);
    }));
    byId("count-more").hidden = counts.length >= 6;
    byId("count-less").hidden = counts.length <= 2;
    show();
  };
  byId("count-more").addEventListener("click", () => (counts.push(0), draw()));
  byId("count-less").addEventListener("click", () => (counts.pop(), draw()));
  byId("count-clear").addEventListener("click", () => (counts = counts.map(() => 0), show()));
  byId("count-card").addEventListener("keydown", (e) => {
    const i = Number(e.key) - 1;
    if (counts[i] !== undefined) count(i, 1);
  });
  draw();
}

/**
 * The two buttons that count hands for option i.
 * @param {number} i @param {HTMLElement} face the figure @param {(by: number) => void} count
 * @param {HTMLElement} [home] where a clicker goes on after a tap
 */
export function hands(i, face, count, home) {
  return {
    add: h("button", { type: "button", class: "count-add", click(/** @type {MouseEvent} */ e) {
      count(1);
      if (e.detail && home) home.focus();
    } }, mark(i), face, h("span", { class: "sr" }, " 只手，加一")),
    less: h("button", { type: "button", class: "btn count-less", "aria-label": letter(i) + " 少一只手", click: () => count(-1) }, "−"),
  };
}

/** Draws a number that was not drawn yet: a seat or a group, never a name. */
export function picker() {
  const most = /** @type {HTMLInputElement} */ (byId("pick-most"));
  most.value = localStorage.getItem(MOST) || "45";
  /** @type {number[]} */
  let drawn = [];
  const again = () => {
    drawn = [];
    byId("pick-number").textContent = "？";
    byId("pick-note").textContent = "抽到的同学可以说“过”。";
  };
  most.addEventListener("change", () => {
    most.value = String(Math.max(2, Math.min(63, Math.round(Number(most.value)) || 45)));
    localStorage.setItem(MOST, most.value);
    again();
  });
  byId("pick-again").addEventListener("click", again);
  byId("pick-one").addEventListener("click", () => {
    const left = Array.from({ length: Number(most.value) }, (_, i) => i + 1).filter((n) => !drawn.includes(n));
    const one = left[Math.floor(Math.random() * left.length)];
    if (one === undefined) {
      byId("pick-note").textContent = "都抽过一遍了。";
      return;
    }
    drawn.push(one);
    byId("pick-number").textContent = String(one);
    byId("pick-note").textContent = "可以说“过”。" + (drawn.length > 1 ? "抽过：" + drawn.slice(0, -1).join("、") : "");
  });
}

/** A countdown for the class. It ends in silence. */
export function timer() {
  let end = 0;
  let long = 0;
  const face = byId("time-number");
  const small = byId("time-left");
  const tick = () => {
    const left = end ? end - Date.now() : 0;
    const over = end > 0 && left <= 0;
    face.textContent = over ? "时间到" : clock(end ? left : long);
    face.classList.toggle("time-over", over);
    small.textContent = over ? "时间到" : end ? clock(left) : "计时";
    small.classList.toggle("time-over", over);
  };
  byId("time-lengths").addEventListener("click", (e) => {
    const button = e.target instanceof Element && /** @type {HTMLElement | null} */ (e.target.closest("[data-length]"));
    if (!button) return;
    long = Number(button.dataset.length) * 60000;
    end = Date.now() + long;
    tick();
  });
  byId("time-stop").addEventListener("click", () => (end = long = 0, tick()));
  setInterval(tick, 500);
}
