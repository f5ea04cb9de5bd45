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
      return words.phaseWaiting;
    case 'done':
      return isSending ? words.phaseDoneSend : words.phaseDoneReceive;
    case 'declined':
      return isSending ? words.phaseDeclinedSend : words.phaseDeclinedReceive;
    case 'failed':
      return transfer.fault?.code === 'cancelled' ? words.phaseCancelled : words.phaseFailed;
  }
}

/** What a transfer is called: its text, its one file, its one folder, or the first of many. */
export function titleOf(transfer: TransferView, { words, format }: Language): string {
  if (transfer.kind === 'text') return words.textTitle;
  const { files } = transfer;
  const first = files[0];
  if (first === undefined) return transfer.title;
  if (files.length === 1) return lastOf(first);
  const top = first.path[0] ?? '';
  const isOneFolder = files.every(
    (file) => file.path[0] === top && (file.path.length > 1 || file.kind === 'folder'),
  );
  if (isOneFolder) return top;
  return format.plural(files.length - 1, words.andMore, { title: transfer.title });
}
