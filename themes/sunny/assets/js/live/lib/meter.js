// How many have answered and how much time is left: the two figures a teacher watches.
import { h, svg } from "./dom.js";
import { clockWords } from "./pace.js";

const AROUND = 2 * Math.PI * 52;

/** @param {Room} room */
export function meter(room) {
  const count = h("strong", null, "0");
  const of = h("span", { class: "meter-of" });
  const note = h("p", { class: "meter-note" });
  const word = h("span", { class: "meter-word" });
  const arc = svg("circle", { cx: 60, cy: 60, r: 52, class: "ring-arc", "stroke-dasharray": AROUND });
  const clock = h("div", { class: "ring", hidden: true, role: "timer", "aria-label": "剩余时间" },
    svg("svg", { viewBox: "0 0 120 120", "aria-hidden": "true" }, svg("circle", { cx: 60, cy: 60, r: 52, class: "ring-track" }), arc));
  const seconds = h("span", { class: "ring-n" });
  clock.append(seconds);
  const el = h("aside", { class: "meter" }, clock, h("p", { class: "meter-count" }, count, of), word, note);

  return {
    el,
    /** @param {number} answered @param {number} seats @param {number} connected */
    answers(answered, seats, connected) {
      count.textContent = String(answered);
      const wall = room.mode === "wall";
      const cards = room.mode === "cards";
      const teams = room.mode === "teams";
      of.textContent = wall ? " 人" : cards && !seats ? " 张" : " / " + Math.max(seats, answered);
      word.textContent = wall ? "已记下" : cards ? "已读到" : teams ? "队说了" : "已交";
      const all = !wall && answered > 0 && answered >= seats && seats > 0;
      note.textContent = wall ? "" : all ? (teams ? "都说了" : "都交齐了") : !cards && !teams && connected < seats ? "在线 " + connected : "";
      el.classList.toggle("meter-full", all);
    },
    /** @param {number} left ms @param {number} whole ms */
    time(left, whole) {
      clock.hidden = false;
      seconds.textContent = left > 0 ? clockWords(left) : "时间到";
      seconds.classList.toggle("ring-words", left > 59000 || left <= 0);
      arc.setAttribute("stroke-dashoffset", String(AROUND * (1 - Math.min(1, left / whole))));
      clock.classList.toggle("ring-late", left <= 5000);
    },
  };
}

/**
 * Draws the time left of a timed item, five times a second, from a moment of our own clock: the server says how
 * much is left, never when, so that a wrong clock in the classroom does no harm.
 * @param {(left: number) => void} draw
 */
export function countdown(draw) {
  let end = 0;
  let timer = 0;
  const step = () => draw(Math.max(0, end - performance.now()));
  return {
    /** @param {number | undefined} left @param {boolean} running */
    set(left, running) {
      clearInterval(timer);
      if (left === undefined) return;
      end = performance.now() + left;
      step();
      if (running) timer = window.setInterval(step, 200);
    },
    stop: () => clearInterval(timer),
  };
}
