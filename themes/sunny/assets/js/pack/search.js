// The search of the offline set: what the server's package search does (text.go, score.go, snippet.go), over the texts that
// pack/pages.js brings. A test holds the two against each other; a change of one is a change of both.

/** @typedef {{url: string, title: string, summary: string, body: string, kind: string, audience: string[], topics: string[], weight: number}} Page */
/** @typedef {{page: Page, text: string, head: string, length: number, headLength: number}} Doc */
/** @typedef {{doc: Doc, score: number}} Ranked */
/** @typedef {{strong: Map<string, number>, weak: string[]}} Query */

const K1 = 1.2;
const B = 0.75;
const TITLE = 2;
const WEAK = 0.3; // single characters inside a longer run
const MEANING = 0.5; // words that the lexicon adds
const RERANKED = 200;
const SNIPPET = 120;
const LEAD = 20;
const RUN = /(\p{Script=Han}+)|(?:(?!\p{Script=Han})[\p{L}\p{Nd}\p{M}])+/gu;
const WORD = /[\p{L}\p{Nd}\p{M}]/u;
const HAN = /^\p{Script=Han}/u;
const QUESTION = ("我想知道 可不可以 怎么办 怎么样 怎么做 怎么 怎样 咋办 咋样 如何 为什么 为啥 什么是 是什么 什么 有没有 要不要 会不会 能不能 该不该 " +
  "是不是 算不算 应不应该 应该 请问 请教 想问 哪些 哪里 吗\\? 吗,").split(" ").join("|");

/** @type {{pages: Page[], distress: string[], synonyms: {Say: string[], Mean: string[]}[]}} */
const data = /** @type {any} */ (window).sunnyPages;

const collator = new Intl.Collator("zh-CN"); // by pinyin

/** @type {Doc[]} */
const docs = data.pages.map((page) => {
  const text = fold(page.title + "\n" + page.summary + "\n" + page.body);
  const head = fold(page.title);
  return { page, text, head, length: terms(text).length, headLength: terms(head).length };
});
const average = Math.max(1, sum(docs, (d) => d.length) / docs.length);
const headAverage = Math.max(1, sum(docs, (d) => d.headLength) / docs.length);

const byTitle = docs.slice().sort((a, b) => collator.compare(a.page.title, b.page.title));
const audiences = new Set(docs.reduce((/** @type {string[]} */ all, d) => all.concat(d.page.audience), []));

/** @type {any} */ (window).sunnyPack = async (/** @type {string} */ path) => search(new URLSearchParams(path.slice(path.indexOf("?"))));

/** @param {URLSearchParams} asked */
function search(asked) {
  const words = Array.from(asked.get("q") || "").slice(0, 200).join("");
  const query = parse(words);
  const wanted = { kind: asked.get("kind"), audience: asked.get("audience"), topic: asked.get("topic") };
  const { kept, facets } = narrow(query.strong.size ? match(query) : byTitle.map((doc) => ({ doc, score: 0 })), wanted);
  const best = query.strong.size ? order(kept, query.weak) : kept;
  const from = Number(asked.get("from"));
  return {
    total: kept.length, took_ms: 0, facets, did_you_mean: null, help: holdsAny(bare(words), data.distress),
    hits: best.slice(from, from + Number(asked.get("size"))).map((r) => hit(r.doc, query)),
  };
}

/** Makes texts comparable, character by character. @param {string} s */
function fold(s) {
  return s.replace(/\u3000/g, " ").replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).toLowerCase();
}

/** The words alone. @param {string} s */
function bare(s) {
  return Array.from(fold(s)).filter((c) => WORD.test(c)).join("");
}

