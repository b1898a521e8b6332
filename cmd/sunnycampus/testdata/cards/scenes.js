// Renders classes that hold up cards, as a camera might see them, and counts what the reader makes of them.
// Bundled by TestCardsAreRead into an empty page; everything follows from a seed.
import { readCards } from "../../../../themes/sunny/assets/js/cards/read.js";
import { drawn as turnedBy, upright } from "../../../../themes/sunny/assets/js/cards/photo.js";
import { cellsOf, markerPath, SEATS, DISTANCE } from "../../../../themes/sunny/assets/js/cards/marker.js";

const PAPER = { w: 15, h: 10.6 }; // half a sheet of A4, in cells; the marker's 8 × 8 lie in its middle
const LETTERS = "ABCD";
const LEGIBLE = 26; // px, the narrowest side of a marker that must be read

function random(seed) { // mulberry32
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6D2B79F5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    between: (a, b) => a + (b - a) * next(),
    int: (n) => Math.floor(n * next()),
    pick: (list) => list[Math.floor(list.length * next())],
    bell: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** A canvas full of what hangs and stands in a classroom: the more of it, the worse. */
function clutter(r, width, height, nasty) {
  const canvas = new OffscreenCanvas(width, height);
  const c = canvas.getContext("2d", { willReadFrequently: true });
  const grey = (a, b) => { const v = Math.round(r.between(a, b)); return `rgb(${v},${Math.round(v * r.between(0.85, 1.1))},${Math.round(v * r.between(0.8, 1.1))})`; };
  c.fillStyle = grey(90, 200);
  c.fillRect(0, 0, width, height);
  const unit = Math.min(width, height);
  for (let i = 0; i < 14; i++) { // walls, boards, clothes
    c.save();
    c.translate(r.between(0, width), r.between(0, height));
    c.rotate(r.between(-0.3, 0.3));
    c.fillStyle = grey(10, 230);
    const w = unit * r.between(0.05, 0.5), h = unit * r.between(0.05, 0.5);
    if (r.next() < 0.3) { c.beginPath(); c.ellipse(0, 0, w / 3, h / 3, 0, 0, 7); c.fill(); } else c.fillRect(0, 0, w, h);
    c.restore();
  }
  for (let i = 0; i < 6; i++) { // window and door frames, desks: dark rings around light
    const x = r.between(0, width * 0.9), y = r.between(0, height * 0.9), w = unit * r.between(0.04, 0.4), h = unit * r.between(0.04, 0.4);
    c.fillStyle = grey(180, 255);
    c.fillRect(x, y, w, h);
    c.strokeStyle = grey(5, 60);
    c.lineWidth = unit * r.between(0.003, 0.03);
    c.strokeRect(x, y, w, h);
    c.beginPath(); c.moveTo(x + w / 2, y); c.lineTo(x + w / 2, y + h); c.moveTo(x, y + h / 2); c.lineTo(x + w, y + h / 2); c.stroke();
  }
  for (let i = 0; i < 24; i++) { // writing
    c.save();
    c.translate(r.between(0, width), r.between(0, height));
    c.rotate(r.between(-0.2, 0.2));
    c.fillStyle = r.next() < 0.5 ? grey(0, 60) : grey(200, 255);
    c.font = `bold ${Math.round(unit * r.between(0.012, 0.09))}px sans-serif`;
    c.fillText(r.pick(["口田回国圆围四目", "团结友爱 守纪求真", "8B0OQD#@", "课程表 语文 数学", "■□▣▦▩", "田口日目口田"]), 0, 0);
    c.restore();
  }
  for (let i = 0; i < 40; i++) { // pipes, cables, edges
    c.strokeStyle = grey(0, 255);
    c.lineWidth = r.between(1, unit * 0.012);
    c.beginPath(); c.moveTo(r.between(0, width), r.between(0, height)); c.lineTo(r.between(0, width), r.between(0, height)); c.stroke();
  }
  for (let i = 0; i < nasty; i++) { // what looks most like a card: bordered grids of chance, QR codes, chess boards, cards from behind
    const n = r.pick([6, 6, 6, 5, 7, 8, 21]), size = unit * r.between(0.03, 0.25), kind = r.int(4);
    const behind = kind === 3 ? cellsOf(1 + r.int(SEATS)) : null;
    const cells = behind ? 6 : n, side = size / (cells + 2);
    c.save();
    c.translate(r.between(0, width - size), r.between(0, height - size));
    c.rotate(r.between(-0.5, 0.5));
    c.fillStyle = "#eee"; c.fillRect(-side, -side, (cells + 4) * side, (cells + 4) * side);
    c.fillStyle = "#111"; c.fillRect(0, 0, (cells + 2) * side, (cells + 2) * side);
    c.fillStyle = "#eee";
    for (let y = 0; y < cells; y++) for (let x = 0; x < cells; x++) {
      const white = behind ? !behind[y * 6 + 5 - x] : kind === 0 ? (x + y) % 2 : r.next() < 0.5;
      if (white) c.fillRect((x + 1) * side, (y + 1) * side, side + 0.3, side + 0.3);
    }
    c.restore();
  }
  return c.getImageData(0, 0, width, height).data;
}

const linear = new Float32Array(256);
for (let i = 0; i < 256; i++) linear[i] = Math.pow(i / 255, 2.2);

/** Four points of a card seen by a camera: turned in the picture, tilted away from it. Width of the marker: size. */
function projection(x, y, size, roll, yaw, pitch) {
  const far = 9; // distance of the camera in widths of the marker; nearer is bent more
  const cr = Math.cos(roll), sr = Math.sin(roll), cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(pitch), sp = Math.sin(pitch);
  // From cells on the card, its middle at 0, 0, to the picture: a plane in space, seen in perspective. As a 3 × 3 matrix.
  const k = size / 8;
  const ax = cr * cy, ay = sr * cp + cr * sy * sp, az = sr * sp - cr * sy * cp;
  const bx = -sr * cy, by = cr * cp - sr * sy * sp, bz = cr * sp + sr * sy * cp;
  const d = 8 * far;
  return [
    ax * k + x * az / d, bx * k + x * bz / d, x,
    ay * k + y * az / d, by * k + y * bz / d, y,
    az / d, bz / d, 1,
  ];
}
const project = (m, u, v) => { const z = m[6] * u + m[7] * v + m[8]; return { x: (m[0] * u + m[1] * v + m[2]) / z, y: (m[3] * u + m[4] * v + m[5]) / z }; };
function inverse(m) {
  const [a, b, c, d, e, f, g, h, i] = m;
  return [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d];
}

/** How light the paper is at a place, from cells with the middle at 0, 0. */
function ink(cells, u, v, black) {
  const x = Math.floor(u + 4), y = Math.floor(v + 4);
  if (x >= 0 && x < 8 && y >= 0 && y < 8) {
    const inner = x > 0 && x < 7 && y > 0 && y < 7;
    return !inner || cells[(y - 1) * 6 + x - 1] ? black : 0.8;
  }
  // The small letters beyond the quiet zone, as blots.
  if (Math.abs(u) < 0.18 && Math.abs(Math.abs(v) - 4.9) < 0.2 || Math.abs(v) < 0.18 && Math.abs(Math.abs(u) - 4.9) < 0.2) return black;
  return 0.8;
}

function drawCard(light, width, height, card, r) {
  const m = card.matrix, back = inverse(m), cells = cellsOf(card.seat), black = r.between(0.04, 0.12);
  const rim = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([sx, sy]) => project(m, sx * PAPER.w / 2, sy * PAPER.h / 2));
  const x0 = Math.max(0, Math.floor(Math.min(...rim.map((p) => p.x)))), x1 = Math.min(width - 1, Math.ceil(Math.max(...rim.map((p) => p.x))));
  const y0 = Math.max(0, Math.floor(Math.min(...rim.map((p) => p.y)))), y1 = Math.min(height - 1, Math.ceil(Math.max(...rim.map((p) => p.y))));
  const n = card.size < 70 ? 4 : 3;
  const bend = r.between(-0.08, 0.08); // paper is not quite flat
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      let sum = 0, covered = 0;
      for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) {
        const p = project(back, x + (i + 0.5) / n, y + (j + 0.5) / n);
        const u = p.x, v = p.y + bend * (1 - p.x * p.x / 20);
        if (Math.abs(p.x) > PAPER.w / 2 || Math.abs(p.y) > PAPER.h / 2) continue;
        covered++;
        sum += ink(cells, u, v, black);
      }
      if (covered) light[y * width + x] = (sum + light[y * width + x] * (n * n - covered)) / (n * n);
    }
  }
}

