import { createStore, del, set, type UseStore } from 'idb-keyval';
import type { PauseMarks } from '../ports/pauseMarks.ts';
import type { TransferId } from '../protocol/ids.ts';
import { attempt, transferIdsIn } from './idbAccess.ts';

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
    return new Set(await attempt(() => transferIdsIn(this.#store)));
  }

  async set(id: TransferId, isPaused: boolean): Promise<void> {
    await attempt(() => (isPaused ? set(id, true, this.#store) : del(id, this.#store)));
  }
}
