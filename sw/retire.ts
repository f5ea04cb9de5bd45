/**
 * The kill switch: served as `/sw.js` instead of the worker (README says how), it replaces the worker on every device
 * that comes by. It takes over at once, empties the caches and signs itself off; idle pages reload, the others go on,
 * and everything comes from the network. A page that registers `/sw.js` again may bring it back to life, but it
 * answers nothing. What people received is not in a cache and stays.
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
