// Self-paced rooms: all items are open together, and a screen shows one of them at a time.
import { h } from "./dom.js";

/** @param {Room} room */
export const selfPaced = (room) => room.mode === "self";

/** Whether pupils come in with a device. @param {Room} room */
export const joins = (room) => room.mode === "devices" || selfPaced(room);

/** A self-paced room as the screen of one item sees it: as if the class were at that one. @param {Room} room @param {number} i @returns {Room} */
export function onItem(room, i) {
  const prompt = (room.items || [])[i];
  if (!selfPaced(room) || !prompt) return room;
  const own = room.own ? { ...room.own, choice: (room.own.choices || {})[prompt.id], correct: (room.own.marks || {})[prompt.id] } : undefined;
  return { ...room, item: i, prompt, reveal: (room.reveals || [])[i], own };
}

/**
 * The numbers of all items, to go to any of them.
 * @param {Room} room @param {number} at @param {(i: number) => "" | "done" | "right" | "wrong"} state @param {(i: number) => void} go
 */
export function strip(room, at, state, go) {
  const marks = (room.own && room.own.marks) || {};
  const WORD = { "": "", done: "，已交", right: "，答对了", wrong: "，没答对" };
  return h("nav", { class: "strip", "aria-label": "题号" }, h("ol", null, ...(room.items || []).map((_, i) =>
    h("li", null, h("button", { type: "button", class: "strip-n strip-" + (state(i) || "open"), "aria-current": i === at && "step",
      "aria-label": "第 " + (i + 1) + " 题" + WORD[state(i)], click: () => go(i) }, i + 1)))),
    room.state === "revealed" && h("p", { class: "strip-sum" }, "你答对了 " + Object.keys(marks).filter((id) => marks[id]).length + " 题。点题号，看每一题为什么。"));
}

/** Time left in words that fit a window of minutes, too. @param {number} ms */
export function clockWords(ms) {
  const s = Math.ceil(ms / 1000);
  return s < 60 ? String(s) : Math.floor(s / 60) + ":" + ("0" + (s % 60)).slice(-2);
}
