import { describe, expect, test } from 'vitest';
import { type LaneState, newLanes, stepLanes } from '../../../src/session/flow/laneControl.ts';

interface Path {
  /** Arrived bytes a second with so many lanes. */
  rate(lanes: number, now: number): number;
  /** Whether so many lanes are the limit, and not the path. */
  isLimit(lanes: number): boolean;
  /** Over the last few seconds; default as now. */
  readonly longRate?: number;
  readonly minRoundTripMs?: number;
  readonly windowBytes?: number;
  readonly maxLanes?: number;
  readonly isCpuBound?: boolean;
  readonly isBusy?: boolean;
}

/** Every number of lanes there was, in order. */
function counts(path: Path, seconds: number, from = newLanes(4)): readonly number[] {
  let state: LaneState = from;
  const seen = [state.count];
  let arrivedBytes = 0;
  for (let now = 0; now < seconds * 1000; now += 25) {
    arrivedBytes += path.rate(state.count, now) * 0.025;
    state = stepLanes(state, {
      now,
      arrivedBytes,
      bytesPerSec: path.rate(state.count, now),
      longBytesPerSec: path.longRate ?? path.rate(state.count, now),
      openLanes: state.count,
      minRoundTripMs: path.minRoundTripMs ?? 100,
      windowBytes: path.windowBytes ?? 0,
      areLanesFull: path.isLimit(state.count),
      maxLanes: path.maxLanes ?? 32,
      isCpuBound: path.isCpuBound ?? false,
      isBusy: path.isBusy ?? false,
    });
    if (state.count !== seen.at(-1)) seen.push(state.count);
  }
  return seen;
}

describe('the number of lanes', () => {
  test('doubles while each doubling brings more, up to the most', () => {
    expect(counts({ rate: (lanes) => lanes * 0.3e6, isLimit: () => true }, 60)).toEqual([
      4, 8, 16, 32,
    ]);
  });

  test('stays where the path is the limit', () => {
    expect(counts({ rate: () => 5e6, isLimit: () => false }, 60)).toEqual([4]);
  });

  test('stops where the path becomes the limit', () => {
    const path = {
      rate: (lanes: number) => Math.min(lanes * 0.5e6, 5e6),
      isLimit: (lanes: number) => lanes < 10,
    };
    expect(counts(path, 60)).toEqual([4, 8, 16]);
  });

  test('gives back what brought nothing, and tries again ever more seldom', () => {
    const seen = counts({ rate: () => 5e6, isLimit: () => true }, 120);
    expect(seen.slice(0, 3)).toEqual([4, 8, 4]);
    expect(seen.filter((count) => count === 8).length).toBeLessThanOrEqual(4);
  });

  test('is not fooled by seconds that are better than others', () => {
    // A fifth more and less, as on a busy machine, whatever the number of lanes; tried in a bad second.
    const rate = (_lanes: number, now: number) => (now % 3_000 < 1_500 ? 8e6 : 12e6);
    const seen = counts({ rate, isLimit: () => true, longRate: 10e6 }, 60);
    expect(seen.slice(0, 3)).toEqual([4, 8, 4]);
    expect(Math.max(...seen)).toBe(8);
  });

  test('is judged by what lanes bring in the long run when they were tried in the first rush', () => {
    // Until packets are lost four lanes seem to do as well as eight; then they hold what Reno leaves them.
    const path = {
      rate: (lanes: number, now: number) => (now < 2_000 ? 4e6 : lanes * 0.6e6),
      isLimit: (lanes: number) => lanes < 8,
    };
    expect(counts(path, 60)).toEqual([4, 8]);
  });

  test('grows with the window, so that no lane carries too much at once', () => {
    const path = { rate: () => 1e7, isLimit: () => false };
    expect(counts({ ...path, windowBytes: 1e6 }, 5)).toEqual([4, 20]);
    expect(counts({ ...path, windowBytes: 2e7 }, 5)).toEqual([4, 32]);
    // A loss costs a shorter path less, so its lanes carry more.
    expect(counts({ ...path, windowBytes: 1e6, minRoundTripMs: 50 }, 5)).toEqual([4, 8]);
    expect(counts({ ...path, windowBytes: 2e6, minRoundTripMs: 20 }, 5)).toEqual([4, 8]);
    expect(counts({ ...path, windowBytes: 2e6, minRoundTripMs: 10 }, 5)).toEqual([4]);
    expect(counts({ ...path, windowBytes: 4e6, minRoundTripMs: 10 }, 5)).toEqual([4, 8]);
    expect(counts({ ...path, windowBytes: 2e6, isCpuBound: true }, 5)).toEqual([4]);
  });

  test('is not tried while the machine itself is the limit', () => {
    const path = { rate: (lanes: number) => lanes * 0.3e6, isLimit: () => true, isBusy: true };
    expect(counts(path, 60)).toEqual([4]);
    expect(counts({ ...path, windowBytes: 1e6 }, 5)).toEqual([4, 20]);
  });

  test('is not touched where the CPU is the limit', () => {
    expect(counts({ rate: () => 2e7, isLimit: () => true, isCpuBound: true }, 30)).toEqual([4]);
  });

  test('shrinks to what a relay allows', () => {
    expect(counts({ rate: () => 1e6, isLimit: () => true, maxLanes: 2 }, 5)).toEqual([4, 2]);
  });
});
