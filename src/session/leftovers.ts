import type { BlockStores } from '../ports/blockStore.ts';
import type { Journal, JournalEntry } from '../ports/journal.ts';
import type { PauseMarks } from '../ports/pauseMarks.ts';
import type { LeftSend, SendJournal } from '../ports/sendJournal.ts';
import { encodeBase64url } from '../protocol/base64url.ts';
import type { TransferId } from '../protocol/ids.ts';
import type { KnownPeer } from './peerSession.ts';

/** Leftovers untouched for longer are swept, ms. Design section 8. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** Proposals that nobody answered are swept sooner, ms: who walked away from one does not come back for it days later. */
const PROPOSAL_KEPT_MS = 60 * 60 * 1000;

export interface LeftoverParts {
  readonly journal: Journal;
  readonly sendJournal: SendJournal;
  readonly pauses: PauseMarks;
  readonly stores: BlockStores;
  claim(id: TransferId): Promise<boolean>;
  today(): number;
}

/** What earlier pages left of one peer. */
export interface PeerLeftovers {
  readonly known: KnownPeer;
  readonly incoming: readonly {
    readonly entry: JournalEntry;
    readonly content: Blob | undefined;
    readonly isPaused: boolean;
  }[];
  readonly outgoing: readonly { readonly record: LeftSend; readonly isPaused: boolean }[];
}

export interface Leftovers {
  readonly peers: readonly PeerLeftovers[];
  /** What another tab is working on. */
  readonly elsewhere: ReadonlySet<TransferId>;
}

/**
 * Reads both journals: what this tab may take up, by peer. Sweeps what is too old, what lost its bytes,
 * and bytes that no journal knows. What another tab is working on is left alone.
 */
export async function readLeftovers(parts: LeftoverParts): Promise<Leftovers> {
  const isOld = (touchedAt: number, isAccepted: boolean) =>
    touchedAt < parts.today() - (isAccepted ? KEPT_MS : PROPOSAL_KEPT_MS);
  const byPeer = new Map<
    string,
    {
      known: KnownPeer;
      incoming: PeerLeftovers['incoming'][number][];
      outgoing: PeerLeftovers['outgoing'][number][];
    }
  >();
  const peerOf = (left: JournalEntry | LeftSend) => {
    const id = `${left.role} ${encodeBase64url(left.resumeKey)}`;
    const known = { name: left.peerName, role: left.role, key: left.resumeKey };
    const peer = byPeer.get(id) ?? { known, incoming: [], outgoing: [] };
    byPeer.set(id, peer);
    return peer;
  };

  const elsewhere = new Set<TransferId>();
  const isOurs = async (id: TransferId) => {
    const isClaimed = await parts.claim(id);
    if (!isClaimed) elsewhere.add(id);
    return isClaimed;
  };

  const paused = await parts.pauses.list();
  const entries = await parts.journal.list();
  for (const entry of entries) {
    if (!(await isOurs(entry.manifest.id))) continue;
    const content = await contentOf(entry, parts.stores);
    const isLost = entry.phase === 'done' ? content === undefined : entry.store === 'memory';
    if (isLost || isOld(entry.touchedAt, entry.phase !== 'proposed'))
      await discard(entry.manifest.id, parts);
    else peerOf(entry).incoming.push({ entry, content, isPaused: paused.has(entry.manifest.id) });
  }
  const records = await parts.sendJournal.list();
  for (const record of records) {
    if (!(await isOurs(record.manifest.id))) continue;
    if (isOld(record.touchedAt, record.isAccepted))
      await parts.sendJournal.forget(record.manifest.id);
    else peerOf(record).outgoing.push({ record, isPaused: paused.has(record.manifest.id) });
  }
  const known = new Set([...entries, ...records].map(({ manifest }) => manifest.id));
  await sweepOrphans(known, parts);
  for (const id of paused) if (!known.has(id)) await parts.pauses.set(id, false);
  return { peers: [...byPeer.values()], elsewhere };
}

function contentOf(entry: JournalEntry, stores: BlockStores): Promise<Blob | undefined> {
  if (entry.phase !== 'done') return Promise.resolve(undefined);
  return stores.content(entry.manifest.id, entry.store, entry.manifest.totalBytes);
}

/** Bytes without a record can never be resumed or saved: received ones, and those of offers nobody took. */
async function sweepOrphans(known: ReadonlySet<TransferId>, parts: LeftoverParts): Promise<void> {
  const { stores, sendJournal } = parts;
  const isOrphan = async (id: TransferId) => !known.has(id) && (await parts.claim(id));
  for (const id of await stores.list()) if (await isOrphan(id)) await stores.discard(id);
  for (const id of await sendJournal.listKept())
    if (await isOrphan(id)) await sendJournal.forget(id);
}

async function discard(id: TransferId, { stores, journal }: LeftoverParts): Promise<void> {
  await stores.discard(id);
  await journal.forget(id);
}
