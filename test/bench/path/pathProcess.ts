/**
 * The process a path lives in, so that nothing the bench does disturbs its clock. Started by `Path`;
 * answers each of its requests, in order.
 */
import { CubicFlow } from './cubicFlow.ts';
import type { OneWayCounts } from './oneWay.ts';
import type { PathSettings } from './pathSettings.ts';
import { checkPath, type PathCheck, type Ping, Pinger } from './probe.ts';
import type { Sample } from './rateCurve.ts';
import { Relays, type Side } from './relays.ts';
import { socketDrops } from './socketDrops.ts';

export type Request =
  | { readonly type: 'open'; readonly settings: PathSettings }
  | { readonly type: 'relays'; readonly side: Side; readonly count: number }
  | { readonly type: 'check' }
  | { readonly type: 'set'; readonly settings: PathSettings }
  | { readonly type: 'assign'; readonly port: number; readonly to: { host: string; port: number } }
  /** Somebody else's TCP begins to use the path as well. */
  | { readonly type: 'rival' }
  | { readonly type: 'report' };

export type Answer =
  | { readonly type: 'relays'; readonly host: string; readonly ports: readonly number[] }
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
  /** What reached the rival, where there is one. */
  readonly rival: readonly Sample[] | undefined;
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

/**
 * The loop sleeps this long between two looks at its sockets, ms. Woken for every packet it would take half a core, which the
 * browsers on the same machine would lack.
 */
const BREATH_MS = 0.7;

const NOTHING = new Int32Array(new SharedArrayBuffer(4));

function breathe(): void {
  Atomics.wait(NOTHING, 0, 0, BREATH_MS);
  setImmediate(breathe);
}

class PathHost {
  #relays: Relays | undefined;
  #pinger: Pinger | undefined;
  #rival: CubicFlow | undefined;
  #settings: PathSettings | undefined;
  readonly #wire: WireSample[] = [];
  /** The kernel forgets a socket's count when it is closed. */
  readonly #drops = new Map<number, number>();

  async answer(request: Request): Promise<Answer> {
    switch (request.type) {
      case 'open':
        await this.#open(request.settings);
        return { type: 'done' };
      case 'relays':
        return await this.#openRelays(request.side, request.count);
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
      case 'rival':
        this.#rival = await CubicFlow.start(this.#relays!);
        return { type: 'done' };
      case 'report':
        return { type: 'report', report: this.#report() };
    }
  }

  async #open(settings: PathSettings): Promise<void> {
    this.#settings = settings;
    const relays = new Relays(settings);
    this.#relays = relays;
    this.#pinger = await Pinger.start(relays);
    setInterval(() => this.#sample(relays), SAMPLE_EVERY_MS);
    breathe();
  }

  async #openRelays(side: Side, count: number): Promise<Answer> {
    const relays = this.#relays!;
    const ports: number[] = [];
    for (let i = 0; i < count; i += 1) ports.push(await relays.open(side));
    return { type: 'relays', host: relays.host, ports };
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
      rival: this.#rival?.samples,
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
