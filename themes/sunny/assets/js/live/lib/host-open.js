// Before a class quiz: choose a quiz, choose how the class answers, open the room.
import { h, fill, redraw, sentence, whileBusy } from "./dom.js";
import { backToLesson } from "./lesson.js";
import { api, ApiError } from "./api.js";
import { signInForm } from "./sign-in.js";
import { recent, remember } from "./keys.js";
import { cardable, countable } from "./options.js";
import { inChat } from "../../reading/chat.js";

/** @param {HTMLElement} root */
export async function chooseQuiz(root) {
  const list = h("ul", { class: "quiz-list" }, h("li", { class: "muted" }, "正在取题库…"));
  const rooms = recent();
  redraw(root, h("h1", null, "开一次课堂答题"),
    rooms.length > 0 && h("section", { class: "notice" }, h("h2", null, "接着上"),
      ...rooms.map((r) => h("p", null, h("a", { class: "btn", href: "/host/#" + r.code },
        "回到 " + grouped(r.code) + (r.title ? "：" + r.title : ""))))),
    h("h2", null, "选一个题库"), list);
  try {
    /** @type {QuizSummary[]} */
    const all = await api("/quizzes");
    /** @type {Audience[]} */
    const audiences = JSON.parse(root.dataset.audiences || "[]");
    const banks = all.map((q) => ({ q, whom: audiences.filter(({ id }) => q.audience && q.audience.includes(id)) }));
    const cards = (/** @type {boolean} */ pupils) => banks.filter(({ whom }) => whom.some((a) => a.pupil) === pupils).map(({ q, whom }) => card(q, whom));
    fill(list, ...(all.length ? cards(true).concat(cards(false)) : [h("li", null, "还没有可用的题库。请联系网站管理员在题库栏目里添加。")]));
  } catch (err) {
    fill(list, h("li", null, sentence(err), " ",
      h("button", { class: "btn", click: () => chooseQuiz(root) }, "再取一次")));
  }
}

/** @typedef {{id: string, name: string, pupil?: boolean}} Audience as the page has them from data/labels.yaml, in their order */

/** @param {QuizSummary} q @param {Audience[]} whom */
function card(q, whom) {
  return h("li", { class: "card quiz-card" }, h("h3", null, q.title), h("p", { class: "quiz-whom" }, whom.map(({ name }) => name).join("、")), h("p", null, q.summary),
    h("p", { class: "muted" }, q.item_count + " 道题"),
    h("a", { class: "btn btn-primary", href: "/host/?quiz=" + encodeURIComponent(q.id) }, "用这个题库"));
}

const LARGE = 21; // a bank with more items is rarely played whole

/**
 * The items to play; none means all.
 * @param {FormDataEntryValue | null} amount @param {string[]} picked @param {string[]} whole
 */
function choice(amount, picked, whole) {
  if (amount === "picked") return picked;
  const rest = whole.slice();
  const drawn = [];
  for (let n = Number(amount); n > 0 && rest.length; n--) drawn.push(...rest.splice(Math.floor(Math.random() * rest.length), 1));
  return drawn;
}

