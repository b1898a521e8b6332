/** Filters the rows of a table by what is typed; spaces separate words that must all be there. */
export function lookup() {
  const area = document.querySelector("[data-lookup]");
  if (!area) return;
  const form = /** @type {HTMLElement} */ (area.querySelector("[data-lookup-form]"));
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input"));
  const count = /** @type {HTMLElement} */ (form.querySelector("[data-lookup-count]"));
  const rows = /** @type {HTMLElement[]} */ ([...area.querySelectorAll("tbody tr")]);
  form.hidden = false;
  const update = () => {
    const words = input.value.trim().split(/\s+/);
    for (const row of rows) row.hidden = !words.every((word) => (row.textContent || "").includes(word));
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = shown ? `共 ${shown} 个` : "没有找到。换一个字试试，或者打 12345 请人转接。";
  };
  input.addEventListener("input", update);
  update();
}
