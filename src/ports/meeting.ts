import type { Fault } from '../protocol/faults.ts';
import type { Link } from './link.ts';

/** What makes a share the one it is: whoever has it can open the same one again. Secret. */
export interface ShareCredentials {
  /** 4 to 6 digits. */
  readonly nameplate: string;
  /** Shows the broker that the nameplate is ours. */
  readonly token: string;
  /** 16 bytes. */
  readonly linkSecret: Uint8Array<ArrayBuffer>;
  /** `undefined` once no words are taken any more. */
  readonly words: readonly [string, string, string] | undefined;
  /** Wrong guesses so far: a reload gives nobody more of them. */
  readonly burnedCount: number;
  readonly isOnePersonOnly: boolean;
  readonly hasSucceeded: boolean;
}

/** What a host's share tells the session. */
export interface HostListener {
  /** The share is registered (or is again, after the broker came back). */
  opened(link: string): void;
  /** The code to show now; `undefined` once only the link is offered. Also after words were burned. */
  codeChanged(code: string | undefined, burnedCount: number): void;
  /** What it takes to open this share again has changed, or is there for the first time. */
  credentialsChanged(credentials: ShareCredentials): void;
  /** The broker is out of reach; it is tried again by itself. Existing links stay. */
  retrying(fault: Fault): void;
  /** A peer proved itself. */
  joined(link: Link): void;
  /** Gave up for good (no nameplate). */
  failed(fault: Fault): void;
}

/** An open share. */
export interface HostedShare {
  setOnePersonOnly(isOn: boolean): void;
  /** The page is in front again, or the network is back: makes sure that the share can be found. */
  wake(): void;
  /** Takes the nameplate down. Links stay. */
  close(): void;
}

/** What joining tells the session. */
export interface JoinListener {
  /** `finding` may come again with another reason while it is tried again. */
  phaseChanged(phase: 'finding' | 'connecting' | 'checking', why: Fault | undefined): void;
  joined(link: Link): void;
  failed(fault: Fault): void;
}

/** What looking for a known peer tells the session. */
export interface RejoinListener {
  joined(link: Link): void;
  /** It will not come to anything: the other side no longer knows us. */
  failed(fault: Fault): void;
}

/** Where two devices meet and prove themselves. Implemented in `link/` over PeerJS. */
export interface Meeting {
  /** @param earlier of a share to be opened again; it gets another nameplate only where somebody has taken its own */
  host(listener: HostListener, earlier?: ShareCredentials): HostedShare;
  /** Somebody is about to join: opens ahead what that takes. Free to call often; never fails. */
  prepareToJoin(): void;
  /**
   * Joins by code or link as typed.
   * @returns the mode, and a way to stop; or the fault of a malformed text, with nothing sent
   */
  join(codeOrLink: string, listener: JoinListener): JoinAttempt | Fault;
  /**
   * Finds a peer of an earlier link again, without a code: tried for as long as it takes. Both ends keep the
   * roles they had.
   * @param resumeKey what that link left both ends with
   */
  rejoin(
    role: Link['role'],
    resumeKey: Uint8Array<ArrayBuffer>,
    listener: RejoinListener,
  ): Cancellable;
}

export interface Cancellable {
  cancel(): void;
}

export interface JoinAttempt extends Cancellable {
  /** The page is in front again, or the network is back: tries at once. */
  wake(): void;
  readonly mode: 'code' | 'link';
}
