// A photo as it was held: cameras write down how they were turned, and an old browser does not look.

const MOST = 4096; // px, the longer side of what is read; 12 megapixels stay as they are

// 16 × 8 px, the left half black, with the note "turn clockwise".
const PROBE = "data:image/jpeg;base64,/9j/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wCEACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//gBKy0tPDU8dkFBdviljKX4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+P/AAAsIAAgAEAEBEQD/xADSAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAAgBAQAAPwDFrs6//9k=";

/** @type {Promise<boolean> | null} */
let probed = null;

/** Whether this browser turns what it draws as the photo says. */
function turnsItself() {
  if (!probed) probed = load(PROBE).then((img) => {
    const { c } = canvas(16, 16);
    c.drawImage(img, 0, 0);
    const at = (/** @type {number} */ x, /** @type {number} */ y) => c.getImageData(x, y, 1, 1).data;
    return at(4, 12)[3] === 255; // below the 8 px that it has untouched
  });
  return probed;
}

/** The photo on a canvas, upright. @param {Blob} file @returns {Promise<HTMLCanvasElement>} */
export async function upright(file) {
  const note = turned(new DataView(await bytes(file.slice(0, 1 << 17))));
  const address = URL.createObjectURL(file);
  try {
    const img = await load(address);
    return drawn(img, note > 1 && !await turnsItself() ? note : 1);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** A picture on a canvas, turned as a note of Exif says. @param {HTMLImageElement} img @param {number} note */
export function drawn(img, note) {
  const scale = Math.min(1, MOST / Math.max(img.naturalWidth, img.naturalHeight));
  const w = Math.max(1, Math.round(img.naturalWidth * scale)), h = Math.max(1, Math.round(img.naturalHeight * scale));
  const { canvas: to, c } = note > 4 ? canvas(h, w) : canvas(w, h);
  // The eight notes: mirrored, upside down, a quarter to either side.
  if (note === 2) c.transform(-1, 0, 0, 1, w, 0);
  if (note === 3) c.transform(-1, 0, 0, -1, w, h);
  if (note === 4) c.transform(1, 0, 0, -1, 0, h);
  if (note === 5) c.transform(0, 1, 1, 0, 0, 0);
  if (note === 6) c.transform(0, 1, -1, 0, h, 0);
  if (note === 7) c.transform(0, -1, -1, 0, h, w);
  if (note === 8) c.transform(0, -1, 1, 0, 0, w);
  c.drawImage(img, 0, 0, w, h);
  return to;
}

/** @param {number} width @param {number} height */
function canvas(width, height) {
  const to = document.createElement("canvas");
  to.width = width;
  to.height = height;
  const c = to.getContext("2d", { willReadFrequently: true });
  if (!c) throw new Error("这个浏览器画不了图，读不了照片。请换一个浏览器。");
  return { canvas: to, c: /** @type {CanvasRenderingContext2D} */ (c) };
}

/** @param {string} address @returns {Promise<HTMLImageElement>} */
function load(address) {
  return new Promise((done, fail) => {
    const img = new Image();
    img.onload = () => done(img);
    img.onerror = () => fail(new Error("这张图片打不开。请拍成普通的照片（JPG），再试一次。"));
    img.src = address;
  });
}

/** Blob.arrayBuffer is new in Chromium 76. @param {Blob} part @returns {Promise<ArrayBuffer>} */
function bytes(part) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(/** @type {ArrayBuffer} */ (reader.result));
    reader.onerror = () => fail(new Error("这张图片读不出来，请再拍一次。"));
    reader.readAsArrayBuffer(part);
  });
}

/** The note on how a JPEG was held, 1 to 8; 1 where it has none. @param {DataView} data */
export function turned(data) {
  const end = data.byteLength;
  if (end < 4 || data.getUint16(0) !== 0xffd8) return 1;
  for (let at = 2; at + 4 <= end;) {
    const marker = data.getUint16(at), length = data.getUint16(at + 2);
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda || length < 2) return 1;
    const tiff = at + 10;
    if (marker === 0xffe1 && tiff + 8 <= end && data.getUint32(at + 4) === 0x45786966) {
      const little = data.getUint16(tiff) === 0x4949;
      const list = tiff + data.getUint32(tiff + 4, little);
      if (list + 2 > end) return 1;
      for (let i = 0, entry = list + 2; i < data.getUint16(list, little) && entry + 12 <= end; i++, entry += 12) {
        if (data.getUint16(entry, little) !== 0x0112) continue;
        const note = data.getUint16(entry + 8, little);
        return note >= 1 && note <= 8 ? note : 1;
      }
      return 1;
    }
    at += 2 + length;
  }
  return 1;
}
