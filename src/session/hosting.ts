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

/** A share opened ahead of its use is taken down again after this, ms. */
const UNUSED_MS = 120_000;

interface Share {
  readonly hosted: Promise<HostedShare>;
  view: ShareView;
  /** Somebody asked for it; until then it was only prepared. */
  isOpen: boolean;
}

/** The one share this device may hold open, with what was put into it. */
export class Hosting {
  readonly #parts: HostingParts;
  readonly #contents: OutgoingContent[] = [];
  #share: Share | undefined;

  constructor(parts: HostingParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#share?.isOpen === true;
  }

  get view(): ShareView | undefined {
    const items = this.#contents.map(({ kind, title, entries, totalBytes }) => ({
      kind,
      title,
      fileCount: entries.filter((entry) => entry.kind !== 'folder').length,
      totalBytes,
    }));
    return this.#share?.isOpen === true ? { ...this.#share.view, items } : undefined;
  }

  /** Puts `content` into the share, and opens it when it is not. */
  add(content: OutgoingContent): void {
    this.#contents.push(content);
    this.open();
  }

  open(): void {
    if (this.isOpen) return;
    this.#share ??= this.#begin();
    this.#share.isOpen = true;
    this.#parts.changed();
  }

  /** Somebody is choosing what to share: its code is there sooner when it is asked for meanwhile. */
  prepare(): void {
    if (this.#share !== undefined) return;
    const share = this.#begin();
    this.#share = share;
    setTimeout(() => {
      if (this.#share === share && !share.isOpen) this.stop();
    }, UNUSED_MS);
  }

  stop(): void {
    this.#share?.hosted.then(
      (hosted) => hosted.close(),
      () => {
        // It never opened; its failure was shown when it happened.
      },
    );
    this.#share = undefined;
    this.#contents.length = 0;
    this.#parts.changed();
  }

  #begin(): Share {
    const hosted = this.#parts.meeting().then((meeting) =>
      meeting.host({
        opened: (link) => this.#change({ phase: 'open', link, fault: undefined }),
        codeChanged: (code, burnedCount) => this.#codeChanged(code, burnedCount),
        retrying: (fault) => this.#change({ phase: 'retrying', fault }),
        joined: (link) => this.#welcome(link),
        failed: (fault) => this.#fail(fault),
      }),
    );
    hosted.catch((error: unknown) => this.#fail(faultOf(error)));
    return { hosted, view: newShare, isOpen: false };
  }

  setOnePersonOnly(isOn: boolean): void {
    this.#share?.hosted.then((hosted) => hosted.setOnePersonOnly(isOn), rethrow);
    this.#change({ isOnePersonOnly: isOn });
  }

  #welcome(link: Link): void {
    // Stopped while somebody was proving the code; of one that is only prepared nobody knows the code.
    if (!this.isOpen) link.close({ code: 'peer-left' });
    else this.#parts.joined(link, this.#contents);
  }

  #codeChanged(code: string | undefined, burnedCount: number): void {
    const isBurned = burnedCount > (this.#share?.view.burnedCount ?? 0);
    this.#change({ code, burnedCount, ...(isBurned ? { fault: { code: 'not-verified' } } : {}) });
  }

  #change(change: Partial<ShareView>): void {
    if (this.#share === undefined) return;
    this.#share.view = { ...this.#share.view, ...change };
    this.#parts.changed();
  }

  #fail(fault: Fault): void {
    const wasOpen = this.isOpen;
    this.stop();
    if (wasOpen) this.#parts.failed(fault);
  }
}
