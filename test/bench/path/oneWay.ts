import type { OneWaySettings } from './pathSettings.ts';

/** Bytes of IPv4 and UDP headers, which a link carries with every packet. */
const HEADER_BYTES = 28;

/** Packets taken off the front before the list itself is shortened. */
const TRIM_PACKETS = 1024;

/** What became of the packets of one direction since it was made. */
export interface OneWayCounts {
  readonly offered: number;
  /** With headers, as all bytes here. */
  readonly offeredBytes: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
  /** By random and burst loss. */
  readonly lost: number;
  /** Dropped at the tail of a full queue. */
  readonly dropped: number;
  /** Lost while the path was dark. */
  readonly darkened: number;
}

interface Waiting<T> {
  readonly packet: T;
  readonly sizeBytes: number;
  readonly dueAt: number;
}

/**
 * One direction of a path: a bottleneck with a drop-tail queue, then a wire that delays and loses.
 * Knows no clock: every call says what time it is, in ms. Packets never overtake each other.
 */
export class OneWay<T> {
  settings: OneWaySettings;
  readonly #random: () => number;
  #waiting: Waiting<T>[] = [];
  #first = 0;
  /** When the bottleneck will have sent everything it holds. */
  #busyUntil = 0;
  #burstLeft = 0;
  readonly #counts = {
    offered: 0,
    offeredBytes: 0,
    delivered: 0,
    deliveredBytes: 0,
    lost: 0,
    dropped: 0,
    darkened: 0,
  };

  /** @param random uniform numbers from 0 to below 1 */
  constructor(settings: OneWaySettings, random: () => number) {
    this.settings = settings;
    this.#random = random;
  }

  get counts(): OneWayCounts {
    return { ...this.#counts };
  }

  /** When the next packet arrives; `Infinity` while none is under way. */
  get nextDueAt(): number {
    return this.#waiting[this.#first]?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  /** A packet enters the path, or is lost. `payloadBytes` is what UDP carries. */
  offer(packet: T, payloadBytes: number, now: number): void {
    const { delayMs, rateBytesPerSec, queueBytes, isDark } = this.settings;
    const sizeBytes = payloadBytes + HEADER_BYTES;
    this.#counts.offered += 1;
    this.#counts.offeredBytes += sizeBytes;
    if (isDark) {
      this.#counts.darkened += 1;
      return;
    }
    let sentAt = now;
    if (rateBytesPerSec !== undefined) {
      const startsAt = Math.max(now, this.#busyUntil);
      const waitingBytes = ((startsAt - now) * rateBytesPerSec) / 1000;
      if (waitingBytes + sizeBytes > queueBytes) {
        this.#counts.dropped += 1;
        return;
      }
      sentAt = startsAt + (sizeBytes / rateBytesPerSec) * 1000;
      this.#busyUntil = sentAt;
    }
    // Lost behind the bottleneck, as on a radio link: it has taken its share of the rate.
    if (this.#isLost()) {
      this.#counts.lost += 1;
      return;
    }
    this.#waiting.push({ packet, sizeBytes, dueAt: sentAt + delayMs });
  }

  /** Hands out, in order, what has arrived by `now`. */
  release(now: number, arrived: (packet: T) => void): void {
    for (;;) {
      const next = this.#waiting[this.#first];
      if (next === undefined || next.dueAt > now) break;
      this.#first += 1;
      this.#counts.delivered += 1;
      this.#counts.deliveredBytes += next.sizeBytes;
      arrived(next.packet);
    }
    if (this.#first < TRIM_PACKETS && this.#first < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }

  #isLost(): boolean {
    const { lossShare, burst } = this.settings;
    if (this.#burstLeft > 0) {
      this.#burstLeft -= 1;
      return true;
    }
    if (burst !== undefined && this.#random() < burst.share) {
      this.#burstLeft = burst.packets - 1;
      return true;
    }
    return lossShare > 0 && this.#random() < lossShare;
  }
}
