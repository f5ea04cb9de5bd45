/** Longest wait of the tries that are to be quick, ms. */
const QUICK_MS = 500;

/** Waits between tries: doubling from 0.5 s to 8 s, with jitter so that many pages don't return in step. */
export class Backoff {
  readonly #quickTries: number;
  #tries = 0;
  #skip: (() => void) | undefined;

  /** @param quickTries so many waits do not grow yet: somebody is expected any moment */
  constructor(quickTries = 0) {
    this.#quickTries = quickTries;
  }

  /** A try succeeded: the next failure starts over. */
  reset(): void {
    this.#tries = 0;
  }

  /** Ends the wait that runs, if one does, and starts over: something has changed. */
  skip(): void {
    this.reset();
    this.#skip?.();
  }

  /** Resolves after the next wait. Rejects with `signal.reason` when aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const isQuick = this.#tries < this.#quickTries;
    const doublings = isQuick ? this.#tries : this.#tries - this.#quickTries;
    const longest = Math.min(isQuick ? QUICK_MS : 8_000, 500 * 2 ** doublings);
    this.#tries += 1;
    const ms = longest / 2 + (longest / 2) * Math.random();
    await new Promise<void>((resolve, reject) => {
      this.#skip = resolve;
      pause(ms, signal).then(resolve, reject);
    });
  }
}

/** Resolves after `ms`. Rejects with `signal.reason` when aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
