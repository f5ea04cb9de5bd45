/** Weight of one tick in a lane's rate: it looks back some 150 ms at a tick every 25. */
const RATE_SMOOTHING = 0.15;

/** What a lane holds on the path, over what it carries in a round trip: its window grows, and a message counts when all of it came. */
const HOLD_GAIN = 1.25;

/**
 * What a lane is given at most, over what it carries in a round trip: enough that slow start can double it, and no more, since
 * all of it goes out at once when the lane's own window opens.
 */
const GIVE_GAIN = 2;
const GIVE_MESSAGES = 2;

/** What a lane is given before anything is known of it, bytes: some round trips of slow start. */
const FIRST_BYTES = 64 * 1024;

/** What the lane's link knows of the path. */
export interface PathNow {
  /** Ms of the clock everything here is told by. */
  readonly now: number;
  readonly roundTripMs: number;
  /** Payload of a message, about. */
  readonly messageBytes: number;
  /** Nothing is known of the path yet: all that was sent counts. */
  readonly isNew: boolean;
}

/**
 * What passed over one lane, both ways, and how much of what was sent counts as being on the path.
 *
 * Whatever a channel takes goes out at once while SCTP's own congestion window has room, so it counts as on the path
 * from then on. `bufferedAmount` does not tell: Chromium lowers it in steps of 100 KiB, more than a shallow queue holds. Only
 * a lane whose buffer has not been empty for a round trip is held back by its own window; what it has beyond what it
 * carries in a round trip waits in the buffer and is not on the path.
 */
export class LaneTraffic {
  sentBytes = 0;
  receivedBytes = 0;
  /** Of those, told in a receipt. */
  receiptedBytes = 0;
  #arrivedBytes = 0;
  /** Replies since the last receipt. */
  #repliedBytes = 0;
  /** Since when the channel's buffer has not been seen empty. */
  #backloggedSince = Number.POSITIVE_INFINITY;
  #bytesPerSec = 0;
  #ticked = { at: 0, arrivedBytes: 0 };

  /** Of what was sent, known to have arrived: the peer's receipts say so. */
  get arrivedBytes(): number {
    return this.#arrivedBytes;
  }

  /** Sent, to be receipted, and not known to have arrived, wherever it is. */
  get outstandingBytes(): number {
    return this.sentBytes - this.#arrivedBytes - this.#repliedBytes;
  }

  /** A message goes into a channel with so much in its buffer. */
  sent(byteCount: number, bufferedBytes: number, now: number): void {
    if (bufferedBytes === 0) this.#backloggedSince = now;
    this.sentBytes += byteCount;
  }

  /** An ack, a nack or a receipt: the peer only receipts data, and what else has come along with it (SPEC A4). */
  replied(byteCount: number): void {
    this.sentBytes += byteCount;
    this.#repliedBytes += byteCount;
  }

  /** A receipt for more than was sent counts as one for all of it (SPEC A4): it can only hurt who said it. */
  receipted(arrivedBytes: number): void {
    this.#arrivedBytes = Math.max(this.#arrivedBytes, Math.min(arrivedBytes, this.sentBytes));
    this.#repliedBytes = 0;
  }

  /** Measures the lane's rate; to be called a few times a round trip. */
  tick(bufferedBytes: number, now: number): void {
    if (bufferedBytes === 0) this.#backloggedSince = now;
    const elapsedMs = now - this.#ticked.at;
    if (elapsedMs <= 0) return;
    const bytesPerSec = ((this.#arrivedBytes - this.#ticked.arrivedBytes) * 1000) / elapsedMs;
    this.#bytesPerSec += (bytesPerSec - this.#bytesPerSec) * RATE_SMOOTHING;
    this.#ticked = { at: now, arrivedBytes: this.#arrivedBytes };
  }

  /** Bytes on the path: sent, not known to have arrived, and not held back by the lane itself. */
  inFlightBytes(bufferedBytes: number, path: PathNow): number {
    const { outstandingBytes } = this;
    const isBacklogged = bufferedBytes > 0 && path.now - this.#backloggedSince >= path.roundTripMs;
    if (path.isNew || !isBacklogged) return outstandingBytes;
    const holdsBytes = this.#carriedBytes(path) * HOLD_GAIN + path.messageBytes;
    return Math.max(Math.min(outstandingBytes, holdsBytes), outstandingBytes - bufferedBytes);
  }

  /** Bytes the lane may still be given, so that no more waits in it than it can soon use. */
  roomBytes(path: PathNow): number {
    const givenBytes =
      this.#arrivedBytes === 0
        ? FIRST_BYTES
        : this.#carriedBytes(path) * GIVE_GAIN + GIVE_MESSAGES * path.messageBytes;
    return Math.max(0, givenBytes - this.outstandingBytes);
  }

  #carriedBytes({ roundTripMs }: PathNow): number {
    return (this.#bytesPerSec * roundTripMs) / 1000;
  }
}
