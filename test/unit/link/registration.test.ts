import { expect, test, vi } from 'vitest';
import { Backoff } from '../../../src/link/backoff.ts';
import type { Broker, BrokerListener } from '../../../src/link/broker.ts';
import { stayRegistered } from '../../../src/link/registration.ts';
import { TransferError } from '../../../src/protocol/faults.ts';

/** A broker that takes every id, and says when it is left; it can be away. */
function aBroker() {
  const state = { isAway: false, openedCount: 0, closedCount: 0, retries: 0 };
  const renewals: (() => void)[] = [];
  const listeners: BrokerListener[] = [];
  const ended = new AbortController();
  const backoff = new Backoff();
  const over = stayRegistered(
    {
      open: async (listener) => {
        if (state.isAway) throw new TransferError({ code: 'broker-unreachable' });
        state.openedCount += 1;
        listeners.push(listener);
        const close = () => {
          state.closedCount += 1;
        };
        // Boundary: a registration only ever closes its broker.
        return { close } as unknown as Broker;
      },
      opened: (renew) => renewals.push(renew),
      retrying: () => {
        state.retries += 1;
      },
      introduced: () => {},
      backoff,
    },
    ended.signal,
  ).catch(() => {});
  return { state, renewals, listeners, ended, backoff, over };
}

test('made anew it leaves the old socket, and is not counted as lost', async () => {
  const { state, renewals, ended, over } = aBroker();
  await vi.waitFor(() => expect(renewals).toHaveLength(1));
  renewals[0]!();
  await vi.waitFor(() => expect(renewals).toHaveLength(2));
  expect(state).toMatchObject({ openedCount: 2, closedCount: 1, retries: 0 });
  ended.abort();
  await over;
  expect(state.closedCount).toBe(2);
});

test('a broker that is back is tried at once when somebody says so', async () => {
  vi.useFakeTimers();
  const { state, listeners, renewals, backoff, ended, over } = aBroker();
  await vi.advanceTimersByTimeAsync(0);
  state.isAway = true;
  listeners[0]!.lost();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.retries).toBeGreaterThan(5);
  state.isAway = false;
  backoff.skip();
  await vi.advanceTimersByTimeAsync(0);
  expect(renewals).toHaveLength(2);
  ended.abort();
  await over;
  vi.useRealTimers();
});
