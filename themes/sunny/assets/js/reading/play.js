/**
 * Plays a branching scenario one passage at a time. Without it all passages
 * stand below each other and the choices are ordinary anchors.
 */
export function playScenario() {
  const stage = /** @type {HTMLElement | null} */ (document.querySelector("[data-play]"));
  if (!stage) return;
  const passages = /** @type {HTMLElement[]} */ ([...stage.querySelectorAll(".passage")]);
  const first = passages[0];
  if (!first) return;
  const back = /** @type {HTMLButtonElement} */ (stage.querySelector("[data-back]"));
  const again = /** @type {HTMLButtonElement} */ (stage.querySelector("[data-again]"));
  const position = stage.querySelector("[data-position]");
  /** @type {string[]} */
  let path = [];

  const show = (/** @type {string} */ id, /** @type {boolean} */ focus) => {
    const passage = passages.find((one) => one.id === id) || first;
    for (const one of passages) one.hidden = one !== passage;
    const seen = path.indexOf(passage.id);
    path = seen < 0 ? [...path, passage.id] : path.slice(0, seen + 1);
    back.disabled = again.disabled = path.length < 2;
    if (position) position.textContent = `第 ${path.length} 幕`;
    stage.classList.toggle("at-ending", passage.classList.contains("ending"));
    if (!focus) return;
    passage.setAttribute("tabindex", "-1");
    passage.focus({ preventScroll: true });
    stage.scrollIntoView();
  };
  const follow = (/** @type {boolean} */ focus) => show(decodeURIComponent(location.hash.slice(1)), focus);

  stage.classList.add("playing");
  back.addEventListener("click", () => {
    location.hash = path[path.length - 2] || first.id;
  });
  again.addEventListener("click", () => {
    path = [];
    location.hash = first.id;
  });
  window.addEventListener("hashchange", () => follow(true));
  follow(false);
}
