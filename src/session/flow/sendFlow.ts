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
  acked(tag: TransferTag, block: BlockIndex): void;
  failed(tag: TransferTag, fault: Fault): void;
}

/** A block in memory, being cut into frames. */
interface LoadedBlock {
  readonly job: Job;
  readonly block: BlockIndex;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes already handed to lanes. */
  sentBytes: number;
  /** Undefined until SHA-256 is ready; only the frame that ends the block waits for it. */
  digest: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * A block some of whose bytes left us, or are about to, and that is not acknowledged. A new object for
 * every sending: while it waits to be sent again it keeps its place in the window, since the receiver still
 * holds what arrived (SPEC W1).
 */
interface Outstanding {
  readonly bytes: number;
  readonly lanes: Set<LaneId>;
}

interface Job extends SendFlowJob {
  /** Next index to look at for a block to load. */
  cursor: number;
  isPaused: boolean;
  readonly outstanding: Map<BlockIndex, Outstanding>;
}

/** Blocks read ahead of the lanes, beyond one a lane: hides the latency of one slow read. */
const READ_AHEAD_BLOCKS = 3;

/** Reads running at once: enough to keep a disk busy, few enough to stay in file order. */
const PARALLEL_READS = 3;

/**
 * The sending half of a link's data plane: reads blocks, hashes them, cuts them into frames and hands
 * them to whichever lane has room. A lane works on a block of its own, so that a stalled lane holds up
 * few blocks; a lane without one helps with the unsent rest of another's.
 *
 * At most `windowBytes` of blocks are unacknowledged (SPEC W1). Nothing here waits on a timer: the
 * pump runs when a lane drains, a block is read, a digest is ready or an ack arrives.
 */
export class SendFlow {
  readonly #parts: SendFlowParts;
  /** In the order of their turns to load a block, so that several transfers share the lanes. */
  readonly #jobs = new Map<TransferTag, Job>();
  readonly #lanes = new Map<LaneId, Lane>();
  /** The block each lane works on. */
  readonly #work = new Map<LaneId, LoadedBlock>();
  /** Blocks in memory with bytes to hand out, in the order they were asked for. */
  readonly #loaded: LoadedBlock[] = [];
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

  addLane(lane: Lane): void {
    this.#lanes.set(lane.id, lane);
    this.pump();
  }

  /** Whatever the lane carried of unacknowledged blocks is sent again on the others. */
  removeLane(id: LaneId): void {
    this.#lanes.delete(id);
    this.#work.delete(id);
    for (const job of this.#jobs.values()) {
      for (const [block, { lanes }] of job.outstanding) {
        if (lanes.has(id)) this.#sendAgain(job, block);
      }
    }
    this.pump();
  }

  start(job: SendFlowJob): void {
    this.stop(job.tag);
    this.#jobs.set(job.tag, { ...job, cursor: 0, isPaused: false, outstanding: new Map() });
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
      job.missing.delete(acked);
      this.#outstandingBytes -= outstanding.bytes;
      this.#unload((loaded) => loaded.job === job && loaded.block === acked);
      this.#parts.acked(tag, acked);
    }
    this.pump();
  }

