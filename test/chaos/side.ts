import type { ChromiumDriver } from '../e2e/harness/chromiumDriver.ts';
import { Person, type SeenTransfer } from '../e2e/harness/person.ts';
import { sleep } from '../e2e/harness/until.ts';
import type { WorkerCounts } from './instruments.ts';
import type { Port } from './network.ts';

const PATIENCE_TO_TAKE_MS = 5_000;
const LOOK_EVERY_MS = 50;

/** A page that is frozen, stopped or loading answers nothing: it is asked again. */
const LOOK_TIMEOUT_MS = 1_500;

/** Counters come from a worker that has better things to do. */
const COUNT_EVERY_MS = 500;

/** What one look at the page found. */
export interface Look {
  /** Of `performance.now()` in this process. */
  readonly atMs: number;
  readonly transfer: SeenTransfer | undefined;
}

/** One of the two browsers, with somebody in front of it who does what the page asks for. */
export class Side {
  readonly person: Person;
  readonly browser: ChromiumDriver;
  readonly port: Port;
  /** Oldest first. */
  readonly looks: Look[] = [];
  /** When the person picked lost files again. */
  readonly pickedAgainAtMs: number[] = [];
  /** Payload bytes handed to lanes by every worker this side had, by worker and block. */
  readonly #sent = new Map<string, WorkerCounts['sent']>();
  readonly #url: string;
  readonly #files: readonly string[];
  #isWatching = false;
  #isPaused = false;
  #countedAtMs = 0;
  #watching: Promise<void> = Promise.resolve();

  /** @param files what the sender picks, and picks again when asked for; the receiver has none */
  constructor(
    name: string,
    browser: ChromiumDriver,
    port: Port,
    url: string,
    files: readonly string[],
  ) {
    this.person = new Person(name, browser);
    this.browser = browser;
    this.port = port;
    this.#url = url;
    this.#files = files;
  }

  get last(): SeenTransfer | undefined {
    return this.looks.at(-1)?.transfer;
  }

  open(): Promise<void> {
    return this.person.open(this.#url);
  }

  /** Kills the browser; the counters are read first. */
  async crash(): Promise<void> {
    await this.count();
    await this.browser.crash();
  }

  /** Arms the lossy disk: its worker stops for good at the next journal write that is durable. */
  async cutPower(): Promise<void> {
    for (const worker of this.#workers()) {
      await worker.evaluate(() =>
        // A function of the instruments, which no type describes.
        (globalThis as unknown as { chaosCutPower(): void }).chaosCutPower(),
      );
    }
  }

  async restart(): Promise<void> {
    await this.browser.start();
    await this.open();
  }

  async reload(): Promise<void> {
    await this.count();
    await this.browser.reload();
  }

  /** Leaves the page as one who goes somewhere else. */
  async leave(): Promise<void> {
    await this.count();
    await this.browser.goto('about:blank');
  }

  /** How often every block was handed to lanes, in bytes. */
  sentByBlock(): ReadonlyMap<number, number> {
    const total = new Map<number, number>();
    for (const sent of this.#sent.values()) {
      for (const [block, bytes] of sent) total.set(block, (total.get(block) ?? 0) + bytes);
    }
    return total;
  }

  watch(): void {
    this.#isWatching = true;
    this.#watching = this.#watch();
  }

  async stopWatching(): Promise<void> {
    this.#isWatching = false;
    await this.#watching;
  }

  /** While a person looks away: nothing is clicked. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
  }

  async count(): Promise<void> {
    // Only the sender hands blocks to lanes.
    if (this.#files.length === 0) return;
    this.#countedAtMs = performance.now();
    for (const worker of this.#workers()) {
      // A function of the instruments, which no type describes.
      const counting = worker.evaluate(() =>
        (globalThis as unknown as { chaosCounts(): WorkerCounts }).chaosCounts(),
      );
      const counts = await answerOf(counting);
      if (counts !== undefined) this.#sent.set(counts.worker, counts.sent);
    }
  }

  /** State, buffered bytes and received messages of every lane of every worker, for the log of a round that failed. */
  async lanes(): Promise<string> {
    const found = this.#workers().map((worker) =>
      answerOf(
        worker.evaluate(() => (globalThis as unknown as { chaosLanes(): unknown }).chaosLanes()),
      ),
    );
    return JSON.stringify(await Promise.all(found));
  }

  #workers() {
    try {
      return this.browser.page.workers().filter((worker) => worker.url().includes('/transfer.'));
    } catch {
      // Between a crash and a restart.
      return [];
    }
  }

  async #watch(): Promise<void> {
    while (this.#isWatching) {
      const transfers = await answerOf(this.#transfers());
      if (transfers !== undefined) {
        const transfer = transfers[0];
        this.looks.push({ atMs: performance.now(), transfer });
        if (!this.#isPaused) await this.#react(transfer);
      }
      if (performance.now() - this.#countedAtMs > COUNT_EVERY_MS) await this.count();
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #transfers(): Promise<readonly SeenTransfer[]> {
    return this.person.transfers();
  }

  async #react(transfer: SeenTransfer | undefined): Promise<void> {
    if (transfer?.faults.includes('source-needed') !== true) return;
    const lastMs = this.pickedAgainAtMs.at(-1);
    // The page needs a moment to take them, more of it on a busy machine; picked twice, they would be a new offer.
    if (lastMs !== undefined && performance.now() - lastMs < PATIENCE_TO_TAKE_MS) return;
    this.pickedAgainAtMs.push(performance.now());
    await answerOf(this.person.pickFiles(...this.#files));
  }
}

/** What `asked` resolves to, or `undefined` when it fails or takes too long. */
async function answerOf<T>(asked: Promise<T>): Promise<T | undefined> {
  const silence = new Promise<undefined>((resolve) =>
    setTimeout(() => resolve(undefined), LOOK_TIMEOUT_MS),
  );
  // The page went away while it was asked: the next one is asked.
  return Promise.race([asked.catch(() => undefined), silence]);
}
