// Paper cards: the host's dialog that reads them, and who is still missing. The pictures stay on the device.
import { h, fill, byId, announce, sentence } from "./dom.js";
import { cardable } from "./options.js";
import { tallySender } from "./tally.js";

const LAST_SEAT = "sunny.cards";
const MOST = 63;

/** The highest seat number of the class, as this device knows it; 0 for unknown. */
export const lastSeat = () => Math.min(MOST, Number(localStorage.getItem(LAST_SEAT)) || 0);

/** Who has not been read yet, of a class whose last number is known. @param {Room} room */
export function missingSeats(room) {
  const read = new Set((room.seat_list || []).filter((s) => s.answered).map((s) => s.seat));
  return Array.from({ length: lastSeat() }, (_, i) => i + 1).filter((n) => !read.has(n));
}

/** @typedef {typeof import("./card-reader.js").cardReader} CardReader */

/** Fetches the reader, once. @param {string} address @returns {Promise<CardReader>} */
function fetchReader(address) {
  const ready = () => /** @type {CardReader | undefined} */ (/** @type {any} */ (window).sunnyReader);
  return new Promise((done, fail) => {
    const known = ready();
    if (known) return done(known);
    const script = h("script", { src: address, load: () => done(/** @type {CardReader} */ (ready())),
      error: () => { script.remove(); fail(new Error("读卡的程序没有取到。看看网线或者无线网，再点一次“读卡”。")); } });
    document.head.append(script);
  });
}

/** @param {import("./host-room.js").HostRoom} host */
export function cardsDialog(host) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("cards-dialog"));
  const place = byId("cards-reader");
  const figure = byId("cards-figure");
  const missing = byId("cards-missing");
  const last = /** @type {HTMLInputElement} */ (byId("cards-last"));
  last.value = String(lastSeat() || "");
  last.addEventListener("input", () => {
    localStorage.setItem(LAST_SEAT, String(Math.max(0, Math.min(MOST, Math.round(Number(last.value)) || 0))));
    if (host.room) host.apply(host.room);
  });
  /** @type {ReturnType<CardReader> | null} */
  let reader = null;
  const fetched = () => fetchReader(place.dataset.script || "");
  /** What was read of the current opening and is not on the server yet. @type {Record<string, string>} */
  let waiting = {};
  /** What this reader had last. @type {Record<string, string>} */
  let seen = {};
  let opening = "";
  let asked = false;
  const sender = tallySender(host, "纸卡", {
    waits: () => Object.keys(waiting).length > 0,
    take() {
      const room = /** @type {Room} */ (host.room);
      const seats = waiting;
      waiting = {};
      return { item: /** @type {Prompt} */ (room.prompt).id, opening: room.opening, seats };
    },
    back({ item, opening: of, seats }) {
      const room = host.room;
      if (room && room.prompt && room.prompt.id === item && room.opening === of) waiting = Object.assign({}, seats, waiting);
    },
  });

  /** @param {{seat: number, answer: string}[]} readings @param {number[]} twice seats with two cards: neither counts */
  function read(readings, twice) {
    const room = host.room;
    if (!room || !room.prompt || !takesCards(room)) return;
    const { options } = room.prompt;
    /** @type {Record<string, string>} */
    const now = {};
    for (const { seat, answer } of readings) {
      const option = options["ABCD".indexOf(answer)];
      if (option) now[seat] = option.id;
    }
    for (const seat of twice) now[seat] = "";
    for (const seat of Object.keys(now)) if (seen[seat] !== now[seat]) waiting[seat] = now[seat] || "";
    seen = now;
    sender.send();
  }

  dialog.addEventListener("close", () => {
    if (dialog.open) return; // open again before this was told
    if (reader) reader.stop();
    reader = null;
    fill(place);
  });

  return {
    open() {
      if (!host.room || !takesCards(host.room)) return;
      dialog.showModal();
      if (reader) reader.stop();
      reader = null;
      fill(place, h("p", { class: "muted", role: "status" }, "正在准备…"));
      fetched().then((cardReader) => {
        if (!dialog.open || reader) return;
        seen = {}; // the new reader knows nothing; what the server has stays
        reader = cardReader(place, read);
      }, (err) => fill(place, h("p", { class: "form-error", role: "alert" }, sentence(err))));
    },
    /** @param {Room} room */
    update(room) {
      if (room.mode === "cards" && !asked) fetched().catch(() => {}); // before it is needed; asked for again if that fails
      asked = true;
      const now = [room.item, room.opening].join("/");
      if (now !== opening) {
        opening = now;
        waiting = {};
        seen = {};
        if (reader) reader.clear();
      }
      if (!takesCards(room) && dialog.open) dialog.close();
      const seats = (room.seat_list || []).filter((s) => s.answered).length;
      fill(figure, "已记下 ", h("strong", null, seats), lastSeat() ? " / " + lastSeat() + " 张" : " 张");
      const out = missingSeats(room);
      fill(missing, !lastSeat() ? "填上全班最后一个座号，就知道还差谁。" : out.length ? "还没读到：" + out.join("、") : "都读到了。");
      if (dialog.open && lastSeat() && !out.length) announce("都读到了");
    },
    flush: sender.flush,
  };
}

/** Whether the room takes cards now. @param {Room} room */
export const takesCards = (room) => room.mode === "cards" && !!room.prompt && cardable(room.prompt) && /^(open|paused|closed)$/.test(room.state);
