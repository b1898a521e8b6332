// A pupil's seat: wait, answer, see the own result. Nobody sees anybody else's.
import { h, fill, redraw, byId, html, announce, sentence, icon, picture, spell, svg, TICK } from "./dom.js";
import { follow } from "./stream.js";
import { deliver } from "./deliver.js";
import { draftAt, keepDraft, keepPending, pending } from "./keys.js";
import { answerFields, chosen } from "./answer.js";
import { countdown } from "./meter.js";
import { KIND } from "./options.js";
import { clockWords, onItem, selfPaced, strip } from "./pace.js";
import { hush, itemWords, listenButton, shownWords } from "./listen.js";
import { pinyinSwitch } from "../../reading/pinyin.js";

const NUMBERED = 63; // seats above have a drawn nickname
const OVER = 1000; // the server's clock may be this much behind ours

/** One pupil's place in a room. */
export class Desk {
  /**
   * @param {HTMLElement} root
   * @param {import("./keys.js").SeatKey} seat
   * @param {(title: string, text: string, closed?: boolean) => void} left the seat is no longer ours; "" when the pupil chose to go
   */
  constructor(root, seat, left) {
    this.root = root;
    this.seat = seat;
    this.left = left;
    /** @type {Room | null} */
    this.room = null;
    /** A self-paced room as it came; room shows one of its items. @type {Room | null} */
    this.whole = null;
    this.at = -1; // that item
    this.over = 0; // our time is up, though others may still have some: a timer, or -1
    this.shown = "";
    /** @type {Choice | null} */
    this.draft = null;
    /** The answer that is on its way. @type {{place: string, choice: Choice} | null} */
    this.sent = null;
    /** What stands by receipt, by place. @type {Record<string, string[]>} */
    this.receipts = {};
    this.retrying = false;
    this.care = ""; // the item to which words came that need an adult
    this.stop = new AbortController();
    this.timeLeft = h("p", { class: "time-left", hidden: true });
    this.clock = countdown((left) => {
      this.timeLeft.textContent = "还有 " + clockWords(left) + (left < 59000 ? " 秒" : "");
      this.timeLeft.classList.toggle("time-late", left <= 5000);
      if (left <= 0 && !this.over && this.room && this.room.state === "open") this.over = window.setTimeout(() => this.timeUp(), OVER);
    });
    this.end = follow("/rooms/" + seat.code + "/events", seat.token, {
      event: (name, data) => {
        if (name === "state" && (!this.room || data.version >= this.room.version)) this.apply(data);
      },
      link: (up) => { byId("link-lost").hidden = up; },
      refused: (status, text) => this.refused(status, text),
    });
  }

  /** @param {number} status @param {string} text */
  refused(status, text) {
    this.stop.abort();
    this.clock.stop();
    forgetWords();
    byId("link-lost").hidden = true;
    if (status === 404) this.left("这间教室已经关了", text, true);
    else this.left("请先离开这个座位", "可能是座号点错了，也可能是座位换了。没关系，和老师说一声，再重新加入。");
  }

  timeUp() {
    this.over = -1;
    this.draw();
  }

  /** @param {Room} came */
  apply(came) {
    const before = this.room;
    if (selfPaced(came) && came.items && this.at < 0) this.at = this.start(came, came.items);
    const now = onItem(came, this.at);
    this.whole = came;
    this.room = now;
    if (now.state === "ended") forgetWords();
    pinyinSwitch(now.pinyin);
    if (!before || place(before) !== place(now)) {
      this.draft = draftAt(this.draftPlace(now));
      this.resume(now);
    }
    const own = now.own && now.own.remaining_ms;
    const left = own === undefined ? now.remaining_ms : own < 0 ? undefined : own;
    this.timeLeft.hidden = left === undefined || (now.state !== "open" && now.state !== "paused");
    clearTimeout(this.over);
    this.over = 0;
    this.clock.stop();
    this.clock.set(left, now.state === "open");
    this.draw();
  }

  /** Where a self-paced room goes on: at an answer that was on its way, or at what is not answered. @param {Room} room @param {Prompt[]} items */
  start(room, items) {
    const waiting = pending();
    const i = waiting && waiting.code === room.code ? items.findIndex((p) => p.id === waiting.item) : -1;
    return i < 0 ? this.unanswered(room, 0) : i;
  }

