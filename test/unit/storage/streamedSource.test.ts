import { describe, expect, test } from 'vitest';
import type { Source } from '../../../src/ports/source.ts';
import { TransferError } from '../../../src/protocol/faults.ts';
import { BLOCK_BYTES } from '../../../src/protocol/limits.ts';
import { type PlacedBlob, StreamedSource } from '../../../src/storage/streamedSource.ts';
import { noise } from '../../contracts/noise.ts';

/** What the files hold, end to end: a small one, two long ones and a small one. */
const SIZES = [300_000, 70 * BLOCK_BYTES + 5, 9 * BLOCK_BYTES, 100_000];
const CONTENT = noise(SIZES.reduce((sum, size) => sum + size, 0));
const TOTAL = CONTENT.byteLength;

/** Says how often it was opened, and can break at some byte or bring less than it has. */
class TestBlob extends Blob {
  streams = 0;
  brokenFrom = Number.POSITIVE_INFINITY;
  shortBy = 0;

  override slice(start = 0, end = this.size): Blob {
    const part = super.slice(start, end - this.shortBy);
    const isBroken = end > this.brokenFrom;
    if (isBroken) part.arrayBuffer = () => Promise.reject(new Error('changed'));
    const stream = part.stream.bind(part);
    part.stream = () => {
      this.streams += 1;
      return isBroken
        ? new ReadableStream({ type: 'bytes', pull: (to) => to.error(new Error('changed')) })
        : stream();
    };
    return part;
  }
}

/** Everything again, from memory, and what was asked of it. */
class Rest implements Source {
  readonly reads: number[] = [];
  error: Error | undefined;

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    this.reads.push(start);
    if (this.error !== undefined) throw this.error;
    return CONTENT.slice(start, end);
  }
}

class Bench {
  readonly rest = new Rest();
  readonly blobs: TestBlob[] = [];
  readonly #placed: PlacedBlob[] = [];
  readonly source: StreamedSource;

  constructor() {
    let start = 0;
    for (const size of SIZES) {
      const blob = new TestBlob([CONTENT.subarray(start, start + size)]);
      this.blobs.push(blob);
      this.#placed.push({ blob, start, end: start + size });
      start += size;
    }
    this.source = new StreamedSource(
      (at) => this.#placed.findLast((each) => each.start <= at),
      this.rest,
    );
  }

  async expectRead(block: number, spare?: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
    const [start, end] = rangeOf(block);
    const bytes = await this.source.read(start, end, spare);
    expect(Buffer.compare(bytes, CONTENT.subarray(start, end))).toBe(0);
    return bytes;
  }
}

const BLOCKS = Math.ceil(TOTAL / BLOCK_BYTES);
const rangeOf = (block: number) =>
  [block * BLOCK_BYTES, Math.min((block + 1) * BLOCK_BYTES, TOTAL)] as const;

describe('reading long files as streams', () => {
  test('everything comes out right, and only what lies between files is left to the rest', async () => {
    const bench = new Bench();
    for (let block = 0; block < BLOCKS; block += 1) await bench.expectRead(block);
    expect(bench.rest.reads.map((start) => start / BLOCK_BYTES)).toEqual([0, 70, 79]);
    expect(bench.blobs.map(({ streams }) => streams)).toEqual([0, 3, 1, 0]);
  });

  test('so it does when blocks are asked for before the last one is here', async () => {
    const bench = new Bench();
    await Promise.all(Array.from({ length: BLOCKS }, (_, block) => bench.expectRead(block)));
    expect(bench.rest.reads).toHaveLength(3);
  });

  test('memory that is handed back is used again', async () => {
    const bench = new Bench();
    await bench.expectRead(0);
    const first = await bench.expectRead(1);
    expect(first.buffer.byteLength).toBe(BLOCK_BYTES);
    const { buffer } = first;
    const second = await bench.expectRead(2, buffer);
    expect(buffer.byteLength).toBe(0);
    expect(second.buffer.byteLength).toBe(BLOCK_BYTES);
    expect((await bench.expectRead(3, new ArrayBuffer(10))).byteLength).toBe(BLOCK_BYTES);
  });

  test('what is asked for out of order is left to the rest, and the stream goes on', async () => {
    const bench = new Bench();
    for (const block of [0, 1, 2, 3, 1, 4, 5]) await bench.expectRead(block);
    expect(bench.rest.reads.map((start) => start / BLOCK_BYTES)).toEqual([0, 1]);
    expect(bench.blobs[1]?.streams).toBe(1);
  });

  test('a transfer that goes on elsewhere opens a stream there', async () => {
    const bench = new Bench();
    for (const block of [0, 1, 2, 40, 41, 42, 43]) await bench.expectRead(block);
    expect(bench.rest.reads.map((start) => start / BLOCK_BYTES)).toEqual([0, 40]);
    expect(bench.blobs[1]?.streams).toBe(2);
  });

  test('what a stream cannot bring is left to the rest, with its fault', async () => {
    const bench = new Bench();
    await bench.expectRead(0);
    bench.blobs[1]!.brokenFrom = 0;
    await bench.expectRead(1);
    bench.rest.error = new TransferError({ code: 'source-changed', name: 'long' });
    await expect(bench.source.read(...rangeOf(2))).rejects.toMatchObject({
      fault: { code: 'source-changed', name: 'long' },
    });
  });

  test('a stream that ends early brings nothing that is missing', async () => {
    const bench = new Bench();
    await bench.expectRead(0);
    bench.blobs[1]!.shortBy = 40 * BLOCK_BYTES;
    for (let block = 1; block < 60; block += 1) await bench.expectRead(block);
    expect(bench.rest.reads.length).toBeGreaterThan(1);
  });

  test('a file that changes behind its last stretch is noticed', async () => {
    const bench = new Bench();
    for (let block = 0; block < 78; block += 1) await bench.expectRead(block);
    bench.blobs[2]!.brokenFrom = 0;
    bench.rest.error = new TransferError({ code: 'source-changed', name: 'second' });
    // Block 79 begins in the second long file and ends behind it; its last whole block is 78.
    const [, end] = rangeOf(78);
    expect(end).toBeLessThan(TOTAL);
    await expect(bench.source.read(...rangeOf(79))).rejects.toMatchObject({
      fault: { name: 'second' },
    });
  });
});
