import type { TransferStores } from '../../ports/blockStore.ts';
import type {
  DataPlaneListener,
  PreparedJob,
  ProposedJob,
  ReceiveJob,
  SendJob,
} from '../../ports/dataPlane.ts';
import type { Journal, JournalEntry } from '../../ports/journal.ts';
import type { Lane } from '../../ports/lane.ts';
import type { Source } from '../../ports/source.ts';
import { type Fault, TransferError } from '../../protocol/faults.ts';
import { decodeFrame } from '../../protocol/frame.ts';
import type { BlockIndex, FileIndex, LaneId, TransferId, TransferTag } from '../../protocol/ids.ts';
import { IndexSet } from '../../protocol/indexSet.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { StreamLayout } from '../../protocol/streamLayout.ts';
import { BlockRecord } from './blockRecord.ts';
import { IncomingTransfer } from './incomingTransfer.ts';
import { LaneGroup, type LaneState } from './laneGroup.ts';
import { PreparedSource } from './preparedSource.ts';
import { ReceiveFlow } from './receiveFlow.ts';
import { SendFlow } from './sendFlow.ts';
import { PACE_INTERVAL_MS } from './sendPace.ts';

/** How often counters go to the page, at most: smooth to the eye, nothing to the CPU. */
const REPORT_INTERVAL_MS = 200;

export interface LinkFlowParts {
  readonly listener: DataPlaneListener;
  readonly stores: TransferStores;
  readonly journal: Journal;
  /** Most bytes of open blocks, as our hello tells the peer. */
  readonly windowBytes: number;
  openSource(manifest: Manifest, blobs: SendJob['blobs'], lost: readonly FileIndex[]): Source;
  /** SHA-256. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Epoch ms. */
  now(): number;
  /** Ms of a monotonic clock. */
  clock(): number;
  /** How many lanes a sender here begins with, and may open at most. */
  readonly lanes: { readonly initial: number; readonly max: number };
}

/**
 * The data plane of one peer: owns its {@link LaneGroup}, reads every message that arrives on them and hands it
 * to the sending or the receiving half. Payload bytes never leave this side; the page hears counters.
 */
