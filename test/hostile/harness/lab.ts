import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser as Chromium, type Page as ChromiumPage, chromium } from 'playwright';
import puppeteer, {
  type ElementHandle,
  type Browser as Firefox,
  type Page as FirefoxPage,
} from 'puppeteer-core';
import { CHROMIUM_FLAGS, findChromium, findFirefox } from '../../browsers.ts';
import {
  ACTION_TIMEOUT_MS,
  callOf,
  type Driver,
  reportViolations,
  VIOLATION,
} from '../../e2e/harness/driver.ts';
import { Person } from '../../e2e/harness/person.ts';
import { browserProcess, descendants } from '../../e2e/harness/processes.ts';
import { type HostileSite, startHostileSite } from './hostileSite.ts';

export type BrowserName = 'chromium' | 'firefox';

/**
 * One process of each browser for a whole file of tests, with a tab for everyone: tabs share no
 * storage. Starting a browser costs more than most of these tests.
 */
export class Lab {
  readonly site: HostileSite;
  readonly folder: string;
  readonly #hasServiceWorkers: boolean;
  readonly #mark = `--sluice-lab-${randomUUID()}`;
  readonly #tabs: { readonly person: Person; readonly close: () => Promise<void> }[] = [];
  #chromium: Promise<Chromium> | undefined;
  #firefox: Promise<Firefox> | undefined;

  private constructor(site: HostileSite, folder: string, hasServiceWorkers: boolean) {
    this.site = site;
    this.folder = folder;
    this.#hasServiceWorkers = hasServiceWorkers;
  }

  /** @param hasServiceWorkers whether pages may have one: filling its cache costs more than most of these tests */
  static async open({ hasServiceWorkers }: { readonly hasServiceWorkers: boolean }): Promise<Lab> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-hostile-'));
    // A copy, so that building meanwhile does not pull the site from under the tests.
    const dist = join(folder, 'site');
    await cp(process.env['SLUICE_DIST'] ?? 'dist', dist, { recursive: true });
    return new Lab(await startHostileSite(dist), folder, hasServiceWorkers);
  }

  /** Somebody with a tab of their own, looking at the home screen or at another page of the site. */
  async person(name: string, browser: BrowserName, url = this.site.url): Promise<Person> {
    const person = await (browser === 'chromium'
      ? this.#chromiumTab(name)
      : this.#firefoxTab(name));
    await person.open(url);
    return person;
  }

  /** Bytes of memory a browser and all its helpers have. */
  async residentBytes(browser: BrowserName): Promise<number> {
    const firefox = await this.#firefox;
    const root =
      browser === 'chromium' ? browserProcess(this.#mark) : (firefox?.process()?.pid ?? 0);
    const pids = [root, ...descendants(root).map(({ pid }) => pid)];
    return pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0);
  }

  /** What pages did that no page may do, since the last time it was asked: violations, uncaught errors. */
  takeProblems(): readonly string[] {
    return this.#tabs.flatMap(({ person }) => {
      const { problems } = person.driver;
      // The list is the driver's; it is a plain array.
      return (problems as string[]).splice(0).map((line) => `${person.name}: ${line}`);
    });
  }

  /** Closes every tab; the browsers stay. */
  async clear(): Promise<void> {
    await Promise.all(this.#tabs.splice(0).map(({ close }) => close().catch(() => {})));
  }

  async close(): Promise<void> {
    await this.clear();
    const [chromiumBrowser, firefoxBrowser] = await Promise.all([this.#chromium, this.#firefox]);
    await chromiumBrowser?.close();
    await firefoxBrowser?.close();
    await this.site.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #chromiumTab(name: string): Promise<Person> {
    const executablePath = findChromium();
    if (executablePath === undefined) throw new Error('no Chromium found; set CHROMIUM_PATH');
    this.#chromium ??= chromium.launch({
      executablePath,
      headless: true,
      args: [...CHROMIUM_FLAGS, this.#mark],
    });
    const serviceWorkers = this.#hasServiceWorkers ? 'allow' : 'block';
    const context = await (await this.#chromium).newContext({ serviceWorkers });
    context.setDefaultTimeout(ACTION_TIMEOUT_MS);
    await context.addInitScript(reportViolations, VIOLATION);
    const page = await context.newPage();
    const person = new Person(name, new ChromiumTab(page));
    this.#tabs.push({ person, close: () => context.close() });
    return person;
  }

  async #firefoxTab(name: string): Promise<Person> {
    const executablePath = findFirefox();
    if (executablePath === undefined) throw new Error('no Firefox found; set FIREFOX_PATH');
    this.#firefox ??= puppeteer.launch({
      browser: 'firefox',
      executablePath,
      headless: true,
      extraPrefsFirefox: {
        'media.peerconnection.ice.obfuscate_host_addresses': false,
        'dom.serviceWorkers.enabled': this.#hasServiceWorkers,
      },
    });
    const context = await (await this.#firefox).createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(ACTION_TIMEOUT_MS);
    await page.evaluateOnNewDocument(reportViolations, VIOLATION);
    const person = new Person(name, new FirefoxTab(page));
    this.#tabs.push({ person, close: () => context.close() });
    return person;
  }
}

