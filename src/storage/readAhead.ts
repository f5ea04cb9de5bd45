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
}

/**
 * Reads a source that is read in order in ever longer stretches, ahead of what is asked for. What is asked for out of order, or lies
 * in a stretch that cannot be read, is read by itself, so faults are those of the source.
 */
export class ReadAhead implements Source {
  readonly #source: Source;
  readonly #totalBytes: number;
  #stretch: Stretch | undefined;
  #stretchBytes = 0;
  /** Where the next read begins, if they go on in order. */
  #next = 0;

  constructor(source: Source, totalBytes: number) {
    this.#source = source;
    this.#totalBytes = totalBytes;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const isInOrder = start === this.#next;
    const stretch = this.#holding(start, end) ?? (isInOrder ? this.#fetch(start, end) : undefined);
    if (isInOrder) this.#next = end;
    // It may be that only something further on cannot be read.
    const bytes = await stretch?.bytes.catch(() => undefined);
    if (stretch === undefined || bytes === undefined) return this.#source.read(start, end);
    return bytes.subarray(start - stretch.start, end - stretch.start);
  }

  #holding(start: number, end: number): Stretch | undefined {
    const stretch = this.#stretch;
    return stretch !== undefined && start >= stretch.start && end <= stretch.end
      ? stretch
      : undefined;
  }

  #fetch(start: number, end: number): Stretch {
    this.#stretchBytes = Math.min(Math.max(this.#stretchBytes * 2, end - start), MAX_STRETCH_BYTES);
    const until = Math.min(Math.max(start + this.#stretchBytes, end), this.#totalBytes);
    const stretch = { start, end: until, bytes: this.#source.read(start, until) };
    this.#stretch = stretch;
    return stretch;
  }
}