  /** The next item from a place that has no answer; the place itself when all have. @param {Room} room @param {number} from */
  unanswered(room, from) {
    const n = (room.items || []).length;
    for (let k = 0; k < n; k++) if (!this.mine(onItem(room, (from + k) % n))) return (from + k) % n;
    return from % n;
  }

  /** To another item of a self-paced room. @param {number} i */
  go(i) {
    if (!this.whole || this.sent) return; // what is on its way belongs to this one
    this.at = i;
    this.apply(this.whole);
  }

  /** @param {Room} r */
  draftPlace(r) {
    return this.seat.code + "/" + this.seat.seat + "/" + place(r);
  }

  /** An answer that was on its way when the page was reloaded. @param {Room} now */
  resume(now) {
    const waiting = pending();
    if (waiting && waiting.code === now.code && waiting.item + "/" + waiting.opening === place(now) && !(now.own && now.own.choice)) {
      this.send(waiting.choice);
    } else if (waiting) {
      keepPending(null); // too late, and nobody else's to read
    }
  }

  /** Redraws only when the picture changes, so that a choice and the focus survive a reconnect. */
  draw() {
    const now = this.room;
    if (!now) return;
    const mine = this.mine(now);
    const onWay = !!this.sent && this.sent.place === place(now);
    const name = this.care ? "care" : [now.state, place(now), mine ? mine.join() : "", onWay ? "way" + this.retrying : "", this.over < 0, Object.keys(this.receipts).length, now.own && now.own.points].join("|");
    if (name === this.shown) return;
    this.shown = name;
    hush();
    const read = redraw(this.root, ...this.body(now, mine, onWay));
    window.scrollTo(0, 0);
    const title = this.root.querySelector("[data-say]");
    if (!read) announce(title instanceof HTMLElement ? title.dataset.say || title.textContent || "" : "");
  }

  /** What stands for the current opening, by the server's word or by the receipt. @param {Room} r @returns {string[] | null} */
  mine(r) {
    if (r.own && r.own.choice) return r.own.choice;
    return this.receipts[place(r)] || null;
  }

  /** @param {Room} r @param {string[] | null} mine @param {boolean} onWay @returns {import("./dom.js").Kid[]} */
  body(r, mine, onWay) {
    if (this.care) return [this.caring()]; // until the pupil goes on, whatever the class does
    if (r.state === "ended") return [ended(r, () => this.leave())];
    if (!r.prompt || r.state === "ready" || r.state === "lobby") return [waiting(r)];
    const numbers = selfPaced(r) && strip(r, this.at, (i) => progress(onItem(r, i), !!this.mine(onItem(r, i))), (i) => this.go(i));
    return [numbers, ...this.item(r, r.prompt, mine, onWay)];
  }

  /** @param {Room} r @param {Prompt} prompt @param {string[] | null} mine @param {boolean} onWay @returns {import("./dom.js").Kid[]} */
  item(r, prompt, mine, onWay) {
    if (r.state === "revealed" && r.reveal) return result(r, prompt, r.reveal, mine).concat(listenButton(() => shownWords(this.root)));
    if (onWay) return [this.delivery(prompt)];
    if (mine) return [this.received(r, prompt, mine)];
    if (r.state === "open" && this.over >= 0) return [this.question(r, prompt)];
    if (r.state === "paused") return [note("calm", "老师按了暂停", "先停一停，看大屏。")];
    const unsent = draftAt(this.draftPlace(r)) !== null;
    return [note("calm", selfPaced(r) || r.state === "open" ? "时间到了" : "这一题停了", unsent ? "你选了，但没有点“提交”，这次没有收到。没关系，看大屏。" : "没来得及也没关系，一起看大屏。")];
  }

  /** @param {Room} r @param {Prompt} prompt @param {string[]} mine */
  received(r, prompt, mine) {
    const next = selfPaced(r) ? this.unanswered(r, this.at) : this.at;
    const left = next !== this.at && (r.state === "open" || r.state === "paused");
    return note("ok", selfPaced(r) && !left && r.state !== "closed" ? "每一题都交了" : "已收到",
      left ? "交了的不能改。" : r.state === "closed" ? "停止作答了，看大屏，答案马上揭晓。" : selfPaced(r) ? "等老师公布答案。看看自己交了什么，点上面的题号。" : "等一等大家，看大屏。",
      yours(prompt, mine), this.timeLeft, left && h("p", null, h("button", { class: "btn btn-primary btn-big", type: "button", click: () => this.go(next) }, "去第 " + (next + 1) + " 题")));
  }

