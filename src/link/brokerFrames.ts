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

/** Which connections exist, so that frames for any other are dropped and floods end at a bound. */
export class BrokerFrameFilter {
  /** Candidates seen for each connection that is still negotiating. */
  readonly #pending = new Map<string, number>();

  /** We dialled: answers and candidates for this connection are welcome. */
  expect(connectionId: string): void {
    this.#pending.set(connectionId, 0);
  }

  /** The connection opened or failed: nothing more is expected for it. */
  settle(connectionId: string): void {
    this.#pending.delete(connectionId);
  }

  /** The frame with only the known fields, or `undefined` when PeerJS must not see it. */
  check(value: unknown): BrokerFrame | undefined {
    const parsed = v.safeParse(frame, value, { abortEarly: true });
    if (!parsed.success) return undefined;
    return this.#isExpected(parsed.output) ? parsed.output : undefined;
  }

  #isExpected(seen: BrokerFrame): boolean {
    switch (seen.type) {
      case 'OFFER': {
        const { connectionId } = seen.payload;
        // A second offer would make PeerJS close the first connection of that name.
        if (this.#pending.has(connectionId) || this.#pending.size >= MAX_PENDING_CONNECTIONS)
          return false;
        this.#pending.set(connectionId, 0);
        return true;
      }
      case 'ANSWER':
        return this.#pending.has(seen.payload.connectionId);
      case 'CANDIDATE': {
        const { connectionId } = seen.payload;
        const count = this.#pending.get(connectionId);
        if (count === undefined || count >= MAX_CANDIDATES) return false;
        this.#pending.set(connectionId, count + 1);
        return true;
      }
      default:
        return true;
    }
  }
}
