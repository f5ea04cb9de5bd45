import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BlockIndex, blockIndex, fileIndex } from '../../../src/protocol/ids.ts';
import { IndexSet } from '../../../src/protocol/indexSet.ts';
import { StreamLayout } from '../../../src/protocol/streamLayout.ts';
import { RateMeter } from '../../../src/session/rateMeter.ts';
import { TransferProgress } from '../../../src/session/transferProgress.ts';
import { filesOf, manifestOfSizes } from '../../doubles/manifests.ts';

const none = (count: number) => new IndexSet<BlockIndex>(count);

describe('the progress of a transfer', () => {
  test('counts wanted bytes once, whatever comes twice or was held before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(5)),
        fc.array(fc.nat(40)),
        fc.array(fc.nat(40)),
        (sizes, wantedFiles, heldBlocks, arrivals) => {
          const layout = new StreamLayout(manifestOfSizes(sizes, 7));
          const wanted = filesOf(sizes.length, wantedFiles);
          const held = none(layout.blockCount);
          for (const block of heldBlocks) held.add(blockIndex(block));
          const progress = new TransferProgress(layout);
          progress.choose(wanted, held);
          for (const block of arrivals) {
            if (block >= layout.blockCount) continue;
            held.add(blockIndex(block));
            progress.add([blockIndex(block)], 0);
          }
          let bytes = 0;
          let ofFiles = 0;
          for (const block of held) bytes += layout.wantedBytesIn(block, wanted);
          for (const file of wanted) ofFiles += progress.fileBytes(file);
          expect(progress.bytes).toBe(bytes);
          expect(ofFiles).toBe(bytes);
          expect(progress.totalBytes).toBe(layout.bytesOf(wanted));
          progress.complete();
          expect(progress.bytes).toBe(progress.totalBytes);
        },
      ),
      { seed: 18 },
    );
  });

  test('wants everything until the receiver has chosen', () => {
    const progress = new TransferProgress(new StreamLayout(manifestOfSizes([3, 4], 2)));
    expect(progress.totalBytes).toBe(7);
    expect(progress.wanted.isFull).toBe(true);
    expect(progress.fileBytes(fileIndex(1))).toBe(0);
  });

  test('says which news is the first since it started, also after a pause', () => {
    const progress = new TransferProgress(new StreamLayout(manifestOfSizes([100], 1)));
    progress.restart(0);
    expect([1, 2, 3].map((block) => progress.add([blockIndex(block)], block))).toEqual([
      true,
      false,
      false,
    ]);
    progress.restart(10);
    expect(progress.add([blockIndex(4)], 11)).toBe(true);
  });

  test('a pause does not count as slowness', () => {
    const progress = new TransferProgress(new StreamLayout(manifestOfSizes([100], 1)));
    progress.restart(0);
    for (let i = 0; i < 10; i += 1) progress.add([blockIndex(i)], (i + 1) * 200);
    expect(progress.bytesPerSec(2000)).toBeCloseTo(5);
    progress.restart(60_000);
    expect(progress.bytesPerSec(60_000)).toBe(0);
    progress.add([blockIndex(10)], 60_200);
    expect(progress.bytesPerSec(60_200)).toBeCloseTo(5);
  });
});

describe('the rate', () => {
  test('of a steady flow is its rate, however often it is noted', () => {
    for (const step of [10, 50, 100, 700]) {
      const meter = new RateMeter();
      for (let at = 0; at <= 10_000; at += step) meter.note(at * 3, at);
      expect(meter.bytesPerSec(10_000)).toBeGreaterThan(2500);
      expect(meter.bytesPerSec(10_000)).toBeLessThan(3100);
    }
  });

  test('falls to nothing a few seconds after the flow stopped', () => {
    const meter = new RateMeter();
    for (let at = 0; at <= 2000; at += 100) meter.note(at, at);
    expect(meter.bytesPerSec(2000)).toBeCloseTo(1000);
    expect(meter.bytesPerSec(4000)).toBeLessThan(600);
    expect(meter.bytesPerSec(6000)).toBe(0);
  });

  test('is nothing before there are two moments to compare', () => {
    const meter = new RateMeter();
    expect(meter.bytesPerSec(5)).toBe(0);
    meter.note(100, 5);
    expect(meter.bytesPerSec(5)).toBe(0);
    meter.reset();
    expect(meter.bytesPerSec(50)).toBe(0);
  });

  test('of a burst within a moment stays finite', () => {
    const meter = new RateMeter();
    meter.note(0, 0);
    meter.note(1000, 1);
    expect(meter.bytesPerSec(1)).toBe(10_000);
  });
});
