// From a lesson on the projector to its quiz, and back to the same step.
import { h } from "./dom.js";

const FROM = "sunny.lesson";

/** The quiz is opened from here. */
export const leaveLesson = () => sessionStorage.setItem(FROM, location.href);

/** The lesson is here again. */
export const atLesson = () => sessionStorage.removeItem(FROM);

/** The way back, if a lesson in this tab leads here. @param {string} look classes */
export function backToLesson(look) {
  const from = sessionStorage.getItem(FROM);
  const site = (/** @type {string} */ address) => address.split("/").slice(0, 3).join("/"); // a file has no origin
  return from !== null && site(from) === site(location.href) && h("a", { class: look, href: from }, "回到课上");
}

const HELD = "sunny.held";

/** A lesson that was held is to be filed; the tab keeps it until then. @param {HeldLesson} held */
export const keepLesson = (held) => sessionStorage.setItem(HELD, JSON.stringify(held));

/** @returns {HeldLesson | null} */
export function heldLesson() {
  try {
    return JSON.parse(sessionStorage.getItem(HELD) || "null");
  } catch (_) {
    return null;
  }
}

export const forgetLesson = () => sessionStorage.removeItem(HELD);
