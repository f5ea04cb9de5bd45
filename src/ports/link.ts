import type { Fault } from '../protocol/faults.ts';
import type { LaneId } from '../protocol/ids.ts';
import type { ControlMessage } from '../protocol/messages.ts';

/** What a link tells the session that owns it. */
export interface LinkListener {
  /** A parsed, in-bounds control message. Lane signalling and heartbeats never reach here. */
  message(message: ControlMessage): void;
  /**
   * A lane's channel exists. It must be handed to a worker, if at all, before this call returns:
   * browsers transfer a channel only in the task that created it.
   */
  laneCreated(lane: LaneId, channel: RTCDataChannel): void;
  /** The lane is usable; `maxMessageBytes` is what its path takes. */
  laneOpened(lane: LaneId, maxMessageBytes: number): void;
  laneClosed(lane: LaneId): void;
  pathChanged(path: LinkPath): void;
  /** A round trip over the control channel, ms: the path's own, since next to nothing else is sent there. */
  roundTrip(ms: number): void;
  /** Nothing has come from the peer for a while: it may be worth looking for elsewhere. False when it is heard again. */
  silent(isSilent: boolean): void;
  /** The link is over; called once, also after our own `close`. */
  closed(fault: Fault): void;
}

/** How the bytes travel, from `getStats` (the selected candidate pair). */
export interface LinkPath {
  readonly kind: 'direct' | 'relay';
  readonly roundTripMs: number | undefined;
}

/** Everything shared with one proven peer: the control channel, and the lanes signalled over it. */
export interface Link {
  /** The host showed the code, the joiner entered it. */
  readonly role: 'host' | 'joiner';
  /** 32 bytes both ends share and nobody else knows: finds and proves the same peer again. */
  readonly resumeKey: Uint8Array<ArrayBuffer>;
  /** Must be called once, at once; messages that arrived before are delivered then. */
  listen(listener: LinkListener): void;
  send(message: ControlMessage): void;
  /** Measures round trips every so many ms, while something is being sent; undefined: now and then. */
  sound(everyMs: number | undefined): void;
  /** Opens or closes lanes of ours until there are `count` (1 to 32, the peer's not counted). */
  setLanes(count: number): void;
  /** Tells the peer why, then closes lanes and control channel. */
  close(fault: Fault): void;
  /** Drops the link without a word to anybody: a better one to the same peer takes its place. */
  abandon(): void;
}