/** Resident memory as Linux counts it; 0 for a process that ended meanwhile. */
function residentBytesOf(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    // Ended between listing and reading.
    return 0;
  }
}

const SHARED = 'a tab of the lab shares its browser';

/** What both kinds of tab leave out: the browser is shared, and nothing is saved. */
abstract class Tab {
  readonly log: string[] = [];
  readonly problems: string[] = [];
  readonly pid = 0;

  protected note(line: string): void {
    this.log.push(line);
    if (line.includes(VIOLATION)) this.problems.push(line);
  }

  download(): Promise<string> {
    throw new Error('a tab of the lab saves nothing');
  }

  kill(): void {
    throw new Error(SHARED);
  }

  start(): Promise<void> {
    throw new Error(SHARED);
  }

  crash(): Promise<void> {
    throw new Error(SHARED);
  }
}

class ChromiumTab extends Tab implements Driver {
  readonly browser = 'chromium';
  readonly #page: ChromiumPage;

  constructor(page: ChromiumPage) {
    super();
    this.#page = page;
    page.on('console', (message) => this.note(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) =>
      this.problems.push(`uncaught: ${error.stack ?? error.message}`),
    );
    page.on('crash', () => this.problems.push('the page crashed'));
  }

  async goto(url: string): Promise<void> {
    await this.#page.goto(url);
  }

  async reload(): Promise<void> {
    await this.#page.reload();
  }

  async evaluate<A, T>(inPage: (argument: A) => T | Promise<T>, argument: A): Promise<T> {
    return this.#page.evaluate<T>(callOf(inPage, argument));
  }

  async click(selector: string): Promise<void> {
    await this.#page.locator(selector).first().click();
  }

  async fill(selector: string, text: string): Promise<void> {
    await this.#page.locator(selector).first().fill(text);
  }

  async setFiles(selector: string, paths: readonly string[]): Promise<void> {
    await this.#page
      .locator(selector)
      .first()
      .setInputFiles([...paths]);
  }

  async screenshot(path: string): Promise<void> {
    await this.#page.screenshot({ path, fullPage: true });
  }

  async close(): Promise<void> {
    await this.#page.close();
  }
}

class FirefoxTab extends Tab implements Driver {
  readonly browser = 'firefox';
  readonly #page: FirefoxPage;

  constructor(page: FirefoxPage) {
    super();
    this.#page = page;
    page.on('console', (message) => this.note(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => {
      // Firefox reports a broken connection as if somebody had thrown it, and ours break on purpose.
      if (!/connection to (the server at )?wss?:|ICE failed/.test(String(error)))
        this.problems.push(`uncaught: ${String(error)}`);
    });
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

  /** In front first: a tab behind another draws nothing, and the tool waits for it to stand still. */
  async click(selector: string): Promise<void> {
    await this.#page.bringToFront();
    await this.#page.locator(selector).click();
  }

  async fill(selector: string, text: string): Promise<void> {
    await this.#page.bringToFront();
    await this.#page.locator(selector).fill(text);
  }

  async setFiles(selector: string, paths: readonly string[]): Promise<void> {
    // The caller names one of our file inputs.
    const input = (await this.#page.waitForSelector(selector)) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...paths);
  }

  async screenshot(path: string): Promise<void> {
    await this.#page.screenshot({ path: `${path.replace(/\.png$/, '')}.png` });
  }

  async close(): Promise<void> {
    await this.#page.close();
  }
}
