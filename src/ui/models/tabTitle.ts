import { effect, type ReadonlySignal } from '@preact/signals';
import type { AppView } from '../../session/view.ts';
import type { Language } from '../words/language.ts';

/** What the browser's tab says. */
export interface TabTitle {
  readonly text: string;
  /** It tells how far something is, and the next one will say nearly the same. */
  readonly isCount: boolean;
}

/**
 * How often a tab counts, ms: a browser draws its own frame anew for each title, which costs Chromium 15 ms of CPU, more than the page
 * needs for its own numbers.
 */
const COUNT_EVERY_MS = 3_000;

/** How far the running transfers are, then the name of the app. */
export function tabTitle({ transfers }: AppView, { words, format }: Language): TabTitle {
  const running = transfers.filter((transfer) => transfer.phase === 'transferring');
  const total = running.reduce((sum, transfer) => sum + transfer.totalBytes, 0);
  const done = running.reduce((sum, transfer) => sum + transfer.bytes, 0);
  const asks = transfers.some(
    (transfer) => transfer.phase === 'proposed' && transfer.direction === 'receive',
  );
  if (total > 0)
    return { text: `${format.percent(done / total)} · ${words.appName}`, isCount: true };
  return { text: asks ? `● ${words.appName}` : words.tabTitle, isCount: false };
}

/** Keeps the tab's title: whatever is new at once, a count from time to time. */
export function showTitle(title: ReadonlySignal<TabTitle>): void {
  let shown: TabTitle | undefined;
  let shownAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const next = title.value;
    clearTimeout(timer);
    if (next.text === shown?.text) return;
    const show = () => {
      shown = next;
      shownAt = performance.now();
      document.title = next.text;
    };
    const isNews = !next.isCount || shown?.isCount !== true;
    const waitMs = isNews ? 0 : shownAt + COUNT_EVERY_MS - performance.now();
    if (waitMs > 0) timer = setTimeout(show, waitMs);
    else show();
  });
}
