import {
  drawLinkSecret,
  drawNameplate,
  drawWords,
  formatCode,
  formatLink,
  MAX_NAMEPLATE_DIGITS,
  MIN_NAMEPLATE_DIGITS,
  rendezvousId,
} from '../handshake/credentials.ts';
import {
  type AttemptId,
  type GuardEvent,
  type GuardState,
  newGuard,
  stepGuard,
} from '../handshake/guessGuard.ts';
import type { LockRefusal } from '../handshake/hostHandshake.ts';
import type { HostedShare, HostListener } from '../ports/meeting.ts';
import { TransferError } from '../protocol/faults.ts';
import { Backoff } from './backoff.ts';
import { Broker, type Introduction } from './broker.ts';
import { newCertificate } from './certificate.ts';
import type { LinkConfig } from './config.ts';
import type { AttemptGuard } from './proof.ts';
import { proveAsHost } from './proof.ts';
import { ProvenLink } from './provenLink.ts';
import { randomBytes, randomId } from './random.ts';

/** Nameplates tried at each length before a longer one is taken. */
const TRIES_PER_LENGTH = 5;

/**
 * One open share: registered at the broker under its nameplate for as long as it is open, checking
 * everyone who dials. The nameplate and the link stay while the words are burned and drawn again.
 */
export class HostShare implements HostedShare {
  readonly #config: LinkConfig;
  readonly #siteUrl: string;
  readonly #listener: HostListener;
  readonly #ended = new AbortController();
  readonly #token = randomId();
  readonly #linkSecret = drawLinkSecret(randomBytes);
  readonly #backoff = new Backoff();
  #guard: GuardState = newGuard(drawWords(randomBytes));
  #nextAttempt: AttemptId = 0;
  #nameplate: string | undefined;
  #broker: Broker | undefined;
  #rtc: RTCConfiguration = {};
  #certificate: RTCCertificate | undefined;

  constructor(config: LinkConfig, siteUrl: string, listener: HostListener) {
    this.#config = config;
    this.#siteUrl = siteUrl;
    this.#listener = listener;
    this.#run().catch((error: unknown) => {
      if (this.#ended.signal.aborted) return;
      if (!(error instanceof TransferError)) throw error;
      listener.failed(error.fault);
    });
  }

  setOnePersonOnly(isOn: boolean): void {
    this.#stepGuard({ type: 'one-person-only-set', isOn });
  }

  close(): void {
    this.#ended.abort();
    this.#broker?.close();
  }

  async #run(): Promise<void> {
    const { iceServers, iceTransportPolicy } = this.#config;
    this.#certificate = await newCertificate();
    this.#rtc = {
      iceServers: [...iceServers],
      iceTransportPolicy,
      certificates: [this.#certificate],
    };
    await this.#stayRegistered();
  }

  /** Registers, and again whenever the broker was lost. Rejects when no nameplate is to be had. */
  async #stayRegistered(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        const { lost } = await this.#register();
        this.#backoff.reset();
        await lost;
      } catch (error) {
        if (!(error instanceof TransferError) || error.fault.code !== 'broker-unreachable')
          throw error;
      }
      if (signal.aborted) return;
      this.#listener.retrying({ code: 'broker-unreachable' });
      await this.#backoff.wait(signal);
    }
  }

  /** Resolves once the registration stands; `lost` resolves when it has ended. */
  async #register(): Promise<{ readonly lost: Promise<void> }> {
    let tellLost: () => void = () => {};
    const lost = new Promise<void>((resolve) => {
      tellLost = resolve;
    });
    const broker = await this.#openBroker({
      introduced: (stranger) => this.#check(stranger),
      lost: () => tellLost(),
    });
    this.#broker = broker;
    this.#ended.signal.addEventListener('abort', () => tellLost(), { once: true });
    this.#listener.opened(formatLink(this.#siteUrl, this.#nameplate!, this.#linkSecret));
    this.#showCode();
    return { lost };
  }

  /** Under the nameplate we have, or a first one: longer when the shorter ones are taken. */
  async #openBroker(listener: {
    introduced(stranger: Introduction): void;
    lost(): void;
  }): Promise<Broker> {
    if (this.#nameplate !== undefined) return this.#openAs(this.#nameplate, listener);
    for (let digits = MIN_NAMEPLATE_DIGITS; digits <= MAX_NAMEPLATE_DIGITS; digits += 1) {
      for (let i = 0; i < TRIES_PER_LENGTH; i += 1) {
        const nameplate = drawNameplate(randomBytes, digits);
        try {
          const broker = await this.#openAs(nameplate, listener);
          this.#nameplate = nameplate;
          return broker;
        } catch (error) {
          if (!(error instanceof TransferError) || error.fault.code !== 'no-nameplate') throw error;
        }
      }
    }
    throw new TransferError({ code: 'no-nameplate' });
  }

  #openAs(
    nameplate: string,
    listener: { introduced(stranger: Introduction): void; lost(): void },
  ): Promise<Broker> {
    const id = rendezvousId({ nameplate });
    const address = this.#config.brokers[0]!;
    return Broker.open(
      { address, rtc: this.#rtc, id, token: this.#token },
      listener,
      this.#ended.signal,
    );
  }

  /** Somebody dialled: nothing is theirs before the proof. */
  #check(stranger: Introduction): void {
    const attempt = this.#nextAttempt;
    this.#nextAttempt += 1;
    const { words } = this.#guard;
    const secrets = { link: this.#linkSecret, ...(words === undefined ? {} : { code: words }) };
    proveAsHost(stranger, this.#certificate!, secrets, this.#guardFor(attempt)).then(
      (proven) => this.#listener.joined(new ProvenLink('host', proven, this.#rtc)),
      (error: unknown) => {
        // A stranger who failed is not our person's business; burned words are shown by the guard.
        if (!(error instanceof TransferError)) throw error;
      },
    );
  }

  #guardFor(attempt: AttemptId): AttemptGuard {
    return {
      acquire: (target) => this.#stepGuard({ type: 'lock-asked', attempt, target }),
      release: (mode, outcome) => {
        this.#stepGuard({ type: 'lock-released', attempt, mode, outcome });
      },
    };
  }

  /** @returns why the lock was refused, when it was asked for and refused */
  #stepGuard(event: GuardEvent): LockRefusal | undefined {
    const [next, effects] = stepGuard(this.#guard, event);
    this.#guard = next;
    let refusal: LockRefusal | undefined;
    for (const effect of effects) {
      switch (effect.type) {
        case 'grant':
          break;
        case 'refuse':
          refusal = effect.why;
          break;
        case 'draw-words':
          this.#stepGuard({ type: 'words-drawn', words: drawWords(randomBytes) });
          this.#showCode();
          break;
        case 'refuse-code':
          this.#showCode();
          break;
      }
    }
    return refusal;
  }

  #showCode(): void {
    if (this.#nameplate === undefined) return;
    const { words, burnedCount } = this.#guard;
    this.#listener.codeChanged(words && formatCode(this.#nameplate, words), burnedCount);
  }
}
