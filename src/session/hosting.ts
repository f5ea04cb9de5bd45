import type { Link } from '../ports/link.ts';
import type { HostedShare, Meeting, ShareCredentials } from '../ports/meeting.ts';
import type { ShareKeep } from '../ports/shareKeep.ts';
import { type Fault, TransferError } from '../protocol/faults.ts';
import { faultOf, rethrow } from './faultOf.ts';
import { contentKept, keptContent, type OutgoingContent } from './outgoingContent.ts';
import type { ShareView } from './view.ts';

export interface HostingParts {
  meeting(): Promise<Meeting>;
  /** Where a share outlives a reload. */
  readonly keep: ShareKeep;
  changed(): void;
  /** Someone joined: `contents` is theirs to take. */
  joined(link: Link, contents: readonly OutgoingContent[]): void;
  /** The share is over, for this reason, or lacks some of what was in it. */
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
  /** There once it was registered. */
  credentials: ShareCredentials | undefined;
}

/** The one share this device may hold open, with what was put into it. */
export class Hosting {
  readonly #parts: HostingParts;
  readonly #contents: OutgoingContent[] = [];
  /** Contents that outlive a reload, or are on their way to it. */
  readonly #kept = new Set<OutgoingContent>();
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
    this.#keep();
  }

  /** Goes on with the share of the page before this one. What it had too much of to keep has to be chosen again. */
  async restore(): Promise<void> {
    const earlier = await this.#parts.keep.take();
    // The person was quicker.
    if (earlier === undefined || this.#share !== undefined) return;
    const contents = earlier.contents.filter(({ bytes }) => bytes !== undefined).map(contentKept);
    const lost = earlier.contents.filter(({ bytes }) => bytes === undefined);
    // What was chosen again after an earlier reload is there twice.
    const names = [...new Set(lost.map(({ title }) => title))];
    this.#contents.push(...contents);
    for (const content of contents) this.#kept.add(content);
    this.#share = this.#begin(earlier.credentials);
    this.open();
    if (names.length > 0) this.#parts.failed({ code: 'source-needed', names });
  }

  open(): void {
    if (this.isOpen) return;
    this.#share ??= this.#begin();
    this.#share.isOpen = true;
    this.#keep();
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

  /** The page is in front again, or the network is back. */
  wake(): void {
    this.#tell((hosted) => hosted.wake());
  }

  stop(): void {
    this.#tell((hosted) => hosted.close());
    if (this.isOpen) this.#inKeep((keep) => keep.forget());
    this.#share = undefined;
    this.#contents.length = 0;
    this.#kept.clear();
    this.#parts.changed();
  }

  #tell(act: (hosted: HostedShare) => void): void {
    this.#share?.hosted.then(act, () => {
      // It never opened; its failure was shown when it happened.
    });
  }

  #begin(earlier?: ShareCredentials): Share {
    const hosted = this.#parts.meeting().then((meeting) =>
      meeting.host(
        {
          opened: (link) => this.#change({ phase: 'open', link, fault: undefined }),
          codeChanged: (code, burnedCount) => this.#codeChanged(code, burnedCount),
          credentialsChanged: (credentials) => {
            if (this.#share === undefined) return;
            this.#share.credentials = credentials;
            this.#keep();
          },
          retrying: (fault) => this.#change({ phase: 'retrying', fault }),
          joined: (link) => this.#welcome(link),
          failed: (fault) => this.#fail(fault),
        },
        earlier,
      ),
    );
    hosted.catch((error: unknown) => this.#fail(faultOf(error)));
    const { burnedCount, isOnePersonOnly } = earlier ?? newShare;
    const view = { ...newShare, burnedCount, isOnePersonOnly };
    return { hosted, view, isOpen: false, credentials: earlier };
  }

  /** Once others may know its code, a share has to outlive this page. */
  #keep(): void {
    if (this.#share?.isOpen !== true || this.#share.credentials === undefined) return;
    const { credentials } = this.#share;
    this.#inKeep((keep) => keep.put(credentials));
    for (const content of this.#contents) {
      if (this.#kept.has(content)) continue;
      this.#kept.add(content);
      this.#inKeep(async (keep) => {
        const kept = await keptContent(content);
        // It may have been stopped meanwhile.
        if (!this.#kept.has(content)) return;
        // Without room for the bytes a later page at least asks for them.
        await keep.add(kept).catch(() => keep.add({ ...kept, bytes: undefined }));
      });
    }
  }

  /** What can't be kept lives as long as this page: the share goes on all the same. */
  #inKeep(act: (keep: ShareKeep) => Promise<void>): void {
    act(this.#parts.keep).catch((error: unknown) => {
      if (!(error instanceof TransferError)) rethrow(error);
    });
  }

  setOnePersonOnly(isOn: boolean): void {
    this.#tell((hosted) => hosted.setOnePersonOnly(isOn));
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
