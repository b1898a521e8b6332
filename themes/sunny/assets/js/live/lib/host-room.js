// The host of a running room: one main button, the keyboard, the stream.
import { h, fill, byId, announce, readFrom, sentence } from "./dom.js";
import { api, ApiError } from "./api.js";
import { follow } from "./stream.js";
import { forget } from "./keys.js";
import { grouped } from "./host-open.js";
import { lobby, drawSeats } from "./host-lobby.js";
import { cardable, countable } from "./options.js";
import { itemScreen } from "./host-item.js";
import { endScreen } from "./host-end.js";
import { projector } from "./projector.js";
import { cardsDialog, takesCards } from "./host-cards.js";
import { claimsDialog } from "./host-claims.js";
import { extraDialog } from "./host-extra.js";
import { lookScreen, windowScreen } from "./host-self.js";
import { joins, onItem, selfPaced } from "./pace.js";
import { pinyinSwitch } from "../../reading/pinyin.js";

/** @type {Record<RoomState, string>} */
const STATE = {
  lobby: "等同学们进来", ready: "先读题，还没有开放作答", open: "作答中", paused: "暂停了", closed: "已停止作答", revealed: "已公布", ended: "结束了",
};

/** What the host can do; "look" goes through the answers of a self-paced room and changes nothing on the server. @typedef {HostAction | "look"} Step */

/** @param {Room} room @param {number} looking at which item of a self-paced room; -1 is all of them @returns {[Step, string] | null} */
function mainStep(room, looking) {
  if (selfPaced(room)) {
    switch (room.state) {
      case "lobby": return ["open", "开始"];
      case "revealed": return looking + 1 < room.item_count ? ["look", looking < 0 ? "从第 1 题讲起" : "下一题"] : ["end", "结束，看全班成绩"];
    }
  }
  const [start, stop] = { wall: ["开始举手", "停止举手"], teams: ["各队商量", "都记好了"], cards: ["开始举卡", "停止读卡"] }[room.mode] || ["开放作答", "停止作答"];
  switch (room.state) {
    case "lobby": return ["next", "开始第一题"];
    case "ready": return ["open", isSpoken(room) ? "请大家说一说" : start || ""];
    case "open": return ["close", isSpoken(room) ? "看答案" : stop || ""];
    case "paused": return ["resume", "继续作答"];
    case "closed": return ["reveal", room.prompt && room.prompt.type === "poll" ? "公布结果" : "公布答案"];
    case "revealed": return last(room) ? ["end", "结束，看全班成绩"] : ["next", "下一题"];
    default: return null;
  }
}

/** An item that the class talks about: nothing is counted. @param {Room} room */
const isSpoken = (room) => !!room.prompt && (/wall|teams/.test(room.mode) && !countable(room.prompt) || room.mode === "cards" && !cardable(room.prompt));

/** @param {Room} room @returns {[HostAction, string][]} */
function otherSteps(room) {
  const self = selfPaced(room);
  /** @type {[HostAction, string][]} */
  const steps = [];
  const poll = room.prompt && room.prompt.type === "poll";
  if (room.can_undo) steps.push(["undo", room.state === "ended" ? "撤回结束" : "撤回"]);
  if (room.state === "open") steps.push(["pause", "暂停"]);
  if (room.state === "paused") steps.push(["close", "停止作答"]);
  if (room.timer !== "off" && /^(open|paused)$/.test(room.state)) steps.push(["extend", self ? "加 5 分钟" : "加 15 秒"]);
  if (room.state === "closed" || (room.state === "revealed" && poll)) steps.push(["reopen", self ? "再开放一会儿" : "重开"]);
  if (!self && room.state !== "lobby" && room.state !== "revealed" && room.state !== "ended" && !last(room)) steps.push(["skip", "跳过"]);
  if (room.state === "ended") {
    if (room.board && room.board.top.length) steps.push(["hide", room.board_hidden ? "显示名单" : "隐藏名单"]);
  } else if (!(room.state === "revealed" && last(room) && !self)) {
    steps.push(["end", "结束"]);
  }
  return steps;
}

/** Whether skipping would drop answers. @param {Room} room */
function mayLose(room) {
  if (room.state === "open" || room.state === "paused") return true;
  const hands = Object.keys(room.counts || {}).some((id) => (room.counts || {})[id]);
  return room.state === "closed" && (hands || !!(room.prompt && (room.answered || {})[room.prompt.id]));
}

/** @param {Room} room */
const last = (room) => room.item + 1 >= room.item_count;

/** @typedef {{el: HTMLElement, update: (room: Room) => void, tally?: (t: Tally, room: Room) => void, flush?: () => Promise<unknown>, stop?: () => void}} Screen */

