import type { DataPlane, LaneCount } from '../ports/dataPlane.ts';
import type { JournalEntry } from '../ports/journal.ts';
import type { Link, LinkPath } from '../ports/link.ts';
import type { LeftSend } from '../ports/sendJournal.ts';
import { encodeBase64url } from '../protocol/base64url.ts';
import { type Fault, unreachable } from '../protocol/faults.ts';
import {
  fileIndex,
  type LaneId,
  parseTransferId,
  type TransferId,
  type TransferTag,
  transferTag,
} from '../protocol/ids.ts';
import { MAX_OPEN_PROPOSALS } from '../protocol/limits.ts';
import type { ControlMessage, Message } from '../protocol/messages.ts';
import { rethrow } from './faultOf.ts';
import { IncomingProposals } from './incomingProposals.ts';
import { isLocal, type LanePolicy } from './lanePolicy.ts';
import { manifestOf, type OutgoingContent } from './outgoingContent.ts';
import { RateMeter } from './rateMeter.ts';
import { type ReceiveHost, ReceiveTransfer } from './receiveTransfer.ts';
import { SendTransfer, type TransferHost } from './sendTransfer.ts';
import { soundingIntervalMs } from './soundings.ts';
import { Untold } from './untold.ts';

export interface PeerSessionParts {
  readonly plane: DataPlane;
  readonly policy: LanePolicy;
  /** How this device calls itself. */
  readonly deviceName: string;
  /** Most bytes we take unacknowledged. */
  readonly windowBytes: number;
  random(byteCount: number): Uint8Array<ArrayBuffer>;
  /** Ms of a monotonic clock. */
  now(): number;
  /** Something shown has changed; `soon` when it is only a counter. */
  changed(urgency: 'now' | 'soon'): void;
  /** The link is gone, for this reason. */
  lost(fault: Fault): void;
  /** The link stands, but nothing has come over it for a while; or something has again. */
  silent(isSilent: boolean): void;
  /** Tells other tabs to keep off a transfer. */
  claim(id: TransferId): Promise<boolean>;
  /** An outgoing transfer was offered, taken, or came to its end: what is kept of it may have to change. */
  sendChanged(transfer: SendTransfer): void;
}

/** A peer an earlier page knew. */
export interface KnownPeer {
  readonly name: string;
  readonly role: Link['role'];
  readonly key: Uint8Array<ArrayBuffer>;
}

export type Transfer = SendTransfer | ReceiveTransfer;

/** Incoming transfers that came to nothing and are still shown. A manifest may have 4 MiB. */
const MAX_ENDED = 16;

/** Phases in which a transfer can still come to something. */
const isOpen = ({ state }: Transfer) =>
  state.phase !== 'done' && state.phase !== 'declined' && state.phase !== 'failed';

/** Unanswered as the receiver counts it. */
const isProposed = ({ state }: Transfer) => state.phase === 'proposed';

/** Unanswered as far as a sender can know: what waits for the link will be proposed again on the next one. */
const mayBeUnanswered = (transfer: Transfer) =>
  transfer.direction === 'send' && (isProposed(transfer) || transfer.state.phase === 'waiting');

/**
 * One peer for as long as the page lives: its transfers in both directions, its data plane, and the
 * link there is right now, if any. When the link is lost the transfers wait; a new link takes them up.
 */
export class PeerSession {
  readonly id: string;
  readonly transfers: Transfer[] = [];
  readonly #parts: PeerSessionParts;
  readonly #proposals: IncomingProposals;
  readonly #untold: Untold;
  /** Content waiting for its turn to be proposed (SPEC P2). */
  readonly #queue: OutgoingContent[] = [];
  readonly #laneMeters = new Map<LaneId, RateMeter>();
  #link: Link | undefined;
  /** Of the first link: both ends keep it for as long as they know each other, so they can't lose step. */
  #resumeKey: Uint8Array<ArrayBuffer> | undefined;
  #role: Link['role'] = 'host';
  #path: LinkPath | undefined;
  #name: string | undefined;
  #isHidden = false;
  /** The peer has said hello on this link (SPEC C3). */
  #isGreeted = false;
  #isSilent = false;
  #hasLeft = false;
  #nextTag = 0;
  /** Lanes of ours: what the data plane found best on this path outlives a lost link. */
  #wantLanes = 1;
  #limitedBy: 'network' | 'disk' | undefined;

