import { beforeEach, describe, expect, test } from 'vitest';
import type { Journal, JournalEntry } from '../../src/ports/journal.ts';
import { newTransferId } from './blockStoreContract.ts';
import { journalEntry } from './journalEntries.ts';

/** The promises of {@link Journal}. `again` opens the same records a second time, as another tab would. */
export function journalContract(
  name: string,
  open: () => Promise<{ journal: Journal; again: Journal }>,
): void {
  describe(`Journal contract: ${name}`, () => {
    let journal: Journal;
    let again: Journal;

    beforeEach(async () => {
      ({ journal, again } = await open());
    });

    test('knows nothing of an unknown transfer', async () => {
      expect(await journal.load(newTransferId())).toBeUndefined();
      expect(await journal.list()).toEqual([]);
    });

    test('gives back what was put, here and in another tab', async () => {
      const entry = journalEntry(newTransferId());
      await journal.put(entry);
      expect(await journal.load(entry.manifest.id)).toEqual(entry);
      expect(await again.load(entry.manifest.id)).toEqual(entry);
    });

    test('put replaces', async () => {
      const entry = journalEntry(newTransferId());
      await journal.put(entry);
      await journal.put({ ...entry, phase: 'done' });
      expect((await journal.load(entry.manifest.id))?.phase).toBe('done');
      expect(await journal.list()).toHaveLength(1);
    });

    test('lists all entries', async () => {
      const entries = [journalEntry(newTransferId()), journalEntry(newTransferId())];
      for (const entry of entries) await journal.put(entry);
      const ids = (list: readonly JournalEntry[]) =>
        new Set(list.map(({ manifest }) => manifest.id));
      expect(ids(await again.list())).toEqual(ids(entries));
    });

    test('changes of two tabs at once are all kept', async () => {
      const entry = journalEntry(newTransferId());
      const { id } = entry.manifest;
      await journal.put({ ...entry, touchedAt: 0 });
      const add = (tab: Journal) =>
        tab.update(id, (old) => ({ ...old, touchedAt: old.touchedAt + 1 }));
      await Promise.all(Array.from({ length: 40 }, (_, i) => add(i % 2 === 0 ? journal : again)));
      expect((await journal.load(id))?.touchedAt).toBe(40);
    });

    test('an update of an unknown transfer changes nothing', async () => {
      const id = newTransferId();
      let isCalled = false;
      await journal.update(id, (old) => {
        isCalled = true;
        return old;
      });
      expect(isCalled).toBe(false);
      expect(await journal.list()).toEqual([]);
    });

    test('forgets, also twice', async () => {
      const entry = journalEntry(newTransferId());
      await journal.put(entry);
      await journal.forget(entry.manifest.id);
      await journal.forget(entry.manifest.id);
      expect(await again.load(entry.manifest.id)).toBeUndefined();
      expect(await again.list()).toEqual([]);
    });

    test('what was put is a copy', async () => {
      const entry = journalEntry(newTransferId());
      await journal.put(entry);
      entry.held.fill(0xff);
      expect((await journal.load(entry.manifest.id))?.held).toEqual(Uint8Array.of(1, 0));
    });
  });
}
