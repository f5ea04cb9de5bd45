import type { Lane } from '../../ports/lane.ts';
import type { Source } from '../../ports/source.ts';
import { type Fault, TransferError } from '../../protocol/faults.ts';
import { type DataFrame, dataFrameBytes, writeDataFrame } from '../../protocol/frame.ts';
import { type BlockIndex, blockIndex, type LaneId, type TransferTag } from '../../protocol/ids.ts';
import type { BlockSet } from '../../protocol/indexSet.ts';
import {
  BLOCK_BYTES,
  MAX_PAYLOAD_BYTES,
  PAYLOAD_BYTES,
  SMALL_PAYLOAD_BYTES,
} from '../../protocol/limits.ts';
import type { StreamLayout } from '../../protocol/streamLayout.ts';

/** As much of a lane as sending needs. */
export type SendingLane = Pick<Lane, 'id' | 'maxMessageBytes' | 'roomBytes' | 'send'>;

/** One outgoing transfer, as the data plane runs it. */
export interface SendFlowJob {
  readonly tag: TransferTag;
  readonly layout: StreamLayout;
  readonly source: Source;
  /** Blocks the receiver wants and does not hold yet. */
  readonly missing: BlockSet;
}

export interface SendFlowParts {
  /** SHA-256. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Whether one more frame may be on the way now (SPEC W4); asked only when a lane has room for it. */
  mayGo(): boolean;
  /** Most payload bytes of a frame on a path like this. */
  payloadBytes(): number;
  /** Ms of a monotonic clock. */
  now(): number;
  acked(tag: TransferTag, block: BlockIndex): void;
  failed(tag: TransferTag, fault: Fault): void;
}

/** Bytes `start` to `end` of a block. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** A block in memory, being cut into frames. */
interface LoadedBlock {
  readonly job: Job;
  readonly block: BlockIndex;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What is still to be handed to lanes, in order. */
  readonly todo: Range[];
  /** Undefined until SHA-256 is ready; only the frame that ends the block waits for it. */
  digest: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * A block some of whose bytes left us, or are about to, and that is not acknowledged. It keeps its place in the window
 * while it waits to be sent again, since the receiver still holds what arrived (SPEC W1).
 */
interface Outstanding {
  readonly bytes: number;
  /** What each lane carried of it. */
  readonly carried: Map<LaneId, Range[]>;
  /** When the last of it was handed to a lane, and how long its ack may take before lanes that stall are passed by. */
  sentAt: number;
  patience: number;
}

interface Job extends SendFlowJob {
  /** Next index to look at for a block to load. */
  cursor: number;
  isPaused: boolean;
  /** Its first block was read: before that no other is, which would only keep that one waiting. */
  isUnderWay: boolean;
  readonly outstanding: Map<BlockIndex, Outstanding>;
  /** Of outstanding blocks: what has to be read and sent again. They have a place in the window, so they go first. */
  readonly again: Map<BlockIndex, Range[]>;
  /** Blocks being read, and what of them is to be sent. */
  readonly reading: Map<BlockIndex, Range[]>;
}

/** Blocks in memory that lanes have not taken whole yet: hides the latency of one slow read. */
const READ_AHEAD_BLOCKS = 4;

/** Reads running at once: enough to keep a disk busy, few enough to stay in file order. */
const PARALLEL_READS = 3;

/** How long an ack is waited for once everything is handed out, in round trips and ms; twice as long each time. */
const TAIL_ROUND_TRIPS = 4;
const MIN_TAIL_MS = 250;

/**
 * The sending half of a link's data plane: reads blocks, hashes them, cuts them into frames and hands
 * them to whichever lane has room. All lanes work on the oldest block: a slow one takes fewer of its frames, and blocks
 * are whole at the other end soon after each other, however many lanes there are.
 *
 * At most `windowBytes` of blocks are unacknowledged (SPEC W1). The pump runs when a lane drains, a block is read, a digest is
 * ready or an ack arrives.
 */
export class SendFlow {
  readonly #parts: SendFlowParts;
  /** In the order of their turns to load a block, so that several transfers share the lanes. */
  readonly #jobs = new Map<TransferTag, Job>();
  readonly #lanes = new Map<LaneId, SendingLane>();
  /** Blocks in memory with bytes to hand out, in the order they were asked for. */
  readonly #loaded: LoadedBlock[] = [];
  /** Memory of blocks that are handed out, for blocks to come. */
  readonly #spares: ArrayBuffer[] = [];
  #windowBytes = BLOCK_BYTES;
  #outstandingBytes = 0;
  #reads = 0;
  readonly #scratch = new Uint8Array(dataFrameBytes(MAX_PAYLOAD_BYTES, true));

