import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/ports/source.ts';
import { expectSame, noise } from './noise.ts';

/** The promises of {@link Source}. `open` lays out files of these sizes, filled with one stream of bytes. */
export function sourceContract(
  name: string,
  open: (sizes: readonly number[], stream: Uint8Array<ArrayBuffer>) => Promise<Source>,
): void {
  describe(`Source contract: ${name}`, () => {
    const layouts: readonly (readonly [string, readonly number[]])[] = [
      ['one file', [100_003]],
      ['files of odd sizes', [1, 70_001, 333, 2, 50_000]],
      ['empty files everywhere', [0, 0, 500, 0, 0, 700, 0]],
      ['many tiny files', Array.from({ length: 2000 }, (_, i) => i % 7)],
    ];

    test.each(layouts)('%s are one stream', async (_what, sizes) => {
      const stream = noise(sizes.reduce((sum, size) => sum + size, 0));
      const source = await open(sizes, stream);
      expectSame(await source.read(0, stream.byteLength), stream);
      const cuts = [0, 1, 2, 499, 500, 501, 1199, 1200, stream.byteLength - 1, stream.byteLength];
      for (const start of cuts.filter((cut) => cut <= stream.byteLength)) {
        for (const end of cuts.filter((cut) => cut >= start && cut <= stream.byteLength)) {
          expectSame(await source.read(start, end), stream.slice(start, end));
        }
      }
    });

    test('nothing at all can be read as nothing', async () => {
      const source = await open([], new Uint8Array());
      expect(await source.read(0, 0)).toEqual(new Uint8Array());
    });

    test('the buffer belongs to the caller', async () => {
      const stream = noise(1000);
      const source = await open([400, 600], stream);
      (await source.read(0, 1000)).fill(0);
      expectSame(await source.read(0, 1000), stream);
    });

    test('reads may overlap in time', async () => {
      const stream = noise(64_000);
      const source = await open([10_000, 54_000], stream);
      const starts = Array.from({ length: 64 }, (_, i) => i * 1000);
      const pieces = await Promise.all(starts.map((at) => source.read(at, at + 1000)));
      pieces.forEach((piece, i) => {
        expectSame(piece, stream.slice(i * 1000, i * 1000 + 1000));
      });
    });
  });
}
