import {
  type CodeWords,
  parseCredential,
  rendezvousId,
} from '../../../src/handshake/credentials.ts';
import { type JoinerEvent, newJoiner, stepJoiner } from '../../../src/handshake/joinerHandshake.ts';
import { fingerprintsInUse } from '../../../src/link/certificate.ts';
import { randomBytes } from '../../../src/link/random.ts';
import { approach, type Stranger } from './stranger.ts';

/** Steps of a joiner, each with the type byte of the frame it sends there. */
const STEPS = { open: 0, hello: 1, share: 3, tag: 5 } as const;

export type Step = keyof typeof STEPS;

/** What became of one guesser. */
export interface Outcome {
  /** Types of the frames the host sent, oldest first: 2 hello, 4 share, 6 tag, 7 abort. */
  readonly heard: readonly number[];
}

/** How long a guesser waits for the host, ms: longer than the host waits for it. */
const PATIENCE_MS = 8_000;

/** Where a crowd gathers. */
interface Gate {
  /** @returns false for who comes when the others have gone */
  arrive(): boolean;
  readonly opened: Promise<void>;
}

/**
 * Joins with the words of `code` and goes no further than `last`: then it leaves, or waits for the host's
 * word when that was its tag. Before its share it waits for `gate`.
 */
async function guess(
  stranger: Stranger,
  words: CodeWords,
  last: Step,
  gate: Gate,
): Promise<Outcome> {
  const { introduction, rtc } = stranger;
  const { channel, connection, localId, remoteId } = introduction;
  const heard: number[] = [];
  channel.binaryType = 'arraybuffer';
  channel.onmessage = null;
  const fingerprints = await fingerprintsInUse(connection, rtc.certificate);
  if (fingerprints === undefined || last === 'open') return { heard };
  let state = newJoiner;
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      resolve({ heard });
    };
    const timer = setTimeout(end, PATIENCE_MS);
    const send = async (bytes: Uint8Array<ArrayBuffer>) => {
      if (bytes[0] === STEPS.share) {
        if (!gate.arrive()) return end();
        await gate.opened;
      }
      if (bytes[0]! > STEPS[last]) return end();
      if (channel.readyState === 'open') channel.send(bytes);
    };
    const dispatch = (event: JoinerEvent) => {
      const [next, effects] = stepJoiner(state, event);
      state = next;
      for (const effect of effects) {
        if (effect.type === 'send') void send(effect.bytes);
        if (effect.type === 'failed' || effect.type === 'succeeded') end();
      }
    };
    channel.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      const bytes = new Uint8Array(data);
      heard.push(bytes[0] ?? 0);
      dispatch({ type: 'frame-received', data: bytes });
    });
    channel.addEventListener('close', end);
    dispatch({
      type: 'started',
      context: {
        secret: { mode: 'code', words },
        self: { id: localId, fingerprint: fingerprints.self },
        peer: { id: remoteId, fingerprint: fingerprints.peer },
        nonceRandom: randomBytes(16),
        scalarRandom: randomBytes(32),
      },
    });
  });
}

function credentialOf(code: string) {
  const credential = parseCredential(code);
  if (!('mode' in credential) || credential.mode !== 'code') throw new Error(`no code: ${code}`);
  return { words: credential.words, hostId: rendezvousId(credential) };
}

const noGate: Gate = { arrive: () => true, opened: Promise.resolve() };

/** One joiner with `code`, who leaves after `last`. */
export async function guessOnce(code: string, last: Step): Promise<Outcome> {
  const { words, hostId } = credentialOf(code);
  const stranger = await approach(hostId, PATIENCE_MS);
  const outcome = await guess(stranger, words, last, noGate);
  // What was sent last has a moment to arrive.
  await new Promise((resolve) => setTimeout(resolve, 200));
  stranger.leave();
  return outcome;
}

/** How long the first of a crowd waits for the others, ms: less than the host waits for a share. */
const GATHERING_MS = 3_000;

/** How many of a crowd dial at once: what a host lets in. */
const DIALLING_AT_ONCE = 4;

/** `count` joiners with `code` who all send their share in the same moment. @returns those who came that far */
export async function guessTogether(code: string, count: number): Promise<readonly Outcome[]> {
  const { words, hostId } = credentialOf(code);
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let isLate = false;
  let heldCount = 0;
  const leave = () => {
    isLate = true;
    open();
  };
  const arrive = () => {
    if (isLate) return false;
    heldCount += 1;
    if (heldCount === 1) setTimeout(leave, GATHERING_MS);
    if (heldCount === count) leave();
    return true;
  };
  const outcomes: Promise<Outcome>[] = [];
  const strangers: Stranger[] = [];
  const dial = async () => {
    for (let i = 0; i < count / DIALLING_AT_ONCE && !isLate; i += 1) {
      const stranger = await approach(hostId, GATHERING_MS).catch(() => undefined);
      if (stranger === undefined) continue;
      strangers.push(stranger);
      if (!isLate) outcomes.push(guess(stranger, words, 'tag', { arrive, opened }));
    }
  };
  await Promise.all(Array.from({ length: DIALLING_AT_ONCE }, dial));
  leave();
  const ended = await Promise.all(outcomes);
  for (const stranger of strangers) stranger.leave();
  // Who came that far heard at least a hello and what became of its share.
  return ended.filter(({ heard }) => heard.length > 1);
}

/** `count` strangers who open a channel and say nothing. @returns how many of them the host bears at once */
export async function loiter(code: string, count: number): Promise<number> {
  const { hostId } = credentialOf(code);
  const strangers: Stranger[] = [];
  const dial = async () => {
    for (let i = 0; i < count / DIALLING_AT_ONCE; i += 1) {
      const stranger = await approach(hostId, GATHERING_MS).catch(() => undefined);
      if (stranger !== undefined) strangers.push(stranger);
    }
  };
  await Promise.all(Array.from({ length: DIALLING_AT_ONCE }, dial));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const open = strangers.filter(({ introduction }) => introduction.channel.readyState === 'open');
  for (const stranger of strangers) stranger.leave();
  return open.length;
}
