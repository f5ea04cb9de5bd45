/**
 * Branded identifiers. A brand is earned once, at the edge that validates the value, and from then
 * on the compiler keeps a {@link BlockIndex} out of a {@link FileIndex} parameter.
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Position of a file in `Manifest.files`. */
export type FileIndex = Brand<number, 'FileIndex'>;

/** Position of a block in the transfer's stream; block `i` starts at byte `i * blockBytes`. */
export type BlockIndex = Brand<number, 'BlockIndex'>;

/** 22 base64url characters (16 random bytes), minted by the sender, one per transfer. */
export type TransferId = Brand<string, 'TransferId'>;

/** Short name of a transfer on the lanes of one link, minted by its sender: 0 to 65535. */
export type TransferTag = Brand<number, 'TransferTag'>;

/** Number of a lane on one link: even when the host opened it, odd when the joiner did. */
export type LaneId = Brand<number, 'LaneId'>;

const TRANSFER_ID = /^[\w-]{22}$/;

/** Narrows untrusted text to a {@link TransferId}, or returns `undefined`. */
export function parseTransferId(text: string): TransferId | undefined {
  return TRANSFER_ID.test(text) ? (text as TransferId) : undefined;
}

/** Caller has already proved `0 <= index < fileCount`. */
export const fileIndex = (index: number) => index as FileIndex;

/** Caller has already proved `0 <= index < blockCount`. */
export const blockIndex = (index: number) => index as BlockIndex;

/** Caller has already proved that `tag` is an integer from 0 to 65535. */
export const transferTag = (tag: number) => tag as TransferTag;

/** Caller has already proved that `id` is an integer from 0 to 65535. */
export const laneId = (id: number) => id as LaneId;
