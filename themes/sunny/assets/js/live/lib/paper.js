// A bank on paper: the paper for the class and, on its own sheet, the key for the teacher. The key is asked for when it is
// printed, and gone from the page afterwards.
import { h, fill, html, sentence, picture, spell } from "./dom.js";
import { api, ApiError } from "./api.js";
import { KIND, letter } from "./options.js";
import { signInForm } from "./sign-in.js";
import { canPrint } from "../../reading/chat.js";
import { printPart } from "../../reading/print.js";

/** @typedef {{prompt: Prompt, key: string[], explanation: string}} KeyItem */

const LARGE = 21; // a bank with more items is rarely printed whole

export class Paper {
  /** @param {HTMLElement} root @param {string} path @param {Prompt[]} bank */
  constructor(root, path, bank) {
    this.root = root;
    this.path = path;
    this.bank = bank;
    this.error = h("p", { class: "form-error", role: "alert" });
    this.summary = h("p", { "aria-live": "polite" });
    // A lesson brings its own items, and a paper that was drawn here stays in the address.
    this.items = pick(bank, (new URLSearchParams(location.search).get("items") || "").split(","));
  }

  begin() {
    const total = this.bank.length;
    /** @type {[string, string][]} */
    const amounts = this.items.length && this.items.length < total ? [["picked", "选好的 " + this.items.length + " 道"]] : [];
    if (total >= LARGE) amounts.push(["10", "抽 10 道"], ["20", "抽 20 道"]);
    amounts.push(["all", "全部 " + total + " 道"]);
    const group = h("fieldset", { class: "paper-amounts" }, h("legend", null, "印哪些题"),
      ...amounts.map(([value, label], i) => h("label", null, h("input", { type: "radio", name: "paper-amount", value, checked: i === 0 }), label)));
    const picked = this.items;
    const choose = () => {
      const value = /** @type {HTMLInputElement} */ (group.querySelector("input:checked")).value;
      this.items = value === "picked" ? picked : value === "all" ? this.bank : draw(this.bank, Number(value));
      this.tell();
    };
    group.addEventListener("change", () => {
      choose();
      this.keep();
    });
    fill(this.root, h("p", { class: "muted" }, "印在 A4 纸上，不用设备也能答。只写班级和座号，不写名字。"), group, this.summary,
      h("p", { class: "btn-row" },
        h("button", { class: "btn btn-primary", type: "button", click: () => this.printPaper() }, "打印试卷"),
        h("button", { class: "btn", type: "button", click: () => this.printKey() }, "打印答案页（教师用）")), this.error);
    choose();
  }

  /** What asks for these items; none for all of them. */
  query() {
    return this.items.length === this.bank.length ? "" : "?items=" + this.items.map((p) => p.id).join(",");
  }

  /** Keeps the paper in the address, so that its key can still be printed tomorrow. */
  keep() {
    history.replaceState(null, "", location.pathname + this.query() + location.hash);
  }

  tell() {
    fill(this.error);
    fill(this.summary, "这一份有 " + this.items.length + " 道题，卷号 ", h("b", null, number(this.items)), "。答案页单独印一张，卷号和试卷的一样才对得上。");
  }

  printPaper() {
    this.print("paper", ...this.items.map((p, i) => item(p, i, gap(p), room(p))));
  }

  async printKey() {
    fill(this.error);
    try {
      /** @type {{items: KeyItem[]}} */
      const key = await api(this.path + "/paper" + this.query());
      const prompts = key.items.map((it) => it.prompt);
      if (number(prompts) !== number(this.items)) {
        fill(this.error, "题库刚刚更新过，和印好的试卷对不上了。请刷新这一页，把试卷和答案页再印一次。");
        return;
      }
      this.print("key",
        h("p", { class: "paper-answers" }, ...key.items.map((it, i) => h("span", null, (i + 1) + ". " + answer(it)))),
        ...key.items.map((it, i) => item(it.prompt, i, null, h("p", null, h("b", null, "答案："), answer(it)), explanation(it))));
    } catch (err) {
      fill(this.error, sentence(err));
      if (err instanceof ApiError && err.status === 401) this.signIn();
    }
  }

