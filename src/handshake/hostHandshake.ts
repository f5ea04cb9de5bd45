import { type Fault, unreachable } from '../protocol/faults.ts';
import { sameBytes, wipe } from './bytes.ts';
import { calculateGenerator, combine, makeShare, scalarFromRandom } from './cpace.ts';
import type { CodeWords, HandshakeMode } from './credentials.ts';
import {
  type AbortReason,
  type DecodedHandshake,
  decodeHandshakeFrame,
  encodeHandshakeFrame,
  nonceFromRandom,
} from './handshakeFrames.ts';
import {
  areDistinct,
  type BoundPeer,
  type Confirmation,
  channelIdOf,
  confirm,
  type HandshakeSecret,
  passwordOf,
  type SessionKeys,
  sessionIdOf,
} from './keySchedule.ts';
import { type HandshakeTimer, STEP_TIMEOUT_MS, TOTAL_TIMEOUT_MS } from './timing.ts';

/** The secrets a host accepts right now; the joiner says which one it knows. Missing ones are refused. */
export interface HostSecrets {
  readonly code?: CodeWords;
  readonly link?: Uint8Array;
  readonly resume?: Uint8Array;
}

/** What a host knows when a channel opens. The random bytes are used once and never again. */
export interface HostContext {
  readonly secrets: HostSecrets;
  readonly self: BoundPeer;
  readonly peer: BoundPeer;
  /** 16 random bytes. */
  readonly nonceRandom: Uint8Array;
  /** 32 random bytes. */
  readonly scalarRandom: Uint8Array;
}

/**
 * The side that showed the code. It tells nothing that depends on the secret before the joiner's tag
 * was right (SPEC H8), so strangers who connect and leave learn nothing and cost nothing.
 *
 * States hold secrets, and stepping out of one overwrites them: use a state once.
 */
export type HostState =
  | { readonly phase: 'new' }
  | { readonly phase: 'awaiting-hello'; readonly context: HostContext }
  | ({ readonly phase: 'awaiting-share' } & Greeted)
  | ({ readonly phase: 'locking'; readonly shareJoiner: Uint8Array } & Greeted)
  | ({ readonly phase: 'awaiting-tag' } & Locked)
  | { readonly phase: 'done' }
  | { readonly phase: 'failed'; readonly fault: Fault };

interface Greeted {
  readonly secret: HandshakeSecret;
  readonly sessionId: Uint8Array;
  readonly channelId: Uint8Array;
  readonly scalar: Uint8Array;
}

interface Locked {
  readonly mode: HandshakeMode;
  readonly confirmation: Confirmation;
}

export type HostEvent =
  | { readonly type: 'started'; readonly context: HostContext }
  /** One message as the channel gave it. Messages that come before `started` must wait in line. */
  | { readonly type: 'frame-received'; readonly data: Uint8Array | string }
  /** The answer to `lock-acquire`, in the same turn. */
  | { readonly type: 'lock-granted' }
  | { readonly type: 'lock-refused'; readonly why: LockRefusal }
  | { readonly type: 'timed-out'; readonly timer: HandshakeTimer }
  | { readonly type: 'channel-closed' };

/**
 * `busy`: another joiner is being checked. `burned`: these words are no longer the words.
 * `code-refused`: no words are taken any more. `taken`: the share was for one person.
 */
export type LockRefusal = 'busy' | 'burned' | 'code-refused' | 'taken';

/** `wrong` spends a guess: the words must be burned. `stalled`: the joiner never came with its tag. */
export type AttemptOutcome = 'verified' | 'wrong' | 'stalled';

/** What an attempt wants to be checked against. */
export type LockTarget =
  | { readonly mode: 'code'; readonly words: CodeWords }
  | { readonly mode: 'link' | 'resume' };

export type HostEffect =
  | { readonly type: 'send'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'arm-timer'; readonly timer: HandshakeTimer; readonly ms: number }
  /** Ask the guess guard; it answers at once with `lock-granted` or `lock-refused`. */
  | { readonly type: 'lock-acquire'; readonly target: LockTarget }
  /** Exactly one for each grant, and before anything is sent: the guess counts whatever happens next. */
  | {
      readonly type: 'lock-release';
      readonly mode: HandshakeMode;
      readonly outcome: AttemptOutcome;
    }
  | ({ readonly type: 'succeeded'; readonly mode: HandshakeMode } & SessionKeys)
  /** Close the channel once everything was sent. */
  | { readonly type: 'failed'; readonly fault: Fault };