/** Runs the screen of one room. */
export class HostRoom {
  /** @param {import("./keys.js").HostKey} key */
  constructor(key) {
    this.key = key;
    this.token = key.token;
    this.path = "/rooms/" + key.code;
    this.stage = byId("stage");
    this.main = /** @type {HTMLButtonElement} */ (byId("main-step"));
    /** @type {Room | null} */
    this.room = null;
    /** @type {Screen | null} */
    this.screen = null;
    this.shown = "";
    this.busy = false;
    this.looking = -1; // at which item of a self-paced room; -1 is all of them
    /** @type {AbortController | null} */
    this.asked = null; // the request that is on its way
    this.movedAt = -1000; // when the room last moved without us
    this.view = projector({ step: () => this.main.click(), home: () => this.home(), stage: this.stage, letters: { r: () => this.cards.open() } });
    this.cards = cardsDialog(this);
    this.claims = claimsDialog(this);
    this.extra = extraDialog(this);
    byId("read-cards").addEventListener("click", () => this.cards.open());
    byId("give-time").addEventListener("click", () => this.extra.open());
    byId("take-over").addEventListener("click", () => this.claims.open());
    this.main.addEventListener("click", (e) => this.step(e));
    this.stop = follow(this.path + "/events", key.token, {
      event: (name, data) => this.event(name, data),
      link: (up) => { byId("link-lost").hidden = up; },
      refused: (status, text) => this.gone(status, text),
    });
  }

  /** @param {string} name @param {any} data */
  event(name, data) {
    if (name === "state") {
      if (this.room && data.version > this.room.version) this.moved();
      this.apply(data);
    }
    if (name === "tally" && this.room && this.screen && this.screen.tally) this.screen.tally(data, this.room);
  }

  /** The stream shows a step: no complaint of before holds, and an answer that is still missing is not waited for much longer. */
  moved() {
    this.warn("");
    const { asked } = this;
    if (asked) setTimeout(() => asked.abort(), 500);
  }

  /** @param {MouseEvent} e */
  async step(e) {
    if (e.detail > 1) return; // a double click is one step
    const step = this.room && mainStep(this.room, this.looking);
    // Time may run out just as the teacher presses "stop": that press must not reveal the answer.
    if (!step || performance.now() - this.movedAt <= 500) return;
    if (step[0] === "look") return this.look(this.looking + 1);
    await this.control(step[0]);
    // Where nothing was counted there is nothing to stop: the same press shows the answer.
    const now = this.room;
    if (step[0] === "close" && now && now.state === "closed" && isSpoken(now)) await this.control("reveal");
  }

  /** To the answers of one item of a self-paced room, or to all of them. @param {number} i */
  look(i) {
    this.looking = i;
    if (this.room) this.draw(this.room);
    if (this.room) this.bar(this.room);
    this.home();
  }

  /** Takes over a state, from the stream or from an answer. @param {Room} now */
  apply(now) {
    if (this.room && now.version < this.room.version) return; // a late answer of an older request
    this.room = now;
    const on = document.activeElement;
    const name = [now.state, now.item, now.opening].join("/");
    if (name !== this.shown) {
      // Pausing does not redraw: the hand counts and the place of reading stay.
      if (now.state !== "revealed") this.looking = -1;
      if (!this.screen || !samePicture(this.shown, name)) this.draw(now);
      if (!this.busy && this.shown) this.movedAt = performance.now();
      this.shown = name;
      this.bar(now);
      announce(STATE[now.state] + (now.prompt && !selfPaced(now) ? "，第 " + (now.item + 1) + " 题" : ""));
    }
    if (now.state === "ended") this.bar(now);
    header(now);
    if (this.screen) this.screen.update(onItem(now, this.looking));
    drawSeats(byId("seat-list"), now.seat_list || [], this);
    this.cards.update(now);
    this.claims.update(now);
    this.extra.update(now);
    byId("show-care").hidden = !now.concern;
    byId("care-now").hidden = now.state !== "ended"; // the dialog stands on the wall, too
    byId("care-later").hidden = now.state === "ended";
    byId("read-cards").hidden = !takesCards(now);
    if (now.state !== "open") this.view.fit();
    if (on && (on.closest("[hidden]") || (!on.isConnected && document.activeElement === document.body))) this.home();
  }

  /** Where the keyboard goes on when what had the focus is gone. */
  home() {
    if (this.main.hidden) readFrom(this.stage);
    else this.main.focus();
  }

  /** @param {Room} now */
  draw(now) {
    if (this.screen && this.screen.stop) this.screen.stop();
    this.screen = now.state === "lobby" ? lobby(now, this) : now.state === "ended" ? endScreen(now, this.token, this.key.quiz)
      : !selfPaced(now) ? itemScreen(now, this, this.view.fit)
      : now.state !== "revealed" ? windowScreen(now) : this.looking < 0 ? lookScreen(now, (i) => this.look(i))
      : itemScreen(onItem(now, this.looking), this, this.view.fit);
    fill(this.stage, this.screen.el);
    this.screen.update(onItem(now, this.looking));
    this.stage.scrollTop = 0;
    this.view.fit();
  }

