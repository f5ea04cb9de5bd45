import fc from 'fast-check';
import { sameBytes } from '../../src/handshake/bytes.ts';
import { MAX_BURNS, newGuard, stepGuard } from '../../src/handshake/guessGuard.ts';
import {
  type HostEvent,
  type HostState,
  newHost,
  stepHost,
} from '../../src/handshake/hostHandshake.ts';
import {
  type JoinerEvent,
  type JoinerState,
  newJoiner,
  stepJoiner,
} from '../../src/handshake/joinerHandshake.ts';
import { codeWords, counted, hostContext, joinerContext, SECRETS } from '../unit/handshake/duet.ts';
import { insist, spoiled, type Target, target } from './target.ts';

/** What the network, or whoever owns it, does next. */
type Deed =
  /** What an honest network does: the oldest frame not yet delivered arrives. */
  | { readonly type: 'next' }
  | { readonly type: 'deliver'; readonly to: 'joiner' | 'host'; readonly index: number }
  | { readonly type: 'reflect'; readonly to: 'joiner' | 'host'; readonly index: number }
  | { readonly type: 'spoil'; readonly to: 'joiner' | 'host'; readonly bytes: Uint8Array }
  | { readonly type: 'time' | 'close'; readonly at: 'joiner' | 'host' };

const side = fc.constantFrom('joiner' as const, 'host' as const);
const frameLike = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  ...[
    [1, 18],
    [2, 18],
    [3, 32],
    [4, 32],
    [5, 64],
    [6, 64],
    [7, 1],
  ].map(([type, length]) =>
    fc
      .uint8Array({ minLength: length!, maxLength: length! })
      .map((body) => Uint8Array.from([type!, ...body])),
  ),
);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 20, arbitrary: fc.constant({ type: 'next' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('deliver' as const), to: side, index: fc.nat(3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('reflect' as const), to: side, index: fc.nat(3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('spoil' as const),
      to: side,
      bytes: spoiled(frameLike),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('time' as const), at: side }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const), at: side }) },
);

const OTHER_WORDS = ['zebra', 'mango', 'puzzle'] as const;

/** Both machines, with everything that was ever sent in the hands of the attacker. */
class Stage {
  joiner: JoinerState = newJoiner;
  host: HostState = newHost;
  readonly fromJoiner: Uint8Array[] = [];
  readonly fromHost: Uint8Array[] = [];
  readonly keys: { joiner?: Uint8Array; host?: Uint8Array } = {};
  grants = 0;
  releases = 0;
  isTagRight = false;
  /** Frames an honest network has brought to each. */
  #reachedHost = 0;
  #reachedJoiner = 0;

  tellJoiner(event: JoinerEvent): void {
    const before = this.joiner;
    const [next, effects] = stepJoiner(this.joiner, event);
    if (isOver(before)) insist(next === before && effects.length === 0, 'an end that is one');
    this.joiner = next;
    for (const effect of effects) {
      if (effect.type === 'send') this.fromJoiner.push(effect.bytes);
      if (effect.type === 'succeeded') this.keys.joiner = effect.resumeKey.slice();
    }
  }

  tellHost(event: HostEvent): void {
    const before = this.host;
    const [next, effects] = stepHost(this.host, event);
    if (isOver(before)) insist(next === before && effects.length === 0, 'an end that is one');
    this.host = next;
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          this.fromHost.push(effect.bytes);
          if (effect.bytes[0] === 6) insist(this.isTagRight, 'a host tag after a right tag only');
          break;
        case 'lock-acquire':
          this.grants += 1;
          this.tellHost({ type: 'lock-granted' });
          break;
        case 'lock-release':
          this.releases += 1;
          this.isTagRight = effect.outcome === 'verified';
          break;
        case 'succeeded':
          this.keys.host = effect.resumeKey.slice();
          break;
        default:
          break;
      }
    }
  }

  perform(deed: Deed): void {
    switch (deed.type) {
      case 'next':
        this.#deliverNext();
        break;
      case 'deliver':
      case 'reflect': {
        const isHonest = deed.type === 'deliver';
        const pool = (deed.to === 'host') === isHonest ? this.fromJoiner : this.fromHost;
        const data = pool[pool.length - 1 - (deed.index % Math.max(1, pool.length))];
        if (data !== undefined) this.#tell(deed.to, { type: 'frame-received', data });
        break;
      }
      case 'spoil':
        this.#tell(deed.to, { type: 'frame-received', data: deed.bytes });
        break;
      case 'time':
        this.#tell(deed.at, { type: 'timed-out', timer: 'step' });
        break;
      case 'close':
        this.#tell(deed.at, { type: 'channel-closed' });
        break;
    }
  }

  #deliverNext(): void {
    const toHost = this.fromJoiner[this.#reachedHost];
    if (toHost !== undefined) {
      this.#reachedHost += 1;
      this.tellHost({ type: 'frame-received', data: toHost });
      return;
    }
    const toJoiner = this.fromHost[this.#reachedJoiner];
    if (toJoiner === undefined) return;
    this.#reachedJoiner += 1;
    this.tellJoiner({ type: 'frame-received', data: toJoiner });
  }

  #tell(who: 'joiner' | 'host', event: JoinerEvent & HostEvent): void {
    if (who === 'joiner') this.tellJoiner(event);
    else this.tellHost(event);
  }
}

