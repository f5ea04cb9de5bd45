/** What the device does for running transfers beyond the page: screen, badge, notifications. */
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { AppView, TransferView } from '../../session/view.ts';
import type { Language } from '../words/language.ts';
import { fill, isolated } from '../words/phrase.ts';
import { phasePhrase, titleOf } from './transferWords.ts';

/** How many transfers move bytes right now. */
export const runningCount = ({ transfers }: AppView): number =>
  transfers.filter(({ phase }) => phase === 'transferring').length;

/** Keeps the screen on while bytes flow: phones end a page's connections soon after it goes dark. */
export function keepScreenOn(running: ReadonlySignal<number>): void {
  if (!('wakeLock' in navigator)) return;
  const isFlowing = computed(() => running.value > 0);
  const isVisible = followVisibility();
  effect(() => {
    // The browser drops the lock with every change to another tab, so it is asked for again on return.
    if (!isFlowing.value || !isVisible.value) return undefined;
    const lock = navigator.wakeLock.request('screen');
    // Battery saver may refuse; the transfer goes on as long as the screen does.
    lock.catch(nothing);
    return () => {
      lock.then((held) => held.release()).catch(nothing);
    };
  });
}

function followVisibility(): ReadonlySignal<boolean> {
  const isVisible = signal(!document.hidden);
  document.addEventListener('visibilitychange', () => {
    isVisible.value = !document.hidden;
  });
  return isVisible;
}

/** Shows the number of running transfers on the icon of the installed app. */
export function showBadge(running: ReadonlySignal<number>): void {
  if (!('setAppBadge' in navigator)) return;
  effect(() => {
    const shown =
      running.value > 0 ? navigator.setAppBadge(running.value) : navigator.clearAppBadge();
    // Not installed: there is no icon to put it on.
    shown.catch(nothing);
  });
}

/** While the page is in the background, says what needs the person and what is done. Never asks for permission. */
export function notify(
  registration: ServiceWorkerRegistration,
  view: ReadonlySignal<AppView>,
  language: ReadonlySignal<Language>,
): void {
  if (!('Notification' in globalThis)) return;
  let before = view.peek();
  effect(() => {
    const after = view.value;
    if (document.hidden && Notification.permission === 'granted') {
      for (const { tag, text } of calls(before, after, language.peek()))
        registration.showNotification(text, { ...LOOK, tag, data: location.href }).catch(nothing);
    }
    before = after;
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) closeAll(registration).catch(nothing);
  });
}

const LOOK = { icon: '/icons/icon-192.png', badge: '/icons/monochrome-96.png' } as const;

/** Whoever is back sees it on the page. */
async function closeAll(registration: ServiceWorkerRegistration): Promise<void> {
  for (const notification of await registration.getNotifications()) notification.close();
}

/** What to call the person for; a later call about the same transfer takes the place of the one before. */
export function calls(
  before: AppView,
  after: AppView,
  language: Language,
): readonly { readonly tag: string; readonly text: string }[] {
  return after.transfers.flatMap((transfer) => {
    const was = before.transfers.find(({ id }) => id === transfer.id);
    if (needOf(transfer) === undefined || needOf(transfer) === (was && needOf(was))) return [];
    const values = {
      name: isolated(transfer.peerName ?? language.words.otherDevice),
      title: isolated(titleOf(transfer, language)),
    };
    const phrase = needOf(transfer) === 'answer' ? 'saidProposed' : 'saidTransfer';
    const phase = fill(phasePhrase(transfer, language), values);
    return [{ tag: transfer.id, text: fill(language.words[phrase], { ...values, phase }) }];
  });
}

/** Why a person would want to look at a transfer now; undefined while it gets on by itself. */
function needOf({ phase, direction, fault }: TransferView) {
  if (phase === 'proposed' && direction === 'receive') return 'answer';
  if (phase === 'done' || phase === 'failed') return phase;
  return phase === 'waiting' && fault?.code === 'source-needed' ? 'files' : undefined;
}

function nothing(): void {
  // These are extras: a browser that refuses one loses nothing of the transfer.
}
