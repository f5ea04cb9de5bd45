import { type LaneState, newLanes, stepLanes } from './laneControl.ts';
import {
  BUSY_JITTER_MS,
  newPath,
  type PathState,
  stepPath,
  UNKNOWN_ROUND_TRIP_MS,
} from './pathControl.ts';

export interface SendPaceParts {
  /** Ms of a monotonic clock. */
  now(): number;
  /** The link should have this many lanes of ours. */
  wantLanes(count: number): void;
}

/** What the lanes look like right now. */
export interface LanesNow {
  readonly openLanes: number;
  /** Bytes known to have arrived since the beginning; never falls. */
  readonly arrivedBytes: number;
  /** There is something to send. */
  readonly isHungry: boolean;
  /** No lane takes another byte. */
  readonly areLanesFull: boolean;
}

/**
 * How much faster than a window in a round trip bytes may leave, and how many ms' worth of them at once. Receipts that come late come
 * together, and what they let go at once would overflow the queue of the path: SCTP has no pacing of its own.
 */
const PACE_GAIN = 1.5;
const BURST_MS = 30;

/** How often the pace looks at the lanes while something is being sent, ms. */
export const PACE_INTERVAL_MS = 25;

/** Weight of one of those looks in the average of how much too early or too late they come. */
const JITTER_SMOOTHING = 0.03;
/** A page that slept says nothing of the CPU, ms. */
const MOST_JITTER_MS = 50;

/**
 * Arrived bytes a second below which a busy machine is busy with something else, and the path is the limit: a slow one carries twice as much.
 * Its queue is steered by delay then. With what a busy machine may keep there, two transfers that shared 20 Mbit/s did so 3 to 5 now and then.
 */
const CPU_BYTES_PER_SEC = 3_000_000;

/** Round trips below this are a local network, ms. */
const LOCAL_ROUND_TRIP_MS = 8;

/**
 * The window of a local network, where delay says how busy the page is and nothing of the path: two messages for each of 32 lanes. A UDP
 * socket of Chromium holds 56 packets, about one message, and SCTP lets go what its window allows at once: so hardly any socket overflows
 * while its process waits for a CPU (1 packet in 1,000; with 8 MiB 6, each of which costs one more SACK for every packet behind it). With one
 * message each the steps of the way run dry.
 */
const LOCAL_BYTES = 3 * 1024 * 1024;

/** Weight of one tick in the share of full ones: it forgets in about ten. */
const FULL_SMOOTHING = 0.1;

/** Share of full ticks from which on the lanes are the limit: those that lost nothing lately have room in between. */
const FULL_ENOUGH = 0.2;

/** How far the rates that lanes are judged by look back, ms. */
const RATE_MS = 1_000;
const LONG_RATE_MS = 4_000;

/**
 * Runs {@link stepPath} and {@link stepLanes} on what the lanes really do: asked before every frame
 * whether it may go, told of every receipt and round trip, and ticked a few times a round trip while something is being
 * sent.
 */
export class SendPace {
  readonly #parts: SendPaceParts;
  #path: PathState;
  #lanes: LaneState;
  #maxLanes: number;
  #roundTripMs: number | undefined;
  #iceRoundTripMs: number | undefined;
  #wasFull = false;
  /** Bytes that may leave now, and when that was so. */
  #allowance = { bytes: 0, at: 0 };
  /** Share of recent ticks that found every lane full. */
  #fullShare = 0;
  #tickedAt: number;
  /** How much too early or too late ticks come, on average, ms. */
  #jitterMs = 0;
  readonly #rates: { at: number; bytes: number }[] = [];

  constructor(parts: SendPaceParts, lanes: { readonly initial: number; readonly max: number }) {
    this.#parts = parts;
    this.#path = newPath(parts.now());
    this.#tickedAt = parts.now();
    this.#lanes = newLanes(lanes.initial);
    this.#maxLanes = lanes.max;
  }

  /** Most bytes to have on the way. */
  get windowBytes(): number {
    return this.isLocal ? LOCAL_BYTES : this.#path.windowBytes;
  }

  /** The window still grows by what it finds, and knows no limit of the path. */
  get isStartingUp(): boolean {
    return this.#path.phase === 'startup';
  }

  /** The CPU is the limit and not the path: each lane has its share of the window, and that is all that holds it. */
  get isCpuBound(): boolean {
    return this.isLocal || this.#path.isCpuBound;
  }

