import type { Fault } from '../protocol/faults.ts';
import type { BlockIndex, FileIndex, LaneId, TransferId, TransferTag } from '../protocol/ids.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { Link } from './link.ts';

/** Everything the data plane needs to send one transfer. */
export interface SendJob {
  readonly tag: TransferTag;
  readonly manifest: Manifest;
  /** One Blob a manifest entry, in order; empty for folders. Or else one with the bytes of all of them end to end. */
  readonly blobs: readonly Blob[] | Blob;
  /** Bitmaps, as in `accept`. */
  readonly wanted: Uint8Array<ArrayBuffer>;
  readonly held: Uint8Array<ArrayBuffer>;
  /** Files that can no longer be read: nobody wants them, and where a block has some of their bytes zeros go. */
  readonly lost: readonly FileIndex[];
  /** Some of the held blocks: the source must still have exactly these bytes (SPEC P8). */
  readonly samples: readonly BlockSample[];
}

/** What is to be sent once the peer accepts it. */
export type ProposedJob = Pick<SendJob, 'tag' | 'manifest' | 'blobs' | 'lost'>;

/** Everything the data plane needs to receive one transfer. */
export interface ReceiveJob {
  readonly tag: TransferTag;
  readonly manifest: Manifest;
  readonly wanted: Uint8Array<ArrayBuffer>;
  readonly peerName: string;
  readonly role: Link['role'];
  readonly resumeKey: Uint8Array<ArrayBuffer>;
}

/** What was proposed to us, before anybody decided. */
export type PreparedJob = Omit<ReceiveJob, 'tag' | 'wanted'>;

/** A held block and its SHA-256: the sender compares it with its source before it goes on. */
export interface BlockSample {
  readonly block: BlockIndex;
  readonly digest: Uint8Array<ArrayBuffer>;
}

export interface LaneCount {
  readonly lane: LaneId;
  /** Bytes of messages since the lane opened. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** What the data plane tells the page; counters a few times a second, everything else as it happens. */
export interface DataPlaneListener {
  /** Blocks of an outgoing transfer that the receiver newly acknowledged. */
  sent(tag: TransferTag, blocks: readonly BlockIndex[]): void;
  /** Blocks of an incoming transfer newly verified and written. */
  received(transfer: TransferId, blocks: readonly BlockIndex[]): void;
  /** The store is open; these blocks are already there (a bitmap, as in `accept`), some of them as samples. */
  receiving(
    transfer: TransferId,
    held: Uint8Array<ArrayBuffer>,
    samples: readonly BlockSample[],
  ): void;
  /** Everything wanted is verified, flushed and journaled; `content` is the whole stream. */
  stored(transfer: TransferId, content: Blob): void;
  /** An outgoing (`tag`) or incoming (`transfer`) transfer cannot go on. */
  sendFailed(tag: TransferTag, fault: Fault): void;
  receiveFailed(transfer: TransferId, fault: Fault): void;
  /** The peer broke a rule on a lane: the link has to close. */
  peerBroke(fault: Fault): void;
  /** The sending half would use this many lanes of ours. */
  wantLanes(count: number): void;
  lanes(counts: readonly LaneCount[], limitedBy: 'network' | 'disk' | undefined): void;
}

/**
 * Lanes, framing, hashing and disk of one link: everything that touches file bytes. Runs in a
 * worker; the page only commands it and listens.
 */
export interface DataPlane {
  listen(listener: DataPlaneListener): void;
  /** Takes over a channel in the task that created it. */
  addLane(lane: LaneId, channel: RTCDataChannel): void;
  /** The lane may be used; messages up to `maxMessageBytes` pass. */
  openLane(lane: LaneId, maxMessageBytes: number): void;
  removeLane(lane: LaneId): void;
  /** How much the peer takes unacknowledged, from its hello. */
  setWindow(bytes: number): void;
  /** How many lanes a sender here begins with, and may open at most: depends on the path. */
  setLanes(initial: number, max: number): void;
  /** A round trip of the path, ms, measured on the control channel. */
  roundTrip(ms: number): void;
  /** The same as ICE measures it: seldom, but not delayed by a busy page. */
  iceRoundTrip(ms: number): void;
  /** We proposed a transfer: its first block is read while the person over there decides. Only the last one is kept. */
  prepareSend(job: ProposedJob): void;
  send(job: SendJob): void;
  pauseSend(tag: TransferTag): void;
  continueSend(tag: TransferTag): void;
  stopSend(tag: TransferTag): void;
  /**
   * A transfer was proposed to us. While the person decides: notes the proposal, so that it outlives this page, and finds out where
   * bytes would be kept. `stopReceive` forgets it.
   */
  prepareReceive(job: PreparedJob): void;
  receive(job: ReceiveJob): void;
  /** `isKept` closes the store and keeps the bytes; else they are deleted. */
  stopReceive(transfer: TransferId, isKept: boolean): void;
  /** Stops everything, keeps what is stored, ends the worker. */
  close(): void;
}
