import type { BlockStore } from '../ports/blockStore.ts';
import { TransferError } from '../protocol/faults.ts';
import type { TransferId } from '../protocol/ids.ts';
import { storageFailed } from './storageError.ts';
import { joinSegments } from './streamBlob.ts';

/** Most bytes all memory stores of a page hold together. Phones kill a tab not far above. */
const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;

const CHUNK_BYTES = 1024 * 1024;

interface MemoryStream {
  readonly chunks: Map<number, Uint8Array<ArrayBuffer>>;
  /** The finished stream: the browser's copy, so that the chunks can go. */
  content: Blob | undefined;
}

/** The streams kept in this worker's memory. The last resort: a reload loses them. */
export class MemoryShelf {
  readonly #streams = new Map<TransferId, MemoryStream>();
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes = MEMORY_LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /** Opens a stream again with what it holds, or an empty one. */
  async open(id: TransferId, sizeBytes: number): Promise<BlockStore> {
    const stream = this.#streams.get(id) ?? { chunks: new Map(), content: undefined };
    this.#streams.set(id, stream);
    if (stream.content !== undefined) await this.#unfinish(stream, stream.content);
    return new MemoryStore(this, id, stream, sizeBytes);
  }

  content(id: TransferId, sizeBytes: number): Blob | undefined {
    const stream = this.#streams.get(id);
    if (stream === undefined) return undefined;
    return stream.content ?? joinSegments(blobsOf(stream), CHUNK_BYTES, sizeBytes);
  }

  discard(id: TransferId): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#heldBytes -= stream.content?.size ?? stream.chunks.size * CHUNK_BYTES;
    this.#streams.delete(id);
    stream.chunks.clear();
  }

  list(): readonly TransferId[] {
    return [...this.#streams.keys()];
  }

  /** @throws TransferError `disk-full` when one more chunk would pass the limit */
  chunk(stream: MemoryStream, number: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    const found = stream.chunks.get(number);
    if (found !== undefined) return found;
    if (this.#heldBytes + CHUNK_BYTES > this.#limitBytes) {
      const neededBytes = Math.max(sizeBytes - stream.chunks.size * CHUNK_BYTES, 1);
      throw new TransferError({ code: 'disk-full', neededBytes });
    }
    return this.#addChunk(stream, number);
  }

  #addChunk(stream: MemoryStream, number: number): Uint8Array<ArrayBuffer> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    this.#heldBytes += CHUNK_BYTES;
    stream.chunks.set(number, chunk);
    return chunk;
  }

  /** Back from one Blob to chunks. Past the limit too, by less than a chunk: the bytes are held already. */
  async #unfinish(stream: MemoryStream, content: Blob): Promise<void> {
    const bytes = new Uint8Array(await content.arrayBuffer());
    this.#heldBytes -= content.size;
    stream.content = undefined;
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
      this.#addChunk(stream, at / CHUNK_BYTES).set(bytes.subarray(at, at + CHUNK_BYTES));
    }
  }

  /** Hands the chunks over to one Blob. */
  finish(stream: MemoryStream, sizeBytes: number): Blob {
    const content = joinSegments(blobsOf(stream), CHUNK_BYTES, sizeBytes);
    this.#heldBytes += content.size - stream.chunks.size * CHUNK_BYTES;
    stream.chunks.clear();
    stream.content = content;
    return content;
  }
}

class MemoryStore implements BlockStore {
  readonly kind = 'memory';
  readonly #shelf: MemoryShelf;
  readonly #id: TransferId;
  readonly #stream: MemoryStream;
  readonly #sizeBytes: number;
  #isClosed = false;

  constructor(shelf: MemoryShelf, id: TransferId, stream: MemoryStream, sizeBytes: number) {
    this.#shelf = shelf;
    this.#id = id;
    this.#stream = stream;
    this.#sizeBytes = sizeBytes;
  }

  async write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    this.#assertOpen();
    for (let done = 0; done < bytes.byteLength; ) {
      const number = Math.floor((at + done) / CHUNK_BYTES);
      const offset = at + done - number * CHUNK_BYTES;
      const piece = bytes.subarray(done, done + CHUNK_BYTES - offset);
      this.#shelf.chunk(this.#stream, number, this.#sizeBytes).set(piece, offset);
      done += piece.byteLength;
    }
    return bytes;
  }

  async flush(): Promise<void> {
    this.#assertOpen();
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#assertOpen();
    const bytes = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const number = Math.floor(at / CHUNK_BYTES);
      const offset = at - number * CHUNK_BYTES;
      const length = Math.min(CHUNK_BYTES - offset, end - at);
      const chunk = this.#stream.chunks.get(number);
      if (chunk !== undefined) bytes.set(chunk.subarray(offset, offset + length), at - start);
      at += length;
    }
    return bytes;
  }

  async finish(): Promise<Blob> {
    this.#assertOpen();
    this.#isClosed = true;
    return this.#shelf.finish(this.#stream, this.#sizeBytes);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  async discard(): Promise<void> {
    this.#isClosed = true;
    this.#shelf.discard(this.#id);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw storageFailed('the store is closed');
  }
}

/** Each chunk as a Blob; `joinSegments` cuts the last one to size. */
const blobsOf = (stream: MemoryStream): ReadonlyMap<number, Blob> =>
  new Map([...stream.chunks].map(([number, chunk]) => [number, new Blob([chunk])]));
