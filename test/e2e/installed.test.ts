import { execFile } from 'node:child_process';
import { copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { readArchive } from './harness/archive.ts';
import type { Driver } from './harness/driver.ts';
import { makeFile, sha256Of } from './harness/material.ts';
import { scenario } from './harness/scenario.ts';
import { sleep, until } from './harness/until.ts';

const run = promisify(execFile);

const MB = 1e6;

/** How long installing, updating or removing the service worker may take on a busy machine, ms. */
const WORKER_TIMEOUT_MS = 20_000;

/** How long a started app may show nothing when there is no network, ms. */
const OFFLINE_START_MS = 1_000;

/** Waits until the service worker has kept everything and answers for the page. */
const waitForShell = (driver: Driver) =>
  until('the service worker', WORKER_TIMEOUT_MS, async () => {
    const isThere = await driver.evaluate(() => navigator.serviceWorker.controller !== null, null);
    return isThere ? true : undefined;
  });

/** What the page shows, once its heading stands, and when it was painted first, ms after its start. */
const firstScreen = (driver: Driver) =>
  until('a heading', WORKER_TIMEOUT_MS, () =>
    driver.evaluate(() => {
      const heading = document.querySelector('h1')?.textContent ?? undefined;
      const [paint] = performance.getEntriesByName('first-contentful-paint');
      return heading === undefined || paint === undefined
        ? undefined
        : { heading, paintedMs: paint.startTime };
    }, null),
  );

scenario('every screen starts offline, within a second', async (stage) => {
  const { driver } = await stage.chromium('ada');
  await waitForShell(driver);
  const { url } = stage.site;
  await stage.site.close();

  const screens = new Map<string, string>();
  for (const address of [
    '/',
    '/#/settings',
    '/any/other/address',
    '/#4821.Zm9vYmFyYmF6cXV4Zm9vYg',
  ]) {
    await driver.goto('about:blank');
    await driver.goto(`${url}${address}`);
    const { heading, paintedMs } = await firstScreen(driver);
    expect(paintedMs).toBeLessThan(OFFLINE_START_MS);
    screens.set(address, heading);
  }
  expect(new Set(screens.values()).size).toBe(3);
  expect(screens.get('/any/other/address')).toBe(screens.get('/'));

  const later = await driver.evaluate(async () => {
    const entries = performance.getEntriesByType('resource').map(({ name }) => name);
    return entries.filter((name) => name.includes('/assets/')).length;
  }, null);
  expect(later).toBeGreaterThan(5);
});

scenario('Firefox starts offline too', async (stage) => {
  const { driver } = await stage.firefox('ada');
  await waitForShell(driver);
  await stage.site.close();
  await driver.goto(stage.site.url);
  expect((await firstScreen(driver)).heading).not.toBe('');
});

scenario('offline, sharing says that the network is missing', async (stage) => {
  const ada = await stage.chromium('ada');
  await waitForShell(ada.driver);
  await stage.site.close();

  await ada.open(stage.site.url);
  await ada.sendText('to be sent later');
  await ada.waitForFault('broker-unreachable');
});

scenario(
  'the kill switch takes the worker out of the way, and the page comes from the network',
  async (stage) => {
    const { driver } = await stage.chromium('ada');
    await waitForShell(driver);
    const site = join(stage.folder, 'site');
    await copyFile(join(site, 'sw-retire.js'), join(site, 'sw.js'));

    await driver.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration?.update();
    }, null);
    // An idle page reloads once its worker is replaced, so a look at it may break off.
    await until('the end of the caches', WORKER_TIMEOUT_MS, () =>
      driver
        .evaluate(async () => ((await caches.keys()).length === 0 ? true : undefined), null)
        .catch(() => undefined),
    );

    await driver.goto(stage.site.url);
    expect((await firstScreen(driver)).heading).not.toBe('');
    await stage.site.close();
    await expect(driver.goto(stage.site.url)).rejects.toThrow('ERR_CONNECTION_REFUSED');
  },
);

/** A page of another site that posts what the manifest tells the system to post when something is shared with us. */
async function sharingPage(site: string): Promise<string> {
  const manifest = await (await fetch(`${site}/manifest.webmanifest`)).json();
  const { action, method, enctype, params } = manifest.share_target;
  return `data:text/html,<form method="${method}" enctype="${enctype}" action="${site}${action}">
    <input name="${params.title}" value="A walk"><input name="${params.text}" value="along the canal">
    <input name="${params.url}" value="https://example.org/walk">
    <input type="file" name="${params.files[0].name}" multiple><button>Share</button></form>`;
}

