import { type Credential, rendezvousId } from '../handshake/credentials.ts';
import type { JoinAttempt, JoinListener } from '../ports/meeting.ts';
import { type Fault, TransferError } from '../protocol/faults.ts';
import { Backoff } from './backoff.ts';
import { Broker, type Introduction } from './broker.ts';
import { newCertificate } from './certificate.ts';
import type { LinkConfig } from './config.ts';
import { ProofError, proveAsJoiner } from './proof.ts';
import { ProvenLink } from './provenLink.ts';
import { randomId } from './random.ts';

/** Faults of a dial that are tried again unasked: nothing was risked, and the other side may just be late. */
const MAY_RETRY: ReadonlySet<Fault['code']> = new Set([
  'broker-unreachable',
  'peer-unavailable',
  'no-path',
]);

/** Times a path is looked for before the person is told that there is none. */
const MAX_PATH_TRIES = 3;

/** One attempt to join a share: finds the host, tries again while it is not there, proves the secret once. */
export class JoinRun implements JoinAttempt {
  readonly mode: 'code' | 'link';
  readonly #config: LinkConfig;
  readonly #credential: Credential;
  readonly #listener: JoinListener;
  readonly #ended = new AbortController();
  readonly #backoff = new Backoff();
  #broker: Broker | undefined;
  #pathTries = 0;

  constructor(config: LinkConfig, credential: Credential, listener: JoinListener) {
    this.mode = credential.mode;
    this.#config = config;
    this.#credential = credential;
    this.#listener = listener;
    this.#run().catch((error: unknown) => {
      if (this.#ended.signal.aborted) return;
      this.cancel();
      if (!(error instanceof TransferError)) throw error;
      listener.failed(error.fault);
    });
  }

  cancel(): void {
    this.#ended.abort();
    this.#leaveBroker();
  }

  async #run(): Promise<void> {
    const certificate = await newCertificate();
    const { iceServers, iceTransportPolicy } = this.#config;
    const rtc: RTCConfiguration = {
      iceServers: [...iceServers],
      iceTransportPolicy,
      certificates: [certificate],
    };
    const { signal } = this.#ended;
    this.#listener.phaseChanged('finding', undefined);
    for (;;) {
      try {
        const introduction = await this.#dial(rtc, signal);
        this.#listener.phaseChanged('checking', undefined);
        const proven = await proveAsJoiner(introduction, certificate, this.#credential);
        signal.throwIfAborted();
        // Nothing of the broker's can reach the link from here on.
        this.#leaveBroker();
        this.#listener.joined(new ProvenLink('joiner', proven, rtc));
        return;
      } catch (error) {
        const fault = this.#retryable(error);
        this.#listener.phaseChanged('finding', fault);
      }
      await this.#backoff.wait(signal);
    }
  }

  async #dial(rtc: RTCConfiguration, signal: AbortSignal): Promise<Introduction> {
    this.#broker ??= await this.#openBroker(rtc, signal);
    const connecting = () => this.#listener.phaseChanged('connecting', undefined);
    return this.#broker.dial(rendezvousId(this.#credential), connecting, signal);
  }

  #openBroker(rtc: RTCConfiguration, signal: AbortSignal): Promise<Broker> {
    const address = this.#config.brokers[0]!;
    return Broker.open(
      { address, rtc, id: randomId(), token: randomId() },
      // Nobody knows this random id but the host we dial: whoever dials it is not welcome.
      { introduced: (stranger) => stranger.close(), lost: () => this.#leaveBroker() },
      signal,
    );
  }

  #leaveBroker(): void {
    this.#broker?.close();
    this.#broker = undefined;
  }

  /** The fault to show while trying again. Rethrows what must not be tried again. */
  #retryable(error: unknown): Fault {
    this.#ended.signal.throwIfAborted();
    if (!(error instanceof TransferError)) throw error;
    if (error instanceof ProofError) {
      if (!error.mayRetry) throw error;
    } else if (!MAY_RETRY.has(error.fault.code)) {
      throw error;
    }
    if (error.fault.code === 'no-path') {
      this.#pathTries += 1;
      if (this.#pathTries >= MAX_PATH_TRIES) throw error;
    }
    if (error.fault.code === 'broker-unreachable') this.#leaveBroker();
    return error.fault;
  }
}
