import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core';
import { findFirefox } from '../../browsers.ts';
import {
  ACTION_TIMEOUT_MS,
  callOf,
  DOWNLOAD_TIMEOUT_MS,
  type KeptDriver,
  reportViolations,
  VIOLATION,
} from './driver.ts';
import { killAll } from './processes.ts';
import { until } from './until.ts';

/** A Firefox process with a fresh profile and a download folder of its own. */
export async function openFirefox(): Promise<KeptDriver> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-firefox-'));
  const driver = new FirefoxDriver(folder);
  for (const needed of [driver.downloads, driver.profile]) await mkdir(needed);
  await driver.start();
  return driver;
}

class FirefoxDriver implements KeptDriver {
  readonly browser = 'firefox';
  readonly log: string[] = [];
  readonly problems: string[] = [];
  readonly #folder: string;
  #browser: Browser | undefined;
  #tab: Page | undefined;

  /** @param folder of this browser alone */
  constructor(folder: string) {
    this.#folder = folder;
  }

  get downloads(): string {
    return join(this.#folder, 'downloads');
  }

  get profile(): string {
    return join(this.#folder, 'profile');
  }

  async start(): Promise<void> {
    const executablePath = findFirefox();
    if (executablePath === undefined) throw new Error('no Firefox found; set FIREFOX_PATH');
    this.#browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      headless: true,
      userDataDir: this.profile,
      extraPrefsFirefox: {
        'browser.download.folderList': 2,
        'browser.download.dir': this.downloads,
        'browser.download.useDownloadDir': true,
        'browser.download.always_ask_before_handling_new_types': false,
        'browser.download.alwaysOpenPanel': false,
        'browser.helperApps.neverAsk.saveToDisk': 'application/octet-stream,application/zip',
        // Plain host candidates: mDNS needs a responder that a container does not have.
        'media.peerconnection.ice.obfuscate_host_addresses': false,
      },
    });
    await this.#openTab(this.#browser);
  }

  async #openTab(browser: Browser): Promise<void> {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    page.setDefaultTimeout(ACTION_TIMEOUT_MS);
    await page.evaluateOnNewDocument(reportViolations, VIOLATION);
    page.on('console', (message) => {
      const line = `${message.type()}: ${message.text()}`;
      this.log.push(line);
      if (line.includes(VIOLATION)) this.problems.push(line);
    });
    page.on('pageerror', (error) => {
      // Firefox reports a broken connection as if somebody had thrown it, and ours break on purpose.
      if (!/connection to (the server at )?wss?:|ICE failed/.test(String(error)))
        this.problems.push(`uncaught: ${String(error)}`);
    });
    this.#tab = page;
  }

  get pid(): number {
    return this.#browser?.process()?.pid ?? 0;
  }

  get #page(): Page {
    if (this.#tab === undefined) throw new Error('the browser is not running');
    return this.#tab;
  }

  async goto(url: string): Promise<void> {
    await this.#page.goto(url);
  }

  async reload(): Promise<void> {
    await this.#page.reload();
  }

  async evaluate<A, T>(inPage: (argument: A) => T | Promise<T>, argument: A): Promise<T> {
    // The text evaluates to what `inPage` returns; the tool types it as unknown.
    return (await this.#page.evaluate(callOf(inPage, argument))) as T;
  }

  async click(selector: string): Promise<void> {
    await this.#page.locator(selector).click();
  }

  async fill(selector: string, text: string): Promise<void> {
    await this.#page.locator(selector).fill(text);
  }

  async setFiles(selector: string, paths: readonly string[]): Promise<void> {
    // The caller names one of our file inputs.
    const input = (await this.#page.waitForSelector(selector)) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...paths);
  }

  async download(start: () => Promise<void>): Promise<string> {
    const before = new Set(await readdir(this.downloads));
    await start();
    let sizeBytes = -1;
    const name = await until(
      'a download',
      DOWNLOAD_TIMEOUT_MS,
      async () => {
        const added = (await readdir(this.downloads)).filter((file) => !before.has(file));
        // Firefox writes to a .part file beside an empty file of the final name.
        const [file] = added;
        if (file === undefined || added.some((other) => other.endsWith('.part'))) return undefined;
        // It may get its final name between the two looks.
        const size = await stat(join(this.downloads, file)).then(
          (found) => found.size,
          () => undefined,
        );
        if (size === undefined) return undefined;
        const isQuiet = size === sizeBytes;
        sizeBytes = size;
        return isQuiet ? file : undefined;
      },
      async () => `the folder holds ${(await readdir(this.downloads)).join(', ')}`,
    );
    return join(this.downloads, name);
  }

  async screenshot(path: string): Promise<void> {
    await this.#page.screenshot({ path: `${path.replace(/\.png$/, '')}.png` });
  }

  kill(): void {
    this.#browser?.process()?.kill('SIGKILL');
  }

  async crash(): Promise<void> {
    await killAll(this.pid);
    this.#browser = undefined;
    this.#tab = undefined;
  }

  async renew(): Promise<void> {
    if (this.#browser === undefined) throw new Error('the browser is not running');
    const used = this.#page;
    // What it keeps of the last site stays: no tool of ours erases it, and another port is another origin.
    await this.#openTab(this.#browser);
    await used.close();
    this.log.length = 0;
    this.problems.length = 0;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
