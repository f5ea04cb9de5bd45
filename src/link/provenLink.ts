import type { Link, LinkListener, LinkPath } from '../ports/link.ts';
import { type Fault, WIRE_CODE } from '../protocol/faults.ts';
import { SILENCE_LIMIT_MS } from '../protocol/limits.ts';
import type { ControlMessage } from '../protocol/messages.ts';
import { isLaneMessage, LaneSet } from './laneSet.ts';
import { linkPathOf } from './linkPath.ts';
import type { Proven } from './proof.ts';

/** Pings sent at once when a link begins, and how many may be unanswered. */
const FIRST_PINGS = 3;
const MAX_PINGS = 64;

/** How often a quiet link is looked after, ms: twice as often as the peer may expect (SPEC C4). */
const BEAT_MS = 1_000;

/**
 * A silence this long makes a peer worth looking for, ms, though the link may still heal: a browser that crashed is
 * often back by then, and a path that stalled this long usually recovers sooner than a new link is made.
 */
const WORRY_AFTER_MS = 2_000;

/** A closing message has this long to leave before the channel is torn down. */
const FAREWELL_MS = 250;

/**
 * The link to a peer that has proved itself: control channel, heartbeat, lanes and path. Ends once, for one
 * reason, whoever noticed first.
 */
export class ProvenLink implements Link {
  readonly role: 'host' | 'joiner';
  readonly resumeKey: Uint8Array<ArrayBuffer>;
  readonly #proven: Proven;
  readonly #lanes: LaneSet;
  #listener: LinkListener | undefined;
  #isClosed = false;
  #isSilent = false;
  #heardAt = performance.now();
  #pingNumber = 0;
  /** When each ping left that is not yet answered. */
  readonly #pings = new Map<number, number>();
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #soundings: ReturnType<typeof setInterval> | undefined;
  #soundsEveryMs: number | undefined;
  #path: LinkPath | undefined;

  constructor(role: 'host' | 'joiner', proven: Proven, rtc: RTCConfiguration) {
    this.role = role;
    this.resumeKey = proven.keys.resumeKey;
    this.#proven = proven;
    this.#lanes = new LaneSet({
      role,
      rtc,
      peerFingerprint: proven.peerFingerprint,
      send: (message) => this.send(message),
      created: (lane, channel) => this.#listener?.laneCreated(lane, channel),
      opened: (lane, maxMessageBytes) => this.#listener?.laneOpened(lane, maxMessageBytes),
      closed: (lane) => this.#listener?.laneClosed(lane),
      broke: (rule) => this.close({ code: 'rule-broken', rule }),
    });
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    const { control, introduction } = this.#proven;
    this.#heardAt = performance.now();
    this.#heartbeat = setInterval(() => this.#beat(), BEAT_MS);
    introduction.connection.addEventListener('connectionstatechange', () => {
      if (introduction.connection.connectionState === 'failed')
        this.#end({ code: 'peer-gone', silentMs: this.#silentMs() });
    });
    control.listen({
      message: (message) => this.#take(message),
      broke: (rule) => this.close({ code: 'rule-broken', rule }),
      closed: () => this.#end({ code: 'peer-gone', silentMs: this.#silentMs() }),
    });
    this.#refreshPath();
    // The data plane wants to know the path before the first byte.
    for (let i = 0; i < FIRST_PINGS; i += 1) this.#ping();
  }

  send(message: ControlMessage): void {
    if (!this.#isClosed) this.#proven.control.send(message);
  }

  sound(everyMs: number | undefined): void {
    if (everyMs === this.#soundsEveryMs || this.#isClosed) return;
    this.#soundsEveryMs = everyMs;
    clearInterval(this.#soundings);
    if (everyMs !== undefined) this.#soundings = setInterval(() => this.#ping(), everyMs);
  }

  setLanes(count: number): void {
    if (!this.#isClosed) this.#lanes.setCount(count);
  }

  close(fault: Fault): void {
    if (this.#isClosed) return;
    this.send({ type: 'close', reason: WIRE_CODE[fault.code] });
    this.#end(fault);
  }

  abandon(): void {
    if (!this.#isClosed) this.#letGo();
  }

  #take(message: ControlMessage): void {
    if (this.#isClosed) return;
    this.#heardAt = performance.now();
    this.#setSilent(false);
    if (isLaneMessage(message)) {
      this.#lanes.take(message);
      return;
    }
    switch (message.type) {
      case 'ping':
        this.send({ type: 'pong', n: message.n });
        break;
      case 'pong':
        this.#pong(message.n);
        break;
      case 'close':
        this.#end(
          message.reason === WIRE_CODE['peer-left']
            ? { code: 'peer-left' }
            : { code: 'peer-failed', reason: message.reason },
        );
        break;
      default:
        this.#listener?.message(message);
    }
  }

  #beat(): void {
    const silentMs = this.#silentMs();
    if (silentMs > SILENCE_LIMIT_MS) {
      this.#end({ code: 'peer-gone', silentMs });
      return;
    }
    if (silentMs > WORRY_AFTER_MS) this.#setSilent(true);
    this.#ping();
    this.#refreshPath();
  }

  #setSilent(isSilent: boolean): void {
    if (isSilent === this.#isSilent) return;
    this.#isSilent = isSilent;
    this.#listener?.silent(isSilent);
  }

  #ping(): void {
    this.#pingNumber += 1;
    this.#pings.set(this.#pingNumber, performance.now());
    this.send({ type: 'ping', n: this.#pingNumber });
    // Answers come in order: whatever is older than a few is lost with its link.
    this.#pings.delete(this.#pingNumber - MAX_PINGS);
  }

  #pong(n: number): void {
    const sentAt = this.#pings.get(n);
    if (sentAt === undefined) return;
    this.#pings.delete(n);
    this.#listener?.roundTrip(performance.now() - sentAt);
  }

  #refreshPath(): void {
    const { connection } = this.#proven.introduction;
    if (connection.signalingState === 'closed') return;
    linkPathOf(connection).then(
      (path) => {
        if (this.#isClosed || path === undefined) return;
        if (path.kind === this.#path?.kind && path.roundTripMs === this.#path.roundTripMs) return;
        this.#path = path;
        this.#listener?.pathChanged(path);
      },
      () => {
        // The connection closed between the question and the answer; its end is reported elsewhere.
      },
    );
  }

  #silentMs(): number {
    return Math.round(performance.now() - this.#heardAt);
  }

  #end(fault: Fault): void {
    if (this.#isClosed) return;
    this.#letGo();
    this.#listener?.closed(fault);
  }

  #letGo(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    clearInterval(this.#soundings);
    this.#lanes.close();
    setTimeout(() => this.#proven.introduction.close(), FAREWELL_MS);
  }
}
