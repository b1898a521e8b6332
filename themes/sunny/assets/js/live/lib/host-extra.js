// More time for single seats. The screen is on the wall, so it first asks that the class does not see it; nothing of it stands anywhere else.
import { h, byId, fill, sentence } from "./dom.js";
import { api } from "./api.js";
import { covered } from "./cover.js";

const NUMBERED = 63;

/** @type {[string, string][]} */
const TIMES = [["150", "1.5 倍"], ["200", "2 倍"], ["0", "不限时"]];

/** @param {import("./host-room.js").HostRoom} host */
export function extraDialog(host) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("extra-dialog"));
  const body = byId("extra-body");
  const note = h("p", { role: "status" });
  /** By seat. @type {Record<string, number>} */
  let given = {};
  /** @type {{seat: number, nickname: string}[]} */
  let seats = [];
  dialog.append(note);
  dialog.addEventListener("close", () => fill(body)); // nothing is left behind the next cover

  function open() {
    fill(note);
    covered(body, "设", list);
    dialog.showModal();
  }

  function list() {
    const names = new Map(seats.map((s) => [s.seat, s.nickname]));
    for (let n = 1; n <= NUMBERED; n++) names.set(n, n + " 号");
    const known = Array.from(names.keys()).sort((a, b) => a - b);
    const seat = h("select", { id: "extra-seat" }, ...known.filter((n) => !(n in given)).map((n) => h("option", { value: n }, names.get(n) || n)));
    const time = h("select", { id: "extra-time" }, ...TIMES.map(([value, label]) => h("option", { value }, label)));
    fill(body,
      h("ul", { class: "extra-list" }, ...Object.keys(given).map((n) => {
        const name = names.get(Number(n)) || n;
        return h("li", null, h("strong", null, name), h("span", null, (TIMES.find(([v]) => v === String(given[n])) || ["", ""])[1]),
          h("button", { type: "button", class: "btn btn-quiet", "aria-label": "去掉 " + name, click: () => {
            const { [n]: _, ...rest } = given;
            save(rest);
          } }, "去掉"));
      })),
      h("form", { class: "extra-add", submit: (/** @type {Event} */ e) => {
        e.preventDefault();
        save({ ...given, [seat.value]: Number(time.value) });
      } }, h("label", { for: "extra-seat" }, "座位"), seat, h("label", { for: "extra-time" }, "时间"), time, h("button", { class: "btn", type: "submit" }, "加上")));
    seat.focus();
  }

  /** @param {Record<string, number>} next */
  async function save(next) {
    try {
      await api(host.path + "/extra", { method: "PUT", token: host.token, body: { seats: next } });
      given = next;
      fill(note, "记下了，马上算数。");
      list();
    } catch (err) {
      fill(note, sentence(err));
    }
  }

  return {
    open,
    /** @param {Room} room */
    update(room) {
      given = room.extra || {};
      seats = room.seat_list || [];
    },
  };
}
