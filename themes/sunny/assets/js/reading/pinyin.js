const KEY = "sunny.pinyin";

/** The switch for the readings above the characters, which are part of the page. */
export function pinyinSwitch() {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-pinyin-switch]"));
  if (!button) return;
  const show = (/** @type {boolean} */ on) => {
    document.documentElement.classList.toggle("no-pinyin", !on);
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "不看拼音" : "看拼音";
  };
  button.hidden = false;
  show(localStorage.getItem(KEY) !== "off");
  button.addEventListener("click", () => {
    const on = document.documentElement.classList.contains("no-pinyin");
    localStorage.setItem(KEY, on ? "on" : "off");
    show(on);
  });
}
