// /cards/: prints a card for each seat and tries them.
import { h, fill, byId } from "./lib/dom.js";
import { canPrint } from "../reading/chat.js";
import { sheet } from "../cards/sheet.js";
import { SEATS } from "../cards/marker.js";
import { cardReader } from "./lib/card-reader.js";

const sheets = byId("card-sheets");
const from = number("card-from", 1), to = number("card-to", 50);
const button = h("button", { class: "btn btn-primary", type: "button", click: () => draw() && canPrint() && print() }, "打印纸卡");
const said = h("p", { class: "muted", role: "status" });

const preview = h("h2");
const tried = h("section", { "aria-labelledby": "try-title" },
  h("h2", { id: "try-title" }, "试一试：拍一张，看看读得对不对"),
  h("p", null, "印好先拿几张试，也可以拍屏幕上的预览。站得远也行：放大照片，看得清卡上的黑白格，就读得出来。"));
const reader = h("div");
tried.append(reader);

fill(byId("cards"),
  h("form", { class: "card-range", submit: (/** @type {Event} */ event) => event.preventDefault() },
    h("div", { class: "field" }, h("label", { for: "card-from" }, "从几号"), from),
    h("div", { class: "field" }, h("label", { for: "card-to" }, "到几号"), to), button),
  said, tried, preview);
from.addEventListener("input", draw);
to.addEventListener("input", draw);
draw();
cardReader(reader, () => {}, { answers: true });

/** @param {string} id @param {number} value */
function number(id, value) {
  return h("input", { id, type: "number", min: 1, max: SEATS, value, inputmode: "numeric" });
}

/** Draws the sheets for the seats that are asked for; false where the numbers make no sense. */
function draw() {
  const first = Number(from.value), last = Number(to.value);
  const right = Number.isInteger(first) && Number.isInteger(last) && first >= 1 && last <= SEATS && first <= last;
  button.setAttribute("aria-disabled", String(!right));
  if (!right) {
    fill(said, `请填 1 到 ${SEATS} 之间的号，从小到大。`);
    fill(sheets);
    fill(preview);
    return false;
  }
  const pages = [];
  for (let seat = first; seat <= last; seat += 2) pages.push(sheet(seat < last ? [seat, seat + 1] : [seat]));
  fill(said, `${last - first + 1} 张卡，${pages.length} 张 A4 纸。`);
  fill(preview, pages.length > 4 ? "预览（前四张纸）" : "预览");
  fill(sheets, ...pages); // all of them, for paper; the screen shows four
  return true;
}
