import { removeAborted } from './removeAborted.ts';

/** OPFS directory of files made only to be downloaded. */
export const OUTBOX_DIRECTORY = 'sluice-out';

/**
 * How long a file stays, in ms. A browser copies a download without telling when it is done, and another tab may
 * start meanwhile: an hour is longer than any copy.
 */
const KEEP_MS = 60 * 60 * 1000;

/** A new file in the outbox, open for writing. */
export interface OutboxFile {
  readonly writable: FileSystemWritableFileStream;
  /** The written file, backed by the disk. Close `writable` first. */
  content(): Promise<Blob>;
  /** Deletes the file. Never throws. */
  discard(): Promise<void>;
}

/** @returns `undefined` where a page cannot write to OPFS: Safari before 26, private windows */
export async function openOutboxFile(): Promise<OutboxFile | undefined> {
  try {
    const directory = await outboxDirectory();
    const name = crypto.randomUUID();
    const file = await directory.getFileHandle(name, { create: true });
    const discard = () => removeAborted(directory, name).catch(leaveToSweep);
    try {
      return { writable: await file.createWritable(), content: () => file.getFile(), discard };
    } catch (error) {
      await discard();
      throw error;
    }
  } catch {
    // Whatever the reason, the caller goes on without a file.
    return undefined;
  }
}

/** Deletes what earlier downloads left. Call at the start of the page. Never throws. */
export async function sweepOutbox(): Promise<void> {
  try {
    const directory = await outboxDirectory();
    const names: string[] = [];
    for await (const handle of directory.values()) {
      if (handle.kind !== 'file' || (await isOld(handle))) names.push(handle.name);
    }
    await Promise.all(names.map((name) => removeQuietly(directory, name)));
  } catch {
    // No OPFS here, so nothing was left in it.
  }
}

async function isOld(handle: FileSystemFileHandle): Promise<boolean> {
  const file = await handle.getFile();
  return Date.now() - file.lastModified > KEEP_MS;
}

async function outboxDirectory(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return await root.getDirectoryHandle(OUTBOX_DIRECTORY, { create: true });
}

/** Still being written by another tab, or gone already; the next sweep sees. */
function leaveToSweep(): void {}

async function removeQuietly(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
  await directory.removeEntry(name, { recursive: true }).catch(leaveToSweep);
}