/** A finger or a head: a dark or light round that hides a part. */
function blot(light, width, height, x, y, rx, ry, turn, value) {
  const reach = Math.max(rx, ry), c = Math.cos(turn), s = Math.sin(turn);
  for (let j = Math.max(0, Math.floor(y - reach)); j <= Math.min(height - 1, y + reach); j++) {
    for (let i = Math.max(0, Math.floor(x - reach)); i <= Math.min(width - 1, x + reach); i++) {
      const u = ((i - x) * c + (j - y) * s) / rx, v = ((j - y) * c - (i - x) * s) / ry;
      if (u * u + v * v < 1) light[j * width + i] = value * (1 - 0.4 * (u * u + v * v));
    }
  }
}

function blurred(light, width, height, sigma) {
  if (sigma < 0.15) return light;
  const reach = Math.ceil(3 * sigma), kernel = [];
  let all = 0;
  for (let i = -reach; i <= reach; i++) { const k = Math.exp(-i * i / 2 / sigma / sigma); kernel.push(k); all += k; }
  const pass = (from, step, length, lines, across) => {
    const to = new Float32Array(from.length);
    for (let line = 0; line < lines; line++) for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) sum += kernel[k + reach] * from[line * across + Math.max(0, Math.min(length - 1, i + k)) * step];
      to[line * across + i * step] = sum / all;
    }
    return to;
  };
  return pass(pass(light, 1, width, height, width), width, height, width, 1);
}

