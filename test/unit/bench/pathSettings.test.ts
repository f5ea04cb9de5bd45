import { expect, test } from 'vitest';
import { NAMED_PATHS, parseSettings } from '../../bench/path/pathSettings.ts';

test('a name says what both directions do', () => {
  expect(parseSettings('100ms-40mbit-back8mbit-queue500kB-loss0.1-burst0.01x20')).toEqual({
    forward: {
      delayMs: 50,
      lossShare: 0.001,
      burst: { share: 0.0001, packets: 20 },
      rateBytesPerSec: 5_000_000,
      queueBytes: 500_000,
      isDark: false,
    },
    back: {
      delayMs: 50,
      lossShare: 0.001,
      burst: { share: 0.0001, packets: 20 },
      rateBytesPerSec: 1_000_000,
      queueBytes: 500_000,
      isDark: false,
    },
  });
});

test('a word nobody knows makes no path', () => {
  expect(parseSettings('100ms-fast')).toBeUndefined();
});

test('every listed path but those of loopback has settings', () => {
  const without = NAMED_PATHS.filter(({ settings }) => settings === undefined);
  expect(without.map(({ name }) => name)).toEqual(['loopback', 'to-firefox', 'from-firefox']);
});
