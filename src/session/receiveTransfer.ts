import type { BlockSample, PreparedJob } from '../ports/dataPlane.ts';
import type { JournalEntry } from '../ports/journal.ts';
import type { Link } from '../ports/link.ts';
import type { SavedFile } from '../ports/saver.ts';
import { encodeBase64url } from '../protocol/base64url.ts';
import { type Fault, TransferError } from '../protocol/faults.ts';
import {
  type BlockIndex,
  type FileIndex,
  type TransferId,
  type TransferTag,
  transferTag,
} from '../protocol/ids.ts';
import { type FileSet, IndexSet } from '../protocol/indexSet.ts';
import type { Manifest } from '../protocol/manifest.ts';

import {
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from '../protocol/receiver.ts';
import { StreamLayout } from '../protocol/streamLayout.ts';
import { Machine } from './machine.ts';
import { STARTING_MS, type TransferHost } from './sendTransfer.ts';
import { TransferProgress } from './transferProgress.ts';

/** What a receiving transfer needs beyond {@link TransferHost}. */
export interface ReceiveHost extends TransferHost {
  readonly peerName: string;
  readonly role: Link['role'];
  readonly resumeKey: Uint8Array<ArrayBuffer>;
  /** Tells other tabs to keep off a transfer. */
  claim(id: TransferId): Promise<boolean>;
}

/** The flow's answer to being started. */
interface Opening {
  resolve(): void;
  reject(error: TransferError): void;
}

/** One incoming transfer from one peer: runs the receiver machine against the link and the data plane. */
export class ReceiveTransfer {
  readonly direction = 'receive';
  readonly manifest: Manifest;
  readonly progress: TransferProgress;
  /** Files the person has saved. */
  readonly saved: FileSet;
  /** While many files are being saved: the part that is out, 0 to 1. */
  savingShare: number | undefined;
  readonly #host: ReceiveHost;
  readonly #machine: Machine<ReceiverState, ReceiverEvent, ReceiverEffect>;
  #tag: TransferTag;
  #held: Uint8Array<ArrayBuffer>;
  #samples: readonly BlockSample[] = [];
  #opening: Opening | undefined;
  /** Accepted just now. */
  #isStarting = false;
  readonly #lost = new Set<FileIndex>();
  #content: Blob | undefined;
  #text: string | undefined;

  constructor(
    manifest: Manifest,
    tag: TransferTag,
    host: ReceiveHost,
    initial: ReceiverState = { phase: 'proposed' },
  ) {
    this.manifest = manifest;
    this.#tag = tag;
    this.#host = host;
    this.progress = new TransferProgress(new StreamLayout(manifest));
    this.saved = new IndexSet(manifest.files.length);
    this.#held = new IndexSet(this.progress.layout.blockCount).toBytes();
    this.#machine = new Machine<ReceiverState, ReceiverEvent, ReceiverEffect>({
      initial,
      step: stepReceiver,
      perform: (effect) => this.#perform(effect),
      failed: (error) => {
        if (!(error instanceof TransferError)) throw error;
        return { type: 'faulted', fault: error.fault };
      },
      changed: () => {
        host.changed(this.#isStarting ? STARTING_MS : 0);
        this.#isStarting = false;
      },
    });
  }

  /** A transfer an earlier page knew: waits for its peer, or is done and can be saved. */
  static restored(
    entry: JournalEntry,
    content: Blob | undefined,
    isPaused: boolean,
    host: ReceiveHost,
  ): ReceiveTransfer {
    const isDone = entry.phase === 'done';
    const isAccepted = entry.phase !== 'proposed';
    const transfer = new ReceiveTransfer(
      entry.manifest,
      transferTag(0),
      host,
      isDone
        ? { phase: 'done' }
        : {
            phase: 'waiting',
            fault: { code: 'peer-gone', silentMs: 0 },
            isAccepted,
            pausedByMe: isPaused,
          },
    );
    const { progress } = transfer;
    const wanted = IndexSet.parse<FileIndex>(entry.wanted, progress.layout.fileCount);
    const held = IndexSet.parse<BlockIndex>(entry.held, progress.layout.blockCount);
    if (isAccepted && wanted !== undefined && held !== undefined) progress.choose(wanted, held);
    transfer.#content = content;
    return transfer;
  }

  get state(): ReceiverState {
    return this.#machine.state;
  }

  /** The received text, once it is there. */
  get text(): string | undefined {
    return this.#text;
  }

  get isStored(): boolean {
    return this.#content !== undefined;
  }

  /** It was proposed just now: readies what the worker can while the person decides. */
  async prepare(): Promise<void> {
    await this.#host.claim(this.manifest.id);
    // It may have been cancelled, or taken, meanwhile.
    if (this.state.phase === 'proposed') this.#host.plane.prepareReceive(this.#prepared);
  }

  /** The person takes `wanted`. */
  accept(wanted: FileSet): void {
    if (this.state.phase !== 'proposed') return;
    this.progress.choose(wanted, new IndexSet(this.progress.layout.blockCount));
    this.#isStarting = true;
    this.#machine.dispatch({ type: 'accepted' });
  }

  dispatch(event: ReceiverEvent): void {
    this.#machine.dispatch(event);
  }

  /** The sender can no longer read one of the files: the others go on. */
  lose(file: FileIndex): void {
    const { wanted, layout } = this.progress;
    if (!wanted.delete(file)) return;
    this.#lost.add(file);
    this.progress.choose(wanted, new IndexSet(layout.blockCount));
    this.#machine.dispatch({ type: 'file-lost' });
  }

  /** A file the sender could not go on with. */
  isLost(file: FileIndex): boolean {
    return this.#lost.has(file);
  }

  get lostFault(): Fault | undefined {
    const [first] = this.#lost;
    return first === undefined
      ? undefined
      : { code: 'source-changed', name: this.manifest.files[first]?.path.at(-1) ?? '' };
  }

  /** The sender proposed the same transfer again, under a new tag. */
  proposedAgain(tag: TransferTag): void {
    this.#tag = tag;
    this.#machine.dispatch({ type: 'proposed-again' });
  }

  /** The flow is open; these blocks are there already. */
  receiving(held: Uint8Array<ArrayBuffer>, samples: readonly BlockSample[]): void {
    this.#held = held;
    this.#samples = samples;
    const blocks = IndexSet.parse<BlockIndex>(held, this.progress.layout.blockCount);
    if (blocks !== undefined) this.progress.choose(this.progress.wanted, blocks);
    this.progress.restart(this.#host.now());
    this.#opening?.resolve();
  }

  verified(blocks: readonly BlockIndex[]): void {
    if (this.progress.add(blocks, this.#host.now())) this.#host.changed();
    else this.#host.progressed();
  }

  /** Everything is on the disk and in the journal. A text is read out before the person is told. */
  async stored(content: Blob): Promise<void> {
    this.#content = content;
    await this.readText();
    this.#held = this.progress.layout.blocksOf(this.progress.wanted).toBytes();
    this.progress.complete();
    this.#machine.dispatch({ type: 'stored' });
  }

  /** Reads a received text out of the stored content. */
  async readText(): Promise<void> {
    const only = this.manifest.files.length === 1 ? this.manifest.files[0] : undefined;
    if (only?.kind === 'text') this.#text = await this.#content?.text();
  }

  fail(fault: Fault): void {
    this.#opening?.reject(new TransferError(fault));
    this.#machine.dispatch({ type: 'faulted', fault });
  }

  /** Where the bytes of one file are, on the disk where the store is; `undefined` before the transfer is done. */
  filePlace(file: FileIndex): Pick<SavedFile, 'content' | 'start' | 'end'> | undefined {
    if (this.state.phase !== 'done' || !this.progress.wanted.has(file)) return undefined;
    const { start, end } = this.progress.layout.file(file);
    return this.#content && { content: this.#content, start, end };
  }

  #perform(effect: ReceiverEffect): Promise<void> | void {
    const { plane, send } = this.#host;
    const transfer = this.manifest.id;
    switch (effect.type) {
      case 'start-flow':
        return this.#startFlow();
      case 'tell-accept':
        return send({
          type: 'accept',
          transfer,
          wanted: encodeBase64url(this.progress.wanted.toBytes()),
          held: encodeBase64url(this.#held),
          samples: this.#samples.map(({ block, digest }) => ({
            block,
            digest: encodeBase64url(digest),
          })),
        });
      case 'tell-decline':
        return send({ type: 'decline', transfer });
      case 'tell-pause':
        return send({ type: 'pause', transfer });
      case 'tell-continue':
        return send({ type: 'continue', transfer });
      case 'tell-cancel':
        return send({ type: 'cancel', transfer, reason: effect.reason });
      case 'tell-complete':
        return send({ type: 'complete', transfer });
      case 'stop-flow':
        return plane.stopReceive(transfer, true);
      case 'discard':
        return plane.stopReceive(transfer, false);
    }
  }

  #startFlow(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#host.plane.receive({
        ...this.#prepared,
        tag: this.#tag,
        wanted: this.progress.wanted.toBytes(),
      });
    });
  }

  get #prepared(): PreparedJob {
    const { peerName, role, resumeKey } = this.#host;
    return { manifest: this.manifest, peerName, role, resumeKey };
  }
}
