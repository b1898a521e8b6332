// The end of a class quiz: what the class did together, and a few names to clap for. Never a last place.
import { h, fill, byId, sentence, whileBusy } from "./dom.js";
import { api, download } from "./api.js";
import { forget } from "./keys.js";
import { backToLesson } from "./lesson.js";
import { seatName } from "./host-lobby.js";

/** Seats, answers and log are gone at once; asks twice, on the button. @param {Room} room @param {string} token */
function deleteNow(room, token) {
  let sure = false;
  const button = h("button", { class: "btn btn-quiet", type: "button", click: (/** @type {MouseEvent} */ e) => e.detail < 2 && whileBusy(button, async () => {
    if (!sure) {
      sure = true;
      button.textContent = "再点一次就删，找不回来";
      setTimeout(() => { sure = false; button.textContent = LABEL; }, 4000);
      return;
    }
    try {
      await api("/rooms/" + room.code, { method: "DELETE", token });
      forget(room.code);
      location.assign("/host/");
    } catch (err) {
      button.textContent = sentence(err);
    }
  }) }, LABEL);
  return button;
}

const LABEL = "立即删除这次的数据";

/** @param {Room} room @param {string} token @param {string} quiz id, for another round */
export function endScreen(room, token, quiz) {
  const board = room.board || { top: [], answered: 0, correct: 0, points: 0 };
  const share = board.answered ? Math.round((100 * board.correct) / board.answered) : 0;
  const error = h("p", { class: "form-error", role: "alert" });
  const top = h("ol", { class: "top" });

  /** @param {string} path @param {string} name */
  const save = (path, name) => (/** @type {Event} */ e) => whileBusy(/** @type {HTMLButtonElement} */ (e.currentTarget), async () => {
    fill(error);
    try {
      await download("/rooms/" + room.code + path, name, token);
    } catch (err) {
      fill(error, sentence(err));
    }
  });

  const el = h("section", { class: "end" }, h("p", { class: "lobby-kicker" }, room.title), h("h1", null, "谢谢大家的认真"),
    h("div", { class: "end-body" },
      board.answered > 0 ? h("div", { class: "end-class" }, h("p", { class: "end-share" }, h("strong", null, share), "%"),
        h("p", null, "全班一共答了 " + board.answered + " 次，答对 " + board.correct + " 次"),
        h("p", { class: "muted" }, "合计 " + board.points + " 分"))
        : h("p", { class: "end-class end-plain" }, "今天想过的每一道题，都可以在遇到事的时候用上。"),
      top),
    h("div", { class: "end-actions" },
      backToLesson("btn btn-primary"),
      h("button", { class: "btn", click: save("/results.xlsx", "答题成绩-" + room.code + ".xlsx") }, "下载成绩表"),
      h("button", { class: "btn", click: save("/log", "答题过程-" + room.code + ".jsonl") }, "下载过程记录"),
      h("a", { class: "btn", href: quiz ? "/host/?quiz=" + encodeURIComponent(quiz) : "/host/" }, "再来一次"),
      deleteNow(room, token),
      h("button", { class: "btn btn-help", click: () => byId("show-help").click() }, "求助卡")),
    h("p", { class: "end-care" }, "题目里的事要是让谁想起了自己，可以去找班主任、心理老师，或者家里的大人说一说。"),
    error);

  return {
    el,
    /** @param {Room} now */
    update(now) {
      const list = now.board && !now.board_hidden ? now.board.top : [];
      top.hidden = !list.length;
      fill(top, ...list.map((p) => h("li", null, h("span", { class: "top-rank" }, p.rank),
        h("span", { class: "top-name" }, seatName(p)), h("span", { class: "top-points" }, p.points + " 分"))));
    },
  };
}
