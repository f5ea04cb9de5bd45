import type { Socket } from 'node:dgram';
import { boundSocket } from './probe.ts';
import type { Sample } from './rateCurve.ts';
import type { Relays } from './relays.ts';

const PACKET_BYTES = 1200;
const ACK_BYTES = 40;

/** RFC 9438: the window's growth, packets a cubic second, and what a loss leaves of it. */
const GROWTH = 0.4;
const KEPT = 0.7;

const FIRST_WINDOW = 10;
const MIN_WINDOW = 2;

/** RFC 8985's older rule: a packet is lost when three later ones have arrived. */
const REORDERING = 3;

const MIN_TIMEOUT_MS = 200;
const TICK_MS = 10;
const SAMPLE_EVERY_TICKS = 10;

/** Packets sent for one that arrived; more would be a burst that no TCP sends. */
const MAX_BURST = 10;

/**
 * A download by somebody else over the same path: what TCP with CUBIC and selective acknowledgements sends
 * when it always has more. What is lost is not sent again, because nobody wants it; it counts neither way.
 */
export class CubicFlow {
  readonly samples: Sample[] = [];
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #timer: NodeJS.Timeout;
  readonly #send: (bytes: Buffer) => void;
  /** When each packet left that is neither acknowledged nor given up, oldest first. */
  readonly #under = new Map<number, number>();
  #next = 0;
  #window = FIRST_WINDOW;
  #threshold = Number.POSITIVE_INFINITY;
  #windowAtLoss = 0;
  #lossAt = 0;
  /** Losses of packets sent before this one belong to the loss that was answered already. */
  #recoveredFrom = 0;
  #rttMs = 100;
  #received = 0;
  #ticks = 0;

  private constructor(source: Socket, target: Socket, send: (bytes: Buffer) => void) {
    this.#source = source;
    this.#target = target;
    this.#send = send;
    target.on('message', (bytes, from) => {
      this.#received += PACKET_BYTES;
      target.send(Buffer.concat([bytes.subarray(0, 16)], ACK_BYTES), from.port, from.address);
    });
    source.on('message', (bytes) =>
      this.#acknowledged(bytes.readUInt32BE(), bytes.readDoubleBE(8)),
    );
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  static async start(relays: Relays): Promise<CubicFlow> {
    const [source, target] = [await boundSocket(relays.host), await boundSocket(relays.host)];
    const port = await relays.open('sender');
    relays.assign(port, { host: relays.host, port: target.address().port });
    return new CubicFlow(source, target, (bytes) => source.send(bytes, port, relays.host));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#source.close();
    this.#target.close();
  }

  #tick(): void {
    this.#ticks += 1;
    if (this.#ticks % SAMPLE_EVERY_TICKS === 0)
      this.samples.push({ at: performance.timeOrigin + performance.now(), bytes: this.#received });
    const [oldestAt] = this.#under.values();
    const timeoutMs = Math.max(MIN_TIMEOUT_MS, 2 * this.#rttMs);
    if (oldestAt !== undefined && performance.now() - oldestAt > timeoutMs) {
      this.#shrink();
      this.#window = MIN_WINDOW;
      this.#under.clear();
    }
    this.#fill();
  }

  #acknowledged(sequence: number, sentAt: number): void {
    const now = performance.now();
    this.#rttMs += (now - sentAt - this.#rttMs) / 8;
    if (!this.#under.delete(sequence)) return;
    for (const older of this.#under.keys()) {
      if (older > sequence - REORDERING) break;
      this.#under.delete(older);
      if (older >= this.#recoveredFrom) this.#shrink();
    }
    if (this.#window < this.#threshold) this.#window += 1;
    else this.#grow(now);
    this.#fill();
  }

  /** Along the cubic curve, or as Reno would where that is more (RFC 9438 section 4.3). */
  #grow(now: number): void {
    const seconds = (now - this.#lossAt) / 1000;
    const plateauAt = Math.cbrt((this.#windowAtLoss * (1 - KEPT)) / GROWTH);
    const cubic = GROWTH * (seconds - plateauAt) ** 3 + this.#windowAtLoss;
    const reno =
      this.#windowAtLoss * KEPT +
      ((3 * (1 - KEPT)) / (1 + KEPT)) * ((seconds * 1000) / this.#rttMs);
    const target = Math.min(Math.max(cubic, reno), this.#window * 1.5);
    this.#window += Math.max(0, target - this.#window) / this.#window;
  }

  #shrink(): void {
    this.#recoveredFrom = this.#next;
    this.#windowAtLoss = this.#window;
    this.#lossAt = performance.now();
    this.#window = Math.max(MIN_WINDOW, this.#window * KEPT);
    this.#threshold = this.#window;
  }

  #fill(): void {
    for (let burst = 0; burst < MAX_BURST && this.#under.size < this.#window; burst += 1) {
      const bytes = Buffer.alloc(PACKET_BYTES);
      const now = performance.now();
      bytes.writeUInt32BE(this.#next);
      bytes.writeDoubleBE(now, 8);
      this.#under.set(this.#next, now);
      this.#next += 1;
      this.#send(bytes);
    }
  }
}
