import type { Fault } from '../protocol/faults.ts';
import type { Link } from './link.ts';

/** What a host's share tells the session. */
export interface HostListener {
  /** The share is registered (or is again, after the broker came back). */
  opened(link: string): void;
  /** The code to show now; `undefined` once only the link is offered. Also after words were burned. */
  codeChanged(code: string | undefined, burnedCount: number): void;
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
  host(listener: HostListener): HostedShare;
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
  readonly mode: 'code' | 'link';
}
