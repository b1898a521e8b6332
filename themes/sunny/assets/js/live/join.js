// /join/: a pupil's phone or a computer-room PC. #CODE comes from the QR code.
import { h, redraw, byId, announce } from "./lib/dom.js";
import { api } from "./lib/api.js";
import { forgetSeat, keepSeat, leftSeat, seatKey } from "./lib/keys.js";
import { askCode, askSeat, seatLabel } from "./lib/join-door.js";
import { Desk } from "./lib/join-room.js";

const root = byId("join");
document.documentElement.classList.add("joining");

/** @returns {string} */
function hashCode() {
  const found = /^#(\d{6})$/.exec(location.hash);
  return (found && found[1]) || "";
}

async function start() {
  const seat = seatKey();
  const code = hashCode();
  if (seat && (!code || seat.code === code)) return sit(seat);
  seatLabel("");
  if (!code) return askCode(root, "", enter);
  try {
    enter(await api("/rooms/" + code));
  } catch (err) {
    askCode(root, err instanceof Error ? err.message : "", enter, code);
  }
}

/** @param {Room} room */
function enter(room) {
  const had = leftSeat(room.code);
  askSeat(root, room, had ? { name: seatName(had), sit: () => takeUp(had) } : null, (taken) =>
    takeUp({ code: room.code, token: taken.seat_token, seat: taken.seat, nickname: taken.nickname }), () => again());
}

/** @param {import("./lib/keys.js").SeatKey} key */
function takeUp({ code, token, seat, nickname }) {
  const key = { code, token, seat, nickname };
  keepSeat(key);
  history.replaceState(null, "", "#" + code);
  sit(key);
}

/** @param {import("./lib/keys.js").SeatKey} key */
const seatName = (key) => key.nickname || key.seat + " 号";

/** @param {import("./lib/keys.js").SeatKey} key */
function sit(key) {
  seatLabel(seatName(key));
  redraw(root, h("p", { class: "waiting muted" }, "正在进教室…"));
  new Desk(root, key, (title, text, closed) => {
    keepSeat(null);
    forgetSeat(key.code);
    seatLabel("");
    if (!title) return again();
    const read = redraw(root, h("section", { class: "note" }, h("h1", null, title), h("p", null, text),
      h("button", { class: "btn btn-primary", click: () => again(closed ? "" : key.code) }, "重新加入")));
    if (!read) announce(title + "。" + text);
  });
}

/** @param {string} [code] to go back to the same room */
function again(code) {
  keepSeat(null);
  history.replaceState(null, "", location.pathname);
  askCode(root, "", enter, code);
}

window.addEventListener("hashchange", () => location.reload());
start();
