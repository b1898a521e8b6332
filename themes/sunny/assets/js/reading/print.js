import { canPrint } from "./chat.js";

/** Until the style of paper is here. @type {Promise<unknown>} */
let paper = Promise.resolve();

/** Print buttons appear only where a script can answer them; folded answers are printed open. */
export function printButtons() {
  const kept = /** @type {HTMLTemplateElement | null} */ (document.querySelector("template[data-later]"));
  if (kept) paper = new Promise((here) => window.addEventListener("load", () => {
    const later = document.importNode(kept.content, true);
    const sheet = /** @type {HTMLLinkElement} */ (later.firstElementChild);
    sheet.onload = sheet.onerror = here;
    kept.replaceWith(later);
  }));
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-prints]"))) group.hidden = false;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-print]"))) {
    button.hidden = false;
    button.addEventListener("click", () => printPart(button.dataset.print));
  }
  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("main details:not([open])")]);
    for (const details of opened) details.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
}

/** Prints one part of the page; without a name all of them. @param {string} [name] */
export async function printPart(name) {
  if (!canPrint()) return;
  await paper;
  const parts = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-part]"));
  for (const part of parts) part.classList.toggle("off-paper", Boolean(name) && part.dataset.part !== name);
  window.addEventListener("afterprint", () => {
    for (const part of parts) part.classList.remove("off-paper");
  }, { once: true });
  print();
}
