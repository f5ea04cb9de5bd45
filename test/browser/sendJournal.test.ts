import { createStore, set } from 'idb-keyval';
import { expect, test } from 'vitest';
import type { SendRecord } from '../../src/ports/sendJournal.ts';
import { IdbSendJournal } from '../../src/storage/idbSendJournal.ts';
import { newTransferId } from '../contracts/blockStoreContract.ts';
import { journalEntry } from '../contracts/journalEntries.ts';

const newDatabase = () => `sluice-test-${crypto.randomUUID()}`;

/** A transfer of `texts`, an empty folder among them where a text is empty. */
function recordOf(texts: readonly string[], change: Partial<SendRecord> = {}): SendRecord {
  const { manifest, role, resumeKey, touchedAt } = journalEntry(newTransferId());
  const files = texts.map((text, i) => ({
    kind: text === '' ? ('folder' as const) : ('file' as const),
    path: [`${i}`],
    sizeBytes: text.length,
    modifiedAt: 0,
  }));
  return {
    version: 1,
    manifest: { ...manifest, files, totalBytes: texts.join('').length },
    sources: texts.map((text) => new Blob([text])),
    bundle: undefined,
    peerName: 'Ada',
    role,
    resumeKey,
    touchedAt,
    ...change,
  };
}

/** What a page started later finds. */
async function found(record: SendRecord): Promise<SendRecord> {
  const database = newDatabase();
  await new IdbSendJournal(database).put(record);
  const [only, ...rest] = await new IdbSendJournal(database).list();
  expect(rest).toEqual([]);
  return only!;
}

const textOf = (blob: Blob | undefined) => blob?.text();

test('small sources come back as one Blob, whichever way they were kept', async () => {
  const apart = await found(recordOf(['one', '', 'three']));
  expect(await textOf(apart.bundle)).toBe('onethree');
  const together = recordOf(['one', '', 'three'], { bundle: new Blob(['onethree']) });
  const again = await found({ ...together, sources: [undefined, undefined, undefined] });
  expect(await textOf(again.bundle)).toBe('onethree');
  expect(again).toMatchObject({ manifest: together.manifest, peerName: 'Ada' });
});

test('when one source is gone everything but what is empty has to be picked again', async () => {
  const record = recordOf(['one', '', 'three']);
  for (const sources of [
    [undefined, record.sources[1], record.sources[2]],
    [undefined, undefined, undefined],
  ]) {
    const again = await found({ ...record, sources });
    expect(again.bundle).toBeUndefined();
    expect(await Promise.all(again.sources.map(textOf))).toEqual([undefined, '', undefined]);
  }
});

test('large sources are not copied', async () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  const { bundle, sources } = await found(recordOf(Array(65).fill(megabyte)));
  expect(bundle).toBeUndefined();
  expect(sources.every((source) => source === undefined)).toBe(true);
});

test('a record of another version is skipped, and one that ended is forgotten', async () => {
  const database = newDatabase();
  const record = recordOf(['one']);
  const journal = new IdbSendJournal(database);
  await journal.put(record);
  await set('older', { ...record, version: 1 }, createStore(database, 'records'));
  expect((await journal.list()).map(({ manifest }) => manifest.id)).toEqual([record.manifest.id]);
  await journal.forget(record.manifest.id);
  expect(await journal.list()).toEqual([]);
});
