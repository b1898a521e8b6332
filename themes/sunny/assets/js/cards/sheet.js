// A sheet of A4 with two cards, drawn in millimetres.
import { svg } from "../live/lib/dom.js";
import { SIDE, markerPath } from "./marker.js";

export const WIDE = 210;
export const HIGH = 297;

const MARKER = 108;              // as large as leaves the letters within what printers reach
const CELL = MARKER / SIDE;
const HALF = HIGH / 2;
const LETTER = 4.6;              // small: read from the hand, not from the next desk
const OFF = MARKER / 2 + CELL * 0.78; // from the middle to a letter's foot: the white that the reader looks for lies before it

/** @param {number[]} seats one or two */
export function sheet(seats) {
  const name = seats.join(" 号、") + " 号的答题卡";
  const page = svg("svg", { class: "card-sheet", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": name }, svg("rect", { width: WIDE, height: HIGH, fill: "#fff" }));
  seats.forEach((seat, i) => page.append(card(seat, i * HALF)));
  page.append(
    svg("path", { d: `M6 ${HALF}H${WIDE - 6}`, stroke: "#000", "stroke-width": 0.25, "stroke-dasharray": "3 2" }),
    words(10, HALF - 0.8, 2.6, "沿这条线剪开"));
  return page;
}

/** @param {number} seat @param {number} top */
function card(seat, top) {
  const x = WIDE / 2, y = top + HALF / 2;
  const one = svg("g", {},
    svg("path", { d: markerPath(seat), fill: "#000", transform: `translate(${x - MARKER / 2} ${y - MARKER / 2}) scale(${CELL})` }));
  // The letter on the side that is up stands upright.
  ["A", "B", "C", "D"].forEach((letter, i) => one.append(svg("g", { transform: `rotate(${90 * i} ${x} ${y})` },
    words(x, y - OFF, LETTER, letter, "middle"))));
  one.append(
    words(8, top + HALF - 9, 5.4, seat + " 号"),
    words(WIDE - 8, top + HALF - 12.6, 3.2, "把答案那一边朝上举起来", "end"),
    words(WIDE - 8, top + HALF - 8, 3.2, "手拿两头，别挡黑框", "end"));
  return one;
}

/** @param {number} x @param {number} y @param {number} size @param {string} text @param {"start" | "middle" | "end"} [anchor] */
function words(x, y, size, text, anchor) {
  return svg("text", { x, y, "font-size": size, "font-weight": 700, "text-anchor": anchor || "start", fill: "#000" }, text);
}
