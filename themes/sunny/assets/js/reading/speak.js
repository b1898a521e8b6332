import { deviceVoice, utter } from "./voice.js";

// Not heard: readings, controls, what is folded away or hidden, and what stands around the text.
const MUTE = "rt, nav, button, form, .btn, .chips, .facts, .used, .related, .page-foot, .sheet-jump, .sheet-tools, .sr, [aria-hidden=true], details:not([open]) > :not(summary)";
const PIECE = "h1, h2, h3, h4, p, li, dt, dd, th, td, summary, div, section, article";

/**
 * Reads the page aloud, piece by piece, with a voice of this device: one from the network would get to know what is read. A
 * story is read passage by passage as it is played.
 */
export function readAloud() {
  const box = /** @type {HTMLElement | null} */ (document.querySelector("[data-speak]"));
  const synth = window.speechSynthesis;
  if (!box || !synth) return;
  const [go, stop] = /** @type {[HTMLButtonElement, HTMLButtonElement]} */ ([...box.querySelectorAll("button")]);
  const label = /** @type {HTMLElement} */ (go.querySelector("span"));
  /** @type {SpeechSynthesisVoice | undefined} */
  let voice;
  /** @type {{el: Element, text: string}[]} */
  let pieces = [];
  let at = 0;
  /** @type {SpeechSynthesisUtterance | null} */
  let saying = null;

  const show = (/** @type {string} */ words, /** @type {boolean} */ under) => {
    label.textContent = words;
    box.classList.toggle("speaking", under);
    stop.hidden = !under;
  };
  const hush = () => {
    saying = null;
    synth.cancel();
    for (const el of document.querySelectorAll(".spoken")) el.classList.remove("spoken");
  };
  const end = () => {
    hush();
    pieces = [];
    show("读给我听", false);
  };
  const say = () => {
    hush();
    const piece = pieces[at];
    if (!piece || !voice) return end();
    piece.el.classList.add("spoken");
    piece.el.scrollIntoView({ block: "nearest" });
    const words = (saying = utter(voice, piece.text, () => {
      if (saying !== words) return;
      at++;
      say();
    }));
    show("停一下", true);
  };
  const begin = () => {
    pieces = heard(document.querySelector(".playing .passage:not([hidden])") || document.querySelector("main article"));
    at = 0;
    say();
  };

  go.addEventListener("click", () => {
    if (saying) {
      hush(); // pausing within a sentence works on few devices
      show("接着读", true);
    } else if (pieces.length) say();
    else begin();
  });
  stop.addEventListener("click", () => {
    go.focus();
    end();
  });
  addEventListener("hashchange", () => {
    if (!document.querySelector(".playing")) return;
    saying ? begin() : end();
  });
  addEventListener("pagehide", end);
  deviceVoice((v) => {
    voice = v;
    box.hidden = !voice;
  });
}

/** @param {Element | null} root */
function heard(root) {
  /** @type {{el: Element, text: string}[]} */
  const pieces = [];
  if (!root) return pieces;
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node; (node = texts.nextNode()); ) {
    const on = node.parentElement;
    const el = on && on.closest(PIECE);
    const text = node.nodeValue || "";
    if (!on || !el || !text.trim() || on.closest(MUTE) || !on.getClientRects().length) continue;
    const last = pieces[pieces.length - 1];
    if (last && last.el === el) last.text += text;
    else pieces.push({ el, text });
  }
  return pieces;
}
