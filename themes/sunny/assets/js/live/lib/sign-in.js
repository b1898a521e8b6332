// Signing in as staff. Pupils never need this.
import { h, fill, sentence, whileBusy } from "./dom.js";
import { api } from "./api.js";

/** @typedef {{name: string, role: string}} Account */

/**
 * @param {boolean} create make the first account instead of signing in
 * @param {(who: Account) => void} done
 */
export function signInForm(create, done) {
  const error = h("p", { class: "form-error", role: "alert" });
  const go = h("button", { class: "btn btn-primary", type: "submit" }, create ? "建立账号" : "登录");
  const form = h("form", { class: "start-form" },
    field("name", "账号名", { autocomplete: "username", minlength: 2, maxlength: 40 }, create ? "2 到 40 个字，例如 教务处。" : ""),
    field("password", "密码", { type: "password", autocomplete: create ? "new-password" : "current-password", minlength: 10, maxlength: 200 },
      create ? "至少 10 个字符。用一句只有您知道的话，最好记。" : ""), error, go);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    whileBusy(go, async () => {
      fill(error);
      const data = new FormData(form);
      try {
        done(await api("/staff/" + (create ? "setup" : "login"), { body: { name: data.get("name"), password: data.get("password") } }));
      } catch (err) {
        fill(error, sentence(err));
      }
    });
  });
  return form;
}

/** @param {string} name @param {string} label @param {Record<string, any>} props @param {string} hint */
function field(name, label, props, hint) {
  return h("div", { class: "field" }, h("label", { for: "sign-in-" + name }, label),
    h("input", Object.assign({ id: "sign-in-" + name, name, required: true, "aria-describedby": "hint-" + name }, props)),
    h("p", { class: "hint", id: "hint-" + name }, hint));
}
