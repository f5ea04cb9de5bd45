import type { TransferError } from '../protocol/faults.ts';
import { storageFailed } from './storageError.ts';

/**
 * How long opening a store waits for another one on the same transfer to go, in ms. The worker of a page that was
 * just reloaded keeps its lock until the browser has torn it down.
 */
export const LOCK_PATIENCE_MS = 3_000;

/** Two writers on one stream would undo each other's work, so the second one gets this. */
export const alreadyOpen = (cause: unknown): TransferError =>
  storageFailed('the stored bytes are already open, perhaps in another tab', cause);

/**
 * Takes the Web Lock `name`; it goes with the worker that holds it.
 * @returns a function that releases it
 * @throws TransferError `storage-failed` when another holder keeps it
 */
export function takeLock(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const hold = () => new Promise<void>((release) => resolve(() => release()));
    navigator.locks
      .request(name, { signal: AbortSignal.timeout(LOCK_PATIENCE_MS) }, hold)
      .catch((error: unknown) => reject(alreadyOpen(error)));
  });
}
