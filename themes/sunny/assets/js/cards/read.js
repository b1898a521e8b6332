// Finds the paper cards in a picture. Nothing here knows where the picture comes from, and nothing keeps it.
//
//   grey pyramid → dark regions against their surroundings → hulls with four corners → edges between pixels
//   → 6×6 cells under the local light → the nearest marker of the dictionary, or nothing
import { CELLS, SIDE, match } from "./marker.js";

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{width: number, height: number, data: Uint8ClampedArray | Uint8Array}} Picture RGBA, as ImageData has it */
/** @typedef {"A" | "B" | "C" | "D"} Answer the side that is up */
/** @typedef {{seat: number, answer: Answer, corners: Point[]}} Card corners: as printed with A up, from the upper left on, clockwise */
/** @typedef {{seat: number, corners: Point[]}} Tilted */
/**
 * @typedef {object} Reading
 * @property {Card[]} cards one for each seat, by seat
 * @property {{seat: number, seen: Card[]}[]} twice seats that were seen with different answers: none of them is in cards
 * @property {Tilted[]} tilted cards held with a corner up, which say nothing
 */

// Buffers are typed arrays that are never read past their end; the type check would ask at every index.
/** @typedef {any} Numbers */
/** @typedef {{width: number, height: number, grey: Numbers, scale: number}} Level scale: pixels of the picture to one of its own */
/** @typedef {{seat: number, turn: number, errors: number, size: number, corners: Point[]}} Found */

const WORK = 3.4e6;   // pixels that are searched first: a 12-megapixel photo at half its size
const LEAST = 11;     // px, the smallest side that is looked at
const FINE = 15;     // px, where a card is no larger at the working size, others may be that only full size shows
const UPRIGHT = 40;   // degrees that a card may lean and still name an answer
const REACH = 9;      // px around a pixel that make its surroundings
const ANSWERS = /** @type {Answer[]} */ (["A", "B", "C", "D"]);

/**
 * Reads the cards in a picture.
 * @param {Picture} image
 * @returns {Reading}
 */
export function readCards(image) {
  const levels = pyramid(image);
  const work = Math.max(0, levels.findIndex((level) => level.width * level.height <= WORK));
  /** @type {Found[]} */
  const found = [];
  for (let i = levels.length - 1; i >= work; i--) search(levels, i, found);
  const least = found.reduce((size, card) => Math.min(size, card.size), Infinity);
  if (work > 0 && (!found.length || least < FINE * /** @type {Level} */ (levels[work]).scale)) search(levels, 0, found);
  return sort(found);
}

/** Greys, each level half the size of the one before. @param {Picture} image @returns {Level[]} */
function pyramid(image) {
  const { width, height } = image;
  const data = /** @type {Numbers} */ (image.data);
  /** @type {Numbers} */
  const grey = new Uint8Array(width * height);
  for (let i = 0, j = 0; i < grey.length; i++, j += 4) grey[i] = (77 * data[j] + 150 * data[j + 1] + 29 * data[j + 2]) >> 8;
  const levels = [{ width, height, grey, scale: 1 }];
  for (let at = levels[0]; at && Math.max(at.width, at.height) > 400; at = levels[levels.length - 1]) levels.push(half(at));
  return levels;
}

/** @param {Level} from @returns {Level} */
function half(from) {
  const width = from.width >> 1, height = from.height >> 1, source = from.grey;
  const grey = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    let a = 2 * y * from.width, b = a + from.width;
    for (let x = 0; x < width; x++, a += 2, b += 2) grey[to++] = (source[a] + source[a + 1] + source[b] + source[b + 1] + 2) >> 2;
  }
  return { width, height, grey, scale: from.scale * 2 };
}

/** Looks for cards at one level. @param {Level[]} levels @param {number} at @param {Found[]} found */
function search(levels, at, found) {
  const level = /** @type {Level} */ (levels[at]);
  for (const quad of quads(level)) {
    const middle = centre(quad, level.scale);
    if (found.some((card) => card.errors === 0 && inside(middle, card.corners))) continue;
    const card = decode(levels, at, quad);
    if (!card) continue;
    const same = found.findIndex((other) => other.seat === card.seat && (inside(middle, other.corners) || inside(centre(other.corners, 1), card.corners)));
    if (same < 0) found.push(card);
    else if (card.errors < /** @type {Found} */ (found[same]).errors) found[same] = card;
  }
}

