/** Weight of one tick in a lane's rate: it looks back some 150 ms at a tick every 25. */
const RATE_SMOOTHING = 0.15;

/**
 * How much faster than measured a lane is taken to drain: in slow start it doubles its rate in a round trip, and a queue that
 * overflows costs more than a window that is not quite full.
 */
const DRAIN_MARGIN = 1.5;

/**
 * What passed over one lane, both ways, and how much of what was sent is on the path right now. A channel's
 * `bufferedAmount` alone does not tell: Chromium lowers it in steps of 100 KiB, so with many lanes it hides more than a
 * shallow queue holds. Between two of its reports the lane is taken to drain as fast as bytes arrive at its other end.
 */
export class LaneTraffic {
  sentBytes = 0;
  receivedBytes = 0;
  /** Of those, told in a receipt. */
  receiptedBytes = 0;
  #arrivedBytes = 0;
  /** In the channel's buffer at `#waitingAt`, as far as is known. */
  #waitingBytes = 0;
  #waitingAt = 0;
  #bytesPerSec = 0;
  #ticked = { at: 0, arrivedBytes: 0 };

  /** Of what was sent, known to have arrived: the peer's receipts say so. */
  get arrivedBytes(): number {
    return this.#arrivedBytes;
  }

  /** A message went into the channel. */
  sent(byteCount: number, now: number): void {
    this.#waitingBytes = this.#waiting(now) + byteCount;
    this.#waitingAt = now;
    this.sentBytes += byteCount;
  }

  /** The channel has just said what waits in it: this once, the truth. */
  drained(bufferedBytes: number, now: number): void {
    this.#waitingBytes = bufferedBytes;
    this.#waitingAt = now;
  }

  /** A receipt for more than was sent counts as one for all of it (SPEC A4): it can only hurt who said it. */
  receipted(arrivedBytes: number): void {
    this.#arrivedBytes = Math.max(this.#arrivedBytes, Math.min(arrivedBytes, this.sentBytes));
  }

  /** Measures the lane's rate; to be called a few times a round trip. */
  tick(now: number): void {
    const elapsedMs = now - this.#ticked.at;
    if (elapsedMs <= 0) return;
    const bytesPerSec = ((this.#arrivedBytes - this.#ticked.arrivedBytes) * 1000) / elapsedMs;
    this.#bytesPerSec += (bytesPerSec - this.#bytesPerSec) * RATE_SMOOTHING;
    this.#ticked = { at: now, arrivedBytes: this.#arrivedBytes };
  }

  /** Bytes on the path: sent, out of the channel's buffer, and not known to have arrived. */
  inFlightBytes(bufferedBytes: number, now: number): number {
    const waiting = Math.min(bufferedBytes, this.#waiting(now));
    return Math.max(0, this.sentBytes - this.#arrivedBytes - waiting);
  }

  #waiting(now: number): number {
    // Before anything arrived nothing is known of its rate: all of it may have left at once.
    if (this.#arrivedBytes === 0) return 0;
    const drainedBytes = (this.#bytesPerSec * DRAIN_MARGIN * (now - this.#waitingAt)) / 1000;
    return Math.max(0, this.#waitingBytes - drainedBytes);
  }
}
