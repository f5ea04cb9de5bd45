import { describe, expect, test } from 'vitest';
import {
  type GuardEffect,
  type GuardEvent,
  type GuardState,
  guardAgain,
  isCodeRefused,
  newGuard,
  stepGuard,
} from '../../../src/handshake/guessGuard.ts';
import {
  type HostState,
  type LockTarget,
  newHost,
  stepHost,
} from '../../../src/handshake/hostHandshake.ts';
import { type JoinerState, newJoiner, stepJoiner } from '../../../src/handshake/joinerHandshake.ts';
import { codeWords, counted, hostContext, joinerContext } from './duet.ts';

const byCode: LockTarget = { mode: 'code', words: codeWords };
const byLink: LockTarget = { mode: 'link' };
const newWords = ['banana', 'zebra', 'walrus'] as const;
const ask = (attempt: number, target: LockTarget = byCode): GuardEvent => ({
  type: 'lock-asked',
  attempt,
  target,
});
const release = (
  attempt: number,
  outcome: 'verified' | 'wrong' | 'stalled',
  mode: 'code' | 'link' = 'code',
): GuardEvent => ({ type: 'lock-released', attempt, outcome, mode });

function play(state: GuardState, ...events: readonly GuardEvent[]): [GuardState, GuardEffect[]] {
  const all: GuardEffect[] = [];
  let now = state;
  for (const event of events) {
    const [next, effects] = stepGuard(now, event);
    now = next;
    all.push(...effects);
  }
  return [now, all];
}

const redraw: GuardEvent = { type: 'words-drawn', words: newWords };
const asNewWords: LockTarget = { mode: 'code', words: newWords };

describe('the guess guard', () => {
  test('[H14] one attempt at a time', () => {
    const [, effects] = play(newGuard(codeWords), ask(1), ask(2), release(1, 'verified'), ask(3));
    expect(effects).toEqual([
      { type: 'grant', attempt: 1 },
      { type: 'refuse', attempt: 2, why: 'busy' },
      { type: 'grant', attempt: 3 },
    ]);
  });

  test('[H14] a wrong tag burns the words, and nobody is checked against them again', () => {
    const [burned, effects] = play(newGuard(codeWords), ask(1), release(1, 'wrong'));
    expect(effects.at(-1)).toEqual({ type: 'draw-words', why: 'burned' });
    expect(burned.burnedCount).toBe(1);
    const [, before] = play(burned, ask(2));
    expect(before).toEqual([{ type: 'refuse', attempt: 2, why: 'burned' }]);
    const [, after] = play(burned, redraw, ask(2), ask(3, asNewWords));
    expect(after).toEqual([
      { type: 'refuse', attempt: 2, why: 'burned' },
      { type: 'grant', attempt: 3 },
    ]);
  });

  test('[H14] three burns refuse the code for good; the link goes on', () => {
    const [refused, effects] = play(
      newGuard(codeWords),
      ...[ask(1), release(1, 'wrong'), redraw],
      ...[ask(2, asNewWords), release(2, 'wrong'), redraw],
      ...[ask(3, asNewWords), release(3, 'wrong'), redraw],
    );
    expect(isCodeRefused(refused)).toBe(true);
    expect(effects.filter(({ type }) => type === 'draw-words')).toHaveLength(2);
    expect(effects.at(-1)).toEqual({ type: 'refuse-code' });
    expect(play(refused, redraw, ask(4, asNewWords))[1]).toEqual([
      { type: 'refuse', attempt: 4, why: 'code-refused' },
    ]);
    expect(play(refused, ask(5, byLink))[1]).toEqual([{ type: 'grant', attempt: 5 }]);
  });

  test('[H14] three stalls change the words without counting as a burn', () => {
    const stall = (attempt: number) => [ask(attempt), release(attempt, 'stalled')];
    const [two] = play(newGuard(codeWords), ...stall(1), ...stall(2));
    expect(two).toMatchObject({ words: codeWords, stalledCount: 2, burnedCount: 0 });
    const [three, effects] = play(two, ...stall(3));
    expect(three).toMatchObject({ words: undefined, stalledCount: 0, burnedCount: 0 });
    expect(effects.at(-1)).toEqual({ type: 'draw-words', why: 'stalled' });
  });

  test('[H14] wrong links burn nothing and block nobody', () => {
    const noise = Array.from({ length: 20 }, (_, i) => [
      ask(i, byLink),
      release(i, i % 2 ? 'wrong' : 'stalled', 'link'),
    ]).flat();
    const [after] = play(newGuard(codeWords), ask(100), ...noise);
    expect(after).toMatchObject({ words: codeWords, burnedCount: 0, stalledCount: 0, holder: 100 });
  });

  test('[H14] only the holder can end an attempt at the words', () => {
    const [held] = play(newGuard(codeWords), ask(1), release(2, 'wrong'), release(2, 'stalled'));
    expect(held).toMatchObject({ words: codeWords, holder: 1, burnedCount: 0, stalledCount: 0 });
  });

  test('[H14] one person only: the first success takes the share, by code and by link', () => {
    const onlyOne: GuardEvent = { type: 'one-person-only-set', isOn: true };
    const [, effects] = play(
      newGuard(codeWords),
      ...[onlyOne, ask(1, byLink), ask(2, byLink), ask(3)],
      ...[release(1, 'verified', 'link'), ask(4, byLink), ask(5)],
      ...[{ ...onlyOne, isOn: false }, ask(6)],
    );
    expect(effects).toEqual([
      { type: 'grant', attempt: 1 },
      { type: 'refuse', attempt: 2, why: 'busy' },
      { type: 'refuse', attempt: 3, why: 'busy' },
      { type: 'refuse', attempt: 4, why: 'taken' },
      { type: 'refuse', attempt: 5, why: 'taken' },
      { type: 'grant', attempt: 6 },
    ]);
  });

  test('[H14] a peer that comes back is not a new person', () => {
    const [, effects] = play(
      { ...newGuard(codeWords), isOnePersonOnly: true, hasSucceeded: true },
      ask(1, { mode: 'resume' }),
    );
    expect(effects).toEqual([{ type: 'grant', attempt: 1 }]);
  });
});

