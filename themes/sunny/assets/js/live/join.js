// /join/: a pupil's phone or a computer-room PC. #CODE comes from the QR code.
import { h, fill, byId, announce } from "./lib/dom.js";
import { api } from "./lib/api.js";
import { keepSeat, seatKey } from "./lib/keys.js";
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
    askCode(root, err instanceof Error ? err.message : "", enter);
  }
}

/** @param {Room} room */
function enter(room) {
  askSeat(root, room, "", (taken) => {
    const key = { code: room.code, token: taken.seat_token, seat: taken.seat, nickname: taken.nickname };
    keepSeat(key);
    history.replaceState(null, "", "#" + room.code);
    sit(key);
  }, again);
}

/** @param {import("./lib/keys.js").SeatKey} key */
function sit(key) {
  seatLabel(key.nickname || key.seat + " 号");
  fill(root, h("p", { class: "waiting muted" }, "正在进教室…"));
  new Desk(root, key, (title, text) => {
    keepSeat(null);
    seatLabel("");
    if (!title) return again();
    fill(root, h("section", { class: "note" }, h("h1", null, title), h("p", null, text),
      h("button", { class: "btn btn-primary", click: again }, "重新加入")));
    announce(title + "。" + text);
  });
}

function again() {
  keepSeat(null);
  history.replaceState(null, "", location.pathname);
  askCode(root, "", enter);
}

window.addEventListener("hashchange", () => location.reload());
start();
