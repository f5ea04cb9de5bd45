import { describe, expect, test } from 'vitest';
import { SendPace } from '../../../src/session/flow/sendPace.ts';

const MB = 1e6;

/** A pace that knows a path of 100 ms and 10 MB/s, out of startup. */
function paceOfPath() {
  const clock = { now: 0 };
  const pace = new SendPace({ now: () => clock.now, wantLanes: () => {} }, { initial: 8, max: 32 });
  let arrivedBytes = 0;
  const run = (ms: number, roundTripMs: number) => {
    for (const end = clock.now + ms; clock.now < end; ) {
      clock.now += 25;
      arrivedBytes += 10 * MB * 0.025;
      pace.roundTrip(roundTripMs);
      // Always as much on the way as the window lets.
      pace.mayGo(pace.windowBytes);
      pace.tick({ openLanes: 8, arrivedBytes, isHungry: true, areLanesFull: false });
    }
  };
  run(500, 100);
  // The queue fills: startup is over.
  run(1_500, 160);
  run(500, 104);
  return { pace, clock };
}

/** The lanes wanted by a pace on a far path whose lanes are the limit, looked at after each of `gapsMs` in turn. */
function lanesWantedAfter(gapsMs: readonly number[]): readonly number[] {
  const wanted: number[] = [];
  let now = 0;
  const parts = { now: () => now, wantLanes: (count: number) => void wanted.push(count) };
  const pace = new SendPace(parts, { initial: 4, max: 8 });
  for (let i = 0; now < 10_000; i += 1) {
    now += gapsMs[i % gapsMs.length]!;
    pace.roundTrip(100);
    pace.tick({ openLanes: 4, arrivedBytes: now * 100, isHungry: true, areLanesFull: true });
  }
  return wanted;
}

describe('the pace of sending', () => {
  test('tries more lanes where lanes are the limit, and not where the machine is too busy to look in time', () => {
    expect(lanesWantedAfter([25, 26, 24])).toEqual([8]);
    expect(lanesWantedAfter([25, 25, 10, 40])).toEqual([]);
  });

  test('[W4] lets no frame go with a full window, and paces the rest', () => {
    const { pace, clock } = paceOfPath();
    expect(pace.isStartingUp).toBe(false);
    expect(pace.mayGo(pace.windowBytes)).toBe(false);
    clock.now += 1_000;
    // After a silence all receipts come at once: what leaves at once is a small part of the window.
    let sent = 0;
    while (pace.mayGo(0)) {
      pace.sent(16_384);
      sent += 16_384;
    }
    expect(sent).toBeLessThan(pace.windowBytes * 0.5);
    // The rest follows at one and a half windows a round trip.
    clock.now += 100;
    const before = sent;
    for (let i = 0; i < 100; i += 1) {
      while (pace.mayGo(0)) {
        pace.sent(16_384);
        sent += 16_384;
      }
      clock.now += 1;
    }
    expect(sent - before).toBeGreaterThan(pace.windowBytes);
    expect(sent - before).toBeLessThan(pace.windowBytes * 2.2);
  });

  test('[W4] keeps out of the way on a local network, however busy the page is', () => {
    const clock = { now: 0 };
    const pace = new SendPace(
      { now: () => clock.now, wantLanes: () => {} },
      { initial: 4, max: 32 },
    );
    pace.iceRoundTrip(0.4);
    for (let i = 0; i < 100; i += 1) {
      clock.now += i % 2 === 0 ? 10 : 40;
      pace.roundTrip(1 + (i % 70));
      pace.tick({ openLanes: 4, arrivedBytes: i * 1e6, isHungry: true, areLanesFull: true });
      expect(pace.mayGo(100 * MB)).toBe(true);
      pace.sent(65_536);
    }
    expect(pace.windowBytes).toBe(3 * 1024 * 1024);
  });

  test('leaves the window to shares of lanes on a busy machine that carries much and whose answers come at once, and only there', () => {
    const paceAfter = (
      gapsMs: readonly number[],
      roundTripsMs: readonly number[],
      bytesPerMs = 15_000,
    ) => {
      const clock = { now: 0 };
      const pace = new SendPace(
        { now: () => clock.now, wantLanes: () => {} },
        { initial: 8, max: 32 },
      );
      for (let i = 0; i < 300; i += 1) {
        clock.now += gapsMs[i % gapsMs.length]!;
        pace.roundTrip(i < 20 ? 20 : roundTripsMs[i % roundTripsMs.length]!);
        pace.mayGo(pace.windowBytes);
        const arrivedBytes = clock.now * bytesPerMs;
        pace.tick({ openLanes: 8, arrivedBytes, isHungry: true, areLanesFull: true });
      }
      return pace;
    };
    const busy = paceAfter([10, 40], [22, 60, 45]);
    expect(busy.isCpuBound).toBe(true);
    expect(busy.mayGo(busy.windowBytes)).toBe(true);
    expect(busy.windowBytes).toBe(2560 * 1024);
    expect(paceAfter([25], [22, 60, 45]).isCpuBound).toBe(false);
    expect(paceAfter([10, 40], [90]).isCpuBound).toBe(false);
    // As much as 20 Mbit/s carry.
    expect(paceAfter([10, 40], [22, 60, 45], 2_400).isCpuBound).toBe(false);
  });
});
