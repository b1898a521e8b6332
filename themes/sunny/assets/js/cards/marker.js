// The markers of the paper cards: one for each seat, which also tells how it is turned.
//
// A marker is a black border one cell thick around 6 × 6 cells, with white around it. Any two of the 63 in any two
// of the four turns, and a marker and itself turned, differ in at least 14 cells; a marker and any seen from behind
// through the paper in at least 10. They are the orbits of a coset of a linear [36,8,14] code that a quarter turn maps
// onto itself, found by random search; cards that are printed must stay readable, so the table never changes.
export const CELLS = 6;
export const SIDE = CELLS + 2; // with the border
export const SEATS = 63;
export const DISTANCE = 14;

const CORRECTED = 2; // cells; a false answer takes 12 wrong ones of 36, and of a million bordered grids of chance two pass

// By seat from 1 on: 36 cells, row by row from the upper left one, the first in the highest bit; 1 is black.
const TABLE = `
  016a0a50f 02b167ecf 093783af7 0aecee137 10677306f 13bc1ebaf 183afaf97 1976bb558 1be197457
  20307e81a 217c3f2d5 22a752915 2921b6d2d 2afadb6ed 3071467b5 33aa2bc75 382ccf84d 3bf7a238d
  400b51c53 43d03c793 4856d83ab 4b8db586b 510628933 52dd452f3 595ba16cb 5a80ccd0b 601d64b89
  63c609049 6840ed471 6b9b80fb1 71101dee9 72cb70529 7801d5bde 794d94111 7a96f9ad1 8193537a9
  82483ec69 873ab8721 8a15b7391 909e2a2c9 98c3a3d31 9b18ce6f1 a18566073 a25e0bbb3 a9d8eff8b
  aa038244b b8d596aeb bb0efb12b be7c7da63 c0f208ef5 c32965535 c8af8110d cb74ecacd d9a2f846d
  da7995fad df0b134e5 e0e43d92f e33f502ef e64dd69a7 eb62d9d17 f1e944c4f f9b4cd3b7 fa6fa0877`.trim().split(/\s+/);

/**
 * The inner cells of a seat's marker, row by row; true is black.
 * @param {number} seat 1 to 63 @param {number} [turn] quarters clockwise
 * @returns {boolean[]}
 */
export function cellsOf(seat, turn) {
  const word = TABLE[seat - 1];
  if (!word) throw new RangeError("no marker for seat " + seat);
  let cells = Array.from(word).map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("").split("").map((bit) => bit === "1");
  for (let i = 0; i < (turn || 0) % 4; i++) cells = quarter(cells);
  return cells;
}

/** Turned clockwise once. @param {boolean[]} cells @returns {boolean[]} */
function quarter(cells) {
  return cells.map((_, i) => /** @type {boolean} */ (cells[(CELLS - 1 - i % CELLS) * CELLS + Math.floor(i / CELLS)]));
}

/** @typedef {{high: number, low: number, seat: number, turn: number}} Word two halves of 18 cells */
/** @type {Word[] | null} */
let words = null;

/** @param {boolean[]} cells @returns {{high: number, low: number}} */
function halves(cells) {
  let high = 0, low = 0;
  for (let i = 0; i < 18; i++) {
    high = high * 2 + (cells[i] ? 1 : 0);
    low = low * 2 + (cells[i + 18] ? 1 : 0);
  }
  return { high, low };
}

/** @param {number} bits up to 32 */
function ones(bits) {
  bits -= (bits >> 1) & 0x55555555;
  bits = (bits & 0x33333333) + ((bits >> 2) & 0x33333333);
  return (((bits + (bits >> 4)) & 0x0f0f0f0f) * 0x01010101) >> 24;
}

/**
 * The marker that these cells show, or nothing where none is near enough to be sure.
 * @param {boolean[]} cells true is black
 * @returns {{seat: number, turn: number, errors: number} | null} turn: quarters clockwise from how it is printed
 */
export function match(cells) {
  if (!words) {
    words = [];
    for (let seat = 1; seat <= SEATS; seat++) {
      for (let turn = 0; turn < 4; turn++) words.push(Object.assign(halves(cellsOf(seat, turn)), { seat, turn }));
    }
  }
  const { high, low } = halves(cells);
  for (const word of words) {
    const errors = ones(high ^ word.high) + ones(low ^ word.low);
    if (errors <= CORRECTED) return { seat: word.seat, turn: word.turn, errors };
  }
  return null;
}

/**
 * The outline of a marker for the d of an SVG path, 8 × 8 units from 0, 0: runs of black cells in both directions, so
 * that no seam shows between neighbours.
 * @param {number} seat
 */
export function markerPath(seat) {
  const inner = cellsOf(seat);
  /** @param {number} x @param {number} y */
  const black = (x, y) => x === 0 || y === 0 || x === SIDE - 1 || y === SIDE - 1 || !!inner[(y - 1) * CELLS + x - 1];
  let path = "";
  for (let line = 0; line < SIDE; line++) {
    for (let from = 0, to = 0; from < SIDE; from = to + 1) {
      for (to = from; to < SIDE && black(to, line); to++);
      if (to > from) path += `M${from} ${line}h${to - from}v1h${from - to}z`;
    }
    for (let from = 0, to = 0; from < SIDE; from = to + 1) {
      for (to = from; to < SIDE && black(line, to); to++);
      if (to > from + 1) path += `M${line} ${from}h1v${to - from}h-1z`;
    }
  }
  return path;
}
