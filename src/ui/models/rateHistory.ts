/** One point of a throughput plot. */
export interface RateSample {
  /** ms on the page's clock. */
  readonly at: number;
  readonly bytesPerSec: number;
}

/** How far back the plot reaches, and how close together its points are, in ms. */
export const HISTORY_MS = 60_000;
const SAMPLE_MS = 500;

/** The throughput of one link over the last minute. */
export class RateHistory {
  #samples: readonly RateSample[] = [];

  get samples(): readonly RateSample[] {
    return this.#samples;
  }

  /** Takes a reading; one that comes too soon after the last is left out. */
  add(at: number, bytesPerSec: number): void {
    const last = this.#samples[this.#samples.length - 1];
    if (last !== undefined && at - last.at < SAMPLE_MS) return;
    const oldest = at - HISTORY_MS;
    this.#samples = [...this.#samples.filter((sample) => sample.at >= oldest), { at, bytesPerSec }];
  }
}
