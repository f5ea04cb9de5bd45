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

/** A path the bench knows by name, and what it runs on. */
export interface NamedPath {
  readonly name: string;
  readonly sender: 'chromium' | 'firefox';
  readonly receiver: 'chromium' | 'firefox';
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

const chromiums = (name: string, settings: PathSettings | undefined): NamedPath => ({
  name,
  sender: 'chromium',
  receiver: 'chromium',
  settings,
});

export const NAMED_PATHS: readonly NamedPath[] = [
  chromiums('loopback', undefined),
  chromiums('20ms', symmetric({ rttMs: 20 })),
  chromiums('50ms', symmetric({ rttMs: 50 })),
  chromiums('100ms-loss0.1', symmetric({ rttMs: 100, lossShare: 0.001 })),
  chromiums('200ms-loss0.5', symmetric({ rttMs: 200, lossShare: 0.005 })),
  chromiums('100ms-100mbit', symmetric({ rttMs: 100, mbitPerSec: 100, queueBytes: MB })),
  chromiums('100ms-40mbit', symmetric({ rttMs: 100, mbitPerSec: 40, queueBytes: 0.5 * MB })),
  chromiums(
    '100ms-40mbit-loss0.1',
    symmetric({ rttMs: 100, mbitPerSec: 40, queueBytes: 0.5 * MB, lossShare: 0.001 }),
  ),
  chromiums('40ms-20mbit', symmetric({ rttMs: 40, mbitPerSec: 20, queueBytes: 0.25 * MB })),
  { name: 'to-firefox', sender: 'chromium', receiver: 'firefox', settings: undefined },
  { name: 'from-firefox', sender: 'firefox', receiver: 'chromium', settings: undefined },
];
