// Keeps what was loaded, so that the page opens without a network: what the network has wins, what
// was kept stands in for it.
const cacheName = "calmdb-playground";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const own = new URL(request.url).origin === self.location.origin;
  if (request.method !== "GET" || !own || request.headers.has("authorization")) return;
  // What a node serves beside the page is never kept.
  if (!request.url.startsWith(self.registration.scope)) return;
  event.respondWith(answer(request));
});

async function answer(request) {
  const cache = await caches.open(cacheName);
  const named = /\/assets\//.test(request.url) ? await cache.match(request) : undefined;
  if (named !== undefined) return named;
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
    if (kept !== undefined) return kept;
    throw error;
  }
}
