import type { TransferId } from '../protocol/ids.ts';

/** How a block store keeps its bytes. `memory` does not survive a reload. */
export type StoreKind = 'opfs' | 'indexeddb' | 'memory';

/**
 * Where the stream of one incoming transfer is kept: a single part-file, whatever the number of
 * files in it. Lives in the workers. Implementations are in `storage/`, one contract suite
 * covers them all.
 */
export interface BlockStore {
  readonly kind: StoreKind;

  /**
   * Puts `bytes` at byte `at` of the stream. Any order; writing the same place twice is harmless.
   * Takes the whole buffer under `bytes`, which the caller must not use again; resolves to as many bytes of memory,
   * the same or other, for reuse.
   * @throws TransferError `disk-full`, `storage-failed`
   */
  write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * Resolves when everything written so far survives a crash of the browser.
   * @throws TransferError `disk-full`, `storage-failed`
   */
  flush(): Promise<void>;

  /** The bytes `[start, end)` as stored. For checking what a crash left behind. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * Ends writing and releases the handle; resolves to the whole stream as a Blob, disk-backed where
   * the kind allows it. Files are slices of it. Nothing is deleted.
   */
  finish(): Promise<Blob>;

  /** Releases the handle and keeps the bytes, to be opened again. Never throws. */
  close(): Promise<void>;

  /** Releases the handle and deletes the bytes. Safe after a failed `write`; never throws. */
  discard(): Promise<void>;
}

/** Block stores as the data plane needs them. */
export interface TransferStores {
  /** The kind a new transfer would get here; found out once. Never throws. */
  workingKind(): Promise<StoreKind>;

  /**
   * Opens the store of a transfer for writing, creating it when it is new: the first kind that works here
   * (OPFS, then IndexedDB, then memory), or exactly `kind` when the transfer already has one.
   * @throws TransferError `disk-full`, `storage-failed`
   */
  open(id: TransferId, sizeBytes: number, kind?: StoreKind): Promise<BlockStore>;

  /** Deletes the stored bytes of a transfer of any kind. Never throws. */
  discard(id: TransferId): Promise<void>;
}

/** Opens and finds block stores. */
export interface BlockStores extends TransferStores {
  /** The stored stream of a finished transfer, or `undefined` when it is gone. Works on the page and in a worker. */
  content(id: TransferId, kind: StoreKind, sizeBytes: number): Promise<Blob | undefined>;

  /** Every transfer that has bytes stored here, for sweeping leftovers. */
  list(): Promise<readonly TransferId[]>;
}
