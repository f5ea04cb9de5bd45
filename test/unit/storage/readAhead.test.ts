import { describe, expect, test } from 'vitest';
import type { Source } from '../../../src/ports/source.ts';
import { TransferError } from '../../../src/protocol/faults.ts';
import { BLOCK_BYTES } from '../../../src/protocol/limits.ts';
import { ReadAhead } from '../../../src/storage/readAhead.ts';

const TOTAL = 40 * BLOCK_BYTES + 17;

/** Bytes that say where they are from, and every read that was made of them. */
class Ruler implements Source {
  readonly reads: (readonly [number, number])[] = [];
  brokenFrom = Number.POSITIVE_INFINITY;

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    this.reads.push([start, end]);
    if (end > this.brokenFrom) throw new TransferError({ code: 'source-changed', name: 'ruler' });
    return Uint8Array.from({ length: end - start }, (_, i) => byteAt(start + i));
  }
}

const byteAt = (at: number) => Math.floor(at / 1000) % 251;

function expectBytes(bytes: Uint8Array, start: number, end: number): void {
  expect(bytes.byteLength).toBe(end - start);
  for (const at of [start, Math.floor((start + end) / 2), end - 1])
    expect(bytes[at - start]).toBe(byteAt(at));
}

const blocks = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => {
    const start = (from + i) * BLOCK_BYTES;
    return [start, Math.min(start + BLOCK_BYTES, TOTAL)] as const;
  });

describe('reading ahead', () => {
  test('blocks in order come out right, of few and ever longer reads', async () => {
    const ruler = new Ruler();
    const source = new ReadAhead(ruler, TOTAL);
    for (const [start, end] of blocks(0, 41))
      expectBytes(await source.read(start, end), start, end);
    expect(ruler.reads.map(([start, end]) => (end - start) / BLOCK_BYTES)).toEqual([
      1,
      2,
      4,
      8,
      8,
      8,
      8,
      1 + 17 / BLOCK_BYTES,
    ]);
  });

  test('so do blocks that are asked for before the last one is here', async () => {
    const ruler = new Ruler();
    const source = new ReadAhead(ruler, TOTAL);
    const all = blocks(0, 41);
    const read = await Promise.all(all.map(([start, end]) => source.read(start, end)));
    for (const [i, bytes] of read.entries()) expectBytes(bytes, ...all[i]!);
    expect(ruler.reads.length).toBe(8);
  });

  test('what is asked for out of order is read alone, and the rest goes on in stretches', async () => {
    const ruler = new Ruler();
    const source = new ReadAhead(ruler, TOTAL);
    for (const [start, end] of blocks(0, 7)) await source.read(start, end);
    ruler.reads.length = 0;
    const [again] = blocks(1, 2);
    expectBytes(await source.read(...again!), ...again!);
    expect(ruler.reads).toEqual([again]);
    const [next] = blocks(7, 8);
    await source.read(...next!);
    expect(ruler.reads[1]).toEqual([7 * BLOCK_BYTES, 15 * BLOCK_BYTES]);
  });

  test('a transfer that goes on in the middle, over gaps, is read in stretches too', async () => {
    const ruler = new Ruler();
    const source = new ReadAhead(ruler, TOTAL);
    for (const [start, end] of [...blocks(30, 31), ...blocks(10, 18), ...blocks(20, 24)])
      expectBytes(await source.read(start, end), start, end);
    expect(ruler.reads.map(([start, end]) => [start / BLOCK_BYTES, end / BLOCK_BYTES])).toEqual([
      [30, 31],
      [10, 11],
      [11, 12],
      [12, 14],
      [14, 18],
      [20, 21],
      [21, 22],
      [22, 24],
    ]);
  });

  test('a buffer that was given away whole is not handed out again', async () => {
    const source = new ReadAhead(new Ruler(), TOTAL);
    const [first] = blocks(0, 1);
    const bytes = await source.read(...first!);
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
    bytes.fill(255);
    expectBytes(await source.read(...first!), ...first!);
  });

  test('a stretch that cannot be read fails for its unreadable blocks only', async () => {
    const ruler = new Ruler();
    ruler.brokenFrom = 5 * BLOCK_BYTES;
    const source = new ReadAhead(ruler, TOTAL);
    for (const [start, end] of blocks(0, 5)) expectBytes(await source.read(start, end), start, end);
    const [broken] = blocks(5, 6);
    await expect(source.read(...broken!)).rejects.toMatchObject({
      fault: { code: 'source-changed', name: 'ruler' },
    });
  });
});
