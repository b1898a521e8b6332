// A bank on the projector without a server: hands are counted, the answer is shown with its reason. Only in the teacher's offline set.
import { announce, byId, fill, h, html, icon, picture, spell, TICK } from "../live/lib/dom.js";
import { backToLesson } from "../live/lib/lesson.js";
import { KIND, colour } from "../live/lib/options.js";
import { READABLE, projector } from "../live/lib/projector.js";
import { hands, picker, timer } from "../screen/tools.js";

/** @typedef {{prompt: Prompt, key: string[], explanation: string}} Item */

const FEW = 10; // of a bank without a choice of items

/** @type {{items: Item[]}} */
const bank = /** @type {any} */ (window).sunnyBank;

class BankWall {
  constructor() {
    this.wall = byId("wall");
    this.stage = byId("stage");
    this.main = byId("main-step");
    /** @type {Item[]} */
    this.items = [];
    this.at = 0;
    /** Hands for each option of each item. @type {number[][]} */
    this.counts = [];
    /** @type {boolean[]} */
    this.shown = [];
    this.view = projector({ stage: this.stage, step: () => this.main.click(), back: () => this.back(), home: () => this.main.focus(), least: READABLE });
    this.main.addEventListener("click", () => this.step());
    byId("back-step").addEventListener("click", () => this.back());
    byId("leave-wall").addEventListener("click", () => { location.hash = ""; });
    this.view.digits((i) => {
      if (!this.wall.hidden && (this.counts[this.at] || [])[i] !== undefined) this.count(i, 1);
    });
    window.addEventListener("hashchange", () => this.follow());
    this.follow();
  }

  /** The wall is the page at #wall. */
  follow() {
    const on = location.hash === "#wall";
    if (on && this.wall.hidden) this.begin();
    this.wall.hidden = !on;
    document.documentElement.classList.toggle("hosting", on);
    if (on) this.draw();
  }

  begin() {
    const ids = (new URLSearchParams(location.search).get("items") || "").split(",").filter(Boolean);
    this.items = bank.items.filter((it) => ids.includes(it.prompt.id));
    if (!this.items.length) {
      this.items = bank.items.slice();
      while (this.items.length > FEW) this.items.splice(Math.floor(Math.random() * this.items.length), 1);
    }
    this.counts = this.items.map((it) => it.prompt.options.map(() => 0));
    this.shown = this.items.map((it) => it.prompt.type === "poll");
    this.at = 0;
  }

  step() {
    if (this.view.below()) this.view.down();
    else if (this.at < this.items.length && !this.shown[this.at]) this.shown[this.at] = true, this.draw();
    else if (this.at < this.items.length) this.at++, this.draw();
  }

  back() {
    if (this.at > 0) this.at--, this.draw();
  }

  /** @param {number} i @param {number} by */
  count(i, by) {
    const counts = this.counts[this.at] || [];
    counts[i] = Math.max(0, Math.min(999, (counts[i] || 0) + by));
    const face = this.stage.querySelectorAll(".count-add strong")[i];
    if (face) face.textContent = String(counts[i]);
  }

  draw() {
    const item = this.items[this.at];
    fill(this.stage, item ? this.item(item) : this.end());
    byId("wall-place").textContent = item ? "第 " + (this.at + 1) + " 题，共 " + this.items.length + " 题" : "";
    byId("back-step").hidden = this.at === 0;
    this.main.hidden = !item;
    this.main.textContent = !this.shown[this.at] ? "看答案" : this.at < this.items.length - 1 ? "下一题" : "结束";
    this.stage.scrollTop = 0;
    this.view.fit();
    announce(item ? byId("wall-place").textContent + (this.shown[this.at] ? "，答案" : "") : "答完了");
    (item ? this.main : byId("leave-wall")).focus();
  }

  /** @param {Item} item */
  item({ prompt, key, explanation }) {
    const shown = this.shown[this.at] || false;
    const counted = prompt.type !== "fill" && prompt.type !== "ordering";
    const right = (/** @type {Option} */ o) => shown && prompt.type !== "poll" && key.includes(o.id);
    const options = prompt.type === "ordering" && shown ? key.map((id) => /** @type {Option} */ (prompt.options.find((o) => o.id === id))) : prompt.options;
    return h("section", { class: "slide" }, h("p", { class: "slide-place" }, KIND[prompt.type]), h("h2", null, spell(prompt.stem, prompt.reading)), picture(prompt.image, () => this.view.fit()),
      h("ul", { class: "choices" }, ...options.map((o, i) => {
        const { add, less } = hands(i, h("strong", null, (this.counts[this.at] || [])[i] || 0), (by) => this.count(i, by), this.main);
        const marked = counted && right(o);
        if (marked) add.classList.add("count-most");
        return h("li", { class: "way " + colour(i) }, counted && add,
          h("span", { class: "way-text" + (marked ? " way-right" : "") }, !counted && (shown ? i + 1 + ". " : "· "), spell(o.text, o.reading), picture(o.image, () => this.view.fit()), marked && icon(TICK), marked && h("span", { class: "sr" }, "，对")),
          counted && less);
      })),
      shown && prompt.type === "fill" && h("p", { class: "slide-question" }, key.join(" 或 ")),
      shown && explanation !== "" && html(h("div", { class: "slide-reveal" }), explanation));
  }

  end() {
    return h("section", { class: "slide slide-end" }, h("h2", null, "谢谢大家的认真"),
      h("p", { class: "slide-help" }, "题目里的事要是让谁想起了自己，可以去找班主任、心理老师，或者家里的大人说一说。"),
      h("p", { class: "btn-row" }, backToLesson("btn btn-primary")));
  }
}

new BankWall();
picker();
timer();
