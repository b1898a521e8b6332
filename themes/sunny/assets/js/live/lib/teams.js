// Teams on the wall: each says its answer, a tap on its number notes it beside the option.
import { h, announce } from "./dom.js";
import { letter } from "./options.js";
import { tallySender } from "./tally.js";

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
  const sender = tallySender(host, "各队的答案", {
    waits: () => dirty.size > 0,
    take() {
      /** @type {Record<string, string[]>} */
      const seats = {};
      for (const team of dirty) seats[team] = choices[team] || [];
      dirty = new Set();
      return { item: prompt.id, opening: room.opening, seats };
    },
    back({ seats }) {
      for (const team of Object.keys(seats)) dirty.add(Number(team));
    },
  });

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
    sender.send();
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
    flush: sender.flush,
    stop: sender.stop,
  };
}

/** Which teams chose an option, once it is revealed. @param {Room} room @param {string} option */
export function teamsAt(room, option) {
  const choices = room.choices || {};
  const here = Object.keys(choices).filter((team) => (choices[team] || []).includes(option));
  return here.length ? h("span", { class: "team-chips" }, ...here.map((team) => h("span", { class: "team-chip team-said" }, team, h("span", { class: "sr" }, " 队")))) : null;
}
