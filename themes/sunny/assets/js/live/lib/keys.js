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

// A seat belongs to one tab: a second tab cannot take it, a reload keeps it.

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
  if (key) sessionStorage.setItem(SEAT, JSON.stringify(key));
  else sessionStorage.removeItem(SEAT);
}

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
