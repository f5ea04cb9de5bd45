import { createStore, set } from 'idb-keyval';
import { expect, test } from 'vitest';
import { IdbJournal } from '../../src/storage/idbJournal.ts';
import { newTransferId } from '../contracts/blockStoreContract.ts';
import { journalContract } from '../contracts/journalContract.ts';
import { journalEntry } from '../contracts/journalEntries.ts';

const newDatabase = () => `sluice-test-${crypto.randomUUID()}`;

journalContract('IndexedDB', async () => {
  const database = newDatabase();
  return { journal: new IdbJournal(database), again: new IdbJournal(database) };
});

test('a record of another version is skipped, and not changed', async () => {
  const database = newDatabase();
  const id = newTransferId();
  const sound = journalEntry(newTransferId());
  const journal = new IdbJournal(database);
  await journal.put(sound);
  await set(id, { ...journalEntry(id), version: 2 }, createStore(database, 'entries'));
  expect(await journal.load(id)).toBeUndefined();
  expect(await journal.list()).toEqual([sound]);
  await journal.update(id, () => sound);
  expect(await journal.load(id)).toBeUndefined();
});
