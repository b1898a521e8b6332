// What a teacher opened last, in this browser only. Pages that a child or a parent reads are never kept: others may sit at
// the same screen.
const KEY = "sunny.recent";
const KEPT = /\/(lessons|kits|training)\/[^/]+\/(index\.html)?$/;

/** @returns {{url: string, title: string}[]} */
function kept() {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) || "[]");
    return Array.isArray(list) ? list : [];
  } catch (_) {
    return [];
  }
}

/** Notes the page if it is one that teachers prepare from. */
export function noteVisit() {
  const title = document.querySelector("main h1");
  if (!KEPT.test(location.pathname) || !title) return;
  const rest = kept().filter((one) => one.url !== location.pathname);
  localStorage.setItem(KEY, JSON.stringify([{ url: location.pathname, title: title.textContent }, ...rest].slice(0, 6)));
}

/** The list on the teacher's door. */
export function recentList() {
  const section = /** @type {HTMLElement | null} */ (document.querySelector("[data-recent]"));
  const list = section && section.querySelector("ul");
  const found = kept();
  if (!section || !list || !found.length) return;
  for (const one of found) {
    if (!KEPT.test(one.url)) continue;
    const link = document.createElement("a");
    link.href = one.url;
    link.textContent = one.title;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  section.hidden = false;
  const forget = section.querySelector("[data-forget]");
  if (forget) forget.addEventListener("click", () => {
    localStorage.removeItem(KEY);
    section.hidden = true;
  });
}
