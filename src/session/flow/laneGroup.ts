import type { LaneCount } from '../../ports/dataPlane.ts';
import type { Lane } from '../../ports/lane.ts';
import { encodeFrame, type Frame, type LaneReceipt } from '../../protocol/frame.ts';
import type { LaneId } from '../../protocol/ids.ts';
import { GRAIN_BYTES, MAX_LANES, PAYLOAD_BYTES } from '../../protocol/limits.ts';
import { LaneTraffic, type PathNow } from './laneTraffic.ts';
import type { SendingLane } from './sendFlow.ts';
import { SendPace } from './sendPace.ts';

/** A lane and what passed over it. */
export interface LaneState {
  readonly lane: Lane;
  readonly traffic: LaneTraffic;
}

export interface LaneGroupParts {
  /** Ms of a monotonic clock. */
  clock(): number;
  /** The link should have this many lanes of ours. */
  wantLanes(count: number): void;
  /** How many lanes a sender here begins with, and may open at most. */
  readonly lanes: { readonly initial: number; readonly max: number };
}

/**
 * Payloads on a longer path: so small that every lane has a few messages in the window, and no smaller. One is enough where the CPU is the
 * limit and big gulps serve it best; but one must fit, because there an empty lane takes one whatever the others have.
 */
const MIN_FAR_PAYLOAD_BYTES = GRAIN_BYTES;
const MESSAGES_PER_LANE = 3;

/** What one lane may have on the way, of an even share of the window: others make up for a slow one, and none carries it all. */
const MOST_OF_SHARE = 1.5;

/**
 * How long what arrived waits for its receipt: this share of a round trip, within bounds, ms. Often enough to steer by, and
 * seldom enough to cost nothing: one for each message was a twentieth of all packets, and one each 4 ms makes every
 * thread wake for little (5 % of all CPU at 20 ms).
 */
const RECEIPT_SHARE = 0.1;
const MIN_RECEIPT_MS = 10;
const MAX_RECEIPT_MS = 20;
/** The same, or after so many bytes, where no window has to be steered, because both ends are on one local network. */
const LOCAL_RECEIPT_MS = 20;
const LOCAL_RECEIPT_BYTES = 1024 * 1024;

/**
 * What a lane's channel may hold before it is full, and where a full one takes more, bytes. On a longer path what waits in a lane
 * is committed to it and lost to the others, so just enough to bridge the way from `bufferedamountlow` to the next frame; Chromium tells of
 * drains in steps of 100 KiB, so less would run dry. Where the CPU is the limit that way is longer.
 */
const LOCAL_MARKS = { highBytes: 1024 * 1024, lowBytes: 256 * 1024 };
const FAR_MARKS = { highBytes: 192 * 1024, lowBytes: 96 * 1024 };
const CPU_BOUND_MARKS = { highBytes: 512 * 1024, lowBytes: 128 * 1024 };

/**
 * The lanes of a link as one path: counts what passes over each, holds what is on the way over all of them within the
 * window of {@link SendPace}, and tells the peer what arrived. Knows nothing of blocks and transfers.
 */
export class LaneGroup {
  readonly #parts: LaneGroupParts;
  readonly #lanes = new Map<LaneId, LaneState>();
  readonly #pace: SendPace;
  /** The ends are not on one local network, as far as is known. */
  isFar = false;
  #waterMarks = LOCAL_MARKS;
  /** Arrived on lanes that are gone. */
  #arrivedBefore = 0;
  #receiptTimer: ReturnType<typeof setTimeout> | undefined;
  /** Arrived since the last receipt. */
  #unreceiptedBytes = 0;
  /** Counted when it is first asked for, and kept up with what is sent until there is news; undefined when not counted. */
  #inFlightBytes: number | undefined;
  /** Replies go where the last frame came from: that lane is alive. */
  #replyLane: LaneState | undefined;

  constructor(parts: LaneGroupParts) {
    this.#parts = parts;
    const { wantLanes, lanes } = parts;
    this.#pace = new SendPace({ now: parts.clock, wantLanes }, lanes);
  }

