import { isNamed } from './storageError.ts';

/** How long to wait for a writer's lock, in ms. It is gone within some ms, on a busy machine later. */
const PATIENCE_MS = 2_000;
const RETRY_MS = 20;

/**
 * Deletes a file whose writer was just aborted. Chromium's `abort()` settles before the lock of the writer is gone,
 * and until then the file cannot be removed.
 * @throws DOMException of `removeEntry`: `NotFoundError`; `NoModificationAllowedError` when another writer stays
 */
export async function removeAborted(
  directory: FileSystemDirectoryHandle,
  name: string,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await directory.removeEntry(name);
      return;
    } catch (error) {
      const isLocked = isNamed(error, 'NoModificationAllowedError');
      if (!isLocked || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
