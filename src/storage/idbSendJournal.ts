import {
  createStore,
  del,
  getMany,
  promisifyRequest,
  set,
  type UseStore,
  values,
} from 'idb-keyval';
import {
  KEPT_SOURCE_BYTES,
  type LeftSend,
  type SendJournal,
  type SendRecord,
  type SendSources,
} from '../ports/sendJournal.ts';
import type { TransferId } from '../protocol/ids.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { attempt, transferIdsIn } from './idbAccess.ts';
import { isBytes, isRecord, isTime, parseManifest, RESUME_KEY_BYTES } from './journalEntry.ts';

/** IndexedDB database of outgoing transfers. Key: transfer id. */
export const SEND_DATABASE = 'sluice-sends';

/** IndexedDB database of their bytes, one Blob each: all sources end to end, in the manifest's order. Key: transfer id. */
export const SEND_SOURCES_DATABASE = 'sluice-send-sources';

/** A record as IndexedDB keeps it. Versions 1 and 2 had the bytes in it. */
interface StoredRecord extends Omit<SendRecord, 'version'> {
  readonly version: 3;
}

/** The sender's records in IndexedDB. Every method throws `disk-full` or `storage-failed` when it refuses. */
export class IdbSendJournal implements SendJournal {
  readonly #records: UseStore;
  readonly #sources: UseStore;

  /** @param records name of its IndexedDB database, and `sources` of that for the bytes; tests use their own */
  constructor(records = SEND_DATABASE, sources = SEND_SOURCES_DATABASE) {
    this.#records = createStore(records, 'records');
    this.#sources = createStore(sources, 'sources');
  }

  list(): Promise<readonly LeftSend[]> {
    return attempt(async () => {
      const found: unknown[] = await values(this.#records);
      const records = found.map(parseSendRecord).filter((record) => record !== undefined);
      const kept: unknown[] = await getMany(
        records.map(({ manifest }) => manifest.id),
        this.#sources,
      );
      return records.map((record, i) => ({ ...record, ...sourcesOf(record.manifest, kept[i]) }));
    });
  }

  listKept(): Promise<readonly TransferId[]> {
    return attempt(() => transferIdsIn(this.#sources));
  }

  put(record: SendRecord): Promise<void> {
    const stored: StoredRecord = { ...record, version: 3 };
    return attempt(() => set(stored.manifest.id, stored, this.#records));
  }

  async keep({ id, totalBytes }: Manifest, { sources, bundle }: SendSources): Promise<void> {
    const content = totalBytes <= KEPT_SOURCE_BYTES ? (bundle ?? joined(sources)) : undefined;
    if (content === undefined) return;
    await attempt(
      () =>
        this.#sources('readwrite', (store) => {
          const found = store.count(id);
          // Inside the event: a transaction ends with the task that left it idle.
          found.onsuccess = () => {
            if (found.result === 0) store.put(content, id);
          };
          return promisifyRequest(store.transaction);
        }),
      totalBytes,
    );
  }

  async forget(id: TransferId): Promise<void> {
    await attempt(() => Promise.all([del(id, this.#records), del(id, this.#sources)]));
  }
}

/**
 * One Blob over all sources, which IndexedDB keeps as one file: ten thousand of their own keep a browser busy for seconds. A Blob, and
 * no File: a File in IndexedDB may stay tied to the file it was picked from.
 */
function joined(sources: SendSources['sources']): Blob | undefined {
  const there = sources.filter((source) => source !== undefined);
  return there.length === sources.length ? new Blob(there) : undefined;
}

/** Narrows what IndexedDB gave back, or returns `undefined`. Never throws. */
function parseSendRecord(value: unknown): SendRecord | undefined {
  if (!isRecord(value) || value['version'] !== 3) return undefined;
  const { isAccepted, peerName, role, resumeKey, touchedAt } = value;
  const manifest = parseManifest(value['manifest']);
  if (manifest === undefined) return undefined;
  if (role !== 'host' && role !== 'joiner') return undefined;
  if (!isBytes(resumeKey, RESUME_KEY_BYTES)) return undefined;
  if (typeof peerName !== 'string' || typeof isAccepted !== 'boolean') return undefined;
  if (!isTime(touchedAt)) return undefined;
  return { version: 1, manifest, isAccepted, peerName, role, resumeKey, touchedAt };
}

function sourcesOf({ files, totalBytes }: Manifest, kept: unknown): SendSources {
  const isWhole = kept instanceof Blob && kept.size === totalBytes;
  return {
    bundle: isWhole ? kept : undefined,
    // What has no bytes needs none kept.
    sources: files.map(({ sizeBytes }) => (sizeBytes === 0 ? new Blob() : undefined)),
  };
}
