import type { BlockStore } from '../ports/blockStore.ts';
import { TransferError } from '../protocol/faults.ts';
import { parseTransferId, type TransferId } from '../protocol/ids.ts';
import { alreadyOpen, LOCK_PATIENCE_MS } from './lock.ts';
import { isNamed, storageError, storageFailed } from './storageError.ts';
import { zeroPadded } from './streamBlob.ts';

/** OPFS directory of the part-files. */
export const PART_DIRECTORY = 'sluice';
const PART_SUFFIX = '.part';

const LOCK_RETRY_MS = 100;

/**
 * What `write` returns past the quota in Chromium's incognito windows, instead of throwing (seen in 156): the
 * browser's own error number, -8, read as an unsigned one.
 */
const CHROMIUM_NO_SPACE = 2 ** 32 - 8;

/** The part of `FileSystemSyncAccessHandle` we use; TypeScript has it for workers only, and this code is checked for both. */
export interface SyncHandle {
  read(into: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  write(from: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  flush(): void;
  getSize(): number;
  close(): void;
}

interface SyncFile {
  createSyncAccessHandle(): Promise<SyncHandle>;
}

/** Only a dedicated worker has sync handles. */
const hasSync = (file: object): file is SyncFile => 'createSyncAccessHandle' in file;

/** One part-file in the origin private file system, through a sync access handle. Needs a dedicated worker. */
export class OpfsStore implements BlockStore {
  readonly kind = 'opfs';
  readonly #file: Pick<FileSystemFileHandle, 'getFile'>;
  readonly #handle: SyncHandle;
  readonly #sizeBytes: number;
  readonly #remove: () => Promise<void>;

  /** @param remove deletes the file; called once the handle is closed */
  constructor(
    file: Pick<FileSystemFileHandle, 'getFile'>,
    handle: SyncHandle,
    sizeBytes: number,
    remove: () => Promise<void>,
  ) {
    this.#file = file;
    this.#handle = handle;
    this.#sizeBytes = sizeBytes;
    this.#remove = remove;
  }

  async write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const written = this.#attempt(() => this.#handle.write(bytes, { at }));
    if (written === bytes.byteLength) return bytes;
    // A full disk shows as an exception, as a short write, or as below.
    if (written < bytes.byteLength || written === CHROMIUM_NO_SPACE) throw this.#full();
    throw storageFailed(`the part-file took ${written} of ${bytes.byteLength} bytes`);
  }

  async flush(): Promise<void> {
    this.#attempt(() => this.#handle.flush());
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(end - start);
    const found = this.#attempt(() => this.#handle.read(bytes, { at: start }));
    if (found > bytes.byteLength) throw storageFailed('the part-file cannot be read');
    return bytes;
  }

  async finish(): Promise<Blob> {
    this.#attempt(() => this.#handle.flush());
    await this.close();
    try {
      return zeroPadded(await this.#file.getFile(), this.#sizeBytes);
    } catch (error) {
      throw storageError(error, this.#sizeBytes);
    }
  }

  async close(): Promise<void> {
    try {
      this.#handle.close();
    } catch {
      // Closed already, or its file is gone: either way nothing is held any more.
    }
  }

  async discard(): Promise<void> {
    await this.close();
    await this.#remove();
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw storageError(error, this.#missingBytes());
    }
  }

  #full(): TransferError {
    return new TransferError({ code: 'disk-full', neededBytes: this.#missingBytes() });
  }

  /** What is still to be written, about: blocks come nearly in order, so the length of the file tells. */
  #missingBytes(): number {
    try {
      return Math.max(this.#sizeBytes - this.#handle.getSize(), 1);
    } catch {
      // The handle is closed: the whole size is the best that can be said.
      return this.#sizeBytes;
    }
  }
}

/**
 * Opens the part-file of a transfer, creating it when new.
 * @throws TransferError `disk-full`; `storage-failed`, also when another tab has the file open
 */
export async function openOpfsStore(id: TransferId, sizeBytes: number): Promise<OpfsStore> {
  try {
    const directory = await partDirectory();
    const file = await directory.getFileHandle(id + PART_SUFFIX, { create: true });
    const handle = await lockedHandle(file);
    return new OpfsStore(file, handle, sizeBytes, () => discardOpfs(id));
  } catch (error) {
    throw storageError(error, sizeBytes);
  }
}

/** Whether sync access handles really work here; private windows and old browsers have the names only. */
export async function canUseOpfs(): Promise<boolean> {
  try {
    const directory = await partDirectory();
    const name = `probe-${crypto.randomUUID()}`;
    const file = await directory.getFileHandle(name, { create: true });
    try {
      return hasSync(file) && (await probeHandle(file));
    } finally {
      await directory.removeEntry(name);
    }
  } catch {
    // Any failure is the answer: it does not work here.
    return false;
  }
}

async function probeHandle(file: SyncFile): Promise<boolean> {
  const handle = await file.createSyncAccessHandle();
  try {
    const written = handle.write(new Uint8Array([1]), { at: 0 });
    handle.flush();
    // Safari before 16.4 answers these calls with promises, which this store cannot use.
    return written === 1 && handle.getSize() === 1;
  } finally {
    handle.close();
  }
}

/** The part-file as a Blob, or `undefined` when there is none. */
export async function opfsContent(id: TransferId, sizeBytes: number): Promise<Blob | undefined> {
  try {
    const directory = await partDirectory();
    const file = await directory.getFileHandle(id + PART_SUFFIX);
    return zeroPadded(await file.getFile(), sizeBytes);
  } catch {
    // No such file, or no OPFS here: in both cases the bytes are not to be had.
    return undefined;
  }
}

/** Deletes the part-file. Never throws. */
export async function discardOpfs(id: TransferId): Promise<void> {
  try {
    const directory = await partDirectory();
    await directory.removeEntry(id + PART_SUFFIX);
  } catch {
    // Never stored here, or open in another tab; the sweep of leftovers tries again.
  }
}

/** Every transfer that has a part-file. Empty where there is no OPFS. */
export async function listOpfs(): Promise<readonly TransferId[]> {
  const found: TransferId[] = [];
  try {
    for await (const name of (await partDirectory()).keys()) {
      const id = name.endsWith(PART_SUFFIX)
        ? parseTransferId(name.slice(0, -PART_SUFFIX.length))
        : undefined;
      if (id !== undefined) found.push(id);
    }
  } catch {
    // No OPFS here, so nothing is stored in it.
  }
  return found;
}

async function partDirectory(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return await root.getDirectoryHandle(PART_DIRECTORY, { create: true });
}

async function lockedHandle(file: FileSystemFileHandle): Promise<SyncHandle> {
  if (!hasSync(file)) throw storageFailed('no sync access handles outside a dedicated worker');
  const deadline = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (!isNamed(error, 'NoModificationAllowedError')) throw error;
      if (performance.now() > deadline) {
        throw alreadyOpen(error);
      }
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
    }
  }
}