/* Dark regions */

/**
 * The four-cornered dark regions of a level, in its own pixels.
 * @param {Level} level
 * @returns {Point[][]}
 */
function quads(level) {
  const runs = darkRuns(level);
  const regions = joined(runs);
  /** @type {Point[][]} */
  const found = [];
  for (const edges of outlines(runs, regions, level)) {
    const quad = corners(edges);
    if (quad) found.push(quad);
  }
  return found;
}

/**
 * Runs of pixels darker than what surrounds them, row by row: row, first, last.
 * @param {Level} level
 * @returns {{count: number, row: Numbers, from: Numbers, to: Numbers}}
 */
function darkRuns({ width, height, grey, scale }) {
  const r = Math.min(REACH, (width - 1) >> 1, (height - 1) >> 1);
  const margin = scale === 1 ? 7 : 4; // above the noise, of which halving takes half
  let room = 1 << 16;
  /** @type {Numbers} */ let row = new Uint16Array(room);
  /** @type {Numbers} */ let from = new Uint16Array(room);
  /** @type {Numbers} */ let to = new Uint16Array(room);
  let count = 0;
  /** @type {Numbers} */
  const column = new Int32Array(width); // what stands in the rows around, column by column
  /** @type {Numbers} */
  const before = new Int32Array(width + 1); // and all of it to the left of a column
  for (let y = 0; y < r; y++) for (let x = 0; x < width; x++) column[x] += grey[y * width + x];
  for (let y = 0; y < height; y++) {
    const first = Math.max(0, y - r), last = Math.min(height - 1, y + r);
    if (y + r < height) for (let x = 0, i = last * width; x < width; x++) column[x] += grey[i++];
    if (y > r) for (let x = 0, i = (first - 1) * width; x < width; x++) column[x] -= grey[i++];
    for (let x = 0, sum = 0; x < width; x++) before[x + 1] = sum += column[x];
    if (count + width > room) {
      room *= 2;
      row = grown(row, room);
      from = grown(from, room);
      to = grown(to, room);
    }
    const rows = 16 * (last - first + 1), line = y * width;
    let start = -1;
    for (let x = 0; x < width; x++) {
      const lo = x > r ? x - r : 0, hi = x + r < width ? x + r + 1 : width;
      // Darker than 15/16 of the mean, less the margin.
      if ((grey[line + x] + margin) * rows * (hi - lo) < 15 * (before[hi] - before[lo])) {
        if (start < 0) start = x;
      } else if (start >= 0) {
        row[count] = y; from[count] = start; to[count++] = x - 1;
        start = -1;
      }
    }
    if (start >= 0) { row[count] = y; from[count] = start; to[count++] = width - 1; }
  }
  return { count, row, from, to };
}

/** @param {Uint16Array} old @param {number} room */
function grown(old, room) {
  const bigger = new Uint16Array(room);
  bigger.set(old);
  return bigger;
}

/**
 * To which region each run belongs: the number of the region's first run. Runs that touch, also at a corner, belong together.
 * @param {ReturnType<typeof darkRuns>} runs
 * @returns {Numbers}
 */
function joined({ count, row, from, to }) {
  /** @type {Numbers} */
  const parent = new Uint32Array(count);
  let above = 0; // the first run of the row above that may still touch
  for (let i = 0; i < count; i++) {
    parent[i] = i;
    const y = row[i];
    while (above < i && (row[above] < y - 1 || row[above] === y - 1 && to[above] + 1 < from[i])) above++;
    for (let j = above; j < i && row[j] === y - 1 && from[j] <= to[i] + 1; j++) {
      const a = root(i), b = root(j);
      if (a < b) parent[b] = a;
      else parent[a] = b;
    }
  }
  for (let i = 0; i < count; i++) parent[i] = root(i);
  return parent;

  /** @param {number} i */
  function root(i) {
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
    return i;
  }
}

/**
 * Of each region that may be a card: the rows it spans, with their ends.
 * @param {ReturnType<typeof darkRuns>} runs @param {Numbers} region @param {Level} level
 * @returns {{top: number, left: Numbers, right: Numbers, filled: number}[]}
 */
