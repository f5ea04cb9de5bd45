import type { Source } from '../ports/source.ts';
import { BlobStream } from './blobStream.ts';

/** A Blob and where it lies in the stream of a transfer. */
export interface PlacedBlob {
  readonly blob: Blob;
  readonly start: number;
  readonly end: number;
}

/** Below this a stream is not worth opening. */
const LEAST_BYTES = 4 * 1024 * 1024;

/**
 * Most bytes of one stream. A browser looks when it opens a file whether that is the file that was picked, so this is how much can be
 * read of one that is being changed before it is noticed.
 */
const MOST_BYTES = 32 * 1024 * 1024;

/** A part of one Blob, being read in order. */
interface Stretch {
  readonly of: PlacedBlob;
  readonly end: number;
  readonly stream: BlobStream;
  /** Where the next read has to start. */
  at: number;
  /** Reads wait for each other here. */
  last: Promise<unknown>;
}

/**
 * Reads long files as streams, into buffers that are used again, as long as one read goes on where another ended. Everything else, and
 * whatever a stream cannot bring, is left to another source, so faults are those of that one.
 */
export class StreamedSource implements Source {
  #placeOf: (at: number) => PlacedBlob | undefined;
  readonly #rest: Source;
  #stretch: Stretch | undefined;
  /** Where the last read that was left to the rest ended. */
  #restEnd = 0;

  /** @param placeOf the Blob that has the byte at `at` of the transfer's stream */
  constructor(placeOf: (at: number) => PlacedBlob | undefined, rest: Source) {
    this.#placeOf = placeOf;
    this.#rest = rest;
  }

  async read(start: number, end: number, spare?: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
    const stretch = this.#stretchFor(start, end);
    if (stretch === undefined) {
      this.#restEnd = end;
      return this.#rest.read(start, end);
    }
    const byteCount = end - start;
    const buffer = spare && spare.byteLength >= byteCount ? spare : new ArrayBuffer(byteCount);
    const bytes = stretch.last.then(() => stretch.stream.read(buffer, byteCount));
    stretch.at = end;
    stretch.last = bytes;
    try {
      const read = await bytes;
      if (end === stretch.end) stretch.stream.cancel();
      // Nothing else opens a file that ends with a stretch, and opening tells whether it is the one that was picked.
      if (end === stretch.of.end) await stretch.of.blob.slice(-1).arrayBuffer();
      return read;
    } catch {
      // The rest says what is wrong, or reads it after all; what follows begins a new stream.
      if (this.#stretch === stretch) this.#stretch = undefined;
      stretch.stream.cancel();
      this.#restEnd = end;
      return this.#rest.read(start, end);
    }
  }

  #stretchFor(start: number, end: number): Stretch | undefined {
    const last = this.#stretch;
    if (last !== undefined && start === last.at && end <= last.end) return last;
    return start === this.#restEnd || start === last?.at ? this.#open(start, end) : undefined;
  }

  /** A stretch of the file at `start` that reaches `end` at least. */
  #open(start: number, end: number): Stretch | undefined {
    const of = this.#placeOf(start);
    if (of === undefined || of.end - start < LEAST_BYTES || of.end < end) return undefined;
    const mostBytes = Math.min(MOST_BYTES, of.end - start);
    // What is left of a file is read together with what follows it, so only whole reads count.
    const until = Math.max(end, start + mostBytes - (mostBytes % (end - start)));
    const stream = BlobStream.open(of.blob.slice(start - of.start, until - of.start));
    if (stream === undefined) {
      // Nor will it work the next time.
      this.#placeOf = () => undefined;
      return undefined;
    }
    this.#leave();
    this.#restEnd = Number.NaN;
    this.#stretch = { of, end: until, stream, at: start, last: Promise.resolve() };
    return this.#stretch;
  }

  /** Lets go of a stretch that is left in the middle, once what was asked of it is there. */
  #leave(): void {
    const left = this.#stretch;
    if (left === undefined || left.at === left.end) return;
    const cancel = () => left.stream.cancel();
    left.last.then(cancel, cancel);
  }
}
