/** Runs the pure handshake machines over a control channel: timers, randomness and certificates are real here. */

import type { HandshakeMode } from '../handshake/credentials.ts';
import { encodeHandshakeFrame } from '../handshake/handshakeFrames.ts';
import type {
  AttemptOutcome,
  HostSecrets,
  LockRefusal,
  LockTarget,
} from '../handshake/hostHandshake.ts';
import {
  type HostContext,
  type HostEffect,
  type HostEvent,
  newHost,
  stepHost,
} from '../handshake/hostHandshake.ts';
import { type JoinerEvent, newJoiner, stepJoiner } from '../handshake/joinerHandshake.ts';
import type { HandshakeSecret, SessionKeys } from '../handshake/keySchedule.ts';
import type { HandshakeTimer } from '../handshake/timing.ts';
import { type Fault, TransferError } from '../protocol/faults.ts';
import type { Introduction } from './broker.ts';
import { fingerprintsInUse } from './certificate.ts';
import { ControlChannel } from './controlChannel.ts';
import { randomBytes } from './random.ts';

/** A channel whose other end has proved itself. */
export interface Proven {
  readonly introduction: Introduction;
  readonly control: ControlChannel;
  readonly keys: SessionKeys;
  /** The peer's certificate: every lane must use it too. */
  readonly peerFingerprint: Uint8Array<ArrayBuffer>;
}

/** A proof failed. `mayRetry`: nothing was risked, so the same credential may be tried again unasked. */
export class ProofError extends TransferError {
  readonly mayRetry: boolean;

  constructor(fault: Fault, mayRetry: boolean) {
    super(fault);
    this.mayRetry = mayRetry;
  }
}

/** The two waits of a handshake; arming one again replaces it. */
class Timers {
  readonly #timers = new Map<HandshakeTimer, ReturnType<typeof setTimeout>>();

  arm(timer: HandshakeTimer, ms: number, fire: () => void): void {
    clearTimeout(this.#timers.get(timer));
    this.#timers.set(timer, setTimeout(fire, ms));
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}

/** What both contexts need, from the open connection. Undefined certificates end it at once. */
async function contextOf(introduction: Introduction, certificate: RTCCertificate) {
  const fingerprints = await fingerprintsInUse(introduction.connection, certificate);
  if (fingerprints === undefined) throw new ProofError({ code: 'not-verified' }, false);
  return {
    self: { id: introduction.localId, fingerprint: fingerprints.self },
    peer: { id: introduction.remoteId, fingerprint: fingerprints.peer },
    nonceRandom: randomBytes(16),
    scalarRandom: randomBytes(32),
    peerFingerprint: fingerprints.peer,
  };
}

/**
 * Proves to the host that we know `secret`, and learns that it does.
 * @throws ProofError; the introduction is closed then
 */
export async function proveAsJoiner(
  introduction: Introduction,
  certificate: RTCCertificate,
  secret: HandshakeSecret,
): Promise<Proven> {
  const control = new ControlChannel(introduction.channel);
  try {
    const { peerFingerprint, ...context } = await contextOf(introduction, certificate);
    const keys = await runJoiner(control, (dispatch) =>
      dispatch({ type: 'started', context: { ...context, secret } }),
    );
    return { introduction, control, keys, peerFingerprint };
  } catch (error) {
    introduction.close();
    throw error;
  }
}

function runJoiner(
  control: ControlChannel,
  begin: (dispatch: (event: JoinerEvent) => void) => void,
): Promise<SessionKeys> {
  const timers = new Timers();
  return new Promise<SessionKeys>((resolve, reject) => {
    let state = newJoiner;
    const dispatch = (event: JoinerEvent) => {
      const [next, effects] = stepJoiner(state, event);
      state = next;
      for (const effect of effects) {
        switch (effect.type) {
          case 'send':
            control.sendFrame(effect.bytes);
            break;
          case 'arm-timer':
            timers.arm(effect.timer, effect.ms, () =>
              dispatch({ type: 'timed-out', timer: effect.timer }),
            );
            break;
          case 'spent':
            break;
          case 'succeeded':
            // What follows is the session's: it waits in the channel until the link listens.
            control.pause();
            resolve(effect);
            break;
          case 'failed':
            reject(new ProofError(asUnproven(effect.fault), effect.mayRetry));
            break;
        }
      }
    };
    begin(dispatch);
    control.listen({
      frame: (data) => dispatch({ type: 'frame-received', data }),
      closed: () => dispatch({ type: 'channel-closed' }),
    });
  }).finally(() => timers.clear());
}

/** Who breaks the rules before it has proved itself may be anybody, and most likely is not who was meant. */
const asUnproven = (fault: Fault): Fault =>
  fault.code === 'rule-broken' ? { code: 'not-verified' } : fault;

/** The host's guess accounting, as one attempt sees it. */
export interface AttemptGuard {
  acquire(target: LockTarget): LockRefusal | undefined;
  release(mode: HandshakeMode, outcome: AttemptOutcome): void;
}

/** How long a refused joiner has to read why before the channel closes. */
const FAREWELL_MS = 500;

/**
 * Checks whether a stranger knows one of `secrets`.
 * @throws ProofError; the introduction is closed then
 */
export async function proveAsHost(
  introduction: Introduction,
  certificate: RTCCertificate,
  secrets: HostSecrets,
  guard: AttemptGuard,
): Promise<Proven & { readonly mode: HandshakeMode }> {
  const control = new ControlChannel(introduction.channel);
  try {
    const { peerFingerprint, ...context } = await contextOf(introduction, certificate).catch(
      (error: unknown) => {
        // The joiner may see nothing wrong at its end, and would wait for us.
        control.sendFrame(encodeHandshakeFrame({ type: 'abort', reason: 'not-verified' }));
        throw error;
      },
    );
    const { mode, ...keys } = await runHost(control, { ...context, secrets }, guard);
    return { introduction, control, keys, peerFingerprint, mode };
  } catch (error) {
    setTimeout(() => introduction.close(), FAREWELL_MS);
    throw error;
  }
}

function runHost(
  control: ControlChannel,
  context: HostContext,
  guard: AttemptGuard,
): Promise<Extract<HostEffect, { type: 'succeeded' }>> {
  const timers = new Timers();
  return new Promise<Extract<HostEffect, { type: 'succeeded' }>>((resolve, reject) => {
    let state = newHost;
    let mode: HandshakeMode = 'code';
    const dispatch = (event: HostEvent) => {
      const [next, effects] = stepHost(state, event);
      state = next;
      for (const effect of effects) {
        switch (effect.type) {
          case 'send':
            control.sendFrame(effect.bytes);
            break;
          case 'arm-timer':
            timers.arm(effect.timer, effect.ms, () =>
              dispatch({ type: 'timed-out', timer: effect.timer }),
            );
            break;
          case 'lock-acquire': {
            mode = effect.target.mode;
            const why = guard.acquire(effect.target);
            dispatch(why === undefined ? { type: 'lock-granted' } : { type: 'lock-refused', why });
            break;
          }
          case 'lock-release':
            guard.release(mode, effect.outcome);
            break;
          case 'succeeded':
            // What follows is the session's: it waits in the channel until the link listens.
            control.pause();
            resolve(effect);
            break;
          case 'failed':
            reject(new ProofError(effect.fault, false));
            break;
        }
      }
    };
    dispatch({ type: 'started', context });
    control.listen({
      frame: (data) => dispatch({ type: 'frame-received', data }),
      closed: () => dispatch({ type: 'channel-closed' }),
    });
  }).finally(() => timers.clear());
}
