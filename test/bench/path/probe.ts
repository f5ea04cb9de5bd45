import { createSocket, type Socket } from 'node:dgram';
import type { Relays } from './relays.ts';

/** One ping that came back. */
export interface Ping {
  /** When it was sent, epoch ms. */
  readonly at: number;
  readonly rttMs: number;
}

/** What plain UDP packets of ours found the path to be. */
export interface PathCheck {
  readonly medianRttMs: number;
  readonly maxRttMs: number;
  /** Part lost of packets sent below the rate, from the sender to the receiver. */
  readonly lossShare: number;
  readonly lossSample: number;
  /** Arrived bytes a second with headers, of packets sent above the rate; undefined without a limit. */
  readonly rateBytesPerSec: number | undefined;
}

const PING_EVERY_MS = 50;
const PING_BYTES = 64;

const PACKET_BYTES = 1200;
/** With the headers of IP and UDP. */
const PACKET_ON_LINK_BYTES = PACKET_BYTES + 28;

/** Packets sent to count losses, and how many a second where nothing limits the rate. */
const LOSS_PACKETS = 12_000;
const UNLIMITED_PACKETS_PER_SEC = 6_000;

/** How far below and above its rate a path is probed, and for how long above, ms. */
const BELOW_RATE = 0.8;
const ABOVE_RATE = 1.2;
const ABOVE_RATE_MS = 1_500;

/** The slowest link is probed for this long at most, ms. */
const MAX_PROBE_MS = 2_500;

const epochNow = () => performance.timeOrigin + performance.now();

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Sends pings through the path for as long as it exists, as a third party of both pages. */
export class Pinger {
  readonly pings: Ping[] = [];
  readonly #sockets: readonly Socket[];
  readonly #timer: NodeJS.Timeout;

  private constructor(sockets: readonly Socket[], send: () => void) {
    this.#sockets = sockets;
    this.#timer = setInterval(send, PING_EVERY_MS);
  }

  static async start(relays: Relays): Promise<Pinger> {
    const echo = await boundSocket(relays.host);
    echo.on('message', (bytes, from) => echo.send(bytes, from.port, from.address));
    const port = await relays.open('sender');
    relays.assign(port, { host: relays.host, port: echo.address().port });

    const client = await boundSocket(relays.host);
    const pinger = new Pinger([echo, client], () => {
      const ping = Buffer.alloc(PING_BYTES);
      ping.writeDoubleBE(epochNow());
      client.send(ping, port, relays.host);
    });
    client.on('message', (bytes) => {
      const at = bytes.readDoubleBE();
      pinger.pings.push({ at, rttMs: epochNow() - at });
    });
    return pinger;
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.close();
  }
}

/** Measures an idle path with packets that know nothing of how it is made. */
export async function checkPath(relays: Relays, rateBytesPerSec?: number): Promise<PathCheck> {
  const pinger = await Pinger.start(relays);
  const target = await boundSocket(relays.host);
  const source = await boundSocket(relays.host);
  let received = 0;
  target.on('message', () => {
    received += 1;
  });
  const port = await relays.open('sender');
  relays.assign(port, { host: relays.host, port: target.address().port });
  const send = () => source.send(Buffer.alloc(PACKET_BYTES), port, relays.host);

  // Pings alone first: the round trip of an idle path.
  await sleep(20 * PING_EVERY_MS);
  pinger.stop();
  const rtts = pinger.pings.map(({ rttMs }) => rttMs).toSorted((a, b) => a - b);

  const limit = rateBytesPerSec === undefined ? undefined : rateBytesPerSec / PACKET_ON_LINK_BYTES;
  const below = limit === undefined ? UNLIMITED_PACKETS_PER_SEC : limit * BELOW_RATE;
  const sent = await sendPaced(send, below, Math.min(MAX_PROBE_MS, (LOSS_PACKETS / below) * 1000));
  const longest = (rtts.at(-1) ?? 0) + 200;
  await sleep(longest);
  const lossShare = 1 - received / sent;

  const rate = limit === undefined ? undefined : await arrivingRate(limit);
  source.close();
  target.close();
  return {
    medianRttMs: rtts[rtts.length >> 1] ?? Number.NaN,
    maxRttMs: rtts.at(-1) ?? Number.NaN,
    lossShare,
    lossSample: sent,
    rateBytesPerSec: rate,
  };

  async function arrivingRate(packetsPerSec: number): Promise<number> {
    const sending = sendPaced(send, packetsPerSec * ABOVE_RATE, ABOVE_RATE_MS);
    // From when the first ones arrive until the last one is sent, the bottleneck is never idle.
    await sleep(longest);
    const from = { at: performance.now(), received };
    await sending;
    const packets = received - from.received;
    const seconds = (performance.now() - from.at) / 1000;
    await sleep(longest);
    return (packets * PACKET_ON_LINK_BYTES) / seconds;
  }
}

/** @returns how many were sent */
async function sendPaced(send: () => void, perSec: number, forMs: number): Promise<number> {
  const startedAt = performance.now();
  let sent = 0;
  for (;;) {
    const passedMs = Math.min(performance.now() - startedAt, forMs);
    for (; sent < (passedMs / 1000) * perSec; sent += 1) send();
    if (passedMs >= forMs) return sent;
    await sleep(1);
  }
}

/** A socket of ours, outside the emulator. */
export async function boundSocket(host: string): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: 4 * 1024 * 1024,
    lookup: (address, _options, callback) => callback(null, address, 4),
  });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket;
}