/** Bigrams and single characters of Chinese, whole words of all else. @param {string} folded */
function terms(folded) {
  /** @type {{text: string, at: number, weak: boolean}[]} */
  const found = [];
  RUN.lastIndex = 0;
  for (let m = RUN.exec(folded); m; m = RUN.exec(folded)) {
    if (!m[1]) {
      found.push({ text: m[0], at: m.index, weak: false });
      continue;
    }
    const chars = Array.from(m[0]);
    let at = m.index;
    let before = at;
    chars.forEach((c, i) => {
      if (i > 0) found.push({ text: chars[i - 1] + c, at: before, weak: false });
      found.push({ text: c, at, weak: chars.length > 1 });
      before = at;
      at += c.length;
    });
  }
  return found;
}

/** @param {string} words @returns {Query} */
function parse(words) {
  const strong = new Map();
  const weak = new Set();
  for (const t of terms(withoutQuestion(fold(words)))) t.weak ? weak.add(t.text) : strong.set(t.text, 1);
  const plain = bare(words);
  for (const s of data.synonyms) {
    if (!holdsAny(plain, s.Say)) continue;
    for (const word of s.Mean) for (const t of terms(fold(word))) if (!t.weak && !strong.has(t.text)) strong.set(t.text, MEANING);
  }
  return { strong, weak: Array.from(weak) };
}

/** Drops question words, unless nothing else is left. @param {string} folded */
function withoutQuestion(folded) {
  const rest = folded.replace(new RegExp(QUESTION, "g"), " ").replace(/[吗呢吧啊呀 ?!。,.]+$/, "");
  return bare(rest) ? rest : folded;
}

/** A word with … meets up to six characters in between. @param {string} text @param {string[]} words */
function holdsAny(text, words) {
  return words.some((w) => {
    const [before, after] = w.split("…").map(bare);
    if (after === undefined) return !!before && text.includes(before);
    return !!before && !!after && new RegExp(before + ".{0,6}?" + after, "u").test(text);
  });
}

/** @param {Query} query @returns {Ranked[]} */
function match(query) {
  let found = docs.map((doc) => ({ doc, score: 0 }));
  for (const term of Array.from(query.strong.keys()).sort()) {
    const inText = docs.map((d) => count(d.text, term));
    const df = inText.filter(Boolean).length;
    if (!df) continue;
    const weight = (query.strong.get(term) || 0) * idf(df);
    found.forEach((r, i) => {
      r.score += weight * saturation(inText[i] || 0, r.doc.length / average) + weight * TITLE * saturation(count(r.doc.head, term), r.doc.headLength / headAverage);
    });
  }
  found = found.filter((r) => r.score > 0);
  for (const r of found) r.score *= weightOf(r.doc);
  return found;
}

/** Best first; single characters tell the leaders apart. @param {Ranked[]} found @param {string[]} weak */
function order(found, weak) {
  const best = found.sort((a, b) => b.score - a.score);
  const top = best.slice(0, RERANKED);
  for (const term of weak) {
    const weight = WEAK * idf(docs.filter((d) => d.text.includes(term)).length);
    for (const r of top) r.score += weight * saturation(count(r.doc.text, term), r.doc.length / average) * weightOf(r.doc);
  }
  return top.sort((a, b) => b.score - a.score).concat(best.slice(RERANKED));
}

/** @param {Doc} doc */
const weightOf = (doc) => doc.page.weight || 1;

/** @param {number} df */
const idf = (df) => Math.log(1 + (docs.length - df + 0.5) / (df + 0.5));

/** @param {number} tf @param {number} length of the average */
const saturation = (tf, length) => tf * (K1 + 1) / (tf + K1 * (1 - B + B * length));

/** How often a term stands in a folded text. @param {string} text @param {string} term */
function count(text, term) {
  const whole = !HAN.test(term);
  let n = 0;
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) {
    if (!whole || !joined(text[at - 1]) && !joined(text[at + term.length])) n++;
  }
  return n;
}

/** Whether a character would belong to the word beside it. @param {string | undefined} c */
const joined = (c) => c !== undefined && WORD.test(c) && !HAN.test(c);