  constructor(id: string, parts: PeerSessionParts, known?: KnownPeer) {
    this.id = id;
    this.#parts = parts;
    this.#proposals = new IncomingProposals(parts.now);
    this.#untold = new Untold({
      isThere: () => this.isConnected && !this.#isSilent,
      changed: () => this.#changed(),
    });
    if (known !== undefined) {
      this.#name = known.name;
      this.#role = known.role;
      this.#resumeKey = known.key;
    }
    this.#listenToPlane();
  }

  get name(): string | undefined {
    return this.#name;
  }

  get path(): LinkPath | undefined {
    return this.#path;
  }

  get isConnected(): boolean {
    return this.#link !== undefined;
  }

  /** Connected as far as anybody knows, but not heard for a while. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** The person here ended the last link. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** How to find this peer again without a code. */
  get resume(): { readonly role: Link['role']; readonly key: Uint8Array<ArrayBuffer> } | undefined {
    return this.#resumeKey && { role: this.#role, key: this.#resumeKey };
  }

  get isHidden(): boolean {
    return this.#isHidden;
  }

  get limitedBy(): 'network' | 'disk' | undefined {
    return this.#limitedBy;
  }

  /** Open lanes with their rates, oldest first. */
  get lanes(): readonly { readonly id: number; readonly bytesPerSec: number }[] {
    const now = this.#parts.now();
    return [...this.#laneMeters].map(([id, meter]) => ({
      id,
      bytesPerSec: meter.bytesPerSec(now),
    }));
  }

  get hasOpenTransfers(): boolean {
    return this.#queue.length > 0 || this.transfers.some(isOpen);
  }

  /** Whether this peer is to be found: for what is open, or to hear that what it sent is complete. */
  get isNeeded(): boolean {
    return this.hasOpenTransfers || !this.#untold.isEmpty;
  }

  /** A proven link to this peer: says hello, and takes up whatever waits. */
  attach(link: Link): void {
    this.#replace();
    this.#link = link;
    this.#hasLeft = false;
    this.#resumeKey ??= link.resumeKey;
    this.#role = link.role;
    this.#proposals.clear();
    this.#isGreeted = false;
    const { plane, deviceName, windowBytes } = this.#parts;
    link.listen({
      message: (message) => this.#take(message),
      laneCreated: (lane, channel) => plane.addLane(lane, channel),
      laneOpened: (lane, maxMessageBytes) => {
        plane.openLane(lane, maxMessageBytes);
        this.#laneMeters.set(lane, new RateMeter());
        this.#changed();
      },
      laneClosed: (lane) => {
        plane.removeLane(lane);
        this.#laneMeters.delete(lane);
        this.#changed();
      },
      silent: (isSilent) => this.#silent(isSilent),
      roundTrip: (ms) => {
        plane.roundTrip(ms);
        // ICE measures seldom, Firefox once, and maybe while its page was busy: no path is longer than its shortest answer.
        const path = this.#path;
        if (path !== undefined && ms < (path.roundTripMs ?? Number.POSITIVE_INFINITY))
          this.#followPath({ ...path, roundTripMs: ms });
      },
      pathChanged: (path) => this.#followPath(path),
      closed: (fault) => this.#lost(fault),
    });
    link.send({ type: 'hello', device: deviceName, windowBytes });
    this.#untold.linked();
    this.takeUp();
    if (this.#isSending) this.#openLanes();
    this.#proposeNext();
    this.#changed();
  }

  #followPath(path: LinkPath): void {
    const isNewKind = path.kind !== this.#path?.kind;
    const wasLocal = isLocal(this.#path);
    this.#path = isNewKind ? path : nearest(path, this.#path);
    if (path.roundTripMs !== undefined) this.#parts.plane.iceRoundTrip(path.roundTripMs);
    if (this.#isSending && (isNewKind || isLocal(this.#path) !== wasLocal)) this.#openLanes();
    this.#parts.changed('soon');
  }

  /** Proposes again what waits and has all its files. */
  takeUp(): void {
    if (this.#link === undefined) return;
    for (const transfer of this.transfers) {
      const isReady = transfer.direction === 'send' && transfer.missingSources.length === 0;
      if (isReady) transfer.dispatch({ type: 'link-restored' });
    }
  }

  /** A transfer an earlier page received, or was receiving. */
  restoreIncoming(
    entry: JournalEntry,
    content: Blob | undefined,
    isPaused: boolean,
  ): ReceiveTransfer {
    const transfer = ReceiveTransfer.restored(entry, content, isPaused, this.#receiveHost());
    this.transfers.push(transfer);
    if (transfer.state.phase === 'done') this.#untold.add(entry.manifest.id);
    return transfer;
  }

  /** A transfer an earlier page was sending. */
  restoreOutgoing({ manifest, sources, bundle }: LeftSend, isPaused: boolean): void {
    const kind =
      manifest.files.length === 1 && manifest.files[0]!.kind === 'text' ? 'text' : 'files';
    const initial = {
      phase: 'waiting',
      fault: { code: 'peer-gone', silentMs: 0 },
      pausedByMe: isPaused,
    } as const;
    this.transfers.push(
      new SendTransfer(
        manifest,
        { kind, text: undefined, sources, bundle, initial },
        this.#sendHost(manifest.id),
      ),
    );
  }

  /** Offers `content`; when many offers are unanswered it waits for its turn. */
  offer(content: OutgoingContent): void {
    this.#queue.push(content);
    this.#proposeNext();
  }

  transfer(id: TransferId): Transfer | undefined {
    return this.transfers.find((transfer) => transfer.manifest.id === id);
  }

  /** Takes an ended transfer off the list. */
  forget(id: TransferId): void {
    const at = this.transfers.findIndex((transfer) => transfer.manifest.id === id);
    if (at >= 0) this.transfers.splice(at, 1);
    this.#changed();
  }

  /** Tells the peer that our page went to the background, or came back. */
  tellHidden(isHidden: boolean): void {
    this.#link?.send({ type: 'visibility', isHidden });
  }

  /** Ends the link on purpose. */
  leave(): void {
    this.#queue.length = 0;
    this.#hasLeft = true;
    this.#link?.close({ code: 'peer-left' });
  }

  /** Ends the worker too; nothing of this session is used again. */
  close(): void {
    this.leave();
    this.#parts.plane.close();
  }

  get #isSending(): boolean {
    return (
      this.#queue.length > 0 ||
      this.transfers.some((transfer) => transfer.direction === 'send' && isOpen(transfer))
    );
  }

  #changed(): void {
    this.#parts.changed('now');
  }

  get #bytesToSend(): number {
    return this.transfers
      .filter((transfer) => transfer.direction === 'send' && isOpen(transfer))
      .reduce((sum, { progress }) => sum + progress.totalBytes - progress.bytes, 0);
  }

  /** Lanes are opened while the person over there decides, so that bytes flow as soon as they may. */
  #openLanes(): void {
    const { initial, max } = this.#parts.policy.lanesFor(this.#path, this.#bytesToSend);
    this.#parts.plane.setLanes(initial, max);
    this.#wantLanes = Math.min(Math.max(this.#wantLanes, initial), max);
    this.#link?.setLanes(this.#wantLanes);
    this.#link?.sound(soundingIntervalMs(this.#path));
  }

  #proposeNext(): void {
    while (this.#link !== undefined && this.#queue.length > 0) {
      if (this.transfers.filter(mayBeUnanswered).length >= MAX_OPEN_PROPOSALS) return;
      const content = this.#queue.shift()!;
      const id = parseTransferId(encodeBase64url(this.#parts.random(16)))!;
      const { kind, text, blobs, bundle } = content;
      const initial = { phase: 'proposed', pausedByMe: false } as const;
      const transfer = new SendTransfer(
        manifestOf(content, id),
        { kind, text, sources: blobs, bundle, initial },
        this.#sendHost(id),
      );
      this.transfers.push(transfer);
      this.#openLanes();
      transfer.propose();
      this.#parts.sendChanged(transfer);
    }
    this.#changed();
  }

  #sendHost(id: TransferId): TransferHost {
    const host = this.#transferHost();
    const changed = (drawnAfterMs?: number) => {
      host.changed(drawnAfterMs);
      const transfer = this.transfer(id);
      if (transfer?.direction === 'send') this.#parts.sendChanged(transfer);
    };
    return { ...host, changed };
  }

  #receiveHost(): ReceiveHost {
    return {
      ...this.#transferHost(),
      peerName: this.#name ?? '',
      role: this.#role,
      resumeKey: this.#resumeKey!,
      claim: this.#parts.claim,
    };
  }

  #transferHost(): TransferHost {
    const { plane, now } = this.#parts;
    return {
      plane,
      now,
      send: (message: ControlMessage) => this.#link?.send(message),
      nextTag: () => this.#mintTag(),
      changed: (drawnAfterMs = 0) => {
        this.#link?.sound(this.#isSending ? soundingIntervalMs(this.#path) : undefined);
        if (drawnAfterMs === 0) this.#changed();
        else setTimeout(() => this.#changed(), drawnAfterMs);
        // An answer makes room for the next proposal.
        if (this.#queue.length > 0) queueMicrotask(() => this.#proposeNext());
      },
      progressed: () => this.#parts.changed('soon'),
    };
  }

  #mintTag(): TransferTag {
    const tag = transferTag(this.#nextTag);
    this.#nextTag = (this.#nextTag + 1) % 0x10000;
    return tag;
  }

  #take(message: ControlMessage): void {
    if (!this.#isGreeted && message.type !== 'hello') {
      this.#broke('C3');
      return;
    }
    switch (message.type) {
      case 'hello':
        this.#isGreeted = true;
        this.#name = message.device;
        this.#parts.plane.setWindow(message.windowBytes);
        this.#changed();
        break;
      case 'visibility':
        this.#isHidden = message.isHidden;
        this.#changed();
        break;
      case 'propose':
        this.#proposed(message);
        break;
      case 'manifest':
        this.#manifestPart(message);
        break;
      case 'accept':
      case 'decline':
      case 'pause':
      case 'continue':
      case 'lose-file':
      case 'cancel':
      case 'complete':
        this.#aboutTransfer(message);
        break;
      case 'ping':
      case 'pong':
      case 'close':
      case 'lane-offer':
      case 'lane-answer':
      case 'lane-candidate':
      case 'lane-close':
        // The link keeps these to itself.
        break;
      default:
        unreachable(message);
    }
  }

  #proposed(proposal: Message<'propose'>): void {
    const incoming = this.transfers.filter(({ direction }) => direction === 'receive');
    const rule = this.#proposals.begin(proposal, {
      isNew: this.transfer(proposal.transfer) === undefined,
      proposed: incoming.filter(isProposed).length,
      open: incoming.filter(isOpen).length,
    });
    if (rule !== undefined) this.#broke(rule);
  }

  #manifestPart(part: Message<'manifest'>): void {
    const whole = this.#proposals.add(part);
    if (whole === undefined) return;
    if ('rule' in whole) {
      this.#broke(whole.rule);
      return;
    }
    const { manifest, tag } = whole;
    const known = this.transfer(manifest.id);
    if (known === undefined) {
      this.#forgetEnded();
      const transfer = new ReceiveTransfer(manifest, tag, this.#receiveHost());
      this.transfers.push(transfer);
      transfer.prepare().catch(rethrow);
      this.#changed();
    } else if (known.direction === 'receive' && isSameManifest(known.manifest, manifest)) {
      known.proposedAgain(tag);
    } else {
      this.#broke('P4');
    }
  }

  /** A peer that proposes and cancels for ever must not fill the memory with what came to nothing. */
  #forgetEnded(): void {
    const ended = this.transfers.filter(
      ({ direction, state }) =>
        direction === 'receive' && (state.phase === 'failed' || state.phase === 'declined'),
    );
    for (const transfer of ended.slice(0, -MAX_ENDED + 1)) {
      this.transfers.splice(this.transfers.indexOf(transfer), 1);
    }
  }

  /** A message about a transfer nobody knows any more is late, not wrong (SPEC P7). */
  #aboutTransfer(
    message: Message<
      'accept' | 'decline' | 'pause' | 'continue' | 'lose-file' | 'cancel' | 'complete'
    >,
  ): void {
    const transfer = this.transfer(message.transfer);
    if (transfer === undefined) return;
    switch (message.type) {
      case 'pause':
        transfer.dispatch({ type: 'peer-paused' });
        break;
      case 'continue':
        transfer.dispatch({ type: 'peer-continued' });
        break;
      case 'cancel':
        transfer.dispatch({ type: 'peer-cancelled', reason: message.reason });
        break;
      case 'accept':
        if (transfer.direction !== 'send' || !transfer.accept(message)) this.#broke('P3');
        break;
      case 'lose-file':
        if (transfer.direction === 'receive' && message.file < transfer.manifest.files.length) {
          transfer.lose(fileIndex(message.file));
        }
        break;
      case 'decline':
        if (transfer.direction === 'send') transfer.dispatch({ type: 'peer-declined' });
        break;
      case 'complete':
        if (transfer.direction === 'send') transfer.dispatch({ type: 'peer-completed' });
        break;
    }
  }

  #broke(rule: string): void {
    this.#link?.close({ code: 'rule-broken', rule });
  }

  /** A new link takes the place of one that has not been given up yet. */
  #replace(): void {
    if (this.#link === undefined) return;
    this.#link.abandon();
    this.#unlink({ code: 'peer-gone', silentMs: 0 });
  }

  #silent(isSilent: boolean): void {
    this.#isSilent = isSilent;
    this.#parts.silent(isSilent);
  }

  #lost(fault: Fault): void {
    this.#unlink(fault);
    this.#parts.lost(fault);
    this.#changed();
  }

  #unlink(fault: Fault): void {
    this.#link = undefined;
    this.#isSilent = false;
    this.#path = undefined;
    this.#laneMeters.clear();
    for (const transfer of this.transfers) transfer.dispatch({ type: 'link-lost', fault });
  }

  #listenToPlane(): void {
    const outgoing = (tag: TransferTag) =>
      this.transfers.find(
        (transfer): transfer is SendTransfer =>
          transfer.direction === 'send' && transfer.tag === tag,
      );
    const incoming = (id: TransferId) => {
      const transfer = this.transfer(id);
      return transfer?.direction === 'receive' ? transfer : undefined;
    };
    this.#parts.plane.listen({
      sent: (tag, blocks) => outgoing(tag)?.acked(blocks),
      received: (id, blocks) => incoming(id)?.verified(blocks),
      receiving: (id, held, samples) => incoming(id)?.receiving(held, samples),
      stored: (id, content) => {
        this.#untold.add(id);
        void incoming(id)?.stored(content);
      },
      sendFailed: (tag, fault) => outgoing(tag)?.fail(fault),
      receiveFailed: (id, fault) => incoming(id)?.fail(fault),
      wantLanes: (count) => {
        this.#wantLanes = count;
        this.#link?.setLanes(count);
      },
      peerBroke: (fault) => this.#link?.close(fault),
      lanes: (counts, limitedBy) => {
        this.#limitedBy = limitedBy;
        this.#count(counts);
      },
    });
  }

  #count(counts: readonly LaneCount[]): void {
    const now = this.#parts.now();
    for (const { lane, sentBytes, receivedBytes } of counts) {
      this.#laneMeters.get(lane)?.note(sentBytes + receivedBytes, now);
    }
    this.#parts.changed('soon');
  }
}

/** The shortest round trip says how far the peer is; longer ones say how busy a page or a queue is. */
const nearest = (path: LinkPath, before: LinkPath | undefined): LinkPath => ({
  ...path,
  roundTripMs:
    path.roundTripMs === undefined || before?.roundTripMs === undefined
      ? (path.roundTripMs ?? before?.roundTripMs)
      : Math.min(path.roundTripMs, before.roundTripMs),
});

/** The same id must mean the same files, or blocks of one would land in another (SPEC P4). */
const isSameManifest = (a: ReceiveTransfer['manifest'], b: ReceiveTransfer['manifest']) =>
  JSON.stringify(a) === JSON.stringify(b);
