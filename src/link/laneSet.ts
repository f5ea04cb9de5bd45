import { fingerprintOfSdp } from '../handshake/certificate.ts';
import { type LaneId, laneId } from '../protocol/ids.ts';
import { MAX_CANDIDATES, MAX_LANES, MIN_MESSAGE_BYTES } from '../protocol/limits.ts';
import type { ControlMessage, Message } from '../protocol/messages.ts';

/** The control messages lanes are signalled with. */
export type LaneMessage = Extract<
  ControlMessage,
  { type: 'lane-offer' | 'lane-answer' | 'lane-candidate' | 'lane-close' }
>;

export const isLaneMessage = (message: ControlMessage): message is LaneMessage =>
  message.type.startsWith('lane-');

export interface LaneSetParts {
  readonly role: 'host' | 'joiner';
  readonly rtc: RTCConfiguration;
  /** The proven certificate of the peer: every lane must be encrypted to it. */
  readonly peerFingerprint: Uint8Array;
  send(message: LaneMessage): void;
  /** Must hand the channel to its worker before it returns. */
  created(lane: LaneId, channel: RTCDataChannel): void;
  opened(lane: LaneId, maxMessageBytes: number): void;
  closed(lane: LaneId): void;
  /** The peer broke this rule of SPEC.md. */
  broke(rule: string): void;
}

interface LaneConnection {
  readonly id: LaneId;
  readonly isOurs: boolean;
  readonly connection: RTCPeerConnection;
  /** Candidates that came before the description they belong to. */
  readonly early: RTCIceCandidateInit[];
  candidateCount: number;
  isOpen: boolean;
}

/** RFC 8841 section 6: what a peer takes when its SDP does not say. */
const DEFAULT_MAX_MESSAGE_BYTES = 65_536;

/** Waits before a lane that failed is replaced, by how many failed in a row. */
const REPLACE_AFTER_MS = [500, 2_000, 8_000, 30_000] as const;

/**
 * The lanes of one link: RTCPeerConnections of their own, so that each has its own congestion window, signalled over
 * the control channel, so that the broker is not needed again. Lanes the host opens have even
 * numbers, the joiner's odd ones, so both may open some at the same time.
 */
