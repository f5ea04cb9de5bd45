/**
 * The process a path lives in, so that nothing the bench does disturbs its clock. Started by `Path`;
 * answers each of its requests, in order.
 */
import type { OneWayCounts } from './oneWay.ts';
import type { PathSettings } from './pathSettings.ts';
import { checkPath, type PathCheck, type Ping, Pinger } from './probe.ts';
import { Relays, type Side } from './relays.ts';
import { socketDrops } from './socketDrops.ts';

export type Request =
  | { readonly type: 'open'; readonly settings: PathSettings; readonly relaysPerSide: number }
  | { readonly type: 'check' }
  | { readonly type: 'set'; readonly settings: PathSettings }
  | { readonly type: 'assign'; readonly port: number; readonly to: { host: string; port: number } }
  | { readonly type: 'report' };

export type Answer =
  | { readonly type: 'opened'; readonly host: string; readonly ports: Record<Side, number[]> }
  | { readonly type: 'checked'; readonly check: PathCheck }
  | { readonly type: 'done' }
  | { readonly type: 'report'; readonly report: PathReport };

/** Everything that passed since the path was opened. */
export interface PathReport {
  readonly forward: OneWayCounts;
  readonly back: OneWayCounts;
  readonly pings: readonly Ping[];
  /** What had passed by then, every 100 ms. */
  readonly wire: readonly WireSample[];
  /** When a full packet reached the receiver, the first in a while; epoch ms. */
  readonly bulkStarts: readonly number[];
  /** Lost by the emulator itself, against its settings: a busy machine. */
  readonly ownDrops: number;
  /** Lost at the sockets of the browsers. */
  readonly browserDrops: number;
}

export interface WireSample {
  /** Epoch ms. */
  readonly at: number;
  readonly forwardOfferedBytes: number;
  readonly forwardBytes: number;
  readonly backBytes: number;
}

const SAMPLE_EVERY_MS = 100;
const COUNT_DROPS_EVERY = 10;

class PathHost {
  #relays: Relays | undefined;
  #pinger: Pinger | undefined;
  #settings: PathSettings | undefined;
  readonly #wire: WireSample[] = [];
  /** The kernel forgets a socket's count when it is closed. */
  readonly #drops = new Map<number, number>();

  async answer(request: Request): Promise<Answer> {
    switch (request.type) {
      case 'open':
        return await this.#open(request.settings, request.relaysPerSide);
      case 'check': {
        const relays = new Relays(this.#settings!);
        const check = await checkPath(relays, this.#settings!.forward.rateBytesPerSec);
        relays.close();
        return { type: 'checked', check };
      }
      case 'set':
        this.#relays!.settings = request.settings;
        return { type: 'done' };
      case 'assign':
        this.#relays!.assign(request.port, request.to);
        return { type: 'done' };
      case 'report':
        return { type: 'report', report: this.#report() };
    }
  }

  async #open(settings: PathSettings, relaysPerSide: number): Promise<Answer> {
    this.#settings = settings;
    const relays = new Relays(settings);
    this.#relays = relays;
    const ports: Record<Side, number[]> = { sender: [], receiver: [] };
    for (let i = 0; i < relaysPerSide; i += 1) {
      ports.sender.push(await relays.open('sender'));
      ports.receiver.push(await relays.open('receiver'));
    }
    this.#pinger = await Pinger.start(relays);
    setInterval(() => this.#sample(relays), SAMPLE_EVERY_MS);
    return { type: 'opened', host: relays.host, ports };
  }

  #sample(relays: Relays): void {
    const { forward, back } = relays.counts;
    this.#wire.push({
      at: performance.timeOrigin + performance.now(),
      forwardOfferedBytes: forward.offeredBytes,
      forwardBytes: forward.deliveredBytes,
      backBytes: back.deliveredBytes,
    });
    if (this.#wire.length % COUNT_DROPS_EVERY === 0) this.#countDrops();
  }

  #countDrops(): void {
    for (const [port, count] of socketDrops())
      this.#drops.set(port, Math.max(count, this.#drops.get(port) ?? 0));
  }

  #report(): PathReport {
    this.#countDrops();
    const relays = this.#relays!;
    const sum = (ports: readonly number[]) =>
      ports.reduce((total, port) => total + (this.#drops.get(port) ?? 0), 0);
    return {
      ...relays.counts,
      pings: this.#pinger!.pings,
      wire: this.#wire,
      bulkStarts: relays.bulkStarts,
      ownDrops: sum(relays.ports.ours) + relays.failedSends,
      browserDrops: sum(relays.ports.targets),
    };
  }
}

const host = new PathHost();
let answered = Promise.resolve();

process.on('message', (request: Request) => {
  answered = answered.then(async () => {
    process.send?.(await host.answer(request));
  });
});
// The bench has gone, however it ended.
process.on('disconnect', () => process.exit());
