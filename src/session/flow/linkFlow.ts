import type { BlockStores } from '../../ports/blockStore.ts';
import type { DataPlaneListener, LaneCount, ReceiveJob, SendJob } from '../../ports/dataPlane.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Lane } from '../../ports/lane.ts';
import type { Source } from '../../ports/source.ts';
import { type Fault, TransferError } from '../../protocol/faults.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../protocol/frame.ts';
import type { BlockIndex, FileIndex, LaneId, TransferId, TransferTag } from '../../protocol/ids.ts';
import { IndexSet } from '../../protocol/indexSet.ts';
import { GRAIN_BYTES, PAYLOAD_BYTES } from '../../protocol/limits.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { StreamLayout } from '../../protocol/streamLayout.ts';
import { IncomingTransfer } from './incomingTransfer.ts';
import { LaneTraffic, type PathNow } from './laneTraffic.ts';
import { ReceiveFlow } from './receiveFlow.ts';
import { SendFlow } from './sendFlow.ts';
import { SendPace } from './sendPace.ts';

/** How often counters go to the page, at most: smooth to the eye, nothing to the CPU. */
const REPORT_INTERVAL_MS = 200;

export interface LinkFlowParts {
  readonly listener: DataPlaneListener;
  readonly stores: BlockStores;
  readonly journal: Journal;
  /** Most bytes of open blocks, as our hello tells the peer. */
  readonly windowBytes: number;
  openSource(manifest: Manifest, blobs: readonly Blob[], lost: readonly FileIndex[]): Source;
  /** SHA-256. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Epoch ms. */
  now(): number;
  /** Ms of a monotonic clock. */
  clock(): number;
  /** How many lanes a sender here begins with, and may open at most. */
  readonly lanes: { readonly initial: number; readonly max: number };
}

interface LaneState {
  readonly lane: Lane;
  readonly traffic: LaneTraffic;
}

/** Payloads on a longer path: so small that every lane has a few messages in the window, and no smaller. */
const MIN_FAR_PAYLOAD_BYTES = GRAIN_BYTES;
const MAX_FAR_PAYLOAD_BYTES = 4 * GRAIN_BYTES;
const MESSAGES_PER_LANE = 3;

/** What one lane may have on the way, of an even share of the window: others make up for a slow one, and none carries it all. */
const MOST_OF_SHARE = 1.5;

/**
 * Arrived bytes after which a lane's receipt goes back, and how long the rest of a burst waits for one, ms. Often
 * enough to steer by, seldom enough to cost nothing.
 */
const RECEIPT_BYTES = 64 * 1024;
/** The same where no window has to be steered, because both ends are on one local network. */
const LOCAL_RECEIPT_BYTES = 1024 * 1024;
const LOCAL_RECEIPT_AFTER_MS = 50;
const RECEIPT_AFTER_MS = 4;

/** How often the pace looks at the lanes while something is being sent, ms. */
const PACE_INTERVAL_MS = 25;

/**
 * What a lane's channel may hold on a longer path, bytes: bytes that wait in a lane are committed to it and lost to
 * the others, so just enough to bridge the way from `bufferedamountlow` to the next frame. Chromium tells of
 * drains in steps of 100 KiB, so less would run dry.
 */
const FAR_HIGH_WATER_BYTES = 192 * 1024;
const FAR_LOW_WATER_BYTES = 96 * 1024;
const NEAR_HIGH_WATER_BYTES = 1024 * 1024;
const NEAR_LOW_WATER_BYTES = 256 * 1024;

/**
 * The data plane of one peer: owns its lanes, reads every message that arrives on them and hands it
 * to the sending or the receiving half. Payload bytes never leave this side; the page hears counters.
 */
export class LinkFlow {
  readonly #parts: LinkFlowParts;
  readonly #lanes = new Map<LaneId, LaneState>();
  readonly #send: SendFlow;
  readonly #pace: SendPace;
  #paceTimer: ReturnType<typeof setInterval> | undefined;
  #isFar = false;
  /** Arrived on lanes that are gone. */
  #arrivedBefore = 0;
  #receiptTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #receive: ReceiveFlow;
  readonly #incoming = new Map<TransferId, IncomingTransfer>();
  /** Outgoing transfers whose samples are being compared, and those of them that were paused meanwhile. */
  readonly #asked = new Map<TransferTag, SendJob>();
  readonly #pausedEarly = new Set<TransferTag>();
  /** Blocks not yet reported to the page. */
  readonly #acked = new Map<TransferTag, BlockIndex[]>();
  readonly #verified = new Map<TransferId, BlockIndex[]>();
  #reportTimer: ReturnType<typeof setTimeout> | undefined;
  #reportedAt = Number.NEGATIVE_INFINITY;
  /** Replies go where the last frame came from: that lane is alive. */
  #replyLane: LaneState | undefined;