const isOver = ({ phase }: { readonly phase: string }) => phase === 'done' || phase === 'failed';

const handshake = target(
  'handshake',
  fc.record({
    secret: fc.constantFrom(SECRETS.code, SECRETS.code, SECRETS.link, SECRETS.resume, {
      mode: 'code',
      words: OTHER_WORDS,
    } as const),
    isSwapped: fc.boolean(),
    salt: fc.nat(255),
    deeds: fc.array(deed, { maxLength: 24 }),
  }),
  ({ secret, isSwapped, salt, deeds }) => {
    const stage = new Stage();
    const isWrong = secret.mode === 'code' && secret.words === OTHER_WORDS;
    const other = { id: 'sluice1-j-2', fingerprint: counted(salt, 32) };
    const isOther = isSwapped && salt !== 1;
    stage.tellHost({ type: 'started', context: hostContext(isOther ? { peer: other } : {}) });
    stage.tellJoiner({
      type: 'started',
      context: joinerContext({ secret, nonceRandom: counted(salt, 16) }),
    });
    for (const each of deeds) stage.perform(each);
    const { joiner, host } = stage.keys;
    if (isWrong || isOther) insist(!joiner && !host, 'no success without the secret', { isOther });
    insist(joiner === undefined || host !== undefined, 'the host first');
    if (joiner && host) insist(sameBytes(joiner, host), 'one key');
    stage.tellHost({ type: 'channel-closed' });
    insist(stage.releases === stage.grants, 'a release for each grant', stage.grants);
  },
);

/** Attempts that ask, come back or never do, in any order. */
const guardDeed = fc.record({
  attempt: fc.nat(5),
  deed: fc.constantFrom('ask', 'verified', 'wrong', 'stalled', 'link', 'only', 'draw'),
});

const guard = target('guess-guard', fc.array(guardDeed, { maxLength: 60 }), (deeds) => {
  let state = newGuard(codeWords);
  let wrongs = 0;
  for (const { attempt, deed: what } of deeds) {
    const before = state;
    switch (what) {
      case 'ask': {
        const words = state.words ?? codeWords;
        const [next, effects] = stepGuard(state, {
          type: 'lock-asked',
          attempt,
          target: { mode: 'code', words },
        });
        state = next;
        if (effects.some(({ type }) => type === 'grant'))
          insist(before.holder === undefined && before.words !== undefined, 'one at a time', deeds);
        break;
      }
      case 'draw':
        [state] = stepGuard(state, { type: 'words-drawn', words: OTHER_WORDS });
        break;
      case 'only':
        [state] = stepGuard(state, { type: 'one-person-only-set', isOn: attempt > 2 });
        break;
      case 'link':
        [state] = stepGuard(state, {
          type: 'lock-released',
          attempt,
          mode: 'link',
          outcome: 'wrong',
        });
        insist(state.burnedCount === before.burnedCount, 'no burn by a link', deeds);
        break;
      default: {
        if (what === 'wrong' && state.holder === attempt) wrongs += 1;
        const outcome = what as 'verified' | 'wrong' | 'stalled';
        [state] = stepGuard(state, { type: 'lock-released', attempt, mode: 'code', outcome });
        insist(
          state.burnedCount ===
            before.burnedCount + (what === 'wrong' && before.holder === attempt ? 1 : 0),
          'a burn for a guess and for nothing else',
          deeds,
        );
      }
    }
    insist(state.burnedCount === wrongs, 'every guess counted', deeds);
    insist(state.burnedCount <= MAX_BURNS, 'three burns and no more', deeds);
    if (state.burnedCount >= MAX_BURNS) insist(state.words === undefined, 'then no words', deeds);
  }
});

export const HANDSHAKE: readonly Target[] = [handshake, guard];
