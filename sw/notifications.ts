declare const self: ServiceWorkerGlobalScope;

/** A tap on a notification leads to the page it came from. */
export function answerNotifications(): void {
  self.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(showPage(event.notification.data));
  });
}

/** @param url address of the page that showed the notification, as it put it there */
async function showPage(url: unknown): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((each) => each.url === url) ?? pages[0];
  if (page === undefined) await self.clients.openWindow('/');
  else await page.focus();
}
