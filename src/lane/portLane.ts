/**
 * A lane whose channel has to stay on the page, because this browser cannot transfer it to a worker
 * (Chromium before 130, Firefox before 144). The page end pumps messages between the channel and a
 * MessagePort; the worker end is an ordinary lane over that port.
 */
import type { LaneListener, OpenableLane } from '../ports/lane.ts';
import type { LaneId } from '../protocol/ids.ts';
import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from './waterMarks.ts';

/** What crosses the port. */
type PortMessage =
  | { readonly type: 'bytes'; readonly bytes: ArrayBuffer }
  /** From the page: bytes still waiting in the channel. */
  | { readonly type: 'buffered'; readonly bytes: number; readonly takenBytes: number }
  /** From the worker: where it wants to hear that the channel has drained. */
  | { readonly type: 'low-mark'; readonly bytes: number }
  | { readonly type: 'closed' };

/** The page end. Ends with the channel. */
export function bridgeChannel(channel: RTCDataChannel, port: MessagePort): void {
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  const say = (message: PortMessage, transfer: Transferable[] = []) =>
    port.postMessage(message, transfer);
  let takenBytes = 0;

  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) say({ type: 'bytes', bytes: data }, [data]);
    else say({ type: 'bytes', bytes: new ArrayBuffer(0) });
  });
  const report = () => say({ type: 'buffered', bytes: channel.bufferedAmount, takenBytes });
  channel.addEventListener('bufferedamountlow', report);
  channel.addEventListener('close', () => say({ type: 'closed' }));
  port.addEventListener('message', ({ data }: MessageEvent<PortMessage>) => {
    if (data.type === 'closed') {
      channel.close();
      port.close();
    } else if (data.type === 'bytes' && channel.readyState === 'open') {
      takenBytes += data.bytes.byteLength;
      channel.send(data.bytes);
      if (channel.bufferedAmount <= channel.bufferedAmountLowThreshold) report();
    } else if (data.type === 'low-mark') {
      channel.bufferedAmountLowThreshold = data.bytes;
      if (channel.bufferedAmount <= data.bytes) report();
    }
  });
  port.start();
}

/** The worker end. */
export class PortLane implements OpenableLane {
  readonly id: LaneId;
  readonly #port: MessagePort;
  #sentBytes = 0;
  #takenBytes = 0;
  /** In the page's channel, when it last said. */
  #channelBytes = 0;
  #highBytes = HIGH_WATER_BYTES;
  #lowBytes = LOW_WATER_BYTES;
  #isFull = false;
  #isClosed = false;
  #listener: LaneListener | undefined;
  #maxMessageBytes = 0;

  constructor(id: LaneId, port: MessagePort) {
    this.id = id;
    this.#port = port;
  }

  open(maxMessageBytes: number): void {
    this.#maxMessageBytes = maxMessageBytes;
    this.#listener?.drained();
  }

  get maxMessageBytes(): number {
    return this.#maxMessageBytes;
  }

  get bufferedBytes(): number {
    return this.#channelBytes + (this.#sentBytes - this.#takenBytes);
  }

  get roomBytes(): number {
    if (this.#isFull || this.#isClosed || this.#maxMessageBytes === 0) return 0;
    return Math.max(0, this.#highBytes - this.bufferedBytes);
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    if (this.#isClosed) return;
    this.#sentBytes += message.byteLength;
    const bytes = message.slice().buffer;
    this.#say({ type: 'bytes', bytes }, [bytes]);
    if (this.bufferedBytes >= this.#highBytes) this.#isFull = true;
  }

  setWaterMarks(highBytes: number, lowBytes: number): void {
    this.#highBytes = highBytes;
    this.#lowBytes = lowBytes;
    this.#isFull = this.bufferedBytes >= highBytes;
    this.#say({ type: 'low-mark', bytes: lowBytes });
  }

  listen(listener: LaneListener): void {
    this.#listener = listener;
    this.#port.addEventListener('message', ({ data }: MessageEvent<PortMessage>) => {
      switch (data.type) {
        case 'bytes':
          listener.message(new Uint8Array(data.bytes));
          break;
        case 'buffered':
          this.#channelBytes = data.bytes;
          this.#takenBytes = data.takenBytes;
          if (this.bufferedBytes > this.#lowBytes) break;
          this.#isFull = false;
          listener.drained();
          break;
        case 'closed':
          this.#isClosed = true;
          listener.closed();
          break;
      }
    });
    this.#port.start();
  }

  close(): void {
    this.#isClosed = true;
    this.#say({ type: 'closed' });
  }

  #say(message: PortMessage, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