/** A host with one guard and many joiners, stepped one frame at a time in an order of the test's choosing. */
class Crowd {
  guard = newGuard(codeWords);
  /** Tags the host compared with the right one. */
  evaluated = 0;
  readonly succeeded = new Set<number>();
  readonly #hosts: HostState[] = [];
  readonly #joiners: JoinerState[] = [];
  readonly #toHost: Uint8Array[][] = [];
  readonly #toJoiner: Uint8Array[][] = [];

  constructor(count: number, secretOf: (joiner: number) => readonly [string, string, string]) {
    for (let i = 0; i < count; i += 1) {
      this.#hosts.push(newHost);
      this.#joiners.push(newJoiner);
      this.#toHost.push([]);
      this.#toJoiner.push([]);
      const id = `sluice1-j-${i}`;
      const joiner = joinerContext({
        secret: { mode: 'code', words: secretOf(i) },
        self: { id, fingerprint: counted(i + 40, 32) },
        nonceRandom: counted(i, 16),
        scalarRandom: counted(i + 1, 32),
      });
      this.#host(i, {
        type: 'started',
        context: hostContext({ peer: joiner.self, scalarRandom: counted(i + 2, 32) }),
      });
      this.#joiner(i, { type: 'started', context: joiner });
    }
  }

  /** Delivers one frame to each host machine, then one to each joiner. */
  round(): boolean {
    let moved = false;
    for (const [i, frames] of this.#toHost.entries()) {
      const data = frames.shift();
      if (data) this.#host(i, { type: 'frame-received', data });
      moved ||= data !== undefined;
    }
    for (const [i, frames] of this.#toJoiner.entries()) {
      const data = frames.shift();
      if (data) this.#joiner(i, { type: 'frame-received', data });
      moved ||= data !== undefined;
    }
    return moved;
  }

  drop(i: number): void {
    this.#host(i, { type: 'channel-closed' });
  }

  get holder(): number | undefined {
    return this.guard.holder;
  }

  #host(i: number, event: Parameters<typeof stepHost>[1]): void {
    const [next, effects] = stepHost(this.#hosts[i] ?? newHost, event);
    this.#hosts[i] = next;
    for (const effect of effects) {
      if (effect.type === 'send') this.#toJoiner[i]?.push(effect.bytes);
      if (effect.type === 'succeeded') this.succeeded.add(i);
      if (effect.type === 'lock-acquire')
        this.#guard({ type: 'lock-asked', attempt: i, target: effect.target });
      if (effect.type === 'lock-release') {
        if (effect.outcome !== 'stalled') this.evaluated += 1;
        const { mode, outcome } = effect;
        this.#guard({ type: 'lock-released', attempt: i, mode, outcome });
      }
    }
  }

  #guard(event: GuardEvent): void {
    const [next, effects] = stepGuard(this.guard, event);
    this.guard = next;
    for (const effect of effects) {
      if (effect.type === 'grant') this.#host(effect.attempt, { type: 'lock-granted' });
      if (effect.type === 'refuse')
        this.#host(effect.attempt, { type: 'lock-refused', why: effect.why });
      if (effect.type === 'draw-words') this.#guard({ type: 'words-drawn', words: newWords });
    }
  }

  #joiner(i: number, event: Parameters<typeof stepJoiner>[1]): void {
    const [next, effects] = stepJoiner(this.#joiners[i] ?? newJoiner, event);
    this.#joiners[i] = next;
    for (const effect of effects) if (effect.type === 'send') this.#toHost[i]?.push(effect.bytes);
  }
}