/** A hand that shook: averaged along a line. */
function shaken(light, width, height, long, turn) {
  const n = Math.ceil(2 * long), to = new Float32Array(light.length);
  for (let k = 0; k < n; k++) {
    const d = ((k + 0.5) / n - 0.5) * long, dx = Math.round(d * Math.cos(turn)), dy = Math.round(d * Math.sin(turn));
    for (let y = 0; y < height; y++) {
      const from = Math.max(0, Math.min(height - 1, y + dy)) * width;
      for (let x = 0; x < width; x++) to[y * width + x] += light[from + Math.max(0, Math.min(width - 1, x + dx))] / n;
    }
  }
  return to;
}

/**
 * One picture.
 * @param {any} o seed, width, height, cards, least, most (px of a marker), hide, nasty, jpeg
 */
export async function scene(o) {
  const r = random(o.seed);
  const { width, height } = o;
  const ground = clutter(r, width, height, o.nasty || 0);
  let light = new Float32Array(width * height);
  for (let i = 0; i < light.length; i++) light[i] = 0.9 * (0.3 * linear[ground[4 * i]] + 0.59 * linear[ground[4 * i + 1]] + 0.11 * linear[ground[4 * i + 2]]);

  const seats = Array.from({ length: SEATS }, (_, i) => i + 1);
  for (let i = seats.length - 1; i > 0; i--) { const j = r.int(i + 1); [seats[i], seats[j]] = [seats[j], seats[i]]; }
  const cards = [];
  const columns = Math.ceil(Math.sqrt(o.cards * width / height)), rows = Math.ceil(o.cards / columns);
  for (let i = 0; i < o.cards; i++) {
    const w = width / columns, h = height / rows;
    const turn = r.int(4), lean = r.between(-25, 25) * Math.PI / 180;
    // The back rows are small, the front rows large, and no two lie over each other.
    let size = r.between(o.least, o.most);
    const yaw = r.between(-0.7, 0.7), pitch = r.between(-0.6, 0.6);
    const roll = -turn * Math.PI / 2 + lean;
    const span = (s) => { const m = projection(0, 0, s, roll, yaw, pitch); const q = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([a, b]) => project(m, a * PAPER.w / 2, b * PAPER.h / 2)); return { x: Math.max(...q.map((p) => Math.abs(p.x))) + 2, y: Math.max(...q.map((p) => Math.abs(p.y))) + 2 }; };
    let reach = span(size);
    const fits = Math.min(1, w / 2 / reach.x, h / 2 / reach.y);
    size *= fits;
    reach = span(size);
    const x = w * (i % columns) + r.between(reach.x, w - reach.x), y = h * Math.floor(i / columns) + r.between(reach.y, h - reach.y);
    const matrix = projection(x, y, size, roll, yaw, pitch);
    const corners = [[-4, -4], [4, -4], [4, 4], [-4, 4]].map(([u, v]) => project(matrix, u, v));
    const side = (k) => Math.hypot(corners[k].x - corners[(k + 1) % 4].x, corners[k].y - corners[(k + 1) % 4].y);
    cards.push({ seat: seats[i], answer: LETTERS[turn], size, matrix, corners, narrow: Math.min(side(0), side(1), side(2), side(3)), hidden: false });
  }
  for (const card of cards) drawCard(light, width, height, card, r);
  if (o.hide) {
    for (const card of cards) {
      if (r.next() > o.hide) continue;
      card.hidden = true;
      for (let n = 1 + r.int(3); n > 0; n--) {
        const p = project(card.matrix, r.between(-5, 5), r.between(-5, 5));
        const long = card.size * r.between(0.08, 0.5);
        blot(light, width, height, p.x, p.y, long, card.size * r.between(0.05, 0.14), r.between(0, 7), r.pick([0.02, 0.12, 0.35, 0.8]));
      }
    }
  }
  // Light: from a window, with a shadow's edge, darker to the corners.
  const angle = r.between(0, 7), fall = r.between(0, 0.8), gx = Math.cos(angle) / width, gy = Math.sin(angle) / height;
  const shadow = r.next() < 0.4 ? { nx: Math.cos(r.between(0, 7)), c: r.between(0.2, 0.8), deep: r.between(0.35, 0.8), soft: r.between(0.01, 0.2) } : null;
  const exposure = o.exposure || r.pick([1, 1, 0.8, 0.5, 0.25, 0.12, 0.06]);
  const finest = Math.min(...cards.map((card) => card.narrow), 400);
  const blur = o.blur !== undefined ? o.blur : r.pick([0, 0.3, 0.6, r.between(0, 0.33 * finest / 8)]);
  light = blurred(light, width, height, Math.min(blur, 6));
  if (o.shake !== 0 && r.next() < 0.3) light = shaken(light, width, height, r.between(0, 0.5 * Math.min(60, finest) / 8), r.between(0, 7));
  const noise = o.noise !== undefined ? o.noise : r.between(0.5, 5);
  const data = new Uint8ClampedArray(width * height * 4);
  const warm = r.between(0.9, 1.05), cold = r.between(0.85, 1.05);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      let l = light[i] * exposure * (1 - fall * Math.max(0, Math.min(1, 0.5 + (x - width / 2) * gx + (y - height / 2) * gy)));
      if (shadow) { const d = (x / width * shadow.nx + y / height * (1 - Math.abs(shadow.nx)) - shadow.c) / shadow.soft; l *= 1 - shadow.deep / (1 + Math.exp(-d * 4)); }
      const v = 255 * Math.pow(l, 1 / 2.2);
      const n = noise * (0.7 + 0.3 * Math.sqrt(v / 128));
      const shot = n * r.bell();
      data[4 * i] = v * warm + shot + 0.5 * n * (r.next() - 0.5);
      data[4 * i + 1] = v + shot;
      data[4 * i + 2] = v * cold + shot + 0.5 * n * (r.next() - 0.5);
      data[4 * i + 3] = 255;
    }
  }
  let image = new ImageData(data, width, height);
  if (o.jpeg || o.jpeg === undefined && r.next() < 0.5) {
    const canvas = new OffscreenCanvas(width, height);
    const c = canvas.getContext("2d", { willReadFrequently: true });
    c.putImageData(image, 0, 0);
    const file = await canvas.convertToBlob({ type: "image/jpeg", quality: r.between(0.6, 0.92) });
    c.drawImage(await createImageBitmap(file), 0, 0);
    image = c.getImageData(0, 0, width, height);
  }
  return { image, cards, exposure, blur, noise };
}

