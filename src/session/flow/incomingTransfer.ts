import type { BlockStore, BlockStores } from '../../ports/blockStore.ts';
import type { ReceiveJob } from '../../ports/dataPlane.ts';
import type { Journal, JournalEntry } from '../../ports/journal.ts';
import { type Fault, TransferError } from '../../protocol/faults.ts';
import type { BlockIndex, FileIndex, TransferTag } from '../../protocol/ids.ts';
import { IndexSet } from '../../protocol/indexSet.ts';
import { StreamLayout } from '../../protocol/streamLayout.ts';
import { BlockRecord } from './blockRecord.ts';
import { JournalWriter } from './journalWriter.ts';
import type { ReceiveFlowJob } from './receiveFlow.ts';

export interface IncomingTransferParts {
  readonly stores: BlockStores;
  readonly journal: Journal;
  /** Epoch ms. */
  now(): number;
  /** Store and journal are open; `held` is what an earlier session left, as a bitmap. */
  opened(job: ReceiveFlowJob, held: Uint8Array<ArrayBuffer>): void;
  /** Everything wanted is flushed and journaled as done. */
  stored(content: Blob): void;
  failed(fault: Fault): void;
}

interface Opened {
  readonly store: BlockStore;
  readonly writer: JournalWriter;
}

/** The store and the journal of one incoming transfer, from opening to done, kept or discarded. */
export class IncomingTransfer {
  readonly tag: TransferTag;
  readonly #job: ReceiveJob;
  readonly #parts: IncomingTransferParts;
  readonly #layout: StreamLayout;
  #opening: Promise<Opened | undefined> = Promise.resolve(undefined);
  #opened: Opened | undefined;
  #isStopped = false;

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
      await writer.save('receiving').catch(() => {
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
    const { manifest, wanted, peerName, resumeKey } = this.#job;
    const { stores, journal, now } = this.#parts;
    const earlier = await journal.load(manifest.id);
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
        resumeKey,
        startedAt: earlier?.startedAt ?? now(),
      },
      failed: (error) => this.#fail(error),
    });
    const opened: Opened = { store, writer };
    this.#opened = opened;
    await writer.save('receiving');
    if (this.#isStopped) return opened;
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
    );
    return opened;
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
    await opened.writer.save('done');
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#parts.stored(await opened.store.finish());
  }

  #fail(error: unknown): void {
    if (!(error instanceof TransferError)) throw error;
    if (!this.#isStopped) this.#parts.failed(error.fault);
  }
}