type Step = readonly [state: HostState, effects: readonly HostEffect[]];
type In<P extends HostState['phase']> = Extract<HostState, { phase: P }>;
type Unfinished = Exclude<HostState, { phase: 'done' | 'failed' }>;
type Frame<T extends DecodedHandshake['type']> = Extract<DecodedHandshake, { type: T }>;

/** A host before the channel is open. */
export const newHost: HostState = { phase: 'new' };

/**
 * The host's side of the handshake as one pure function. After `done` and `failed` nothing changes
 * any more (SPEC H11).
 */
export function stepHost(state: HostState, event: HostEvent): Step {
  if (state.phase === 'done' || state.phase === 'failed') return [state, []];
  switch (event.type) {
    case 'started':
      return state.phase === 'new' ? start(event.context) : [state, []];
    case 'frame-received':
      return receive(state, decodeHandshakeFrame(event.data));
    case 'lock-granted':
      return state.phase === 'locking' ? locked(state) : [state, []];
    case 'lock-refused':
      return state.phase === 'locking' ? refused(state, event.why) : [state, []];
    case 'timed-out':
      return fail(state, { code: 'peer-gone', silentMs: WAIT_MS[event.timer] });
    case 'channel-closed':
      return fail(state, { code: 'peer-left' });
    default:
      return unreachable(event);
  }
}

function start(context: HostContext): Step {
  if (!areDistinct(context.self, context.peer)) return refuse({ phase: 'new' }, notVerified);
  return [
    { phase: 'awaiting-hello', context },
    [{ type: 'arm-timer', timer: 'total', ms: TOTAL_TIMEOUT_MS }, waitStep],
  ];
}

function receive(state: Unfinished, frame: DecodedHandshake): Step {
  if (frame.type === 'broken') return refuse(state, { code: 'rule-broken', rule: frame.rule });
  switch (state.phase) {
    case 'awaiting-hello':
      if (frame.type === 'other-version' && frame.from === 'hello-joiner')
        return otherVersion(state, frame.version);
      return frame.type === 'hello-joiner' ? greeted(state, frame) : outOfOrder(state);
    case 'awaiting-share':
      return frame.type === 'share-joiner' ? shared(state, frame) : outOfOrder(state);
    case 'awaiting-tag':
      return frame.type === 'tag-joiner' ? tagged(state, frame) : outOfOrder(state);
    case 'new':
    case 'locking':
      return outOfOrder(state);
    default:
      return unreachable(state);
  }
}

function greeted(state: In<'awaiting-hello'>, frame: Frame<'hello-joiner'>): Step {
  const { secrets, self, peer, nonceRandom, scalarRandom } = state.context;
  const { mode } = frame;
  const secret = secretFor(mode, secrets);
  if (secret === undefined)
    return refuse(state, mode === 'code' ? { code: 'code-refused' } : notVerified, 'mode-refused');
  const nonce = nonceFromRandom(nonceRandom);
  const hello = encodeHandshakeFrame({ type: 'hello-host', mode, nonce });
  return [
    {
      phase: 'awaiting-share',
      secret,
      sessionId: sessionIdOf(frame.nonce, nonce),
      channelId: channelIdOf(mode, peer, self, encodeHandshakeFrame(frame), hello),
      scalar: scalarFromRandom(scalarRandom),
    },
    [waitStep, send(hello)],
  ];
}

function secretFor(mode: HandshakeMode, secrets: HostSecrets): HandshakeSecret | undefined {
  switch (mode) {
    case 'code':
      return secrets.code && { mode, words: secrets.code };
    case 'link':
      return secrets.link && { mode, secret: secrets.link };
    case 'resume':
      return secrets.resume && { mode, key: secrets.resume };
    default:
      return unreachable(mode);
  }
}

/** Our own hello first, whose version the joiner can read: its person learns which side is older. */
function otherVersion(state: In<'awaiting-hello'>, theirs: number): Step {
  const nonce = nonceFromRandom(state.context.nonceRandom);
  const hello = encodeHandshakeFrame({ type: 'hello-host', mode: 'code', nonce });
  const [next, effects] = refuse(state, { code: 'version-mismatch', theirs }, 'version-mismatch');
  return [next, [send(hello), ...effects]];
}

