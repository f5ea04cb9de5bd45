import {
  type HostContext,
  type HostEffect,
  type HostEvent,
  type HostState,
  newHost,
  stepHost,
} from '../../../src/handshake/hostHandshake.ts';
import {
  type JoinerContext,
  type JoinerEffect,
  type JoinerEvent,
  type JoinerState,
  newJoiner,
  stepJoiner,
} from '../../../src/handshake/joinerHandshake.ts';
import type { HandshakeSecret } from '../../../src/handshake/keySchedule.ts';

/** Counted bytes in place of random ones: every run of a test is the same. */
export const counted = (start: number, length: number) =>
  Uint8Array.from({ length }, (_, i) => (start + i * 7) & 255);

export const codeWords = ['mango', 'puzzle', 'walrus'] as const;

export const joinerPeer = { id: 'sluice1-j-1', fingerprint: counted(1, 32) };
export const hostPeer = { id: 'sluice1-4821', fingerprint: counted(2, 32) };

export const linkSecret = counted(3, 16);
export const resumeKey = counted(4, 32);

export const SECRETS = {
  code: { mode: 'code', words: codeWords },
  link: { mode: 'link', secret: linkSecret },
  resume: { mode: 'resume', key: resumeKey },
} as const satisfies Record<HandshakeSecret['mode'], HandshakeSecret>;

export const joinerContext = (changes: Partial<JoinerContext> = {}): JoinerContext => ({
  secret: SECRETS.code,
  self: joinerPeer,
  peer: hostPeer,
  nonceRandom: counted(5, 16),
  scalarRandom: counted(6, 32),
  ...changes,
});

export const hostContext = (changes: Partial<HostContext> = {}): HostContext => ({
  secrets: { code: codeWords, link: linkSecret, resume: resumeKey },
  self: hostPeer,
  peer: joinerPeer,
  nonceRandom: counted(7, 16),
  scalarRandom: counted(8, 32),
  ...changes,
});

/** What the one in the middle makes of a frame: another frame, several, or none. */
export type Tamper = (
  from: 'joiner' | 'host',
  bytes: Uint8Array,
) => readonly (Uint8Array | string)[];

/** Both machines in one place, with everything they asked for. The lock is granted unless told otherwise. */
export class Duet {
  joiner: JoinerState = newJoiner;
  host: HostState = newHost;
  readonly joinerEffects: JoinerEffect[] = [];
  readonly hostEffects: HostEffect[] = [];
  /** Type bytes of everything sent, in order: `j1` is the joiner's hello. */
  readonly wire: string[] = [];
  readonly #tamper: Tamper;
  readonly #lock: HostEvent;
  readonly #line: (() => void)[] = [];

  constructor(
    tamper: Tamper = (_from, bytes) => [bytes],
    lock: HostEvent = { type: 'lock-granted' },
  ) {
    this.#tamper = tamper;
    this.#lock = lock;
  }

  /** Opens the channel and delivers until nobody has anything to say. */
  run(joiner = joinerContext(), host = hostContext()): this {
    this.tellHost({ type: 'started', context: host });
    this.tellJoiner({ type: 'started', context: joiner });
    return this;
  }

  tellJoiner(event: JoinerEvent): void {
    const [next, effects] = stepJoiner(this.joiner, event);
    this.joiner = next;
    this.joinerEffects.push(...effects);
    for (const effect of effects) if (effect.type === 'send') this.#carry('joiner', effect.bytes);
    this.#deliver();
  }

  tellHost(event: HostEvent): void {
    const [next, effects] = stepHost(this.host, event);
    this.host = next;
    this.hostEffects.push(...effects);
    for (const effect of effects) {
      if (effect.type === 'send') this.#carry('host', effect.bytes);
      if (effect.type === 'lock-acquire') this.tellHost(this.#lock);
    }
    this.#deliver();
  }

  #carry(from: 'joiner' | 'host', bytes: Uint8Array): void {
    this.wire.push(`${from.charAt(0)}${bytes[0]}`);
    for (const data of this.#tamper(from, bytes)) {
      this.#line.push(() =>
        from === 'joiner'
          ? this.tellHost({ type: 'frame-received', data })
          : this.tellJoiner({ type: 'frame-received', data }),
      );
    }
  }

  #deliver(): void {
    for (let next = this.#line.shift(); next !== undefined; next = this.#line.shift()) next();
  }

  joinerEnd() {
    return this.joinerEffects.find(isEnd);
  }

  hostEnd() {
    return this.hostEffects.find(isEnd);
  }
}

const isEnd = <E extends { readonly type: string }>(
  effect: E,
): effect is Extract<E, { type: 'succeeded' | 'failed' }> =>
  effect.type === 'succeeded' || effect.type === 'failed';
