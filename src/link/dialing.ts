import type { HandshakeSecret } from '../handshake/keySchedule.ts';
import { type Fault, TransferError } from '../protocol/faults.ts';
import { Backoff } from './backoff.ts';
import type { Introduction } from './broker.ts';
import { type LinkConfig, newRtc } from './config.ts';
import { ProofError, proveAsJoiner } from './proof.ts';
import { ProvenLink } from './provenLink.ts';
import { type Desk, openDesk, type Standby } from './standby.ts';

export interface DialingParts {
  readonly config: LinkConfig;
  /** Broker id of the host. */
  readonly hostId: string;
  readonly secret: HandshakeSecret;
  /** Times a connection may fail before it is given up: a person wants to know, a resume goes on. */
  readonly maxPathTries: number;
  /**
   * How long ICE may look for a path once the host has answered, ms, try by try and from the start again. It looks
   * ever more slowly, so that a path that was gone for a while is found sooner by asking anew. Without it ICE decides.
   */
  readonly pathPatienceMs?: readonly number[];
  /**
   * How long an offer may stay without any word, ms, try by try and from the start again; after the last of them the broker is left and
   * opened anew, since its socket may be as dead. Without it the broker decides.
   */
  readonly answerPatienceMs?: readonly number[];
  /** Waits between tries; without it the usual ones. */
  readonly backoff?: Backoff;
  /** Where a desk may have been opened ahead. */
  readonly standby?: Standby;
  phaseChanged(phase: 'finding' | 'connecting' | 'checking', why: Fault | undefined): void;
}

/** Faults of a dial that are tried again unasked: nothing was risked, and the other side may just be late. */
const MAY_RETRY: ReadonlySet<Fault['code']> = new Set([
  'broker-unreachable',
  'peer-unavailable',
  'no-path',
]);

/**
 * Dials a host until it answers and proves itself, or the proof fails. Leaves the broker in either case, so
 * that nothing of the broker's can reach the link afterwards.
 * @throws TransferError the fault that ended it; `signal.reason` when aborted
 */
export async function dialUntilProven(
  parts: DialingParts,
  signal: AbortSignal,
): Promise<ProvenLink> {
  const dialing = new Dialing(parts, signal);
  try {
    return await dialing.run();
  } finally {
    dialing.leaveBroker();
  }
}

class Dialing {
  readonly #parts: DialingParts;
  readonly #signal: AbortSignal;
  readonly #backoff: Backoff;
  #desk: Desk | undefined;
  #tries = 0;
  #pathTries = 0;

  constructor(parts: DialingParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#backoff = parts.backoff ?? new Backoff();
    this.#signal = signal;
  }

  async run(): Promise<ProvenLink> {
    const { config, secret, standby, phaseChanged } = this.#parts;
    phaseChanged('finding', undefined);
    const prepared = await standby?.take();
    const rtc = prepared?.rtc ?? (await newRtc(config));
    if (prepared !== undefined) this.#use(prepared);
    for (;;) {
      try {
        if (this.#desk === undefined) this.#use(await openDesk(config, rtc, this.#signal));
        const introduction = await this.#dial();
        phaseChanged('checking', undefined);
        const proven = await proveAsJoiner(introduction, rtc.certificate, secret);
        if (this.#signal.aborted) introduction.close();
        this.#signal.throwIfAborted();
        return new ProvenLink('joiner', proven, rtc.configuration);
      } catch (error) {
        phaseChanged('finding', this.#retryable(error));
      }
      await this.#backoff.wait(this.#signal);
    }
  }

  leaveBroker(): void {
    this.#desk?.broker.close();
    this.#desk = undefined;
  }

  #use(desk: Desk): void {
    this.#desk = desk;
    desk.lost = () => this.leaveBroker();
  }

  async #dial(): Promise<Introduction> {
    const { hostId, phaseChanged, pathPatienceMs, answerPatienceMs } = this.#parts;
    // Gone in the moment it was opened.
    if (this.#desk === undefined) throw new TransferError({ code: 'broker-unreachable' });
    const attempt = new Attempt(this.#signal);
    const answerPatience = turnOf(answerPatienceMs, this.#tries);
    this.#tries += 1;
    const isLastTurn =
      answerPatienceMs !== undefined && this.#tries % answerPatienceMs.length === 0;
    attempt.giveUpAfter(answerPatience, isLastTurn ? 'broker-unreachable' : 'peer-unavailable');
    const answered = () => {
      phaseChanged('connecting', undefined);
      attempt.giveUpAfter(turnOf(pathPatienceMs, this.#pathTries), 'no-path');
    };
    try {
      return await this.#desk.broker.dial(hostId, answered, attempt.signal);
    } finally {
      attempt.end();
    }
  }

  /**
   * A dial that ended at somebody else's certificate risked nothing: a person is told of it, and a resume goes on,
   * or a broker could end it for good by lying once.
   */
  #mayRetry(error: TransferError): boolean {
    if (error instanceof ProofError) return error.mayRetry;
    const { code } = error.fault;
    return code === 'not-verified'
      ? this.#parts.maxPathTries === Number.POSITIVE_INFINITY
      : MAY_RETRY.has(code);
  }

  /** The fault to show while trying again. Rethrows what must not be tried again. */
  #retryable(error: unknown): Fault {
    this.#signal.throwIfAborted();
    if (!(error instanceof TransferError)) throw error;
    const { fault } = error;
    if (!this.#mayRetry(error)) throw error;
    if (fault.code === 'no-path') {
      this.#pathTries += 1;
      if (this.#pathTries >= this.#parts.maxPathTries) throw error;
      // The host is there and answers; only the path is missing, and it was waited for already.
      if (this.#parts.pathPatienceMs !== undefined) this.#backoff.reset();
    }
    if (fault.code === 'broker-unreachable') this.leaveBroker();
    return fault;
  }
}

const turnOf = (list: readonly number[] | undefined, turn: number) => list?.[turn % list.length];

/** One try of many: ends with all of them, or earlier by itself. */
class Attempt {
  readonly #all: AbortSignal;
  readonly #ended = new AbortController();
  readonly #stop = () => this.#ended.abort(this.#all.reason);
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(all: AbortSignal) {
    this.#all = all;
    all.addEventListener('abort', this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Instead of what it was to be given up for before; not at all when `ms` is undefined. */
  giveUpAfter(
    ms: number | undefined,
    code: 'peer-unavailable' | 'broker-unreachable' | 'no-path',
  ): void {
    clearTimeout(this.#patience);
    if (ms === undefined) return;
    this.#patience = setTimeout(() => this.#ended.abort(new TransferError({ code })), ms);
  }

  end(): void {
    clearTimeout(this.#patience);
    this.#all.removeEventListener('abort', this.#stop);
  }
}
