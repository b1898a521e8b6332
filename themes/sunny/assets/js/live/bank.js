// The page of a bank: practice, and the bank on paper, over items that are fetched once.
import { api } from "./lib/api.js";
import { Practice } from "./lib/practice.js";
import { Paper } from "./lib/paper.js";

const practice = /** @type {HTMLElement | null} */ (document.querySelector("[data-practice]"));
const paper = /** @type {HTMLElement | null} */ (document.querySelector("[data-paper]"));
if (practice && paper) load("/quizzes/" + encodeURIComponent(practice.dataset.practice || ""), practice, paper);

/** @param {string} path @param {HTMLElement} practice @param {HTMLElement} paper */
async function load(path, practice, paper) {
  try {
    /** @type {Quiz} */
    const quiz = await api(path);
    if (quiz.items.length) {
      new Practice(practice, path, quiz.items).begin();
      new Paper(paper, path, quiz.items).begin();
    }
    if (location.hash === "#paper") paper.scrollIntoView({ block: "center" });
  } catch (_) {
    // Opened as a file, or without the server: the page's own sentences stay.
  }
}
