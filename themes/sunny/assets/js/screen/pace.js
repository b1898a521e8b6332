// How a lesson keeps to its plan.

/** @typedef {{lesson: boolean, minutes: number, optional: boolean}} Step a screen of the lesson, or one around it */

/** A step was taken, not passed over, from so many ms on. */
export const TAKEN = 10000;

const WORTH_SAYING = 2; // minutes

/** 3:20, or 超 0:32. @param {number} ms */
export function clock(ms) {
  const s = Math.abs(Math.ceil(ms / 1000));
  return (ms < 0 && s ? "超 " : "") + Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0");
}

/** @param {number} ms */
export const minutes = (ms) => Math.round(ms / 60000);

/**
 * How late the lesson is, and what to leave out; "" while it keeps to its plan. An optional step counts as planned once it was taken.
 * @param {Step[]} plan @param {number[]} used ms on each screen @param {number} at
 */
export function lateness(plan, used, at) {
  const before = plan.slice(0, at + 1);
  const spent = before.reduce((n, p, i) => n + (p.lesson ? used[i] || 0 : 0), 0);
  const due = before.reduce((n, p, i) => {
    const own = p.minutes * 60000;
    if (!p.lesson || p.optional && (used[i] || 0) < TAKEN) return n;
    return n + (i === at ? Math.min(own, used[i] || 0) : own);
  }, 0);
  const late = Math.trunc((spent - due) / 60000);
  if (Math.abs(late) < WORTH_SAYING) return "";
  if (late < 0) return "快 " + -late + " 分钟";
  const number = (/** @type {number} */ i) => plan.slice(0, i + 1).filter((p) => p.lesson).length;
  const later = plan.map((p, i) => ({ p, i })).filter(({ p, i }) => p.lesson && i > at);
  const optional = later.filter(({ p }) => p.optional)[0];
  const longest = later.filter(({ p }) => !p.optional).sort((a, b) => b.p.minutes - a.p.minutes)[0];
  const advice = optional ? "，建议跳过第 " + number(optional.i) + " 步" : longest ? "，第 " + number(longest.i) + " 步可以快一点" : "";
  return "慢 " + late + " 分钟" + advice;
}
