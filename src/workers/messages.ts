import type { BlockSample, LaneCount, ReceiveJob, SendJob } from '../ports/dataPlane.ts';
import type { Fault } from '../protocol/faults.ts';
import type { BlockIndex, LaneId, TransferId, TransferTag } from '../protocol/ids.ts';

/** What the page tells the transfer worker. One worker a peer. */
export type WorkerCommand =
  | { readonly type: 'start'; readonly windowBytes: number }
  /** The channel itself where the browser can transfer it, else a port to the page's end of it. */
  | { readonly type: 'add-lane'; readonly lane: LaneId; readonly end: RTCDataChannel | MessagePort }
  | { readonly type: 'open-lane'; readonly lane: LaneId; readonly maxMessageBytes: number }
  | { readonly type: 'remove-lane'; readonly lane: LaneId }
  | { readonly type: 'set-window'; readonly bytes: number }
  | { readonly type: 'set-lanes'; readonly initial: number; readonly max: number }
  | { readonly type: 'round-trip' | 'ice-round-trip'; readonly ms: number }
  | { readonly type: 'send'; readonly job: SendJob }
  | { readonly type: 'pause-send' | 'continue-send' | 'stop-send'; readonly tag: TransferTag }
  | { readonly type: 'receive'; readonly job: ReceiveJob }
  | { readonly type: 'stop-receive'; readonly transfer: TransferId; readonly isKept: boolean }
  | { readonly type: 'close' };

/** What the transfer worker tells the page. */
export type WorkerReport =
  | { readonly type: 'sent'; readonly tag: TransferTag; readonly blocks: readonly BlockIndex[] }
  | {
      readonly type: 'received';
      readonly transfer: TransferId;
      readonly blocks: readonly BlockIndex[];
    }
  | {
      readonly type: 'receiving';
      readonly transfer: TransferId;
      readonly held: Uint8Array<ArrayBuffer>;
      readonly samples: readonly BlockSample[];
    }
  | { readonly type: 'stored'; readonly transfer: TransferId; readonly content: Blob }
  | { readonly type: 'send-failed'; readonly tag: TransferTag; readonly fault: Fault }
  | { readonly type: 'receive-failed'; readonly transfer: TransferId; readonly fault: Fault }
  | { readonly type: 'want-lanes'; readonly count: number }
  | { readonly type: 'peer-broke'; readonly fault: Fault }
  | {
      readonly type: 'lanes';
      readonly counts: readonly LaneCount[];
      readonly limitedBy: 'network' | 'disk' | undefined;
    }
  /** Everything is stopped and kept; the worker may be ended. */
  | { readonly type: 'closed' };
