// Loading what only staff may see.
import { h, redraw, sentence, whileBusy } from "./dom.js";
import { api, ApiError } from "./api.js";
import { signInForm } from "./sign-in.js";

/**
 * Reads a path for staff and shows it; asks to sign in first where that is needed.
 * @param {HTMLElement} root
 * @param {string} path
 * @param {(answer: any) => void} show
 * @param {string} [who] may use the page
 */
export async function loadForStaff(root, path, show, who = "管理员和发布员可以用这一页。") {
  const again = () => loadForStaff(root, path, show, who);
  try {
    show(await api(path));
  } catch (err) {
    if (err instanceof ApiError && err.status === 401) {
      redraw(root, h("section", { class: "card start-card" }, h("h2", null, "请先登录"), h("p", null, who), signInForm(false, again),
        h("p", { class: "muted small" }, "还没有账号？第一个账号在运行程序的那台电脑上", h("a", { href: "/start/" }, "建立"), "，别的请管理员建。")));
      return;
    }
    const denied = err instanceof ApiError && err.status === 403;
    const still = err instanceof ApiError && err.status === 404 && !err.ours;
    redraw(root, h("section", { class: "card" }, h("p", null, still ? "这一份是不能登录的静态网站。请打开运行着程序的那个网址。" : sentence(err)), h("p", { class: "btn-row" }, !denied && h("button", { class: "btn", click: again }, "再试一次"), location.search && h("a", { class: "btn", href: location.pathname }, "看我自己的单位"), h("a", { class: "btn", href: "/staff/" }, "工作台"))));
  }
}

/** Who is signed in, and the way out: classroom computers are everybody's. @param {string} who */
export function signedInAs(who) {
  const out = h("button", { class: "btn btn-quiet btn-small", type: "button", click: () => whileBusy(out, async () => {
    await api("/staff/logout", { method: "POST" }).catch(() => {});
    location.assign("/staff/");
  }) }, "退出登录");
  return h("p", { class: "signed-in" }, "已登录：" + who, out);
}
