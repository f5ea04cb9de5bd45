import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core';
import { findFirefox } from '../../browsers.ts';
import {
  ACTION_TIMEOUT_MS,
  callOf,
  DOWNLOAD_TIMEOUT_MS,
  type Driver,
  reportViolations,
  VIOLATION,
} from './driver.ts';
import { until } from './until.ts';

/** A Firefox process with a fresh profile and a download folder of its own. */
export async function openFirefox(): Promise<Driver> {
  const executablePath = findFirefox();
  if (executablePath === undefined) throw new Error('no Firefox found; set FIREFOX_PATH');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-firefox-'));
  const downloads = join(folder, 'downloads');
  const profile = join(folder, 'profile');
  await mkdir(downloads);
  await mkdir(profile);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    userDataDir: profile,
    extraPrefsFirefox: {
      'browser.download.folderList': 2,
      'browser.download.dir': downloads,
      'browser.download.useDownloadDir': true,
      'browser.download.always_ask_before_handling_new_types': false,
      'browser.download.alwaysOpenPanel': false,
      'browser.helperApps.neverAsk.saveToDisk': 'application/octet-stream,application/zip',
      // Plain host candidates: mDNS needs a responder that a container does not have.
      'media.peerconnection.ice.obfuscate_host_addresses': false,
    },
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  page.setDefaultTimeout(ACTION_TIMEOUT_MS);
  await page.evaluateOnNewDocument(reportViolations, VIOLATION);
  return new FirefoxDriver(browser, page, folder, downloads);
}

class FirefoxDriver implements Driver {
  readonly browser = 'firefox';
  readonly log: string[] = [];
  readonly problems: string[] = [];
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #folder: string;
  readonly #downloads: string;

  constructor(browser: Browser, page: Page, folder: string, downloads: string) {
    this.#browser = browser;
    this.#page = page;
    this.#folder = folder;
    this.#downloads = downloads;
    page.on('console', (message) => {
      const line = `${message.type()}: ${message.text()}`;
      this.log.push(line);
      if (line.includes(VIOLATION)) this.problems.push(line);
    });
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${String(error)}`));
  }

  get pid(): number {
    return this.#browser.process()?.pid ?? 0;
  }

  async goto(url: string): Promise<void> {
    await this.#page.goto(url);
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
    const before = new Set(await readdir(this.#downloads));
    await start();
    let sizeBytes = -1;
    const name = await until(
      'a download',
      DOWNLOAD_TIMEOUT_MS,
      async () => {
        const added = (await readdir(this.#downloads)).filter((file) => !before.has(file));
        // Firefox writes to a .part file beside an empty file of the final name.
        const [file] = added;
        if (file === undefined || added.some((other) => other.endsWith('.part'))) return undefined;
        const { size } = await stat(join(this.#downloads, file));
        const isQuiet = size === sizeBytes;
        sizeBytes = size;
        return isQuiet ? file : undefined;
      },
      async () => `the folder holds ${(await readdir(this.#downloads)).join(', ')}`,
    );
    return join(this.#downloads, name);
  }

  async screenshot(path: string): Promise<void> {
    await this.#page.screenshot({ path: `${path.replace(/\.png$/, '')}.png` });
  }

  kill(): void {
    this.#browser.process()?.kill('SIGKILL');
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