function outlines({ count, row, from, to }, region, level) {
  /** @type {Numbers} */ const left = new Uint16Array(count).fill(65535);
  /** @type {Numbers} */ const right = new Uint16Array(count);
  /** @type {Numbers} */ const bottom = new Uint16Array(count);
  /** @type {Numbers} */ const filled = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const k = region[i];
    if (from[i] < left[k]) left[k] = from[i];
    if (to[i] > right[k]) right[k] = to[i];
    bottom[k] = row[i];
    filled[k] += to[i] - from[i] + 1;
  }
  /** @type {Numbers} */
  const place = new Int32Array(count).fill(-1);
  /** @type {{top: number, left: Numbers, right: Numbers, filled: number}[]} */
  const kept = [];
  for (let k = 0; k < count; k++) {
    if (region[k] !== k) continue;
    const w = right[k] - left[k] + 1, h = bottom[k] - row[k] + 1;
    if (w < LEAST || h < LEAST || w > 5 * h || h > 5 * w || filled[k] * 8 < w * h) continue;
    if (left[k] === 0 || row[k] === 0 || right[k] === level.width - 1 || bottom[k] === level.height - 1) continue; // cut off by the picture
    place[k] = kept.length;
    kept.push({ top: row[k], left: new Uint16Array(h).fill(65535), right: new Uint16Array(h), filled: filled[k] });
  }
  for (let i = 0; i < count; i++) {
    const one = kept[place[region[i]]];
    if (!one) continue;
    const y = row[i] - one.top;
    if (from[i] < one.left[y]) one.left[y] = from[i];
    if (to[i] > one.right[y]) one.right[y] = to[i];
  }
  return kept;
}

/* Four corners */

/**
 * The corners of a region, clockwise, or nothing where its hull has not four of them.
 * @param {{top: number, left: Numbers, right: Numbers, filled: number}} region
 * @returns {Point[] | null}
 */
function corners({ top, left, right, filled }) {
  const rows = left.length;
  // The hull, clockwise on the screen: down the right, up the left.
  /** @type {Point[]} */
  const hull = [];
  push(left[0], top, 0);
  push(right[0] + 1, top, 0);
  for (let y = 0; y < rows; y++) push(right[y] + 1, top + y + 0.5, 1);
  push(right[rows - 1] + 1, top + rows, 1);
  const turn = hull.length;
  push(left[rows - 1], top + rows, turn);
  for (let y = rows - 1; y >= 0; y--) push(left[y], top + y + 0.5, turn);
  const n = hull.length;
  if (n < 4) return null;
  const whole = area(hull);
  if (filled < 0.2 * whole) return null;

  // The largest quadrangle on the hull, from the longest diagonal on.
  const at = /** @type {(i: number) => Point} */ ((i) => hull[i % n]);
  let a = 0;
  let c = farthest(at(0));
  a = farthest(at(c));
  c = farthest(at(a));
  if (a > c) [a, c] = [c, a];
  let b = a, d = c, most = -1;
  for (let i = a + 1; i < c; i++) { const s = cross(at(a), at(i), at(c)); if (s > most) { most = s; b = i; } }
  most = -1;
  for (let i = c + 1; i < a + n; i++) { const s = cross(at(c), at(i), at(a)); if (s > most) { most = s; d = i; } }
  if (b === a || d === c) return null;
  const p = [a, b, c, d % n];
  for (let moved = true, rounds = 0; moved && rounds < 20; rounds++) {
    moved = false;
    for (let k = 0; k < 4; k++) {
      const before = at(/** @type {number} */ (p[(k + 3) % 4])), after = at(/** @type {number} */ (p[(k + 1) % 4]));
      for (const step of [1, n - 1]) {
        for (let tries = 0; tries < n; tries++) {
          const now = /** @type {number} */ (p[k]), next = (now + step) % n;
          if (cross(before, at(next), after) <= cross(before, at(now), after)) break;
          p[k] = next;
          moved = true;
        }
      }
    }
  }
  const quad = p.map((i) => ({ x: at(i).x, y: at(i).y }));
  const covered = area(quad);
  if (covered < 0.8 * whole) return null;
  let short = Infinity, long = 0;
  for (let k = 0; k < 4; k++) {
    const side = distance(/** @type {Point} */ (quad[k]), /** @type {Point} */ (quad[(k + 1) % 4]));
    short = Math.min(short, side);
    long = Math.max(long, side);
  }
  return short < 7 || long > 4 * short || covered < 0.3 * short * long ? null : quad;

  /** @param {number} x @param {number} y @param {number} low the hull is not taken back before this */
  function push(x, y, low) {
    while (hull.length - low >= 2 && cross(/** @type {Point} */ (hull[hull.length - 2]), /** @type {Point} */ (hull[hull.length - 1]), { x, y }) <= 0) hull.pop();
    hull.push({ x, y });
  }
  /** @param {Point} from */
  function farthest(from) {
    let best = 0, most = -1;
    for (let i = 0; i < n; i++) { const s = distance(from, at(i)); if (s > most) { most = s; best = i; } }
    return best;
  }
}

