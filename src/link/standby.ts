import { Broker } from './broker.ts';
import { type LinkConfig, newRtc, type Rtc } from './config.ts';
import { randomId } from './random.ts';

/**
 * How long a registration waits for its use, ms. A browser that slept has dead sockets that look alive, so what is older
 * is not used.
 */
const KEPT_MS = 60_000;

/** A place at the broker to dial from, under an id nobody knows, and what its connections are made with. */
export interface Desk {
  readonly rtc: Rtc;
  readonly broker: Broker;
  /** Called once the broker is gone; set by whoever uses the desk. */
  lost: () => void;
}

/** @throws TransferError `broker-unreachable`; `signal.reason` when aborted */
export async function openDesk(config: LinkConfig, rtc: Rtc, signal: AbortSignal): Promise<Desk> {
  let isLost = false;
  let tell = () => {
    isLost = true;
  };
  const broker = await Broker.open(
    { address: config.brokers[0]!, rtc: rtc.configuration, id: randomId(), token: randomId() },
    // Nobody knows this random id but the host that is dialled: whoever dials it is not welcome.
    { introduced: (stranger) => stranger.close(), lost: () => tell() },
    signal,
  );
  return {
    rtc,
    broker,
    set lost(told: () => void) {
      tell = told;
      if (isLost) told();
    },
  };
}

/** A desk opened ahead, while the person is still typing: the first dial then costs no round trip of the broker's socket. */
export class Standby {
  readonly #config: LinkConfig;
  #held:
    | { readonly desk: Promise<Desk>; readonly since: number; readonly ended: AbortController }
    | undefined;

  constructor(config: LinkConfig) {
    this.#config = config;
  }

  /** Opens a desk unless a fresh one is there. Never fails: dialling opens its own then. */
  prepare(): void {
    if (this.#isFresh) return;
    this.#drop();
    const ended = new AbortController();
    const desk = newRtc(this.#config).then((rtc) => openDesk(this.#config, rtc, ended.signal));
    const held = { desk, since: performance.now(), ended };
    this.#held = held;
    const dropThis = () => {
      if (this.#held === held) this.#drop();
    };
    desk.then((open) => {
      open.lost = dropThis;
      setTimeout(dropThis, KEPT_MS);
    }, dropThis);
  }

  /** Hands over the desk that was prepared; `undefined` when there is none. */
  async take(): Promise<Desk | undefined> {
    const held = this.#held;
    if (!this.#isFresh || held === undefined) return undefined;
    this.#held = undefined;
    try {
      return await held.desk;
    } catch {
      // The broker could not be reached then; whoever dials finds out whether it can be now.
      return undefined;
    }
  }

  get #isFresh(): boolean {
    return this.#held !== undefined && performance.now() - this.#held.since < KEPT_MS;
  }

  #drop(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.ended.abort();
    held?.desk.then(
      ({ broker }) => broker.close(),
      () => {
        // It never opened.
      },
    );
  }
}
