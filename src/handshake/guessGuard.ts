import { unreachable } from '../protocol/faults.ts';
import type { CodeWords, HandshakeMode } from './credentials.ts';
import type { AttemptOutcome, LockRefusal, LockTarget } from './hostHandshake.ts';

/** Wrong tags after which a share takes no words any more, only its link. SPEC H14. */
export const MAX_BURNS = 3;

/** Joiners who took the lock and left, after which the words change. Not a guess, so not a burn. SPEC H14. */
export const MAX_STALLS = 3;

/** Names one handshake of a share; any value of the caller's that is never used twice. */
export type AttemptId = number;

/**
 * The guesses a share has left. One guard for one share, over all its handshakes: it lets one
 * attempt at the words through at a time, and burns the words when it fails.
 */
export interface GuardState {
  /** The words that count now; `undefined` while none are taken. */
  readonly words: CodeWords | undefined;
  /** The attempt being checked. */
  readonly holder: AttemptId | undefined;
  readonly burnedCount: number;
  /** Stalls since the words were drawn. */
  readonly stalledCount: number;
  readonly isOnePersonOnly: boolean;
  /** Somebody has joined since the share was opened. */
  readonly hasSucceeded: boolean;
}

export type GuardEvent =
  | { readonly type: 'lock-asked'; readonly attempt: AttemptId; readonly target: LockTarget }
  | {
      readonly type: 'lock-released';
      readonly attempt: AttemptId;
      readonly mode: HandshakeMode;
      readonly outcome: AttemptOutcome;
    }
  /** The answer to `draw-words`. */
  | { readonly type: 'words-drawn'; readonly words: CodeWords }
  | { readonly type: 'one-person-only-set'; readonly isOn: boolean };

export type GuardEffect =
  | { readonly type: 'grant'; readonly attempt: AttemptId }
  | { readonly type: 'refuse'; readonly attempt: AttemptId; readonly why: LockRefusal }
  /** Draw new words and show them; until `words-drawn`, no words are taken. */
  | { readonly type: 'draw-words'; readonly why: 'burned' | 'stalled' }
  /** Show no code any more: only the link is left. */
  | { readonly type: 'refuse-code' };

type Step = readonly [state: GuardState, effects: readonly GuardEffect[]];

/** The guard of a share that shows `words`. */
export function newGuard(words: CodeWords): GuardState {
  return {
    words,
    holder: undefined,
    burnedCount: 0,
    stalledCount: 0,
    isOnePersonOnly: false,
    hasSucceeded: false,
  };
}

/** The guard of a share that is opened again: no guess is forgotten. */
export const guardAgain = (
  earlier: Pick<GuardState, 'words' | 'burnedCount' | 'isOnePersonOnly' | 'hasSucceeded'>,
): GuardState => ({ ...earlier, holder: undefined, stalledCount: 0 });

/** The guess accounting of a share as one pure function. */
export function stepGuard(state: GuardState, event: GuardEvent): Step {
  switch (event.type) {
    case 'lock-asked':
      return asked(state, event.attempt, event.target);
    case 'lock-released':
      return released(state, event);
    case 'words-drawn':
      if (state.words !== undefined || isCodeRefused(state)) return [state, []];
      return [{ ...state, words: event.words, stalledCount: 0 }, []];
    case 'one-person-only-set':
      return [{ ...state, isOnePersonOnly: event.isOn }, []];
    default:
      return unreachable(event);
  }
}

/** Whether the words were burned too often for any more. */
export const isCodeRefused = (state: GuardState) => state.burnedCount >= MAX_BURNS;

function asked(state: GuardState, attempt: AttemptId, target: LockTarget): Step {
  const why = refusalFor(state, target);
  if (why !== undefined) return [state, [{ type: 'refuse', attempt, why }]];
  const holder = needsLock(state, target) ? attempt : state.holder;
  return [{ ...state, holder }, [{ type: 'grant', attempt }]];
}

function refusalFor(state: GuardState, target: LockTarget): LockRefusal | undefined {
  if (target.mode === 'resume') return undefined;
  if (state.isOnePersonOnly && state.hasSucceeded) return 'taken';
  if (target.mode === 'code') {
    if (isCodeRefused(state)) return 'code-refused';
    if (state.words?.join() !== target.words.join()) return 'burned';
  }
  return needsLock(state, target) && state.holder !== undefined ? 'busy' : undefined;
}

/** Words always: two checks at once would be two guesses. A link only where two winners would be one too many. */
const needsLock = (state: GuardState, target: LockTarget) =>
  target.mode === 'code' || (target.mode === 'link' && state.isOnePersonOnly);

function released(state: GuardState, event: Extract<GuardEvent, { type: 'lock-released' }>): Step {
  const { attempt, outcome, mode } = event;
  if (mode === 'resume') return [state, []];
  const free = state.holder === attempt ? { ...state, holder: undefined } : state;
  if (outcome === 'verified') return [{ ...free, hasSucceeded: true }, []];
  // A link has 128 bits: nobody guesses it, and nobody can take it away by trying.
  if (mode === 'link' || state.holder !== attempt) return [free, []];
  if (outcome === 'wrong') return burn(free);
  const stalledCount = free.stalledCount + 1;
  if (stalledCount < MAX_STALLS) return [{ ...free, stalledCount }, []];
  return [{ ...free, words: undefined, stalledCount: 0 }, [{ type: 'draw-words', why: 'stalled' }]];
}

function burn(free: GuardState): Step {
  const burned = { ...free, words: undefined, burnedCount: free.burnedCount + 1 };
  return isCodeRefused(burned)
    ? [burned, [{ type: 'refuse-code' }]]
    : [burned, [{ type: 'draw-words', why: 'burned' }]];
}