  signIn() {
    if (this.root.querySelector(".start-form")) return;
    const box = h("section", { class: "card" }, h("h3", null, "老师登录"), signInForm(false, () => {
      box.remove();
      this.printKey();
    }));
    this.root.append(box);
  }

  /** @param {string} part @param {...Node} content */
  print(part, ...content) {
    if (!canPrint()) return; // else the key would stay in the page
    const sheet = /** @type {HTMLElement} */ (document.querySelector('[data-part="' + part + '"]'));
    const body = /** @type {HTMLElement} */ (sheet.querySelector("[data-items]"));
    fill(/** @type {HTMLElement} */ (sheet.querySelector("[data-number]")), number(this.items));
    fill(body, ...content);
    sheet.hidden = false;
    this.keep();
    addEventListener("afterprint", () => {
      sheet.hidden = true;
      fill(body);
    }, { once: true });
    printPart(part);
  }
}

/** @param {Prompt[]} bank @param {string[]} ids */
function pick(bank, ids) {
  return /** @type {Prompt[]} */ (ids.map((id) => bank.find((p) => p.id === id)).filter(Boolean));
}

/** @param {Prompt[]} bank @param {number} amount in the order of the bank */
function draw(bank, amount) {
  const rest = bank.slice();
  while (rest.length > amount) rest.splice(Math.floor(Math.random() * rest.length), 1);
  return rest;
}

/** Tells one paper from another, by its items and the order of their options. @param {Prompt[]} items */
function number(items) {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ";
  let sum = 0x811c9dc5;
  for (const c of items.map((p) => p.id + p.options.map((o) => o.id).join("")).join(" ")) sum = Math.imul(sum ^ c.charCodeAt(0), 0x01000193) >>> 0;
  let out = "";
  for (let i = 0; i < 4; i++, sum = Math.floor(sum / letters.length)) out += letters[sum % letters.length];
  return out;
}

/** @param {Prompt} p @param {number} at @param {Node | null} gap @param {...(Node | false)} after */
function item(p, at, gap, ...after) {
  const look = p.options.some((o) => o.image) ? " paper-pictures" : p.options.some((o) => o.text.length > 18) ? " paper-long" : "";
  return h("section", { class: "paper-item" },
    h("h2", null, (at + 1) + ". ", spell(p.stem, p.reading), !p.stem.includes("多选") && h("small", null, "（" + KIND[p.type] + "）"), gap), picture(p.image),
    p.options.length > 0 && h("ul", { class: "paper-options" + look },
      ...p.options.map((o, i) => h("li", null, letter(i) + ". ", spell(o.text, o.reading), picture(o.image)))), ...after);
}

/** Where the letter is written. @param {Prompt} p */
const gap = (p) => p.type === "fill" || p.type === "ordering" ? null : h("span", { class: "paper-gap" }, "（　　　）");

/** Where more than a letter is written. @param {Prompt} p */
function room(p) {
  if (p.type === "fill") return h("div", { class: "paper-rule" });
  return p.type === "ordering" && h("p", { class: "paper-gap" }, p.options.map(() => "（　　）").join("→"));
}

/** @param {KeyItem} it */
function answer({ prompt, key }) {
  if (prompt.type === "poll") return "没有对错";
  if (prompt.type === "fill") return key.join(" 或 ");
  const letters = key.map((id) => letter(prompt.options.findIndex((o) => o.id === id)));
  return prompt.type === "ordering" ? letters.join("→") : letters.sort().join("");
}

/** @param {KeyItem} it */
function explanation(it) {
  return it.explanation !== "" && html(h("div", { class: "explain-body" }), it.explanation);
}
