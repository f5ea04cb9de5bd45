import type { Link } from '../ports/link.ts';
import type { HostedShare, Meeting } from '../ports/meeting.ts';
import type { Fault } from '../protocol/faults.ts';
import { faultOf, rethrow } from './faultOf.ts';
import type { OutgoingContent } from './outgoingContent.ts';
import type { ShareView } from './view.ts';

export interface HostingParts {
  meeting(): Promise<Meeting>;
  changed(): void;
  /** Someone joined: `contents` is theirs to take. */
  joined(link: Link, contents: readonly OutgoingContent[]): void;
  /** The share is over, for this reason. */
  failed(fault: Fault): void;
}

const newShare: ShareView = {
  phase: 'opening',
  code: undefined,
  link: undefined,
  burnedCount: 0,
  isOnePersonOnly: false,
  items: [],
  fault: undefined,
};

/** The one share this device may hold open, with what was put into it. */
export class Hosting {
  readonly #parts: HostingParts;
  readonly #contents: OutgoingContent[] = [];
  #open: { readonly hosted: Promise<HostedShare>; readonly view: ShareView } | undefined;

  constructor(parts: HostingParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  get view(): ShareView | undefined {
    const items = this.#contents.map(({ kind, title, entries, totalBytes }) => ({
      kind,
      title,
      fileCount: entries.filter((entry) => entry.kind !== 'folder').length,
      totalBytes,
    }));
    return this.#open && { ...this.#open.view, items };
  }

  /** Puts `content` into the share, and opens it when it is not. */
  add(content: OutgoingContent): void {
    this.#contents.push(content);
    this.open();
  }

  open(): void {
    if (this.#open !== undefined) return;
    const hosted = this.#parts.meeting().then((meeting) =>
      meeting.host({
        opened: (link) => this.#change({ phase: 'open', link, fault: undefined }),
        codeChanged: (code, burnedCount) => this.#codeChanged(code, burnedCount),
        retrying: (fault) => this.#change({ phase: 'retrying', fault }),
        joined: (link) => this.#welcome(link),
        failed: (fault) => this.#fail(fault),
      }),
    );
    this.#open = { hosted, view: newShare };
    hosted.catch((error: unknown) => this.#fail(faultOf(error)));
    this.#parts.changed();
  }

  stop(): void {
    this.#open?.hosted.then(
      (hosted) => hosted.close(),
      () => {
        // It never opened; its failure was shown when it happened.
      },
    );
    this.#open = undefined;
    this.#contents.length = 0;
    this.#parts.changed();
  }

  setOnePersonOnly(isOn: boolean): void {
    this.#open?.hosted.then((hosted) => hosted.setOnePersonOnly(isOn), rethrow);
    this.#change({ isOnePersonOnly: isOn });
  }

  #welcome(link: Link): void {
    // Stopped while somebody was proving the code.
    if (this.#open === undefined) link.close({ code: 'peer-left' });
    else this.#parts.joined(link, this.#contents);
  }

  #codeChanged(code: string | undefined, burnedCount: number): void {
    const isBurned = burnedCount > (this.#open?.view.burnedCount ?? 0);
    this.#change({ code, burnedCount, ...(isBurned ? { fault: { code: 'not-verified' } } : {}) });
  }

  #change(change: Partial<ShareView>): void {
    if (this.#open === undefined) return;
    this.#open = { ...this.#open, view: { ...this.#open.view, ...change } };
    this.#parts.changed();
  }

  #fail(fault: Fault): void {
    this.stop();
    this.#parts.failed(fault);
  }
}
