// Where a browser keeps the right to host or to sit. Tokens never enter an address.

/** @typedef {{code: string, token: string, quiz: string, title: string, at: number}} HostKey */
/** @typedef {{code: string, token: string, seat: number, nickname: string}} SeatKey */

const HOST = "sunny.host";
const SEAT = "sunny.seat";
const DAY = 24 * 3600 * 1000;

/** @returns {HostKey[]} newest first */
function hostKeys() {
  try {
    const all = JSON.parse(localStorage.getItem(HOST) || "[]");
    return Array.isArray(all) ? all : [];
  } catch (_) {
    return [];
  }
}

/** @param {HostKey} key */
export function remember(key) {
  const others = hostKeys().filter((k) => k.code !== key.code);
  localStorage.setItem(HOST, JSON.stringify([key].concat(others).slice(0, 20)));
}

/** @param {string} code */
export const hostKey = (code) => hostKeys().find((k) => k.code === code);

/** @param {string} code */
export function forget(code) {
  localStorage.setItem(HOST, JSON.stringify(hostKeys().filter((k) => k.code !== code)));
}

/** Rooms of the last day, to go on with. */
export const recent = () => hostKeys().filter((k) => Date.now() - k.at < DAY).slice(0, 3);

// A seat belongs to one tab: a reload keeps it. A copy by room code lets a pupil who closed the tab come back for a day.

/** @returns {SeatKey | null} */
export function seatKey() {
  try {
    return JSON.parse(sessionStorage.getItem(SEAT) || "null");
  } catch (_) {
    return null;
  }
}

/** @param {SeatKey | null} key */
export function keepSeat(key) {
  if (!key) return sessionStorage.removeItem(SEAT);
  sessionStorage.setItem(SEAT, JSON.stringify(key));
  saveSeats([{ ...key, at: Date.now() }].concat(leftSeats().filter((s) => s.code !== key.code)));
}

/** @typedef {SeatKey & {at: number}} LeftSeat */

/** @returns {LeftSeat[]} of the last day, newest first */
function leftSeats() {
  try {
    const all = JSON.parse(localStorage.getItem(SEAT) || "[]");
    return Array.isArray(all) ? all.filter((s) => Date.now() - s.at < DAY) : [];
  } catch (_) {
    return [];
  }
}

/** @param {LeftSeat[]} seats */
const saveSeats = (seats) => localStorage.setItem(SEAT, JSON.stringify(seats.slice(0, 5)));

/** The seat that this browser had in a room. @param {string} code */
export const leftSeat = (code) => leftSeats().find((s) => s.code === code);

/** @param {string} code */
export const forgetSeat = (code) => saveSeats(leftSeats().filter((s) => s.code !== code));

/** An answer on its way, kept so that a reload in a bad moment does not lose it. @typedef {{code: string, item: string, opening: number, choice: Choice}} Pending */

/** @returns {Pending | null} */
export function pending() {
  try {
    return JSON.parse(sessionStorage.getItem(SEAT + ".answer") || "null");
  } catch (_) {
    return null;
  }
}

/** @param {Pending | null} answer */
export function keepPending(answer) {
  if (answer) sessionStorage.setItem(SEAT + ".answer", JSON.stringify(answer));
  else sessionStorage.removeItem(SEAT + ".answer");
}

/** An answer that was chosen but not sent yet: a reload or a look at the help page keeps it. @param {string} place @returns {Choice | null} */
export function draftAt(place) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(SEAT + ".draft") || "null");
    return kept && kept.place === place ? kept.choice : null;
  } catch (_) {
    return null;
  }
}

/** @param {string} place @param {Choice | null} choice */
export function keepDraft(place, choice) {
  if (choice === null) sessionStorage.removeItem(SEAT + ".draft");
  else sessionStorage.setItem(SEAT + ".draft", JSON.stringify({ place, choice }));
}
