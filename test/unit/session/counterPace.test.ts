import { expect, test } from 'vitest';
import { CounterPace } from '../../../src/session/counterPace.ts';

/** Shows as often as it may for a while. @returns the times, ms */
function showUntil(pace: CounterPace, from: number, until: number): readonly number[] {
  const times: number[] = [];
  for (let now = from; now < until; ) {
    now += pace.waitMs(now);
    pace.show(now);
    times.push(now);
  }
  return times;
}

test('the first count shows at once, and more come soon, then ever more seldom', () => {
  const pace = new CounterPace(1_000);
  expect(showUntil(pace, 5_000, 8_000)).toEqual([5_000, 5_200, 5_500, 5_950, 6_625, 7_625, 8_625]);
});

test('the longest interval holds from the beginning where it is short', () => {
  expect(showUntil(new CounterPace(250), 0, 900)).toEqual([0, 200, 450, 700, 950]);
});

test('after a quiet time it begins again', () => {
  const pace = new CounterPace(1_000);
  showUntil(pace, 0, 10_000);
  expect(pace.waitMs(30_000)).toBe(0);
  expect(showUntil(pace, 30_000, 30_400)).toEqual([30_000, 30_200, 30_500]);
});

test('a pause shorter than that does not', () => {
  const pace = new CounterPace(1_000);
  const last = showUntil(pace, 0, 10_000).at(-1)!;
  pace.show(last + 1_500);
  expect(pace.waitMs(last + 1_500)).toBe(1_000);
});
