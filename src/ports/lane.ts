import type { LaneId } from '../protocol/ids.ts';

/** What a lane tells the flow that uses it. */
export interface LaneListener {
  /** One whole message arrived. The buffer belongs to the listener. */
  message(bytes: Uint8Array<ArrayBuffer>): void;
  /** There is room again: `roomBytes` is positive. */
  drained(): void;
  /** The channel closed or failed; nothing more will come. Called once. */
  closed(): void;
}

/**
 * One open bulk RTCDataChannel with two water marks. Sending never waits: the flow asks `roomBytes`
 * and sends inside the same turn, so two writers cannot both see the same room.
 */
export interface Lane {
  readonly id: LaneId;
  /** Largest message the path takes, bytes; 0 until the lane may be used. */
  readonly maxMessageBytes: number;
  /** Bytes handed over and not yet on the wire. */
  readonly bufferedBytes: number;
  /** Bytes that may be sent before the high-water mark; 0 from there until the buffer drained to the low one. */
  readonly roomBytes: number;
  /** Hands one message to the channel, which copies it. A lane that has closed drops it. */
  send(message: Uint8Array<ArrayBuffer>): void;
  /** Takes up to `highBytes`, and more once it has drained to `lowBytes`. */
  setWaterMarks(highBytes: number, lowBytes: number): void;
  listen(listener: LaneListener): void;
  close(): void;
}

/** A lane as its owner has it: the page says when it may be used, since only the page knows what the path takes. */
export interface OpenableLane extends Lane {
  open(maxMessageBytes: number): void;
}
