/** On the help page: the way back for a pupil who came from a class quiz. */
export function backToClass() {
  const link = /** @type {HTMLElement | null} */ (document.querySelector("[data-to-class]"));
  if (link) link.hidden = !sessionStorage.getItem("sunny.seat");
}
