import type { KeptDriver } from './driver.ts';

/** Running browsers that nobody uses. */
export class Pool<D extends KeptDriver> {
  readonly #open: () => Promise<D>;
  readonly #idle: D[] = [];

  constructor(open: () => Promise<D>) {
    this.#open = open;
  }

  take(): Promise<D> {
    const driver = this.#idle.pop();
    return driver === undefined ? this.#open() : Promise.resolve(driver);
  }

  /** Keeps a browser for the next one who asks, or closes it when nothing can be made of it. */
  async putBack(driver: D): Promise<void> {
    try {
      await driver.renew();
      this.#idle.push(driver);
    } catch {
      // Killed, or hung: that was the test.
      await driver.close().catch(() => {});
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((driver) => driver.close()));
  }
}
