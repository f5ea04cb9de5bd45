import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright';
import { CHROMIUM_FLAGS, findChromium } from '../../browsers.ts';
import {
  ACTION_TIMEOUT_MS,
  callOf,
  DOWNLOAD_TIMEOUT_MS,
  type KeptDriver,
  reportViolations,
  VIOLATION,
} from './driver.ts';
import { browserProcess, killAll, signalAll } from './processes.ts';

export interface ChromiumOptions {
  /** A program that starts Chromium with the arguments it gets, somewhere special. */
  readonly launcher?: string;
  readonly flags?: readonly string[];
  /** Runs before the scripts of every page. Must refer to nothing but itself. */
  readonly beforePage?: () => void;
}

/** A Chromium process with a fresh profile. */
export const openChromium = (options: ChromiumOptions = {}): Promise<ChromiumDriver> =>
  ChromiumDriver.open(options);

export class ChromiumDriver implements KeptDriver {
  readonly browser = 'chromium';
  readonly log: string[] = [];
  readonly problems: string[] = [];
  readonly #options: ChromiumOptions;
  readonly #profile: string;
  #context: BrowserContext | undefined;
  #page: Page | undefined;
  #isDying = false;

  private constructor(profile: string, options: ChromiumOptions) {
    this.#profile = profile;
    this.#options = options;
  }

  static async open(options: ChromiumOptions): Promise<ChromiumDriver> {
    const profile = await mkdtemp(join(tmpdir(), 'sluice-chromium-'));
    const driver = new ChromiumDriver(profile, options);
    await driver.start();
    return driver;
  }

  async start(): Promise<void> {
    const executablePath = this.#options.launcher ?? findChromium();
    if (executablePath === undefined) throw new Error('no Chromium found; set CHROMIUM_PATH');
    this.#isDying = false;
    const context = await chromium.launchPersistentContext(this.#profile, {
      executablePath,
      headless: true,
      args: [...CHROMIUM_FLAGS, ...(this.#options.flags ?? [])],
      viewport: { width: 1280, height: 800 },
    });
    context.setDefaultTimeout(ACTION_TIMEOUT_MS);
    await context.addInitScript(reportViolations, VIOLATION);
    if (this.#options.beforePage !== undefined)
      await context.addInitScript(this.#options.beforePage);
    this.#context = context;
    this.#page = context.pages()[0] ?? (await context.newPage());
    this.#listen(this.#page);
  }

  get pid(): number {
    return browserProcess(this.#profile);
  }

  /** The page in front. */
  get page(): Page {
    if (this.#page === undefined) throw new Error('the browser is not running');
    return this.#page;
  }

  /** A session with the browser's own debugging protocol, for what no tool offers. */
  protocol(): Promise<CDPSession> {
    return this.#running.newCDPSession(this.page);
  }

  /** A second tab beside the page in front. */
  async openTab(url: string): Promise<Page> {
    const tab = await this.#running.newPage();
    this.#listen(tab);
    await tab.goto(url);
    await this.page.bringToFront();
    return tab;
  }

  /** Makes another tab the page in front, and closes the one that was. */
  async moveTo(tab: Page): Promise<void> {
    await this.page.close();
    this.#page = tab;
    await tab.bringToFront();
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url);
  }

  async reload(): Promise<void> {
    await this.page.reload();
  }

  async evaluate<A, T>(inPage: (argument: A) => T | Promise<T>, argument: A): Promise<T> {
    return this.page.evaluate<T>(callOf(inPage, argument));
  }

  async click(selector: string): Promise<void> {
    await this.page.locator(selector).first().click();
  }

  async fill(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).first().fill(text);
  }

  async setFiles(selector: string, paths: readonly string[]): Promise<void> {
    await this.page
      .locator(selector)
      .first()
      .setInputFiles([...paths]);
  }

  async download(start: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download', { timeout: DOWNLOAD_TIMEOUT_MS }),
      start(),
    ]);
    const folder = await mkdtemp(join(this.#profile, 'saved-'));
    const path = join(folder, basename(download.suggestedFilename()));
    await download.saveAs(path);
    return path;
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path, fullPage: true });
  }

  kill(): void {
    this.#isDying = true;
    process.kill(this.pid, 'SIGKILL');
  }

  async crash(): Promise<void> {
    this.#isDying = true;
    await killAll(this.pid);
    this.#context = undefined;
    this.#page = undefined;
  }

  /** Stops every process of the browser, as a closed lid does. */
  suspend(): void {
    signalAll(this.pid, 'SIGSTOP');
  }

  resume(): void {
    signalAll(this.pid, 'SIGCONT');
  }

  async renew(): Promise<void> {
    const used = this.#running.pages();
    const origins = new Set(used.map((page) => new URL(page.url()).origin));
    this.#page = await this.#running.newPage();
    await Promise.all(used.map((page) => page.close()));
    // A later site may get the port of an earlier one.
    const protocol = await this.protocol();
    for (const origin of origins)
      await protocol.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
    await protocol.detach();
    this.log.length = 0;
    this.problems.length = 0;
    this.#listen(this.#page);
  }

  async close(): Promise<void> {
    this.#isDying = true;
    // A browser that is gone already needs no closing.
    await this.#context?.close().catch(() => {});
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  get #running(): BrowserContext {
    if (this.#context === undefined) throw new Error('the browser is not running');
    return this.#context;
  }

  #listen(page: Page): void {
    page.on('console', (message) => {
      const line = `${message.type()}: ${message.text()}`;
      this.log.push(line);
      if (line.includes(VIOLATION)) this.problems.push(line);
    });
    page.on('pageerror', (error) =>
      this.problems.push(`uncaught: ${error.stack ?? error.message}`),
    );
    page.on('crash', () => {
      if (!this.#isDying) this.problems.push('the page crashed');
    });
  }
}
