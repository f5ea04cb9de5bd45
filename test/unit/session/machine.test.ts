import { describe, expect, test } from 'vitest';
import { TransferError } from '../../../src/protocol/faults.ts';
import { Machine } from '../../../src/session/machine.ts';
import { settled } from '../../doubles/flowEnds.ts';

type Effect = 'slow' | 'quick' | 'fail';

/** A machine that counts events; an event is the list of effects it asks for. */
function machine() {
  const log: string[] = [];
  let release = () => {};
  const runner: Machine<number, readonly Effect[], Effect> = new Machine({
    initial: 0,
    step: (state, event) => [event.length === 0 ? state : state + 1, event],
    perform: (effect) => {
      log.push(effect);
      if (effect === 'fail') throw new TransferError({ code: 'declined' });
      if (effect === 'slow') {
        return new Promise((resolve) => {
          release = resolve;
        });
      }
      return undefined;
    },
    failed: (error) => {
      if (!(error instanceof TransferError)) throw error;
      return ['quick'];
    },
    changed: (state) => log.push(`${state}`),
  });
  return { runner, log, release: () => release() };
}

describe('the machine', () => {
  test('[S5] performs the effects of one event, in order, before it takes the next', async () => {
    const { runner, log, release } = machine();
    runner.dispatch(['slow', 'quick']);
    runner.dispatch(['quick']);
    await settled();
    expect(log).toEqual(['1', 'slow']);
    release();
    await settled();
    expect(log).toEqual(['1', 'slow', 'quick', '2', 'quick']);
  });

  test('[S1] says nothing when nothing changed', async () => {
    const { runner, log } = machine();
    runner.dispatch([]);
    await settled();
    expect(log).toEqual([]);
    expect(runner.state).toBe(0);
  });

  test('[S5] a failed effect cancels those behind it and becomes an event, before any other', async () => {
    const { runner, log } = machine();
    runner.dispatch(['fail', 'quick']);
    runner.dispatch(['quick']);
    await settled();
    expect(log).toEqual(['1', 'fail', '2', 'quick', '3', 'quick']);
  });
});