scenario('files and a text that another app shares are offered', async (stage) => {
  const files = [
    await makeFile(stage.folder, 'lock.mov', 10 * MB),
    await makeFile(stage.folder, 'été "1".txt', 1000),
  ];
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');
  await waitForShell(ada.driver);

  await ada.open(await sharingPage(stage.site.url));
  await ada.driver.setFiles('input[type=file]', files);
  await ada.driver.click('button');
  await ben.joinByCode(await ada.shareCode());
  await ben.accept();
  await ben.accept();
  await ben.waitForPhase('receive', 'done', 60_000, 2);

  const received = await ben.transfers();
  const words = received.map((transfer) => transfer.words).join(' ');
  expect(words).toContain('A walk\nalong the canal\nhttps://example.org/walk');
  expect(words).toContain('lock.mov');
  expect(await ada.driver.evaluate(() => location.hash, null)).toBe('');
  const archived = await readArchive(await ben.saveAll());
  const wanted = await Promise.all(files.map(sha256Of));
  expect(archived.map(({ sha256 }) => sha256).toSorted()).toEqual(wanted.toSorted());
});

/** Builds the app again under another version and serves that instead. */
async function deployNext(folder: string): Promise<void> {
  const next = join(folder, 'next');
  const { NODE_ENV: _, ...env } = process.env;
  await run('node_modules/.bin/vite', ['build', '--logLevel', 'error', '--outDir', next], {
    env: { ...env, BUILD_ID: 'next' },
  });
  const site = join(folder, 'site');
  await rm(site, { recursive: true });
  await rename(next, site);
}

/** Addresses of the build on screen, which have its hashes in them; undefined while the page reloads. */
const buildOf = (driver: Driver) =>
  driver
    .evaluate(() => document.querySelector<HTMLScriptElement>('script[type=module]')?.src, null)
    .catch(() => undefined);

scenario('a new version is offered, never while something runs in any tab', async (stage) => {
  const ada = await stage.chromium('ada');
  const { driver } = ada;
  await waitForShell(driver);
  const old = await buildOf(driver);
  await ada.sendText('do not disturb');
  const code = await ada.shareCode();

  await deployNext(stage.folder);
  await driver.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration?.update();
  }, null);
  await until('the next worker', WORKER_TIMEOUT_MS, () =>
    driver.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return registration?.waiting === null ? undefined : true;
    }, null),
  );
  await sleep(500);
  expect(await isThere(driver, UPDATE)).toBe(false);
  expect(await ada.shareCode()).toBe(code);

  // The share is gone with the page, but another tab is at work.
  await ada.open(stage.site.url);
  await driver.evaluate(() => {
    const held = new Promise((resolve) => document.addEventListener('tab-done', resolve));
    // Granted at once; it lasts until the other tab would be done.
    navigator.locks.request('sluice-at-work', { mode: 'shared' }, () => held).catch(() => {});
  }, null);
  await driver.click(UPDATE);
  await sleep(500);
  expect(await buildOf(driver)).toBe(old);

  await driver.evaluate(() => document.dispatchEvent(new Event('tab-done')), null);
  await driver.click(UPDATE);
  const next = await until('the next version', WORKER_TIMEOUT_MS, async () => {
    const build = await buildOf(driver);
    return build === old ? undefined : build;
  });
  const kept = await driver.evaluate(async () => {
    const names = await caches.keys();
    const requests = names.map(async (name) => (await caches.open(name)).keys());
    return (await Promise.all(requests)).flat().map(({ url }) => url);
  }, null);
  expect(kept).toContain(next);
  expect(kept).not.toContain(old);
});

const UPDATE = '[data-testid="update"]';

const isThere = (driver: Driver, selector: string) =>
  driver.evaluate((wanted) => document.querySelector(wanted) !== null, selector);

scenario('the shortcuts lead to the button and to the field', async (stage) => {
  const { driver } = await stage.chromium('ada');
  const focused = (what: string) =>
    until(`focus on ${what}`, WORKER_TIMEOUT_MS, async () => {
      const name = await driver.evaluate(() => document.activeElement?.tagName, null);
      return name === what ? true : undefined;
    });
  await driver.goto('about:blank');
  await driver.goto(`${stage.site.url}/#/receive`);
  await focused('INPUT');
  await driver.goto(`${stage.site.url}/#/send`);
  await focused('BUTTON');
});
