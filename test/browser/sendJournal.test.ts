import { createStore, set } from 'idb-keyval';
import { expect, test } from 'vitest';
import type { LeftSend, SendRecord, SendSources } from '../../src/ports/sendJournal.ts';
import { IdbSendJournal } from '../../src/storage/idbSendJournal.ts';
import { newTransferId } from '../contracts/blockStoreContract.ts';
import { journalEntry } from '../contracts/journalEntries.ts';

/** A journal of its own, and what a page started later reads. */
function newJournal() {
  const names = [
    `sluice-test-${crypto.randomUUID()}`,
    `sluice-test-${crypto.randomUUID()}`,
  ] as const;
  return { names, journal: new IdbSendJournal(...names), later: new IdbSendJournal(...names) };
}

/** A transfer of `texts`, an empty folder among them where a text is empty. */
function sendOf(texts: readonly string[]): { record: SendRecord; kept: SendSources } {
  const { manifest, role, resumeKey, touchedAt } = journalEntry(newTransferId());
  const files = texts.map((text, i) => ({
    kind: text === '' ? ('folder' as const) : ('file' as const),
    path: [`${i}`],
    sizeBytes: text.length,
    modifiedAt: 0,
  }));
  return {
    record: {
      version: 1,
      manifest: { ...manifest, files, totalBytes: texts.join('').length },
      isAccepted: true,
      peerName: 'Ada',
      role,
      resumeKey,
      touchedAt,
    },
    kept: { sources: texts.map((text) => new Blob([text])), bundle: undefined },
  };
}

/** What a page started later finds. */
async function found(record: SendRecord, kept: SendSources): Promise<LeftSend> {
  const { journal, later } = newJournal();
  await journal.keep(record.manifest, kept);
  await journal.put(record);
  const [only, ...rest] = await later.list();
  expect(rest).toEqual([]);
  return only!;
}

const textOf = (blob: Blob | undefined) => blob?.text();

test('small sources come back as one Blob, whichever way they were kept', async () => {
  const { record, kept } = sendOf(['one', '', 'three']);
  expect(await textOf((await found(record, kept)).bundle)).toBe('onethree');
  const bundle = new Blob(['onethree']);
  const again = await found(record, { bundle, sources: [undefined, undefined, undefined] });
  expect(await textOf(again.bundle)).toBe('onethree');
  expect(again).toMatchObject({ manifest: record.manifest, peerName: 'Ada' });
});

test('when one source is gone everything but what is empty has to be picked again', async () => {
  const { record, kept } = sendOf(['one', '', 'three']);
  for (const sources of [
    [undefined, kept.sources[1], kept.sources[2]],
    [undefined, undefined, undefined],
  ]) {
    const again = await found(record, { sources, bundle: undefined });
    expect(again.bundle).toBeUndefined();
    expect(await Promise.all(again.sources.map(textOf))).toEqual([undefined, '', undefined]);
  }
});

test('large sources are not copied', async () => {
  const { record, kept } = sendOf(Array(65).fill('x'.repeat(1024 * 1024)));
  const { bundle, sources } = await found(record, kept);
  expect(bundle).toBeUndefined();
  expect(sources.every((source) => source === undefined)).toBe(true);
});

test('a record does not wait for the bytes', async () => {
  const { journal, later } = newJournal();
  const { record, kept } = sendOf(['one']);
  await journal.put(record);
  expect((await later.list())[0]).toMatchObject({ peerName: 'Ada', bundle: undefined });
  await journal.keep(record.manifest, kept);
  expect(await textOf((await later.list())[0]!.bundle)).toBe('one');
});

test('bytes that are there already are not copied again', async () => {
  const { journal, later } = newJournal();
  const { record, kept } = sendOf(['one']);
  await journal.put(record);
  await journal.keep(record.manifest, kept);
  await journal.keep(record.manifest, { ...kept, bundle: new Blob(['two']) });
  expect(await textOf((await later.list())[0]!.bundle)).toBe('one');
});

test('a record of another version is skipped', async () => {
  const { names, journal, later } = newJournal();
  const { record } = sendOf(['one']);
  await journal.put(record);
  await set('older', { ...record, version: 2 }, createStore(names[0], 'records'));
  expect((await later.list()).map(({ manifest }) => manifest.id)).toEqual([record.manifest.id]);
});

test('of one that ended nothing is left, even while its bytes are being copied', async () => {
  const { journal, later } = newJournal();
  const { record, kept } = sendOf(['x'.repeat(16 * 1024 * 1024)]);
  await Promise.all([
    journal.keep(record.manifest, kept),
    journal.put(record),
    journal.forget(record.manifest.id),
  ]);
  expect(await later.list()).toEqual([]);
  expect(await later.listKept()).toEqual([]);
});

test('bytes of what nobody took are known', async () => {
  const { journal, later } = newJournal();
  const { record, kept } = sendOf(['one']);
  await journal.keep(record.manifest, kept);
  expect(await later.listKept()).toEqual([record.manifest.id]);
});
