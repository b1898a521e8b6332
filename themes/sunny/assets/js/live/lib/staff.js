// Loading what only staff may see.
import { h, redraw, sentence } from "./dom.js";
import { api, ApiError } from "./api.js";
import { signInForm } from "./sign-in.js";

/**
 * Reads a path for staff and shows it; asks to sign in first where that is needed.
 * @param {HTMLElement} root
 * @param {string} path
 * @param {(answer: any) => void} show
 */
export async function loadForStaff(root, path, show) {
  const again = () => loadForStaff(root, path, show);
  try {
    show(await api(path));
  } catch (err) {
    if (err instanceof ApiError && err.status === 401) {
      redraw(root, h("section", { class: "card start-card" }, h("h2", null, "请先登录"), h("p", null, "管理员和发布员可以用这一页。"), signInForm(false, again)));
      return;
    }
    const still = err instanceof ApiError && err.status === 404;
    redraw(root, h("section", { class: "card" }, h("p", null, still ? "这一份是不能登录的静态网站。请打开运行着程序的那个网址。" : sentence(err)), h("p", { class: "btn-row" }, h("button", { class: "btn", click: again }, "再试一次"))));
  }
}
