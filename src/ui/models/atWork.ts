import { effect, type ReadonlySignal } from '@preact/signals';
import type { AppView, TransferView } from '../../session/view.ts';

/** Held by every tab at work; whoever wants to change the version under all tabs must get it alone. */
export const AT_WORK_LOCK = 'sluice-at-work';

/** Whether a reload would interrupt something. */
export const isAtWork = ({ share, join, peers, transfers }: AppView): boolean =>
  share !== undefined ||
  join !== undefined ||
  peers.some(({ phase }) => phase !== 'gone') ||
  transfers.some(isOpen);

const isOpen = ({ phase }: TransferView) =>
  phase !== 'done' && phase !== 'declined' && phase !== 'failed';

/** Whether something came or went well and nothing is left to do about it: not even to save it. */
export const hasSucceeded = ({ transfers }: AppView): boolean =>
  transfers.some(({ phase }) => phase === 'done') &&
  transfers.every((transfer) => !isOpen(transfer) && !isToSave(transfer));

const isToSave = (transfer: TransferView) =>
  transfer.isSavable &&
  transfer.kind === 'files' &&
  transfer.files.some(
    ({ kind, index }) => kind !== 'folder' && transfer.isWanted(index) && !transfer.isSaved(index),
  );

/** Tells the other tabs, for the life of the page. Without Web Locks each tab is on its own. */
export function tellOtherTabs(isBusy: ReadonlySignal<boolean>): void {
  if (!('locks' in navigator)) return;
  effect(() => {
    if (!isBusy.value) return undefined;
    const done = new AbortController();
    const held = new Promise<void>((resolve) => {
      done.signal.addEventListener('abort', () => resolve());
    });
    navigator.locks
      .request(AT_WORK_LOCK, { mode: 'shared', signal: done.signal }, () => held)
      .catch(() => {
        // No longer wanted before it was granted.
      });
    return () => done.abort();
  });
}