  constructor(parts: LinkFlowParts) {
    this.#parts = parts;
    const { listener, digest } = parts;
    this.#pace = new SendPace(
      { now: parts.clock, wantLanes: (count) => listener.wantLanes(count) },
      parts.lanes,
    );
    this.#send = new SendFlow({
      digest,
      mayGo: () => this.#pace.mayGo(this.#inFlightBytes),
      payloadBytes: () => this.#payloadBytes,
      now: parts.clock,
      acked: (tag, block) => this.#note(this.#acked, tag, block),
      failed: (tag, fault) => listener.sendFailed(tag, fault),
    });
    this.#receive = new ReceiveFlow(parts.windowBytes, {
      digest,
      reply: (frame) => this.#reply(frame),
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
  setLanes(lanes: { readonly initial: number; readonly max: number }): void {
    this.#pace.setLanes(lanes);
  }

  /** A round trip of the path, measured on the control channel, which has no queue of its own. */
  roundTrip(ms: number): void {
    this.#pace.roundTrip(ms);
  }

  /** The same as ICE measures it: seldom, but not delayed by a busy page. */
  iceRoundTrip(ms: number): void {
    this.#pace.iceRoundTrip(ms);
    this.#followPath();
  }

  addLane(lane: Lane): void {
    const state: LaneState = { lane, traffic: new LaneTraffic() };
    this.#lanes.set(lane.id, state);
    if (this.#isFar) lane.setWaterMarks(FAR_HIGH_WATER_BYTES, FAR_LOW_WATER_BYTES);
    lane.listen({
      message: (bytes) => this.#take(state, bytes),
      drained: () => {
        this.#send.pump();
        this.#reportSoon();
      },
      closed: () => this.removeLane(lane.id),
    });
    this.#send.addLane(this.#countingLane(state));
  }

  removeLane(id: LaneId): void {
    const state = this.#lanes.get(id);
    if (state === undefined) return;
    this.#lanes.delete(id);
    this.#arrivedBefore += state.traffic.arrivedBytes;
    if (this.#replyLane === state) this.#replyLane = undefined;
    state.lane.close();
    this.#send.removeLane(id);
    this.#receive.acknowledgeAgain();
  }

  send(job: SendJob): void {
    const layout = new StreamLayout(job.manifest);
    const wanted = IndexSet.parse<BlockIndex>(job.wanted, layout.blockCount);
    const held = IndexSet.parse<BlockIndex>(job.held, layout.blockCount);
    if (wanted === undefined || held === undefined)
      throw new Error('bitmaps checked by the session');
    const missing = new IndexSet<BlockIndex>(layout.blockCount);
    for (const block of wanted) if (!held.has(block)) missing.add(block);
    const source = this.#parts.openSource(job.manifest, job.blobs, job.lost);
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
    this.#asked.delete(tag);
    this.#pausedEarly.delete(tag);
    this.#send.stop(tag);
  }

  receive(job: ReceiveJob): void {
    const { listener, stores, journal, now, digest } = this.#parts;
    const incoming = new IncomingTransfer(job, {
      stores,
      journal,
      now,
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
    clearTimeout(this.#receiptTimer);
    clearInterval(this.#paceTimer);
    for (const id of [...this.#lanes.keys()]) this.removeLane(id);
    await Promise.all([...this.#incoming.keys()].map((id) => this.stopReceive(id, true)));
  }

  #take(state: LaneState, bytes: Uint8Array<ArrayBuffer>): void {
    state.traffic.receivedBytes += bytes.byteLength;
    this.#replyLane = state;
    const frame = decodeFrame(bytes);
    switch (frame.type) {
      case 'data': {
        const rule = this.#receive.take(frame);
        if (rule !== undefined) this.#parts.listener.peerBroke({ code: 'rule-broken', rule });
        this.#receiptSoon(state);
        break;
      }
      case 'receipt':
        state.traffic.receipted(frame.arrivedBytes);
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

  /** Bytes on the path: what still waits in a lane's own buffer is not there yet. */
  get #inFlightBytes(): number {
    const path = this.#pathNow;
    let bytes = 0;
    for (const { lane, traffic } of this.#lanes.values()) {
      bytes += traffic.inFlightBytes(lane.bufferedBytes, path);
    }
    return bytes;
  }

  get #pathNow(): PathNow {
    const { roundTripMs, isStartingUp } = this.#pace;
    return {
      now: this.#parts.clock(),
      roundTripMs,
      messageBytes: this.#payloadBytes,
      isNew: isStartingUp,
    };
  }

  get #payloadBytes(): number {
    if (this.#pace.isLocal) return PAYLOAD_BYTES;
    const share = this.#pace.windowBytes / (this.#lanes.size * MESSAGES_PER_LANE);
    const grains = Math.floor(share / GRAIN_BYTES) * GRAIN_BYTES;
    return Math.min(Math.max(grains, MIN_FAR_PAYLOAD_BYTES), MAX_FAR_PAYLOAD_BYTES);
  }

  #roomBytes({ lane, traffic }: LaneState): number {
    const { roomBytes } = lane;
    if (!this.#isFar || roomBytes === 0) return roomBytes;
    const shareBytes = (this.#pace.windowBytes / this.#lanes.size) * MOST_OF_SHARE;
    const fairBytes = shareBytes + this.#payloadBytes - traffic.outstandingBytes;
    return Math.max(0, Math.min(roomBytes, fairBytes, traffic.roomBytes(this.#pathNow)));
  }

  /** The lane as the sending half sees it: what it sends is counted, and on a longer path it takes no more than is good for it. */
  #countingLane(state: LaneState): Lane {
    const { lane, traffic } = state;
    const { clock } = this.#parts;
    const pace = this.#pace;
    const room = () => this.#roomBytes(state);
    return {
      id: lane.id,
      get maxMessageBytes() {
        return lane.maxMessageBytes;
      },
      get bufferedBytes() {
        return lane.bufferedBytes;
      },
      get roomBytes() {
        return room();
      },
      send(message) {
        traffic.sent(message.byteLength, lane.bufferedBytes, clock());
        pace.sent(message.byteLength);
        lane.send(message);
      },
      setWaterMarks: (highBytes, lowBytes) => lane.setWaterMarks(highBytes, lowBytes),
      listen: (listener) => lane.listen(listener),
      close: () => lane.close(),
    };
  }

  #tickPace(): void {
    const now = this.#parts.clock();
    let arrivedBytes = this.#arrivedBefore;
    let openLanes = 0;
    let areLanesFull = true;
    for (const state of this.#lanes.values()) {
      const { lane, traffic } = state;
      traffic.tick(lane.bufferedBytes, now);
      arrivedBytes += traffic.arrivedBytes;
      if (lane.maxMessageBytes > 0) openLanes += 1;
      if (this.#roomBytes(state) > 0) areLanesFull = false;
    }
    const isHungry = this.#send.isHungry;
    this.#pace.tick({
      openLanes,
      arrivedBytes,
      isHungry,
      areLanesFull,
    });
    this.#followPath();
    this.#send.pump();
    this.#send.sendTailAgain(now, this.#pace.roundTripMs, (id) => {
      const traffic = this.#lanes.get(id)?.traffic;
      return traffic === undefined || traffic.arrivedBytes < traffic.sentBytes;
    });
    if (this.#send.isIdle) {
      clearInterval(this.#paceTimer);
      this.#paceTimer = undefined;
    }
  }

  /** Big gulps for a short path, small ones for a long one. */
  #followPath(): void {
    const isFar = !this.#pace.isLocal;
    if (isFar === this.#isFar) return;
    this.#isFar = isFar;
    const high = isFar ? FAR_HIGH_WATER_BYTES : NEAR_HIGH_WATER_BYTES;
    const low = isFar ? FAR_LOW_WATER_BYTES : NEAR_LOW_WATER_BYTES;
    for (const { lane } of this.#lanes.values()) lane.setWaterMarks(high, low);
  }

  #receiptSoon(state: LaneState): void {
    const { receivedBytes, receiptedBytes } = state.traffic;
    const { isLocal } = this.#pace;
    const enoughBytes = isLocal ? LOCAL_RECEIPT_BYTES : RECEIPT_BYTES;
    const afterMs = isLocal ? LOCAL_RECEIPT_AFTER_MS : RECEIPT_AFTER_MS;
    if (receivedBytes - receiptedBytes >= enoughBytes) this.#sendReceipt(state);
    else this.#receiptTimer ??= setTimeout(() => this.#sendReceipts(), afterMs);
  }

  #sendReceipts(): void {
    this.#receiptTimer = undefined;
    for (const state of this.#lanes.values()) {
      const { receivedBytes, receiptedBytes } = state.traffic;
      if (receiptedBytes < receivedBytes) this.#sendReceipt(state);
    }
  }

  #sendReceipt(state: LaneState): void {
    const { traffic } = state;
    traffic.receiptedBytes = traffic.receivedBytes;
    this.#sendOn(state, { type: 'receipt', arrivedBytes: traffic.receivedBytes });
  }

  #reply(frame: Frame): void {
    const state = this.#replyLane ?? [...this.#lanes.values()].find(isAlive);
    // Without a lane the reply is lost. So were the lanes its block came over: it is sent again (SPEC A2, A3).
    if (state === undefined) return;
    this.#sendOn(state, frame);
  }

  #sendOn(state: LaneState, frame: Frame): void {
    const bytes = encodeFrame(frame);
    const { lane, traffic } = state;
    traffic.sent(bytes.byteLength, lane.bufferedBytes, this.#parts.clock());
    lane.send(bytes);
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
    listener.lanes([...this.#lanes.values()].map(countsOf), this.#limit());
  }

  #limit(): 'network' | 'disk' | undefined {
    if (this.#receive.isLimitedByDisk || this.#send.isLimitedByWindow) return 'disk';
    return this.#send.isLimitedByLanes ? 'network' : undefined;
  }
}

/** A lane that only just opens takes nothing yet, and would drop a reply without a word. */
const isAlive = ({ lane, traffic }: LaneState) => traffic.receivedBytes > 0 || lane.roomBytes > 0;

const countsOf = ({ lane, traffic }: LaneState): LaneCount => ({
  lane: lane.id,
  sentBytes: traffic.sentBytes,
  receivedBytes: traffic.receivedBytes,
});
