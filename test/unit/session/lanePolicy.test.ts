import { describe, expect, test } from 'vitest';
import { adaptiveLanes } from '../../../src/session/lanePolicy.ts';

const direct = (roundTripMs: number | undefined) => ({ kind: 'direct', roundTripMs }) as const;

describe('lanes to begin with', () => {
  test.each([
    [undefined, 4],
    [direct(undefined), 32],
    [direct(1), 32],
    [direct(8), 8],
    [direct(79), 8],
    [direct(80), 32],
    [direct(400), 32],
  ])('on %j: %i', (path, lanes) => {
    expect(adaptiveLanes(32).lanesFor(path, 1e9)).toEqual({ initial: lanes, max: 32 });
  });

  test.each([
    [5, 2],
    [600_000, 3],
    [10_000_000, 32],
  ])('for %i bytes next door: %i', (byteCount, lanes) => {
    expect(adaptiveLanes(32).lanesFor(direct(1), byteCount).initial).toBe(lanes);
  });

  test('are few on a relay, and never more than a device may have', () => {
    expect(adaptiveLanes(32).lanesFor({ kind: 'relay', roundTripMs: 200 }, 1e9)).toEqual({
      initial: 2,
      max: 2,
    });
    expect(adaptiveLanes(6).lanesFor(direct(200), 1e9)).toEqual({ initial: 6, max: 6 });
  });
});
