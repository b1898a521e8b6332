// Requests to our own server. Every failure is an ApiError with a sentence for people.
import { inChat } from "../../reading/chat.js";

export class ApiError extends Error {
  /** @param {number} status 0 when no answer came @param {string} message @param {boolean} [ours] our server said so */
  constructor(status, message, ours = false) {
    super(message);
    this.status = status;
    this.ours = ours;
  }

  /** Whether sending the same again may help. */
  get again() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @typedef {object} Ask
 * @property {string} [method]
 * @property {unknown} [body] sent as JSON
 * @property {string} [token]
 * @property {AbortSignal} [signal]
 * @property {number} [timeout] ms
 */

/**
 * Sends a request and returns the response when it is a 2xx.
 * @param {string} path below /api
 * @param {Ask} [ask]
 * @returns {Promise<Response>}
 */
export async function request(path, ask = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ask.timeout || 10000);
  if (ask.signal) ask.signal.addEventListener("abort", () => stop.abort());
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (ask.token) headers.Authorization = "Bearer " + ask.token;
  if (ask.body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const res = await fetch("/api" + path, {
      method: ask.method || (ask.body === undefined ? "GET" : "POST"),
      headers,
      body: ask.body === undefined ? undefined : JSON.stringify(ask.body),
      cache: "no-store",
      credentials: "same-origin",
      signal: stop.signal,
    });
    if (!res.ok) throw await problem(res);
    return res;
  } catch (err) {
    if (err instanceof ApiError) throw err;
    throw new ApiError(0, "连不上服务器。请看看网络是不是断了，再试一次。");
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @template T
 * @param {string} path
 * @param {Ask} [ask]
 * @returns {Promise<T>}
 */
export async function api(path, ask) {
  const inPack = /** @type {any} */ (window).sunnyPack; // the offline set answers from its own files, see js/pack
  if (inPack) return inPack(path, ask && ask.body);
  const res = await request(path, ask);
  if (res.status === 204) return /** @type {any} */ (null);
  try {
    return await res.json();
  } catch (_) {
    throw new ApiError(0, "服务器的回答没有收全，请再试一次。");
  }
}

/** @param {Response} res @returns {Promise<ApiError>} */
export async function problem(res) {
  let detail = "";
  try {
    detail = (await res.json()).detail;
  } catch (_) {
    // A proxy may answer with a page of its own: fall through to our sentence.
  }
  return new ApiError(res.status, detail || "服务器没能完成这一步（" + res.status + "），请稍等再试一次。", Boolean(detail));
}

/**
 * Saves a protected file, which a plain link cannot fetch without putting the token into an address.
 * @param {string} path
 * @param {string} name
 * @param {string} [token]
 */
export async function download(path, name, token) {
  if (inChat) throw new Error("微信里存不了文件。请在电脑的浏览器里打开本站，再下载。");
  const res = await request(path, { token, timeout: 60000 });
  const url = URL.createObjectURL(await res.blob());
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
