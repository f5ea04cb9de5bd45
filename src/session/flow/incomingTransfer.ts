import type { BlockStore, TransferStores } from '../../ports/blockStore.ts';
import type { BlockSample, ReceiveJob } from '../../ports/dataPlane.ts';
import type { Journal, JournalEntry } from '../../ports/journal.ts';
import { type Fault, TransferError } from '../../protocol/faults.ts';
import type { BlockIndex, FileIndex, TransferTag } from '../../protocol/ids.ts';
import { IndexSet } from '../../protocol/indexSet.ts';
import { StreamLayout } from '../../protocol/streamLayout.ts';
import { BlockRecord } from './blockRecord.ts';
import { JournalWriter } from './journalWriter.ts';
import type { ReceiveFlowJob } from './receiveFlow.ts';

export interface IncomingTransferParts {
  readonly stores: TransferStores;
  readonly journal: Journal;
  /** Epoch ms. */
  now(): number;
  /** Ms of a monotonic clock. */
  clock(): number;
  /** SHA-256. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Store and journal are open; `held` is what an earlier session left, as a bitmap, `samples` some of it. */
  opened(job: ReceiveFlowJob, held: Uint8Array<ArrayBuffer>, samples: readonly BlockSample[]): void;
  /** A block an earlier session left is not what it was: it is no longer held, and must come again. */
  damaged(block: BlockIndex): void;
  /** Everything wanted is flushed and journaled as done. */
  stored(content: Blob): void;
  failed(fault: Fault): void;
}

interface Opened {
  readonly store: BlockStore;
  readonly writer: JournalWriter;
  readonly record: BlockRecord;
}

/** Held blocks the sender compares with its source when a transfer goes on (SPEC P8). */
const SAMPLES = 3;

/**
 * How long the look at what a crash may have damaged rests after each block, over what the block took: hashing all day would keep
 * the new bytes waiting, several seconds of a few GB. Once everything is here it rests no more.
 */
const RECHECK_REST = 4;

/** A damaged block is asked for again this often until it is here: the question may die with its lane. */
const ASK_AGAIN_MS = 1_000;

/** The store and the journal of one incoming transfer, from opening to done, kept or discarded. */
export class IncomingTransfer {
  readonly tag: TransferTag;
  readonly #job: ReceiveJob;
  readonly #parts: IncomingTransferParts;
  readonly #layout: StreamLayout;
  #opening: Promise<Opened | undefined> = Promise.resolve(undefined);
  #opened: Opened | undefined;
  #isStopped = false;
  /** What a crash may have damaged is still being looked at. */
  #isSuspect = false;
  /** Everything has come: nothing is kept waiting by that look any more. */
  #isLast = false;
  /** Ends when everything an earlier session left is known to be good, or here again. */
  #rechecked: Promise<void> = Promise.resolve();

  constructor(job: ReceiveJob, parts: IncomingTransferParts) {
    this.tag = job.tag;
    this.#job = job;
    this.#parts = parts;
    this.#layout = new StreamLayout(job.manifest);
  }

