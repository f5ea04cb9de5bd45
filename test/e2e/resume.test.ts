import { basename } from 'node:path';
import { expect } from 'vitest';
import { JOURNAL_DATABASE } from '../../src/storage/idbJournal.ts';
import { SEND_SOURCES_DATABASE } from '../../src/storage/idbSendJournal.ts';
import { SHARE_DATABASE } from '../../src/storage/tabShare.ts';
import { readArchive } from './harness/archive.ts';
import type { KeptDriver } from './harness/driver.ts';
import { makeFile, sha256Of } from './harness/material.ts';
import type { Person } from './harness/person.ts';
import { type Stage, scenario } from './harness/scenario.ts';
import { until } from './harness/until.ts';

const MB = 1e6;

/** A page keeps the files it sends up to 64 MiB together, and asks for more than that again. */
const KEPT_BYTES = 60 * MB;
const ASKED_FOR_BYTES = 70 * MB;

/** How long two pages that are both open may take to find each other again, ms. */
const REJOIN_TIMEOUT_MS = 30_000;

/** Ada sends Ben a big file, a small one and an empty one, and he has some of it. */
async function midway(
  stage: Stage,
  ada: Person,
  ben: Person,
  bigBytes = KEPT_BYTES,
): Promise<readonly string[]> {
  const files = await Promise.all([
    makeFile(stage.folder, 'big.bin', bigBytes),
    makeFile(stage.folder, 'small.bin', 12_345),
    makeFile(stage.folder, 'empty.txt', 0),
  ]);
  await ada.pickFiles(...files);
  await ben.joinByCode(await ada.shareCode());
  if (bigBytes <= KEPT_BYTES) await untilKept(ada);
  await ben.accept();
  await ben.waitForBytes('receive', 5 * MB);
  // What follows is about a transfer that is cut off, and would say nothing about one that is over.
  expect((await ben.transfers())[0]?.phase).toBe('transferring');
  return files;
}

/**
 * What is offered is in the sender's database. No screen tells, since the copy is made while the other decides; whoever is killed
 * before is asked for the files again.
 */
const untilKept = (ada: Person) => untilIn(ada, SEND_SOURCES_DATABASE);

/** There are so many records at least in a database of this device. */
async function untilIn(person: Person, database: string, count = 1): Promise<void> {
  const isThere = async () => ((await countIn(person, database)) >= count ? true : undefined);
  await until(`${count} in ${database}`, REJOIN_TIMEOUT_MS, isThere);
}

const countIn = (person: Person, database: string) =>
  person.driver.evaluate(async (name) => {
    const databases = await indexedDB.databases();
    // To open one that is not there would make it, without the store that the page needs.
    if (!databases.some((each) => each.name === name)) return 0;
    const answer = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const opened = await answer(indexedDB.open(name));
    const store = opened.objectStoreNames[0]!;
    const count = await answer(opened.transaction(store).objectStore(store).count());
    opened.close();
    return count;
  }, database);

/** The browser crashes and is opened again where it was. */
async function crash(person: Person<KeptDriver>, url: string): Promise<void> {
  await person.driver.crash();
  await person.driver.start();
  await person.open(url);
}

async function expectArrival(ada: Person, ben: Person, files: readonly string[]): Promise<void> {
  await ben.waitForPhase('receive', 'done', REJOIN_TIMEOUT_MS + 30_000);
  await ada.waitForPhase('send', 'done', REJOIN_TIMEOUT_MS);
  const saved = await readArchive(await ben.saveAll());
  const digests = new Map(saved.map(({ path, sha256 }) => [path, sha256]));
  for (const file of files)
    expect([basename(file), digests.get(basename(file))]).toEqual([
      basename(file),
      await sha256Of(file),
    ]);
  expect(saved).toHaveLength(files.length);
}

