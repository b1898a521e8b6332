/**
 * Filters a list of cards by facets. Each card carries its values in
 * its data attributes; a form of checkboxes names the facets.
 */
export function listFilter() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-filter]"));
  if (!form) return;
  const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-card]")]);
  const groups = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-group]")]);
  const status = form.querySelector("[data-count]");
  const empty = /** @type {HTMLElement | null} */ (document.querySelector("[data-empty]"));
  form.hidden = false;
  const ways = /** @type {HTMLElement | null} */ (document.querySelector("[data-ways]"));
  if (ways) ways.hidden = true; // the form does what its links do, and more

  for (const [name, value] of new URLSearchParams(location.search)) {
    const input = form.querySelector(`input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
    if (input instanceof HTMLInputElement) input.checked = true;
  }

  // On a phone the further facets stay folded until one of them is in use.
  const more = /** @type {HTMLDetailsElement | null} */ (form.querySelector("[data-more]"));
  if (more) more.open = window.innerWidth >= 768 || !!more.querySelector("input:checked");

  const update = () => {
    const chosen = new FormData(form);
    const facets = [...new Set(chosen.keys())];
    const seen = new Set();
    for (const card of cards) {
      card.hidden = !facets.every((facet) => matches(card, facet, chosen.getAll(facet).map(String)));
      if (!card.hidden) seen.add(card.dataset.card);
    }
    for (const group of groups) group.hidden = !group.querySelector("[data-card]:not([hidden])");
    if (status) status.textContent = `共 ${seen.size} 个`;
    if (empty) empty.hidden = seen.size > 0;
    const query = new URLSearchParams(/** @type {any} */ (chosen)).toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
  };
  form.addEventListener("change", update);
  form.addEventListener("reset", () => setTimeout(update));
  form.addEventListener("submit", (event) => event.preventDefault());
  update();
}

/**
 * @param {HTMLElement} card
 * @param {string} facet
 * @param {string[]} wanted any of them will do
 */
function matches(card, facet, wanted) {
  if (facet === "minutes" || facet === "prep") return wanted.some((span) => within(Number(card.dataset[facet]), span));
  const has = (card.dataset[facet] || "").split(" ");
  return wanted.some((value) => has.includes(value));
}

/** @param {number} minutes @param {string} span "40-45" */
function within(minutes, span) {
  const [from, to] = span.split("-").map(Number);
  return minutes >= (from || 0) && minutes <= (to || 0);
}
