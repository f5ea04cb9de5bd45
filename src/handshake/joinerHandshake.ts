import { type Fault, unreachable } from '../protocol/faults.ts';
import { sameBytes, wipe } from './bytes.ts';
import { calculateGenerator, combine, makeShare, scalarFromRandom } from './cpace.ts';
import type { HandshakeMode } from './credentials.ts';
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

/** What a joiner knows when its channel opens. The random bytes are used once and never again. */
export interface JoinerContext {
  /** A whole credential will do. */
  readonly secret: HandshakeSecret;
  readonly self: BoundPeer;
  readonly peer: BoundPeer;
  /** 16 random bytes. */
  readonly nonceRandom: Uint8Array;
  /** 32 random bytes. */
  readonly scalarRandom: Uint8Array;
}

/**
 * The side that entered the code. It proves itself first (SPEC H7): its attempt is spent in
 * `awaiting-tag`, and nowhere else.
 *
 * States hold secrets, and stepping out of one overwrites them: use a state once.
 */
export type JoinerState =
  | { readonly phase: 'new' }
  | ({ readonly phase: 'awaiting-hello' } & Greeted)
  | ({ readonly phase: 'awaiting-share' } & Shared)
  | ({ readonly phase: 'awaiting-tag' } & Spent)
  | { readonly phase: 'done' }
  | { readonly phase: 'failed'; readonly fault: Fault };

interface Greeted {
  readonly context: JoinerContext;
  readonly nonce: Uint8Array;
  readonly hello: Uint8Array;
}

interface Shared {
  readonly sessionId: Uint8Array;
  readonly scalar: Uint8Array;
  readonly share: Uint8Array;
  readonly mode: HandshakeMode;
}

interface Spent {
  readonly mode: HandshakeMode;
  readonly confirmation: Confirmation;
}

export type JoinerEvent =
  | { readonly type: 'started'; readonly context: JoinerContext }
  /** One message as the channel gave it. Messages that come before `started` must wait in line. */
  | { readonly type: 'frame-received'; readonly data: Uint8Array | string }
  | { readonly type: 'timed-out'; readonly timer: HandshakeTimer }
  | { readonly type: 'channel-closed' };

export type JoinerEffect =
  | { readonly type: 'send'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'arm-timer'; readonly timer: HandshakeTimer; readonly ms: number }
  /** The one guess leaves with the next `send`. From here on nothing is retried without a person. */
  | { readonly type: 'spent' }
  | ({ readonly type: 'succeeded' } & SessionKeys)
  /** Close the channel. `mayRetry`: nothing was risked, so the same credential may be tried again unasked. */
  | { readonly type: 'failed'; readonly fault: Fault; readonly mayRetry: boolean };

type Step = readonly [state: JoinerState, effects: readonly JoinerEffect[]];
type In<P extends JoinerState['phase']> = Extract<JoinerState, { phase: P }>;
type Frame<T extends DecodedHandshake['type']> = Extract<DecodedHandshake, { type: T }>;

/** A joiner before its channel is open. */
export const newJoiner: JoinerState = { phase: 'new' };

/**
 * The joiner's side of the handshake as one pure function. After `done` and `failed` nothing changes
 * any more (SPEC H11).
 */
export function stepJoiner(state: JoinerState, event: JoinerEvent): Step {
  if (state.phase === 'done' || state.phase === 'failed') return [state, []];
  switch (event.type) {
    case 'started':
      return state.phase === 'new' ? start(event.context) : [state, []];
    case 'frame-received':
      return receive(state, decodeHandshakeFrame(event.data));
    case 'timed-out':
    case 'channel-closed':
      return interrupted(state);
    default:
      return unreachable(event);
  }
}

function start(context: JoinerContext): Step {
  if (!areDistinct(context.self, context.peer)) return fail({ phase: 'new' }, notVerified);
  const nonce = nonceFromRandom(context.nonceRandom);
  const hello = encodeHandshakeFrame({ type: 'hello-joiner', mode: context.secret.mode, nonce });
  return [
    { phase: 'awaiting-hello', context, nonce, hello },
    [{ type: 'arm-timer', timer: 'total', ms: TOTAL_TIMEOUT_MS }, waitStep, send(hello)],
  ];
}

