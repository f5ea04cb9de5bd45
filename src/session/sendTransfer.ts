import type { BlockSample, DataPlane } from '../ports/dataPlane.ts';
import type { PickedFile } from '../ports/pickedItem.ts';
import type { SendSources } from '../ports/sendJournal.ts';
import { decodeBase64url } from '../protocol/base64url.ts';
import { type Fault, TransferError } from '../protocol/faults.ts';
import {
  type BlockIndex,
  blockIndex,
  type FileIndex,
  fileIndex,
  type TransferTag,
} from '../protocol/ids.ts';
import { type FileSet, IndexSet } from '../protocol/indexSet.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { manifestParts } from '../protocol/manifestParts.ts';
import type { ControlMessage, Message } from '../protocol/messages.ts';
import {
  type SenderEffect,
  type SenderEvent,
  type SenderState,
  stepSender,
} from '../protocol/sender.ts';
import { StreamLayout } from '../protocol/streamLayout.ts';
import { rethrow } from './faultOf.ts';
import { Machine } from './machine.ts';
import type { OutgoingContent } from './outgoingContent.ts';
import { TransferProgress } from './transferProgress.ts';

/**
 * How long what is drawn of an accept waits at both ends, ms. Drawing it keeps a page busy for 30 ms and more, and what starts the flow
 * would wait behind it, or for its CPU.
 */
export const STARTING_MS = 40;

/** Of more files nothing is read ahead of the answer: handing them all to the data plane costs more, and is done again then. */
const MAX_PREPARED_FILES = 64;

/** What a transfer needs from the session with its peer. */
export interface TransferHost {
  readonly plane: DataPlane;
  /** Dropped while there is no link: the transfer waits then, and says everything again. */
  send(message: ControlMessage): void;
  /** Names this transfer on the lanes: a fresh one for every proposal. */
  nextTag(): TransferTag;
  /** Ms of a monotonic clock. */
  now(): number;
  /** Drawn after so many ms, or at once. */
  changed(drawnAfterMs?: number): void;
  /** More bytes are there, and nothing else is new. */
  progressed(): void;
}

/** The transfer's first block can leave: what the accept said. */
interface Accepted {
  readonly wanted: IndexSet<FileIndex>;
  readonly held: IndexSet<BlockIndex>;
  readonly samples: readonly BlockSample[];
}

/** What a transfer sends, whether it begins or goes on after a reload. */
export interface SentContent {
  readonly kind: OutgoingContent['kind'];
  readonly text: string | undefined;
  readonly sources: readonly (Blob | undefined)[];
  readonly bundle: Promise<Blob | undefined> | Blob | undefined;
  readonly initial: SenderState;
}

/** One outgoing transfer to one peer: runs the sender machine against the link and the data plane. */
export class SendTransfer {
  readonly direction = 'send';
  readonly manifest: Manifest;
  readonly kind: OutgoingContent['kind'];
  readonly text: string | undefined;
  readonly progress: TransferProgress;
  readonly #host: TransferHost;
  readonly #machine: Machine<SenderState, SenderEvent, SenderEffect>;
  #tag: TransferTag | undefined;
  #accepted: Accepted | undefined;
  /** One a manifest entry; `undefined` where the person has to pick the file again. */
  readonly #sources: (Blob | undefined)[];
  /** All bytes in one Blob, instead of the sources; undefined when there is none, or it is still being made. */
  #bundle: Blob | undefined;
  #bundling: Promise<void> | undefined;
  /** Files that can no longer be read. */
  readonly #lost = new Set<FileIndex>();
  #lostFault: Fault | undefined;
  /** Accepted just now. */
  #isStarting = false;

