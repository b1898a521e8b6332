/** Registers the service worker (sw.js at the root of the site), where the browser allows one: over TLS and on this machine. */
export function keepForOffline() {
  const script = document.querySelector('script[src*="/main."]');
  if (!("serviceWorker" in navigator) || !window.isSecureContext || !(script instanceof HTMLScriptElement)) return;
  navigator.serviceWorker.register(new URL("../sw.js", script.src).href).catch(() => {}); // reading goes on without it
}
