/**
 * The kill switch: served as `/sw.js` instead of the worker (netlify.toml says how), it ends the worker on every
 * device that comes by. It takes over at once, empties the caches and signs itself off; open pages go on, and from
 * their next load on everything comes from the network. What people received is not in a cache and stays.
 */
export {};

declare const self: ServiceWorkerGlobalScope;

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(retire()));

async function retire(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.registration.unregister();
}
