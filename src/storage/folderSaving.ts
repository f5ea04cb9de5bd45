import type { SavedFile, Saving } from '../ports/saver.ts';
import { removeAborted } from './removeAborted.ts';
import { numberedName } from './safeNames.ts';
import { isNamed, storageError, storageFailed } from './storageError.ts';

/** Bytes handed to the browser at a time, as a Blob: it copies from disk to disk, and a cancel is seen in between. */
const COPY_BYTES = 16 * 1024 * 1024;

interface PickerWindow {
  showDirectoryPicker(options: {
    readonly id: string;
    readonly mode: 'readwrite';
    readonly startIn: 'downloads';
  }): Promise<FileSystemDirectoryHandle>;
}

/** Chromium's window, which TypeScript does not know. */
const picking: object = globalThis;
const hasPicker = (scope: object): scope is PickerWindow => 'showDirectoryPicker' in scope;

/** `Saver.saveToFolder`. The picker opens before the first await, or the browser would not see the gesture. */
export async function savePickedFolder(
  files: readonly SavedFile[],
  folders: readonly (readonly string[])[],
  saving: Saving,
): Promise<boolean> {
  if (!hasPicker(picking)) throw storageFailed('this browser has no folder picker');
  let root: FileSystemDirectoryHandle;
  try {
    root = await picking.showDirectoryPicker({
      id: 'sluice',
      mode: 'readwrite',
      startIn: 'downloads',
    });
  } catch (error) {
    if (isNamed(error, 'AbortError')) return false;
    throw storageError(error, 0);
  }
  await saveInto(root, files, folders, saving);
  return true;
}

/**
 * Writes all files below `root`, with their folders. Nothing that is there is overwritten: a taken name gets a number.
 * @throws TransferError `disk-full`, `storage-failed`; the reason of `signal`
 */
export async function saveInto(
  root: FileSystemDirectoryHandle,
  files: readonly SavedFile[],
  folders: readonly (readonly string[])[],
  { signal, progressed }: Saving,
): Promise<void> {
  const tree = new FolderTree(root);
  const totalBytes = files.reduce((sum, { start, end }) => sum + end - start, 0);
  let missingBytes = totalBytes;
  const wrote = (bytes: number) => {
    signal.throwIfAborted();
    missingBytes -= bytes;
    progressed(1 - missingBytes / totalBytes);
  };
  try {
    for (const path of folders) {
      signal.throwIfAborted();
      await tree.at(path);
    }
    for (const file of files) {
      signal.throwIfAborted();
      await writeFile(await tree.at(file.path.slice(0, -1)), file, wrote);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw storageError(error, missingBytes);
  }
}

/** The folders made so far: each is asked for once. */
class FolderTree {
  readonly #made = new Map<string, FileSystemDirectoryHandle>();
  readonly #root: FileSystemDirectoryHandle;

  constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
  }

  async at(path: readonly string[]): Promise<FileSystemDirectoryHandle> {
    const name = path.at(-1);
    if (name === undefined) return this.#root;
    // A slash cannot be in a safe segment.
    const key = path.join('/');
    const found = this.#made.get(key);
    if (found !== undefined) return found;
    const folder = await makeFolder(await this.at(path.slice(0, -1)), name);
    this.#made.set(key, folder);
    return folder;
  }
}

/** The folder of that name, or a numbered one when a file has the name. */
async function makeFolder(
  parent: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemDirectoryHandle> {
  for (let n = 1; ; n += 1) {
    try {
      return await parent.getDirectoryHandle(numberedName(name, n), { create: true });
    } catch (error) {
      if (!isNamed(error, 'TypeMismatchError')) throw error;
    }
  }
}

async function writeFile(
  folder: FileSystemDirectoryHandle,
  { path, content, start, end }: SavedFile,
  wrote: (bytes: number) => void,
): Promise<void> {
  const handle = await makeFile(folder, path.at(-1) ?? 'file');
  const writable = await handle.createWritable();
  try {
    for (let at = start; at < end; at += COPY_BYTES) {
      const piece = content.slice(at, Math.min(at + COPY_BYTES, end));
      await writable.write(piece);
      wrote(piece.size);
    }
    await writable.close();
  } catch (error) {
    await dropFile(folder, handle, writable);
    throw error;
  }
}

/** A new file. Browsers refuse some names in a real folder, such as `.lnk`: those get `.download` behind them. */
async function makeFile(
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemFileHandle> {
  try {
    return await makeFreeFile(folder, name);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return await makeFreeFile(folder, `${name}.download`);
  }
}

async function makeFreeFile(
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemFileHandle> {
  for (let n = 1; ; n += 1) {
    const candidate = numberedName(name, n);
    if (!(await isTaken(folder, candidate))) {
      return await folder.getFileHandle(candidate, { create: true });
    }
  }
}

async function isTaken(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    if (isNamed(error, 'NotFoundError')) return false;
    if (isNamed(error, 'TypeMismatchError')) return true;
    throw error;
  }
}

async function dropFile(
  folder: FileSystemDirectoryHandle,
  handle: FileSystemFileHandle,
  writable: FileSystemWritableFileStream,
): Promise<void> {
  try {
    await writable.abort();
    await removeAborted(folder, handle.name);
  } catch {
    // The write failed already, and that is what the person is told; an empty file is left at worst.
  }
}
