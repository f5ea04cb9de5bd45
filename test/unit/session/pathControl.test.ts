import { describe, expect, test } from 'vitest';
import { newPath, type PathState, stepPath } from '../../../src/session/flow/pathControl.ts';
import { type PathModel, runPath } from '../../doubles/pathModel.ts';

const MBIT = 125_000;

/** Timers of a machine that is busy, and of one whose CPU is all spent, are so late, ms. */
const BUSY_MS = 3;
const SPENT_MS = 8;

/** For a second run, whose clock starts anew, and the round with it. */
const restarted = (state: PathState): PathState => ({
  ...state,
  drainedAt: 0,
  round: { ...state.round, startedAt: 0, arrivedBytes: 0 },
});

/** The rate-limited paths of design.md section 7. */
const PATHS: readonly (readonly [string, PathModel])[] = [
  ['100 ms, 100 Mbit/s, 1 MB', { roundTripMs: 100, bytesPerSec: 100 * MBIT, queueBytes: 1e6 }],
  ['100 ms, 40 Mbit/s, 500 kB', { roundTripMs: 100, bytesPerSec: 40 * MBIT, queueBytes: 5e5 }],
  ['40 ms, 20 Mbit/s, 250 kB', { roundTripMs: 40, bytesPerSec: 20 * MBIT, queueBytes: 2.5e5 }],
  ['200 ms, 10 Mbit/s, 120 kB', { roundTripMs: 200, bytesPerSec: 10 * MBIT, queueBytes: 1.2e5 }],
  ['20 ms, 400 Mbit/s, 1 MB', { roundTripMs: 20, bytesPerSec: 400 * MBIT, queueBytes: 1e6 }],
];

