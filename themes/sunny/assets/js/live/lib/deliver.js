// Sends an answer until the server has it on disk. Sending twice is harmless: the first one stands.
import { api, ApiError } from "./api.js";
import { keepPending } from "./keys.js";

/**
 * @param {import("./keys.js").Pending} answer
 * @param {string} token
 * @param {(trying: boolean) => void} waiting called when an attempt failed and another follows
 * @param {AbortSignal} signal
 * @returns {Promise<Receipt>}
 */
export async function deliver(answer, token, waiting, signal) {
  keepPending(answer);
  const body = { item: answer.item, opening: answer.opening, choice: answer.choice };
  for (let failures = 0; ; failures++) {
    try {
      /** @type {Receipt} */
      const receipt = await api("/rooms/" + answer.code + "/answers", { token, body, signal, timeout: 6000 });
      keepPending(null);
      return receipt;
    } catch (err) {
      if (signal.aborted || !(err instanceof ApiError) || !err.again) {
        keepPending(null);
        throw err;
      }
      waiting(true);
    }
    await pause(Math.random() * 700 + Math.min(300 * (failures + 1), 2500));
  }
}

/** Waits, but not longer than until the line is back. @param {number} ms */
function pause(ms) {
  return new Promise((go) => {
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    function done() {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      go(null);
    }
  });
}
