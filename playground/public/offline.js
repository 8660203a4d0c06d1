// Keeps all that the page consists of, so that it opens without a network, with all views and all
// examples: what the network has wins, what was kept stands in for it.
const cacheName = "calmdb-playground";

self.addEventListener("install", (event) => event.waitUntil(keepAll()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const own = new URL(request.url).origin === self.location.origin;
  if (request.method !== "GET" || !own || request.headers.has("authorization")) return;
  // What a node serves beside the page is never kept.
  if (!request.url.startsWith(self.registration.scope)) return;
  event.respondWith(answer(request));
});

/** Keeps what this build consists of, and drops what an earlier one did. */
async function keepAll() {
  const cache = await caches.open(cacheName);
  const names = await (await fetch("./files.json", { cache: "no-cache" })).json();
  const wanted = new Set(
    ["./", ...names].map((name) => new URL(name, self.registration.scope).href),
  );
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  await cache.addAll([...wanted].filter((url) => !/\/assets\//.test(url) || !kept.has(url)));
  for (const url of kept) if (!wanted.has(url)) await cache.delete(url);
  await self.skipWaiting();
}

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
