/**
 * What a broker may say to PeerJS. PeerJS trusts its server: an unknown `serialization` throws, stray
 * candidates pile up without bound, an `ERROR` without a payload throws (security.md section 2.7). So
 * every frame is checked here first, and whatever is not on this list never reaches PeerJS.
 */
import * as v from 'valibot';
import { MAX_CANDIDATE_CHARS, MAX_CANDIDATES, MAX_SDP_CHARS } from '../protocol/limits.ts';

/** Strangers a page lets into negotiation at once, before they have proved anything. */
export const MAX_PENDING_CONNECTIONS = 4;

const text = (maxChars: number) => v.pipe(v.string(), v.maxLength(maxChars));
const id = v.pipe(text(64), v.regex(/^[\w-]+$/));

/** Exactly one media section, and it is a data channel. */
const dataOnlySdp = v.pipe(
  text(MAX_SDP_CHARS),
  v.check((sdp) => {
    const sections = sdp.match(/^m=.*$/gm);
    return sections?.length === 1 && sections[0]!.startsWith('m=application ');
  }),
);
const description = (type: 'offer' | 'answer') =>
  v.object({ type: v.literal(type), sdp: dataOnlySdp });

const offer = v.object({
  type: v.literal('OFFER'),
  src: id,
  payload: v.object({
    type: v.literal('data'),
    serialization: v.literal('raw'),
    connectionId: id,
    reliable: v.literal(true),
    sdp: description('offer'),
  }),
});
const answer = v.object({
  type: v.literal('ANSWER'),
  src: id,
  payload: v.object({ type: v.literal('data'), connectionId: id, sdp: description('answer') }),
});
const candidate = v.object({
  type: v.literal('CANDIDATE'),
  src: id,
  payload: v.object({
    type: v.literal('data'),
    connectionId: id,
    candidate: v.object({
      candidate: text(MAX_CANDIDATE_CHARS),
      sdpMid: v.nullish(text(16)),
      sdpMLineIndex: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(15))),
      usernameFragment: v.nullish(text(256)),
    }),
  }),
});
const frame = v.variant('type', [
  v.object({ type: v.literal('OPEN') }),
  v.object({ type: v.literal('ID-TAKEN') }),
  v.object({ type: v.literal('INVALID-KEY') }),
  v.object({ type: v.literal('ERROR'), payload: v.object({ msg: text(512) }) }),
  v.object({ type: v.literal('EXPIRE'), src: id }),
  offer,
  answer,
  candidate,
]);

/** A frame PeerJS may see. `LEAVE` is not one: a broker must not be able to close a direct connection. */
export type BrokerFrame = v.InferOutput<typeof frame>;

/** A connection PeerJS knows, and what the broker may still say about it. */
interface Negotiation {
  /** Whom we dialled, or who dialled us: nobody else has a say in it. */
  readonly remoteId: string;
  /** Whether an answer is still to come. */
  isAnswerExpected: boolean;
  candidateCount: number;
}

/**
 * Which connections exist, so that frames for any other are dropped and floods end at a bound. PeerJS
 * keeps what it can't place for ever, and closes a connection when an offer of the same name comes.
 */
export class BrokerFrameFilter {
  readonly #pending = new Map<string, Negotiation>();
  /** Connections that stand: the broker has nothing more to say about them. */
  readonly #open = new Set<string>();
  #isRegistered = false;

  /** The broker took us: it can only hang up now. PeerJS would close live connections over a refusal. */
  registered(): void {
    this.#isRegistered = true;
  }

  /** We dialled: one answer, and candidates for this connection, are welcome. */
  expect(connectionId: string, remoteId: string): void {
    this.#pending.set(connectionId, { remoteId, isAnswerExpected: true, candidateCount: 0 });
  }

  /** The connection stands. */
  opened(connectionId: string): void {
    this.#pending.delete(connectionId);
    this.#open.add(connectionId);
  }

  /** The connection failed or ended: nothing more is expected for it. */
  settle(connectionId: string): void {
    this.#pending.delete(connectionId);
    this.#open.delete(connectionId);
  }

  /** The frame with only the known fields, or `undefined` when PeerJS must not see it. */
  check(value: unknown): BrokerFrame | undefined {
    const parsed = v.safeParse(frame, value, { abortEarly: true });
    if (!parsed.success) return undefined;
    return this.#isExpected(parsed.output) ? parsed.output : undefined;
  }

  #isExpected(seen: BrokerFrame): boolean {
    switch (seen.type) {
      case 'ID-TAKEN':
      case 'INVALID-KEY':
      case 'ERROR':
        return !this.#isRegistered;
      case 'OFFER':
        return this.#isNewOffer(seen.payload.connectionId, seen.src);
      case 'ANSWER': {
        const negotiation = this.#negotiation(seen.payload.connectionId, seen.src);
        if (negotiation?.isAnswerExpected !== true) return false;
        negotiation.isAnswerExpected = false;
        return true;
      }
      case 'CANDIDATE': {
        const negotiation = this.#negotiation(seen.payload.connectionId, seen.src);
        if (negotiation === undefined || negotiation.candidateCount >= MAX_CANDIDATES) return false;
        negotiation.candidateCount += 1;
        return true;
      }
      default:
        return true;
    }
  }

  #isNewOffer(connectionId: string, remoteId: string): boolean {
    if (this.#pending.has(connectionId) || this.#open.has(connectionId)) return false;
    if (this.#pending.size >= MAX_PENDING_CONNECTIONS) return false;
    this.#pending.set(connectionId, { remoteId, isAnswerExpected: false, candidateCount: 0 });
    return true;
  }

  #negotiation(connectionId: string, remoteId: string): Negotiation | undefined {
    const negotiation = this.#pending.get(connectionId);
    return negotiation?.remoteId === remoteId ? negotiation : undefined;
  }
}
