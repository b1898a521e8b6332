// A screen for a whole class: type that fits, keys and clickers, blanking, full screen, cards that one key shows.
import { byId } from "./dom.js";

const LETTERS = "sunny.letter-keys";
/** The least size at which words are read from the last row: 2.6 hundredths of 1920 pixels, times this, are 32 pixels. */
export const READABLE = 0.65;

const SIZES = [1.9, 1.75, 1.6, 1.45, 1.35, 1.25, 1.17, 1.08, 1, 0.92, 0.85, 0.78, 0.72, 0.66, 0.6, 0.54];

/** A line that must stay within its own column. @param {Element} line */
const tooWide = (line) => line.scrollWidth > line.clientWidth;

/**
 * @typedef {object} Projected
 * @property {HTMLElement} stage
 * @property {() => void} step
 * @property {() => void} [back]
 * @property {() => void} home where the keyboard goes on
 * @property {Record<string, () => void>} [letters] further letter keys
 * @property {number} [least] of the sizes; what does not fit then is scrolled to
 */

/**
 * A button with data-opens shows the dialog of that id, and data-key is its letter.
 * @param {Projected} at
 * @returns {{fit: () => void, below: () => boolean, down: () => void, digits: (press: (i: number) => void) => void}}
 */
export function projector({ stage, step, back, home, letters: more = {}, least = 0 }) {
  const blank = byId("blank");
  const dialogs = /** @type {HTMLDialogElement[]} */ (Array.from(document.querySelectorAll("dialog.overlay")));
  const openers = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll("[data-opens]")));
  const letters = /** @type {HTMLInputElement} */ (byId("letter-keys")); // who speaks to the computer switches them off
  letters.checked = localStorage.getItem(LETTERS) !== "off";
  letters.addEventListener("change", () => localStorage.setItem(LETTERS, letters.checked ? "on" : "off"));

  const scrolls = () => stage.scrollHeight > stage.clientHeight + 1;

  /** The largest type with which everything is seen at once. */
  function fit() {
    // A question never needs letters taller than a fifteenth of the screen.
    const most = window.innerHeight / 15 / (2.5 * Math.max(10, window.innerWidth / 100));
    for (const size of SIZES.filter((s) => s <= Math.max(1, most) && s >= least)) {
      stage.style.setProperty("--fit", String(size));
      if (!scrolls() && !Array.from(stage.querySelectorAll("[data-fit]")).some(tooWide)) break;
    }
    if (scrolls()) stage.tabIndex = 0; // for the arrow keys
    else stage.removeAttribute("tabindex");
  }

  /** @param {boolean} on */
  function dark(on) {
    blank.hidden = !on;
    if (on) blank.focus();
    else home();
  }

  /** @param {HTMLElement} opener */
  const cardOf = (opener) => /** @type {HTMLDialogElement} */ (byId(opener.dataset.opens || ""));

  /** @param {HTMLDialogElement} dialog */
  function toggle(dialog) {
    if (dialog.open) dialog.close();
    else dialog.showModal();
  }

  let pressed = -1000;

  /** @param {KeyboardEvent} e */
  function key(e) {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.repeat && e.key === "Enter") return e.preventDefault(); // a key that is held presses its button once
    if (!blank.hidden) {
      e.preventDefault();
      return dark(false);
    }
    const on = e.target instanceof Element ? e.target : document.body;
    const name = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    if (on.matches("input")) {
      if (name !== "Enter") return;
      e.preventDefault(); // else the key goes on to the main button
      home();
      return;
    }
    const opener = letters.checked && openers.find((o) => o.dataset.key === name && !o.hidden);
    const open = dialogs.find((d) => d.open);
    if (opener && (!open || open.id === opener.dataset.opens)) return toggle(cardOf(opener));
    if (open) return;
    const own = letters.checked && more[name];
    if (own) return own();
    if ((name === "b" || name === ".") && letters.checked) return dark(true); // clickers send a full stop
    if (name === "f" && letters.checked) return full();
    if (back && (name === "ArrowLeft" || name === "PageUp")) {
      e.preventDefault();
      return back();
    }
    const forward = name === "ArrowRight" || name === "PageDown";
    const press = (name === " " || name === "Enter") && !on.closest("button, a");
    if (!forward && !press) return;
    e.preventDefault();
    // A bouncing key or clicker is one press.
    if (!e.repeat && e.timeStamp - pressed > 250) step();
    pressed = e.timeStamp;
  }

  function full() {
    const page = /** @type {any} */ (document); // the names of before Chromium 71, too
    if (page.fullscreenElement || page.webkitFullscreenElement) return (page.exitFullscreen || page.webkitExitFullscreen).call(page);
    const root = page.documentElement;
    const asked = (root.requestFullscreen || root.webkitRequestFullscreen || (() => {})).call(root);
    if (asked) asked.catch(() => {});
  }

  document.addEventListener("keydown", key);
  // A row that scrolls sideways on a phone shows whole what has the focus.
  document.addEventListener("focusin", (e) => e.target instanceof Element && e.target.closest(".moves, .path") && e.target.scrollIntoView({ block: "nearest", inline: "nearest" }));
  blank.addEventListener("click", () => dark(false));
  byId("go-full").addEventListener("click", () => (full(), home()));
  byId("go-dark").addEventListener("click", () => dark(true));
  for (const opener of openers) opener.addEventListener("click", () => toggle(cardOf(opener)));
  for (const dialog of dialogs) {
    // Back to the main button: the space bar must go on with the class, not open the card again.
    dialog.addEventListener("close", home);
    dialog.addEventListener("click", (e) => {
      const close = e.target instanceof Element && e.target.closest("[data-close]");
      if (e.target === dialog || close) dialog.close();
    });
  }
  window.addEventListener("resize", fit);

  /** How much is still below the screen, in pixels. */
  function rest() {
    const left = stage.scrollHeight - stage.clientHeight - stage.scrollTop;
    return left > 8 ? left : 0;
  }

  return {
    fit,
    below: () => rest() > 0,
    down() {
      stage.scrollTop += Math.min(rest(), stage.clientHeight * 0.8);
    },
    /** Number keys, from 0, where nobody is typing. */
    digits(press) {
      document.addEventListener("keydown", (e) => {
        const typing = e.target instanceof Element && e.target.closest("input, dialog");
        if (/^[1-9]$/.test(e.key) && letters.checked && !typing && blank.hidden && !e.ctrlKey && !e.altKey && !e.metaKey) press(Number(e.key) - 1);
      });
    },
  };
}
