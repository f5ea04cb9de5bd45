import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../e2e/harness/person.ts';
import { until } from '../e2e/harness/until.ts';
import { type BrowserName, Lab } from './harness/lab.ts';
import { listStorage } from './harness/listStorage.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open({ hasServiceWorkers: true });
});
afterAll(() => lab.close());

/** A picture of one pixel, and what would run if anything did. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const RUN = 'window.wasRun = true; top.wasRun = true; parent.wasRun = true';
const HTML = `<!doctype html><script>${RUN}</script><img src=x onerror="${RUN}">`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"><script>${RUN}</script></svg>`;

const HOSTILE_FILES: readonly (readonly [name: string, content: string | Buffer])[] = [
  ['page.html', HTML],
  ['drawing.svg', SVG],
  ['drawing.png', SVG],
  ['photo.jpg', HTML],
  ['pixel.png', PNG],
  [`<img src=x onerror="${RUN}">.txt`, 'a'],
  [`"'><script>${RUN}<!--.html`, HTML],
  ['javascript:alert(1)', 'a'],
  ['{{constructor.constructor("wasRun=1")()}}.txt', 'a'],
];
const TEXT = `${HTML} ${SVG} javascript:wasRun=1 https://example.org/"onmouseover="wasRun=1`;

/** What a page must not have done, and must not hold. Runs in the page. */
function whatRan() {
  return {
    wasRun: 'wasRun' in window,
    active: [...document.querySelectorAll('script:not([src]), iframe, object, embed, frame, base')]
      .map(({ outerHTML }) => outerHTML)
      .concat(
        [...document.querySelectorAll('*')]
          .filter((each) => [...each.attributes].some(({ name }) => name.startsWith('on')))
          .map(({ outerHTML }) => outerHTML),
      ),
    links: [...document.querySelectorAll('a')].map(({ href }) => new URL(href).protocol),
    /** What the pictures on the page were decoded from. */
    pictures: [...document.querySelectorAll('img')].map(({ src, naturalWidth }) => [
      new URL(src).protocol,
      naturalWidth,
    ]),
    title: document.title,
    addresses: [
      location.href,
      document.referrer,
      JSON.stringify(history.state),
      // The whole session history, where a page can read it.
      ...((globalThis as { navigation?: { entries(): { url: string }[] } }).navigation
        ?.entries()
        .map(({ url }) => url) ?? []),
    ],
  };
}

const consoleErrors = ({ driver }: Person) =>
  driver.log.filter((line) => /^error|Permissions-Policy/.test(line));

const click = (person: Person, selector: string) => person.driver.click(selector);

async function seeScreen(person: Person, hash: string): Promise<void> {
  await person.driver.evaluate((to) => {
    location.hash = to;
  }, hash);
  await until(`a heading at ${hash}`, 10_000, () =>
    person.driver.evaluate(
      () => (document.querySelector('h1') === null ? undefined : true),
      undefined,
    ),
  );
}

/** What is stored; `undefined` while the page is on its way to the next, or erases. */
const kept = ({ driver }: Person) => driver.evaluate(listStorage, undefined).catch(() => undefined);

afterEach(async () => {
  const problems = lab.takeProblems();
  await lab.clear();
  expect(problems).toEqual([]);
});

describe.each<BrowserName>(['chromium', 'firefox'])('every screen, in %s', (browser) => {
  test('runs nothing of a stranger, breaks no policy, logs no error and gives no secret away', async () => {
    const ada = await lab.person('ada', browser);
    const ben = await lab.person('ben', browser);
    for (const hash of ['#/settings', '#/doctor', '#/']) await seeScreen(ada, hash);

    const paths = HOSTILE_FILES.map(([name]) => join(lab.folder, name));
    for (const [i, [, content]] of HOSTILE_FILES.entries()) await writeFile(paths[i]!, content);
    await ada.sendText(TEXT);
    await ada.pickFiles(...paths);
    const [code, link] = [await ada.shareCode(), await ada.shareLink()];
    await ben.joinByCode('no code at all');
    await ben.waitForFault('code-malformed');
    await ben.joinByLink(link);
    await ben.accept();
    await ben.accept();
    await ben.waitForPhase('receive', 'done', 20_000, 2);
    await until('the picture', 10_000, async () =>
      (await ben.driver.evaluate(whatRan, undefined)).pictures.some(([, width]) => width === 1)
        ? true
        : undefined,
    );

    const secret = link.slice(link.indexOf('.', link.indexOf('#')) + 1);
    const words = code.split('-').slice(1).join('-');
    for (const person of [ada, ben]) {
      const seen = await person.driver.evaluate(whatRan, undefined);
      expect(seen.wasRun).toBe(false);
      expect(seen.active).toEqual([]);
      expect(seen.links.filter((protocol) => !/^https?:$/.test(protocol))).toEqual([]);
      const told = [seen.title, ...seen.addresses, ...person.driver.log].join('\n');
      expect(told).not.toContain(secret);
      expect(told).not.toContain(words);
      expect(consoleErrors(person)).toEqual([]);
    }
    const { pictures } = await ben.driver.evaluate(whatRan, undefined);
    expect(pictures).toEqual([['blob:', 1]]);
    expect((await ben.transfers()).map(({ words: shown }) => shown).join()).toContain(TEXT);
  });

  test('erasing leaves nothing behind, in the middle of a transfer too', async () => {
    const ada = await lab.person('ada', browser);
    const ben = await lab.person('ben', browser);
    const path = join(lab.folder, 'long.bin');
    await writeFile(path, Buffer.alloc(60_000_000, 7));
    await ada.pickFiles(path);
    await ben.joinByLink(await ada.shareLink());
    await ben.accept();
    await ben.waitForBytes('receive', 2_000_000);
    expect((await ben.driver.evaluate(listStorage, undefined)).length).toBeGreaterThan(1);

    await seeScreen(ben, '#/settings');
    await click(ben, '.button-danger');
    await click(ben, '.ask .button-danger');
    await until(
      'nothing kept',
      20_000,
      async () => ((await kept(ben))?.length === 0 ? true : undefined),
      async () => String(await kept(ben)),
    );
    expect(await ben.transfers()).toEqual([]);
    expect(
      await ben.driver.evaluate(() => localStorage.length + sessionStorage.length, undefined),
    ).toBe(0);
  });
});

test('a download is bytes without a type, and leads nowhere', async () => {
  const ada = await lab.person('ada', 'chromium');
  const ben = await lab.person('ben', 'chromium');
  const path = join(lab.folder, 'page.html');
  await writeFile(path, HTML);
  await ada.pickFiles(path);
  await ben.joinByLink(await ada.shareLink());
  await ben.accept();
  await ben.waitForPhase('receive', 'done');
  await ben.driver.evaluate(() => {
    const create = URL.createObjectURL;
    URL.createObjectURL = (made: Blob) => {
      document.body.dataset['madeTypes'] =
        `${document.body.dataset['madeTypes'] ?? ''} ${made.type}`;
      return create(made);
    };
  }, undefined);
  await click(ben, '[data-testid="save"]');
  const types = await until('a download', 10_000, () =>
    ben.driver.evaluate(() => document.body.dataset['madeTypes'], undefined),
  );
  expect(types.trim()).toBe('application/octet-stream');
  expect(await ben.driver.evaluate(() => location.origin, undefined)).toBe(lab.site.url);
});
