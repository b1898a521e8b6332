// The lobby on the projector: how to come in, and who is here.
import { h, fill, sentence, whileBusy } from "./dom.js";
import { api } from "./api.js";
import { grouped } from "./host-open.js";
import { joins } from "./pace.js";

/** @typedef {import("./host-room.js").HostRoom} Host */

/** @param {Room} room @param {Host} host */
export function lobby(room, host) {
  if (!joins(room)) return { el: plainLobby(room), update() {} };
  const address = h("p", { class: "lobby-address", "data-fit": true });
  const qr = h("img", { class: "lobby-qr", alt: "扫码进入课堂的二维码", error: () => setTimeout(() => { if (qr.isConnected) qr.src = qr.src; }, 2000) });
  const way = h("div", { class: "lobby-way" }, h("p", { class: "lobby-step" }, "打开网址"), address,
    h("p", { class: "lobby-step" }, "输入课堂码"),
    h("p", { class: "lobby-code", "data-fit": true, "aria-label": "课堂码 " + room.code.split("").join(" ") }, grouped(room.code)));
  const scan = h("figure", { class: "lobby-scan" }, qr, h("figcaption", null, "或者扫一扫"));
  const alone = onlyHere(room, host);
  const count = h("h2", { class: "lobby-count" });
  const list = h("ul", { class: "seats" });
  const el = h("section", { class: "lobby" }, h("h1", { class: "sr" }, room.title),
    alone, way, scan, h("div", { class: "lobby-seats" }, count, list));
  let reach = "";

  return {
    el,
    /** @param {Room} now */
    update(now) {
      const url = now.join_url || "";
      if (reach !== url + now.loopback_only) {
        reach = url + now.loopback_only;
        // A long name breaks before a dot or a colon, never within a word.
        address.classList.toggle("lobby-address-short", spoken(url).length <= 24);
        fill(address, ...spoken(url).split(/(?=[.:/])/).flatMap((part) => [part, h("wbr", null)]));
        alone.hidden = !now.loopback_only;
        way.hidden = scan.hidden = !!now.loopback_only;
        // The picture changes with the address, its own address does not.
        qr.src = "/api/rooms/" + now.code + "/qr.svg?for=" + encodeURIComponent(url);
      }
      const seats = now.seat_list || [];
      const here = seats.filter((s) => !s.kicked).length;
      if (here) fill(count, "已入座 ", h("strong", null, here), " 人");
      else fill(count, "等同学们进来…");
      drawSeats(list, seats, host);
    },
  };
}

/** Where nobody has to come in. @param {Room} room */
function plainLobby(room) {
  const [name, rule] = room.mode === "teams" ? ["大屏分队，" + (room.seat_list || []).length + " 队", "看题，队里商量，想法不一样也都听一听。听老师口令，每队派一个人说答案。最后只报第一名。"]
    : room.mode === "cards" ? ["纸卡", "看题，想一想，听老师口令再举卡。选哪个，就把哪个字母转到上面，卡面对着老师，手别挡住黑框。"]
    : ["大屏举手", "看题，想一想，听老师口令再举手。想法不一样没关系，说得出理由就好。"];
  return h("section", { class: "lobby-wall" }, h("p", { class: "lobby-kicker" }, name + " · 一共 " + room.item_count + " 道题"),
    h("h1", null, room.title),
    h("p", { class: "lobby-rule" }, rule));
}

/** An address as it is read out and typed. @param {string} url */
export function spoken(url) {
  return url.replace(/^http:\/\//, "").replace(/\/?#.*$/, "");
}

/** Before others can come in there is one thing to do, and no address that would not work. @param {Room} room @param {Host} host */
function onlyHere(room, host) {
  const error = h("p", { role: "alert" });
  const button = h("button", { class: "btn btn-primary lobby-share", click: () => whileBusy(button, open) }, "开放给本教室");

  async function open() {
    fill(error);
    try {
      /** @type {Reach} */
      const reach = await api("/rooms/" + room.code + "/share", { method: "POST", token: host.token });
      host.apply(Object.assign(await api("/rooms/" + room.code, { token: host.token }), reach));
    } catch (err) {
      fill(error, sentence(err));
    }
  }

  return h("div", { class: "lobby-alone", hidden: true }, h("h2", null, "现在只有这台电脑能打开"), button, error,
    h("p", { class: "lobby-try" }, "只在这台电脑上试一试，也可以直接开始（课堂码 " + grouped(room.code) + "）"));
}

/**
 * Draws the seats, when they changed, and keeps the focus on the same seat.
 * @param {HTMLElement} list @param {Seat[]} seats @param {Host} host
 */
export function drawSeats(list, seats, host) {
  const now = JSON.stringify(seats.map((s) => [s.seat, s.connected, s.kicked]));
  if (list.dataset.now === now) return;
  list.dataset.now = now;
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const seat = focused instanceof HTMLElement ? focused.dataset.seat : "";
  fill(list, ...seats.map((s) => seatChip(s, host)));
  for (const b of Array.from(list.querySelectorAll("button"))) if (seat && b.dataset.seat === seat) b.focus();
}

/** A seat that can be moved out and, at once, asked back. @param {Seat} s @param {Host} host */
function seatChip(s, host) {
  const name = seatName(s);
  const state = s.kicked ? " seat-out" : s.connected ? "" : " seat-away";
  return h("li", { class: "seat" + state }, h("span", null, name, !s.kicked && !s.connected && h("span", { class: "sr" }, "（不在线）")),
    h("button", { type: "button", class: "seat-kick", "data-seat": s.seat, title: s.kicked ? "请回 " + name : "移出 " + name,
      "aria-label": s.kicked ? "请回 " + name : "移出 " + name,
      click: () => host.control(s.kicked ? "readmit" : "kick", s.seat) }, s.kicked ? "请回" : "移出"));
}

/** @param {{seat: number, nickname: string}} s */
export const seatName = (s) => s.nickname || s.seat + " 号";
