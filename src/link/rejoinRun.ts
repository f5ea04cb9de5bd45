import { resumeRendezvousId, resumeToken } from '../handshake/credentials.ts';
import type { Cancellable, RejoinListener } from '../ports/meeting.ts';
import { TransferError } from '../protocol/faults.ts';
import { Backoff } from './backoff.ts';
import { Broker, type Introduction } from './broker.ts';
import { type LinkConfig, newRtc, type Rtc } from './config.ts';
import { dialUntilProven } from './dialing.ts';
import { proveAsHost } from './proof.ts';
import { ProvenLink } from './provenLink.ts';
import { stayRegistered } from './registration.ts';

/** Wrong proofs of a key nobody can guess: somebody else sits at the rendezvous, or the keys have parted. */
const MAX_WRONG_PROOFS = 3;

/**
 * There was a path between the two before: it is there again within a moment, or not yet. Every other try has
 * time for a slow relay.
 */
const PATH_PATIENCE_MS = [5_000, 10_000] as const;

/**
 * It answered before within a moment. An offer to a page that was just going, or to a socket that a lost network left behind, is
 * answered by nobody, and meanwhile the page may be back: so most are not waited for long, and some have time for a slow broker.
 */
const ANSWER_PATIENCE_MS = [1_000, 2_000, 1_000, 5_000] as const;

/**
 * Tries that are made in quick succession, a minute or two of them with a broker that answers: the other page may be back any moment.
 */
const QUICK_TRIES = 40;

/** How long the former host trusts the broker to remember it while nobody comes, ms. */
const RENEW_AFTER_MS = 30_000;

/** A dial the peer has given up must not keep its place among the few the host looks at. */
const DIAL_PATIENCE_MS = Math.max(...PATH_PATIENCE_MS) + 3_000;

/**
 * Looks for a peer of an earlier link at the rendezvous only the two of them know: the former host waits there,
 * the former joiner dials. Goes on until it is found, or cancelled.
 */
export class RejoinRun implements Cancellable {
  readonly #config: LinkConfig;
  readonly #key: Uint8Array<ArrayBuffer>;
  readonly #listener: RejoinListener;
  readonly #ended = new AbortController();
  #wrongProofs = 0;

  constructor(
    role: 'host' | 'joiner',
    config: LinkConfig,
    key: Uint8Array<ArrayBuffer>,
    listener: RejoinListener,
  ) {
    this.#config = config;
    this.#key = key;
    this.#listener = listener;
    const looking = role === 'host' ? this.#wait() : this.#dial();
    looking.catch((error: unknown) => {
      if (this.#ended.signal.aborted) return;
      this.cancel();
      if (!(error instanceof TransferError)) throw error;
      listener.failed(error.fault);
    });
  }

  cancel(): void {
    this.#ended.abort();
  }

  async #dial(): Promise<void> {
    const { signal } = this.#ended;
    const link = await dialUntilProven(
      {
        config: this.#config,
        hostId: resumeRendezvousId(this.#key),
        secret: { mode: 'resume', key: this.#key },
        maxPathTries: Number.POSITIVE_INFINITY,
        pathPatienceMs: PATH_PATIENCE_MS,
        answerPatienceMs: ANSWER_PATIENCE_MS,
        backoff: new Backoff(QUICK_TRIES),
        phaseChanged: () => {
          // Nobody watches the steps of a reconnection: the transfer says that it waits.
        },
      },
      signal,
    );
    this.#found(link);
  }

  async #wait(): Promise<void> {
    const rtc = await newRtc(this.#config);
    await stayRegistered(
      {
        open: (listener) => this.#openBroker(rtc, listener),
        opened: () => {
          // The peer dials when it is there.
        },
        retrying: () => {
          // It goes on by itself; the transfer says that it waits.
        },
        introduced: (stranger) => this.#check(stranger, rtc),
        renewAfterMs: RENEW_AFTER_MS,
        backoff: new Backoff(QUICK_TRIES),
      },
      this.#ended.signal,
    );
  }

  async #openBroker(rtc: Rtc, listener: Parameters<typeof Broker.open>[1]): Promise<Broker> {
    try {
      return await Broker.open(
        {
          address: this.#config.brokers[0]!,
          rtc: rtc.configuration,
          id: resumeRendezvousId(this.#key),
          // The same for every try, so that a socket the broker still holds for us gives way.
          token: resumeToken(this.#key),
          dialPatienceMs: DIAL_PATIENCE_MS,
        },
        listener,
        this.#ended.signal,
      );
    } catch (error) {
      // Taken by somebody: the broker is not to be used for this now, which another try may change.
      if (error instanceof TransferError && error.fault.code === 'no-nameplate') {
        throw new TransferError({ code: 'broker-unreachable' }, { cause: error });
      }
      throw error;
    }
  }

  #check(stranger: Introduction, rtc: Rtc): void {
    const guard = {
      acquire: () => undefined,
      release: (_mode: unknown, outcome: string) => {
        if (outcome === 'wrong') this.#wrongProofs += 1;
      },
    };
    proveAsHost(stranger, rtc.certificate, { resume: this.#key }, guard).then(
      (proven) => this.#found(new ProvenLink('host', proven, rtc.configuration)),
      (error: unknown) => {
        if (!(error instanceof TransferError)) throw error;
        if (this.#wrongProofs >= MAX_WRONG_PROOFS && !this.#ended.signal.aborted) {
          this.cancel();
          this.#listener.failed(error.fault);
        }
      },
    );
  }

  #found(link: ProvenLink): void {
    if (this.#ended.signal.aborted) {
      // Not a goodbye: the peer would take it for one, and it has found us already.
      link.abandon();
      return;
    }
    this.cancel();
    this.#listener.joined(link);
  }
}
