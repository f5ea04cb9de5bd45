/**
 * Where devices meet: the composition of the `link/` folder behind the {@link Meeting} port. Loaded lazily,
 * with PeerJS and the handshake, once somebody shares or joins.
 */
import { parseCredential } from '../handshake/credentials.ts';
import type { Link } from '../ports/link.ts';
import type {
  Cancellable,
  HostedShare,
  HostListener,
  JoinAttempt,
  JoinListener,
  Meeting,
  RejoinListener,
  ShareCredentials,
} from '../ports/meeting.ts';
import type { Fault } from '../protocol/faults.ts';
import type { LinkConfig } from './config.ts';
import { HostShare } from './hostShare.ts';
import { JoinRun } from './joinRun.ts';
import { RejoinRun } from './rejoinRun.ts';
import { Standby } from './standby.ts';

export class PeerMeeting implements Meeting {
  readonly #config: LinkConfig;
  /** Address of the app without a trailing slash: links begin with it. */
  readonly #siteUrl: string;
  readonly #standby: Standby;

  constructor(config: LinkConfig, siteUrl: string) {
    this.#config = config;
    this.#siteUrl = siteUrl;
    this.#standby = new Standby(config);
  }

  prepareToJoin(): void {
    this.#standby.prepare();
  }

  host(listener: HostListener, earlier?: ShareCredentials): HostedShare {
    return new HostShare(this.#config, this.#siteUrl, listener, earlier);
  }

  join(codeOrLink: string, listener: JoinListener): JoinAttempt | Fault {
    const credential = parseCredential(codeOrLink);
    return 'code' in credential
      ? credential
      : new JoinRun(this.#config, this.#standby, credential, listener);
  }

  rejoin(
    role: Link['role'],
    resumeKey: Uint8Array<ArrayBuffer>,
    listener: RejoinListener,
  ): Cancellable {
    return new RejoinRun(role, this.#config, resumeKey, listener);
  }
}
