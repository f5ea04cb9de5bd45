import type { BlockStore } from '../ports/blockStore.ts';
import type { Fault } from '../protocol/faults.ts';
import type { TransferId } from '../protocol/ids.ts';
import type { CallOf } from './messages.ts';

/** A method of an open store. What `write` is given is transferred, and its reply transfers it back. */
export type StoreCall = CallOf<BlockStore, Exclude<keyof BlockStore, 'kind'>>;

/** What the transfer worker asks of its disk worker. */
export interface DiskCall {
  /** Pairs a reply with its call. */
  readonly call: number;
  /** Names one opening of a store between the two workers. */
  readonly store: number;
  readonly command:
    | { readonly type: 'open'; readonly id: TransferId; readonly sizeBytes: number }
    | StoreCall;
}

export type DiskReply = Pick<DiskCall, 'call'> &
  ({ readonly value: unknown } | { readonly fault: Fault });
