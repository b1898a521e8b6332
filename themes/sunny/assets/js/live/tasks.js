// /staff/: what has come due.
import { h, redraw, byId } from "./lib/dom.js";
import { loadForStaff } from "./lib/staff.js";

/** @typedef {{code: string, message: string, path: string, line: number}} Task */

const root = byId("staff-tasks");
loadForStaff(root, "/staff/tasks", show);

/** @param {{tasks: Task[]}} answer */
function show({ tasks }) {
  redraw(root, h("section", { class: "card start-card" }, h("h2", null, tasks.length ? `有 ${tasks.length} 件事要做` : "现在没有到期的事"),
    tasks.length ? h("ul", { class: "tasks" }, ...tasks.map((task) => h("li", null, task.message,
      task.path && h("span", { class: "muted small" }, `${task.path} 第 ${task.line} 行`)))) : h("p", null, "法律、页面、电话到了该核对的日子，会写在这里。")));
}