describe('many joiners at once', () => {
  test('[H14] fifty guessers in parallel get exactly one guess', () => {
    const crowd = new Crowd(50, () => ['walrus', 'walrus', 'walrus']);
    while (crowd.round());
    expect(crowd.evaluated).toBe(1);
    expect(crowd.guard.burnedCount).toBe(1);
    expect(crowd.succeeded.size).toBe(0);
  });

  test('[H14] a guesser among honest joiners cannot make a second guess at the same words', () => {
    const crowd = new Crowd(10, (i) => (i === 0 ? ['walrus', 'walrus', 'walrus'] : codeWords));
    while (crowd.round());
    expect(crowd.evaluated).toBe(1);
    expect(crowd.guard.burnedCount).toBe(1);
  });

  test('[H14] joiners who drop off while they are checked spend no guess', () => {
    const crowd = new Crowd(2, () => ['walrus', 'walrus', 'walrus']);
    for (let round = 0; round < 2; round += 1) crowd.round();
    const { holder } = crowd;
    expect(holder).toBeDefined();
    crowd.drop(holder ?? 0);
    expect(crowd.evaluated).toBe(0);
    expect(crowd.guard).toMatchObject({ words: codeWords, burnedCount: 0, stalledCount: 1 });
    expect(crowd.holder).toBeUndefined();
  });

  test('[H14] a share that is opened again gives nobody more guesses', () => {
    const [burned] = play(newGuard(codeWords), ask(1), release(1, 'wrong'));
    const [drawn] = play(burned, { type: 'words-drawn', words: newWords });
    const again = guardAgain(drawn);
    expect(again).toMatchObject({ words: newWords, burnedCount: 1, holder: undefined });
    const target: LockTarget = { mode: 'code', words: newWords };
    const [twice] = play(again, ask(2, target), release(2, 'wrong'));
    const [thrice] = play(guardAgain({ ...twice, words: codeWords }), ask(3), release(3, 'wrong'));
    expect(isCodeRefused(thrice)).toBe(true);
    expect(play(guardAgain(thrice), ask(4))[1]).toEqual([
      { type: 'refuse', attempt: 4, why: 'code-refused' },
    ]);
  });
});
