// Reads paper cards from a photo or, where the browser allows it, from the camera. Pictures stay in this page: they are
// drawn on a canvas, read there, and gone with the next one.
import { h, fill, announce, sentence, whileBusy } from "./dom.js";
import { readCards } from "../../cards/read.js";
import { upright } from "../../cards/photo.js";

/** @typedef {{seat: number, answer: string}} Seen */
/** @typedef {import("../../cards/read.js").Reading} Reading */

const EVERY = 200; // ms between two looks of the camera
const REST = 60;   // ms that a slow machine has for everything else between two looks
const SHOWN = 1280; // px, the longer side of a photo on the screen

/**
 * Puts a reader into an element. It collects one answer for each seat, the newest; a seat that one picture shows with two
 * answers has none until clear(), since then two hold the same card.
 * @param {HTMLElement} root
 * @param {(readings: Seen[], twice: number[]) => void} changed is told all readings, by seat, and the seats that were seen with two
 *   answers, whenever they are other than before
 * @param {{answers?: boolean}} [options] answers: also shows who answered what, for a screen that only the teacher sees
 */
export function cardReader(root, changed, options) {
  const { answers } = options || {};
  /** @type {Map<number, string>} */
  let seats = new Map();
  /** @type {Set<number>} */
  let twice = new Set();
  /** @type {Set<number>} */
  let tilted = new Set();
  /** @type {MediaStream | null} */
  let stream = null;
  let timer = 0;
  let over = false;
  let none = false; // the last photo showed no card

  const camera = h("button", { class: "btn", type: "button", click: () => (stream ? off() : whileBusy(camera, on)) }, "打开摄像头");
  const way = window.matchMedia("(pointer: coarse)").matches ? "拍一张" : "选一张照片"; // a PC opens its files
  const input = h("input", { type: "file", accept: "image/*", capture: "environment", "aria-label": way, change: () => {
    const file = input.files && input.files[0];
    if (file) photo(file).then(() => { input.value = ""; });
  } });
  const again = h("button", { class: "btn btn-quiet", type: "button", hidden: true, click: clear }, "清掉重读");
  const problem = h("p", { class: "form-error", role: "alert" });
  const view = h("div", { class: "reader-view", hidden: true });
  const count = h("p", { class: "reader-count", role: "status" });
  const notes = h("ul", { class: "reader-notes" });
  const list = h("ul", { class: "reader-seats", "aria-label": "每个座号读到的答案" });
  const live = Boolean(window.isSecureContext && navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
  camera.hidden = !live;
  fill(root, h("div", { class: "reader" },
    h("div", { class: "reader-ways" }, h("span", { class: "btn btn-primary reader-photo" }, input, h("span", { "aria-hidden": "true" }, way)), camera, again),
    !live && h("p", { class: "muted small" }, "这个网址用不了摄像头画面，拍照一样能读。"), problem, view, count, notes, list));
  tell();

  document.addEventListener("visibilitychange", look);
  return { clear, stop, photo, readings };

  /** What was read, by seat. @returns {Seen[]} */
  function readings() {
    return Array.from(seats.keys()).sort((a, b) => a - b).map((seat) => ({ seat, answer: seats.get(seat) || "" }));
  }

  /** Forgets what was read; a running camera goes on. */
  function clear() {
    seats = new Map();
    twice = new Set();
    tilted = new Set();
    none = false;
    fill(problem);
    if (!stream) hideView();
    tell();
    changed([], []);
  }

  /** Ends the reader: the camera goes off, nothing is read any more. */
  function stop() {
    over = true;
    off();
    document.removeEventListener("visibilitychange", look);
  }

  /** Reads a photo. @param {Blob} file */
  async function photo(file) {
    off();
    fill(problem);
    fill(count, "正在读…");
    try {
      const whole = await upright(file);
      await new Promise((go) => setTimeout(go, 30)); // so that the line above is seen
      if (over) return;
      const c = /** @type {CanvasRenderingContext2D} */ (whole.getContext("2d"));
      const reading = readCards(c.getImageData(0, 0, whole.width, whole.height));
      const scale = Math.min(1, SHOWN / Math.max(whole.width, whole.height));
      const shown = h("canvas", { role: "img", "aria-label": "刚拍的照片，读到的卡有框", width: Math.round(whole.width * scale), height: Math.round(whole.height * scale) });
      const to = /** @type {CanvasRenderingContext2D} */ (shown.getContext("2d"));
      to.drawImage(whole, 0, 0, shown.width, shown.height);
      whole.width = whole.height = 0; // 48 MB that no phone should wait for the collector with
      mark(to, reading, scale);
      fill(view, shown);
      view.hidden = false;
      take(reading, true);
    } catch (err) {
      fill(problem, sentence(err));
      tell();
    }
  }

  async function on() {
    none = false;
    fill(problem);
    try {
      const got = await navigator.mediaDevices.getUserMedia({ audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } } });
      if (over || stream) {
        got.getTracks().forEach((track) => track.stop());
        return;
      }
      stream = got;
      got.getTracks().forEach((track) => track.addEventListener("ended", off)); // unplugged, or taken by another program
      const video = h("video", { muted: true, playsinline: true, "aria-label": "摄像头画面" });
      video.muted = true;
      video.srcObject = got;
      const drawn = h("canvas", { "aria-hidden": "true" });
      fill(view, video, drawn);
      view.hidden = false;
      fill(camera, "关掉摄像头");
      await video.play();
      look();
    } catch (err) {
      const name = err instanceof Error ? err.name : "";
      if (name === "AbortError") return; // closed while it opened
      off();
      fill(problem, name === "NotAllowedError" ? "没有得到摄像头的许可。在浏览器地址栏旁边允许以后再点一次，或者用照片。"
        : name === "NotFoundError" ? "没有找到摄像头，请用照片。" : "摄像头打不开，可能别的程序正在用。请用照片。");
    }
  }

  function off() {
    clearTimeout(timer);
    if (!stream) return;
    stream.getTracks().forEach((track) => {
      track.removeEventListener("ended", off);
      track.stop();
    });
    stream = null;
    hideView();
    fill(camera, "打开摄像头");
  }

  function hideView() {
    fill(view);
    view.hidden = true;
  }

  // One look of the camera, then the next.
  function look() {
    clearTimeout(timer);
    if (!stream || document.hidden) return;
    const begin = Date.now();
    const video = view.querySelector("video"), drawn = view.querySelector("canvas");
    if (video && drawn && video.videoWidth) {
      const width = video.videoWidth, height = video.videoHeight;
      if (work.width !== width || work.height !== height) {
        work.width = drawn.width = width;
        work.height = drawn.height = height;
      }
      const c = /** @type {CanvasRenderingContext2D} */ (work.getContext("2d", { willReadFrequently: true }));
      c.drawImage(video, 0, 0, width, height);
      const reading = readCards(c.getImageData(0, 0, width, height));
      const to = /** @type {CanvasRenderingContext2D} */ (drawn.getContext("2d"));
      to.clearRect(0, 0, width, height);
      mark(to, reading, 1);
      take(reading, false);
    }
    timer = window.setTimeout(look, Math.max(REST, EVERY - (Date.now() - begin)));
  }

  /** Frames the cards in a picture. @param {CanvasRenderingContext2D} c @param {Reading} reading @param {number} scale */
  function mark(c, reading, scale) {
    const line = Math.max(2, c.canvas.width / 320);
    c.lineJoin = "round";
    c.font = `bold ${Math.round(line * 7)}px sans-serif`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    for (const card of reading.cards) frame(card.corners, "#00A651", answers ? card.seat + card.answer : String(card.seat));
    for (const one of reading.twice) for (const card of one.seen) frame(card.corners, "#D62828", one.seat + " 重复");
    for (const card of reading.tilted) frame(card.corners, "#E08700", card.seat + " 斜");

    /** @param {{x: number, y: number}[]} corners @param {string} colour @param {string} text */
    function frame(corners, colour, text) {
      let x = 0, y = 0;
      c.beginPath();
      for (const p of corners) {
        c.lineTo(p.x * scale, p.y * scale);
        x += p.x * scale / 4;
        y += p.y * scale / 4;
      }
      c.closePath();
      c.lineWidth = line;
      c.strokeStyle = colour;
      c.stroke();
      c.lineWidth = line * 2;
      c.strokeStyle = "#fff";
      c.strokeText(text, x, y);
      c.fillStyle = colour;
      c.fillText(text, x, y);
    }
  }

  /** @param {Reading} reading @param {boolean} aloud a photo is told of even where it changes nothing */
  function take(reading, aloud) {
    const before = JSON.stringify([readings(), twice.size]);
    for (const { seat } of reading.twice) {
      twice.add(seat);
      seats.delete(seat);
    }
    tilted = new Set(reading.tilted.map((card) => card.seat));
    for (const { seat, answer } of reading.cards) if (!twice.has(seat)) seats.set(seat, answer);
    none = aloud && !reading.cards.length && !reading.twice.length && !reading.tilted.length;
    const now = readings();
    tell();
    if (aloud) announce(`这张照片里有 ${reading.cards.length} 张卡，一共读到 ${now.length} 张`);
    if (JSON.stringify([now, twice.size]) !== before) changed(now, Array.from(twice));
  }

  function tell() {
    const now = readings();
    again.hidden = !now.length && !twice.size && view.hidden;
    words(count, now.length || !again.hidden ? `读到 ${now.length} 张` : "");
    const some = [
      ...Array.from(twice).sort((a, b) => a - b).map((seat) => ({ bad: true, text: `${seat} 号：一张画面里有两张同号的卡，答案不一样，没有算。请收回一张，再点“清掉重读”。` })),
      ...Array.from(tilted).sort((a, b) => a - b).map((seat) => ({ bad: false, text: `${seat} 号：卡斜着，看不出哪一边朝上，请转正。` })),
      ...(none ? [{ bad: false, text: "这张照片里没有读到卡。走近一点，光线亮一点，让卡正对着镜头，黑框和四周的白边都露出来。" }] : []),
    ];
    const text = some.map((note) => note.text).join("\n");
    if (notes.dataset.text !== text) {
      notes.dataset.text = text;
      fill(notes, ...some.map((note) => h("li", { class: note.bad && "reader-twice" }, note.text)));
    }
    const all = JSON.stringify(now);
    if (answers && list.dataset.all !== all) fill(list, ...now.map(({ seat, answer }) => h("li", null, h("span", null, seat + " 号"), h("b", null, answer))));
    list.dataset.all = all;
    list.hidden = !answers || !now.length;
  }
}

/** One canvas for all frames. */
const work = document.createElement("canvas");

/** Says something only where it is new. @param {HTMLElement} el @param {string} text */
function words(el, text) {
  if (el.textContent !== text) fill(el, text);
}
