import { createStore, del, get, promisifyRequest, set, type UseStore, values } from 'idb-keyval';
import type { Journal, JournalEntry } from '../ports/journal.ts';
import type { TransferId } from '../protocol/ids.ts';
import { attempt } from './idbAccess.ts';
import { parseJournalEntry } from './journalEntry.ts';

/** IndexedDB database of the journal. Key: transfer id. */
export const JOURNAL_DATABASE = 'sluice-journal';

/** The journal in IndexedDB. Every method throws `disk-full` or `storage-failed` when the database refuses. */
export class IdbJournal implements Journal {
  readonly #store: UseStore;

  /** @param database name of its IndexedDB database; tests use their own */
  constructor(database = JOURNAL_DATABASE) {
    this.#store = createStore(database, 'entries');
  }

  load(id: TransferId): Promise<JournalEntry | undefined> {
    return attempt(async () => parseJournalEntry(await get(id, this.#store)));
  }

  list(): Promise<readonly JournalEntry[]> {
    return attempt(async () => {
      const found: unknown[] = await values(this.#store);
      return found.map(parseJournalEntry).filter((entry) => entry !== undefined);
    });
  }

  put(entry: JournalEntry): Promise<void> {
    return attempt(() => set(entry.manifest.id, entry, this.#store));
  }

  /** Does nothing for a transfer that is unknown or was forgotten meanwhile. */
  update(id: TransferId, change: (old: JournalEntry) => JournalEntry): Promise<void> {
    return attempt(() =>
      this.#store('readwrite', (store) => {
        const request: IDBRequest<unknown> = store.get(id);
        // The change must happen inside the event: a transaction ends with the task that left it idle.
        request.onsuccess = () => {
          const old = parseJournalEntry(request.result);
          if (old !== undefined) store.put(change(old), id);
        };
        return promisifyRequest(store.transaction);
      }),
    );
  }

  forget(id: TransferId): Promise<void> {
    return attempt(() => del(id, this.#store));
  }
}
