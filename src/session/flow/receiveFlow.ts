import type { BlockStore } from '../../ports/blockStore.ts';
import { type Fault, TransferError } from '../../protocol/faults.ts';
import type { DataFrame, Frame } from '../../protocol/frame.ts';
import {
  type BlockIndex,
  blockIndex,
  type TransferId,
  type TransferTag,
} from '../../protocol/ids.ts';
import type { BlockSet } from '../../protocol/indexSet.ts';
import {
  DIGEST_BYTES,
  DUPLICATE_ALLOWANCE_BYTES,
  GRAIN_BYTES,
  MAX_DIGEST_FAILURES,
  UNFINISHED_WINDOWS,
} from '../../protocol/limits.ts';
import type { StreamLayout } from '../../protocol/streamLayout.ts';
import type { BlockRecord } from './blockRecord.ts';

/** One incoming transfer, as the data plane runs it. */
export interface ReceiveFlowJob {
  readonly id: TransferId;
  readonly tag: TransferTag;
  readonly layout: StreamLayout;
  /** Blocks that cover the wanted files. */
  readonly wanted: BlockSet;
  readonly store: BlockStore;
  /** What is held, with its digests; the flow adds to it and nobody else does. */
  readonly record: BlockRecord;
}

export interface ReceiveFlowParts {
  /** SHA-256. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Sends an ack or nack back, on any lane. */
  reply(frame: Frame): void;
  /** A block is verified and written, not yet flushed. */
  verified(id: TransferId, block: BlockIndex): void;
  /** Every wanted block is verified and written. */
  complete(id: TransferId): void;
  failed(id: TransferId, fault: Fault): void;
}

/** A block some of whose bytes are here. */
interface OpenBlock {
  /** The store's while it writes: empty then. */
  bytes: Uint8Array<ArrayBuffer>;
  /** One entry a grain: 1 when it arrived. */
  readonly grains: Uint8Array;
  grainsLeft: number;
  digest: Uint8Array | undefined;
  /** All here; being hashed and written. Frames for it are duplicates now. */
  isClosing: boolean;
}

interface Job extends ReceiveFlowJob {
  readonly open: Map<BlockIndex, OpenBlock>;
  readonly failures: Map<BlockIndex, number>;
  duplicateBytes: number;
}

/** A frame that breaks a rule of SPEC.md. The link is closed over it. */
export type BrokenRule = 'F6' | 'F7' | 'W2' | 'W3';

/** Buffers of whole blocks kept for reuse: a few, so that a burst doesn't pin memory for good. */
const POOLED_BUFFERS = 8;

/**
 * The receiving half of a link's data plane: puts frames of any order into blocks, checks each block's
 * SHA-256, writes it, then acknowledges it. Memory is bounded by the window: a sender that opens more
 * blocks than it was granted breaks a rule.
 */
export class ReceiveFlow {
  readonly #parts: ReceiveFlowParts;
  /** Most bytes of open blocks, as our hello told the peer. */
  readonly #windowBytes: number;
  readonly #jobs = new Map<TransferTag, Job>();
  /** Tags of transfers that ended: their late frames are nobody's fault. */
  readonly #ended = new Set<TransferTag>();
  readonly #pool: Uint8Array<ArrayBuffer>[] = [];
  #openBytes = 0;
  #writes = 0;

  constructor(windowBytes: number, parts: ReceiveFlowParts) {
    this.#windowBytes = windowBytes;
    this.#parts = parts;
  }

  /** Whether blocks are waiting for the disk more than for the network. */
  get isLimitedByDisk(): boolean {
    return this.#writes * 2 > this.#jobs.size + 6;
  }

  start(job: ReceiveFlowJob): void {
    this.#ended.delete(job.tag);
    this.#jobs.set(job.tag, { ...job, open: new Map(), failures: new Map(), duplicateBytes: 0 });
    if (isComplete(job)) this.#parts.complete(job.id);
  }

  stop(tag: TransferTag): void {
    const job = this.#jobs.get(tag);
    if (job === undefined) return;
    this.#jobs.delete(tag);
    this.#ended.add(tag);
    for (const block of job.open.keys()) this.#openBytes -= job.layout.blockLength(block);
  }

