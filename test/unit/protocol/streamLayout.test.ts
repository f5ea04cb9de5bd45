import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BlockIndex, blockIndex, fileIndex } from '../../../src/protocol/ids.ts';
import { IndexSet } from '../../../src/protocol/indexSet.ts';
import { BLOCK_BYTES, MAX_BLOCKS, MAX_TRANSFER_BYTES } from '../../../src/protocol/limits.ts';
import { blockBytesFor } from '../../../src/protocol/manifest.ts';
import { StreamLayout } from '../../../src/protocol/streamLayout.ts';
import { filesOf, manifestOfSizes } from '../../doubles/manifests.ts';

const GIB = 2 ** 30;

describe('the size of a block', () => {
  test.each([
    [0, BLOCK_BYTES],
    [1, BLOCK_BYTES],
    [64 * GIB, BLOCK_BYTES],
    [64 * GIB + 1, 2 * BLOCK_BYTES],
    [128 * GIB, 2 * BLOCK_BYTES],
    [128 * GIB + 1, 4 * BLOCK_BYTES],
    [MAX_TRANSFER_BYTES, 16 * BLOCK_BYTES],
  ])('[G2] of %d bytes', (totalBytes, blockBytes) => {
    expect(blockBytesFor(totalBytes)).toBe(blockBytes);
    expect(Math.ceil(totalBytes / blockBytes)).toBeLessThanOrEqual(MAX_BLOCKS);
  });
});

/** The same questions answered byte by byte: `owner[i]` is the file that byte `i` belongs to. */
class ByteByByte {
  readonly owner: readonly number[];
  readonly blockBytes: number;

  constructor(sizes: readonly number[], blockBytes: number) {
    this.owner = sizes.flatMap((size, file) => Array.from({ length: size }, () => file));
    this.blockBytes = blockBytes;
  }

  blockOf(byte: number): number {
    return Math.floor(byte / this.blockBytes);
  }

  count(isCounted: (file: number, block: number) => boolean): number {
    return this.owner.filter((file, byte) => isCounted(file, this.blockOf(byte))).length;
  }
}

const anyTransfer = fc.record({
  sizes: fc.array(fc.oneof(fc.constant(0), fc.nat(30)), { minLength: 1, maxLength: 12 }),
  blockBytes: fc.integer({ min: 1, max: 12 }),
  wantedFiles: fc.array(fc.nat(11)),
  heldBlocks: fc.array(fc.nat(40)),
});

function build({
  sizes,
  blockBytes,
  wantedFiles,
  heldBlocks,
}: {
  sizes: number[];
  blockBytes: number;
  wantedFiles: number[];
  heldBlocks: number[];
}) {
  const layout = new StreamLayout(manifestOfSizes(sizes, blockBytes));
  const wanted = filesOf(sizes.length, wantedFiles);
  const held = new IndexSet<BlockIndex>(layout.blockCount);
  for (const block of heldBlocks) held.add(blockIndex(block));
  return { layout, wanted, held, slow: new ByteByByte(sizes, blockBytes), sizes };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('where files and blocks lie', () => {
  test('[G1] files lie end to end, and cover the stream', () => {
    fc.assert(
      fc.property(anyTransfer, (transfer) => {
        const { layout, sizes, slow } = build(transfer);
        let at = 0;
        for (const i of range(sizes.length)) {
          expect(layout.file(fileIndex(i))).toEqual({ start: at, end: at + sizes[i]! });
          at += sizes[i]!;
        }
        expect(at).toBe(layout.totalBytes);
        expect(slow.owner).toHaveLength(layout.totalBytes);
      }),
      { seed: 8 },
    );
  });

  test('[G2] blocks are of one size but the last, and cover the stream', () => {
    fc.assert(
      fc.property(anyTransfer, (transfer) => {
        const { layout } = build(transfer);
        const lengths = range(layout.blockCount).map((i) => layout.blockLength(blockIndex(i)));
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(layout.totalBytes);
        expect(lengths.slice(0, -1).every((length) => length === layout.blockBytes)).toBe(true);
        expect(lengths.every((length) => length > 0)).toBe(true);
      }),
      { seed: 9 },
    );
  });

  test('[G3] the wanted blocks are those with a byte of a wanted file', () => {
    fc.assert(
      fc.property(anyTransfer, (transfer) => {
        const { layout, wanted, slow } = build(transfer);
        const blocks = new Set<number>();
        slow.owner.forEach((file, byte) => {
          if (wanted.has(fileIndex(file))) blocks.add(slow.blockOf(byte));
        });
        expect(new Set<number>(layout.blocksOf(wanted))).toEqual(blocks);
        expect(layout.bytesOf(wanted)).toBe(slow.count((file) => wanted.has(fileIndex(file))));
      }),
      { seed: 10 },
    );
  });

  test('[G3] progress counts each wanted byte once, in its block and in its file', () => {
    fc.assert(
      fc.property(anyTransfer, (transfer) => {
        const { layout, wanted, held, slow, sizes } = build(transfer);
        for (const i of range(layout.blockCount)) {
          expect(layout.wantedBytesIn(blockIndex(i), wanted)).toBe(
            slow.count((file, block) => block === i && wanted.has(fileIndex(file))),
          );
        }
        for (const i of range(sizes.length)) {
          expect(layout.heldBytesOfFile(fileIndex(i), held)).toBe(
            slow.count((file, block) => file === i && held.has(blockIndex(block))),
          );
        }
      }),
      { seed: 11 },
    );
  });

  test('[G1] a transfer of a TiB is counted exactly', () => {
    const sizes = [MAX_TRANSFER_BYTES - 3, 0, 1, 2];
    const layout = new StreamLayout(manifestOfSizes(sizes, blockBytesFor(MAX_TRANSFER_BYTES)));
    expect(layout.blockCount).toBe(MAX_BLOCKS);
    expect(layout.file(fileIndex(3))).toEqual({
      start: MAX_TRANSFER_BYTES - 2,
      end: MAX_TRANSFER_BYTES,
    });
    expect([...layout.blocksOf(filesOf(4, [2]))]).toEqual([MAX_BLOCKS - 1]);
    expect(layout.wantedBytesIn(blockIndex(MAX_BLOCKS - 1), filesOf(4, [2, 3]))).toBe(3);
  });
});
