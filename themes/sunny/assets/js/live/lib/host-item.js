// One item on the projector: the question, the options, then the answer with its reason.
import { h, html, icon, picture, spell, TICK } from "./dom.js";
import { KIND, cardable, colour, countable, mark } from "./options.js";
import { lastSeat } from "./host-cards.js";
import { meter, countdown } from "./meter.js";
import { handCounter } from "./hands.js";
import { teamChooser, teamsAt } from "./teams.js";

/** @typedef {import("./host-lobby.js").Host} Host */

/** @param {Room} room @param {Host} host @param {() => void} resized */
export function itemScreen(room, host, resized) {
  const prompt = /** @type {Prompt} */ (room.prompt);
  const figures = meter(room);
  const clock = countdown((left) => figures.time(left, prompt.seconds * 1000));
  const shown = !!room.reveal;
  const said = /wall|teams/.test(room.mode) && !countable(prompt) || room.mode === "cards" && !cardable(prompt);
  const noting = /wall|teams/.test(room.mode) && !shown && countable(prompt) && room.opening > 0;
  const hands = !noting ? null : room.mode === "teams" ? teamChooser(room, host) : handCounter(room, host);
  const rows = shown && room.reveal && prompt.type === "ordering" ? inOrder(prompt, room.reveal.key) : prompt.options;
  const el = h("article", { class: "item item-" + room.state + " type-" + prompt.type },
    h("div", { class: "item-head" }, h("p", { class: "item-kind" }, said ? "口头说一说" : KIND[prompt.type]),
      h("h1", { class: "stem" }, spell(prompt.stem, prompt.reading)), picture(prompt.image, resized)),
    h("div", { class: "item-body" },
      h("ol", { class: "opt-cards" + (wide(room, prompt) ? " opt-cards-wide" : "") }, ...rows.map((o, n) => tile(room, o, n, hands, resized))),
      prompt.type === "fill" && !shown && h("p", { class: "fill-hint" }, h("span", { class: "fill-line" }), said ? "想好一个词，说出来" : "想好一个词，写下来"),
      room.reveal && prompt.type === "fill" && fillKey(room.reveal)),
    shown && room.reveal ? verdict(room, room.reveal) : figures.el,
    room.reveal && room.reveal.explanation ? explanation(room.reveal, prompt.type === "poll" ? "想一想" : "为什么") : null);

  return {
    el,
    /** @param {Room} now */
    update(now) {
      const seated = now.mode === "cards" ? lastSeat() : (now.seat_list || []).filter((s) => !s.kicked).length;
      if (hands) hands.total(figures);
      else figures.answers((now.answered || {})[prompt.id] || 0, seated, now.connected || 0);
      // Kept in its place while there is nothing to count, so that the question does not jump when it opens.
      figures.el.classList.toggle("meter-idle", now.state === "ready" || ((/wall|teams/.test(now.mode) && !hands || said) && now.remaining_ms === undefined));
      clock.set(now.remaining_ms, now.state === "open");
    },
    /** @param {Tally} t @param {Room} now */
    tally(t, now) {
      if (t.item !== prompt.id || t.opening !== room.opening || hands) return;
      figures.answers(t.answered, now.mode === "cards" ? lastSeat() : (now.seat_list || []).filter((s) => !s.kicked).length, t.connected);
    },
    /** Before the room moves on. */
    flush: async () => hands && hands.flush(),
    stop() {
      clock.stop();
      if (hands) hands.stop();
    },
  };
}

/** Long options read better below each other than in two narrow columns; counting hands takes room, too. @param {Room} room @param {Prompt} p */
function wide(room, p) {
  const spelt = p.reading && !document.documentElement.classList.contains("no-pinyin");
  const most = (/wall|teams/.test(room.mode) && p.options.length <= 5 ? 8 : 26) / (spelt ? 1.5 : 1);
  return p.type === "ordering" || p.options.some((o) => o.text.length > most);
}

/** @param {Prompt} prompt @param {string[]} key */
function inOrder(prompt, key) {
  return key.map((id) => prompt.options.find((o) => o.id === id)).filter(/** @returns {o is Option} */ (o) => !!o);
}

/** @param {Room} room @param {Option} o @param {number} n place on the screen @param {{field: (id: string, i: number) => HTMLElement} | null} hands @param {() => void} resized */
function tile(room, o, n, hands, resized) {
  const prompt = /** @type {Prompt} */ (room.prompt);
  const i = prompt.options.indexOf(o);
  const r = room.reveal;
  const right = !!r && prompt.type !== "ordering" && r.key.includes(o.id);
  const el = h("li", { class: "opt-card" + (right ? " opt-card-right" : r && r.key.length && prompt.type !== "ordering" ? " opt-card-other" : "") },
    r && prompt.type === "ordering" ? h("span", { class: "order-n" }, n + 1) : mark(i),
    h("span", { class: "opt-card-text" }, spell(o.text, o.reading), picture(o.image, resized)),
    right && h("span", { class: "opt-card-tick" }, icon(TICK), h("span", null, "正确")),
    r && countable(prompt) && room.mode !== "teams" && h("span", { class: "opt-card-count" }, r.counts[o.id] || 0),
    r && room.mode === "teams" && teamsAt(room, o.id), hands && hands.field(o.id, i));
  if (r && countable(prompt) && room.mode !== "teams") {
    const most = Math.max(1, ...Object.keys(r.counts).map((k) => r.counts[k] || 0));
    const bar = h("span", { class: "opt-card-bar " + colour(i) });
    bar.style.setProperty("--share", String((r.counts[o.id] || 0) / most));
    el.append(bar);
  }
  return el;
}

/** @param {Reveal} r */
function fillKey(r) {
  return h("p", { class: "fill-key" }, icon(TICK), h("span", null, "可以这样填："),
    ...r.key.map((word) => h("strong", null, word)));
}

/** @param {Room} room @param {Reveal} r */
function verdict(room, r) {
  const prompt = /** @type {Prompt} */ (room.prompt);
  if (/wall|cards/.test(room.mode) && (!r.answered || prompt.type === "multiple")) return null;
  const poll = prompt.type === "poll";
  return h("aside", { class: "meter verdict" },
    h("p", { class: "meter-count" }, h("strong", null, poll ? r.answered : r.correct), h("span", { class: "meter-of" }, poll ? " 人" : " / " + r.answered)),
    h("span", { class: "meter-word" }, room.mode === "teams" ? (poll ? "队说了看法" : "队答对") : poll ? "说了看法" : "答对"),
    poll && h("p", { class: "meter-note" }, "没有标准答案"));
}

/** @param {Reveal} r @param {string} title */
function explanation(r, title) {
  const body = h("div", { class: "explain-body" });
  html(body, r.explanation);
  return h("section", { class: "explain" }, h("h2", null, title), body);
}
