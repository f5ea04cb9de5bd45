import type { Link } from '../ports/link.ts';
import type { JoinAttempt, Meeting } from '../ports/meeting.ts';
import type { Fault } from '../protocol/faults.ts';
import { faultOf } from './faultOf.ts';
import type { JoinView } from './view.ts';

export interface JoiningParts {
  meeting(): Promise<Meeting>;
  changed(): void;
  joined(link: Link): void;
}

interface Attempt {
  /** As typed, pasted, scanned or taken from the address bar. */
  readonly text: string;
  /** Undefined while a link waits for its tap, and when the text was no code. */
  readonly running: Promise<JoinAttempt | undefined>;
  readonly view: JoinView;
}

/** The one attempt of this device to join another's share. */
export class Joining {
  readonly #parts: JoiningParts;
  #attempt: Attempt | undefined;

  constructor(parts: JoiningParts) {
    this.#parts = parts;
  }

  get view(): JoinView | undefined {
    return this.#attempt?.view;
  }

  /** A link the page was opened with: it waits for a tap (design section 5). */
  arrive(link: string): void {
    this.cancel();
    this.#attempt = {
      text: link,
      running: Promise.resolve(undefined),
      view: { phase: 'confirming', mode: 'link', fault: undefined },
    };
    this.#parts.changed();
  }

  /** The tap. */
  confirm(): void {
    if (this.#attempt !== undefined) this.start(this.#attempt.text);
  }

  start(text: string): void {
    this.cancel();
    const running = this.#parts.meeting().then((meeting) => this.#join(meeting, text));
    this.#attempt = { text, running, view: { phase: 'finding', mode: 'code', fault: undefined } };
    running.catch((error: unknown) => this.#fail(faultOf(error)));
    this.#parts.changed();
  }

  /** The page is in front again, or the network is back. */
  wake(): void {
    this.#tell((attempt) => attempt.wake());
  }

  cancel(): void {
    this.#tell((attempt) => attempt.cancel());
    this.#attempt = undefined;
    this.#parts.changed();
  }

  #tell(act: (attempt: JoinAttempt) => void): void {
    this.#attempt?.running.then(
      (attempt) => {
        if (attempt !== undefined) act(attempt);
      },
      () => {
        // It failed before it began; that was shown.
      },
    );
  }

  #join(meeting: Meeting, text: string): JoinAttempt | undefined {
    // Cancelled while PeerJS was loading.
    if (this.#attempt?.text !== text) return undefined;
    const attempt = meeting.join(text, {
      phaseChanged: (phase, fault) => this.#change({ phase, fault }),
      joined: (link) => {
        this.#attempt = undefined;
        this.#parts.joined(link);
      },
      failed: (fault) => this.#fail(fault),
    });
    if ('code' in attempt) {
      this.#fail(attempt);
      return undefined;
    }
    this.#change({ mode: attempt.mode });
    return attempt;
  }

  #fail(fault: Fault): void {
    this.#change({ phase: 'failed', fault });
  }

  #change(change: Partial<JoinView>): void {
    if (this.#attempt === undefined) return;
    this.#attempt = { ...this.#attempt, view: { ...this.#attempt.view, ...change } };
    this.#parts.changed();
  }
}