  constructor(manifest: Manifest, sent: SentContent, host: TransferHost) {
    this.manifest = manifest;
    this.kind = sent.kind;
    this.text = sent.text;
    this.#sources = [...sent.sources];
    if (sent.bundle instanceof Blob) this.#bundle = sent.bundle;
    else
      this.#bundling = sent.bundle?.then((bundle) => {
        this.#bundle = bundle;
        this.#bundling = undefined;
      });
    this.#host = host;
    this.progress = new TransferProgress(new StreamLayout(manifest));
    this.#machine = new Machine<SenderState, SenderEvent, SenderEffect>({
      initial: sent.initial,
      step: stepSender,
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

  get state(): SenderState {
    return this.#machine.state;
  }

  get tag(): TransferTag | undefined {
    return this.#tag;
  }

  /** What a reload needs to go on. */
  async sources(): Promise<SendSources> {
    await this.#bundling;
    return { sources: this.#sources, bundle: this.#bundle };
  }

  /** Names of files that have to be picked again before it can go on. */
  get missingSources(): readonly string[] {
    if (this.#bundle !== undefined) return [];
    return this.manifest.files
      .filter((_, i) => this.#sources[i] === undefined)
      .map(({ path }) => path.at(-1) ?? '');
  }

  /**
   * Takes those of `files` that are the missing ones by name, size and time; their bytes are compared
   * when the transfer goes on (SPEC P8).
   * @returns the files it took
   */
  provide(files: readonly PickedFile[]): readonly PickedFile[] {
    const taken: PickedFile[] = [];
    if (this.missingSources.length === 0) return taken;
    this.manifest.files.forEach(({ path, sizeBytes, modifiedAt }, i) => {
      const file = files.find(
        (picked) =>
          picked.path.at(-1) === path.at(-1) &&
          picked.content.size === sizeBytes &&
          (modifiedAt === 0 || picked.modifiedAt === modifiedAt),
      );
      if (file === undefined) return;
      // One that was kept is picked again together with the others: it is no new offer either.
      this.#sources[i] ??= file.content;
      taken.push(file);
    });
    if (taken.length > 0) this.#host.changed();
    return taken;
  }

  /** Sends the manifest: the first time, before anything else. */
  propose(): void {
    this.#propose();
    // A bundle is being read already, and is quick to read then.
    if (this.#bundling !== undefined || this.#sources.length > MAX_PREPARED_FILES) return;
    if (this.#tag !== undefined) this.#host.plane.prepareSend({ tag: this.#tag, ...this.#job });
  }

  dispatch(event: SenderEvent): void {
    this.#machine.dispatch(event);
  }

  /** The receiver's answer. @returns false when its bitmaps break a rule (SPEC P3) */
  accept({ wanted, held, samples }: Message<'accept'>): boolean {
    const files = parseSet<FileIndex>(wanted, this.manifest.files.length);
    const blocks = parseSet<BlockIndex>(held, this.progress.layout.blockCount);
    if (files === undefined || blocks === undefined) return false;
    const parsed = samples.map(({ block, digest }) => ({
      block: blockIndex(block),
      digest: decodeBase64url(digest),
    }));
    const known = parsed.filter(
      (sample): sample is BlockSample => sample.digest !== undefined && blocks.has(sample.block),
    );
    if (known.length !== samples.length) return false;
    this.#accepted = { wanted: files, held: blocks, samples: known };
    this.#isStarting = true;
    this.#machine.dispatch({ type: 'peer-accepted' });
    return true;
  }

  acked(blocks: readonly BlockIndex[]): void {
    if (this.progress.add(blocks, this.#host.now())) this.#host.changed();
    else this.#host.progressed();
  }

  /** The data plane cannot go on. One unreadable file of several is left out; anything else ends it. */
  fail(fault: Fault): void {
    const lost = fault.code === 'source-changed' ? this.#fileNamed(fault.name) : undefined;
    const isLast = lost === undefined || this.#withoutLost(lost).count === 0;
    if (lost === undefined || isLast) {
      this.#machine.dispatch({ type: 'faulted', fault });
      return;
    }
    this.#lost.add(lost);
    this.#lostFault = fault;
    this.progress.choose(this.#withoutLost(lost), new IndexSet(this.progress.layout.blockCount));
    this.#machine.dispatch({ type: 'file-lost', file: lost });
  }

  /** What the person should know of a transfer that goes on: the last file that had to be left out. */
  get lostFault(): Fault | undefined {
    return this.#lostFault;
  }

  #fileNamed(name: string): FileIndex | undefined {
    const index = this.manifest.files.findIndex(({ path }) => path.join('/') === name);
    return index < 0 ? undefined : fileIndex(index);
  }

  #withoutLost(lost: FileIndex): FileSet {
    const wanted: FileSet = new IndexSet(this.manifest.files.length);
    for (const file of this.progress.wanted) if (file !== lost) wanted.add(file);
    return wanted;
  }

  #perform(effect: SenderEffect): void {
    const { plane, send } = this.#host;
    const transfer = this.manifest.id;
    switch (effect.type) {
      case 'propose':
        this.#propose();
        break;
      case 'start-flow':
        if (this.#bundling === undefined) this.#startFlow();
        else this.#startBundled(this.#bundling);
        break;
      case 'pause-flow':
        if (this.#tag !== undefined) plane.pauseSend(this.#tag);
        break;
      case 'continue-flow':
        this.progress.restart(this.#host.now());
        if (this.#tag !== undefined) plane.continueSend(this.#tag);
        break;
      case 'stop-flow':
        if (this.#tag !== undefined) plane.stopSend(this.#tag);
        if (this.#machine.state.phase === 'done') this.progress.complete();
        break;
      case 'tell-file-lost':
        send({ type: 'lose-file', transfer, file: effect.file });
        break;
      case 'tell-pause':
        send({ type: 'pause', transfer });
        break;
      case 'tell-continue':
        send({ type: 'continue', transfer });
        break;
      case 'tell-cancel':
        send({ type: 'cancel', transfer, reason: effect.reason });
        break;
    }
  }

  #propose(): void {
    const { id, files, totalBytes, blockBytes } = this.manifest;
    const tag = this.#host.nextTag();
    this.#tag = tag;
    const parts = manifestParts(this.manifest);
    this.#host.send({
      type: 'propose',
      transfer: id,
      tag,
      fileCount: files.length,
      totalBytes,
      blockBytes,
      parts: parts.length,
    });
    for (const part of parts) this.#host.send(part);
  }

  get #job() {
    return {
      manifest: this.manifest,
      blobs: this.#bundle ?? this.#sources.map((source) => source ?? new Blob()),
      lost: [...this.#lost],
    };
  }

  /** Waiting for the bundle is quicker than reading every file once more. */
  #startBundled(bundling: Promise<void>): void {
    const tag = this.#tag;
    bundling
      .then(() => {
        const { phase } = this.#machine.state;
        if (this.#tag !== tag || (phase !== 'transferring' && phase !== 'paused')) return;
        this.#startFlow();
        if (phase === 'paused' && tag !== undefined) this.#host.plane.pauseSend(tag);
      })
      .catch(rethrow);
  }

  #startFlow(): void {
    if (this.#accepted === undefined || this.#tag === undefined) return;
    const { wanted, held, samples } = this.#accepted;
    const { layout } = this.progress;
    this.progress.choose(wanted, held);
    this.progress.restart(this.#host.now());
    this.#host.plane.send({
      tag: this.#tag,
      ...this.#job,
      samples,
      wanted: layout.blocksOf(wanted).toBytes(),
      held: held.toBytes(),
    });
  }
}

function parseSet<Index extends number>(text: string, size: number): IndexSet<Index> | undefined {
  const bytes = decodeBase64url(text);
  return bytes && IndexSet.parse<Index>(bytes, size);
}