  /** @param {Room} r @param {Prompt} prompt */
  question(r, prompt) {
    const error = h("p", { class: "form-error", role: "alert" });
    const go = h("button", { class: "btn btn-primary btn-big", type: "submit" }, "提交");
    let own = false; // the order that an ordering item starts with is not the pupil's choice
    const fields = answerFields(prompt, this.draft, (choice) => {
      this.draft = choice;
      if (own) keepDraft(this.draftPlace(r), choice);
      go.disabled = choice === null;
      fill(error);
    });
    own = true;
    go.disabled = this.draft === null;
    const form = h("form", { class: "question" },
      h("p", { class: "question-place" }, "第 " + (r.item + 1) + " 题 · " + KIND[prompt.type], this.timeLeft),
      h("h1", { class: "question-stem", "data-say": prompt.stem }, spell(prompt.stem, prompt.reading)), picture(prompt.image), listenButton(() => itemWords(prompt)), fields, error,
      h("div", { class: "gate-bar" }, go));
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      if (this.draft !== null) this.send(this.draft);
    });
    return form;
  }

  /** @param {Choice} choice */
  async send(choice) {
    const now = this.room;
    if (!now || !now.prompt || (this.sent && this.sent.place === place(now))) return;
    const mine = { place: place(now), choice };
    this.sent = mine;
    hush();
    keepDraft("", null);
    this.retrying = false;
    const answer = { code: this.seat.code, item: now.prompt.id, opening: now.opening, choice };
    // A quick receipt goes straight to 已收到; only a slow one shows the way in between.
    const slow = setTimeout(() => this.draw(), 400);
    let refusal = "";
    try {
      const receipt = await deliver(answer, this.seat.token, () => { this.retrying = true; this.draw(); }, this.stop.signal);
      if (receipt.help) {
        this.care = mine.place;
        this.draft = null; // the words stay with nobody
      } else {
        this.receipts[mine.place] = receipt.choice;
      }
    } catch (err) {
      refusal = sentence(err);
    }
    if (this.sent === mine) this.sent = null;
    clearTimeout(slow);
    if (this.stop.signal.aborted) return;
    if (this.whole && selfPaced(this.whole) && !refusal && !this.care) this.go(this.unanswered(this.whole, this.at));
    else this.draw();
    const box = this.root.querySelector(".form-error");
    if (refusal && box) fill(box, refusal);
  }

  /** Whom to turn to, before anything else. What was written is not shown again. */
  caring() {
    return h("section", { class: "note note-soft care" }, h("h1", { "data-say": true }, "要是你心里难受，或者有人让你害怕"),
      h("p", null, "现在就告诉一个你信任的大人：老师、爸爸妈妈、亲人。说一次没用，就再告诉一个人。这不是你的错。"),
      h("ul", { class: "care-lines" }, ...[["12356", "心里难受，想找人说说"], ["110", "正有危险"], ["120", "有人受伤"]].map(([number, when]) =>
        h("li", null, h("a", { href: "tel:" + number }, h("b", null, number), h("span", null, when))))),
      h("p", { class: "muted small" }, this.seat.seat > NUMBERED ? "你写的话，网站没有存，也没有给任何人看。你用的是昵称，老师不知道你是谁，请你自己告诉一个大人。"
        : "你写的话，网站没有存，也没有给任何人看。老师下课会看到一个记号：你的座号，和第几题。"),
      h("p", { class: "btn-row" }, h("a", { class: "btn", href: "/help/" }, "更多帮助"), h("button", { class: "btn btn-primary", type: "button", click: () => {
        this.care = "";
        this.draw();
      } }, "接着答题")));
  }

  /** @param {Prompt} prompt */
  delivery(prompt) {
    const choice = this.sent ? this.sent.choice : [];
    return note("way", this.retrying ? "正在重新连接" : "正在交…", this.retrying ? "你的答案还在，连上就自动交，不用再点。" : "",
      yours(prompt, typeof choice === "string" ? [choice] : choice), this.timeLeft);
  }

  leave() {
    forgetWords();
    this.end();
    this.clock.stop();
    this.left("", "");
  }
}