/** @param {HTMLElement} root @param {string} id @param {string[]} picked items that a lesson picked; none is all */
export async function openForm(root, id, picked) {
  const title = h("h1", null, "开一次课堂答题");
  const size = h("p", { class: "muted", "aria-live": "polite" }, "正在看题库…");
  const start = h("button", { class: "btn btn-primary btn-big", type: "submit", disabled: true }, "开始"); // until the items are here
  const spoken = h("p", { class: "muted" });
  const error = h("p", { class: "form-error", role: "alert" });
  const amount = h("div");
  const teams = selectField("分几队", "teams", [2, 3, 4, 5, 6, 7, 8].map((n) => [n, n + " 队"]), 4);
  /** @type {string[]} */
  let whole = [];
  const minutes = selectField("开放多久", "minutes", [[10, "10 分钟"], [15, "15 分钟"], [20, "20 分钟"], [30, "30 分钟"], [40, "40 分钟"], [0, "我来停"]], 20);
  const seconds = selectField("每题多少秒", "seconds", [10, 15, 20, 30, 45, 60, 90, 120].map((n) => [n, n + " 秒"]), 30);
  const bonus = h("p", { class: "field open-bonus", hidden: true }, h("label", null, h("input", { type: "checkbox", name: "bonus" }), " 答对又答得快的，多得一点分"), h("span", { class: "muted small" }, "平时不用：先求对，再求快。"));
  const timer = group("每道题的时间", "timer", [
    ["off", "不限时", "您来决定什么时候停。"],
    ["item", "按题限时", "用题库里给每道题写的秒数，到时自动停。"],
    ["same", "每题一样", "每道题都用同样的秒数，到时自动停。"],
  ]);
  const form = h("form", { class: "open-form" }, amount,
    group("学生怎么答", "mode", [
      ["wall", "大屏举手", "不用任何设备。学生举手，您记下人数。"],
      ["teams", "大屏分队", "不用任何设备。几个队商量着答，每队说一个答案，您点一下。"],
      ["cards", "纸卡", "每人举一张卡，哪边朝上就是选哪个。您用手机拍一张，就都记下了。"],
      ["devices", "学生设备", "机房电脑或学校允许的设备，输码作答。大家一题一题一起答。"],
      ["self", "自己的步子", "也用设备，输码作答。开放一段时间，每人按自己的快慢答完，一起公布。"],
    ]),
    teams, minutes, timer, seconds, bonus, spoken, error, h("div", { class: "open-actions" }, start, backToLesson("btn btn-quiet"), h("a", { class: "btn btn-quiet", href: "/cards/" }, "打印纸卡"), h("a", { class: "btn btn-quiet", href: "/quizzes/" + encodeURIComponent(id) + "/" + (picked.length ? "?items=" + picked.join(",") : "") + "#paper" }, "印成试卷"), h("a", { class: "btn btn-quiet", href: "/host/" }, "换一个题库")));
  fill(root, title, size, inChat && h("p", { class: "notice" }, "您现在在微信里。请点右上角“···”，选“在浏览器打开”，再开课：微信里存不了成绩表。"), form,
    h("p", { class: "muted small" }, "学生只用座号或系统起的昵称，不写名字。上课前看一看教案里的安全提示：不点真名，不让学生当众讲自己的经历。"));

  form.addEventListener("change", () => {
    const data = new FormData(form);
    const mode = data.get("mode");
    teams.hidden = mode !== "teams";
    minutes.hidden = mode !== "self";
    timer.hidden = mode === "self";
    seconds.hidden = mode === "self" || data.get("timer") !== "same";
    bonus.hidden = mode !== "devices" || data.get("timer") === "off";
  });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    whileBusy(start, open);
  });

  async function open() {
    fill(error);
    const data = new FormData(form);
    const shown = (/** @type {HTMLElement} */ field, /** @type {string} */ name) => (field.hidden ? 0 : Number(data.get(name)));
    try {
      /** @type {RoomOpened} */
      const room = await api("/rooms", { body: { quiz: id, items: choice(data.get("amount"), picked, whole), mode: data.get("mode"),
        timer: timer.hidden ? "off" : data.get("timer"), teams: shown(teams, "teams"), minutes: shown(minutes, "minutes"),
        seconds: shown(seconds, "seconds"), bonus: !bonus.hidden && data.get("bonus") !== null } });
      remember({ code: room.code, token: room.host_token, quiz: id, title: title.textContent || "", at: Date.now() });
      location.replace("/host/#" + room.code);
    } catch (err) {
      fill(error, sentence(err));
      if (err instanceof ApiError && err.status === 401) signIn();
    }
  }

  /** Where only staff may open rooms, the form itself asks them in. */
  function signIn() {
    start.disabled = true;
    const box = h("section", { class: "card" }, h("h2", null, "老师登录"), signInForm(false, () => {
      box.remove();
      start.disabled = false;
      start.focus();
      whileBusy(start, open);
    }));
    form.after(box);
    const first = box.querySelector("input");
    if (first) first.focus();
  }

  try {
    /** @type {Quiz} */
    const quiz = await api("/quizzes/" + encodeURIComponent(id));
    fill(title, quiz.title);
    fill(size, "一共 " + quiz.items.length + " 道题");
    whole = quiz.items.map((item) => item.id);
    /** @type {[string, string, string][]} */
    const amounts = quiz.items.length < LARGE ? [] : [
      ["5", "抽 5 道题", "课前课后几分钟。"], ["10", "抽 10 道题", "大约一刻钟。每次抽到的不一样。"], ["20", "抽 20 道题", "大约半节课。"]];
    if (picked.length && picked.length < quiz.items.length) amounts.unshift(["picked", "这节课的 " + picked.length + " 道题", "教案里挑好的，几分钟就能做完。"]);
    if (amounts.length) fill(amount, group("做哪些题", "amount", amounts.concat([["all", "全部 " + quiz.items.length + " 道题", "做到哪里都可以结束。"]])));
    const usual = /** @type {HTMLInputElement | null} */ (amount.querySelector('input[value="picked"], input[value="10"]'));
    if (usual) usual.checked = true;
    const words = [!quiz.items.every(countable) && "大屏举手时，填空题和排序题", !quiz.items.every(cardable) && "用纸卡时，填空、排序、多选和选项多于四个的题"].filter(Boolean);
    if (words.length) fill(spoken, words.join("；") + "，请大家口头说一说。");
    start.disabled = false;
  } catch (err) {
    fill(size, sentence(err));
  }
}

/** Hidden until it matters. @param {string} label @param {string} name @param {[number, string][]} choices @param {number} usual */
function selectField(label, name, choices, usual) {
  return h("p", { class: "field open-more", hidden: true }, h("label", { for: "open-" + name }, label),
    h("select", { id: "open-" + name, name }, ...choices.map(([value, text]) => h("option", { value, selected: value === usual }, text))));
}

/** @param {string} legend @param {string} name @param {[string, string, string][]} choices the first is the default */
function group(legend, name, choices) {
  return h("fieldset", { class: "open-group" }, h("legend", null, legend),
    h("div", { class: "open-choices" }, ...choices.map(([value, label, hint], i) =>
      h("label", { class: "open-choice" }, h("input", { type: "radio", name, value, checked: i === 0 }),
        h("span", { class: "open-face" }, h("strong", null, label), h("span", { class: "muted" }, hint))))));
}

/** A code in two groups of three, as it is read out. @param {string} code */
export const grouped = (code) => code.slice(0, 3) + " " + code.slice(3);
