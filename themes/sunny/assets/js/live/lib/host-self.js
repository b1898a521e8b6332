// A self-paced room on the projector: how far the class is, then how it went, item by item. Nobody is listed, so nobody is slow.
import { h, fill, plain } from "./dom.js";
import { countdown, meter } from "./meter.js";
import { spoken } from "./host-lobby.js";
import { grouped } from "./host-open.js";
import { KIND } from "./options.js";

/** While the window is open. @param {Room} room */
export function windowScreen(room) {
  const figures = meter(room);
  const clock = countdown((left) => figures.time(left, Math.max(left, whole)));
  let whole = room.remaining_ms || 1;
  const all = h("p", { class: "pace-all" });
  const bar = h("span", { class: "pace-bar" });
  const address = h("span", { class: "pace-address" });
  const el = h("section", { class: "pace" },
    h("div", null, h("p", { class: "lobby-kicker" }, "自己的步子 · 一共 " + room.item_count + " 道题"), h("h1", null, room.title),
      h("p", { class: "lobby-rule" }, "不用赶，也不用等。会的先做，做完可以回头看一看题号，还有没有漏的。"),
      h("p", { class: "pace-code" }, address, "课堂码 ", h("strong", null, grouped(room.code))),
      h("div", { class: "pace-track", "aria-hidden": "true" }, bar), all),
    figures.el);
  let seats = 0;

  /** @param {number} given @param {number} done @param {number} connected */
  function progress(given, done, connected) {
    const most = seats * room.item_count;
    figures.answers(done, seats, connected);
    bar.style.setProperty("--share", String(most ? given / most : 0));
    fill(all, "全班一共交了 " + given + " 题" + (most ? "，" + Math.round((100 * given) / most) + "%" : ""));
  }

  return {
    el,
    /** @param {Room} now */
    update(now) {
      seats = (now.seat_list || []).filter((s) => !s.kicked).length;
      const given = Object.keys(now.answered || {}).reduce((sum, id) => sum + ((now.answered || {})[id] || 0), 0);
      fill(address, now.join_url && !now.loopback_only ? spoken(now.join_url) : "");
      progress(given, now.done || 0, now.connected || 0);
      whole = Math.max(whole, now.remaining_ms || 0);
      clock.set(now.remaining_ms, now.state === "open");
    },
    /** @param {Tally} t */
    tally: (t) => progress(t.answered, t.done || 0, t.connected),
    stop: () => clock.stop(),
  };
}

/** All items with how the class did; one press shows an item with its answer. @param {Room} room @param {(i: number) => void} look */
export function lookScreen(room, look) {
  const rows = (room.items || []).map((p, i) => {
    const r = /** @type {Reveal} */ ((room.reveals || [])[i]);
    const poll = p.type === "poll";
    const share = r.answered ? r.correct / r.answered : 0;
    const bar = h("span", { class: "look-bar" + (poll ? " look-poll" : "") });
    bar.style.setProperty("--share", String(poll ? 1 : share));
    return h("li", null, h("button", { type: "button", class: "look", click: () => look(i) },
      h("span", { class: "look-n" }, i + 1), h("span", { class: "look-stem" }, plain(h("span", null, p.stem))),
      h("span", { class: "look-share" }, poll ? KIND.poll : r.answered ? Math.round(100 * share) + "%" : "没有人答"), bar));
  });
  return { el: h("section", { class: "looks" }, h("h1", null, "一起看看这些题"), h("p", { class: "lobby-kicker" }, "右边是答对的占多少。先讲答对的人少的。"), h("ol", null, ...rows)), update() {} };
}
