import { inChat } from "./chat.js";

/**
 * One-page lists: copy the words, print this page only. The files to keep are
 * plain links in the page and need no script.
 */
export function sheets() {
  const online = location.protocol.startsWith("http");
  for (const sheet of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-sheet]"))) {
    const where = sheet.querySelector("[data-address]");
    const box = /** @type {HTMLElement} */ (sheet.querySelector("[data-plain]"));
    const words = /** @type {HTMLTextAreaElement} */ (box.querySelector("textarea"));
    if (where && /^(localhost|127\.|\[::1\])/.test(location.hostname)) { // leads nowhere on paper or in a chat
      words.value = words.value.replace(/网页：.*/, "");
      where.textContent = "";
    } else if (where && online) {
      const address = decodeURI(location.origin + location.pathname);
      words.value = words.value.replace(`网页：${where.textContent}`, `网页：${address}`);
      where.textContent = address;
    }
    show(sheet.querySelector("[data-copy]"), (button) => copy(button, box, words));
    const hint = /** @type {HTMLElement | null} */ (sheet.querySelector("[data-in-chat]"));
    if (inChat && hint) hint.hidden = false;
    if (!inChat && typeof print === "function") show(sheet.querySelector("[data-print-sheet]"), () => printAlone(sheet));
  }
}

/** @param {HTMLElement | null} button @param {(button: HTMLElement) => void} press */
function show(button, press) {
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => press(button));
}

/** @param {HTMLElement} button @param {HTMLElement} box @param {HTMLTextAreaElement} words */
async function copy(button, box, words) {
  const done = (await throughClipboard(words.value)) || throughSelection(box, words);
  if (done) box.hidden = true;
  const said = /** @type {HTMLElement} */ (button.querySelector("[data-said]"));
  const before = said.dataset.before || said.textContent || "";
  said.dataset.before = before;
  said.textContent = done ? "已复制" : "没能复制，请长按选择";
  if (done) setTimeout(() => (said.textContent = before), 4000);
}

/** @param {string} text */
async function throughClipboard(text) {
  if (!navigator.clipboard || !window.isSecureContext) return false; // a school's own server is plain http
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The words stay shown and selected where the browser refuses. @param {HTMLElement} box @param {HTMLTextAreaElement} words */
function throughSelection(box, words) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  box.hidden = false;
  words.focus({ preventScroll: true });
  words.select();
  words.setSelectionRange(0, words.value.length); // iOS ignores select()
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    // as if it had said no
  }
  if (done && before) {
    box.hidden = true;
    before.focus({ preventScroll: true });
  }
  return done;
}

/** @param {HTMLElement} sheet */
function printAlone(sheet) {
  const today = new Date();
  const printed = sheet.querySelector("[data-printed]");
  if (printed) printed.textContent = `${today.getFullYear()}年${today.getMonth() + 1}月${today.getDate()}日打印`;
  const page = document.documentElement;
  page.classList.add("print-one");
  sheet.classList.add("print-this");
  addEventListener("afterprint", () => {
    page.classList.remove("print-one");
    sheet.classList.remove("print-this");
  }, { once: true });
  print();
}
