import type { TransferView } from '../../session/view.ts';
import type { Language } from '../words/language.ts';
import { lastOf } from './fileTree.ts';

/** The phrase for what a transfer is doing; `{name}` is the other device. */
export function phasePhrase(transfer: TransferView, { words }: Language): string {
  const isSending = transfer.direction === 'send';
  switch (transfer.phase) {
    case 'proposed':
      if (isSending) return words.phaseProposedSend;
      return transfer.kind === 'text' ? words.peerWantsText : words.peerWants;
    case 'transferring':
      return isSending ? words.phaseTransferringSend : words.phaseTransferringReceive;
    case 'paused':
      return {
        me: words.phasePausedMe,
        peer: words.phasePausedPeer,
        both: words.phasePausedBoth,
      }[transfer.pausedBy ?? 'me'];
    case 'waiting':
      return transfer.fault?.code === 'source-needed' ? words.phaseNeedsFiles : words.phaseWaiting;
    case 'done':
      return isSending ? words.phaseDoneSend : words.phaseDoneReceive;
    case 'declined':
      return isSending ? words.phaseDeclinedSend : words.phaseDeclinedReceive;
    case 'failed':
      return transfer.fault?.code === 'cancelled' ? words.phaseCancelled : words.phaseFailed;
  }
}

/**
 * Whether there is no progress to show: a sender whose page was reloaded hears of it once the other device is back, and who has
 * not decided has none.
 */
export const isProgressUnknown = (transfer: TransferView): boolean =>
  transfer.isUndecided ||
  (transfer.phase === 'waiting' && transfer.direction === 'send' && transfer.bytes === 0);

/** What a transfer is called: one name, and how many things come with it that the name does not cover. */
export interface TransferTitle {
  readonly name: string;
  readonly moreCount: number;
}

/** Its text, its one file, its one folder, or the first of many. */
export function titleParts(transfer: TransferView, { words }: Language): TransferTitle {
  if (transfer.kind === 'text') return { name: words.textTitle, moreCount: 0 };
  const { files } = transfer;
  const first = files[0];
  if (first === undefined) return { name: transfer.title, moreCount: 0 };
  if (files.length === 1) return { name: lastOf(first), moreCount: 0 };
  const top = first.path[0] ?? '';
  const isOneFolder = files.every(
    (file) => file.path[0] === top && (file.path.length > 1 || file.kind === 'folder'),
  );
  return isOneFolder
    ? { name: top, moreCount: 0 }
    : { name: transfer.title, moreCount: files.length - 1 };
}

/** The title in one string, for places that take no markup. */
export function titleOf(transfer: TransferView, language: Language): string {
  const { name, moreCount } = titleParts(transfer, language);
  if (moreCount === 0) return name;
  return language.format.plural(moreCount, language.words.andMore, { title: name });
}
