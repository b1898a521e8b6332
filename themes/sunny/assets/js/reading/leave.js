/**
 * Quick exit. The plain link already leads to a neutral page; with a script the
 * page is blanked at once and replaced, so that Back does not return to it.
 */
export function quickExit() {
  const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector("a[data-leave]"));
  if (!link) return;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.title = "笔记";
    document.body.hidden = true;
    location.replace(link.href);
  });
}
