/**
 * What other apps share with the installed app: the service worker streams it into OPFS, the page takes it from
 * there. Both sides of that place are here.
 *
 *     sluice-inbox/<id>/0, 1, 2 …      the files, as they arrived
 *     sluice-inbox/<id>/contents.json  their names and the text; written last, so an entry with it is whole
 */
import type { PickedItem } from '../ports/pickedItem.ts';
import { MAX_FILES, MAX_TEXT_BYTES } from '../protocol/limits.ts';
import { pickedFile } from './pickedItems.ts';
import { claimForTab } from './tabLocks.ts';

/** OPFS directory of shares that came in. */
export const INBOX_DIRECTORY = 'sluice-inbox';

const CONTENTS_FILE = 'contents.json';

/** How long an entry that no tab has taken stays, in ms: time enough for a slow phone to open the page. */
const KEEP_MS = 60 * 60 * 1000;

interface FileRecord {
  readonly name: string;
  readonly type: string;
}

/** A share as the page takes it. */
export interface SharedContent {
  readonly items: readonly PickedItem[];
  /** Empty when only files were shared. */
  readonly text: string;
}

/** An entry being written. */
export interface InboxEntry {
  /** Names the entry in an address: a random UUID. */
  readonly id: string;
  /** Writes a file as it streams in. Rejects when the device is full or the stream breaks. */
  addFile(
    name: string,
    type: string,
    bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<void>;
  /** Makes the entry whole. */
  finish(text: string): Promise<void>;
  /** Deletes the entry. Never throws. */
  discard(): Promise<void>;
}

export async function openInboxEntry(): Promise<InboxEntry> {
  const inbox = await inboxDirectory();
  const id = crypto.randomUUID();
  const directory = await inbox.getDirectoryHandle(id, { create: true });
  const files: FileRecord[] = [];
  return {
    id,
    addFile: async (name, type, bytes) => {
      await bytes.pipeTo(await writableIn(directory, String(files.length)));
      files.push({ name, type });
    },
    finish: async (text) => {
      const writable = await writableIn(directory, CONTENTS_FILE);
      await writable.write(JSON.stringify({ files, text }));
      await writable.close();
    },
    discard: () => removeQuietly(inbox, id),
  };
}

/**
 * Takes an entry for this tab; its files stay on the disk as long as the tab lives.
 * @returns `undefined` when there is no such entry, or another tab has it
 */
export async function takeFromInbox(id: string): Promise<SharedContent | undefined> {
  try {
    const inbox = await inboxDirectory();
    const directory = await inbox.getDirectoryHandle(id);
    const contents = parseContents(await (await fileIn(directory, CONTENTS_FILE)).text());
    if (contents === undefined || !(await claimForTab(lockOf(id)))) return undefined;
    const items = contents.files.map(async ({ name, type }, index): Promise<PickedItem> => {
      const stored = await fileIn(directory, String(index));
      // The name in OPFS is a number; the new File refers to the same bytes on disk.
      const file = new File([stored], name, { type, lastModified: stored.lastModified });
      return pickedFile([name], file);
    });
    return { items: await Promise.all(items), text: contents.text };
  } catch {
    // Not there, swept, or no OPFS here: all the same to whoever asks.
    return undefined;
  }
}

/** Deletes what was never taken, or whose tab is gone. Call at the start of the page. Never throws. */
export async function sweepInbox(): Promise<void> {
  try {
    const inbox = await inboxDirectory();
    const ids: string[] = [];
    for await (const entry of inbox.values()) {
      if (entry.kind === 'directory' && (await isOld(entry))) ids.push(entry.name);
    }
    await Promise.all(
      ids.map(async (id) => {
        if (await claimForTab(lockOf(id))) await removeQuietly(inbox, id);
      }),
    );
  } catch {
    // No OPFS here, so nothing was left in it.
  }
}

const lockOf = (id: string) => `inbox-${id}`;

/** A directory has no date, so its newest file speaks for it; an empty one was just made. */
async function isOld(directory: FileSystemDirectoryHandle): Promise<boolean> {
  let newest = Number.NEGATIVE_INFINITY;
  for await (const entry of directory.values()) {
    if (entry.kind !== 'file') continue;
    newest = Math.max(newest, (await entry.getFile()).lastModified);
  }
  return newest !== Number.NEGATIVE_INFINITY && Date.now() - newest > KEEP_MS;
}

/** Narrows what {@link InboxEntry.finish} wrote, or returns `undefined` for anything else. */
function parseContents(
  json: string,
): { readonly files: readonly FileRecord[]; readonly text: string } | undefined {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('files' in value && 'text' in value)) return undefined;
  const { files, text } = value;
  if (typeof text !== 'string' || text.length > MAX_TEXT_BYTES) return undefined;
  if (!Array.isArray(files) || files.length > MAX_FILES || !files.every(isFileRecord))
    return undefined;
  return { files, text };
}

const isFileRecord = (value: unknown): value is FileRecord =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  'type' in value &&
  typeof value.name === 'string' &&
  typeof value.type === 'string';

async function inboxDirectory(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return await root.getDirectoryHandle(INBOX_DIRECTORY, { create: true });
}

async function fileIn(directory: FileSystemDirectoryHandle, name: string): Promise<File> {
  const handle = await directory.getFileHandle(name);
  return await handle.getFile();
}

async function writableIn(directory: FileSystemDirectoryHandle, name: string) {
  const handle = await directory.getFileHandle(name, { create: true });
  return await handle.createWritable();
}

async function removeQuietly(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
  try {
    await directory.removeEntry(name, { recursive: true });
  } catch {
    // Still being written, or gone already; the next sweep sees.
  }
}