  /** A block held from earlier turned out damaged: the sender is asked for it again. */
  askAgain(tag: TransferTag, block: BlockIndex): void {
    if (this.#jobs.has(tag)) this.#parts.reply({ type: 'nack', tag, block });
  }

  /** Takes one data frame. @returns the broken rule, if any; payload is copied, never kept */
  take(frame: DataFrame): BrokenRule | undefined {
    const job = this.#jobs.get(frame.tag);
    if (job === undefined) return this.#ended.has(frame.tag) ? undefined : 'F6';
    const broken = brokenRule(job, frame);
    if (broken !== undefined) return broken;
    const { block, payload } = frame;
    if (job.record.held.has(block)) {
      // The ack may have died with its lane: say it again, once a sending (SPEC A2).
      if (frame.digest !== undefined) this.#acknowledge(job, block);
      return this.#countDuplicate(job, payload.byteLength);
    }
    // On its way when its file was dropped from what is wanted (SPEC P9): not wrong, and not kept.
    if (!job.wanted.has(block)) return this.#countDuplicate(job, payload.byteLength);
    let open = job.open.get(block);
    if (open === undefined) {
      const bytes = job.layout.blockLength(block);
      const limitBytes = this.#windowBytes * UNFINISHED_WINDOWS;
      if (this.#openBytes > 0 && this.#openBytes + bytes > limitBytes) return 'W2';
      open = this.#openBlock(job, block, bytes);
    }
    if (open.isClosing) return this.#countDuplicate(job, payload.byteLength);
    const duplicateBytes = fill(open, frame);
    if (open.grainsLeft === 0) this.#close(job, block, open);
    return this.#countDuplicate(job, duplicateBytes);
  }

  /** Says again what is held: a lane closed, and acks may have died with it (SPEC A2). */
  acknowledgeAgain(): void {
    for (const { tag, record } of this.#jobs.values()) {
      let run: { block: BlockIndex; count: number } | undefined;
      for (const block of record.held) {
        if (run !== undefined && run.block + run.count === block) {
          run.count += 1;
          continue;
        }
        if (run !== undefined) this.#parts.reply({ type: 'ack', tag, ...run });
        run = { block, count: 1 };
      }
      if (run !== undefined) this.#parts.reply({ type: 'ack', tag, ...run });
    }
  }

  #openBlock(job: Job, block: BlockIndex, byteCount: number): OpenBlock {
    const pooled = this.#pool.at(-1)?.byteLength === byteCount ? this.#pool.pop() : undefined;
    const grains = Math.ceil(byteCount / GRAIN_BYTES);
    const open: OpenBlock = {
      bytes: pooled ?? new Uint8Array(byteCount),
      grains: new Uint8Array(grains),
      grainsLeft: grains,
      digest: undefined,
      isClosing: false,
    };
    job.open.set(block, open);
    this.#openBytes += byteCount;
    return open;
  }

  #close(job: Job, block: BlockIndex, open: OpenBlock): void {
    open.isClosing = true;
    this.#writes += 1;
    this.#verifyAndWrite(job, block, open)
      .catch((error: unknown) => this.#fail(job, error))
      .finally(() => {
        this.#writes -= 1;
        if (open.bytes.byteLength === job.layout.blockBytes && this.#pool.length < POOLED_BUFFERS) {
          this.#pool.push(open.bytes);
        }
      });
  }

  async #verifyAndWrite(job: Job, block: BlockIndex, open: OpenBlock): Promise<void> {
    const digest = await this.#parts.digest(open.bytes);
    if (this.#jobs.get(job.tag) !== job) return;
    if (!isSame(digest, open.digest)) {
      this.#release(job, block);
      this.#refuse(job, block);
      return;
    }
    open.bytes = await job.store.write(job.layout.block(block).start, open.bytes);
    if (this.#jobs.get(job.tag) !== job) return;
    this.#release(job, block);
    job.record.add(block, digest);
    this.#acknowledge(job, block);
    this.#parts.verified(job.id, block);
    if (isComplete(job)) this.#parts.complete(job.id);
  }

  /** Throws a damaged block away and asks for it again, a few times (SPEC D2, D3). */
  #refuse(job: Job, block: BlockIndex): void {
    const failures = (job.failures.get(block) ?? 0) + 1;
    job.failures.set(block, failures);
    if (failures >= MAX_DIGEST_FAILURES) {
      this.#fail(job, new TransferError({ code: 'hash-mismatch', block }));
    } else {
      this.#parts.reply({ type: 'nack', tag: job.tag, block });
    }
  }

  #acknowledge(job: Job, block: BlockIndex): void {
    this.#parts.reply({ type: 'ack', tag: job.tag, block, count: 1 });
  }

  #release(job: Job, block: BlockIndex): void {
    if (job.open.delete(block)) this.#openBytes -= job.layout.blockLength(block);
  }

  #countDuplicate(job: Job, bytes: number): BrokenRule | undefined {
    job.duplicateBytes += bytes;
    return job.duplicateBytes > job.layout.totalBytes + DUPLICATE_ALLOWANCE_BYTES
      ? 'W3'
      : undefined;
  }

  #fail(job: Job, error: unknown): void {
    if (!(error instanceof TransferError)) throw error;
    if (this.#jobs.get(job.tag) !== job) return;
    this.stop(job.tag);
    this.#parts.failed(job.id, error.fault);
  }
}

/** Whether a frame lies inside the transfer it names (SPEC F6, F7). */
function brokenRule(job: Job, frame: DataFrame): BrokenRule | undefined {
  if (frame.block >= job.layout.blockCount) return 'F6';
  const length = job.layout.blockLength(frame.block);
  const end = frame.offset + frame.payload.byteLength;
  if (end > length) return 'F7';
  // Exactly the frame that reaches the end of the block carries the digest.
  return (end === length) === (frame.digest !== undefined) ? undefined : 'F7';
}

/** Copies the payload in. @returns how many of its bytes were there already */
function fill(open: OpenBlock, { offset, payload, digest }: DataFrame): number {
  open.bytes.set(payload, offset);
  if (digest !== undefined && digest.byteLength === DIGEST_BYTES) open.digest = digest.slice();
  let duplicateBytes = 0;
  const end = offset + payload.byteLength;
  for (let at = offset; at < end; at += GRAIN_BYTES) {
    const grain = at / GRAIN_BYTES;
    if (open.grains[grain] === 1) {
      duplicateBytes += Math.min(GRAIN_BYTES, end - at);
    } else {
      open.grains[grain] = 1;
      open.grainsLeft -= 1;
    }
  }
  return duplicateBytes;
}

function isComplete(job: ReceiveFlowJob): boolean {
  if (job.record.held.count < job.wanted.count) return false;
  for (const block of job.wanted) {
    if (!job.record.held.has(blockIndex(block))) return false;
  }
  return true;
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
}