function receive(state: Unfinished, frame: DecodedHandshake): Step {
  if (frame.type === 'broken') return fail(state, { code: 'rule-broken', rule: frame.rule });
  if (frame.type === 'abort') return aborted(state, frame.reason);
  switch (state.phase) {
    case 'awaiting-hello':
      if (frame.type === 'other-version' && frame.from === 'hello-host')
        return fail(state, { code: 'version-mismatch', theirs: frame.version });
      return frame.type === 'hello-host' ? greeted(state, frame) : outOfOrder(state);
    case 'awaiting-share':
      return frame.type === 'share-host' ? shared(state, frame) : outOfOrder(state);
    case 'awaiting-tag':
      return frame.type === 'tag-host' ? tagged(state, frame) : outOfOrder(state);
    case 'new':
      return outOfOrder(state);
    default:
      return unreachable(state);
  }
}

function greeted(state: In<'awaiting-hello'>, frame: Frame<'hello-host'>): Step {
  const { context, nonce, hello } = state;
  const { mode } = context.secret;
  if (frame.mode !== mode) return fail(state, notVerified);
  const helloHost = encodeHandshakeFrame(frame);
  const sessionId = sessionIdOf(nonce, frame.nonce);
  const password = passwordOf(context.secret);
  const channelId = channelIdOf(mode, context.self, context.peer, hello, helloHost);
  const scalar = scalarFromRandom(context.scalarRandom);
  const share = makeShare(calculateGenerator(password, channelId, sessionId), scalar);
  wipe(password);
  return [
    { phase: 'awaiting-share', sessionId, scalar, share, mode },
    [waitStep, send(encodeHandshakeFrame({ type: 'share-joiner', share }))],
  ];
}

function shared(state: In<'awaiting-share'>, frame: Frame<'share-host'>): Step {
  const { mode, scalar, sessionId, share } = state;
  const isEcho = sameBytes(frame.share, share);
  const combined = isEcho ? undefined : combine(scalar, frame.share);
  if (combined === undefined) return fail(state, notVerified);
  const confirmation = confirm(sessionId, combined, share, frame.share);
  wipe(scalar);
  const tag = encodeHandshakeFrame({ type: 'tag-joiner', tag: confirmation.tagJoiner });
  return [{ phase: 'awaiting-tag', mode, confirmation }, [{ type: 'spent' }, waitStep, send(tag)]];
}

function tagged(state: In<'awaiting-tag'>, frame: Frame<'tag-host'>): Step {
  const { tagJoiner, tagHost, keyJ2H, keyH2J, resumeKey } = state.confirmation;
  if (!sameBytes(frame.tag, tagHost)) return fail(state, notVerified);
  wipe(tagJoiner, tagHost);
  return [{ phase: 'done' }, [{ type: 'succeeded', keyJ2H, keyH2J, resumeKey }]];
}

/** Silence or a closed channel: harmless before the tag, and for secrets nobody can guess. SPEC H10. */
function interrupted(state: Unfinished): Step {
  return state.phase === 'awaiting-tag' && state.mode === 'code'
    ? fail(state, notVerified)
    : fail(state, { code: 'peer-unavailable' }, true);
}

function aborted(state: Unfinished, reason: AbortReason): Step {
  // After the tag only the host's tag counts: an abort is not authenticated, and must not buy a retry.
  if (state.phase === 'awaiting-tag') return fail(state, notVerified);
  switch (reason) {
    case 'busy':
      return fail(state, { code: 'peer-unavailable' }, true);
    case 'not-verified':
      return fail(state, notVerified);
    case 'mode-refused':
      return fail(state, isCode(state) ? { code: 'code-refused' } : notVerified);
    case 'version-mismatch':
      return fail(state, { code: 'version-mismatch', theirs: 0 });
    case 'taken':
      return fail(state, { code: 'share-taken' });
    default:
      return unreachable(reason);
  }
}

const isCode = (state: Unfinished) =>
  state.phase === 'awaiting-hello'
    ? state.context.secret.mode === 'code'
    : state.phase === 'awaiting-share' && state.mode === 'code';

const outOfOrder = (state: Unfinished) => fail(state, { code: 'rule-broken', rule: 'H3' });

type Unfinished = Exclude<JoinerState, { phase: 'done' | 'failed' }>;

/** Ends it for good. The runner closes the channel, which tells the host all it may know. */
function fail(state: Unfinished, fault: Fault, mayRetry = false): Step {
  if (state.phase === 'awaiting-share') wipe(state.scalar);
  if (state.phase === 'awaiting-tag') wipe(...Object.values(state.confirmation));
  return [{ phase: 'failed', fault }, [{ type: 'failed', fault, mayRetry }]];
}

const notVerified = { code: 'not-verified' } as const satisfies Fault;
const waitStep = { type: 'arm-timer', timer: 'step', ms: STEP_TIMEOUT_MS } as const;
const send = (bytes: Uint8Array<ArrayBuffer>) => ({ type: 'send', bytes }) as const;
