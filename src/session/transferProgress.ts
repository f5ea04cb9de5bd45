import { type BlockIndex, blockIndex, type FileIndex } from '../protocol/ids.ts';
import { type BlockSet, type FileSet, IndexSet } from '../protocol/indexSet.ts';
import type { StreamLayout } from '../protocol/streamLayout.ts';
import { RateMeter } from './rateMeter.ts';

/** How far one transfer is, in verified bytes of the wanted files. The same count at both ends. */
export class TransferProgress {
  readonly layout: StreamLayout;
  readonly #held: BlockSet;
  readonly #meter = new RateMeter();
  #wanted: FileSet;
  #bytes = 0;
  #totalBytes: number;
  #isStarting = true;

  constructor(layout: StreamLayout) {
    this.layout = layout;
    this.#held = new IndexSet(layout.blockCount);
    this.#wanted = IndexSet.full(layout.fileCount);
    this.#totalBytes = layout.totalBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  get wanted(): FileSet {
    return this.#wanted;
  }

  /** The receiver chose, and already holds these blocks. */
  choose(wanted: FileSet, held: BlockSet): void {
    this.#wanted = wanted;
    this.#totalBytes = this.layout.bytesOf(wanted);
    this.#bytes = 0;
    for (const block of held) this.#held.add(block);
    for (const block of this.#held) this.#bytes += this.layout.wantedBytesIn(block, wanted);
    this.#meter.reset();
  }

  /** @returns whether these are the first since it started: the news everybody waits for */
  add(blocks: readonly BlockIndex[], at: number): boolean {
    const isFirst = this.#isStarting;
    this.#isStarting = false;
    for (const block of blocks) {
      if (this.#held.add(block)) this.#bytes += this.layout.wantedBytesIn(block, this.#wanted);
    }
    this.#meter.note(this.#bytes, at);
    return isFirst;
  }

  /** Everything wanted is there, whatever was counted. */
  complete(): void {
    for (let i = 0; i < this.layout.blockCount; i += 1) this.#held.add(blockIndex(i));
    this.#bytes = this.#totalBytes;
  }

  /** The rate starts over: after a pause, or on a new link. */
  restart(at: number): void {
    this.#isStarting = true;
    this.#meter.reset();
    this.#meter.note(this.#bytes, at);
  }

  bytesPerSec(at: number): number {
    return this.#meter.bytesPerSec(at);
  }

  fileBytes(file: FileIndex): number {
    return this.layout.heldBytesOfFile(file, this.#held);
  }
}
