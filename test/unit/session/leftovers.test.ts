import { expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/ports/journal.ts';
import type { PauseMarks } from '../../../src/ports/pauseMarks.ts';
import type { SendRecord } from '../../../src/ports/sendJournal.ts';
import { readLeftovers } from '../../../src/session/leftovers.ts';
import { journalEntry } from '../../contracts/journalEntries.ts';
import { ShelfStores } from '../../doubles/flowEnds.ts';
import { idOf, manifestOfSizes } from '../../doubles/manifests.ts';
import { MemoryJournal } from '../../doubles/memoryJournal.ts';
import { MemorySendJournal } from '../../doubles/memorySendJournal.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const TODAY = 20_000 * DAY_MS;

const noPauses: PauseMarks = {
  list: async () => new Set(),
  set: async () => {},
};

const touched = (letter: string, daysAgo: number): JournalEntry => ({
  ...journalEntry(idOf(letter)),
  phase: 'receiving',
  store: 'opfs',
  touchedAt: TODAY - daysAgo * DAY_MS,
});

const recordOf = (entry: JournalEntry): SendRecord => {
  const { manifest, peerName, role, resumeKey, touchedAt } = entry;
  return { version: 1, manifest, isAccepted: true, peerName, role, resumeKey, touchedAt };
};

const NOTHING = { sources: [], bundle: undefined };

test('what nobody touched for seven days is swept, and so are bytes nobody knows', async () => {
  const [journal, sendJournal, stores] = [
    new MemoryJournal(),
    new MemorySendJournal(),
    new ShelfStores(),
  ];
  const [fresh, old] = [touched('A', 6.9), touched('B', 7.1)];
  for (const entry of [fresh, old]) {
    await journal.put(entry);
    await stores.open(entry.manifest.id, entry.manifest.totalBytes);
  }
  await stores.open(idOf('C'), 10);
  for (const entry of [fresh, old]) {
    await sendJournal.put(recordOf(entry));
    await sendJournal.keep(entry.manifest, NOTHING);
  }
  await sendJournal.keep(manifestOfSizes([1], 1, 'D'), NOTHING);

  const left = await readLeftovers({
    journal,
    sendJournal,
    stores,
    pauses: noPauses,
    claim: async () => true,
    today: () => TODAY,
  });

  expect((await journal.list()).map(({ manifest }) => manifest.id)).toEqual([fresh.manifest.id]);
  expect((await sendJournal.list()).map(({ manifest }) => manifest.id)).toEqual([
    fresh.manifest.id,
  ]);
  expect(await sendJournal.listKept()).toEqual([fresh.manifest.id]);
  expect(await stores.list()).toEqual([fresh.manifest.id]);
  expect(
    left.peers.flatMap(({ incoming }) => incoming.map(({ entry }) => entry.manifest.id)),
  ).toEqual([fresh.manifest.id]);
});

test('an offer nobody answered is swept after an hour', async () => {
  const sendJournal = new MemorySendJournal();
  for (const [letter, minutesAgo] of [
    ['A', 59],
    ['B', 61],
  ] as const) {
    const entry = touched(letter, minutesAgo / (24 * 60));
    await sendJournal.put({ ...recordOf(entry), isAccepted: false });
  }
  const left = await readLeftovers({
    journal: new MemoryJournal(),
    sendJournal,
    stores: new ShelfStores(),
    pauses: noPauses,
    claim: async () => true,
    today: () => TODAY,
  });
  const taken = left.peers.flatMap(({ outgoing }) => outgoing.map(({ record }) => record));
  expect(taken.map(({ manifest }) => manifest.id)).toEqual([idOf('A')]);
  expect((await sendJournal.list()).map(({ manifest }) => manifest.id)).toEqual([idOf('A')]);
});

test('a proposal nobody decided on is swept after an hour', async () => {
  const journal = new MemoryJournal();
  for (const [letter, minutesAgo] of [
    ['A', 59],
    ['B', 61],
  ] as const)
    await journal.put({ ...touched(letter, minutesAgo / (24 * 60)), phase: 'proposed' });
  const left = await readLeftovers({
    journal,
    sendJournal: new MemorySendJournal(),
    stores: new ShelfStores(),
    pauses: noPauses,
    claim: async () => true,
    today: () => TODAY,
  });
  const taken = left.peers.flatMap(({ incoming }) => incoming.map(({ entry }) => entry));
  expect(taken.map(({ manifest }) => manifest.id)).toEqual([idOf('A')]);
  expect((await journal.list()).map(({ manifest }) => manifest.id)).toEqual([idOf('A')]);
});

test('what another tab is working on is left alone, however old', async () => {
  const [journal, sendJournal, stores] = [
    new MemoryJournal(),
    new MemorySendJournal(),
    new ShelfStores(),
  ];
  const old = touched('A', 30);
  await journal.put(old);
  const offered = manifestOfSizes([1], 1, 'B');
  await sendJournal.keep(offered, NOTHING);
  await stores.open(old.manifest.id, old.manifest.totalBytes);
  const left = await readLeftovers({
    journal,
    sendJournal,
    stores,
    pauses: noPauses,
    claim: async () => false,
    today: () => TODAY,
  });
  expect((await journal.list()).length).toBe(1);
  expect(await sendJournal.listKept()).toEqual([offered.id]);
  expect(await stores.list()).toEqual([old.manifest.id]);
  expect([...left.elsewhere]).toEqual([old.manifest.id]);
});
