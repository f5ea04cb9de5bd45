import { createHash } from 'node:crypto';
import type { BlockStore, BlockStores, StoreKind } from '../../src/ports/blockStore.ts';
import type { DataPlaneListener } from '../../src/ports/dataPlane.ts';
import type { Source } from '../../src/ports/source.ts';
import type { Fault } from '../../src/protocol/faults.ts';
import { decodeFrame, type Frame } from '../../src/protocol/frame.ts';
import { type BlockIndex, type TransferId, transferTag } from '../../src/protocol/ids.ts';
import { type BlockSet, type FileSet, IndexSet } from '../../src/protocol/indexSet.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { StreamLayout } from '../../src/protocol/streamLayout.ts';
import { LinkFlow } from '../../src/session/flow/linkFlow.ts';
import { MemoryShelf } from '../../src/storage/memoryStore.ts';
import { MemoryJournal } from './memoryJournal.ts';
import { Wire, type WireLane, type WireOptions } from './wire.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** SHA-256, at once: the event loop is in the hands of the test. */
export const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(createHash('sha256').update(bytes).digest());

/** Everything that promises alone can do has been done. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export const sourceOf = (content: Bytes): Source => ({
  read: async (start, end) => content.slice(start, end),
});

/** The stores of one device. A write can be held up, or made to fail. */
export class ShelfStores implements BlockStores {
  readonly #shelf = new MemoryShelf();
  /** Awaited before every write. */
  beforeWrite: () => Promise<void> = async () => {};
  /** Before every read. */
  beforeRead: () => void = () => {};
  /** The kind each opening asked for. */
  readonly askedKinds: (StoreKind | undefined)[] = [];

  async workingKind() {
    return 'memory' as const;
  }

  async open(id: TransferId, sizeBytes: number, kind?: StoreKind): Promise<BlockStore> {
    this.askedKinds.push(kind);
    const store = await this.#shelf.open(id, sizeBytes);
    const write = store.write.bind(store);
    store.write = async (at, bytes) => {
      await this.beforeWrite();
      return await write(at, bytes);
    };
    const read = store.read.bind(store);
    store.read = async (start, end) => {
      this.beforeRead();
      return await read(start, end);
    };
    return store;
  }

  async content(id: TransferId, _kind: unknown, sizeBytes: number): Promise<Blob | undefined> {
    return this.#shelf.content(id, sizeBytes);
  }

  async discard(id: TransferId): Promise<void> {
    this.#shelf.discard(id);
  }

  async list(): Promise<readonly TransferId[]> {
    return this.#shelf.list();
  }
}

export interface Transfer {
  readonly tag: number;
  readonly manifest: Manifest;
  readonly content: Bytes;
  readonly wanted: FileSet;
}

/** How often a flow looks at its lanes, ms, and looks after which nothing will come any more. */
const TICK_MS = 25;
const MAX_IDLE = 80;

/** The receipts of what has arrived are on their way: they come a moment later (SPEC A4). */
export const receiptsSent = () => new Promise<void>((resolve) => setTimeout(resolve, TICK_MS));

/**
 * The data planes of two devices with wires between them: near sends, far receives. Keeps an independent
 * account of which blocks are under way, and of everything either end complained about.
 */
