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
import { Broker, type BrokerListener, type Introduction } from './broker.ts';
import { type LinkConfig, newRtc, type Rtc } from './config.ts';
import { type AttemptGuard, proveAsHost } from './proof.ts';
import { ProvenLink } from './provenLink.ts';
import { randomBytes, randomId } from './random.ts';
import { stayRegistered } from './registration.ts';

/** Nameplates tried at each length before a longer one is taken. */
const TRIES_PER_LENGTH = 5;

/**
 * Strangers whose proof is looked at in one go. Each has a connection and five seconds a step; more of them would fill the
 * memory of a page that just waits.
 */
const MAX_STRANGERS = 16;

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
  #guard: GuardState = newGuard(drawWords(randomBytes));
  #nextAttempt: AttemptId = 0;
  #strangerCount = 0;
  #nameplate: string | undefined;

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
  }

  async #run(): Promise<void> {
    const rtc = await newRtc(this.#config);
    await stayRegistered(
      {
        open: (listener) => this.#openBroker(rtc, listener),
        opened: () => {
          this.#listener.opened(formatLink(this.#siteUrl, this.#nameplate!, this.#linkSecret));
          this.#showCode();
        },
        retrying: (fault) => this.#listener.retrying(fault),
        introduced: (stranger) => this.#check(stranger, rtc),
      },
      this.#ended.signal,
    );
  }

  /** Under the nameplate we have, or a first one: longer when the shorter ones are taken. */
  async #openBroker(rtc: Rtc, listener: BrokerListener): Promise<Broker> {
    if (this.#nameplate !== undefined) return this.#openAs(this.#nameplate, rtc, listener);
    for (let digits = MIN_NAMEPLATE_DIGITS; digits <= MAX_NAMEPLATE_DIGITS; digits += 1) {
      for (let i = 0; i < TRIES_PER_LENGTH; i += 1) {
        const nameplate = drawNameplate(randomBytes, digits);
        try {
          const broker = await this.#openAs(nameplate, rtc, listener);
          this.#nameplate = nameplate;
          return broker;
        } catch (error) {
          if (!(error instanceof TransferError) || error.fault.code !== 'no-nameplate') throw error;
        }
      }
    }
    throw new TransferError({ code: 'no-nameplate' });
  }

  #openAs(nameplate: string, rtc: Rtc, listener: BrokerListener): Promise<Broker> {
    const address = this.#config.brokers[0]!;
    const id = rendezvousId({ nameplate });
    return Broker.open(
      { address, rtc: rtc.configuration, id, token: this.#token },
      listener,
      this.#ended.signal,
    );
  }

  /** Somebody dialled: nothing is theirs before the proof. */
  #check(stranger: Introduction, rtc: Rtc): void {
    if (this.#strangerCount >= MAX_STRANGERS) {
      stranger.close();
      return;
    }
    this.#strangerCount += 1;
    const attempt = this.#nextAttempt;
    this.#nextAttempt += 1;
    const { words } = this.#guard;
    const secrets = { link: this.#linkSecret, ...(words === undefined ? {} : { code: words }) };
    const proof = proveAsHost(stranger, rtc.certificate, secrets, this.#guardFor(attempt));
    const over = () => {
      this.#strangerCount -= 1;
    };
    proof.then(over, over);
    proof.then(
      (proven) => this.#listener.joined(new ProvenLink('host', proven, rtc.configuration)),
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
