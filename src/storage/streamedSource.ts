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
  readonly #placeOf: (at: number) => PlacedBlob | undefined;
  readonly #rest: Source;
  #stretch: Stretch | undefined;
  /** Where the last read that was left to the rest ended. */
  #restEnd = 0;
  /** Set where Blobs cannot be read into buffers of ours. */
  #isImpossible = false;

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
    const buffer =
      spare !== undefined && spare.byteLength >= byteCount ? spare : new ArrayBuffer(byteCount);
    const bytes = stretch.last.then(() => stretch.stream.read(buffer, byteCount));
    stretch.at = end;
    stretch.last = bytes;
    try {
      const read = await bytes;
      if (end === stretch.end) stretch.stream.cancel();
      if (end === stretch.of.end) await lookAgain(stretch.of.blob);
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
    const isNext = start === this.#restEnd || (last !== undefined && start === last.at);
    return isNext ? this.#open(start, end) : undefined;
  }

  /** A stretch of the file at `start` that reaches `end` at least. */
  #open(start: number, end: number): Stretch | undefined {
    const of = this.#isImpossible ? undefined : this.#placeOf(start);
    if (of === undefined || of.end - start < LEAST_BYTES || of.end < end) return undefined;
    const until = Math.min(of.end, Math.max(start + MOST_BYTES, end));
    const stream = BlobStream.open(of.blob.slice(start - of.start, until - of.start));
    if (stream === undefined) {
      this.#isImpossible = true;
      return undefined;
    }
    const last = this.#stretch;
    if (last !== undefined && last.at < last.end) last.stream.cancel();
    this.#stretch = { of, end: until, stream, at: start, last: Promise.resolve() };
    return this.#stretch;
  }
}

/** Opens the file once more, for nothing opens it after its last stretch. @throws when it is not the one that was picked */
async function lookAgain(blob: Blob): Promise<void> {
  await blob.slice(blob.size - 1).arrayBuffer();
}
