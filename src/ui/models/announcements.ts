import type { AppView, PeerView, TransferView } from '../../session/view.ts';
import type { Language } from '../words/language.ts';
import { fill, isolated } from '../words/phrase.ts';
import { phasePhrase, titleOf } from './transferWords.ts';

/**
 * What a screen reader should hear after `before` became `after`: changes of phase, never numbers.
 * @returns sentences, most important last, so that the last one is heard when they hurry each other
 */
export function announcements(
  before: AppView,
  after: AppView,
  language: Language,
): readonly string[] {
  return [
    ...shareNews(before, after, language),
    ...peerNews(before.peers, after.peers, language),
    ...transferNews(before.transfers, after.transfers, language),
  ];
}

function shareNews(before: AppView, after: AppView, { words }: Language): readonly string[] {
  const code = after.share?.code;
  if (code === undefined || code === before.share?.code) return [];
  return [fill(words.saidShareOpen, { code })];
}

function peerNews(
  before: readonly PeerView[],
  after: readonly PeerView[],
  { words }: Language,
): readonly string[] {
  return after.flatMap((peer) => {
    const was = before.find((other) => other.id === peer.id)?.phase;
    if (was === peer.phase) return [];
    const name = isolated(peer.name ?? words.otherDevice);
    if (peer.phase === 'connected') return [fill(words.saidPeerJoined, { name })];
    return was === 'connected' ? [fill(words.saidPeerGone, { name })] : [];
  });
}

function transferNews(
  before: readonly TransferView[],
  after: readonly TransferView[],
  language: Language,
): readonly string[] {
  const { words } = language;
  return after.flatMap((transfer) => {
    const was = before.find((other) => other.id === transfer.id)?.phase;
    if (was === transfer.phase) return [];
    const name = isolated(transfer.peerName ?? words.otherDevice);
    const title = isolated(titleOf(transfer, language));
    if (transfer.phase === 'proposed' && transfer.direction === 'receive') {
      return [fill(words.saidProposed, { name, title })];
    }
    const phase = fill(phasePhrase(transfer, language), { name });
    return [fill(words.saidTransfer, { title, phase })];
  });
}
