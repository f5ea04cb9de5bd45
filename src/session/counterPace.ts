/** Between the first two counts of a run, ms. */
const FIRST_INTERVAL_MS = 200;

const GROWTH = 1.5;

/** This many of the longest intervals without a count end a run. */
const QUIET_INTERVALS = 2;

/**
 * When counters may change again: quickly while something has just begun and everybody looks, then
 * ever more seldom, as drawing them takes from the transfer. Times are ms of any one clock.
 */
export class CounterPace {
  readonly #longestMs: number;
  #intervalMs = FIRST_INTERVAL_MS;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  /** How long a count has to wait. The first one after a quiet time shows at once. */
  waitMs(now: number): number {
    return Math.max(0, this.#shownAt + this.#intervalMs - now);
  }

  /** Counters were shown. */
  show(now: number): void {
    const isNew = now - this.#shownAt > QUIET_INTERVALS * this.#longestMs;
    this.#intervalMs = isNew
      ? FIRST_INTERVAL_MS
      : Math.min(this.#longestMs, this.#intervalMs * GROWTH);
    this.#shownAt = now;
  }
}
