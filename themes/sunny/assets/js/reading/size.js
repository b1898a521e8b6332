const KEY = "sunny-size";

/** The A / A+ / A++ switch: remembered in this browser only. */
export function textSize() {
  const switches = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-size-switch]"));
  apply(load());
  for (const box of switches) {
    box.hidden = false;
    box.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (!button || !button.dataset.size) return;
      save(button.dataset.size);
      apply(button.dataset.size);
    });
  }
}

/** @param {string} size */
function apply(size) {
  document.documentElement.dataset.size = size;
  for (const button of document.querySelectorAll("[data-size-switch] button")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-size") === size));
  }
}

function load() {
  try {
    return localStorage.getItem(KEY) || "1";
  } catch {
    return "1"; // storage can be forbidden; the switch still works for this page
  }
}

/** @param {string} size */
function save(size) {
  try {
    localStorage.setItem(KEY, size);
  } catch {
    // see load
  }
}
