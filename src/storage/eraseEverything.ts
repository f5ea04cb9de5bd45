import { clear, createStore } from 'idb-keyval';
import { TransferError } from '../protocol/faults.ts';
import { JOURNAL_DATABASE } from './idbJournal.ts';
import { PAUSE_DATABASE } from './idbPauseMarks.ts';
import { SEND_DATABASE, SEND_SOURCES_DATABASE } from './idbSendJournal.ts';
import { INBOX_DIRECTORY } from './inbox.ts';
import { SEGMENT_DATABASE } from './indexedDbStore.ts';
import { PART_DIRECTORY } from './opfsStore.ts';
import { OUTBOX_DIRECTORY } from './outbox.ts';
import { eraseSettings } from './settingsStore.ts';
import { SHARE_DATABASE, unmarkTab } from './tabShare.ts';

/**
 * Deletes all that Sluice stored in this browser: part-files, databases, caches and settings. For a page that has not
 * used them yet: what is in use can't be deleted, or is written again. Tries each place, whatever the others say.
 * @throws TransferError `storage-failed` when something could not be deleted
 */
export async function eraseEverything(): Promise<void> {
  eraseSettings();
  unmarkTab();
  const results = await Promise.allSettled([
    ...[PART_DIRECTORY, OUTBOX_DIRECTORY, INBOX_DIRECTORY].map(eraseDirectory),
    eraseDatabase(JOURNAL_DATABASE, 'entries'),
    eraseDatabase(SEGMENT_DATABASE, 'segments'),
    eraseDatabase(SEND_DATABASE, 'records'),
    eraseDatabase(SEND_SOURCES_DATABASE, 'sources'),
    eraseDatabase(PAUSE_DATABASE, 'marks'),
    eraseDatabase(SHARE_DATABASE, 'shares'),
    eraseCaches(),
  ]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined)
    throw new TransferError({ code: 'storage-failed', detail: String(failed.reason) });
}

async function eraseDirectory(name: string): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(name, { recursive: true });
  } catch (error) {
    // Never made, or a window that keeps no files (private windows of Firefox): nothing is there.
    const isNotThere =
      error instanceof DOMException && ['NotFoundError', 'SecurityError'].includes(error.name);
    if (!isNotThere) throw error;
  }
}

/** Emptied, not deleted: deleting waits for every open connection, and all later use would wait behind it. */
const eraseDatabase = (name: string, store: string): Promise<void> =>
  clear(createStore(name, store));

async function eraseCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.map((name) => caches.delete(name)));
}
