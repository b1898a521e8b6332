// A lesson on the projector: one step a screen, what is to be found out comes piece by piece, and the time is kept. All of it lives in
// this page; after a reload it goes on where it was.
import { byId, announce, fill, h, plain } from "./live/lib/dom.js";
import { READABLE, projector } from "./live/lib/projector.js";
import { atLesson, keepLesson, leaveLesson } from "./live/lib/lesson.js";
import { pinyinSwitch } from "./reading/pinyin.js";
import { day } from "./live/lib/ids.js";
import { TAKEN, clock, lateness, minutes } from "./screen/pace.js";
import { handCount, picker, timer } from "./screen/tools.js";

const KEPT = "sunny.screen:" + location.pathname;
const LONG_AGO = 3 * 3600 * 1000;

/** @typedef {{at: number, entered: number, used: number[], extra: number[], shown: number[]}} Course */

class Lesson {
  constructor() {
    this.slides = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll(".slide")));
    this.main = byId("main-step");
    this.stage = byId("stage");
    /** What is revealed piece by piece. @type {HTMLElement[][]} */
    this.pieces = this.slides.map(pieces);
    /** @type {import("./screen/pace.js").Step[]} */
    this.plan = this.slides.map((s) => ({ lesson: "step" in s.dataset, minutes: Number(s.dataset.minutes || 0), optional: "optional" in s.dataset }));
    this.course = fresh(this.slides.length);
    const last = kept(this.slides.length);
    const at = this.slides.findIndex((s) => "#" + s.id === decodeURIComponent(location.hash));
    if (at > 0) this.course = Object.assign(last || this.course, { at }); // a reload, or back from the quiz
    else if (last && (this.plan[last.at] || {}).lesson) this.offer(last);
    this.view = projector({ stage: this.stage, step: () => this.main.click(), back: () => this.back(), home: () => this.main.focus(), least: READABLE });
    this.main.addEventListener("click", () => this.step());
    byId("back-step").addEventListener("click", () => this.back());
    byId("one-more").addEventListener("click", () => this.more());
    byId("print-record").addEventListener("click", () => print());
    const file = document.getElementById("file-record");
    if (file) file.addEventListener("click", () => keepLesson(this.held()));
    byId("start-over").addEventListener("click", () => this.restart());
    window.addEventListener("hashchange", () => this.follow());
    this.slides.forEach((s, i) => {
      share(s);
      const summary = s.querySelector("summary");
      if (summary) summary.addEventListener("click", (e) => {
        e.preventDefault(); // it stays open; a tap shows the next piece
        if ((this.course.shown[i] || 0) < (this.pieces[i] || []).length) this.reveal();
      });
    });
    atLesson();
    const quiz = document.getElementById("to-quiz");
    if (quiz) quiz.addEventListener("click", leaveLesson);
    this.draw(false);
    setInterval(() => this.tick(), 500);
    this.stage.addEventListener("scroll", () => this.label(), { passive: true });
    window.addEventListener("load", () => this.draw(false));
    window.addEventListener("resize", () => this.label());
  }

  get now() {
    return this.course.at;
  }

  /** @param {Course} last */
  offer(last) {
    const again = /** @type {HTMLElement} */ (document.querySelector("[data-again]"));
    const button = /** @type {HTMLElement} */ (again.querySelector("button"));
    button.textContent = "接着上：" + name(/** @type {HTMLElement} */ (this.slides[last.at]));
    button.addEventListener("click", () => {
      this.course = Object.assign(last, { entered: 0 }); // the time away is nobody's
      this.draw(true);
    });
    again.hidden = false;
  }

  /** Further down a long step, then the next piece, then the next step. */
  step() {
    if (this.hides()) {
      this.view.down();
    } else if ((this.course.shown[this.now] || 0) < (this.pieces[this.now] || []).length) {
      this.reveal();
    } else if (this.now < this.slides.length - 1) {
      this.go(this.now + 1);
    }
  }

  reveal() {
    this.course.shown[this.now] = (this.course.shown[this.now] || 0) + 1;
    this.draw(false);
    const piece = (this.pieces[this.now] || [])[(this.course.shown[this.now] || 1) - 1];
    if (piece) {
      announce(plain(piece));
      piece.scrollIntoView({ block: "nearest" });
    }
  }

  back() {
    if (this.now > 0) this.go(this.now - 1);
  }

  /** @param {number} to */
  go(to) {
    this.settle();
    this.course.at = to;
    this.draw(true);
  }

  /** Counts the time on this screen. */
  settle() {
    const c = this.course;
    const now = Date.now();
    if (c.entered) c.used[c.at] = (c.used[c.at] || 0) + Math.max(0, now - c.entered);
    c.entered = now;
  }

  more() {
    this.course.extra[this.now] = (this.course.extra[this.now] || 0) + 1;
    this.tick();
    this.main.focus();
  }

  restart() {
    this.course = fresh(this.slides.length);
    this.draw(true);
  }

  /** A step chosen from the path, or the browser's own way back. */
  follow() {
    const to = this.slides.findIndex((s) => "#" + s.id === decodeURIComponent(location.hash));
    if (to >= 0 && to !== this.now) this.go(to);
  }

  /** @param {boolean} moved */
  draw(moved) {
    const c = this.course;
    this.slides.forEach((s, i) => { s.hidden = i !== c.at; });
    const slide = /** @type {HTMLElement} */ (this.slides[c.at]);
    const all = this.pieces[c.at] || [];
    const shown = c.shown[c.at] || 0;
    all.forEach((piece, i) => piece.classList.toggle("yet", i >= shown));
    slide.classList.toggle("is-open", shown > 0);
    const answer = slide.querySelector("details");
    if (answer) answer.open = true;
    this.main.hidden = c.at === this.slides.length - 1;
    byId("back-step").hidden = c.at === 0;
    document.querySelectorAll(".path a").forEach((a, i) => {
      const here = this.slides[c.at] === this.steps[i];
      if (here) a.setAttribute("aria-current", "step");
      else a.removeAttribute("aria-current");
      a.classList.toggle("path-done", this.slides.indexOf(/** @type {HTMLElement} */ (this.steps[i])) < c.at);
    });
    if (slide.id === "summary") this.summary();
    if (moved) {
      this.stage.scrollTop = 0;
      history.replaceState(null, "", "#" + slide.id);
      announce(name(slide));
      (this.main.hidden ? document.getElementById("file-record") || byId("print-record") : this.main).focus();
    }
    this.fit(slide);
    this.label();
    this.tick();
    keep(c);
  }

  /** The type is measured with all pieces, so that it does not change as they appear; where they do not fit, the box grows. @param {HTMLElement} slide */
  fit(slide) {
    slide.classList.remove("is-long");
    this.view.fit();
    slide.classList.toggle("is-long", this.stage.scrollHeight > this.stage.clientHeight + 1);
  }

  /** Whether there is more below to look at first: of the task, then of all that was revealed. In between each piece comes into sight by itself. */
  hides() {
    const shown = this.course.shown[this.now] || 0;
    return this.view.below() && (shown === 0 || shown === (this.pieces[this.now] || []).length);
  }

  /** What the one big button does next. */
  label() {
    const c = this.course;
    const shown = c.shown[c.at] || 0;
    const next = this.plan[c.at + 1];
    this.main.textContent = this.hides() ? "往下看" : shown < (this.pieces[c.at] || []).length ? (shown ? "再揭示一条" : "揭示")
      : c.at === 0 ? "开始" : next && next.lesson ? "下一步" : this.slides[c.at + 1]?.id === "end" ? "下课" : "上课记录";
  }

  get steps() {
    return this.slides.filter((s) => "step" in s.dataset);
  }

  tick() {
    this.settle();
    const c = this.course;
    const step = this.plan[c.at];
    const face = byId("timer");
    const timed = !!step && step.lesson;
    face.hidden = !timed;
    byId("one-more").hidden = !timed || !step.minutes;
    if (timed) {
      const left = (step.minutes + (c.extra[c.at] || 0)) * 60000 - (c.used[c.at] || 0);
      face.textContent = step.minutes ? clock(left) : clock(c.used[c.at] || 0);
      face.classList.toggle("timer-late", !!step.minutes && left < 60000);
    }
    const late = timed ? lateness(this.plan, c.used, c.at) : "";
    if (byId("drift").textContent !== late) byId("drift").textContent = late; // said once
    if (c.entered - this.keptAt > 5000) {
      this.keptAt = c.entered;
      keep(c);
    }
  }

  keptAt = 0;

  get rows() {
    return this.plan.map((p, i) => ({ p, used: this.course.used[i] || 0, title: name(/** @type {HTMLElement} */ (this.slides[i])) })).filter((r) => r.p.lesson);
  }

  /** @returns {HeldLesson} */
  held() {
    const steps = this.rows.map((r) => ({ title: r.title.slice(0, 80), planned: r.p.minutes, used: Math.min(1440, minutes(r.used)), held: r.used >= TAKEN }));
    const total = Math.min(240, minutes(this.rows.reduce((n, r) => n + (r.used >= TAKEN ? r.used : 0), 0)));
    return { lesson: location.pathname.replace(/[^/]*$/, ""), title: plain(document.querySelector(".host-title")), form: byId("summary").dataset.form || "",
      held_on: day(new Date()), minutes: total, steps };
  }

  summary() {
    const rows = this.rows;
    const taught = rows.filter((r) => r.used >= TAKEN);
    const total = taught.reduce((n, r) => n + r.used, 0);
    const planned = rows.filter((r) => !r.p.optional).reduce((n, r) => n + r.p.minutes, 0);
    byId("summary-date").textContent = new Date().toLocaleDateString("zh-CN", { year: "numeric", month: "long", day: "numeric" });
    byId("summary-words").textContent = "计划 " + planned + " 分钟，用了 " + minutes(total) + " 分钟，上了 " + taught.length + " 步。";
    fill(byId("summary-rows"), ...rows.map((r, i) => h("tr", null, h("td", null, (i + 1) + ". " + r.title), h("td", null, r.p.minutes ? r.p.minutes + " 分" : "—"),
      h("td", null, r.used >= TAKEN ? minutes(r.used) + " 分" : "没有上"))));
  }
}

