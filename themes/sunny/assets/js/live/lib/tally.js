// What the host notes of an opening, on its way to the server: one request at a time, always with the newest, so that an older one can
// never arrive last.
import { sentence } from "./dom.js";
import { api, ApiError } from "./api.js";

const NEXT = 100; // ms until what came meanwhile follows
const AGAIN = 2000; // ms until a failed one is tried again

/**
 * @template {object} Noted
 * @param {import("./host-lobby.js").Host} host
 * @param {string} what it is, for people
 * @param {object} box what is noted
 * @param {() => boolean} box.waits whether something is not sent yet
 * @param {() => Noted} box.take what to send; it waits no longer
 * @param {(noted: Noted) => void} box.back puts back what did not arrive
 */
export function tallySender(host, what, { waits, take, back }) {
  let timer = 0;
  /** @type {Promise<void> | null} */
  let sending = null;

  /** @param {number} ms */
  function later(ms) {
    clearTimeout(timer);
    timer = window.setTimeout(send, ms);
  }

  function send() {
    if (!sending && waits()) sending = put().then(() => { sending = null; });
    return sending;
  }

  async function put() {
    const body = take();
    try {
      await api(host.path + "/tally", { method: "PUT", token: host.token, body });
      host.warn("");
      if (waits()) later(NEXT);
    } catch (err) {
      host.warn(what + "还没有记上。" + sentence(err));
      if (!(err instanceof ApiError) || !err.again) return;
      back(body);
      if (waits()) later(AGAIN);
    }
  }

  return {
    send,
    later,
    /** Sends what is still waiting: called before the room moves on. */
    async flush() {
      clearTimeout(timer);
      await sending;
      await send();
      if (waits()) throw new Error(what + "还没有记上，请等一下再点。");
    },
    stop: () => clearTimeout(timer),
  };
}
