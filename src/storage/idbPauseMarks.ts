import { createStore, del, keys, set, type UseStore } from 'idb-keyval';
import type { PauseMarks } from '../ports/pauseMarks.ts';
import { parseTransferId, type TransferId } from '../protocol/ids.ts';
import { storageError } from './storageError.ts';

/** IndexedDB database of held transfers. Key: transfer id; a record of its own, since a worker rewrites the journal's. */
export const PAUSE_DATABASE = 'sluice-pauses';

/** The marks in IndexedDB. Every method throws `disk-full` or `storage-failed` when the database refuses. */
export class IdbPauseMarks implements PauseMarks {
  readonly #store: UseStore;

  /** @param database name of its IndexedDB database; tests use their own */
  constructor(database = PAUSE_DATABASE) {
    this.#store = createStore(database, 'marks');
  }

  async list(): Promise<ReadonlySet<TransferId>> {
    try {
      const found = (await keys(this.#store)).map((key) => parseTransferId(String(key)));
      return new Set(found.filter((id) => id !== undefined));
    } catch (error) {
      throw storageError(error, 0);
    }
  }

  async set(id: TransferId, isPaused: boolean): Promise<void> {
    try {
      await (isPaused ? set(id, true, this.#store) : del(id, this.#store));
    } catch (error) {
      throw storageError(error, 0);
    }
  }
}
