import { describe, expect, test, vi } from 'vitest';
import type { Link } from '../../../src/ports/link.ts';
import type { HostListener, Meeting } from '../../../src/ports/meeting.ts';
import { TransferError } from '../../../src/protocol/faults.ts';
import { Hosting } from '../../../src/session/hosting.ts';

/** A share whose meeting is in the hands of the test. */
function aHosting() {
  const listeners: HostListener[] = [];
  const calls = { closed: 0, joined: 0, failed: [] as string[] };
  let isBroken = false;
  const hosting = new Hosting({
    // Boundary: a share asks its meeting for nothing else.
    meeting: async () => {
      if (isBroken) throw new TransferError({ code: 'broker-unreachable' });
      return {
        host: (listener: HostListener) => {
          listeners.push(listener);
          return {
            setOnePersonOnly: () => {},
            close: () => {
              calls.closed += 1;
            },
          };
        },
      } as unknown as Meeting;
    },
    changed: () => {},
    joined: () => {
      calls.joined += 1;
    },
    failed: (fault) => calls.failed.push(fault.code),
  });
  return {
    hosting,
    listeners,
    calls,
    breakDown: () => {
      isBroken = true;
    },
  };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe('a share that is prepared', () => {
  test('is not seen, and has its code at once when it is opened', async () => {
    vi.useFakeTimers();
    const { hosting, listeners } = aHosting();
    hosting.prepare();
    hosting.prepare();
    await settled();
    listeners[0]!.opened('https://sluice.example/#4821.secret');
    listeners[0]!.codeChanged('4821-acid-acorn-acre', 0);
    expect(hosting.view).toBeUndefined();
    expect(hosting.isOpen).toBe(false);
    hosting.open();
    expect(hosting.view).toMatchObject({ phase: 'open', code: '4821-acid-acorn-acre' });
    expect(listeners).toHaveLength(1);
    vi.useRealTimers();
  });

  test('lets nobody in before it is opened', async () => {
    vi.useFakeTimers();
    const { hosting, listeners, calls } = aHosting();
    hosting.prepare();
    await settled();
    const closed = vi.fn();
    // Boundary: a link that is turned away is asked for nothing else.
    listeners[0]!.joined({ close: closed } as unknown as Link);
    expect(closed).toHaveBeenCalledWith({ code: 'peer-left' });
    expect(calls.joined).toBe(0);
    vi.useRealTimers();
  });

  test('goes after two minutes without use, and stays once it is opened', async () => {
    vi.useFakeTimers();
    const unused = aHosting();
    unused.hosting.prepare();
    const used = aHosting();
    used.hosting.prepare();
    used.hosting.open();
    await vi.advanceTimersByTimeAsync(121_000);
    expect(unused.calls.closed).toBe(1);
    expect(used.calls.closed).toBe(0);
    expect(used.hosting.isOpen).toBe(true);
    vi.useRealTimers();
  });

  test('fails without a word, and is tried again when it is opened', async () => {
    vi.useFakeTimers();
    const { hosting, calls, breakDown } = aHosting();
    breakDown();
    hosting.prepare();
    await settled();
    expect(calls.failed).toEqual([]);
    hosting.open();
    await settled();
    expect(calls.failed).toEqual(['broker-unreachable']);
    vi.useRealTimers();
  });
});
