import { describe, expect, test } from 'vitest';
import { LaneTraffic, type PathNow } from '../../../src/session/flow/laneTraffic.ts';

const KIB = 1024;

const path = (now: number, change: Partial<PathNow> = {}): PathNow => ({
  now,
  roundTripMs: 100,
  messageBytes: 32 * KIB,
  isNew: false,
  ...change,
});

/** A lane that carries `bytesPerSec`, told by receipts every 25 ms, until `ms`. Its buffer is never seen empty. */
function carrying(bytesPerSec: number, ms: number): LaneTraffic {
  const traffic = new LaneTraffic();
  traffic.sent(1, 0, 0);
  for (let now = 25; now <= ms; now += 25) {
    const arrived = (bytesPerSec * now) / 1000;
    traffic.sent(arrived + 300 * KIB - traffic.sentBytes, 64 * KIB, now);
    traffic.receipted(arrived);
    traffic.tick(64 * KIB, now);
  }
  return traffic;
}

describe('the traffic of a lane', () => {
  test('[W4] counts all that was sent as on the way while its buffer was just empty', () => {
    const traffic = new LaneTraffic();
    traffic.sent(200 * KIB, 0, 1_000);
    expect(traffic.inFlightBytes(200 * KIB, path(1_050))).toBe(200 * KIB);
    // Chromium reports in steps of 100 KiB: what it calls buffered may have left.
    expect(traffic.inFlightBytes(100 * KIB, path(1_099))).toBe(200 * KIB);
  });

  test('[W4] counts what a backlogged lane carries in a round trip, and not what waits in it', () => {
    const traffic = carrying(500_000, 3_000);
    const inFlight = traffic.inFlightBytes(240 * KIB, path(3_000));
    expect(inFlight).toBeGreaterThan(50_000);
    expect(inFlight).toBeLessThan(50_000 * 1.3 + 32 * KIB);
    // Never less than what has surely left the buffer.
    expect(traffic.inFlightBytes(64 * KIB, path(3_000))).toBe(traffic.outstandingBytes - 64 * KIB);
  });

  test('[W4] counts everything while nothing is known of the path', () => {
    const traffic = carrying(500_000, 3_000);
    expect(traffic.inFlightBytes(240 * KIB, path(3_000, { isNew: true }))).toBe(
      traffic.outstandingBytes,
    );
  });

  test('[W4] gives a lane no more than it can double in a round trip', () => {
    const fresh = new LaneTraffic();
    expect(fresh.roomBytes(path(0))).toBe(64 * KIB);
    fresh.sent(48 * KIB, 0, 0);
    expect(fresh.roomBytes(path(10))).toBe(16 * KIB);
    const busy = carrying(500_000, 3_000);
    expect(busy.roomBytes(path(3_000))).toBe(0);
    busy.receipted(busy.sentBytes);
    expect(busy.roomBytes(path(3_000))).toBeLessThan(2 * 50_000 + 2 * 32 * KIB + 1_000);
  });

  test('[A4] a receipt for more than was sent counts as one for all of it', () => {
    const traffic = new LaneTraffic();
    traffic.sent(10, 0, 0);
    traffic.receipted(1_000);
    expect(traffic.arrivedBytes).toBe(10);
    traffic.receipted(5);
    expect(traffic.arrivedBytes).toBe(10);
  });

  test('[A4] replies wait for no receipt, and one that tells of them counts them', () => {
    const traffic = new LaneTraffic();
    traffic.replied(100);
    expect(traffic.outstandingBytes).toBe(0);
    traffic.sent(10, 0, 0);
    expect(traffic.outstandingBytes).toBe(10);
    traffic.receipted(110);
    expect(traffic.outstandingBytes).toBe(0);
    traffic.sent(10, 0, 0);
    traffic.replied(5);
    traffic.receipted(111);
    expect(traffic.outstandingBytes).toBe(14);
  });
});
