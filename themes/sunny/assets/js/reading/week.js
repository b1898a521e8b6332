const STAGE = "sunny.stage";

/**
 * Where the school year stands: the term, as the column of a plan, and the week, 1 or more. Terms are taken to begin on 1 September and
 * 1 March; the weeks before belong to the term to come.
 * @param {Date} today
 * @returns {{column: 1 | 2, week: number}}
 */
export function schoolWeek(today) {
  const month = today.getMonth() + 1;
  const autumn = month >= 8 || month === 1;
  const start = new Date(month === 1 ? today.getFullYear() - 1 : today.getFullYear(), autumn ? 8 : 2, 1);
  start.setDate(start.getDate() - ((start.getDay() + 6) % 7)); // the Monday
  return { column: autumn ? 1 : 2, week: Math.max(1, Math.floor((today.getTime() - start.getTime()) / (7 * 24 * 3600 * 1000)) + 1) };
}

/** Lifts what a year plan says for this week out of its table. */
export function thisWeek() {
  const now = schoolWeek(new Date());
  for (const year of Array.from(document.querySelectorAll("[data-year]"))) {
    const box = /** @type {HTMLElement | null} */ (year.querySelector("[data-this-week]"));
    const rows = /** @type {HTMLTableRowElement[]} */ (Array.from(year.querySelectorAll("tbody tr")));
    const due = rows.filter((row) => weekOf(row) <= now.week).pop() || rows[0];
    const cell = due && due.cells[now.column];
    if (!box || !cell) continue;
    box.append(part("h2", "这一周可以上"));
    const what = part("p", "");
    what.append(...Array.from(cell.cloneNode(true).childNodes));
    box.append(what, part("p", (now.column === 1 ? "上" : "下") + "学期，大约第 " + now.week + " 周。已经上过，就看下面整年的安排。"));
    box.hidden = false;
  }
}

/** @param {HTMLTableRowElement} row its first cell says “第 5 周” */
const weekOf = (row) => parseInt((row.cells[0]?.textContent || "").replace(/\D/g, ""), 10);

/** @param {string} tag @param {string} text */
function part(tag, text) {
  const el = document.createElement(tag);
  el.textContent = text;
  return el;
}

/** The teacher's door: the plan of the stage that was chosen here last. */
export function stagePlans() {
  const picks = /** @type {HTMLAnchorElement[]} */ (Array.from(document.querySelectorAll("[data-stage]")));
  const show = (/** @type {string | null} */ stage) => {
    for (const pick of picks) pick.setAttribute("aria-current", String(pick.dataset.stage === stage));
    for (const plan of Array.from(document.querySelectorAll("[data-plan-of]"))) {
      if (plan instanceof HTMLElement) plan.hidden = plan.dataset.planOf !== stage;
    }
  };
  for (const pick of picks) {
    pick.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      localStorage.setItem(STAGE, pick.dataset.stage || "");
      show(pick.dataset.stage || "");
    });
  }
  if (picks.length) show(localStorage.getItem(STAGE));
}
