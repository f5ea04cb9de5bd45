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
    const isKept = record.manifest.totalBytes <= KEPT_SOURCE_BYTES;
    // A plain Blob, not a File: a File in IndexedDB may stay tied to the file it was picked from.
    const sources = record.sources.map((source) =>
      isKept || source?.size === 0 ? source?.slice() : undefined,
    );
    try {
      await set(record.manifest.id, { ...record, sources }, this.#store);
    } catch (error) {
      throw storageError(error, isKept ? record.manifest.totalBytes : 0);
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

/** Narrows what IndexedDB gave back, or returns `undefined`. Never throws. */
function parseSendRecord(value: unknown): SendRecord | undefined {
  if (!isRecord(value) || value['version'] !== 1) return undefined;
  const { sources, peerName, role, resumeKey, touchedAt } = value;
  const manifest = parseManifest(value['manifest']);
  if (manifest === undefined || !Array.isArray(sources)) return undefined;
  if (sources.length !== manifest.files.length || !sources.every(isSource)) return undefined;
  if (role !== 'host' && role !== 'joiner') return undefined;
  if (!isBytes(resumeKey, RESUME_KEY_BYTES)) return undefined;
  if (typeof peerName !== 'string' || !isTime(touchedAt)) return undefined;
  return { version: 1, manifest, sources, peerName, role, resumeKey, touchedAt };
}

const isSource = (value: unknown): value is Blob | undefined =>
  value === undefined || value instanceof Blob;
