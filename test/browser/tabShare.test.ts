import { afterEach, expect, test, vi } from 'vitest';
import type { ShareCredentials } from '../../src/ports/meeting.ts';
import type { KeptContent } from '../../src/ports/shareKeep.ts';
import { TabShare, unmarkTab } from '../../src/storage/tabShare.ts';
import { noise } from '../contracts/noise.ts';

const CREDENTIALS: ShareCredentials = {
  nameplate: '4821',
  token: 'mine',
  linkSecret: noise(16),
  words: ['acid', 'acorn', 'acre'],
  burnedCount: 1,
  isOnePersonOnly: false,
  hasSucceeded: true,
};

const content = (title: string, bytes?: BlobPart): KeptContent => ({
  kind: 'files',
  title,
  text: undefined,
  entries: [{ kind: 'file', path: [title], sizeBytes: 5, modifiedAt: 7 }],
  bytes: bytes === undefined ? undefined : new Blob([bytes]),
});

/** Pages of one tab, one after another, on databases of their own. */
function newTab(isOurs = async (_: string) => true) {
  const database = `sluice-test-${crypto.randomUUID()}`;
  return () => new TabShare(database, isOurs);
}

afterEach(() => {
  vi.restoreAllMocks();
  unmarkTab();
});

test('a share outlives its page, with what was put into it', async () => {
  const openPage = newTab();
  const page = openPage();
  expect(sessionStorage.length).toBe(0);
  await page.put({ ...CREDENTIALS, burnedCount: 0 });
  await page.add(content('a.txt', 'hello'));
  await page.add(content('much.mkv'));
  await page.put(CREDENTIALS);
  expect(sessionStorage.length).toBe(1);

  const next = openPage();
  const kept = await next.take();
  expect(kept?.credentials).toEqual(CREDENTIALS);
  expect(kept?.contents.map(({ title }) => title)).toEqual(['a.txt', 'much.mkv']);
  expect(await kept?.contents[0]?.bytes?.text()).toBe('hello');
  expect(kept?.contents[1]?.bytes).toBeUndefined();
  await next.add(content('b.txt', 'again'));
  const third = await openPage().take();
  expect(third?.contents.map(({ title }) => title)).toEqual(['a.txt', 'much.mkv', 'b.txt']);
});

test('a share that was stopped leaves nothing, and the next one is another', async () => {
  const openPage = newTab();
  const page = openPage();
  await page.put(CREDENTIALS);
  await page.add(content('a.txt', 'hello'));
  await page.forget();
  expect(sessionStorage.length).toBe(0);
  expect(await openPage().take()).toBeUndefined();
  await page.put(CREDENTIALS);
  expect((await openPage().take())?.contents).toEqual([]);
});

test('a tab that was duplicated leaves the share to the first', async () => {
  let isFree = true;
  const openPage = newTab(async () => isFree);
  await openPage().put(CREDENTIALS);
  isFree = false;
  expect(await openPage().take()).toBeUndefined();
});

test('bytes that are not those of the entries count as not kept', async () => {
  const openPage = newTab();
  const page = openPage();
  await page.put(CREDENTIALS);
  await page.add(content('a.txt', 'hell'));
  expect((await openPage().take())?.contents[0]?.bytes).toBeUndefined();
});

test('what a closed tab left is swept after a day, but not before, nor where a tab lives', async () => {
  let isClosed = true;
  const openPage = newTab(async () => isClosed);
  const page = openPage();
  await page.put(CREDENTIALS);
  await page.add(content('a.txt', 'hello'));
  await openPage().sweep();
  expect((await openPage().take())?.contents).toHaveLength(1);

  const now = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(now + 25 * 60 * 60 * 1000);
  expect(await openPage().take()).toBeUndefined();
  isClosed = false;
  await openPage().sweep();
  vi.restoreAllMocks();
  isClosed = true;
  expect((await openPage().take())?.contents).toHaveLength(1);
  vi.spyOn(Date, 'now').mockReturnValue(now + 25 * 60 * 60 * 1000);
  await openPage().sweep();
  vi.restoreAllMocks();
  expect(await openPage().take()).toBeUndefined();
});
