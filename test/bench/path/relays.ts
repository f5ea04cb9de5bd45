import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { OneWay, type OneWayCounts } from './oneWay.ts';
import type { PathSettings } from './pathSettings.ts';

/** Which page a packet comes from. */
export type Side = 'sender' | 'receiver';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A packet on its way: what carries it the last step, and where to. */
interface Parcel {
  readonly socket: Socket;
  readonly to: Address;
  readonly bytes: Uint8Array;
}

/** A relay socket the page of one side sends to; every source gets a socket of its own to the target. */
interface Relay {
  readonly side: Side;
  readonly socket: Socket;
  readonly outward: Map<string, Socket>;
  target: Address | undefined;
  /** What came before the target was known. */
  readonly early: { readonly bytes: Uint8Array; readonly from: Address }[];
}

/** Packets kept for a relay without a target; ICE sends a few before it waits. */
const MAX_EARLY = 64;

/** Asked of the kernel for every socket, bytes: a stall of ours must not lose what the path would keep. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

/** A packet of this size or more carries data: those of ICE and of DTLS's handshake are smaller. */
const BULK_BYTES = 1100;

/** Bulk packets further apart than this are a new start, ms. */
const BULK_GAP_MS = 100;

/** A packet due within this is let go at once: a timer would be later than that, ms. */
const EARLY_MS = 0.5;

/** First IPv4 address of this machine that browsers gather, or the loopback's where there is none. */
export function hostAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return (
    addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
  );
}

/**
 * UDP relays in the manner of a NAT, and between them one path that all packets share: every
 * connection and every lane of the two pages passes the same queue of its direction.
 */
export class Relays {
  readonly host = hostAddress();
  readonly #forward: OneWay<Parcel>;
  readonly #back: OneWay<Parcel>;
  readonly #relays = new Map<number, Relay>();
  readonly #sockets: Socket[] = [];
  readonly #ownPorts: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #failedSends = 0;
  #lastBulkAt = Number.NEGATIVE_INFINITY;
  /** When bulk packets began to reach the receiver after a pause; epoch ms. */
  readonly bulkStarts: number[] = [];

  constructor(settings: PathSettings) {
    this.#forward = new OneWay(settings.forward, Math.random);
    this.#back = new OneWay(settings.back, Math.random);
  }

  set settings(settings: PathSettings) {
    this.#forward.settings = settings.forward;
    this.#back.settings = settings.back;
  }

  get counts(): { readonly forward: OneWayCounts; readonly back: OneWayCounts } {
    return { forward: this.#forward.counts, back: this.#back.counts };
  }

  /** Packets the kernel would not take from us. */
  get failedSends(): number {
    return this.#failedSends;
  }

  /** Ports of the sockets of ours, and those of the pages they reach. */
  get ports(): { readonly ours: readonly number[]; readonly targets: readonly number[] } {
    const relays = [...this.#relays.values()];
    return {
      ours: this.#ownPorts,
      targets: relays.flatMap(({ target }) => (target === undefined ? [] : [target.port])),
    };
  }

  /** Opens a relay for packets of one side. @returns its port on `host` */
  async open(side: Side): Promise<number> {
    const socket = this.#socket();
    await new Promise<void>((resolve) => socket.bind(0, this.host, resolve));
    this.#opened(socket);
    const relay: Relay = { side, socket, outward: new Map(), target: undefined, early: [] };
    socket.on('message', (bytes, { address, port }) =>
      this.#cameIn(relay, bytes, { host: address, port }),
    );
    const { port } = socket.address();
    this.#relays.set(port, relay);
    return port;
  }

  /** Says where what is sent to a relay goes. A relay keeps its first target. */
  assign(port: number, target: Address): void {
    const relay = this.#relays.get(port);
    if (relay === undefined || relay.target !== undefined) return;
    relay.target = target;
    for (const { bytes, from } of relay.early.splice(0)) this.#cameIn(relay, bytes, from);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const socket of this.#sockets) socket.close();
  }

  #cameIn(relay: Relay, bytes: Uint8Array, from: Address): void {
    const { target } = relay;
    if (target === undefined) {
      if (relay.early.length < MAX_EARLY) relay.early.push({ bytes, from });
      return;
    }
    this.#offer(relay.side, { socket: this.#outward(relay, from), to: target, bytes });
  }

  /** The socket that stands for one source towards the target of a relay. */
  #outward(relay: Relay, source: Address): Socket {
    const key = `${source.host}:${source.port}`;
    const known = relay.outward.get(key);
    if (known !== undefined) return known;
    const socket = this.#socket();
    // Bound before anything is sent, and in time: nothing leaves before the delay of the path is over.
    socket.bind(0, this.host, () => this.#opened(socket));
    socket.on('message', (bytes) =>
      this.#offer(otherSide(relay.side), { socket: relay.socket, to: source, bytes }),
    );
    relay.outward.set(key, socket);
    return socket;
  }

  #opened(socket: Socket): void {
    socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
    socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
    this.#ownPorts.push(socket.address().port);
  }

  #socket(): Socket {
    const socket = createSocket({
      type: 'udp4',
      // Every address is a number already.
      lookup: (host, _options, callback) => callback(null, host, 4),
    });
    socket.on('error', () => {
      this.#failedSends += 1;
    });
    this.#sockets.push(socket);
    return socket;
  }

  #offer(from: Side, parcel: Parcel): void {
    const now = performance.now();
    const way = from === 'sender' ? this.#forward : this.#back;
    way.offer(parcel, parcel.bytes.byteLength, now);
    this.#release(now);
  }

  #noteBulk(now: number): void {
    if (now - this.#lastBulkAt > BULK_GAP_MS) this.bulkStarts.push(performance.timeOrigin + now);
    this.#lastBulkAt = now;
  }

  #release(now: number): void {
    this.#forward.release(now + EARLY_MS, (parcel) => {
      deliver(parcel);
      if (parcel.bytes.byteLength >= BULK_BYTES) this.#noteBulk(now);
    });
    this.#back.release(now + EARLY_MS, deliver);
    const dueAt = Math.min(this.#forward.nextDueAt, this.#back.nextDueAt);
    if (dueAt >= this.#timerAt || dueAt === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#timerAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#release(performance.now());
    }, dueAt - now);
  }
}

const deliver = ({ socket, to, bytes }: Parcel) => socket.send(bytes, to.port, to.host);

const otherSide = (side: Side): Side => (side === 'sender' ? 'receiver' : 'sender');
