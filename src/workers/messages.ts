import type { DataPlane, DataPlaneListener } from '../ports/dataPlane.ts';
import type { LaneId } from '../protocol/ids.ts';

/** A call of the method `Name` of `Target`, to be made on the other side. */
export type CallOf<Target, Name extends keyof Target> = {
  [Each in Name]: Target[Each] extends (...args: infer Args) => void
    ? { readonly type: 'call'; readonly name: Each; readonly args: Args }
    : never;
}[Name];

/** Methods of the {@link DataPlane} that the flow in the worker has as well. */
export type FlowMethod = Exclude<keyof DataPlane, 'listen' | 'addLane' | 'openLane' | 'close'>;

/** What the page tells the transfer worker. One worker a peer. */
export type WorkerCommand =
  | { readonly type: 'start'; readonly windowBytes: number }
  /** The channel itself where the browser can transfer it, else a port to the page's end of it. */
  | { readonly type: 'add-lane'; readonly lane: LaneId; readonly end: RTCDataChannel | MessagePort }
  | { readonly type: 'open-lane'; readonly lane: LaneId; readonly maxMessageBytes: number }
  /** The disk worker that was asked for did not start. */
  | { readonly type: 'no-disk' }
  | CallOf<DataPlane, FlowMethod>
  | { readonly type: 'close' };

/** What the transfer worker tells the page. */
export type WorkerReport =
  | CallOf<DataPlaneListener, keyof DataPlaneListener>
  /** A disk worker is wanted at the other end of this port. */
  | { readonly type: 'want-disk'; readonly port: MessagePort }
  /** Everything is stopped and kept; the worker may be ended. */
  | { readonly type: 'closed' };

/** Makes a call that came over, on the target it was meant for. */
export function makeCall<Name extends string>(
  target: { readonly [Each in Name]: (...args: never[]) => unknown },
  { name, args }: { readonly name: Name; readonly args: readonly unknown[] },
): unknown {
  return target[name](...(args as never[]));
}
