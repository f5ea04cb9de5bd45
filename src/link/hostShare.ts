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
  guardAgain,
  newGuard,
  stepGuard,
} from '../handshake/guessGuard.ts';
import type { LockRefusal } from '../handshake/hostHandshake.ts';
import type { HostedShare, HostListener, ShareCredentials } from '../ports/meeting.ts';
import { TransferError } from '../protocol/faults.ts';
import { Backoff } from './backoff.ts';
import { Broker, type BrokerListener, type Introduction } from './broker.ts';
import { type LinkConfig, newRtc, type Rtc } from './config.ts';
import { type AttemptGuard, proveAsHost } from './proof.ts';
import { ProvenLink } from './provenLink.ts';
import { randomBytes, randomId } from './random.ts';
import { stayRegistered } from './registration.ts';

/** Nameplates tried at each length before a longer one is taken. */
const TRIES_PER_LENGTH = 5;

/** A registration that stands for longer is made anew when the page is back in front, ms. */
const RENEW_ON_WAKE_MS = 30_000;

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
  readonly #token: string;
  readonly #linkSecret: Uint8Array<ArrayBuffer>;
  #guard: GuardState;
  #nextAttempt: AttemptId = 0;
  #strangerCount = 0;
  #nameplate: string | undefined;
  readonly #backoff = new Backoff();
  /** The registration that stood last in this page. */
  #standing: { readonly since: number; readonly renew: () => void } | undefined;

  constructor(
    config: LinkConfig,
    siteUrl: string,
    listener: HostListener,
    earlier?: ShareCredentials,
  ) {
    this.#config = config;
    this.#siteUrl = siteUrl;
    this.#listener = listener;
    this.#token = earlier?.token ?? randomId();
    this.#linkSecret = earlier?.linkSecret ?? drawLinkSecret(randomBytes);
    this.#guard = earlier === undefined ? newGuard(drawWords(randomBytes)) : guardAgain(earlier);
    this.#nameplate = earlier?.nameplate;
    this.#run().catch((error: unknown) => {
      if (this.#ended.signal.aborted) return;
      if (!(error instanceof TransferError)) throw error;
      listener.failed(error.fault);
    });
  }

  setOnePersonOnly(isOn: boolean): void {
    this.#stepGuard({ type: 'one-person-only-set', isOn });
  }

  /** A phone that was asleep may have a socket that looks open and is not. Who is proving the code just now is not disturbed. */
  wake(): void {
    this.#backoff.skip();
    const { since, renew } = this.#standing ?? {};
    if (since === undefined || renew === undefined || this.#strangerCount > 0) return;
    if (performance.now() - since > RENEW_ON_WAKE_MS) renew();
  }

  close(): void {
    this.#ended.abort();
  }

  async #run(): Promise<void> {
    const rtc = await newRtc(this.#config);
    await stayRegistered(
      {
        open: (listener) => this.#openBroker(rtc, listener),
        opened: (renew) => {
          this.#standing = { since: performance.now(), renew };
          this.#listener.opened(formatLink(this.#siteUrl, this.#nameplate!, this.#linkSecret));
          this.#showCode();
          this.#tellCredentials();
        },
        retrying: (fault) => this.#listener.retrying(fault),
        introduced: (stranger) => this.#check(stranger, rtc),
        backoff: this.#backoff,
      },
      this.#ended.signal,
    );
  }

  /** Under the nameplate we have, or a first one: longer when the shorter ones are taken. */
  async #openBroker(rtc: Rtc, listener: BrokerListener): Promise<Broker> {
    if (this.#nameplate !== undefined) {
      try {
        return await this.#openAs(this.#nameplate, rtc, listener);
      } catch (error) {
        if (this.#standing !== undefined || !isTaken(error)) throw error;
      }
    }
    for (let digits = MIN_NAMEPLATE_DIGITS; digits <= MAX_NAMEPLATE_DIGITS; digits += 1) {
      for (let i = 0; i < TRIES_PER_LENGTH; i += 1) {
        const nameplate = drawNameplate(randomBytes, digits);
        try {
          const broker = await this.#openAs(nameplate, rtc, listener);
          this.#nameplate = nameplate;
          return broker;
        } catch (error) {
          if (!isTaken(error)) throw error;
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
    const before = this.#guard;
    const [next, effects] = stepGuard(before, event);
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
    if (isOtherShare(before, this.#guard)) this.#tellCredentials();
    return refusal;
  }

  #tellCredentials(): void {
    if (this.#nameplate === undefined || this.#ended.signal.aborted) return;
    const { words, burnedCount, isOnePersonOnly, hasSucceeded } = this.#guard;
    this.#listener.credentialsChanged({
      nameplate: this.#nameplate,
      token: this.#token,
      linkSecret: this.#linkSecret,
      words,
      burnedCount,
      isOnePersonOnly,
      hasSucceeded,
    });
  }

  #showCode(): void {
    if (this.#nameplate === undefined || this.#ended.signal.aborted) return;
    const { words, burnedCount } = this.#guard;
    this.#listener.codeChanged(words && formatCode(this.#nameplate, words), burnedCount);
  }
}

const isTaken = (error: unknown) =>
  error instanceof TransferError && error.fault.code === 'no-nameplate';

/** Whether what outlives the page is not what it was. */
const isOtherShare = (before: GuardState, now: GuardState) =>
  before.words !== now.words ||
  before.burnedCount !== now.burnedCount ||
  before.isOnePersonOnly !== now.isOnePersonOnly ||
  before.hasSucceeded !== now.hasSucceeded;