  open(): void {
    this.#opening = this.#open().catch((error: unknown) => {
      this.#fail(error);
      return undefined;
    });
  }

  /** A block was written: the journal will follow. */
  wrote(block: BlockIndex): void {
    this.#opened?.writer.wrote(this.#layout.blockLength(block));
  }

  /** All blocks are written: flush, journal, hand the content over. */
  store(): void {
    this.#finish().catch((error: unknown) => this.#fail(error));
  }

  /** Releases the store: keeps bytes and journal for another day, or deletes both. */
  async stop(isKept: boolean): Promise<void> {
    this.#isStopped = true;
    const opened = await this.#opening;
    if (opened === undefined) return;
    const { store, writer } = opened;
    if (isKept) {
      await writer.save('receiving', !this.#isSuspect).catch(() => {
        // The journal stays where it was: behind the disk, which costs blocks sent twice and nothing else.
      });
      await store.close();
    } else {
      await writer.stop();
      await store.discard();
      await this.#parts.journal.forget(this.#job.manifest.id);
    }
  }

  async #open(): Promise<Opened | undefined> {
    const { manifest, wanted, peerName, role, resumeKey } = this.#job;
    const { stores, journal, now } = this.#parts;
    const found = await journal.load(manifest.id);
    const earlier = found?.phase === 'proposed' ? undefined : found;
    const store = await stores.open(manifest.id, manifest.totalBytes, earlier?.store);
    const record = this.#recordOf(earlier);
    const writer = new JournalWriter({
      store,
      journal,
      record,
      now,
      entry: {
        version: 1,
        direction: 'receive',
        manifest,
        wanted,
        store: store.kind,
        peerName,
        role,
        resumeKey,
        startedAt: earlier?.startedAt ?? now(),
      },
      failed: (error) => this.#fail(error),
    });
    const opened: Opened = { store, writer, record };
    this.#opened = opened;
    this.#isSuspect = earlier !== undefined && !earlier.isClean && record.held.count > 0;
    if (this.#isStopped) return opened;
    // Nobody waits for it: what a crash before it leaves behind, the next start sweeps away.
    writer.save('receiving', false).catch((error: unknown) => this.#fail(error));
    const files = IndexSet.parse<FileIndex>(wanted, manifest.files.length);
    if (files === undefined) throw new Error('bitmap checked by the session');
    this.#parts.opened(
      {
        id: manifest.id,
        tag: this.tag,
        layout: this.#layout,
        wanted: this.#layout.blocksOf(files),
        store,
        record,
      },
      record.held.toBytes(),
      samplesOf(record),
    );
    if (this.#isSuspect) this.#rechecked = this.#recheck(opened);
    return opened;
  }

  /**
   * Reads back every block an earlier session left behind a crash, beside the transfer that goes on: what
   * was flushed survives a crash of the browser, but not every disk survives a cut of the power.
   */
  async #recheck({ store, record }: Opened): Promise<void> {
    const damaged: BlockIndex[] = [];
    for (const block of [...record.held]) {
      if (this.#isStopped) return;
      const startedAt = this.#parts.clock();
      const { start, end } = this.#layout.block(block);
      const digest = await this.#parts.digest(await store.read(start, end));
      if (!isSame(digest, record.digest(block))) {
        record.delete(block);
        damaged.push(block);
        this.#parts.damaged(block);
      }
      if (!this.#isLast) await rest((this.#parts.clock() - startedAt) * RECHECK_REST);
    }
    for (;;) {
      const missing = damaged.filter((block) => !record.held.has(block));
      if (missing.length === 0 || this.#isStopped) break;
      await rest(ASK_AGAIN_MS);
      for (const block of missing) if (!record.held.has(block)) this.#parts.damaged(block);
    }
    this.#isSuspect = false;
  }

  #recordOf(earlier: JournalEntry | undefined): BlockRecord {
    const held = earlier && IndexSet.parse<BlockIndex>(earlier.held, this.#layout.blockCount);
    return earlier === undefined || held === undefined
      ? BlockRecord.empty(this.#layout.blockCount)
      : new BlockRecord(held, earlier.digests.slice());
  }

  async #finish(): Promise<void> {
    const opened = await this.#opening;
    if (opened === undefined || this.#isStopped) return;
    this.#isLast = true;
    await this.#rechecked;
    if (this.#isStopped) return;
    await opened.writer.save('done', true);
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#parts.stored(await opened.store.finish());
  }

  #fail(error: unknown): void {
    if (!(error instanceof TransferError)) throw error;
    if (!this.#isStopped) this.#parts.failed(error.fault);
  }
}

/** A few held blocks spread over the transfer, with their digests. */
function samplesOf(record: BlockRecord): readonly BlockSample[] {
  const held = [...record.held];
  const step = Math.max(1, Math.floor(held.length / SAMPLES));
  return held
    .filter((_, i) => i % step === 0)
    .slice(0, SAMPLES)
    .map((block) => ({ block, digest: record.digest(block) }));
}

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const isSame = (a: Uint8Array, b: Uint8Array) =>
  a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
