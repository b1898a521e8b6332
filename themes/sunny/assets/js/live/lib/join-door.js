// Coming in: the code, then a seat. Nobody types a name.
import { h, fill, redraw, byId, announce, sentence, whileBusy } from "./dom.js";
import { api, ApiError } from "./api.js";
import { token } from "./ids.js";

const SEATS = 63;

/** @param {HTMLElement} root @param {string} message @param {(room: Room) => void} found @param {string} [known] the code, when it is known */
export function askCode(root, message, found, known = "") {
  const field = h("input", { id: "code", class: "code-field", type: "text", inputmode: "numeric", pattern: "[0-9]*", maxlength: 7,
    autocomplete: "off", placeholder: "000 000", "aria-describedby": "code-error", value: spaced(known), input: typed, enterkeyhint: "go" });
  const error = h("p", { id: "code-error", class: "form-error", role: "alert" }, message);
  const go = h("button", { class: "btn btn-primary btn-big", type: "submit" }, "进入");
  fill(root, h("form", { class: "gate", novalidate: true, submit: (/** @type {Event} */ e) => { e.preventDefault(); look(); } },
    h("h1", null, "加入课堂答题"), h("label", { for: "code" }, "输入大屏上的 6 位课堂码"), field, error, go));
  field.focus();

  const digits = () => field.value.replace(/\D/g, "");

  function typed() {
    const code = digits().slice(0, 6);
    field.value = spaced(code);
    fill(error);
    if (code.length === 6) look();
  }

  async function look() {
    if (digits().length !== 6) return void fill(error, "课堂码是 6 个数字，再看一眼大屏。");
    await whileBusy(go, async () => {
      try {
        found(await api("/rooms/" + digits()));
      } catch (err) {
        fill(error, err instanceof ApiError && err.status === 404 ? "没有找到这个课堂码。对照大屏再输一遍。" : sentence(err));
        field.select();
      }
    });
  }
}

/** @param {string} code */
const spaced = (code) => (code.length > 3 ? code.slice(0, 3) + " " + code.slice(3) : code);

/**
 * @param {HTMLElement} root @param {Room} room
 * @param {{name: string, sit: () => void} | null} had the seat that this browser had before its tab was closed
 * @param {(seat: SeatTaken) => void} sat @param {() => void} back
 */
export function askSeat(root, room, had, sat, back) {
  if (room.state === "ended") return closedDoor(root, "这场答题已经结束了", "看看大屏，或者问问老师。", back);
  const seen = { wall: "这节课看大屏举手", teams: "这节课分队看大屏答", cards: "这节课举纸卡" }[room.mode];
  if (seen) return closedDoor(root, seen, "不用设备，跟着老师一起答。", back);
  const error = h("p", { class: "form-error", role: "alert" });
  const sit = h("button", { class: "btn btn-primary btn-big", type: "submit", disabled: true }, "先点座号");
  const grid = h("div", { class: "seat-grid", role: "radiogroup", "aria-labelledby": "seat-title" });
  for (let n = 1; n <= SEATS; n++) {
    grid.append(h("label", { class: "seat-cell" }, h("input", { type: "radio", name: "seat", value: n, "aria-label": n + " 号" }), h("span", null, n)));
  }
  const nick = h("button", { class: "btn", type: "button", click: () => take({}) }, "给我起个昵称");
  const form = h("form", { class: "gate" },
    h("p", { class: "gate-room" }, room.title),
    had && h("p", { class: "gate-had" }, h("button", { class: "btn btn-primary btn-big", type: "button", click: had.sit }, "回到 " + had.name)),
    h("h1", { id: "seat-title" }, "你是几号？"),
    h("p", { class: "muted" }, "点自己的座号，不用写名字。"), grid, error,
    h("div", { class: "gate-bar" }, sit, nick),
    h("button", { class: "btn btn-quiet", type: "button", click: back }, "换一个课堂码"));
  redraw(root, form);
  window.scrollTo(0, 0);

  const chosen = () => Number(new FormData(form).get("seat")) || 0;
  grid.addEventListener("change", () => {
    sit.disabled = false;
    sit.textContent = "坐 " + chosen() + " 号";
    fill(error);
  });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    if (chosen()) take({ number: chosen() });
  });

  // When an answer is lost, the same token asks for the same seat again and not for a second one.
  /** @type {Record<string, string>} */
  const tokens = {};

  /** @param {{number?: number}} asked */
  async function take(asked) {
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    const own = (tokens[asked.number || 0] = tokens[asked.number || 0] || token());
    try {
      sat(await api("/rooms/" + room.code + "/seats", { body: { number: asked.number, seat_token: own } }));
    } catch (err) {
      fill(error, sentence(err));
    }
    form.removeAttribute("aria-busy");
  }
}

/** @param {HTMLElement} root @param {string} title @param {string} text @param {() => void} back */
function closedDoor(root, title, text, back) {
  const read = redraw(root, h("section", { class: "gate" }, h("h1", null, title), h("p", null, text),
    h("button", { class: "btn", click: back }, "换一个课堂码")));
  if (!read) announce(title);
}

/** The seat on the top line, or nothing. @param {string} name */
export function seatLabel(name) {
  const el = byId("seat-label");
  el.textContent = name;
  el.hidden = !name;
}