/** A shared computer keeps no words of who sat there. */
function forgetWords() {
  keepDraft("", null);
  keepPending(null);
}

/** @param {Room} r at an item @param {boolean} answered */
function progress(r, answered) {
  if (r.own && r.own.correct !== undefined) return r.own.correct ? "right" : "wrong";
  return answered ? "done" : "";
}

/** Item and opening: what an answer belongs to. @param {Room} r */
const place = (r) => (r.prompt ? r.prompt.id + "/" + r.opening : "");

/** @param {Room} r */
function waiting(r) {
  const lobby = r.state === "lobby";
  return h("section", { class: "waiting" }, boardDrawing(), h("h1", { "data-say": true }, lobby ? "你已经进来了" : "下一题就来"),
    h("p", null, lobby ? "看大屏，等老师开始。" : "先看大屏，听老师读题。"));
}

/** @param {Room} r @param {Prompt} prompt @param {Reveal} reveal @param {string[] | null} mine */
function result(r, prompt, reveal, mine) {
  const poll = prompt.type === "poll";
  const right = !!(r.own && r.own.correct);
  const title = !mine ? "这题没有交，没关系" : poll ? "谢谢你的看法" : right ? "答对了" : "这次没答对";
  const text = !mine ? (selfPaced(r) ? "看看答案。" : "看看答案，下一题再来。") : poll ? "没有标准答案，听听别人怎么想。" : right ? "" : "没关系，看看为什么。";
  const why = h("div", { class: "explain-body" });
  html(why, reveal.explanation || "");
  return [note(right || (poll && mine) ? "ok" : "soft", title, text, mine && yours(prompt, mine)),
    !poll && !right && reveal.key.length > 0 && h("section", { class: "card" }, h("h2", null, "正确答案"), chosen(prompt, reveal.key)),
    reveal.explanation && h("section", { class: "card" }, h("h2", null, poll ? "想一想" : "为什么"), picture(prompt.image), why)];
}

/** @param {Room} r @param {() => void} leave */
function ended(r, leave) {
  return h("section", { class: "waiting" }, h("h1", { "data-say": true }, "今天的答题结束了"),
    r.own && h("p", { class: "own-points" }, h("strong", null, r.own.points), " 分"),
    h("p", null, "谢谢你认真想了每一道题。大屏上最多列前几名的座号，不列其他人的分数。"),
    h("div", { class: "notice" }, h("p", null, "如果今天的题让你想起了难过的事，可以告诉一位你信任的大人，也可以看看", h("a", { href: "/help/" }, "求助"), "里的电话。")),
    h("button", { class: "btn", click: leave }, "离开座位"));
}

/** A calm card: a sentence, what to do, and what was sent. @param {string} tone @param {string} title @param {string} text @param {...import("./dom.js").Kid} more */
function note(tone, title, text, ...more) {
  return h("section", { class: "note note-" + tone }, tone === "ok" && h("span", { class: "note-tick" }, icon(TICK)),
    h("h1", { "data-say": true }, title), text && h("p", null, text), ...more);
}

/** @param {Prompt} prompt @param {string[]} choice */
function yours(prompt, choice) {
  return h("div", { class: "note-own" }, h("p", { class: "muted small" }, "你的答案"), chosen(prompt, choice));
}

/** A board on an easel: look up, not down. */
function boardDrawing() {
  return svg("svg", { viewBox: "0 0 160 120", class: "board-drawing", "aria-hidden": "true" },
    svg("path", { class: "d-leg", d: "M52 84l-14 30M108 84l14 30M80 84v22" }),
    svg("rect", { class: "d-frame", x: 16, y: 10, width: 128, height: 76, rx: 8 }),
    svg("rect", { class: "d-face", x: 24, y: 18, width: 112, height: 60, rx: 4 }),
    svg("circle", { class: "d-sun", cx: 54, cy: 48, r: 14 }),
    svg("path", { class: "d-line", d: "M82 38h40M82 50h30M82 62h36" }));
}
