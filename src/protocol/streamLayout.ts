import { type BlockIndex, blockIndex, type FileIndex, fileIndex } from './ids.ts';
import { type BlockSet, type FileSet, IndexSet } from './indexSet.ts';
import type { Manifest } from './manifest.ts';

/** Bytes `[start, end)` of the stream. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where files and blocks lie in a transfer's stream. SPEC G1, G2. */
export class StreamLayout {
  readonly totalBytes: number;
  readonly blockBytes: number;
  readonly blockCount: number;
  readonly fileCount: number;
  /** Start of each file, and the total at the end. */
  readonly #starts: Float64Array;

  constructor(manifest: Manifest) {
    this.totalBytes = manifest.totalBytes;
    this.blockBytes = manifest.blockBytes;
    this.blockCount = Math.ceil(manifest.totalBytes / manifest.blockBytes);
    this.fileCount = manifest.files.length;
    this.#starts = new Float64Array(manifest.files.length + 1);
    manifest.files.forEach((file, i) => {
      this.#starts[i + 1] = this.#starts[i]! + file.sizeBytes;
    });
  }

  block(block: BlockIndex): ByteRange {
    const start = block * this.blockBytes;
    return { start, end: Math.min(start + this.blockBytes, this.totalBytes) };
  }

  blockLength(block: BlockIndex): number {
    const { start, end } = this.block(block);
    return end - start;
  }

  file(file: FileIndex): ByteRange {
    return { start: this.#starts[file]!, end: this.#starts[file + 1]! };
  }

  /** The blocks that cover the wanted files. SPEC G3. */
  blocksOf(wanted: FileSet): BlockSet {
    const blocks = new IndexSet<BlockIndex>(this.blockCount);
    for (const file of wanted) {
      const { start, end } = this.file(file);
      if (start === end) continue;
      const last = Math.floor((end - 1) / this.blockBytes);
      for (let i = Math.floor(start / this.blockBytes); i <= last; i += 1)
        blocks.add(blockIndex(i));
    }
    return blocks;
  }

  /** Bytes of the files in `wanted`. */
  bytesOf(wanted: FileSet): number {
    let bytes = 0;
    for (const file of wanted) {
      const { start, end } = this.file(file);
      bytes += end - start;
    }
    return bytes;
  }

  /** Bytes of one file that lie in the blocks of `held`. */
  heldBytesOfFile(file: FileIndex, held: BlockSet): number {
    const { start, end } = this.file(file);
    if (start === end) return 0;
    let bytes = 0;
    const last = Math.floor((end - 1) / this.blockBytes);
    for (let i = Math.floor(start / this.blockBytes); i <= last; i += 1) {
      if (!held.has(blockIndex(i))) continue;
      bytes += Math.min(end, (i + 1) * this.blockBytes) - Math.max(start, i * this.blockBytes);
    }
    return bytes;
  }

  /** Bytes of the wanted files that lie in one block: what verifying it adds to the progress. */
  wantedBytesIn(block: BlockIndex, wanted: FileSet): number {
    const { start, end } = this.block(block);
    let bytes = 0;
    for (let i: number = this.fileAt(start); i < this.fileCount && this.#starts[i]! < end; i += 1) {
      if (!wanted.has(fileIndex(i))) continue;
      bytes += Math.min(end, this.#starts[i + 1]!) - Math.max(start, this.#starts[i]!);
    }
    return bytes;
  }

  /** The file that has byte `at` of the stream. */
  fileAt(at: number): FileIndex {
    let low = 0;
    let high = this.fileCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle + 1]! > at) high = middle;
      else low = middle + 1;
    }
    return fileIndex(low);
  }
}
