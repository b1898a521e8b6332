// A story on the projector: hands are counted for each choice, the class goes where most of them are, and back. The path lives in this
// tab only.
import { announce, byId, fill, h, plain } from "./live/lib/dom.js";
import { colour, letter } from "./live/lib/options.js";
import { READABLE, projector } from "./live/lib/projector.js";
import { pinyinSwitch } from "./reading/pinyin.js";
import { hands, picker, timer } from "./screen/tools.js";

const KEPT = "sunny.wall:" + location.pathname;

/** @typedef {{to: string, count: number, face: HTMLElement, text: string}} Choice a way on, and the hands for it */

class Wall {
  constructor() {
    this.slides = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll(".slide")));
    this.main = byId("main-step");
    this.stage = byId("stage");
    /** @type {Record<string, Choice[]>} */
    this.choices = {};
    for (const slide of this.slides) this.choices[slide.id] = this.ways(slide);
    this.endings = this.slides.filter((s) => s.classList.contains("ending")).map((s) => s.id);
    const { path, seen } = this.kept();
    /** @type {string[]} */
    this.path = path;
    /** @type {string[]} the endings that the class has reached */
    this.seen = seen;
    this.view = projector({ stage: this.stage, step: () => this.main.click(), back: () => this.back(), home: () => this.main.focus(), least: READABLE });
    this.main.addEventListener("click", () => this.step());
    byId("back-step").addEventListener("click", () => this.back());
    byId("again").addEventListener("click", () => this.goTo([this.first]));
    this.view.digits((i) => {
      const one = (this.choices[this.now] || [])[i];
      if (one) this.count(one, 1);
    });
    window.addEventListener("hashchange", () => this.follow());
    this.stage.addEventListener("scroll", () => this.label(), { passive: true });
    window.addEventListener("resize", () => this.label());
    window.addEventListener("load", () => this.draw());
    this.draw();
  }

  get first() {
    return /** @type {HTMLElement} */ (this.slides[0]).id;
  }

  get now() {
    return this.path[this.path.length - 1] || this.first;
  }

  /** Makes the choices of a passage rows: a mark that counts hands, and the words, which choose. @param {HTMLElement} slide @returns {Choice[]} */
  ways(slide) {
    const list = slide.querySelector(".choices");
    if (!list) return [];
    return Array.from(list.children).map((item, i) => {
      const link = /** @type {HTMLAnchorElement} */ (item.querySelector("a"));
      const face = h("strong", null, 0);
      const one = { to: decodeURIComponent(link.hash.slice(1)), count: 0, face, text: plain(link) };
      const { add, less } = hands(i, face, (by) => this.count(one, by), this.main);
      item.className = "way " + colour(i);
      item.prepend(add);
      item.append(less);
      link.addEventListener("click", (e) => {
        e.preventDefault();
        this.go(one.to);
      });
      return one;
    });
  }

  /** @param {Choice} one @param {number} by */
  count(one, by) {
    one.count = Math.max(0, Math.min(999, one.count + by));
    one.face.textContent = String(one.count);
    this.label();
  }

  /** The choice with the most hands; null while there is none, or two. */
  leader() {
    const ways = (this.choices[this.now] || []).slice().sort((a, b) => b.count - a.count);
    const [best, next] = ways;
    return best && best.count && (!next || next.count < best.count) ? best : null;
  }

  step() {
    const ways = this.choices[this.now] || [];
    const leader = this.leader();
    if (this.view.below()) {
      this.view.down();
    } else if (leader) {
      this.go(leader.to);
    } else if (ways.length === 1 && ways[0]) {
      this.go(ways[0].to);
    } else if (ways.length) {
      announce(this.main.textContent || ""); // the class is to say something first
    } else if (this.now !== "talk") {
      this.go("talk");
    }
  }

  label() {
    const ways = this.choices[this.now] || [];
    const leader = this.leader();
    const raised = ways.some((w) => w.count);
    this.main.textContent = this.view.below() ? "往下看" : leader ? "走 " + letter(ways.indexOf(leader)) : ways.length === 1 ? "往下走" : ways.length ? (raised ? "一样多，再说说" : "先说说，再举手") : "聊一聊";
    for (const w of ways) w.face.parentElement?.classList.toggle("count-most", w === leader);
  }

  /** @param {string} id */
  go(id) {
    const at = this.path.indexOf(id);
    this.goTo(at < 0 ? this.path.concat(id) : this.path.slice(0, at + 1));
  }

  back() {
    if (this.path.length > 1) this.goTo(this.path.slice(0, -1));
  }

  /** A passage named in the address, by the browser's own way back. */
  follow() {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id !== this.now && this.slides.some((s) => s.id === id)) this.go(id);
  }

  /** @param {string[]} path */
  goTo(path) {
    this.path = path;
    for (const w of this.choices[this.now] || []) this.count(w, -w.count);
    this.draw();
    this.stage.scrollTop = 0;
    history.replaceState(null, "", "#" + this.now);
    announce(plain(this.slide.querySelector("h2")));
    (this.main.hidden ? byId("again") : this.main).focus();
  }

  get slide() {
    return /** @type {HTMLElement} */ (this.slides.find((s) => s.id === this.now) || this.slides[0]);
  }

  draw() {
    if (this.endings.includes(this.now) && !this.seen.includes(this.now)) this.seen.push(this.now);
    for (const s of this.slides) s.hidden = s !== this.slide;
    byId("back-step").hidden = byId("again").hidden = this.path.length < 2;
    this.main.hidden = this.now === "talk";
    fill(byId("path"), ...this.path.map((id, i) => h("li", null, h("a", {
      href: "#" + id, class: i < this.path.length - 1 && "path-done", "aria-current": i === this.path.length - 1 && "step",
      "aria-label": "第 " + (i + 1) + " 幕：" + this.title(id),
      click: (/** @type {Event} */ e) => (e.preventDefault(), this.go(id)),
    }, i + 1))));
    const walked = this.slide.querySelector("[data-walked]");
    if (walked) fill(walked, h("h3", null, "走过的路"), h("ol", null, ...this.path.map((id, i) => h("li", null, this.title(id), this.chosen(id, this.path[i + 1])))),
      h("p", null, "这个故事有 " + this.endings.length + " 个结局，走到过 " + this.seen.length + " 个。"));
    this.view.fit();
    this.label();
    sessionStorage.setItem(KEPT, JSON.stringify({ path: this.path, seen: this.seen }));
  }

  /** @param {string} id */
  title(id) {
    const slide = this.slides.find((s) => s.id === id);
    return plain(slide && slide.querySelector("h2"));
  }

  /** @param {string} from @param {string | undefined} to */
  chosen(from, to) {
    const way = (this.choices[from] || []).find((w) => w.to === to);
    return way ? "：" + way.text : "";
  }

  /** @returns {{path: string[], seen: string[]}} where this tab was, if the story still has those passages */
  kept() {
    try {
      const k = JSON.parse(sessionStorage.getItem(KEPT) || "null");
      if (k && location.hash && k.path.concat(k.seen).every((/** @type {string} */ id) => this.slides.some((s) => s.id === id))) return k;
    } catch (_) {
      // as if there were none
    }
    return { path: [this.first], seen: [] };
  }
}

document.documentElement.classList.add("js", "hosting");
pinyinSwitch();
new Wall();
picker();
timer();
