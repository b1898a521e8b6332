const DELAY = 180; // a passing mouse opens nothing, a leaving one may come back

/**
 * Citations explain themselves: hover, focus or a tap opens a small card with the gist and the way to the article.
 * Without a script the link and its title do the same. Links that come later (a quiz's explanation) work as well.
 */
export function citations() {
  let open = /** @type {HTMLAnchorElement | null} */ (null);
  let card = /** @type {HTMLElement | null} */ (null);
  let timer = 0;
  let seen = false; // the focus may run ahead of a smooth scroll
  let input = ""; // what the reader used last: "key", "mouse", "touch", "pen"

  const close = () => {
    clearTimeout(timer);
    if (card) card.remove();
    if (open) open.removeAttribute("aria-describedby");
    open = card = null;
  };
  // It moves with its link, also in a table that scrolls, and goes when the link is out of sight.
  const follow = () => {
    if (!open || !card) return;
    const { top, bottom } = open.getBoundingClientRect();
    const inSight = bottom > 0 && top < innerHeight;
    if (seen && !inSight) return close();
    seen = inSight;
    place(open, card);
  };
  const show = (/** @type {HTMLAnchorElement} */ link) => {
    clearTimeout(timer);
    if (open === link) return;
    close();
    [open, card, seen] = [link, build(link), false];
    link.after(card); // right behind the link, so that Tab goes into it
    link.setAttribute("aria-describedby", "cite-gist");
    follow();
  };
  const holds = (/** @type {EventTarget | null} */ target) => target instanceof Node && ((open !== null && open.contains(target)) || (card !== null && card.contains(target)));

  for (const link of document.querySelectorAll("a.cite[title]")) takeTitle(link);
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    clearTimeout(timer);
    const link = citationAt(event.target);
    if (link) timer = setTimeout(() => show(link), DELAY);
    else if (open && !holds(event.target)) timer = setTimeout(() => holds(document.activeElement) || close(), DELAY);
  });
  document.addEventListener("pointerdown", (event) => {
    input = event.pointerType;
    if (!holds(event.target)) close();
  });
  document.addEventListener("click", (event) => {
    const link = citationAt(event.target);
    if (!link || (input !== "touch" && input !== "pen")) return;
    event.preventDefault(); // the card's own link goes on
    open === link ? close() : show(link);
  });
  document.addEventListener("focusin", (event) => {
    const link = citationAt(event.target);
    if (link && (input === "key" || input === "")) show(link);
    else if (!holds(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    input = "key";
    if (event.key !== "Escape" || !open) return;
    if (holds(document.activeElement)) open.focus();
    close();
  });
  addEventListener("scroll", follow, { passive: true, capture: true });
  addEventListener("resize", follow);
}

/** @param {EventTarget | null} target @returns {HTMLAnchorElement | null} */
function citationAt(target) {
  return target instanceof Element ? target.closest("a.cite") : null;
}

/** Lest the browser's own bubble covers the card. @param {Element} link */
function takeTitle(link) {
  link.setAttribute("data-gist", link.getAttribute("title") || link.getAttribute("data-gist") || "");
  link.removeAttribute("title");
}

/** @param {HTMLAnchorElement} link */
function build(link) {
  takeTitle(link);
  // With words of the author's own, the title begins with the article.
  const [, label = link.textContent, gist = ""] = /^(?:(《[^》]+》第[^：]+)：)?([^]*)$/.exec(link.dataset.gist || "") || [];
  const card = document.createElement("span");
  card.className = "cite-card";
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-label", label || "");
  card.innerHTML = `<b></b><span id="cite-gist"></span><a>看这一条</a>`;
  const [name, words, more] = card.children;
  if (name && words) [name.textContent, words.textContent] = [label || "", gist];
  if (more instanceof HTMLAnchorElement) more.href = link.href;
  return card;
}

/** Below the link's last line, or above its first where there is no room. @param {HTMLElement} link @param {HTMLElement} card */
function place(link, card) {
  const lines = link.getClientRects();
  const [first, last] = [lines[0], lines[lines.length - 1]];
  if (!first || !last) return;
  const { width, height } = card.getBoundingClientRect();
  const above = last.bottom + height + 6 > innerHeight && first.top > height + 6;
  card.style.left = `${Math.max(8, Math.min((above ? first : last).left, document.documentElement.clientWidth - width - 8))}px`;
  card.style.top = `${above ? first.top - height - 6 : last.bottom + 6}px`;
}
