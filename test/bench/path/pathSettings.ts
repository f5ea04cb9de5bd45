/** What one direction of a path does to packets. */
export interface OneWaySettings {
  /** From the end of sending to arrival, ms. */
  readonly delayMs: number;
  /** Part of the packets lost one by one, at random, 0 to 1. */
  readonly lossShare: number;
  /** Losses that come together: the chance that a burst begins at a packet, and its length. */
  readonly burst: { readonly share: number; readonly packets: number } | undefined;
  /** Bytes a second including the headers of IP and UDP; undefined for no limit. */
  readonly rateBytesPerSec: number | undefined;
  /** Bytes that may wait for the rate; what comes beyond is dropped (drop-tail). */
  readonly queueBytes: number;
  /** Everything is lost. */
  readonly isDark: boolean;
}

/** A path between the sender's page and the receiver's. */
export interface PathSettings {
  /** From the sender to the receiver. */
  readonly forward: OneWaySettings;
  readonly back: OneWaySettings;
}

/** A path the bench knows by name. */
export interface NamedPath {
  readonly name: string;
  /** Undefined: the pages talk to each other without the emulator between them. */
  readonly settings: PathSettings | undefined;
}

interface Symmetric {
  readonly rttMs: number;
  readonly lossShare?: number;
  readonly mbitPerSec?: number;
  readonly queueBytes?: number;
}

const MBIT_BYTES = 1e6 / 8;

/** The same in both directions, with half of the round trip and its own queue in each. */
export function symmetric({ rttMs, lossShare, mbitPerSec, queueBytes }: Symmetric): PathSettings {
  const oneWay: OneWaySettings = {
    delayMs: rttMs / 2,
    lossShare: lossShare ?? 0,
    burst: undefined,
    rateBytesPerSec: mbitPerSec === undefined ? undefined : mbitPerSec * MBIT_BYTES,
    queueBytes: queueBytes ?? Number.POSITIVE_INFINITY,
    isDark: false,
  };
  return { forward: oneWay, back: oneWay };
}

const MB = 1e6;

export const NAMED_PATHS: readonly NamedPath[] = [
  { name: 'loopback', settings: undefined },
  { name: '20ms', settings: symmetric({ rttMs: 20 }) },
  { name: '50ms', settings: symmetric({ rttMs: 50 }) },
  { name: '100ms-loss0.1', settings: symmetric({ rttMs: 100, lossShare: 0.001 }) },
  { name: '200ms-loss0.5', settings: symmetric({ rttMs: 200, lossShare: 0.005 }) },
  {
    name: '100ms-100mbit',
    settings: symmetric({ rttMs: 100, mbitPerSec: 100, queueBytes: MB }),
  },
  {
    name: '100ms-40mbit',
    settings: symmetric({ rttMs: 100, mbitPerSec: 40, queueBytes: 0.5 * MB }),
  },
  {
    name: '100ms-40mbit-loss0.1',
    settings: symmetric({ rttMs: 100, mbitPerSec: 40, queueBytes: 0.5 * MB, lossShare: 0.001 }),
  },
  {
    name: '40ms-20mbit',
    settings: symmetric({ rttMs: 40, mbitPerSec: 20, queueBytes: 0.25 * MB }),
  },
];
