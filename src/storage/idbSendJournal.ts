import { createStore, del, set, type UseStore, values } from 'idb-keyval';
import type { SendJournal, SendRecord } from '../ports/sendJournal.ts';
import type { TransferId } from '../protocol/ids.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { isBytes, isRecord, isTime, parseManifest, RESUME_KEY_BYTES } from './journalEntry.ts';
import { storageError } from './storageError.ts';

/** IndexedDB database of outgoing transfers. Key: transfer id. */
export const SEND_DATABASE = 'sluice-sends';

/**
 * Most bytes of sources kept for one transfer. Keeping means copying to the disk, so a large source is asked for
 * again instead: picking it is quicker than copying it was.
 */
const KEPT_SOURCE_BYTES = 64 * 1024 * 1024;

/** A record as IndexedDB keeps it. */
interface StoredRecord extends Omit<SendRecord, 'version' | 'sources' | 'bundle'> {
  readonly version: 2;
  /** The kept sources end to end, in the manifest's order; undefined when none are. */
  readonly content: Blob | undefined;
  /** Manifest entries that had no source when this was written. */
  readonly lost: readonly number[];
}

/** The sender's records in IndexedDB. Every method throws `disk-full` or `storage-failed` when it refuses. */
export class IdbSendJournal implements SendJournal {
  readonly #store: UseStore;

  /** @param database name of its IndexedDB database; tests use their own */
  constructor(database = SEND_DATABASE) {
    this.#store = createStore(database, 'records');
  }

  async list(): Promise<readonly SendRecord[]> {
    try {
      const found: unknown[] = await values(this.#store);
      return found.map(parseSendRecord).filter((record) => record !== undefined);
    } catch (error) {
      throw storageError(error, 0);
    }
  }

  async put(record: SendRecord): Promise<void> {
    const { sources, bundle, ...rest } = record;
    const isKept = record.manifest.totalBytes <= KEPT_SOURCE_BYTES;
    const content = isKept ? (bundle ?? contentOf(sources)) : undefined;
    const isLost = (source: Blob | undefined) => bundle === undefined && source === undefined;
    const lost = sources.flatMap((source, i) => (isLost(source) ? [i] : []));
    const stored: StoredRecord = { ...rest, version: 2, content, lost };
    try {
      await set(record.manifest.id, stored, this.#store);
    } catch (error) {
      throw storageError(error, content?.size ?? 0);
    }
  }

  async forget(id: TransferId): Promise<void> {
    try {
      await del(id, this.#store);
    } catch (error) {
      throw storageError(error, 0);
    }
  }
}

/**
 * One Blob over all sources, which IndexedDB keeps as one file: ten thousand of their own keep a browser busy for seconds. A Blob, and
 * no File: a File in IndexedDB may stay tied to the file it was picked from.
 */
const contentOf = (sources: SendRecord['sources']): Blob =>
  new Blob(sources.filter((source) => source !== undefined));

/** Narrows what IndexedDB gave back, or returns `undefined`. Never throws. */
function parseSendRecord(value: unknown): SendRecord | undefined {
  if (!isRecord(value) || value['version'] !== 2) return undefined;
  const { content, lost, peerName, role, resumeKey, touchedAt } = value;
  const manifest = parseManifest(value['manifest']);
  if (manifest === undefined || !Array.isArray(lost)) return undefined;
  if (content !== undefined && !(content instanceof Blob)) return undefined;
  if (role !== 'host' && role !== 'joiner') return undefined;
  if (!isBytes(resumeKey, RESUME_KEY_BYTES)) return undefined;
  if (typeof peerName !== 'string' || !isTime(touchedAt)) return undefined;
  const isWhole = lost.length === 0 && content?.size === manifest.totalBytes;
  const sources = sourcesOf(manifest, isWhole ? undefined : content, new Set(lost));
  const bundle = isWhole ? content : undefined;
  return { version: 1, manifest, sources, bundle, peerName, role, resumeKey, touchedAt };
}

/** The sources again, those that were not kept left out. What has no bytes needs none kept. */
function sourcesOf(
  { files }: Manifest,
  content: Blob | undefined,
  lost: ReadonlySet<unknown>,
): SendRecord['sources'] {
  const keptBytes = files.reduce((sum, file, i) => sum + (lost.has(i) ? 0 : file.sizeBytes), 0);
  const isWhole = content !== undefined && content.size === keptBytes;
  let at = 0;
  return files.map(({ sizeBytes }, i) => {
    if (sizeBytes === 0) return new Blob();
    if (!isWhole || lost.has(i)) return undefined;
    at += sizeBytes;
    return content.slice(at - sizeBytes, at);
  });
}