  constructor(parts: SendFlowParts) {
    this.#parts = parts;
  }

  /** What the receiver takes unacknowledged, as its hello said. */
  setWindow(bytes: number): void {
    this.#windowBytes = bytes;
    this.pump();
  }

  addLane(lane: SendingLane): void {
    this.#lanes.set(lane.id, lane);
    this.pump();
  }

  /** Whatever the lane carried of unacknowledged blocks is sent again on the others (SPEC A3). */
  removeLane(id: LaneId): void {
    this.#lanes.delete(id);
    for (const job of this.#jobs.values()) {
      for (const block of job.outstanding.keys()) this.#sendAgain(job, block, id);
    }
    this.pump();
  }

  start(job: SendFlowJob): void {
    this.stop(job.tag);
    this.#jobs.set(job.tag, {
      ...job,
      cursor: 0,
      isPaused: false,
      isUnderWay: false,
      outstanding: new Map(),
      again: new Map(),
      reading: new Map(),
    });
    this.pump();
  }

  pause(tag: TransferTag): void {
    const job = this.#jobs.get(tag);
    if (job !== undefined) job.isPaused = true;
  }

  continue(tag: TransferTag): void {
    const job = this.#jobs.get(tag);
    if (job === undefined) return;
    job.isPaused = false;
    this.pump();
  }

  stop(tag: TransferTag): void {
    const job = this.#jobs.get(tag);
    if (job === undefined) return;
    this.#jobs.delete(tag);
    for (const { bytes } of job.outstanding.values()) this.#outstandingBytes -= bytes;
    this.#unload((loaded) => loaded.job === job);
    if (this.#jobs.size === 0) this.#spares.length = 0;
    this.pump();
  }

  /** Blocks `[block, block + count)` are written at the receiver. Unknown ones are ignored (SPEC A2). */
  ack(tag: TransferTag, block: BlockIndex, count: number): void {
    const job = this.#jobs.get(tag);
    if (job === undefined) return;
    const end = Math.min(block + count, job.layout.blockCount);
    for (let i: number = block; i < end; i += 1) {
      const acked = blockIndex(i);
      const outstanding = job.outstanding.get(acked);
      if (outstanding === undefined) continue;
      job.outstanding.delete(acked);
      job.again.delete(acked);
      job.reading.delete(acked);
      this.#outstandingBytes -= outstanding.bytes;
      this.#unload((loaded) => loaded.job === job && loaded.block === acked);
      this.#parts.acked(tag, acked);
    }
    this.pump();
  }

  /** The receiver has no good copy of a block: it is read and sent again, all of it (SPEC A3). */
  nack(tag: TransferTag, block: BlockIndex): void {
    const job = this.#jobs.get(tag);
    if (job === undefined || block >= job.layout.blockCount) return;
    const outstanding = job.outstanding.get(block);
    if (outstanding !== undefined) {
      this.#unload((loaded) => loaded.job === job && loaded.block === block);
      job.reading.delete(block);
      outstanding.carried.clear();
      job.again.set(block, [{ start: 0, end: outstanding.bytes }]);
    } else {
      job.missing.add(block);
      job.cursor = Math.min(job.cursor, block);
    }
    this.pump();
  }

  /**
   * Passes stalled lanes by: with nothing left to hand out, what lanes that have not delivered everything carried of blocks that are
   * overdue goes out again, on any lane. The receiver drops what it has (SPEC W3).
   */
  sendTailAgain(now: number, roundTripMs: number, isBehind: (lane: LaneId) => boolean): void {
    if (this.#loaded.length > 0 || this.#reads > 0) return;
    for (const job of this.#jobs.values()) {
      if (job.isPaused) continue;
      for (const [block, outstanding] of job.outstanding) {
        const patienceMs =
          Math.max(TAIL_ROUND_TRIPS * roundTripMs, MIN_TAIL_MS) * outstanding.patience;
        if (now - outstanding.sentAt < patienceMs) continue;
        for (const lane of outstanding.carried.keys())
          if (isBehind(lane)) this.#sendAgain(job, block, lane);
        outstanding.sentAt = now;
        outstanding.patience *= 2;
      }
    }
    this.pump();
  }

  /** Whether nothing is to be sent and nothing waits for an ack. */
  get isIdle(): boolean {
    return [...this.#jobs.values()].every(
      (job) => job.outstanding.size === 0 && (job.isPaused || job.missing.count === 0),
    );
  }

  /** Whether there are bytes to hand out. */
  get isHungry(): boolean {
    return this.#loaded.some(({ job }) => !job.isPaused);
  }

  /** Whether there is something to send and the lanes have no room for it. */
  get isLimitedByLanes(): boolean {
    return (
      this.#loaded.length > 0 && [...this.#lanes.values()].every((lane) => lane.roomBytes <= 0)
    );
  }

  /** Whether the receiver's window is what holds the sender back: its disk, or its way of writing. */
  get isLimitedByWindow(): boolean {
    return this.#loaded.length === 0 && this.#reads === 0 && this.#nextJob() !== undefined;
  }

  /** Hands out frames while lanes have room, and keeps enough blocks loaded. */
  pump(): void {
    // First what is there: asking a browser for more of a Blob may take ms.
    while (this.#handOutRound());
    this.#load();
  }

  /** One frame a lane, so that lanes fill evenly. @returns whether another round may bring more */
  #handOutRound(): boolean {
    if (this.#loaded.length === 0) return false;
    let isBusy = false;
    for (const lane of this.#lanes.values()) {
      if (lane.roomBytes <= 0) continue;
      const payloadBytes = Math.min(
        this.#parts.payloadBytes(),
        mostPayloadBytes(lane.maxMessageBytes),
      );
      const loaded = this.#loaded.find((each) => isSendable(each, payloadBytes));
      if (loaded === undefined) continue;
      // What holds one lane back here holds back all of them.
      if (!this.#parts.mayGo()) return false;
      this.#sendFrame(lane, loaded, payloadBytes);
      isBusy = true;
    }
    return isBusy;
  }

  #sendFrame(lane: SendingLane, loaded: LoadedBlock, payloadBytes: number): void {
    const range = cut(loaded, payloadBytes);
    this.#note(loaded, lane.id, range);
    lane.send(writeDataFrame(frameOf(loaded, range), this.#scratch));
    if (loaded.todo.length === 0) this.#unload((other) => other === loaded);
  }

  /** Remembers what a lane carries of a block, for when the lane closes. */
  #note({ job, block }: LoadedBlock, lane: LaneId, range: Range): void {
    const outstanding = job.outstanding.get(block);
    if (outstanding === undefined) return;
    outstanding.sentAt = this.#parts.now();
    const carried = outstanding.carried.get(lane);
    if (carried === undefined) outstanding.carried.set(lane, [range]);
    else carried.push(range);
  }

  #load(): void {
    if (this.#lanes.size === 0) return;
    while (
      this.#reads < PARALLEL_READS &&
      this.#loaded.length + this.#reads < READ_AHEAD_BLOCKS &&
      (this.#loadAgain() || this.#loadNext())
    );
  }

  /** @returns whether there was a block to read again */
  #loadAgain(): boolean {
    for (const job of this.#jobs.values()) {
      if (job.isPaused) continue;
      const [first] = job.again;
      if (first === undefined) continue;
      const [block, todo] = first;
      job.again.delete(block);
      this.#read(job, block, todo);
      return true;
    }
    return false;
  }

  /** @returns whether there was a block to read, and room for it in the window */
  #loadNext(): boolean {
    const job = this.#nextJob();
    if (job === undefined || (!job.isUnderWay && job.reading.size > 0)) return false;
    const block = blockIndex(job.cursor);
    if (!this.#reserve(job, block)) return false;
    job.cursor += 1;
    job.missing.delete(block);
    this.#jobs.delete(job.tag);
    this.#jobs.set(job.tag, job);
    this.#read(job, block, [{ start: 0, end: job.layout.blockLength(block) }]);
    return true;
  }

  /** Takes a place in the window. @returns false when there is none */
  #reserve(job: Job, block: BlockIndex): boolean {
    const bytes = job.layout.blockLength(block);
    if (this.#outstandingBytes > 0 && this.#outstandingBytes + bytes > this.#windowBytes)
      return false;
    job.outstanding.set(block, { bytes, carried: new Map(), sentAt: 0, patience: 1 });
    this.#outstandingBytes += bytes;
    return true;
  }

  /** The job whose turn it is to load a block; its `cursor` stands on that block. */
  #nextJob(): Job | undefined {
    for (const job of this.#jobs.values()) {
      if (job.isPaused) continue;
      while (job.cursor < job.layout.blockCount && !job.missing.has(blockIndex(job.cursor)))
        job.cursor += 1;
      if (job.cursor < job.layout.blockCount) return job;
    }
    return undefined;
  }

  #read(job: Job, block: BlockIndex, todo: Range[]): void {
    const { start, end } = job.layout.block(block);
    job.reading.set(block, todo);
    this.#reads += 1;
    job.source
      .read(start, end, this.#spares.pop())
      .then((bytes) => {
        // Stopped, refused by the receiver, or acknowledged by a late ack, while reading.
        if (this.#jobs.get(job.tag) !== job || job.reading.get(block) !== todo) return;
        job.reading.delete(block);
        const loaded: LoadedBlock = { job, block, bytes, todo, digest: undefined };
        this.#loaded.push(loaded);
        this.#hash(loaded);
      })
      .catch((error: unknown) => this.#fail(job, error))
      .finally(() => {
        job.isUnderWay = true;
        this.#reads -= 1;
        this.pump();
      });
  }

  #hash(loaded: LoadedBlock): void {
    this.#parts
      .digest(loaded.bytes)
      .then((digest) => {
        loaded.digest = digest;
        this.pump();
      })
      .catch((error: unknown) => this.#fail(loaded.job, error));
  }

  /** What `lane` carried of a block goes out once more, on whichever lane has room. */
  #sendAgain(job: Job, block: BlockIndex, lane: LaneId): void {
    const carried = job.outstanding.get(block)?.carried;
    const ranges = carried?.get(lane);
    if (ranges === undefined) return;
    carried?.delete(lane);
    const todo =
      this.#loaded.find((loaded) => loaded.job === job && loaded.block === block)?.todo ??
      job.reading.get(block) ??
      job.again.get(block);
    if (todo === undefined) job.again.set(block, ranges);
    else todo.push(...ranges);
  }

  #unload(isGone: (loaded: LoadedBlock) => boolean): void {
    for (let i = this.#loaded.length - 1; i >= 0; i -= 1) {
      if (!isGone(this.#loaded[i]!)) continue;
      const [{ bytes }] = this.#loaded.splice(i, 1) as [LoadedBlock];
      if (isWhole(bytes) && this.#spares.length < READ_AHEAD_BLOCKS)
        this.#spares.push(bytes.buffer);
    }
  }

  #fail(job: Job, error: unknown): void {
    if (!(error instanceof TransferError)) throw error;
    if (this.#jobs.get(job.tag) !== job) return;
    this.stop(job.tag);
    this.#parts.failed(job.tag, error.fault);
  }
}

/** Whether the memory of a block is ours (see `Source`), and worth keeping. */
const isWhole = (bytes: Uint8Array) =>
  bytes.byteLength === bytes.buffer.byteLength && bytes.byteLength >= BLOCK_BYTES;

/** Whether a frame of `loaded` can be cut now. */
function isSendable({ job, bytes, todo, digest }: LoadedBlock, payloadBytes: number): boolean {
  const [next] = todo;
  if (job.isPaused || next === undefined) return false;
  return digest !== undefined || Math.min(next.start + payloadBytes, next.end) < bytes.byteLength;
}

/** Takes the next frame's range off what is to be sent. */
function cut({ todo }: LoadedBlock, payloadBytes: number): Range {
  const next = todo.shift()!;
  const end = Math.min(next.start + payloadBytes, next.end);
  if (end < next.end) todo.unshift({ start: end, end: next.end });
  return { start: next.start, end };
}

const frameOf = ({ job, block, bytes, digest }: LoadedBlock, { start, end }: Range): DataFrame => ({
  type: 'data',
  tag: job.tag,
  block,
  offset: start,
  payload: bytes.subarray(start, end),
  digest: end === bytes.byteLength ? digest : undefined,
});

/** Payload bytes of a frame that fits the path's message size with room for header and digest. */
function mostPayloadBytes(maxMessageBytes: number): number {
  return maxMessageBytes >= dataFrameBytes(PAYLOAD_BYTES, true)
    ? PAYLOAD_BYTES
    : SMALL_PAYLOAD_BYTES;
}
