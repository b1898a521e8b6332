// Reads server-sent events with fetch: EventSource cannot send a token in a header.
import { problem } from "./api.js";

const QUIET = 40000; // the server sends a heartbeat every 15 s
const STALE = 20000; // a phone that slept notices by this that its line is dead

/**
 * @typedef {object} Listener
 * @property {(name: string, data: any) => void} event
 * @property {(up: boolean) => void} link the connection came or went
 * @property {(status: number, sentence: string) => void} refused the server does not want us: no more attempts
 */

/**
 * Follows a stream until stopped, reconnecting by itself. The first event is a full snapshot, so nothing is replayed.
 * @param {string} path
 * @param {string} token
 * @param {Listener} on
 * @returns {() => void} stop
 */
export function follow(path, token, on) {
  let stopped = false;
  let failures = 0;
  /** @type {AbortController} */
  let link = new AbortController();
  let wake = () => {};
  const seen = { at: Date.now() };
  const hurry = (/** @type {Event} */ e) => {
    if (document.visibilityState !== "visible") return;
    if (e.type === "online" || Date.now() - seen.at > STALE) link.abort();
    wake();
  };

  async function run() {
    while (!stopped) {
      link = new AbortController();
      try {
        await read(path, token, link, seen, () => (failures = 0), on);
      } catch (err) {
        const status = err && /** @type {any} */ (err).status;
        if (status === 401 || status === 403 || status === 404 || status === 410) {
          stopped = true;
          on.refused(status, /** @type {Error} */ (err).message);
        }
      }
      if (stopped) break;
      on.link(false);
      // The first attempt comes within a second, spread so that a class does not return as one wave.
      const delay = Math.random() * 1000 + Math.min(failures++ * 800, 4000);
      await new Promise((go) => {
        const timer = setTimeout(go, delay);
        wake = () => (clearTimeout(timer), go(null));
      });
    }
    document.removeEventListener("visibilitychange", hurry);
    window.removeEventListener("online", hurry);
  }

  document.addEventListener("visibilitychange", hurry);
  window.addEventListener("online", hurry);
  run();
  return () => {
    stopped = true;
    link.abort();
    wake();
  };
}

/**
 * @param {string} path @param {string} token @param {AbortController} link @param {{at: number}} seen when bytes last came
 * @param {() => void} alive @param {Listener} on
 */
async function read(path, token, link, seen, alive, on) {
  let watchdog = setTimeout(() => link.abort(), QUIET);
  try {
    const res = await fetch("/api" + path, {
      headers: { Accept: "text/event-stream", Authorization: "Bearer " + token },
      cache: "no-store",
      signal: link.signal,
    });
    if (!res.ok || !res.body) throw await problem(res);
    const reader = res.body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      seen.at = Date.now();
      clearTimeout(watchdog);
      watchdog = setTimeout(() => link.abort(), QUIET);
      rest = (rest + decoder.decode(value, { stream: true })).replace(/\r\n?/g, "\n");
      let end;
      while ((end = rest.indexOf("\n\n")) >= 0) {
        const event = parse(rest.slice(0, end));
        rest = rest.slice(end + 2);
        if (!event) continue;
        alive();
        on.link(true);
        on.event(event.name, event.data);
      }
    }
  } finally {
    clearTimeout(watchdog);
  }
}

/** @param {string} block @returns {{name: string, data: any} | null} null for comments (heartbeats) */
function parse(block) {
  let name = "message";
  /** @type {string[]} */
  const data = [];
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    if (at <= 0) continue;
    const value = line.slice(at + 1).replace(/^ /, "");
    if (line.slice(0, at) === "event") name = value;
    if (line.slice(0, at) === "data") data.push(value);
  }
  return data.length ? { name, data: JSON.parse(data.join("\n")) } : null;
}
