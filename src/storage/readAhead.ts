import type { Source } from '../ports/source.ts';

/**
 * Most bytes fetched at once. Chromium makes a pipe of shared memory for every read of a Blob, so that one long read costs half of
 * what many short ones do (`npm run bench`): 0.23 s of CPU for 100 MB in reads of 8 MiB, 0.41 s in reads of 1 MiB.
 */
const MAX_STRETCH_BYTES = 8 * 1024 * 1024;

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
  /** Asked for as a whole: its buffer is the caller's, who writes into it. */
  isGivenAway: boolean;
}

/**
 * Reads a source in ever longer stretches, ahead of what is asked for, once one read goes on where another ended. What is asked for out
 * of order, or lies in a stretch that cannot be read, is read by itself, so faults are those of the source.
 */
export class ReadAhead implements Source {
  readonly #source: Source;
  readonly #totalBytes: number;
  #stretch: Stretch | undefined;
  /** Where the last read by itself ended. */
  #aloneEnd = 0;

  constructor(source: Source, totalBytes: number) {
    this.#source = source;
    this.#totalBytes = totalBytes;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const stretch = this.#stretchFor(start, end);
    if (stretch === undefined) {
      this.#aloneEnd = end;
      return this.#source.read(start, end);
    }
    if (start === stretch.start && end === stretch.end) stretch.isGivenAway = true;
    // It may be that only something further on cannot be read.
    const bytes = await stretch.bytes.catch(() => undefined);
    if (bytes === undefined) return this.#source.read(start, end);
    return bytes.subarray(start - stretch.start, end - stretch.start);
  }

  #stretchFor(start: number, end: number): Stretch | undefined {
    const last = this.#stretch;
    const isInside = last !== undefined && start >= last.start && end <= last.end;
    if (isInside) return last.isGivenAway ? undefined : last;
    if (start === last?.end) return this.#fetch(start, end, 2 * (last.end - last.start));
    return start === this.#aloneEnd ? this.#fetch(start, end, end - start) : undefined;
  }

  /** From `start` on, to `end` at least. */
  #fetch(start: number, end: number, byteCount: number): Stretch {
    const until = Math.max(start + Math.min(byteCount, MAX_STRETCH_BYTES), end);
    const last = Math.min(until, this.#totalBytes);
    const bytes = this.#source.read(start, last);
    const stretch = { start, end: last, bytes, isGivenAway: false };
    this.#stretch = stretch;
    return stretch;
  }
}
