// /host/: the teacher's screen. ?quiz=ID&items=a,b opens a room, #CODE goes on with one.
import { h, fill, byId } from "./lib/dom.js";
import { hostKey } from "./lib/keys.js";
import { chooseQuiz, openForm } from "./lib/host-open.js";
import { HostRoom } from "./lib/host-room.js";

const setup = byId("setup");
const code = /^#(\d{6})$/.exec(location.hash);
const query = new URLSearchParams(location.search);
const quiz = query.get("quiz");

if (code && code[1]) host(code[1]);
else if (quiz) openForm(setup, quiz, (query.get("items") || "").split(",").filter((id) => id));
else chooseQuiz(setup);
window.addEventListener("hashchange", () => location.reload());

/** @param {string} number */
function host(number) {
  const key = hostKey(number);
  if (!key) {
    fill(setup, h("h1", null, "这台电脑没有主持过这间教室"),
      h("p", null, "请在开课的那台电脑、同一个浏览器里打开本页。也可以另开一间。"),
      h("p", null, h("a", { class: "btn btn-primary", href: "/host/" }, "另开一间")));
    return;
  }
  byId("host").hidden = false;
  byId("setup-page").hidden = true;
  document.documentElement.classList.add("hosting");
  new HostRoom(key);
}