/** @param {Ranked[]} found @param {Record<string, string | null>} wanted */
function narrow(found, wanted) {
  /** @type {Record<string, Map<string, number>>} */
  const counts = { kind: new Map(), audience: new Map(), topic: new Map() };
  const names = Object.keys(counts);
  const kept = found.filter(({ doc }) => {
    const failed = names.filter((name) => wanted[name] && !values(doc, name).some((v) => v === wanted[name] || name === "audience" && v === "all"));
    for (const name of names) {
      // A facet is counted as if its own filter were not set.
      if (!failed.length || failed.length === 1 && failed[0] === name) {
        for (const v of values(doc, name)) counts[name]?.set(v, (counts[name]?.get(v) || 0) + 1);
      }
    }
    return !failed.length;
  });
  /** @type {Record<string, {value: string, count: number}[]>} */
  const facets = {};
  for (const name of names) {
    const count = counts[name] || new Map();
    const common = (name === "audience" && count.get("all")) || 0;
    const named = Array.from(name === "audience" ? audiences : count.keys()).filter((value) => name !== "audience" || value !== "all");
    facets[name] = named.map((value) => ({ value, count: (count.get(value) || 0) + common })).filter((v) => v.count > 0).sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  }
  return { kept, facets };
}

/** @param {Doc} doc @param {string} name */
function values(doc, name) {
  const { kind, audience, topics } = doc.page;
  const list = name === "topic" ? topics : name === "kind" ? [kind].filter(Boolean) : audience.includes("all") ? ["all"] : audience;
  return Array.from(new Set(list));
}

/** @param {Doc} doc @param {Query} query */
function hit({ page }, { strong }) {
  const text = (strong.size && snippet(page.body, strong)) || cut(page.summary, strong);
  return { url: page.url, kind: page.kind, audience: page.audience, title: mark(page.title, strong), snippet: mark(text, strong) };
}

/** Which characters belong to a term. @param {string} text @param {Map<string, number>} strong */
function lit(text, strong) {
  const on = Array.from({ length: text.length }, () => false);
  for (const t of terms(fold(text))) if (strong.has(t.text)) on.fill(true, t.at, t.at + t.text.length);
  return on;
}

/** Escaped, with <mark> around what was asked for. @param {string} text @param {Map<string, number>} strong */
function mark(text, strong) {
  const on = lit(text, strong);
  let out = "";
  for (let i = 0, end = 1; i < text.length; i = end++) {
    while (end < text.length && on[end] === on[i]) end++;
    const part = text.slice(i, end).replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";");
    out += on[i] ? "<mark>" + part + "</mark>" : part;
  }
  return out;
}

/** The sentence with most of the terms, and what follows as far as there is room. @param {string} body @param {Map<string, number>} strong */
function snippet(body, strong) {
  const sentences = body.match(/[^。！？；!?\n]*(?:[。！？；!?\n][。！？；!?\n”’」』）)]*)?/g) || [];
  let best = 0;
  let at = -1;
  sentences.forEach((s, i) => {
    const folded = fold(s);
    const weight = sum(Array.from(strong), ([term, w]) => (folded.includes(term) ? w : 0));
    if (weight > best) [best, at] = [weight, i];
  });
  if (at < 0) return "";
  let text = sentences[at] || "";
  for (let i = at + 1; i < sentences.length && text.length + (sentences[i] || "").length <= SNIPPET; i++) text += sentences[i];
  return cut(text.replace(/\s+/g, " ").trim(), strong);
}

/** What fits around the first match. @param {string} text @param {Map<string, number>} strong */
function cut(text, strong) {
  if (text.length <= SNIPPET) return text;
  const room = SNIPPET - 2; // for the dots
  const start = Math.min(Math.max(lit(text, strong).indexOf(true) - LEAD, 0), text.length - room);
  return (start > 0 ? "…" : "") + text.slice(start, start + room) + (start + room < text.length ? "…" : "");
}

/** @template T @param {T[]} list @param {(one: T) => number} of */
function sum(list, of) {
  return list.reduce((total, one) => total + of(one), 0);
}
