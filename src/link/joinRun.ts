import { type Credential, rendezvousId } from '../handshake/credentials.ts';
import type { JoinAttempt, JoinListener } from '../ports/meeting.ts';
import { TransferError } from '../protocol/faults.ts';
import { Backoff } from './backoff.ts';
import type { LinkConfig } from './config.ts';
import { dialUntilProven } from './dialing.ts';
import type { Standby } from './standby.ts';

/** Times a path is looked for before the person is told that there is none. */
const MAX_PATH_TRIES = 3;

/** One attempt to join a share: finds the host, tries again while it is not there, proves the secret once. */
export class JoinRun implements JoinAttempt {
  readonly mode: 'code' | 'link';
  readonly #ended = new AbortController();
  readonly #backoff = new Backoff();

  constructor(
    config: LinkConfig,
    standby: Standby,
    credential: Credential,
    listener: JoinListener,
  ) {
    this.mode = credential.mode;
    dialUntilProven(
      {
        config,
        standby,
        hostId: rendezvousId(credential),
        secret: credential,
        maxPathTries: MAX_PATH_TRIES,
        backoff: this.#backoff,
        phaseChanged: (phase, why) => {
          if (!this.#ended.signal.aborted) listener.phaseChanged(phase, why);
        },
      },
      this.#ended.signal,
    ).then(
      (link) => listener.joined(link),
      (error: unknown) => {
        if (this.#ended.signal.aborted) return;
        if (!(error instanceof TransferError)) throw error;
        listener.failed(error.fault);
      },
    );
  }

  wake(): void {
    this.#backoff.skip();
  }

  cancel(): void {
    this.#ended.abort();
  }
}