/** Whether corners lie elsewhere than those of a card; of one that is partly hidden only the middle counts. */
function astray(corners, card) {
  const middle = (shape) => shape.reduce((m, p) => ({ x: m.x + p.x / 4, y: m.y + p.y / 4 }), { x: 0, y: 0 });
  const off = (p, q) => Math.hypot(p.x - q.x, p.y - q.y) / card.size;
  return card.hidden ? off(middle(corners), middle(card.corners)) > 0.3 : corners.some((p, k) => off(p, card.corners[k]) > 0.12);
}

/**
 * Renders and reads some scenes; a card counts where its narrowest side has at least LEGIBLE px and nothing hides it.
 * @param {any} o as scene, with from and count of the seeds
 */
export async function count(o) {
  const sum = { scenes: 0, cards: 0, read: 0, hidden: 0, hiddenRead: 0, small: 0, smallRead: 0, wrong: [], missed: [], ms: 0, most: 0 };
  for (let seed = o.from; seed < o.from + o.count; seed++) {
    const made = await scene(Object.assign({}, o, { seed }));
    const begin = performance.now();
    const reading = readCards(made.image);
    const took = performance.now() - begin;
    sum.scenes++;
    sum.ms += took;
    sum.most = Math.max(sum.most, took);
    const by = new Map(made.cards.map((card) => [card.seat, card]));
    for (const got of reading.cards) {
      const card = by.get(got.seat);
      if (!card || card.answer !== got.answer) sum.wrong.push(`seed ${seed}: seat ${got.seat} ${got.answer}, is ${card ? card.answer : "not there"}`);
      else if (astray(got.corners, card)) sum.wrong.push(`seed ${seed}: seat ${got.seat} elsewhere`);
      else card.found = true;
    }
    for (const one of reading.tilted) if (!by.has(one.seat)) sum.wrong.push(`seed ${seed}: seat ${one.seat} tilted, not there`);
    for (const one of reading.twice) sum.wrong.push(`seed ${seed}: seat ${one.seat} twice`);
    for (const card of made.cards) {
      const kind = card.hidden ? "hidden" : card.narrow < LEGIBLE ? "small" : "cards";
      sum[kind]++;
      if (card.found) sum[kind === "cards" ? "read" : kind + "Read"]++;
      else if (kind === "cards") sum.missed.push(`seed ${seed}: seat ${card.seat}, ${card.narrow.toFixed(0)} px, blur ${made.blur.toFixed(2)}, light ${made.exposure}, noise ${made.noise.toFixed(1)}`);
    }
  }
  return sum;
}

