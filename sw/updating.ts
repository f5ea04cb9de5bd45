declare const self: ServiceWorkerGlobalScope;

/**
 * A new version waits until the page says `skip-waiting`, which it does when the person agreed and no tab is at work:
 * pages of the old version then lose the chunks they have not fetched yet. The first version ever serves the page that
 * brought it at once, so that what that page fetches later is there offline too.
 */
export function updateWhenTold(): void {
  self.addEventListener('message', (event) => {
    if (event.data === 'skip-waiting') event.waitUntil(self.skipWaiting());
  });
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
}
