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

const MBIT_BYTES = 1e6 / 8;

/** A wire of no length that loses nothing and has no limit. */
const PLAIN: OneWaySettings = {
  delayMs: 0,
  lossShare: 0,
  burst: undefined,
  rateBytesPerSec: undefined,
  queueBytes: Number.POSITIVE_INFINITY,
  isDark: false,
};

/** One word of a path's name, and what it says of the way there and the way back. */
interface Word {
  readonly pattern: RegExp;
  readonly forward: (...numbers: number[]) => Partial<OneWaySettings>;
  /** The same as forward unless given. */
  readonly back?: (...numbers: number[]) => Partial<OneWaySettings>;
}

const WORDS: readonly Word[] = [
  { pattern: /^(\d+)ms$/, forward: (rttMs) => ({ delayMs: rttMs! / 2 }) },
  { pattern: /^loss([\d.]+)$/, forward: (percent) => ({ lossShare: percent! / 100 }) },
  {
    pattern: /^burst([\d.]+)x(\d+)$/,
    forward: (percent, packets) => ({ burst: { share: percent! / 100, packets: packets! } }),
  },
  { pattern: /^([\d.]+)mbit$/, forward: (mbit) => ({ rateBytesPerSec: mbit! * MBIT_BYTES }) },
  {
    pattern: /^back([\d.]+)mbit$/,
    forward: () => ({}),
    back: (mbit) => ({ rateBytesPerSec: mbit! * MBIT_BYTES }),
  },
  { pattern: /^queue(\d+)kB$/, forward: (kB) => ({ queueBytes: kB! * 1000 }) },
];

/**
 * A path from its name: words with hyphens between. `100ms` is its round trip, `40mbit` its rate in both
 * directions, `back5mbit` another one for the way back, `queue500kB` the queue of each direction,
 * `loss0.1` percent lost one by one, `burst0.01x20` percent of packets with which 20 are lost.
 *
 * @returns undefined for words that say nothing
 */
export function parseSettings(name: string): PathSettings | undefined {
  let settings: PathSettings = { forward: PLAIN, back: PLAIN };
  for (const text of name.split('-')) {
    const word = WORDS.find(({ pattern }) => pattern.test(text));
    if (word === undefined) return undefined;
    const numbers = word.pattern.exec(text)!.slice(1).map(Number);
    const back = word.back ?? word.forward;
    settings = {
      forward: { ...settings.forward, ...word.forward(...numbers) },
      back: { ...settings.back, ...back(...numbers) },
    };
  }
  return settings;
}

const chromiums = (name: string, words: string): NamedPath => ({
  name,
  sender: 'chromium',
  receiver: 'chromium',
  settings: parseSettings(words),
});

/** The paths of issue 5, under the names its results go by. */
export const NAMED_PATHS: readonly NamedPath[] = [
  { name: 'loopback', sender: 'chromium', receiver: 'chromium', settings: undefined },
  ...['20ms', '50ms', '100ms-loss0.1', '200ms-loss0.5'].map((name) => chromiums(name, name)),
  chromiums('100ms-100mbit', '100ms-100mbit-queue1000kB'),
  chromiums('100ms-40mbit', '100ms-40mbit-queue500kB'),
  chromiums('100ms-40mbit-loss0.1', '100ms-40mbit-queue500kB-loss0.1'),
  chromiums('40ms-20mbit', '40ms-20mbit-queue250kB'),
  { name: 'to-firefox', sender: 'chromium', receiver: 'firefox', settings: undefined },
  { name: 'from-firefox', sender: 'firefox', receiver: 'chromium', settings: undefined },
];

/** A path of the list, or one made from its name. */
export function pathNamed(name: string): NamedPath | undefined {
  const settings = parseSettings(name);
  return (
    NAMED_PATHS.find((path) => path.name === name) ??
    (settings && { name, sender: 'chromium', receiver: 'chromium', settings })
  );
}