export class LinkFlow {
  readonly #parts: LinkFlowParts;
  readonly #lanes: LaneGroup;
  readonly #send: SendFlow;
  #paceTimer: ReturnType<typeof setInterval> | undefined;
  readonly #receive: ReceiveFlow;
  readonly #incoming = new Map<TransferId, IncomingTransfer>();
  /** The outgoing transfer proposed last, until it is accepted. */
  #prepared: { readonly tag: TransferTag; readonly source: Source } | undefined;
  /** Outgoing transfers whose samples are being compared, and those of them that were paused meanwhile. */
  readonly #asked = new Map<TransferTag, SendJob>();
  readonly #pausedEarly = new Set<TransferTag>();
  /** Blocks not yet reported to the page. */
  readonly #acked = new Map<TransferTag, BlockIndex[]>();
  readonly #verified = new Map<TransferId, BlockIndex[]>();
  #reportTimer: ReturnType<typeof setTimeout> | undefined;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: LinkFlowParts) {
    this.#parts = parts;
    const { listener, digest } = parts;
    this.#lanes = new LaneGroup({ ...parts, wantLanes: (count) => listener.wantLanes(count) });
    this.#send = new SendFlow({
      digest,
      mayGo: () => this.#lanes.mayGo(),
      payloadBytes: () => this.#lanes.payloadBytes,
      now: parts.clock,
      acked: (tag, block) => this.#note(this.#acked, tag, block),
      failed: (tag, fault) => listener.sendFailed(tag, fault),
    });
    this.#receive = new ReceiveFlow(parts.windowBytes, {
      digest,
      reply: (frame) => this.#lanes.reply(frame),
      verified: (id, block) => {
        this.#incoming.get(id)?.wrote(block);
        this.#note(this.#verified, id, block);
      },
      complete: (id) => this.#incoming.get(id)?.store(),
      failed: (id, fault) => this.#receiveFailed(id, fault),
    });
  }

  setWindow(bytes: number): void {
    this.#send.setWindow(bytes);
  }

  /** How many lanes a sender here begins with, and may open at most. */
  setLanes(initial: number, max: number): void {
    this.#lanes.setLanes({ initial, max });
  }

  /** A round trip of the path, measured on the control channel, which has no queue of its own. */
  roundTrip(ms: number): void {
    this.#lanes.roundTrip(ms);
  }

  /** The same as ICE measures it: seldom, but not delayed by a busy page. */
  iceRoundTrip(ms: number): void {
    this.#lanes.iceRoundTrip(ms);
  }

  addLane(lane: Lane): void {
    const state = this.#lanes.add(lane);
    lane.listen({
      message: (bytes) => this.#take(state, bytes),
      drained: () => {
        this.#send.pump();
        this.#reportSoon();
      },
      closed: () => this.removeLane(lane.id),
    });
    this.#send.addLane(this.#lanes.countingLane(state));
  }

  removeLane(id: LaneId): void {
    if (!this.#lanes.remove(id)) return;
    this.#send.removeLane(id);
    this.#receive.acknowledgeAgain();
  }

  prepareSend({ tag, manifest, blobs, lost }: ProposedJob): void {
    const { blockBytes, totalBytes } = manifest;
    const source = this.#parts.openSource(manifest, blobs, lost);
    const end = Math.min(blockBytes, totalBytes);
    this.#prepared = { tag, source: new PreparedSource(source, end) };
  }

  send(job: SendJob): void {
    const layout = new StreamLayout(job.manifest);
    const wanted = IndexSet.parse<BlockIndex>(job.wanted, layout.blockCount);
    const held = IndexSet.parse<BlockIndex>(job.held, layout.blockCount);
    if (wanted === undefined || held === undefined)
      throw new Error('bitmaps checked by the session');
    const missing = new IndexSet<BlockIndex>(layout.blockCount);
    for (const block of wanted) if (!held.has(block)) missing.add(block);
    const source =
      this.#takePrepared(job.tag) ?? this.#parts.openSource(job.manifest, job.blobs, job.lost);
    this.#asked.set(job.tag, job);
    this.#changedFile(job, layout, source)
      .then((changed) => {
        // Stopped, or started anew, while its samples were read.
        if (this.#asked.get(job.tag) !== job) return;
        this.#asked.delete(job.tag);
        this.#paceTimer ??= setInterval(() => this.#tickPace(), PACE_INTERVAL_MS);
        if (changed === undefined) this.#send.start({ tag: job.tag, layout, source, missing });
        else this.#parts.listener.sendFailed(job.tag, { code: 'source-changed', name: changed });
        if (this.#pausedEarly.delete(job.tag)) this.#send.pause(job.tag);
      })
      .catch((error: unknown) => {
        if (!(error instanceof TransferError)) throw error;
        this.#parts.listener.sendFailed(job.tag, error.fault);
      });
  }

  #takePrepared(tag: TransferTag): Source | undefined {
    if (this.#prepared?.tag !== tag) return undefined;
    const { source } = this.#prepared;
    this.#prepared = undefined;
    return source;
  }

  /** Name of a file that no longer has the bytes an earlier session sent, if there is one (SPEC P8). */
  async #changedFile(
    job: SendJob,
    layout: StreamLayout,
    source: Source,
  ): Promise<string | undefined> {
    for (const { block, digest } of job.samples) {
      const { start, end } = layout.block(block);
      const isLost = job.lost.some(
        (file) => layout.file(file).start < end && start < layout.file(file).end,
      );
      if (isLost) continue;
      const now = await this.#parts.digest(await source.read(start, end));
      if (!now.every((byte, i) => byte === digest[i]))
        return job.manifest.files[layout.fileAt(start)]?.path.join('/') ?? '';
    }
    return undefined;
  }

  pauseSend(tag: TransferTag): void {
    if (this.#asked.has(tag)) this.#pausedEarly.add(tag);
    this.#send.pause(tag);
  }

  continueSend(tag: TransferTag): void {
    this.#pausedEarly.delete(tag);
    this.#send.continue(tag);
  }

  stopSend(tag: TransferTag): void {
    this.#takePrepared(tag);
    this.#asked.delete(tag);
    this.#pausedEarly.delete(tag);
    this.#send.stop(tag);
  }

  async prepareReceive(job: PreparedJob): Promise<void> {
    const { stores, journal, now } = this.#parts;
    const { files, totalBytes, blockBytes } = job.manifest;
    const entry: JournalEntry = {
      ...job,
      ...BlockRecord.empty(Math.ceil(totalBytes / blockBytes)).snapshot(),
      version: 1,
      direction: 'receive',
      wanted: new IndexSet(files.length).toBytes(),
      store: 'opfs',
      phase: 'proposed',
      isClean: true,
      startedAt: now(),
      touchedAt: now(),
    };
    // Without it the proposal is gone with this page. What a browser says against its database, it says again when it counts.
    await journal.put(entry).catch(() => {});
    await stores.workingKind();
  }

  receive(job: ReceiveJob): void {
    const { listener, stores, journal, now, clock, digest } = this.#parts;
    const incoming = new IncomingTransfer(job, {
      stores,
      journal,
      now,
      clock,
      digest,
      opened: (flowJob, held, samples) => {
        listener.receiving(job.manifest.id, held, samples);
        this.#receive.start(flowJob);
      },
      damaged: (block) => this.#receive.askAgain(job.tag, block),
      stored: (content) => {
        this.#receive.stop(job.tag);
        this.#incoming.delete(job.manifest.id);
        this.#report();
        listener.stored(job.manifest.id, content);
      },
      failed: (fault) => this.#receiveFailed(job.manifest.id, fault),
    });
    this.#incoming.set(job.manifest.id, incoming);
    incoming.open();
  }

  stopReceive(id: TransferId, isKept: boolean): Promise<void> {
    const incoming = this.#incoming.get(id);
    if (incoming === undefined) return isKept ? Promise.resolve() : this.#discard(id);
    this.#incoming.delete(id);
    this.#receive.stop(incoming.tag);
    return incoming.stop(isKept);
  }

  /** Deletes what an earlier session left of a transfer that is not open now. */
  async #discard(id: TransferId): Promise<void> {
    await this.#parts.stores.discard(id);
    await this.#parts.journal.forget(id);
  }

  /** Stops everything and keeps what is stored. */
  async close(): Promise<void> {
    clearTimeout(this.#reportTimer);
    clearInterval(this.#paceTimer);
    for (const id of this.#lanes.ids) this.removeLane(id);
    this.#lanes.close();
    await Promise.all([...this.#incoming.keys()].map((id) => this.stopReceive(id, true)));
  }

  #take(state: LaneState, bytes: Uint8Array<ArrayBuffer>): void {
    this.#lanes.received(state, bytes.byteLength);
    const frame = decodeFrame(bytes);
    switch (frame.type) {
      case 'data': {
        const rule = this.#receive.take(frame);
        if (rule !== undefined) this.#parts.listener.peerBroke({ code: 'rule-broken', rule });
        this.#lanes.receiptSoon();
        break;
      }
      case 'receipt':
        for (const receipt of frame.lanes) this.#lanes.receipted(receipt);
        this.#send.pump();
        break;
      case 'ack':
        this.#send.ack(frame.tag, frame.block, frame.count);
        break;
      case 'nack':
        this.#send.nack(frame.tag, frame.block);
        break;
      case 'broken':
        this.#parts.listener.peerBroke({ code: 'rule-broken', rule: frame.rule });
        break;
    }
    this.#reportSoon();
  }

  #tickPace(): void {
    this.#lanes.tick(this.#send.isHungry);
    this.#send.pump();
    this.#send.sendTailAgain(this.#parts.clock(), this.#lanes.roundTripMs, (id) =>
      this.#lanes.isBehind(id),
    );
    if (this.#send.isIdle) {
      clearInterval(this.#paceTimer);
      this.#paceTimer = undefined;
    }
  }

  #receiveFailed(id: TransferId, fault: Fault): void {
    if (!this.#incoming.has(id)) return;
    this.#parts.listener.receiveFailed(id, fault);
  }

  #note<Key>(blocks: Map<Key, BlockIndex[]>, key: Key, block: BlockIndex): void {
    const noted = blocks.get(key);
    if (noted === undefined) blocks.set(key, [block]);
    else noted.push(block);
    this.#reportSoon();
  }

  #reportSoon(): void {
    // What comes after a quiet time is told at once.
    const waitMs = this.#reportedAt + REPORT_INTERVAL_MS - this.#parts.clock();
    this.#reportTimer ??= setTimeout(() => this.#report(), Math.max(0, waitMs));
  }

  #report(): void {
    clearTimeout(this.#reportTimer);
    this.#reportTimer = undefined;
    this.#reportedAt = this.#parts.clock();
    const { listener } = this.#parts;
    for (const [tag, blocks] of this.#acked) listener.sent(tag, blocks);
    for (const [id, blocks] of this.#verified) listener.received(id, blocks);
    this.#acked.clear();
    this.#verified.clear();
    listener.lanes(this.#lanes.counts, this.#limit());
  }

  #limit(): 'network' | 'disk' | undefined {
    if (this.#receive.isLimitedByDisk || this.#send.isLimitedByWindow) return 'disk';
    // On a local network it is as well the CPU.
    return this.#lanes.isFar && this.#send.isLimitedByLanes ? 'network' : undefined;
  }
}