export class LaneSet {
  readonly #parts: LaneSetParts;
  readonly #lanes = new Map<LaneId, LaneConnection>();
  #wanted = 0;
  #nextNumber: number;
  #failures = 0;
  #replaceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: LaneSetParts) {
    this.#parts = parts;
    this.#nextNumber = parts.role === 'host' ? 0 : 1;
  }

  /** Opens or closes lanes of ours until there are `count`. */
  setCount(count: number): void {
    this.#wanted = Math.max(0, Math.min(count, MAX_LANES));
    const ours = [...this.#lanes.values()].filter((lane) => lane.isOurs);
    for (const lane of ours.slice(this.#wanted)) this.#end(lane, true);
    for (let i = ours.length; i < this.#wanted && this.#lanes.size < MAX_LANES; i += 1)
      this.#offer();
  }

  take(message: LaneMessage): void {
    switch (message.type) {
      case 'lane-offer':
        this.#answer(message);
        break;
      case 'lane-answer':
        this.#accept(message);
        break;
      case 'lane-candidate':
        this.#addCandidate(message);
        break;
      case 'lane-close': {
        const lane = this.#lanes.get(message.lane);
        if (lane !== undefined) this.#end(lane, false);
        break;
      }
    }
  }

  close(): void {
    clearTimeout(this.#replaceTimer);
    this.#wanted = 0;
    for (const lane of this.#lanes.values()) this.#end(lane, false);
  }

  #offer(): void {
    const id = laneId(this.#nextNumber);
    this.#nextNumber = (this.#nextNumber + 2) % 0x10000;
    const lane = this.#create(id, true);
    if (lane === undefined) {
      this.#replaceSoon();
      return;
    }
    this.#negotiate(lane, async ({ connection }) => {
      await connection.setLocalDescription(await connection.createOffer());
      this.#parts.send({
        type: 'lane-offer',
        lane: id,
        sdp: connection.localDescription?.sdp ?? '',
      });
    });
  }

  #answer({ lane: id, sdp }: Message<'lane-offer'>): void {
    const isTheirs = id % 2 === (this.#parts.role === 'host' ? 1 : 0);
    // Only theirs count: offers that cross may make more of a link than either end would, and neither is to blame.
    if (!isTheirs || this.#lanes.has(id) || this.#count(false) >= MAX_LANES) {
      this.#parts.broke('L1');
      return;
    }
    if (!this.#isProven(sdp)) return;
    const lane = this.#create(id, false);
    if (lane === undefined) {
      this.#parts.send({ type: 'lane-close', lane: id });
      return;
    }
    this.#negotiate(lane, async ({ connection }) => {
      await connection.setRemoteDescription({ type: 'offer', sdp });
      this.#addEarly(lane);
      await connection.setLocalDescription(await connection.createAnswer());
      this.#parts.send({
        type: 'lane-answer',
        lane: id,
        sdp: connection.localDescription?.sdp ?? '',
      });
    });
  }

  #accept({ lane: id, sdp }: Message<'lane-answer'>): void {
    const lane = this.#lanes.get(id);
    // An answer that crossed with our closing of the lane, or comes twice, changes nothing.
    if (lane?.isOurs !== true || lane.connection.signalingState !== 'have-local-offer') return;
    if (!this.#isProven(sdp)) return;
    this.#negotiate(lane, async ({ connection }) => {
      await connection.setRemoteDescription({ type: 'answer', sdp });
      this.#addEarly(lane);
    });
  }

  /** A lane is for the proven peer and nobody else, and carries data and nothing else (SPEC L2, L3). */
  #isProven(sdp: string): boolean {
    const fingerprint = fingerprintOfSdp(sdp);
    const sections = sdp.match(/^m=.*$/gm);
    const isData = sections?.length === 1 && sections[0]!.startsWith('m=application ');
    const { peerFingerprint, broke } = this.#parts;
    const isSame = fingerprint?.every((byte, i) => byte === peerFingerprint[i]) === true;
    if (!isSame || !isData) broke(isSame ? 'L2' : 'L3');
    return isSame && isData;
  }

  #addCandidate({ lane: id, candidate, mid, mLineIndex }: Message<'lane-candidate'>): void {
    const lane = this.#lanes.get(id);
    if (lane === undefined) return;
    lane.candidateCount += 1;
    if (lane.candidateCount > MAX_CANDIDATES) return;
    lane.early.push({ candidate, sdpMid: mid, sdpMLineIndex: mLineIndex });
    if (lane.connection.remoteDescription !== null) this.#addEarly(lane);
  }

  #addEarly(lane: LaneConnection): void {
    for (const candidate of lane.early.splice(0)) {
      lane.connection.addIceCandidate(candidate).catch(() => {
        // A candidate this browser cannot read is one way less; ICE says in the end whether any was left.
      });
    }
  }

  /** `undefined` when the browser makes no more connections: Chromium stops at 500 a page, closed ones included for a while. */
  #create(id: LaneId, isOurs: boolean): LaneConnection | undefined {
    const connection = newConnection(this.#parts.rtc);
    if (connection === undefined) return undefined;
    const lane: LaneConnection = {
      id,
      isOurs,
      connection,
      early: [],
      candidateCount: 0,
      isOpen: false,
    };
    this.#lanes.set(id, lane);
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate === null || candidate.candidate === '') return;
      this.#parts.send({
        type: 'lane-candidate',
        lane: id,
        candidate: candidate.candidate,
        mid: candidate.sdpMid,
        mLineIndex: candidate.sdpMLineIndex,
      });
    });
    connection.addEventListener('connectionstatechange', () => this.#stateChanged(lane));
    // Negotiated on both sides: the channel exists before any traffic, so no event is lost on its way to the worker.
    const channel = connection.createDataChannel('lane', {
      negotiated: true,
      id: 0,
      ordered: false,
    });
    this.#parts.created(id, channel);
    return lane;
  }

  #stateChanged(lane: LaneConnection): void {
    const { connection, id } = lane;
    switch (connection.connectionState) {
      case 'connected': {
        if (lane.isOpen) return;
        lane.isOpen = true;
        this.#failures = 0;
        const limit = connection.sctp?.maxMessageSize ?? DEFAULT_MAX_MESSAGE_BYTES;
        if (limit < MIN_MESSAGE_BYTES) this.#parts.broke('L4');
        else this.#parts.opened(id, limit);
        break;
      }
      case 'failed':
      case 'closed':
        this.#end(lane, true);
        break;
      default:
        // `disconnected` often heals by itself; nothing is torn down over it.
        break;
    }
  }

  #negotiate(lane: LaneConnection, steps: (lane: LaneConnection) => Promise<void>): void {
    steps(lane).catch(() => {
      // The lane was closed meanwhile, or the peer's SDP makes no sense: either way this lane is over.
      this.#end(lane, true);
    });
  }

  #end(lane: LaneConnection, isTold: boolean): void {
    if (!this.#lanes.delete(lane.id)) return;
    lane.connection.close();
    if (isTold) this.#parts.send({ type: 'lane-close', lane: lane.id });
    this.#parts.closed(lane.id);
    if (lane.isOurs) this.#replaceSoon();
  }

  #count(isOurs: boolean): number {
    return [...this.#lanes.values()].filter((lane) => lane.isOurs === isOurs).length;
  }

  /** Makes up for a lane that failed, ever more slowly while none opens. */
  #replaceSoon(): void {
    if (this.#count(true) >= this.#wanted) return;
    const ms = REPLACE_AFTER_MS[Math.min(this.#failures, REPLACE_AFTER_MS.length - 1)]!;
    this.#failures += 1;
    clearTimeout(this.#replaceTimer);
    this.#replaceTimer = setTimeout(() => this.setCount(this.#wanted), ms);
  }
}

function newConnection(rtc: RTCConfiguration): RTCPeerConnection | undefined {
  try {
    return new RTCPeerConnection(rtc);
  } catch {
    // Too many, and nothing else is wrong with this configuration: the control channel was made with it.
    return undefined;
  }
}
