import { createStore, del, set, type UseStore, values } from 'idb-keyval';
import type { SendJournal, SendRecord } from '../ports/sendJournal.ts';
import type { TransferId } from '../protocol/ids.ts';
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
  /** The sources end to end, in the manifest's order; undefined when they are not kept. */
  readonly content: Blob | undefined;
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

  async put({ sources, bundle, ...record }: SendRecord): Promise<void> {
    const isKept = record.manifest.totalBytes <= KEPT_SOURCE_BYTES;
    const content = isKept ? (bundle ?? joined(sources)) : undefined;
    const stored: StoredRecord = { ...record, version: 2, content };
    try {
      await set(stored.manifest.id, stored, this.#store);
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
function joined(sources: SendRecord['sources']): Blob | undefined {
  const there = sources.filter((source) => source !== undefined);
  return there.length === sources.length ? new Blob(there) : undefined;
}

/** Narrows what IndexedDB gave back, or returns `undefined`. Never throws. */
function parseSendRecord(value: unknown): SendRecord | undefined {
  if (!isRecord(value) || value['version'] !== 2) return undefined;
  const { content, peerName, role, resumeKey, touchedAt } = value;
  const manifest = parseManifest(value['manifest']);
  if (manifest === undefined) return undefined;
  if (role !== 'host' && role !== 'joiner') return undefined;
  if (!isBytes(resumeKey, RESUME_KEY_BYTES)) return undefined;
  if (typeof peerName !== 'string' || !isTime(touchedAt)) return undefined;
  const isWhole = content instanceof Blob && content.size === manifest.totalBytes;
  const bundle = isWhole ? content : undefined;
  // What has no bytes needs none kept.
  const sources = manifest.files.map(({ sizeBytes }) => (sizeBytes === 0 ? new Blob() : undefined));
  return { version: 1, manifest, sources, bundle, peerName, role, resumeKey, touchedAt };
}
