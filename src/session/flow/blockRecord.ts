import type { BlockIndex } from '../../protocol/ids.ts';
import { type BlockSet, IndexSet } from '../../protocol/indexSet.ts';
import { DIGEST_BYTES } from '../../protocol/limits.ts';

/** Which blocks of an incoming transfer are verified and written, with their digests. */
export class BlockRecord {
  readonly held: BlockSet;
  readonly #digests: Uint8Array<ArrayBuffer>;

  constructor(held: BlockSet, digests: Uint8Array<ArrayBuffer>) {
    this.held = held;
    this.#digests = digests;
  }

  static empty(blockCount: number): BlockRecord {
    return new BlockRecord(new IndexSet(blockCount), new Uint8Array(blockCount * DIGEST_BYTES));
  }

  add(block: BlockIndex, digest: Uint8Array): void {
    this.#digests.set(digest, block * DIGEST_BYTES);
    this.held.add(block);
  }

  /** A block turned out damaged. */
  delete(block: BlockIndex): void {
    this.held.delete(block);
  }

  /** SHA-256 of a held block; zeros for any other. */
  digest(block: BlockIndex): Uint8Array<ArrayBuffer> {
    return this.#digests.slice(block * DIGEST_BYTES, (block + 1) * DIGEST_BYTES);
  }

  /** Copies for the journal that later blocks do not reach. */
  snapshot(): {
    readonly held: Uint8Array<ArrayBuffer>;
    readonly digests: Uint8Array<ArrayBuffer>;
  } {
    return { held: this.held.toBytes(), digests: this.#digests.slice() };
  }
}
