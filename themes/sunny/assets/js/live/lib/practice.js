// Practice on a quiz page: one item at a time, with the reason. Progress lives in the page and nowhere else.
import { h, fill, redraw, readFrom, html, sentence, icon, picture, spell, TICK, whileBusy } from "./dom.js";
import { api } from "./api.js";
import { answerFields, chosen } from "./answer.js";
import { hush, itemWords, listenButton, shownWords } from "./listen.js";
import { KIND } from "./options.js";

export class Practice {
  /** @param {HTMLElement} root @param {string} path @param {Prompt[]} items */
  constructor(root, path, items) {
    this.root = root;
    this.path = path;
    this.items = items;
    this.at = 0;
    this.right = 0; // at the first try
    this.first = true;
  }

  begin() {
    this.at = this.right = 0;
    redraw(this.root, h("div", { class: "practice-start card" },
      h("p", null, "一共 " + this.items.length + " 道题，一题一题来，答完马上看为什么。不记分，不留记录。"),
      h("button", { class: "btn btn-primary btn-big", click: () => this.go(0) }, "开始练习")));
  }

  /** @param {number} n */
  go(n) {
    this.at = n;
    this.first = true;
    const prompt = this.items[n];
    if (prompt) this.ask(prompt, null);
    else this.done();
  }

  /** @param {Prompt} p @param {Choice | null} draft */
  ask(p, draft) {
    let choice = draft;
    const error = h("p", { class: "form-error", role: "alert" });
    const go = h("button", { class: "btn btn-primary btn-big", type: "submit" }, p.type === "poll" ? "说完了" : "看看对不对");
    const stem = h("h3", { class: "question-stem" }, spell(p.stem, p.reading));
    const fields = answerFields(p, draft, (now) => {
      choice = now;
      go.disabled = now === null;
    });
    go.disabled = choice === null;
    const form = h("form", { class: "practice card" },
      h("p", { class: "question-place" }, "第 " + (this.at + 1) + " / " + this.items.length + " 题 · " + KIND[p.type]),
      stem, picture(p.image), listenButton(() => itemWords(p)), fields, error,
      h("p", { class: "btn-row" }, go, h("button", { class: "btn btn-quiet", type: "button", click: () => this.go(this.at + 1) }, "先跳过")));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      const sent = choice;
      if (sent !== null) whileBusy(go, async () => {
        try {
          this.show(p, await api(this.path + "/check", { body: { item: p.id, choice: sent } }), sent);
        } catch (err) {
          fill(error, sentence(err));
        }
      });
    });
    this.turnTo(form);
  }

  /** @param {Prompt} p @param {CheckResult} result @param {Choice} choice */
  show(p, result, choice) {
    const poll = p.type === "poll";
    const good = poll || result.correct;
    if (this.first && result.correct && !poll) this.right++;
    this.first = false;
    const title = poll ? "谢谢你的看法" : result.correct ? "答对了" : "这次没答对";
    const why = h("div", { class: "explain-body" });
    html(why, result.explanation);
    const heading = h("h3", null, good && icon(TICK), title);
    this.turnTo(h("section", { class: "practice card practice-" + (good ? "right" : "again") },
      h("p", { class: "question-place" }, spell(p.stem, p.reading)), heading,
      !poll && h("div", { class: "practice-pair" },
        !good && h("div", null, h("p", { class: "muted small" }, "你的答案"), chosen(p, typeof choice === "string" ? [choice] : choice)),
        h("div", null, h("p", { class: "muted small" }, "正确答案"), chosen(p, result.key))),
      result.explanation && why, listenButton(() => shownWords(this.root)),
      h("p", { class: "btn-row" },
        h("button", { class: "btn btn-primary btn-big", click: () => this.go(this.at + 1) }, this.at + 1 < this.items.length ? "下一题" : "练完了"),
        !good && h("button", { class: "btn", click: () => this.ask(p, choice) }, "再想一次"))));
  }

  done() {
    const asked = this.items.filter((p) => p.type !== "poll").length;
    this.turnTo(h("section", { class: "practice card practice-right" }, h("h3", null, "练完了"),
      h("p", null, "第一次就答对 " + this.right + " 道，一共 " + asked + " 道。没答对的，看过为什么就是学会了。"),
      h("p", { class: "btn-row" }, h("button", { class: "btn", click: () => this.begin() }, "从头再练"))));
  }

  /** Reading goes on at the top of the card. @param {HTMLElement} card */
  turnTo(card) {
    hush();
    fill(this.root, card);
    readFrom(this.root);
    this.root.scrollIntoView();
  }
}