  /** @param {Room} now */
  bar(now) {
    const step = mainStep(now, this.looking);
    this.main.hidden = !step;
    if (step) this.main.textContent = step[1];
    const others = byId("other-steps");
    const on = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.action : "";
    fill(others, this.looking >= 0 && h("button", { type: "button", class: "btn btn-quiet", "data-action": "look", click: () => this.look(-1) }, "全部题目"),
      ...otherSteps(now).map(([action, label]) => this.secondary(action, label)));
    for (const button of Array.from(others.querySelectorAll("button"))) if (on && button.dataset.action === on) button.focus();
  }

  /** Ending, and skipping what has been answered, ask twice, on the button itself. @param {HostAction} action @param {string} label */
  secondary(action, label) {
    let sure = !(action === "end" || (action === "skip" && this.room && mayLose(this.room)));
    const button = h("button", { type: "button", class: "btn btn-quiet", "data-action": action, click: (/** @type {MouseEvent} */ e) => {
      if (e.detail > 1) return; // a double click is one, also where another button has moved in
      if (sure) return void this.control(action);
      sure = true;
      button.textContent = "再点一次就" + label;
      setTimeout(() => { sure = false; button.textContent = label; }, 4000);
    } }, label);
    return button;
  }

  /** @param {HostAction} action @param {number} [seat] */
  async control(action, seat) {
    if (this.busy || !this.room) return;
    const { version } = this.room;
    this.busy = true;
    this.main.setAttribute("aria-busy", "true");
    try {
      if (this.screen && this.screen.flush) await this.screen.flush();
      await this.cards.flush();
      this.asked = new AbortController();
      this.newer(await api(this.path + "/control", { token: this.token, body: { action, version, seat }, signal: this.asked.signal }));
      this.warn("");
    } catch (err) {
      const late = err instanceof ApiError && err.status === 409;
      if (late) await this.refresh();
      // Where only the answer was lost, the stream has shown that it was done.
      this.warn(late || this.room.version === version ? sentence(err) : "");
    }
    this.busy = false;
    this.main.removeAttribute("aria-busy");
  }

  /** The answer to a request. Of the version that is shown the stream has brought more since it was written. @param {Room} now */
  newer(now) {
    if (!this.room || now.version > this.room.version) this.apply(now);
  }

  async refresh() {
    try {
      this.newer(await api(this.path, { token: this.token }));
    } catch (_) {
      // The stream brings the state as soon as the line is back.
    }
  }

  /** @param {string} text "" takes the warning away */
  warn(text) {
    const box = byId("warning");
    box.hidden = !text;
    box.textContent = text;
  }

  /** The server does not know us any more. @param {number} status @param {string} text */
  gone(status, text) {
    forget(this.key.code); // it opens nothing any more
    if (this.screen && this.screen.stop) this.screen.stop();
    this.main.hidden = true;
    byId("link-lost").hidden = true;
    fill(byId("other-steps"));
    fill(this.stage, h("section", { class: "end" }, h("h1", null, status === 404 ? "没有这间教室了" : "这台设备不再主持这间教室"),
      h("p", null, status === 404 ? text : "主持的老师请别的设备退出了。还要用这一台，就再接手一次。"), h("p", { class: "btn-row" },
        status !== 404 && h("button", { class: "btn btn-primary", type: "button", click: () => location.reload() }, "再接手"), h("a", { class: "btn", href: "/host/" }, "另开一间"))));
    this.home();
  }
}

/** @param {Room} now */
function header(now) {
  byId("room-title").textContent = now.title;
  pinyinSwitch(now.pinyin);
  document.title = now.title + " · 课堂答题";
  const asking = now.state !== "lobby" && now.state !== "ended";
  byId("room-place").textContent = !asking ? "" : selfPaced(now) ? "一共 " + now.item_count + " 题" : "第 " + (now.item + 1) + " 题，共 " + now.item_count + " 题";
  byId("room-code").textContent = asking && joins(now) ? "课堂码 " + grouped(now.code) : "";
  byId("room-state").textContent = !asking ? "" : isSpoken(now) && now.state !== "paused" && now.state !== "revealed" ? "口头说一说" : STATE[now.state];
  byId("host").setAttribute("data-state", now.state);
  byId("host").classList.toggle("host-alone", now.state === "lobby" && joins(now) && !!now.loopback_only);
  byId("show-seats").hidden = !joins(now);
  byId("give-time").hidden = !joins(now) || now.timer === "off" || now.state === "ended";
}

/** Whether two states show the same picture: pausing changes nothing on it. @param {string} a @param {string} b */
function samePicture(a, b) {
  const flat = (/** @type {string} */ s) => s.replace("paused/", "open/");
  return flat(a) === flat(b);
}
