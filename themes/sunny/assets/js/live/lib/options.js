// How an option looks everywhere: a letter, a shape and a colour, so that nobody depends on one of them.
import { h, svg } from "./dom.js";

const LETTERS = "ABCDEFGH";

/** Outline, and where the letter sits: baseline and size. @type {[string, number, number][]} */
const SHAPES = [
  ["M24 2a22 22 0 1 0 0 44 22 22 0 1 0 0-44z", 33, 25],
  ["M9 4h30a5 5 0 0 1 5 5v30a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5V9a5 5 0 0 1 5-5z", 33, 26],
  ["M24 1l23.5 44H.5z", 40, 21],
  ["M24 0l24 24-24 24L0 24z", 32, 23],
  ["M24 1l23 17-9 28H10L1 18z", 35, 24],
  ["M24 0l7.5 14.5 16.5 2-12 12 3 17.5-15-8-15 8 3-17.5-12-12 16.5-2z", 32, 19],
  ["M15 1h18v14h14v18H33v14H15V33H1V15h14z", 32, 23],
  ["M24 46C5 32 0 22 2 14 4 5 17 1 24 11c7-10 20-6 22 3 2 8-3 18-22 32z", 30, 21],
];

/** @param {number} i */
export const letter = (i) => LETTERS[i] || String(i + 1);

/** The class of its colour; the shapes go on where the six colours start again. @param {number} i */
export const colour = (i) => "opt-" + letter(i % 6).toLowerCase();

/** The coloured mark of option i: shape with its letter. @param {number} i */
export function mark(i) {
  const [path, baseline, size] = /** @type {[string, number, number]} */ (SHAPES[i % SHAPES.length]);
  const label = svg("text", { x: 24, y: baseline, "font-size": size, "text-anchor": "middle" }, letter(i));
  return h("span", { class: "mark " + colour(i) },
    svg("svg", { viewBox: "-1 -1 50 50", "aria-hidden": "true" }, svg("path", { d: path }), label),
    h("span", { class: "sr" }, letter(i) + "："));
}

/** @type {Record<ItemType, string>} */
export const KIND = {
  single: "选一个", multiple: "可以选几个", truefalse: "判断对错", poll: "说说看法", fill: "填一填", ordering: "排顺序",
};

/** Whether a paper card can answer: it has four sides, and shows one. @param {Prompt} p */
export const cardable = (p) => /^(single|truefalse|poll)$/.test(p.type) && p.options.length <= 4;

/** Whether the class can be counted by option. @param {Prompt} p */
export const countable = (p) => p.type !== "fill" && p.type !== "ordering";