export class FlowEnds {
  readonly near: LinkFlow;
  readonly far: LinkFlow;
  readonly wires: Wire[] = [];
  readonly stores = new ShelfStores();
  readonly journal = new MemoryJournal();
  readonly transfers = new Map<number, Transfer>();
  readonly sources = new Map<TransferId, Source>();
  readonly stored = new Map<TransferId, Blob>();
  readonly broken: Fault[] = [];
  readonly failed: Fault[] = [];
  /** Blocks with a frame sent and no ack heard, as `tag:block`, with their length. */
  readonly underWay = new Map<string, number>();
  mostUnderWayBytes = 0;
  /** What held the near end back, each time it told. */
  readonly limits: unknown[] = [];
  readonly acked = new Set<string>();
  readonly #windowBytes: number;
  #nextWire = 0;

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
    this.near = this.#flow({
      receiving: () => {},
      lanes: (_, limitedBy) => this.limits.push(limitedBy),
    });
    this.far = this.#flow({
      receiving: (id, held) => this.#send(id, held),
      stored: (id, content) => this.#complete(id, content),
    });
    this.near.setWindow(windowBytes);
  }

  /** Receives `transfer` at the far end; the near end sends as soon as its store is open. */
  start(transfer: Transfer): void {
    this.transfers.set(transfer.tag, transfer);
    this.far.receive({
      tag: transferTag(transfer.tag),
      manifest: transfer.manifest,
      wanted: transfer.wanted.toBytes(),
      peerName: 'near',
      role: 'host',
      resumeKey: new Uint8Array(32),
    });
  }

  addWire(options: WireOptions = {}): Wire {
    const wire = new Wire(this.#nextWire, options);
    this.#nextWire += 1;
    this.wires.push(wire);
    this.#watch(wire.near);
    this.near.addLane(wire.near);
    this.far.addLane(wire.far);
    return wire;
  }

  deliver(wire: Wire, from: WireLane, index = 0, isDuplicated = false): boolean {
    const waiting = from.waiting[index % Math.max(1, from.waiting.length)];
    if (waiting === undefined) return false;
    if (from === wire.far) this.#hear(decodeFrame(waiting));
    return wire.deliver(from, index, isDuplicated) !== undefined;
  }

  /** Delivers everything in order until nothing moves any more, also not when receipts and the pace had their time. */
  async finish(): Promise<void> {
    for (let idle = 0; idle < 3 || (this.#isOpen && idle < MAX_IDLE); ) {
      if (idle >= 3) await receiptsSent();
      let isMoving = false;
      for (const wire of this.wires) {
        while (this.deliver(wire, wire.near)) isMoving = true;
        while (this.deliver(wire, wire.far)) isMoving = true;
      }
      await settled();
      idle = isMoving ? 0 : idle + 1;
    }
  }

  get #isOpen(): boolean {
    const isTrouble = this.broken.length > 0 || this.failed.length > 0;
    return !isTrouble && this.stored.size < this.transfers.size;
  }

  /** Delivers what waits now, and lets both ends answer. */
  async finishOnce(): Promise<void> {
    for (const wire of this.wires) {
      for (const end of [wire.near, wire.far]) {
        for (let left = end.waiting.length; left > 0; left -= 1) this.deliver(wire, end);
        await settled();
        await receiptsSent();
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.near.close(), this.far.close()]);
  }

  /** Blocks of a transfer that the far end should hold in the end. */
  wantedBlocks({ manifest, wanted }: Transfer): BlockSet {
    return new StreamLayout(manifest).blocksOf(wanted);
  }

  #flow(listener: Partial<DataPlaneListener>): LinkFlow {
    return new LinkFlow({
      listener: {
        sent: () => {},
        received: () => {},
        receiving: () => {},
        stored: () => {},
        sendFailed: (_tag, fault) => this.failed.push(fault),
        receiveFailed: (_id, fault) => this.failed.push(fault),
        peerBroke: (fault) => this.broken.push(fault),
        lanes: () => {},
        wantLanes: () => {},
        ...listener,
      },
      stores: this.stores,
      journal: this.journal,
      windowBytes: this.#windowBytes,
      clock: () => performance.now(),
      lanes: { initial: 4, max: 32 },
      openSource: (manifest) => this.#sourceOf(manifest),
      digest: sha256,
      now: () => 0,
    });
  }

  #sourceOf({ id }: Manifest): Source {
    const own = this.sources.get(id);
    if (own !== undefined) return own;
    const transfer = [...this.transfers.values()].find(({ manifest }) => manifest.id === id);
    return sourceOf(transfer?.content ?? new Uint8Array());
  }

  #send(id: TransferId, held: Bytes): void {
    for (const transfer of this.transfers.values()) {
      if (transfer.manifest.id !== id) continue;
      this.near.send({
        tag: transferTag(transfer.tag),
        manifest: transfer.manifest,
        blobs: [],
        wanted: this.wantedBlocks(transfer).toBytes(),
        held,
        lost: [],
        samples: [],
      });
    }
  }

  /** The near end is told, as `complete` would. */
  #complete(id: TransferId, content: Blob): void {
    this.stored.set(id, content);
    for (const [tag, { manifest }] of this.transfers) {
      if (manifest.id !== id) continue;
      this.near.stopSend(transferTag(tag));
      for (const key of [...this.underWay.keys()])
        if (key.startsWith(`${tag}:`)) this.underWay.delete(key);
    }
  }

  /** Counts what leaves, whatever the flow itself believes. */
  #watch(lane: WireLane): void {
    const send = lane.send.bind(lane);
    lane.send = (message) => {
      const frame = decodeFrame(message);
      if (frame.type === 'data' && !lane.isClosed) this.#leave(frame);
      send(message);
    };
  }

  #leave({ tag, block }: Extract<Frame, { type: 'data' }>): void {
    const transfer = this.transfers.get(tag);
    if (transfer === undefined || this.stored.has(transfer.manifest.id)) return;
    if (this.acked.has(`${tag}:${block}`)) return;
    this.underWay.set(`${tag}:${block}`, new StreamLayout(transfer.manifest).blockLength(block));
    const bytes = [...this.underWay.values()].reduce((sum, length) => sum + length, 0);
    if (this.underWay.size > 1) this.mostUnderWayBytes = Math.max(this.mostUnderWayBytes, bytes);
  }

  #hear(frame: ReturnType<typeof decodeFrame>): void {
    if (frame.type !== 'ack') return;
    for (let i = 0; i < frame.count; i += 1) {
      this.underWay.delete(`${frame.tag}:${frame.block + i}`);
      this.acked.add(`${frame.tag}:${frame.block + i}`);
    }
  }
}

/** The blocks below `count` that `isIn` names. */
export function blocksWhere(count: number, isIn: (block: number) => boolean): BlockSet {
  const set = new IndexSet<BlockIndex>(count);
  for (let i = 0; i < count; i += 1) if (isIn(i)) set.add(i as BlockIndex);
  return set;
}
