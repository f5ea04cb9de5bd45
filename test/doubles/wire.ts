import type { Lane, LaneListener } from '../../src/ports/lane.ts';
import { laneId } from '../../src/protocol/ids.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** One end of a {@link Wire}. What it sends waits there until the test delivers it. */
export class WireLane implements Lane {
  readonly id;
  readonly maxMessageBytes: number;
  readonly waiting: Bytes[] = [];
  listener: LaneListener | undefined;
  isClosed = false;
  /** False while the channel is only just opening: it takes nothing and drops what it gets. */
  isOpen = true;
  readonly #highWaterBytes: number;
  readonly #close: () => void;

  constructor(id: number, maxMessageBytes: number, highWaterBytes: number, close: () => void) {
    this.id = laneId(id);
    this.maxMessageBytes = maxMessageBytes;
    this.#highWaterBytes = highWaterBytes;
    this.#close = close;
  }

  get bufferedBytes(): number {
    return this.waiting.reduce((sum, message) => sum + message.byteLength, 0);
  }

  get roomBytes(): number {
    return this.isClosed || !this.isOpen
      ? 0
      : Math.max(0, this.#highWaterBytes - this.bufferedBytes);
  }

  /** The wire keeps the marks it was made with. */
  setWaterMarks(): void {}

  send(message: Bytes): void {
    if (!this.isClosed && this.isOpen) this.waiting.push(message.slice());
  }

  listen(listener: LaneListener): void {
    this.listener = listener;
  }

  close(): void {
    this.#close();
  }
}

export interface WireOptions {
  /** 65,536 makes payloads of 32 KiB; from 65,580 on they are of 64 KiB. */
  readonly maxMessageBytes?: number;
  readonly highWaterBytes?: number;
}

/** A lane with both its ends, and the network between them in the hands of the test. */
export class Wire {
  readonly near: WireLane;
  readonly far: WireLane;
  isDead = false;

  constructor(
    id: number,
    { maxMessageBytes = 65_536, highWaterBytes = 2 ** 20 }: WireOptions = {},
  ) {
    const die = () => this.die();
    this.near = new WireLane(id, maxMessageBytes, highWaterBytes, die);
    this.far = new WireLane(id, maxMessageBytes, highWaterBytes, die);
  }

  /** Delivers one waiting message that `from` sent: the oldest, or any other. */
  deliver(from: WireLane, index = 0, isDuplicated = false): Bytes | undefined {
    const message = from.waiting[index % Math.max(1, from.waiting.length)];
    if (message === undefined) return undefined;
    if (!isDuplicated) from.waiting.splice(from.waiting.indexOf(message), 1);
    const to = from === this.near ? this.far : this.near;
    to.listener?.message(message.slice());
    if (from.roomBytes > 0) from.listener?.drained();
    return message;
  }

  /** Both ends close, and what was under way is lost. */
  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    for (const end of [this.near, this.far]) {
      end.isClosed = true;
      end.waiting.length = 0;
    }
    for (const end of [this.near, this.far]) end.listener?.closed();
  }
}
