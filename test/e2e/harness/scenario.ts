import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type LocalServer, startServer } from '../../server/server.ts';
import { type ChromiumDriver, openChromium } from './chromiumDriver.ts';
import type { KeptDriver } from './driver.ts';
import { openFirefox } from './firefoxDriver.ts';
import { Person } from './person.ts';
import { Pool } from './pool.ts';

const OUTPUT = 'test-output';

/** Browsers that the next test of this file may have: starting one costs more than most tests. */
const chromiums = new Pool(openChromium);
const firefoxes = new Pool(openFirefox);
afterAll(async () => {
  await Promise.all([chromiums.close(), firefoxes.close()]);
});

/** One test's own site and broker, a folder for its files, and the people it asks for. */
export class Stage {
  readonly site: LocalServer;
  /** Removed after the test. */
  readonly folder: string;
  readonly #people: Person<KeptDriver>[] = [];
  /** What gives each person's browser to the next test. */
  readonly #returns: (() => Promise<void>)[] = [];

  constructor(site: LocalServer, folder: string) {
    this.site = site;
    this.folder = folder;
  }

  /** Somebody with a Chromium of their own, looking at the home screen. */
  async chromium(name: string): Promise<Person<ChromiumDriver>> {
    return this.#enter(name, chromiums);
  }

  /** Somebody with a Firefox of their own, looking at the home screen. */
  async firefox(name: string): Promise<Person<KeptDriver>> {
    return this.#enter(name, firefoxes);
  }

  async #enter<D extends KeptDriver>(name: string, pool: Pool<D>): Promise<Person<D>> {
    const driver = await pool.take();
    const person = new Person(name, driver);
    this.#people.push(person);
    this.#returns.push(() => pool.putBack(driver));
    await person.open(this.site.url);
    return person;
  }

  /** No page broke the security policy, threw what nobody caught, or crashed. */
  expectNoProblems(): void {
    const problems = this.#people.map(({ name, driver }) => [name, driver.problems]);
    expect(problems).toEqual(this.#people.map(({ name }) => [name, []]));
  }

  /** Leaves a picture of every page, and what it logged, in `test-output/`. */
  async record(title: string): Promise<void> {
    await mkdir(OUTPUT, { recursive: true });
    for (const { name, driver } of this.#people) {
      const path = join(OUTPUT, `${title} ${name}`.replaceAll(/[^\w]+/g, '-'));
      await writeFile(`${path}.log`, [...driver.problems, '', ...driver.log].join('\n'));
      // A browser that was killed or hangs has no picture; the test's own error matters more.
      await driver.screenshot(`${path}.png`).catch(() => {});
    }
  }

  /** Ends a test that went well: what its browsers are now is known. */
  async putAway(): Promise<void> {
    await Promise.all(this.#returns.splice(0).map((putBack) => putBack()));
    await this.#close();
  }

  /** Ends a test that did not. */
  async breakOff(): Promise<void> {
    // A browser that is gone already cannot be closed, and that is what was wanted.
    await Promise.all(this.#people.map(({ driver }) => driver.close().catch(() => {})));
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.site.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A test on a stage of its own. Whatever goes wrong is recorded, and everything is closed. */
export function scenario(title: string, play: (stage: Stage) => Promise<void>): void {
  test(title, async ({ signal }) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-e2e-'));
    // A copy, so that building meanwhile does not pull the site from under the test.
    const dist = join(folder, 'site');
    await cp('dist', dist, { recursive: true });
    const site = await startServer({ port: 0, host: 'localhost', dist });
    const stage = new Stage(site, folder);
    // Vitest gives up on a test without ending it: record and close from here as well.
    signal.addEventListener('abort', () => {
      stage
        .record(title)
        .then(() => stage.breakOff())
        .catch(() => {});
    });
    try {
      await play(stage);
      stage.expectNoProblems();
    } catch (error) {
      await stage.record(title);
      await stage.breakOff();
      throw error;
    }
    await stage.putAway();
  });
}
