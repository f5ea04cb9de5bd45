import {
  createStore,
  del,
  delMany,
  get,
  keys,
  promisifyRequest,
  set,
  type UseStore,
} from 'idb-keyval';
import type { BlockStore } from '../ports/blockStore.ts';
import { parseTransferId, type TransferId } from '../protocol/ids.ts';
import { takeLock } from './lock.ts';
import { storageError, storageFailed } from './storageError.ts';
import { joinSegments } from './streamBlob.ts';

/** IndexedDB database of the segments. Key `[transfer id, segment number]`, value a Blob. */
export const SEGMENT_DATABASE = 'sluice-segments';

/**
 * Bytes of one stored Blob. Smaller ones cost a transaction each; a larger one is rewritten whole when a flush
 * finds it half full.
 */
export const SEGMENT_BYTES = 4 * 1024 * 1024;

/** Most segments held in memory at once: 32 MiB, as much as is written between two flushes. */
const MAX_OPEN_SEGMENTS = 8;

const database: UseStore = createStore(SEGMENT_DATABASE, 'segments');

interface OpenSegment {
  readonly bytes: Uint8Array<ArrayBuffer>;
  isDirty: boolean;
}

/**
 * A stream kept as Blobs in IndexedDB, for browsers and windows without OPFS. Blocks are gathered in a few open
 * segments; a segment is stored when others push it out, on flush and at the end, and read back when a late block
 * falls into it.
 */
class IndexedDbStore implements BlockStore {
  readonly kind = 'indexeddb';
  readonly #id: TransferId;
  readonly #sizeBytes: number;
  /** Least recently written first. */
  readonly #open = new Map<number, OpenSegment>();
  #tail: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  readonly #unlock: () => void;

  /** @param unlock called when the store closes */
  constructor(id: TransferId, sizeBytes: number, unlock: () => void) {
    this.#id = id;
    this.#sizeBytes = sizeBytes;
    this.#unlock = unlock;
  }

  write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#turn(async () => {
      this.#assertOpen();
      let done = 0;
      while (done < bytes.byteLength) {
        const number = Math.floor((at + done) / SEGMENT_BYTES);
        const offset = at + done - number * SEGMENT_BYTES;
        const segment = await this.#segment(number);
        const piece = bytes.subarray(done, done + segment.bytes.byteLength - offset);
        if (piece.byteLength === 0) throw storageFailed('a write past the end of the stream');
        segment.bytes.set(piece, offset);
        segment.isDirty = true;
        done += piece.byteLength;
      }
      return bytes;
    });
  }

  flush(): Promise<void> {
    return this.#turn(() => this.#storeDirty());
  }

  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#turn(async () => {
      this.#assertOpen();
      const bytes = new Uint8Array(end - start);
      for (let at = start; at < end; ) {
        const number = Math.floor(at / SEGMENT_BYTES);
        const offset = at - number * SEGMENT_BYTES;
        const length = Math.min(SEGMENT_BYTES - offset, end - at);
        const open = this.#open.get(number)?.bytes ?? (await this.#stored(number));
        if (open !== undefined) bytes.set(open.subarray(offset, offset + length), at - start);
        at += length;
      }
      return bytes;
    });
  }

  finish(): Promise<Blob> {
    return this.#turn(async () => {
      await this.#storeDirty();
      this.#release();
      return joinSegments(await segmentsOf(this.#id), SEGMENT_BYTES, this.#sizeBytes);
    });
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } catch {
      // What could not be stored was not flushed either, so no journal counts on it.
    }
    this.#release();
  }

  async discard(): Promise<void> {
    this.#isClosed = true;
    await this.#tail;
    await discardIndexedDb(this.#id);
    this.#release();
  }

  /** The segment in memory, made the most recent one. Stores the oldest one when there are too many. */
  async #segment(number: number): Promise<OpenSegment> {
    const found = this.#open.get(number) ?? (await this.#load(number));
    this.#open.delete(number);
    this.#open.set(number, found);
    if (this.#open.size > MAX_OPEN_SEGMENTS) {
      const [oldest, segment] = this.#open.entries().next().value!;
      if (segment.isDirty) await this.#store(oldest, segment);
      this.#open.delete(oldest);
    }
    return found;
  }

  async #load(number: number): Promise<OpenSegment> {
    const length = Math.min(SEGMENT_BYTES, this.#sizeBytes - number * SEGMENT_BYTES);
    if (length <= 0) throw storageFailed('a write past the end of the stream');
    const bytes = new Uint8Array(length);
    const stored = await this.#stored(number);
    if (stored !== undefined) bytes.set(stored.subarray(0, length));
    return { bytes, isDirty: false };
  }

  async #stored(number: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const found: unknown = await get([this.#id, number], database);
    return found instanceof Blob ? new Uint8Array(await found.arrayBuffer()) : undefined;
  }

  async #storeDirty(): Promise<void> {
    for (const [number, segment] of this.#open) {
      if (segment.isDirty) await this.#store(number, segment);
    }
  }

  async #store(number: number, segment: OpenSegment): Promise<void> {
    await set([this.#id, number], new Blob([segment.bytes]), database);
    segment.isDirty = false;
  }

  /** What is still to be stored, about; the whole size when even that cannot be counted. */
  async #missingBytes(): Promise<number> {
    const stored = await segmentKeys(this.#id).catch(() => []);
    return Math.max(this.#sizeBytes - stored.length * SEGMENT_BYTES, 1);
  }

  #release(): void {
    this.#isClosed = true;
    this.#open.clear();
    this.#unlock();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw storageFailed('the store is closed');
  }

  /** One operation at a time: two writes into one segment must not both load it. */
  #turn<T>(operation: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(operation).catch(async (error: unknown) => {
      throw storageError(error, await this.#missingBytes());
    });
    this.#tail = turn.catch(() => {
      // The caller of this turn hears of it; the next turn must still run.
    });
    return turn;
  }
}