/** What is shown one by one: the paragraphs and the entries of lists. @param {HTMLElement} slide @returns {HTMLElement[]} */
function pieces(slide) {
  const answer = slide.querySelector(".slide-answer");
  if (!answer) return [];
  return /** @type {HTMLElement[]} */ (Array.from(answer.children).reduce((/** @type {Element[]} */ all, c) => all.concat(/^[OU]L$/.test(c.tagName) ? Array.from(c.children) : [c]), []));
}

/** Gives the task and what is revealed the width that their words need. @param {HTMLElement} slide */
function share(slide) {
  const body = /** @type {HTMLElement | null} */ (slide.querySelector(".slide-body"));
  const [task, answer] = body ? Array.from(body.children).map((c) => (c.textContent || "").length) : [];
  if (body && task && answer) body.style.setProperty("--task", Math.min(0.68, Math.max(0.3, task / (task + answer))).toFixed(2));
}

/** @param {HTMLElement} slide */
const name = (slide) => plain(slide.querySelector("h2"));

/** @param {number} slides @returns {Course} */
const fresh = (slides) => ({ at: 0, entered: 0, used: Array(slides).fill(0), extra: Array(slides).fill(0), shown: Array(slides).fill(0) });

/** @param {Course} course */
function keep(course) {
  localStorage.setItem(KEPT, JSON.stringify(Object.assign({ kept: Date.now() }, course)));
}

/** What was kept of this lesson today, if it still fits. @param {number} slides @returns {Course | null} */
function kept(slides) {
  try {
    const c = JSON.parse(localStorage.getItem(KEPT) || "null");
    if (c && c.used.length === slides && Date.now() - c.kept < LONG_AGO) return c;
    localStorage.removeItem(KEPT);
  } catch (_) {
    // as if there were none
  }
  return null;
}

document.documentElement.classList.add("js", "hosting");
pinyinSwitch();
new Lesson();
handCount();
picker();
timer();
