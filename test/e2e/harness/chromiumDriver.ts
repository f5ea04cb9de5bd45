import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright';
import { CHROMIUM_FLAGS, findChromium } from '../../browsers.ts';
import {
  ACTION_TIMEOUT_MS,
  callOf,
  DOWNLOAD_TIMEOUT_MS,
  type Driver,
  reportViolations,
  VIOLATION,
} from './driver.ts';
import { browserProcess } from './processes.ts';

/** A Chromium process with a fresh profile. */
export async function openChromium(): Promise<Driver> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium found; set CHROMIUM_PATH');
  const profile = await mkdtemp(join(tmpdir(), 'sluice-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: CHROMIUM_FLAGS,
    viewport: { width: 1280, height: 800 },
  });
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  await context.addInitScript(reportViolations, VIOLATION);
  const page = context.pages()[0] ?? (await context.newPage());
  return new ChromiumDriver(context, page, profile);
}

class ChromiumDriver implements Driver {
  readonly browser = 'chromium';
  readonly log: string[] = [];
  readonly problems: string[] = [];
  readonly #context: BrowserContext;
  readonly #page: Page;
  readonly #profile: string;

  constructor(context: BrowserContext, page: Page, profile: string) {
    this.#context = context;
    this.#page = page;
    this.#profile = profile;
    page.on('console', (message) => {
      const line = `${message.type()}: ${message.text()}`;
      this.log.push(line);
      if (line.includes(VIOLATION)) this.problems.push(line);
    });
    page.on('pageerror', (error) =>
      this.problems.push(`uncaught: ${error.stack ?? error.message}`),
    );
    page.on('crash', () => this.problems.push('the page crashed'));
  }

  get pid(): number {
    return browserProcess(this.#profile);
  }

  async goto(url: string): Promise<void> {
    await this.#page.goto(url);
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

  async download(start: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([
      this.#page.waitForEvent('download', { timeout: DOWNLOAD_TIMEOUT_MS }),
      start(),
    ]);
    const folder = await mkdtemp(join(this.#profile, 'saved-'));
    const path = join(folder, basename(download.suggestedFilename()));
    await download.saveAs(path);
    return path;
  }

  async screenshot(path: string): Promise<void> {
    await this.#page.screenshot({ path, fullPage: true });
  }

  kill(): void {
    process.kill(this.pid, 'SIGKILL');
  }

  async close(): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
