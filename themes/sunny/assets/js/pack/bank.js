// A bank in the teacher's offline set: what the server answers of it, from pack/quizzes/<id>.js, which holds the keys.

/** @type {{id: string, title: string, pinyin?: PinyinStart, items: {prompt: Prompt, key: string[], explanation: string}[]}} */
const bank = /** @type {any} */ (window).sunnyBank;

/** @type {any} */ (window).sunnyPack = async (/** @type {string} */ path, /** @type {{item: string, choice: Choice} | undefined} */ body) => {
  const [what = "", query] = path.split("?");
  if (what.endsWith("/check") && body) {
    const asked = bank.items.find((it) => it.prompt.id === body.item);
    return asked && { correct: right(asked, body.choice), key: asked.key, explanation: asked.explanation };
  }
  if (what.endsWith("/paper")) {
    const ids = (new URLSearchParams(query).get("items") || "").split(",").filter(Boolean);
    return { items: ids.length ? ids.map((id) => bank.items.find((it) => it.prompt.id === id)).filter(Boolean) : bank.items };
  }
  return { id: bank.id, title: bank.title, pinyin: bank.pinyin, items: bank.items.map((it) => it.prompt) };
};

/** As quiz.Item.Mark judges. @param {{prompt: Prompt, key: string[]}} item @param {Choice} choice */
function right({ prompt, key }, choice) {
  if (prompt.type === "poll") return false;
  if (typeof choice === "string") return key.some((k) => fold(k) === fold(choice));
  if (prompt.type === "ordering") return choice.join() === key.join();
  return choice.length === key.length && choice.every((id) => key.includes(id));
}

/** What counts of an answer: no blanks, case or punctuation, but signs of a number. @param {string} s */
function fold(s) {
  const chars = Array.from(s.normalize("NFKC").toLowerCase());
  const digit = (/** @type {number} */ i) => /\p{Nd}/u.test(chars[i] || "");
  return chars.filter((c, i) => c === "%" || !/[\s\p{P}\p{Cf}\p{Cc}]/u.test(c) || /[.:/-]/.test(c) && digit(i + 1) && (i === 0 ? c === "-" : digit(i - 1))).join("");
}
