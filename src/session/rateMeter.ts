/** Time over which a rate is averaged, ms: calm enough to read, quick enough to believe. */
const WINDOW_MS = 3_000;

/** Samples closer together than this are merged, so that the window holds a few dozen. */
const GRAIN_MS = 100;

/** Bytes a second of a growing count, over the last seconds. Times are ms of any one clock. */
export class RateMeter {
  readonly #samples: { at: number; bytes: number }[] = [];

  /** The count has reached `bytes`. */
  note(bytes: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && at - last.at < GRAIN_MS && this.#samples.length > 1)
      last.bytes = bytes;
    else this.#samples.push({ at, bytes });
    this.#drop(at);
  }

  /** Forgets what was: after a pause the average starts over. */
  reset(): void {
    this.#samples.length = 0;
  }

  bytesPerSec(at: number): number {
    this.#drop(at);
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || at <= first.at) return 0;
    return ((last.bytes - first.bytes) * 1000) / Math.max(at - first.at, GRAIN_MS);
  }

  /** Keeps one sample older than the window as the point to measure from. */
  #drop(at: number): void {
    while (this.#samples.length > 1 && this.#samples[1]!.at <= at - WINDOW_MS)
      this.#samples.shift();
  }
}
