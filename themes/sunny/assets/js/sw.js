// Keeps what was read readable without a network: visited pages with their files, and the help page from the start.
// The network always comes first; live screens, the search and the interfaces are never kept.
const CACHE = "sunny-1";
const MOST = 120; // files; the oldest go
const root = new URL("./", location.href).pathname;
const LIVE = ["api/", "host/", "join/", "search/", "start/", "staff/", "exit/"].map((path) => root + path);
const ALWAYS = [root + "help/", root + "offline/"];
const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keepHelp()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(dropOld()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const request = /** @type {Request} */ (event.request);
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || LIVE.some((path) => url.pathname.startsWith(path))) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (/\.[0-9a-f]{32,}\.\w+$/.test(url.pathname)) event.respondWith(file(request));
});

/** What must open without a network, with all that it shows. */
async function keepHelp() {
  const cache = await caches.open(CACHE);
  for (const address of ALWAYS) {
    const answer = await fetch(address);
    const html = await answer.clone().text();
    await cache.put(address, answer);
    const files = html.match(/(?<=(?:href|src)=")[^"]+\.[0-9a-f]{32,}\.\w+(?=")/g) || [];
    const each = Array.from(new Set(files)); // one named twice would keep all from being kept
    await cache.addAll(each.map((file) => new URL(file, new URL(address, location.href)).href));
  }
  await worker.skipWaiting();
}

async function dropOld() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await worker.clients.claim();
}

/** From the network, else as it was read last, else the page that says there is none. @param {Request} request */
async function page(request) {
  const cache = await caches.open(CACHE);
  const address = request.url.replace(/[?#].*/, "");
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) {
      await cache.put(address, answer.clone());
      await trim(cache);
    }
    return answer;
  } catch (problem) {
    const kept = await cache.match(address);
    if (kept) return kept;
    if (address.endsWith("/offline/")) throw problem;
    return Response.redirect(root + "offline/"); // its links are relative to its own place
  }
}

/** A file with a hash in its name never changes. @param {Request} request */
async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

/** @param {Cache} cache */
async function trim(cache) {
  const kept = await cache.keys();
  for (const old of kept.slice(0, Math.max(0, kept.length - MOST))) {
    if (!ALWAYS.includes(new URL(old.url).pathname)) await cache.delete(old);
  }
}