function shared(state: In<'awaiting-share'>, frame: Frame<'share-joiner'>): Step {
  const { secret } = state;
  const target: LockTarget =
    secret.mode === 'code' ? { mode: 'code', words: secret.words } : { mode: secret.mode };
  return [
    { ...state, phase: 'locking', shareJoiner: frame.share },
    [{ type: 'lock-acquire', target }],
  ];
}

function locked(state: In<'locking'>): Step {
  const { secret, sessionId, channelId, scalar, shareJoiner } = state;
  const password = passwordOf(secret);
  const share = makeShare(calculateGenerator(password, channelId, sessionId), scalar);
  wipe(password);
  const isEcho = sameBytes(shareJoiner, share);
  const combined = isEcho ? undefined : combine(scalar, shareJoiner);
  wipe(scalar);
  if (combined === undefined) {
    const [next, effects] = refuse(state, notVerified);
    return [next, [release(secret.mode, 'stalled'), ...effects]];
  }
  const confirmation = confirm(sessionId, combined, shareJoiner, share);
  return [
    { phase: 'awaiting-tag', mode: secret.mode, confirmation },
    [waitStep, send(encodeHandshakeFrame({ type: 'share-host', share }))],
  ];
}

function refused(state: In<'locking'>, why: LockRefusal): Step {
  switch (why) {
    case 'busy':
      return refuse(state, { code: 'cancelled', by: 'me' }, 'busy');
    case 'burned':
      return refuse(state, notVerified);
    case 'code-refused':
      return refuse(state, { code: 'code-refused' }, 'mode-refused');
    case 'taken':
      return refuse(state, { code: 'share-taken' }, 'taken');
    default:
      return unreachable(why);
  }
}

function tagged(state: In<'awaiting-tag'>, frame: Frame<'tag-joiner'>): Step {
  const { mode, confirmation } = state;
  const { tagJoiner, tagHost, keyJ2H, keyH2J, resumeKey } = confirmation;
  if (!sameBytes(frame.tag, tagJoiner)) return refuse(state, notVerified, 'not-verified', 'wrong');
  const tag = encodeHandshakeFrame({ type: 'tag-host', tag: tagHost });
  wipe(tagJoiner, tagHost);
  return [
    { phase: 'done' },
    [release(mode, 'verified'), send(tag), { type: 'succeeded', mode, keyJ2H, keyH2J, resumeKey }],
  ];
}

const outOfOrder = (state: Unfinished) => refuse(state, { code: 'rule-broken', rule: 'H3' });

/** Ends it for good and tells the joiner why, in one word that depends on no secret but a wrong tag. */
function refuse(
  state: Unfinished,
  fault: Fault,
  reason: AbortReason = 'not-verified',
  outcome: AttemptOutcome = 'stalled',
): Step {
  return fail(state, fault, outcome, [send(encodeHandshakeFrame({ type: 'abort', reason }))]);
}

function fail(
  state: Unfinished,
  fault: Fault,
  outcome: AttemptOutcome = 'stalled',
  farewell: readonly HostEffect[] = [],
): Step {
  const isHolding = state.phase === 'awaiting-tag';
  if (state.phase === 'awaiting-share' || state.phase === 'locking') wipe(state.scalar);
  if (isHolding) wipe(...Object.values(state.confirmation));
  return [
    { phase: 'failed', fault },
    [...(isHolding ? [release(state.mode, outcome)] : []), ...farewell, { type: 'failed', fault }],
  ];
}

const WAIT_MS = {
  step: STEP_TIMEOUT_MS,
  total: TOTAL_TIMEOUT_MS,
} as const satisfies Record<HandshakeTimer, number>;

const notVerified = { code: 'not-verified' } as const satisfies Fault;
const waitStep = { type: 'arm-timer', timer: 'step', ms: STEP_TIMEOUT_MS } as const;
const send = (bytes: Uint8Array<ArrayBuffer>) => ({ type: 'send', bytes }) as const;
const release = (mode: HandshakeMode, outcome: AttemptOutcome) =>
  ({ type: 'lock-release', mode, outcome }) as const;
