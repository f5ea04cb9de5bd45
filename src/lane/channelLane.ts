import type { LaneListener, OpenableLane } from '../ports/lane.ts';
import type { LaneId } from '../protocol/ids.ts';
import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from './waterMarks.ts';

/**
 * A lane over one RTCDataChannel, on the page or in the worker it was transferred to. Listen before the
 * channel opens: a message that finds no listener is lost.
 */
export class ChannelLane implements OpenableLane {
  readonly id: LaneId;
  readonly #channel: RTCDataChannel;
  #listener: LaneListener | undefined;
  #maxMessageBytes = 0;
  #highBytes = HIGH_WATER_BYTES;
  /** Above the high-water mark, and not yet back at the low one. */
  #isFull = false;
  #isClosed = false;

  constructor(id: LaneId, channel: RTCDataChannel) {
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
    this.id = id;
    this.#channel = channel;
  }

  open(maxMessageBytes: number): void {
    this.#maxMessageBytes = maxMessageBytes;
    if (this.roomBytes > 0) this.#listener?.drained();
  }

  get maxMessageBytes(): number {
    return this.#maxMessageBytes;
  }

  get bufferedBytes(): number {
    return this.#channel.bufferedAmount;
  }

  get roomBytes(): number {
    if (this.#isFull || this.#isClosed || this.#maxMessageBytes === 0) return 0;
    if (this.#channel.readyState !== 'open') return 0;
    return Math.max(0, this.#highBytes - this.#channel.bufferedAmount);
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    if (this.#isClosed || this.#channel.readyState !== 'open') return;
    this.#channel.send(message);
    if (this.#channel.bufferedAmount >= this.#highBytes) this.#isFull = true;
  }

  setWaterMarks(highBytes: number, lowBytes: number): void {
    this.#highBytes = highBytes;
    this.#channel.bufferedAmountLowThreshold = lowBytes;
    this.#isFull = this.#channel.bufferedAmount >= highBytes;
  }

  listen(listener: LaneListener): void {
    const channel = this.#channel;
    this.#listener = listener;
    channel.addEventListener('open', () => listener.drained());
    channel.addEventListener('message', (event: MessageEvent<unknown>) => {
      // Text has no place on a lane; an empty message decodes to a broken frame, which is what it is.
      const { data } = event;
      listener.message(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array());
    });
    channel.addEventListener('bufferedamountlow', () => {
      this.#isFull = false;
      listener.drained();
    });
    const close = () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      listener.closed();
    };
    channel.addEventListener('close', close);
    channel.addEventListener('error', close);
    if (channel.readyState === 'closed') close();
  }

  close(): void {
    this.#isClosed = true;
    this.#channel.close();
  }
}
