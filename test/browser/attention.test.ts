import { signal } from '@preact/signals';
import { afterEach, expect, test, vi } from 'vitest';
import { keepScreenOn, notify, showBadge } from '../../src/ui/models/attention.ts';
import { englishFor } from '../../src/ui/words/language.ts';
import { anId, aTransfer, aView } from '../doubles/fakeApp.ts';

/** Whether the page is in the background; the test browser's own page never is. */
let isHidden = false;

function setHidden(value: boolean): void {
  isHidden = value;
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden);
  document.dispatchEvent(new Event('visibilitychange'));
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('the screen stays on while bytes flow, and again after the page comes back', async () => {
  const release = vi.fn(() => Promise.resolve());
  // Chromium refuses a wake lock to a page without a window, so this one counts instead.
  const request = vi
    .spyOn(navigator.wakeLock, 'request')
    .mockImplementation(async () => Object.assign(new EventTarget(), { release }) as never);
  const running = signal(0);
  keepScreenOn(running);
  expect(request).not.toHaveBeenCalled();

  running.value = 2;
  running.value = 1;
  expect(request).toHaveBeenCalledTimes(1);
  setHidden(true);
  await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1));
  expect(request).toHaveBeenCalledTimes(1);

  setHidden(false);
  expect(request).toHaveBeenCalledTimes(2);
  running.value = 0;
  await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(2));
});

test('the badge follows the running transfers', () => {
  const set = vi.spyOn(navigator, 'setAppBadge').mockResolvedValue(undefined);
  const clear = vi.spyOn(navigator, 'clearAppBadge').mockResolvedValue(undefined);
  const running = signal(0);
  showBadge(running);
  running.value = 3;
  running.value = 0;
  expect(set.mock.calls).toEqual([[3]]);
  expect(clear).toHaveBeenCalledTimes(2);
});

test('only a page in the background calls, and takes it back when it is looked at', async () => {
  vi.spyOn(Notification, 'permission', 'get').mockReturnValue('granted');
  const close = vi.fn();
  const showNotification = vi.fn(() => Promise.resolve());
  // Boundary: the two members in use; a real registration would need a service worker of its own.
  const registration = {
    showNotification,
    getNotifications: () => Promise.resolve([{ close }]),
  } as unknown as ServiceWorkerRegistration;
  const view = signal(aView());
  const offered = aTransfer({ direction: 'receive', phase: 'proposed' });
  setHidden(false);
  notify(registration, view, signal(englishFor(['en'])));

  view.value = aView({ transfers: [offered] });
  expect(showNotification).not.toHaveBeenCalled();
  setHidden(true);
  view.value = aView({ transfers: [offered, aTransfer({ id: anId('B'), phase: 'done' })] });
  expect(showNotification).toHaveBeenCalledOnce();
  setHidden(false);
  await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
});