  get ids(): readonly LaneId[] {
    return [...this.#lanes.keys()];
  }

  get counts(): readonly LaneCount[] {
    return [...this.#lanes.values()].map(countsOf);
  }

  get roundTripMs(): number {
    return this.#pace.roundTripMs;
  }

  /** How many lanes a sender here begins with, and may open at most. */
  setLanes(lanes: { readonly initial: number; readonly max: number }): void {
    this.#pace.setLanes(lanes);
  }

  /** A round trip of the path, measured on the control channel, which has no queue of its own. */
  roundTrip(ms: number): void {
    this.#pace.roundTrip(ms);
  }

  /** The same as ICE measures it: seldom, but not delayed by a busy page. */
  iceRoundTrip(ms: number): void {
    this.#pace.iceRoundTrip(ms);
    this.#followPath();
  }

  add(lane: Lane): LaneState {
    const state: LaneState = { lane, traffic: new LaneTraffic() };
    this.#lanes.set(lane.id, state);
    this.#setWaterMarks(lane);
    return state;
  }

  /** Closes the lane. @returns false when there was none */
  remove(id: LaneId): boolean {
    const state = this.#lanes.get(id);
    if (state === undefined) return false;
    this.#lanes.delete(id);
    this.#inFlightBytes = undefined;
    this.#arrivedBefore += state.traffic.arrivedBytes;
    if (this.#replyLane === state) this.#replyLane = undefined;
    state.lane.close();
    return true;
  }

  close(): void {
    clearTimeout(this.#receiptTimer);
  }

  /** Whether one more frame may be on the way now (SPEC W4). */
  mayGo(): boolean {
    this.#inFlightBytes ??= this.#countInFlight();
    return this.#pace.mayGo(this.#inFlightBytes);
  }

  /** Most payload bytes of a frame on a path like this. */
  get payloadBytes(): number {
    const { isCpuBound, windowBytes } = this.#pace;
    const messages = this.#lanes.size * (isCpuBound ? 1 : MESSAGES_PER_LANE);
    const grains = Math.floor(windowBytes / messages / GRAIN_BYTES);
    return Math.min(Math.max(grains * GRAIN_BYTES, MIN_FAR_PAYLOAD_BYTES), PAYLOAD_BYTES);
  }

  /** Whether a lane has not delivered everything it was given, or is gone. */
  isBehind(id: LaneId): boolean {
    const traffic = this.#lanes.get(id)?.traffic;
    return traffic === undefined || traffic.outstandingBytes > 0;
  }

  /** The lane as the sending half sees it: what it sends is counted, and on a longer path it takes no more than is good for it. */
  countingLane(state: LaneState): SendingLane {
    const { lane, traffic } = state;
    const { clock } = this.#parts;
    const pace = this.#pace;
    const room = () => this.#roomBytes(state);
    const counted = (byteCount: number) => {
      if (this.#inFlightBytes !== undefined) this.#inFlightBytes += byteCount;
    };
    return {
      id: lane.id,
      get maxMessageBytes() {
        return lane.maxMessageBytes;
      },
      get roomBytes() {
        return room();
      },
      send(message) {
        traffic.sent(message.byteLength, lane.bufferedBytes, clock());
        pace.sent(message.byteLength);
        counted(message.byteLength);
        lane.send(message);
      },
    };
  }

  /** A message came over a lane. */
  received(state: LaneState, byteCount: number): void {
    state.traffic.receivedBytes += byteCount;
    this.#unreceiptedBytes += byteCount;
    this.#replyLane = state;
  }

  /** Looks at the lanes; to be called every 25 ms or so while something is being sent. */
  tick(isHungry: boolean): void {
    const now = this.#parts.clock();
    this.#inFlightBytes = undefined;
    let arrivedBytes = this.#arrivedBefore;
    let openLanes = 0;
    let areLanesFull = true;
    for (const state of this.#lanes.values()) {
      const { lane, traffic } = state;
      traffic.tick(lane.bufferedBytes, now);
      arrivedBytes += traffic.arrivedBytes;
      if (lane.maxMessageBytes > 0) openLanes += 1;
      if (this.#roomBytes(state) > 0) areLanesFull = false;
    }
    this.#pace.tick({ openLanes, arrivedBytes, isHungry, areLanesFull });
    this.#followPath();
  }

  /** Tells the peer soon how much of its data has arrived (SPEC A4). */
  receiptSoon(): void {
    const { isLocal, roundTripMs } = this.#pace;
    if (isLocal && this.#unreceiptedBytes >= LOCAL_RECEIPT_BYTES) {
      this.#sendReceipt();
      return;
    }
    const shareMs = Math.min(Math.max(roundTripMs * RECEIPT_SHARE, MIN_RECEIPT_MS), MAX_RECEIPT_MS);
    const afterMs = isLocal ? LOCAL_RECEIPT_MS : shareMs;
    this.#receiptTimer ??= setTimeout(() => this.#sendReceipt(), afterMs);
  }

  /** The peer says how much of ours has arrived on a lane, which may be gone by now. */
  receipted({ lane, arrivedBytes }: LaneReceipt): void {
    this.#lanes.get(lane)?.traffic.receipted(arrivedBytes);
    this.#inFlightBytes = undefined;
  }

  /** Sends an ack, a nack or a receipt. Without a lane it is lost; so were the lanes its block came over: it is sent again (SPEC A2, A3). */
  reply(frame: Frame): void {
    const state = this.#replyLane ?? [...this.#lanes.values()].find(isAlive);
    if (state !== undefined) this.#sendOn(state, frame);
  }

  /** Bytes on the path: what still waits in a lane's own buffer is not there yet. */
  #countInFlight(): number {
    const path = this.#pathNow;
    let bytes = 0;
    for (const { lane, traffic } of this.#lanes.values()) {
      bytes += traffic.inFlightBytes(lane.bufferedBytes, path);
    }
    return bytes;
  }

  get #pathNow(): PathNow {
    const { roundTripMs, isStartingUp } = this.#pace;
    return {
      now: this.#parts.clock(),
      roundTripMs,
      messageBytes: this.payloadBytes,
      isNew: isStartingUp,
    };
  }

  #roomBytes({ lane, traffic }: LaneState): number {
    const { isCpuBound, windowBytes } = this.#pace;
    // Asking a channel costs more than everything else here.
    if (isCpuBound)
      return traffic.outstandingBytes * this.#lanes.size < windowBytes ? lane.roomBytes : 0;
    const { roomBytes } = lane;
    // Before anything is known of the path, the window it begins with is bound enough.
    if (!this.isFar) return roomBytes;
    const shareBytes = (windowBytes / this.#lanes.size) * MOST_OF_SHARE;
    const fairBytes = shareBytes + this.payloadBytes - traffic.outstandingBytes;
    return Math.max(0, Math.min(roomBytes, fairBytes, traffic.roomBytes(this.#pathNow)));
  }

  /** Big gulps for a short path, small ones for a long one. */
  #followPath(): void {
    const { isLocal, isCpuBound } = this.#pace;
    this.isFar = !isLocal;
    const farMarks = isCpuBound ? CPU_BOUND_MARKS : FAR_MARKS;
    const marks = isLocal ? LOCAL_MARKS : farMarks;
    if (marks === this.#waterMarks) return;
    this.#waterMarks = marks;
    for (const { lane } of this.#lanes.values()) this.#setWaterMarks(lane);
  }

  #setWaterMarks(lane: Lane): void {
    lane.setWaterMarks(this.#waterMarks.highBytes, this.#waterMarks.lowBytes);
  }

  #sendReceipt(): void {
    clearTimeout(this.#receiptTimer);
    this.#receiptTimer = undefined;
    this.#unreceiptedBytes = 0;
    const lanes: LaneReceipt[] = [];
    for (const [lane, { traffic }] of this.#lanes) {
      const { receivedBytes, receiptedBytes } = traffic;
      if (receiptedBytes === receivedBytes) continue;
      if (lanes.length === MAX_LANES) break;
      traffic.receiptedBytes = receivedBytes;
      lanes.push({ lane, arrivedBytes: receivedBytes });
    }
    if (lanes.length > 0) this.reply({ type: 'receipt', lanes });
  }

  #sendOn({ lane, traffic }: LaneState, frame: Frame): void {
    const bytes = encodeFrame(frame);
    traffic.replied(bytes.byteLength);
    lane.send(bytes);
  }
}

/** A lane that only just opens takes nothing yet, and would drop a reply without a word. */
const isAlive = ({ lane, traffic }: LaneState) => traffic.receivedBytes > 0 || lane.roomBytes > 0;

const countsOf = ({ lane, traffic }: LaneState): LaneCount => ({
  lane: lane.id,
  sentBytes: traffic.sentBytes,
  receivedBytes: traffic.receivedBytes,
});
