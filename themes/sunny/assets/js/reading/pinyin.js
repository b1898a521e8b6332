const KEY = "sunny.pinyin";

/**
 * The switch for the readings above the characters. Live screens have one before they know whether there are any; it waits
 * for `start`.
 * @param {PinyinStart} [start] how they come up at first, where the page itself does not say so; the reader's choice stands
 */
export function pinyinSwitch(start) {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-pinyin-switch]"));
  if (!button || !button.hidden || (button.dataset.pinyinSwitch === "live" && !start)) return;
  const page = document.documentElement;
  const show = (/** @type {boolean} */ on) => {
    page.classList.toggle("no-pinyin", !on);
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "不看拼音" : "看拼音";
    window.dispatchEvent(new Event("resize")); // a projected item fits itself anew
  };
  const kept = localStorage.getItem(KEY);
  show(kept ? kept === "on" : start ? start === "shown" : !page.classList.contains("no-pinyin"));
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = page.classList.contains("no-pinyin");
    localStorage.setItem(KEY, on ? "on" : "off");
    show(on);
  });
}