/** Twice the area of a triangle, more than 0 where it turns clockwise on the screen. @param {Point} a @param {Point} b @param {Point} c */
function cross(a, b, c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** @param {Point[]} shape */
function area(shape) {
  let sum = 0;
  let last = /** @type {Point} */ (shape[shape.length - 1]);
  for (const p of shape) {
    sum += last.x * p.y - p.x * last.y;
    last = p;
  }
  return Math.abs(sum) / 2;
}

/** @param {Point} a @param {Point} b */
function distance(a, b) {
  return Math.sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

/** @param {Point[]} shape @param {number} scale @returns {Point} */
function centre(shape, scale) {
  let x = 0, y = 0;
  for (const p of shape) { x += p.x; y += p.y; }
  return { x: x * scale / shape.length, y: y * scale / shape.length };
}

/** @param {Point} p @param {Point[]} shape convex, clockwise on the screen */
function inside(p, shape) {
  let last = /** @type {Point} */ (shape[shape.length - 1]);
  for (const next of shape) {
    if ((next.x - last.x) * (p.y - last.y) - (next.y - last.y) * (p.x - last.x) < 0) return false;
    last = next;
  }
  return true;
}

/* One card */

/**
 * Reads what stands between four corners, at the level where a cell has a few pixels.
 * @param {Level[]} levels @param {number} at @param {Point[]} quad
 * @returns {Found | null}
 */
function decode(levels, at, quad) {
  let size = Math.sqrt(area(quad));
  let level = /** @type {Level} */ (levels[at]);
  while (size < 56 && at > 0) {
    level = /** @type {Level} */ (levels[--at]);
    quad = quad.map((p) => ({ x: p.x * 2, y: p.y * 2 }));
    size *= 2;
  }
  const fine = refine(level, refine(level, quad, 0.8), 0.35);
  return read(level, fine) || read(level, quad);
}

/**
 * Moves four corners so that the sides lie on the steepest change from dark to light.
 * @param {Level} level @param {Point[]} quad clockwise @param {number} reach in cells
 * @returns {Point[]} the same quad where that does not succeed
 */
function refine(level, quad, reach) {
  /** @type {{x: number, y: number, dx: number, dy: number}[]} */
  const sides = [];
  for (let k = 0; k < 4; k++) {
    const side = edge(level, /** @type {Point} */ (quad[k]), /** @type {Point} */ (quad[(k + 1) % 4]), reach);
    if (!side) return quad;
    sides.push(side);
  }
  /** @type {Point[]} */
  const moved = [];
  for (let k = 0; k < 4; k++) {
    const a = /** @type {typeof sides[0]} */ (sides[(k + 3) % 4]), b = /** @type {typeof sides[0]} */ (sides[k]);
    const det = a.dx * b.dy - a.dy * b.dx;
    if (Math.abs(det) < 0.1) return quad;
    const t = ((b.x - a.x) * b.dy - (b.y - a.y) * b.dx) / det;
    const p = { x: a.x + t * a.dx, y: a.y + t * a.dy };
    const old = /** @type {Point} */ (quad[k]);
    if (distance(p, old) > 0.25 * distance(old, /** @type {Point} */ (quad[(k + 2) % 4]))) return quad;
    moved.push(p);
  }
  return moved;
}

/**
 * The line of one side.
 * @param {Level} level @param {Point} p @param {Point} q @param {number} reach
 */
function edge(level, p, q, reach) {
  const long = distance(p, q), cell = long / SIDE;
  const dx = (q.x - p.x) / long, dy = (q.y - p.y) / long;
  const nx = dy, ny = -dx; // outward, as the corners go clockwise
  const step = Math.max(0.5, cell / 12), gap = Math.max(1, Math.round(cell / 5 / step)); // in steps
  const steps = Math.ceil(Math.max(1.5, reach * cell) / step);
  const count = Math.max(8, Math.min(24, Math.round(long / 2)));
  /** @type {Numbers} */ const along = new Float64Array(count);
  /** @type {Numbers} */ const off = new Float64Array(count);
  /** @type {Numbers} */ const weight = new Float64Array(count);
  /** @type {Numbers} */ const across = new Float64Array(2 * (steps + gap) + 1);
  for (let i = 0; i < count; i++) {
    const t = (0.08 + 0.84 * (i + 0.5) / count) * long;
    const x = p.x + t * dx, y = p.y + t * dy;
    for (let s = -steps - gap, k = 0; s <= steps + gap; s++) across[k++] = sample(level, x + s * step * nx, y + s * step * ny);
    let best = 0, at = -1;
    for (let k = gap; k < across.length - gap; k++) {
      const steep = across[k + gap] - across[k - gap];
      if (steep > best) { best = steep; at = k; }
    }
    // The top of a parabola through the steepest place and its neighbours.
    let part = 0;
    if (at > gap && at < across.length - gap - 1) {
      const a = across[at - 1 + gap] - across[at - 1 - gap], b = across[at + 1 + gap] - across[at + 1 - gap];
      const bend = a - 2 * best + b;
      if (bend < 0) part = Math.max(-1, Math.min(1, 0.5 * (a - b) / bend));
    }
    along[i] = t;
    off[i] = (at - gap - steps + part) * step;
    weight[i] = best > 4 ? best : 0;
  }
  // A line through the offsets; what lies far from it (a finger, a letter) counts no more.
  let slope = 0, base = 0;
  for (let round = 0; round < 4; round++) {
    let w = 0, t = 0, o = 0, tt = 0, to = 0;
    for (let i = 0; i < count; i++) {
      w += weight[i]; t += weight[i] * along[i]; o += weight[i] * off[i];
      tt += weight[i] * along[i] * along[i]; to += weight[i] * along[i] * off[i];
    }
    const det = w * tt - t * t;
    if (w === 0 || det < 1e-6) return null;
    slope = (w * to - t * o) / det;
    base = (o - slope * t) / w;
    let spread = 0;
    for (let i = 0; i < count; i++) spread += weight[i] * Math.abs(off[i] - base - slope * along[i]);
    spread = Math.max(0.3, 2 * spread / w);
    let left = 0;
    for (let i = 0; i < count; i++) {
      if (Math.abs(off[i] - base - slope * along[i]) > spread) weight[i] = 0;
      if (weight[i] > 0) left++;
    }
    if (left < count / 3) return null;
  }
  const norm = Math.sqrt(1 + slope * slope);
  return { x: p.x + base * nx, y: p.y + base * ny, dx: (dx + slope * nx) / norm, dy: (dy + slope * ny) / norm };
}

/** The grey between pixels; a pixel's own is in its middle. @param {Level} level @param {number} x @param {number} y */
function sample({ width, height, grey }, x, y) {
  x = Math.max(0, Math.min(width - 1.001, x - 0.5));
  y = Math.max(0, Math.min(height - 1.001, y - 0.5));
  const i = Math.floor(x), j = Math.floor(y), at = j * width + i;
  x -= i;
  y -= j;
  return (grey[at] * (1 - x) + grey[at + 1] * x) * (1 - y) + (grey[at + width] * (1 - x) + grey[at + width + 1] * x) * y;
}

const RING = SIDE + 2; // with the white around it
/** @type {Numbers} */ const cells = new Float64Array(RING * RING);
/** @type {Numbers} */ const sharp = new Float64Array(RING * RING);

/**
 * @param {Level} level @param {Point[]} quad
 * @returns {Found | null}
 */
function read(level, quad) {
  const h = homography(quad);
  if (!h) return null;
  const [h0, h1, h2, h3, h4, h5, h6, h7] = h;
  const spots = Math.sqrt(area(quad)) < 24 ? 0.12 : 0.22;
  for (let r = 0; r < RING; r++) {
    for (let c = 0; c < RING; c++) {
      let sum = 0;
      for (let v = -1; v <= 1; v++) {
        for (let u = -1; u <= 1; u++) {
          const x = c - 0.5 + u * spots, y = r - 0.5 + v * spots, z = h6 * x + h7 * y + 1;
          sum += sample(level, (h0 * x + h1 * y + h2) / z, (h3 * x + h4 * y + h5) / z);
        }
      }
      cells[r * RING + c] = sum / 9;
    }
  }
  // How dark and how light it is over the card: a plane through the border, one through the white around it.
  const dark = plane(1), light = plane(0);
  if (!dark || !light) return null;
  const middle = (RING - 1) / 2;
  const contrast = value(light, middle, middle) - value(dark, middle, middle);
  if (contrast < 14 || contrast < 0.18 * value(light, middle, middle)) return null;
  let border = 0, around = 0;
  for (let r = 0; r < RING; r++) {
    for (let c = 0; c < RING; c++) {
      const low = value(dark, c, r), high = value(light, c, r);
      const v = (cells[r * RING + c] - low) / Math.max(8, high - low);
      cells[r * RING + c] = v;
      const depth = Math.min(r, c, RING - 1 - r, RING - 1 - c);
      if (depth === 0 && v > 0.6) around++;
      if (depth === 1 && v < 0.4) border++;
    }
  }
  if (border < 23 || around < 22) return null;

  let best = match(bits(cells, 0.5));
  if (!best || best.errors > 0) {
    // Blur mixes neighbours: take a part of them out again.
    for (let r = 1; r < RING - 1; r++) {
      for (let c = 1; c < RING - 1; c++) {
        const k = r * RING + c;
        sharp[k] = 2 * cells[k] - (cells[k - 1] + cells[k + 1] + cells[k - RING] + cells[k + RING]) / 4;
      }
    }
    best = better(best, match(bits(sharp, 0.5)));
    best = better(best, match(bits(cells, split())));
  }
  if (!best) return null;
  return { seat: best.seat, turn: best.turn, errors: best.errors, size: Math.sqrt(area(quad)) * level.scale,
    corners: turned(quad, best.turn).map((p) => ({ x: p.x * level.scale, y: p.y * level.scale })) };
}

/** @template {{errors: number}} T @param {T | null} a @param {T | null} b */
function better(a, b) {
  return !a || b && b.errors < a.errors ? b : a;
}

/** @param {Numbers} from @param {number} threshold @returns {boolean[]} whether a cell is black */
function bits(from, threshold) {
  /** @type {boolean[]} */
  const out = [];
  for (let r = 0; r < CELLS; r++) for (let c = 0; c < CELLS; c++) out.push(from[(r + 2) * RING + c + 2] < threshold);
  return out;
}

/** The threshold in the widest gap of the cells' greys, near the middle: for light that the planes do not tell. */
function split() {
  /** @type {number[]} */
  const all = [];
  for (let r = 0; r < CELLS; r++) for (let c = 0; c < CELLS; c++) all.push(cells[(r + 2) * RING + c + 2]);
  all.sort((a, b) => a - b);
  let gap = 0, at = 0.5;
  for (let i = 9; i < all.length - 9; i++) {
    const a = /** @type {number} */ (all[i - 1]), b = /** @type {number} */ (all[i]);
    if (b - a > gap) { gap = b - a; at = (a + b) / 2; }
  }
  return at;
}

/**
 * The plane through the cells of a ring, without those far from it.
 * @param {number} depth
 * @returns {[number, number, number] | null}
 */
function plane(depth) {
  /** @type {[number, number, number][]} */
  let points = [];
  const end = RING - 1 - depth;
  for (let i = depth; i <= end; i++) {
    points.push([i, depth, cells[depth * RING + i]], [i, end, cells[end * RING + i]]);
    if (i > depth && i < end) points.push([depth, i, cells[i * RING + depth]], [end, i, cells[i * RING + end]]);
  }
  // Begin with the middle half, so that a few foreign cells do not draw the plane to themselves.
  const sorted = points.map((p) => p[2]).sort((a, b) => a - b);
  const q1 = /** @type {number} */ (sorted[sorted.length >> 2]), q3 = /** @type {number} */ (sorted[(3 * sorted.length) >> 2]);
  const reach = Math.max(10, 1.5 * (q3 - q1));
  const kept = points.filter((p) => p[2] >= q1 - reach && p[2] <= q3 + reach);
  if (kept.length >= points.length / 2) points = kept;
  return fit(points);
}

/** @param {[number, number, number][]} points @returns {[number, number, number] | null} */
function fit(points) {
  const middle = (RING - 1) / 2;
  let n = 0, x = 0, y = 0, v = 0, xx = 0, yy = 0, xy = 0, xv = 0, yv = 0;
  for (const p of points) {
    const a = p[0] - middle, b = p[1] - middle;
    n++; x += a; y += b; v += p[2];
    xx += a * a; yy += b * b; xy += a * b; xv += a * p[2]; yv += b * p[2];
  }
  const cxx = xx - x * x / n, cyy = yy - y * y / n, cxy = xy - x * y / n, cxv = xv - x * v / n, cyv = yv - y * v / n;
  const det = cxx * cyy - cxy * cxy;
  if (!(det > 1e-9)) return null;
  const p = (cxv * cyy - cyv * cxy) / det, q = (cyv * cxx - cxv * cxy) / det;
  return [p, q, (v - p * x - q * y) / n];
}

/** @param {[number, number, number]} plane @param {number} x @param {number} y */
function value(plane, x, y) {
  const middle = (RING - 1) / 2;
  return plane[0] * (x - middle) + plane[1] * (y - middle) + plane[2];
}

/**
 * Maps the card (0 to SIDE, 0 to SIDE) to four corners (Heckbert 1989, unit square to quadrangle).
 * @param {Point[]} quad
 * @returns {[number, number, number, number, number, number, number, number] | null}
 */
function homography(quad) {
  const [a, b, c, d] = /** @type {[Point, Point, Point, Point]} */ (quad);
  const sx = a.x - b.x + c.x - d.x, sy = a.y - b.y + c.y - d.y;
  const ux = b.x - c.x, uy = b.y - c.y, vx = d.x - c.x, vy = d.y - c.y;
  const det = ux * vy - vx * uy;
  if (Math.abs(det) < 1e-9) return null;
  const g = (sx * vy - vx * sy) / det, k = (ux * sy - sx * uy) / det;
  return [(b.x - a.x + g * b.x) / SIDE, (d.x - a.x + k * d.x) / SIDE, a.x, (b.y - a.y + g * b.y) / SIDE, (d.y - a.y + k * d.y) / SIDE, a.y, g / SIDE, k / SIDE];
}

/** The corners as printed, where the picture shows the card turned clockwise by so many quarters. @param {Point[]} quad @param {number} turn */
function turned(quad, turn) {
  return quad.map((_, k) => /** @type {Point} */ (quad[(k + turn) % 4]));
}

/* All cards */

/** @param {Found[]} found @returns {Reading} */
function sort(found) {
  /** @type {Map<number, Card[]>} */
  const seats = new Map();
  /** @type {Tilted[]} */
  const tilted = [];
  for (const { seat, corners } of found) {
    const answer = up(corners);
    if (!answer) { tilted.push({ seat, corners }); continue; }
    const seen = seats.get(seat) || [];
    seen.push({ seat, answer, corners });
    seats.set(seat, seen);
  }
  /** @type {Reading} */
  const reading = { cards: [], twice: [], tilted };
  for (const seat of Array.from(seats.keys()).sort((a, b) => a - b)) {
    const seen = /** @type {Card[]} */ (seats.get(seat));
    const first = /** @type {Card} */ (seen[0]);
    if (seen.every((card) => card.answer === first.answer)) reading.cards.push(first);
    else reading.twice.push({ seat, seen });
  }
  return reading;
}

/** The side that is up, or nothing where two are nearly as high. @param {Point[]} corners @returns {Answer | null} */
function up(corners) {
  const [a, b, c, d] = /** @type {[Point, Point, Point, Point]} */ (corners);
  // Towards A and towards B, from the opposite side.
  const ways = [{ x: a.x + b.x - c.x - d.x, y: a.y + b.y - c.y - d.y }, { x: b.x + c.x - a.x - d.x, y: b.y + c.y - a.y - d.y }];
  for (let k = 0; k < 4; k++) {
    const way = /** @type {Point} */ (ways[k % 2]), sign = k < 2 ? 1 : -1;
    const lean = Math.atan2(sign * way.x, -sign * way.y) * 180 / Math.PI;
    if (Math.abs(lean) <= UPRIGHT) return /** @type {Answer} */ (ANSWERS[k]);
  }
  return null;
}
