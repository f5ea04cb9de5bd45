import { keys, type UseStore } from 'idb-keyval';
import { parseTransferId, type TransferId } from '../protocol/ids.ts';
import { storageError } from './storageError.ts';

/** A record is small, so its own size is no use to a person who must make room: 1 MiB is said. */
const RECORD_ROOM_BYTES = 1024 * 1024;

/**
 * Runs `action` on a database.
 *
 * @param neededBytes said when there is no room for it
 * @throws TransferError `disk-full` or `storage-failed` when the database refuses
 */
export async function attempt<T>(
  action: () => Promise<T>,
  neededBytes = RECORD_ROOM_BYTES,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storageError(error, neededBytes);
  }
}

/** The transfers that `store` has something of. Keys that are no id are skipped. */
export async function transferIdsIn(store: UseStore): Promise<readonly TransferId[]> {
  const found = await keys(store);
  return found.map((key) => parseTransferId(String(key))).filter((id) => id !== undefined);
}