describe('the window of a path', () => {
  test.each(PATHS)('fills %s, and its queue hardly', (_name, model) => {
    const run = runPath(model, 30_000);
    expect(run.bytesPerSec / model.bytesPerSec).toBeGreaterThan(0.95);
    expect(run.roundTripMs).toBeLessThan(model.roundTripMs * 1.7);
  });

  test.each(PATHS)('never overflows the queue of %s, not even in startup', (_name, model) => {
    expect(runPath(model, 30_000).hasOverflowed).toBe(false);
  });

  test.each(PATHS)('reaches half the rate of %s within two seconds', (_name, model) => {
    expect(runPath(model, 30_000).halfAtMs).toBeLessThan(2_000);
  });

  test('keeps more waiting where the machine is the narrowest hop', () => {
    const model = { roundTripMs: 20, bytesPerSec: 160 * MBIT, queueBytes: 4e6 };
    const idle = runPath(model, 30_000);
    const busy = runPath({ ...model, jitterMs: BUSY_MS }, 30_000);
    expect(busy.state.windowBytes / idle.state.windowBytes).toBeGreaterThan(1.3);
    expect(busy.roundTripMs).toBeLessThan(model.roundTripMs * 2.25);
  });

  test.each(PATHS)(
    'does not overflow the queue of %s for a machine that is busy',
    (_name, model) => {
      const run = runPath({ ...model, jitterMs: BUSY_MS }, 30_000);
      expect(run.hasOverflowed).toBe(false);
      expect(run.roundTripMs).toBeLessThan(model.roundTripMs * 2);
    },
  );

  test('fills a long path although every answer waits for the CPU', () => {
    const model = { roundTripMs: 200, bytesPerSec: 50 * MBIT, queueBytes: 1e6 };
    const filled = runPath(model, 15_000).state;
    // Until the first drain, which takes the lateness for the path's.
    const late = (jitterMs: number) =>
      runPath({ ...model, lateMs: 30, jitterMs }, 9_500, restarted(filled));
    expect(late(6).bytesPerSec / model.bytesPerSec).toBeGreaterThan(0.95);
    expect(late(6).hasOverflowed).toBe(false);
    // On a machine that is not busy the same delay is a queue.
    expect(late(0).bytesPerSec / model.bytesPerSec).toBeLessThan(0.75);
  });

  describe('where the CPU is the narrowest hop', () => {
    /** Five seconds at 15 MB/s whose answers take each of `roundTripsMs` in turn, one each 100 ms. */
    const run = (
      from: PathState,
      startedAt: number,
      roundTripsMs: readonly number[],
      jitterMs = BUSY_MS,
    ) => {
      let state = from;
      for (let tick = 0; tick < 200; tick += 1) {
        const now = startedAt + tick * 25;
        state = stepPath(state, {
          now,
          arrivedBytes: now * 15_000,
          roundTripMs: tick % 4 === 0 ? roundTripsMs[(tick / 4) % roundTripsMs.length] : undefined,
          isFull: true,
          jitterMs,
        });
      }
      return state;
    };
    const SOME_QUICK = [21, 60, 45, 38, 70];
    const widened = () => run(run(newPath(0), 0, [20]), 5_000, SOME_QUICK);

    test('grows while some answers are as quick as over the empty path', () => {
      const state = widened();
      expect(state.isCpuBound).toBe(true);
      expect(state.windowBytes).toBe(2560 * 1024);
    });

    test('shrinks when none is: that is a queue of the path', () => {
      const state = run(widened(), 10_000, [45]);
      expect(state.isCpuBound).toBe(false);
      expect(state.windowBytes).toBeLessThan(1e6);
    });

    test('takes slower answers for quick where the CPU is all spent', () => {
      const slow = [70, 62, 110, 95, 140, 66, 130];
      const state = run(run(newPath(0), 0, [20]), 5_000, slow, SPENT_MS);
      expect(state.isCpuBound).toBe(true);
      expect(state.windowBytes).toBe(2560 * 1024);
      expect(run(widened(), 10_000, slow).isCpuBound).toBe(false);
      expect(run(state, 10_000, [85], SPENT_MS).isCpuBound).toBe(false);
    });

    test('is never drained to look behind a queue that is not there', () => {
      let state = widened();
      for (let i = 2; i < 8; i += 1) {
        state = run(state, i * 5_000, SOME_QUICK.slice(1).concat(27));
        expect(state.windowBytes).toBe(2560 * 1024);
        // A drain would take the shortest answer to it for the path's.
        expect(state.minRoundTripMs).toBe(20);
      }
    });

    test('steers by delay on a longer path all the same', () => {
      const state = run(run(newPath(0), 0, [80]), 5_000, [81, 120, 105]);
      expect(state.isCpuBound).toBe(false);
    });

    test('takes no answer to the window before for one to this', () => {
      const at = (now: number, roundTripMs: number) => ({
        now,
        arrivedBytes: now * 15_000,
        roundTripMs,
        isFull: true,
        jitterMs: BUSY_MS,
      });
      let state = stepPath({ ...widened(), roundTripMs: 60, quickAt: 0 }, at(20_000, 60));
      expect(state.round.startedAt).toBe(20_000);
      // Sent before the round began: it comes back within a round trip of it.
      state = stepPath(state, at(20_025, 21));
      expect(state.quickAt).toBe(0);
      state = stepPath(state, at(20_100, 21));
      expect(state.quickAt).toBe(20_100);
    });
  });

  test('does not grow while the lanes, and not it, are the limit', () => {
    const model = {
      roundTripMs: 100,
      bytesPerSec: 100 * MBIT,
      queueBytes: 1e6,
      lanesHoldBytes: 200_000,
    };
    expect(runPath(model, 20_000).state.windowBytes).toBeLessThan(1e6);
  });

  test('follows a path that becomes narrower, without a standing queue', () => {
    const wide = { roundTripMs: 100, bytesPerSec: 100 * MBIT, queueBytes: 1e6 };
    const before = runPath(wide, 15_000).state;
    const narrow = { roundTripMs: 100, bytesPerSec: 40 * MBIT, queueBytes: 2e6 };
    const run = runPath(narrow, 20_000, restarted(before));
    expect(run.bytesPerSec / narrow.bytesPerSec).toBeGreaterThan(0.9);
    expect(run.roundTripMs).toBeLessThan(170);
  });

  test('looks behind a queue that somebody else keeps, though it sees about the shortest round trip again and again', () => {
    let state = newPath(0);
    const drainedAt: number[] = [];
    for (let now = 0; now < 35_000; now += 25) {
      const before = state.phase;
      // The other backs off once a second, and for as long the answers are as quick as the first one was.
      const roundTripMs = now % 1000 < 400 ? 101 : 135;
      state = stepPath(state, {
        now,
        arrivedBytes: now * 2_000,
        roundTripMs: now % 100 === 0 ? roundTripMs : undefined,
        isFull: true,
        jitterMs: 0,
      });
      if (before !== 'drain' && state.phase === 'drain') drainedAt.push(now);
    }
    expect(drainedAt).toHaveLength(3);
  });

  test('follows a path that becomes wider', () => {
    const narrow = runPath(
      { roundTripMs: 50, bytesPerSec: 20 * MBIT, queueBytes: 5e5 },
      15_000,
    ).state;
    const wide = { roundTripMs: 50, bytesPerSec: 100 * MBIT, queueBytes: 5e5 };
    expect(runPath(wide, 15_000, restarted(narrow)).bytesPerSec / wide.bytesPerSec).toBeGreaterThan(
      0.9,
    );
  });
});
