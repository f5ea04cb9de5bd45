import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Backoff, pause } from '../../../src/link/backoff.ts';

const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Ms of the next wait. */
async function nextWait(backoff: Backoff): Promise<number> {
  const before = Date.now();
  let after = 0;
  const waited = backoff.wait(never).then(() => {
    after = Date.now();
  });
  await vi.advanceTimersByTimeAsync(10_000);
  await waited;
  return after - before;
}

describe('waiting between tries', () => {
  test('stays below half a second for as many tries as asked for, then grows as usual', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    const backoff = new Backoff(4);
    const waits = [];
    for (let i = 0; i < 8; i += 1) waits.push(Math.round((await nextWait(backoff)) / 500) * 500);
    expect(waits).toEqual([500, 500, 500, 500, 500, 1000, 2000, 4000]);
  });

  test.each([0, 0.5, 0.999])(
    'doubles from half a second to eight, with jitter %d',
    async (jitter) => {
      vi.spyOn(Math, 'random').mockReturnValue(jitter);
      const backoff = new Backoff();
      const waits = [];
      for (let i = 0; i < 7; i += 1) waits.push(await nextWait(backoff));
      const longest = [500, 1000, 2000, 4000, 8000, 8000, 8000];
      waits.forEach((ms, i) => {
        expect(Math.abs(ms - longest[i]! * (0.5 + jitter / 2))).toBeLessThanOrEqual(5);
      });
      backoff.reset();
      expect(await nextWait(backoff)).toBeLessThanOrEqual(500);
    },
  );

  test('ends at once when something has changed, and starts over', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    const backoff = new Backoff();
    for (let i = 0; i < 4; i += 1) await nextWait(backoff);
    let isOver = false;
    const waiting = backoff.wait(never).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isOver).toBe(false);
    backoff.skip();
    await vi.advanceTimersByTimeAsync(0);
    expect(isOver).toBe(true);
    await waiting;
    expect(await nextWait(backoff)).toBeLessThanOrEqual(500);
  });

  test('ends at once when it is aborted, with the reason, and leaves no timer', async () => {
    const abort = new AbortController();
    const waiting = pause(5000, abort.signal).catch((reason: unknown) => reason);
    abort.abort('enough');
    expect(await waiting).toBe('enough');
    expect(vi.getTimerCount()).toBe(0);
    await expect(pause(5, abort.signal)).rejects.toBe('enough');
  });
});
