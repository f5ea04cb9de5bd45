import { expect, test } from 'vitest';
import { soundingIntervalMs } from '../../../src/session/soundings.ts';

const direct = (roundTripMs: number | undefined) => ({ kind: 'direct', roundTripMs }) as const;

test.each([
  [undefined, 50],
  [direct(undefined), 50],
  [direct(1), undefined],
  [direct(8), 100],
  [direct(39), 100],
  [direct(40), 50],
  [direct(200), 50],
])('round trips on %j are measured each %s ms', (path, everyMs) => {
  expect(soundingIntervalMs(path)).toBe(everyMs);
});