  /** The receiver has no good copy of a block: it is read and sent again (SPEC A3). */
  nack(tag: TransferTag, block: BlockIndex): void {
    const job = this.#jobs.get(tag);
    if (job === undefined || block >= job.layout.blockCount) return;
    if (job.outstanding.has(block)) {
      this.#sendAgain(job, block);
    } else {
      job.missing.add(block);
      job.cursor = Math.min(job.cursor, block);
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
    this.#load();
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      // One frame a lane a round, so that lanes fill evenly.
      for (const lane of this.#lanes.values()) {
        if (lane.roomBytes > 0 && this.#sendFrame(lane)) isBusy = true;
      }
    }
    this.#load();
  }

  #sendFrame(lane: Lane): boolean {
    const payloadBytes = Math.min(
      this.#parts.payloadBytes(),
      mostPayloadBytes(lane.maxMessageBytes),
    );
    const loaded = this.#workFor(lane, payloadBytes);
    if (loaded === undefined || !this.#parts.mayGo()) return false;
    const frame = this.#cut(loaded, payloadBytes);
    loaded.job.outstanding.get(loaded.block)?.lanes.add(lane.id);
    lane.send(writeDataFrame(frame, this.#scratch));
    if (loaded.sentBytes === loaded.bytes.byteLength) this.#unload((other) => other === loaded);
    return true;
  }

  /** The lane's own block, else a fresh one, else the one with most left of another lane. */
  #workFor(lane: Lane, payloadBytes: number): LoadedBlock | undefined {
    const isSendable = (loaded: LoadedBlock) =>
      !loaded.job.isPaused &&
      (loaded.digest !== undefined || loaded.sentBytes + payloadBytes < loaded.bytes.byteLength);

    const own = this.#work.get(lane.id);
    if (own !== undefined && isSendable(own)) return own;
    const taken = new Set(this.#work.values());
    const fresh = this.#loaded.find((loaded) => !taken.has(loaded) && isSendable(loaded));
    if (fresh !== undefined) {
      this.#work.set(lane.id, fresh);
      return fresh;
    }
    let most: LoadedBlock | undefined;
    for (const loaded of this.#loaded) {
      if (isSendable(loaded) && (most === undefined || unsentBytes(loaded) > unsentBytes(most)))
        most = loaded;
    }
    return most;
  }

  #cut(loaded: LoadedBlock, payloadBytes: number): DataFrame {
    const offset = loaded.sentBytes;
    const end = Math.min(offset + payloadBytes, loaded.bytes.byteLength);
    loaded.sentBytes = end;
    return {
      type: 'data',
      tag: loaded.job.tag,
      block: loaded.block,
      offset,
      payload: loaded.bytes.subarray(offset, end),
      digest: end === loaded.bytes.byteLength ? loaded.digest : undefined,
    };
  }

  #load(): void {
    while (
      this.#reads < PARALLEL_READS &&
      this.#loaded.length + this.#reads < this.#lanes.size + READ_AHEAD_BLOCKS
    ) {
      if (this.#lanes.size === 0) return;
      const job = this.#nextJob();
      if (job === undefined) return;
      const block = blockIndex(job.cursor);
      if (!this.#reserve(job, block)) return;
      job.cursor += 1;
      job.missing.delete(block);
      this.#jobs.delete(job.tag);
      this.#jobs.set(job.tag, job);
      this.#read(job, block);
    }
  }

  /** Takes a place in the window. @returns false when there is none */
  #reserve(job: Job, block: BlockIndex): boolean {
    if (job.outstanding.has(block)) return true;
    const bytes = job.layout.blockLength(block);
    if (this.#outstandingBytes > 0 && this.#outstandingBytes + bytes > this.#windowBytes)
      return false;
    job.outstanding.set(block, { bytes, lanes: new Set() });
    this.#outstandingBytes += bytes;
    return true;
  }

  /**
   * The job whose turn it is to load a block; its `cursor` stands on that block. A block to be sent again
   * goes first: it has a place in the window, and nobody else's block may wait in front of it for one.
   */
  #nextJob(): Job | undefined {
    let next: Job | undefined;
    for (const job of this.#jobs.values()) {
      if (job.isPaused) continue;
      while (job.cursor < job.layout.blockCount && !job.missing.has(blockIndex(job.cursor)))
        job.cursor += 1;
      if (job.cursor >= job.layout.blockCount) continue;
      if (job.outstanding.has(blockIndex(job.cursor))) return job;
      next ??= job;
    }
    return next;
  }

  #read(job: Job, block: BlockIndex): void {
    const { start, end } = job.layout.block(block);
    const outstanding = job.outstanding.get(block);
    this.#reads += 1;
    job.source
      .read(start, end)
      .then((bytes) => {
        // Stopped, asked for again, or acknowledged by a late ack of an earlier sending, while reading.
        if (this.#jobs.get(job.tag) !== job || job.outstanding.get(block) !== outstanding) return;
        const loaded: LoadedBlock = { job, block, bytes, sentBytes: 0, digest: undefined };
        this.#loaded.push(loaded);
        this.#hash(loaded);
      })
      .catch((error: unknown) => this.#fail(job, error))
      .finally(() => {
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

  #sendAgain(job: Job, block: BlockIndex): void {
    const outstanding = job.outstanding.get(block);
    if (outstanding === undefined) return;
    this.#unload((loaded) => loaded.job === job && loaded.block === block);
    job.outstanding.set(block, { bytes: outstanding.bytes, lanes: new Set() });
    job.missing.add(block);
    job.cursor = Math.min(job.cursor, block);
  }

  #unload(isGone: (loaded: LoadedBlock) => boolean): void {
    for (let i = this.#loaded.length - 1; i >= 0; i -= 1) {
      if (isGone(this.#loaded[i]!)) this.#loaded.splice(i, 1);
    }
    for (const [lane, loaded] of this.#work) {
      if (isGone(loaded)) this.#work.delete(lane);
    }
  }

  #fail(job: Job, error: unknown): void {
    if (!(error instanceof TransferError)) throw error;
    if (this.#jobs.get(job.tag) !== job) return;
    this.stop(job.tag);
    this.#parts.failed(job.tag, error.fault);
  }
}

const unsentBytes = (loaded: LoadedBlock) => loaded.bytes.byteLength - loaded.sentBytes;

/** Payload bytes of a frame that fits the path's message size with room for header and digest. */
function mostPayloadBytes(maxMessageBytes: number): number {
  return maxMessageBytes >= dataFrameBytes(PAYLOAD_BYTES, true)
    ? PAYLOAD_BYTES
    : SMALL_PAYLOAD_BYTES;
}
