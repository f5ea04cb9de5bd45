import type { AppView } from '../../session/view.ts';
import type { Language } from '../words/language.ts';

/** What the browser's tab says: how far the running transfers are, then the name of the app. */
export function tabTitle({ transfers }: AppView, { words, format }: Language): string {
  const running = transfers.filter((transfer) => transfer.phase === 'transferring');
  const total = running.reduce((sum, transfer) => sum + transfer.totalBytes, 0);
  const done = running.reduce((sum, transfer) => sum + transfer.bytes, 0);
  const asks = transfers.some(
    (transfer) => transfer.phase === 'proposed' && transfer.direction === 'receive',
  );
  if (total > 0) return `${format.percent(done / total)} · ${words.appName}`;
  return asks ? `● ${words.appName}` : words.tabTitle;
}
