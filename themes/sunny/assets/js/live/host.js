// /host/: the teacher's screen. ?quiz=ID&items=a,b opens a room, #CODE goes on with one.
import { byId } from "./lib/dom.js";
import { hostKey } from "./lib/keys.js";
import { claimForm } from "./lib/host-claims.js";
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
    claimForm(setup, number);
    return;
  }
  byId("host").hidden = false;
  byId("setup-page").hidden = true;
  document.documentElement.classList.add("hosting");
  new HostRoom(key);
}
