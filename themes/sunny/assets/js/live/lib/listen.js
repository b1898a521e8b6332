// 读给我听 on an item: its words and those of its options, with a voice of this device. What is not shown is not read.
import { h, plain } from "./dom.js";
import { letter } from "./options.js";
import { deviceVoice, utter } from "../../reading/voice.js";

/** @type {SpeechSynthesisVoice | undefined} */
let voice;
/** @type {object | null} */
let saying = null;
let offered = false;

/** Stops what is being read: the screen goes on. */
export function hush() {
  if (!saying) return;
  saying = null;
  window.speechSynthesis.cancel();
  for (const b of Array.from(document.querySelectorAll(".listen"))) b.textContent = LABEL;
}

const LABEL = "读给我听";

/** A quiet button that reads, and stops when it is pressed again; hidden where the device has no voice. @param {() => string[]} pieces what is read, one after the other */
export function listenButton(pieces) {
  if (!offered) {
    offered = true;
    deviceVoice((found) => {
      voice = found;
      for (const b of Array.from(document.querySelectorAll(".listen"))) /** @type {HTMLElement} */ (b).hidden = !voice;
    });
    window.addEventListener("pagehide", hush);
  }
  const button = h("button", { class: "btn btn-quiet listen", type: "button", hidden: !voice, click: () => {
    const again = !!saying;
    hush();
    if (!again) say(pieces().filter((text) => text));
  } }, LABEL);

  /** @param {string[]} rest */
  function say(rest) {
    const text = rest[0];
    if (!text || !voice) return hush();
    const words = (saying = utter(voice, text, () => saying === words && say(rest.slice(1))));
    button.textContent = "不读了";
  }
  return button;
}

/** @param {Picture | undefined} p */
const seen = (p) => (p && p.alt ? "图：" + p.alt + "。" : "");

/** An item as it is read out: stem, picture, options by their letters. @param {Prompt} p */
export const itemWords = (p) => [p.stem, seen(p.image)].concat(p.options.map((o, i) => letter(i) + "，" + o.text + "。" + seen(o.image)));

/** What stands on the screen after the answer, without readings. @param {Element} root */
export const shownWords = (root) => Array.from(root.querySelectorAll("h1, h2, h3, p:not(.btn-row), li"))
  .filter((el) => !(el.parentElement && el.parentElement.closest("li"))).map(plain);
