import { clear, createStore } from 'idb-keyval';
import { JOURNAL_DATABASE } from './idbJournal.ts';
import { PAUSE_DATABASE } from './idbPauseMarks.ts';
import { SEND_DATABASE } from './idbSendJournal.ts';
import { INBOX_DIRECTORY } from './inbox.ts';
import { SEGMENT_DATABASE } from './indexedDbStore.ts';
import { PART_DIRECTORY } from './opfsStore.ts';
import { OUTBOX_DIRECTORY } from './outbox.ts';

/**
 * Deletes all that Sluice stored in this browser: part-files, databases and caches. End all transfers first.
 * Never throws: each place is tried, whatever the others say.
 */
export async function eraseEverything(): Promise<void> {
  await Promise.allSettled([erasePartFiles(), eraseDatabases(), eraseCaches()]);
}

async function erasePartFiles(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const remove = (name: string) => root.removeEntry(name, { recursive: true });
  await Promise.allSettled([PART_DIRECTORY, OUTBOX_DIRECTORY, INBOX_DIRECTORY].map(remove));
}

/** Emptied, not deleted: deleting waits for every open connection, and all later use would wait behind it. */
async function eraseDatabases(): Promise<void> {
  await Promise.allSettled([
    clear(createStore(JOURNAL_DATABASE, 'entries')),
    clear(createStore(SEGMENT_DATABASE, 'segments')),
    clear(createStore(SEND_DATABASE, 'records')),
    clear(createStore(PAUSE_DATABASE, 'marks')),
  ]);
}

async function eraseCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.map((name) => caches.delete(name)));
}