  /** A round trip of the path as it is now, ms. */
  get roundTripMs(): number {
    const { roundTripMs, minRoundTripMs } = this.#path;
    return roundTripMs ?? Math.min(this.#iceRoundTripMs ?? minRoundTripMs, UNKNOWN_ROUND_TRIP_MS);
  }

  /** Both ends are on one local network: the CPU is the limit, and big gulps serve it best. */
  get isLocal(): boolean {
    return (this.#iceRoundTripMs ?? this.#path.minRoundTripMs) < LOCAL_ROUND_TRIP_MS;
  }

  /** As ICE measured it, without the page: says how far the peer is, though seldom and not under load. */
  iceRoundTrip(ms: number): void {
    this.#iceRoundTripMs = Math.min(ms, this.#iceRoundTripMs ?? ms);
  }

  setLanes(lanes: { readonly initial: number; readonly max: number }): void {
    this.#maxLanes = lanes.max;
    const count = Math.min(Math.max(this.#lanes.count, lanes.initial), lanes.max);
    if (count !== this.#lanes.count) this.#lanes = newLanes(count);
  }

  /** Measured on a channel with no queue of its own. */
  roundTrip(ms: number): void {
    this.#roundTripMs = this.#roundTripMs === undefined ? ms : Math.min(ms, this.#roundTripMs);
  }

  /** Whether one more frame may leave with so much on the way. */
  mayGo(inFlightBytes: number): boolean {
    if (this.isCpuBound) return true;
    if (inFlightBytes >= this.windowBytes) {
      // A frame has to wait although a lane has room for it.
      this.#wasFull = true;
      return false;
    }
    return this.isStartingUp || this.#allowed() > 0;
  }

  /** So many bytes have left. */
  sent(byteCount: number): void {
    this.#allowance = { bytes: this.#allowed() - byteCount, at: this.#parts.now() };
  }

  #allowed(): number {
    const bytesPerMs = (this.windowBytes * PACE_GAIN) / this.#path.minRoundTripMs;
    const elapsedMs = this.#parts.now() - this.#allowance.at;
    return Math.min(this.#allowance.bytes + bytesPerMs * elapsedMs, bytesPerMs * BURST_MS);
  }

  tick(lanes: LanesNow): void {
    const now = this.#parts.now();
    const jitterMs = Math.abs(now - this.#tickedAt - PACE_INTERVAL_MS);
    this.#tickedAt = now;
    this.#jitterMs += (Math.min(jitterMs, MOST_JITTER_MS) - this.#jitterMs) * JITTER_SMOOTHING;
    this.#rates.push({ at: now, bytes: lanes.arrivedBytes });
    while (this.#rates.length > 2 && this.#rates[1]!.at <= now - LONG_RATE_MS) this.#rates.shift();
    // The window is full when each lane's share of it is.
    if (this.isCpuBound && lanes.areLanesFull) this.#wasFull = true;
    this.#path = stepPath(this.#path, {
      now,
      arrivedBytes: lanes.arrivedBytes,
      roundTripMs: this.#roundTripMs,
      isFull: this.#wasFull && lanes.isHungry,
      jitterMs: this.#rateOver(LONG_RATE_MS) < CPU_BYTES_PER_SEC ? 0 : this.#jitterMs,
    });
    this.#roundTripMs = undefined;
    // Between two drains a lane has room for a moment: what counts is how it is most of the time.
    const isFull = lanes.isHungry && lanes.areLanesFull && !this.#wasFull;
    this.#fullShare += ((isFull ? 1 : 0) - this.#fullShare) * FULL_SMOOTHING;
    this.#wasFull = false;
    this.#judgeLanes(lanes, this.#fullShare > FULL_ENOUGH, now);
  }

  #judgeLanes(lanes: LanesNow, areLanesFull: boolean, now: number): void {
    const before = this.#lanes.count;
    this.#lanes = stepLanes(this.#lanes, {
      now,
      arrivedBytes: lanes.arrivedBytes,
      bytesPerSec: this.#rateOver(RATE_MS),
      longBytesPerSec: this.#rateOver(LONG_RATE_MS),
      openLanes: lanes.openLanes,
      minRoundTripMs: this.#path.minRoundTripMs,
      windowBytes: this.windowBytes,
      areLanesFull,
      maxLanes: this.#maxLanes,
      isBusy: this.#jitterMs > BUSY_JITTER_MS,
      isCpuBound: this.isCpuBound,
    });
    if (this.#lanes.count !== before) this.#parts.wantLanes(this.#lanes.count);
  }

  /** Arrived bytes a second over the last `ms`, or since the beginning. */
  #rateOver(ms: number): number {
    const last = this.#rates.at(-1)!;
    const first = this.#rates.findLast(({ at }) => at <= last.at - ms) ?? this.#rates[0]!;
    return ((last.bytes - first.bytes) * 1000) / Math.max(last.at - first.at, 1);
  }
}
