import { TransferError } from '../protocol/faults.ts';

/** What browsers say when there is no room: Chromium and Safari by name, Firefox and IndexedDB in the text. */
const NO_ROOM = /quota|no[\s_]?(?:\w+[\s_])?space|disk (?:is )?full/i;

/** Most characters of a browser's own message kept in a fault. */
const MAX_DETAIL_CHARS = 200;

/**
 * Turns whatever a storage API threw into the fault a person can be told: `disk-full` when there is no
 * room, else `storage-failed` with the browser's own words. A {@link TransferError} passes unchanged.
 */
export function storageError(error: unknown, neededBytes: number): TransferError {
  if (error instanceof TransferError) return error;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const detail = `${name}: ${message}`;
  return NO_ROOM.test(detail)
    ? new TransferError({ code: 'disk-full', neededBytes }, { cause: error })
    : storageFailed(detail, error);
}

/** A `storage-failed` error; `cause` is what the browser threw, if anything. */
export function storageFailed(detail: string, cause?: unknown): TransferError {
  const fault = { code: 'storage-failed', detail: detail.slice(0, MAX_DETAIL_CHARS) } as const;
  return new TransferError(fault, { cause });
}

/** Whether `error` is a DOMException (or an Error) of that name. */
export const isNamed = (error: unknown, name: string): boolean =>
  error instanceof Error && error.name === name;