scenario('both pages are reloaded, and a pause outlives that', async (stage) => {
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');
  const files = await midway(stage, ada, ben);
  await ben.pauseAtOnce('receive');
  await ada.waitForPhase('send', 'paused');
  await Promise.all([ada.driver.reload(), ben.driver.reload()]);
  await ada.waitForPhase('send', 'paused', REJOIN_TIMEOUT_MS);
  await ben.continue('receive');
  await expectArrival(ada, ben, files);
});

scenario('the page that shares is reloaded before anybody comes', async (stage) => {
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');
  const file = await makeFile(stage.folder, 'shared.bin', MB);
  await ada.pickFiles(file);
  const code = await ada.shareCode();
  await untilIn(ada, SHARE_DATABASE, 2);
  await ada.driver.reload();
  expect(await ada.shareCode()).toBe(code);
  await ben.joinByCode(code);
  await ben.accept();
  await ben.waitForPhase('receive', 'done');
  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
});

scenario('the sender is reloaded while the other decides', async (stage) => {
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');
  const file = await makeFile(stage.folder, 'offered.bin', MB);
  await ada.pickFiles(file);
  await ben.joinByCode(await ada.shareCode());
  await ben.waitForPhase('receive', 'proposed');
  await untilKept(ada);
  await ada.driver.reload();
  await ben.waitForPhase('receive', 'waiting');
  await ada.waitForPhase('send', 'proposed', REJOIN_TIMEOUT_MS);
  await ben.accept();
  await ben.waitForPhase('receive', 'done');
  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
});

scenario('the receiver is reloaded while it decides', async (stage) => {
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');
  const file = await makeFile(stage.folder, 'offered.bin', MB);
  await ada.pickFiles(file);
  await ben.joinByCode(await ada.shareCode());
  await ben.waitForPhase('receive', 'proposed');
  await untilIn(ben, JOURNAL_DATABASE);
  await ben.driver.reload();
  await ben.waitForPhase('receive', 'proposed', REJOIN_TIMEOUT_MS);
  expect([(await ada.transfers()).length, (await ben.transfers()).length]).toEqual([1, 1]);
  await ben.accept();
  await ben.waitForPhase('receive', 'done');
  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
});

scenario('a second tab takes over when the tab that receives is closed', async (stage) => {
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');
  const files = await midway(stage, ada, ben);
  const tab = await ben.driver.openTab(stage.site.url);
  await ben.driver.moveTo(tab);
  await expectArrival(ada, ben, files);
});

scenario('both browsers crash, and the broker is down when the sender is back', async (stage) => {
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');
  const files = await midway(stage, ada, ben);
  await ben.driver.crash();
  stage.site.broker.stop();
  await crash(ada, stage.site.url);
  await ben.driver.start();
  await ben.open(stage.site.url);
  stage.site.broker.start();
  await expectArrival(ada, ben, files);
});

scenario('Firefox sends, and is reloaded', async (stage) => {
  const ada = await stage.firefox('ada');
  const ben = await stage.chromium('ben');
  const files = await midway(stage, ada, ben);
  await ada.driver.reload();
  await expectArrival(ada, ben, files);
});

scenario('Firefox receives, and crashes', async (stage) => {
  const ada = await stage.chromium('ada');
  const ben = await stage.firefox('ben');
  const files = await midway(stage, ada, ben);
  await crash(ben, stage.site.url);
  await expectArrival(ada, ben, files);
});

scenario('a crashed sender of much is asked for the same files, and takes them', async (stage) => {
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');
  const files = await midway(stage, ada, ben, ASKED_FOR_BYTES);
  await crash(ada, stage.site.url);
  expect(await ada.waitForFault('source-needed')).toContain('big.bin');
  await until('a path to ben', REJOIN_TIMEOUT_MS, async () => (await ada.peers())[0]?.path);
  await ada.pickFiles(...files);
  await expectArrival(ada, ben, files);
  // None of them, not even the empty one, was taken for something new to send.
  expect(await ada.transfers()).toHaveLength(1);
});
