import type { BlockIndex, FileIndex } from './ids.ts';

/** The blocks of one transfer that somebody has or wants. One bit each: 1 TiB fits in 8 KiB. */
export type BlockSet = IndexSet<BlockIndex>;

/** The files of one manifest that somebody wants. */
export type FileSet = IndexSet<FileIndex>;

/** A set of indices below a fixed size, one bit each, lowest index in the lowest bit of byte 0. SPEC B1. */
export class IndexSet<Index extends number> {
  /** Every member is below this. 0 makes a set that is full from the start. */
  readonly size: number;
  readonly #bits: Uint8Array<ArrayBuffer>;
  #count = 0;

  constructor(size: number) {
    this.size = size;
    this.#bits = new Uint8Array(Math.ceil(size / 8));
  }

  /** The set of every index below `size`. */
  static full<Index extends number>(size: number): IndexSet<Index> {
    const set = new IndexSet<Index>(size);
    set.#bits.fill(0xff);
    if (size % 8 !== 0) set.#bits[set.#bits.length - 1] = (1 << (size % 8)) - 1;
    set.#count = size;
    return set;
  }

  /**
   * Reads what {@link toBytes} wrote.
   * @returns `undefined` when the length is wrong or a bit at or above `size` is set (SPEC B1)
   */
  static parse<Index extends number>(bytes: Uint8Array, size: number): IndexSet<Index> | undefined {
    const set = new IndexSet<Index>(size);
    if (bytes.byteLength !== set.#bits.byteLength) return undefined;
    const spare = set.#bits.byteLength * 8 - size;
    if (spare > 0 && (bytes[bytes.byteLength - 1]! & (0xff << (8 - spare)) & 0xff) !== 0)
      return undefined;
    set.#bits.set(bytes);
    for (const byte of bytes) set.#count += popCount(byte);
    return set;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.size;
  }

  has(index: Index): boolean {
    return ((this.#bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  /** @returns false when the index was already in, so a duplicate never counts twice */
  add(index: Index): boolean {
    if (index >= this.size || this.has(index)) return false;
    this.#bits[index >> 3]! |= 1 << (index & 7);
    this.#count += 1;
    return true;
  }

  /** @returns false when the index was not in */
  delete(index: Index): boolean {
    if (!this.has(index)) return false;
    this.#bits[index >> 3]! &= ~(1 << (index & 7));
    this.#count -= 1;
    return true;
  }

  /** Members, lowest first. */
  *[Symbol.iterator](): Generator<Index> {
    for (let byte = 0; byte < this.#bits.length; byte += 1) {
      const bits = this.#bits[byte]!;
      if (bits === 0) continue;
      for (let bit = 0; bit < 8; bit += 1) {
        if ((bits & (1 << bit)) !== 0) yield (byte * 8 + bit) as Index;
      }
    }
  }

  /** A copy that later changes to this set do not reach. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bits.slice();
  }
}

function popCount(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
