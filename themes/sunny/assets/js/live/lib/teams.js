// Teams on the wall: each says its answer, a tap on its number notes it beside the option.
import { h, announce, sentence } from "./dom.js";
import { api, ApiError } from "./api.js";
import { letter } from "./options.js";

/** @param {Room} room @param {import("./host-lobby.js").Host} host */
export function teamChooser(room, host) {
  const prompt = /** @type {Prompt} */ (room.prompt);
  const several = prompt.type === "multiple";
  const teams = (room.seat_list || []).map((s) => s.seat);
  /** @type {Record<string, string[]>} */
  const choices = Object.assign({}, room.choices); // what the server already has, after a reload or on another device
  /** @type {{team: number, option: string, chip: HTMLElement}[]} */
  const chips = [];
  /** @type {ReturnType<typeof import("./meter.js").meter> | null} */
  let figures = null;
  /** @type {Set<number>} */
  let dirty = new Set();
  let timer = 0;
  /** @type {Promise<void> | null} */
  let sending = null;

  function show() {
    for (const { team, option, chip } of chips) chip.setAttribute("aria-pressed", String((choices[team] || []).includes(option)));
    if (figures) figures.answers(teams.filter((t) => (choices[t] || []).length).length, teams.length, 0);
  }

  /** @param {number} team @param {string} option @param {string} name */
  function tap(team, option, name) {
    const had = choices[team] || [];
    const on = had.includes(option);
    choices[team] = on ? had.filter((id) => id !== option) : several ? had.concat(option) : [option];
    announce(`${team} 队：${on ? "收回 " : ""}${name}`);
    dirty.add(team);
    show();
    send();
  }

  // One request at a time, always with the newest: an older one can never arrive last.
  function send() {
    clearTimeout(timer);
    if (!sending && dirty.size) sending = put().then(() => { sending = null; });
    return sending;
  }

  async function put() {
    /** @type {Record<string, string[]>} */
    const seats = {};
    for (const team of dirty) seats[team] = choices[team] || [];
    const sent = dirty;
    dirty = new Set();
    try {
      await api("/rooms/" + room.code + "/tally", { method: "PUT", token: host.token, body: { item: prompt.id, opening: room.opening, seats } });
      host.warn("");
      if (dirty.size) timer = window.setTimeout(send, 100);
    } catch (err) {
      host.warn("各队的答案还没有记上。" + sentence(err));
      if (!(err instanceof ApiError) || !err.again) return;
      sent.forEach((team) => dirty.add(team));
      timer = window.setTimeout(send, 2000);
    }
  }

  return {
    /** @param {string} option @param {number} i */
    field(option, i) {
      return h("span", { class: "team-chips", role: "group", "aria-label": `${letter(i)}，哪几队选` }, ...teams.map((team) => {
        const chip = h("button", { type: "button", class: "team-chip", "aria-label": `${team} 队选 ${letter(i)}`, click: () => tap(team, option, letter(i)) }, team);
        chips.push({ team, option, chip });
        return chip;
      }));
    },
    /** @param {ReturnType<typeof import("./meter.js").meter>} m */
    total(m) {
      figures = m;
      show();
    },
    /** Sends what is still waiting: called before the room moves on. */
    async flush() {
      await sending;
      await send();
      if (dirty.size) throw new Error("各队的答案还没有记上，请等一下再点。");
    },
    stop: () => clearTimeout(timer),
  };
}

/** Which teams chose an option, once it is revealed. @param {Room} room @param {string} option */
export function teamsAt(room, option) {
  const choices = room.choices || {};
  const here = Object.keys(choices).filter((team) => (choices[team] || []).includes(option));
  return here.length ? h("span", { class: "team-chips" }, ...here.map((team) => h("span", { class: "team-chip team-said" }, team, h("span", { class: "sr" }, " 队")))) : null;
}