/** The least distances of the dictionary: between any two markers in any turn, and to any seen from behind. */
export function distances() {
  const all = [];
  for (let seat = 1; seat <= SEATS; seat++) for (let turn = 0; turn < 4; turn++) all.push(cellsOf(seat, turn));
  const differ = (a, b) => a.reduce((n, v, i) => n + (v !== b[i] ? 1 : 0), 0);
  let least = 36, behind = 36;
  all.forEach((a, i) => {
    for (let j = i + 1; j < all.length; j++) least = Math.min(least, differ(a, all[j]));
    const mirrored = a.map((_, k) => a[k - k % 6 + 5 - k % 6]);
    for (const b of all) behind = Math.min(behind, differ(mirrored, b));
  });
  return { least, behind, promised: DISTANCE };
}

/** Cards beside each other on a white table, each turned clockwise by so many degrees. @param {[number, number][]} list seats and turns */
export function table(list) {
  const canvas = new OffscreenCanvas(200 * list.length, 200);
  const c = canvas.getContext("2d");
  c.fillStyle = "#eee";
  c.fillRect(0, 0, canvas.width, 200);
  c.fillStyle = "#111";
  list.forEach(([seat, turn], i) => {
    c.setTransform(1, 0, 0, 1, 200 * i + 100, 100);
    c.rotate(turn * Math.PI / 180);
    c.scale(12, 12);
    c.translate(-4, -4);
    c.fill(new Path2D(markerPath(seat)));
  });
  return c.getImageData(0, 0, canvas.width, 200);
}

/** Whether the printed path is what the reader looks for. */
export function drawn(seat) {
  const canvas = new OffscreenCanvas(80, 80);
  const c = canvas.getContext("2d");
  c.fillStyle = "#fff";
  c.fillRect(0, 0, 80, 80);
  c.scale(10, 10);
  c.fillStyle = "#000";
  c.fill(new Path2D(markerPath(seat)));
  const pixels = c.getImageData(0, 0, 80, 80).data, cells = cellsOf(seat);
  for (let y = 0; y < 80; y++) for (let x = 0; x < 80; x++) {
    const i = Math.floor(x / 10) - 1, j = Math.floor(y / 10) - 1;
    const black = i < 0 || j < 0 || i > 5 || j > 5 || cells[j * 6 + i];
    if ((pixels[4 * (80 * y + x)] < 128) !== black) return false;
  }
  return true;
}

/** A picture as a JPEG file, with a note of how the camera was held (1 to 8, or none). */
export async function jpeg(image, note) {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  const body = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })).arrayBuffer());
  const exif = [0xff, 0xe1, 0, 34, 69, 120, 105, 102, 0, 0, 73, 73, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, note, 0, 0, 0, 0, 0, 0, 0];
  return new File([body.slice(0, 2), ...(note ? [new Uint8Array(exif)] : []), body.slice(2)], "photo.jpg", { type: "image/jpeg" });
}

/** What the reader sees of one card that was photographed with a camera held in each way: as this browser turns it, and as an old one has to be helped. */
export async function held() {
  const both = [];
  for (let note = 1; note <= 8; note++) {
    const image = table([[7, 0], [8, 90]]);
    const read = (canvas) => readCards(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)).cards.map((card) => card.seat + card.answer).join();
    const plain = new Image();
    plain.src = URL.createObjectURL(await jpeg(image)); // an old browser does not see the note
    await plain.decode();
    both.push(note + ": " + read(await upright(await jpeg(image, note))) + " " + read(turnedBy(plain, note)));
  }
  return both;
}

export { readCards };