/**
 * Opens the segments of a transfer.
 * @throws TransferError `storage-failed` when another tab has them open
 */
export async function openIndexedDbStore(id: TransferId, sizeBytes: number): Promise<BlockStore> {
  return new IndexedDbStore(id, sizeBytes, await takeLock(`${SEGMENT_DATABASE}/${id}`));
}

/** Whether IndexedDB can hold Blobs here; some private windows have one without the other. */
export async function canUseIndexedDb(): Promise<boolean> {
  const key = ['probe', crypto.randomUUID()];
  try {
    await set(key, new Blob([new Uint8Array([1])]), database);
    const found: unknown = await get(key, database);
    await del(key, database);
    return found instanceof Blob && found.size === 1;
  } catch {
    // Any failure is the answer: it does not work here.
    return false;
  }
}

/** The stored stream, or `undefined` when no segment of it is there. */
export async function indexedDbContent(
  id: TransferId,
  sizeBytes: number,
): Promise<Blob | undefined> {
  try {
    const segments = await segmentsOf(id);
    return segments.size === 0 ? undefined : joinSegments(segments, SEGMENT_BYTES, sizeBytes);
  } catch {
    // No IndexedDB here: the bytes are not to be had.
    return undefined;
  }
}

/** Deletes the segments of a transfer. Never throws. */
export async function discardIndexedDb(id: TransferId): Promise<void> {
  try {
    await delMany(await segmentKeys(id), database);
  } catch {
    // No IndexedDB here, or it is shutting down; the sweep of leftovers tries again.
  }
}

/** Every transfer that has segments. Empty where there is no IndexedDB. */
export async function listIndexedDb(): Promise<readonly TransferId[]> {
  try {
    const found = new Set<TransferId>();
    for (const key of await keys(database)) {
      const first: unknown = Array.isArray(key) ? key[0] : undefined;
      const id = typeof first === 'string' ? parseTransferId(first) : undefined;
      if (id !== undefined) found.add(id);
    }
    return [...found];
  } catch {
    // No IndexedDB here, so nothing is stored in it.
    return [];
  }
}

/** An array sorts after every number in IndexedDB, so this is every segment of the transfer. */
const rangeOf = (id: TransferId) => IDBKeyRange.bound([id], [id, []]);

const segmentKeys = (id: TransferId): Promise<IDBValidKey[]> =>
  database('readonly', (store) => promisifyRequest(store.getAllKeys(rangeOf(id))));

async function segmentsOf(id: TransferId): Promise<ReadonlyMap<number, Blob>> {
  const [found, blobs] = await database('readonly', (store) =>
    Promise.all([
      promisifyRequest(store.getAllKeys(rangeOf(id))),
      promisifyRequest<unknown[]>(store.getAll(rangeOf(id))),
    ]),
  );
  const segments = new Map<number, Blob>();
  found.forEach((key, i) => {
    const number: unknown = Array.isArray(key) ? key[1] : undefined;
    const blob = blobs[i];
    if (typeof number === 'number' && blob instanceof Blob) segments.set(number, blob);
  });
  return segments;
}
