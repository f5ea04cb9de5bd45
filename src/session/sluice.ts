/**
 * The app behind the UI: one share, one attempt to join, the peers and their transfers. Composes the
 * ports, derives the view, and turns what a person does into events. Knows no adapter and no DOM.
 */
import type { BlockStores } from '../ports/blockStore.ts';
import type { DataPlane } from '../ports/dataPlane.ts';
import type { Journal } from '../ports/journal.ts';
import type { Link } from '../ports/link.ts';
import type { Cancellable, Meeting } from '../ports/meeting.ts';
import type { PauseMarks } from '../ports/pauseMarks.ts';
import type { FoundItem, PickedItem } from '../ports/pickedItem.ts';
import type { SendJournal } from '../ports/sendJournal.ts';
import type { ShareKeep } from '../ports/shareKeep.ts';
import type { Fault } from '../protocol/faults.ts';
import type { FileIndex, TransferId } from '../protocol/ids.ts';
import { type FileSet, IndexSet } from '../protocol/indexSet.ts';
import { CounterPace } from './counterPace.ts';
import { faultOf, rethrow } from './faultOf.ts';
import type { HandingOut } from './handingOut.ts';
import { Hosting } from './hosting.ts';
import { Joining } from './joining.ts';
import type { LanePolicy } from './lanePolicy.ts';
import { type PeerLeftovers, readLeftovers } from './leftovers.ts';
import {
  contentOfItems,
  contentOfText,
  faultOfUnreadable,
  type OutgoingContent,
} from './outgoingContent.ts';
import type { PeerKit, PeerKitParts } from './peerKit.ts';
import type { KnownPeer, PeerSession, PeerSessionParts, Transfer } from './peerSession.ts';
import type { ReceiveTransfer } from './receiveTransfer.ts';
import type { Actions, App, AppView } from './view.ts';

export interface SluiceParts {
  /** Loaded when somebody first shares or joins. @throws TransferError */
  meeting(): Promise<Meeting>;
  /** What runs peers, loaded when there is one or is about to be. @throws TransferError */
  peerKit(parts: Omit<PeerKitParts, 'saver'>): Promise<PeerKit>;
  createDataPlane(): DataPlane;
  readonly stores: BlockStores;
  readonly journal: Journal;
  readonly sendJournal: SendJournal;
  readonly pauses: PauseMarks;
  readonly shareKeep: ShareKeep;
  /** Claims a transfer for this tab as long as it lives; false when another tab has it. */
  claim(id: TransferId): Promise<boolean>;
  /** Claims it as soon as no other tab has it. */
  claimWhenFree(id: TransferId): Promise<void>;
  /** Epoch ms. */
  today(): number;
  readonly policy: LanePolicy;
  /** Most bytes we take unacknowledged. */
  readonly windowBytes: number;
  deviceName(): string;
  random(byteCount: number): Uint8Array<ArrayBuffer>;
  /** Ms of a monotonic clock. */
  now(): number;
  /** Between two changes of the counters on the screen, ms, once a transfer is well under way. */
  readonly longestCounterIntervalMs: number;
  freeBytes(): Promise<number | undefined>;
  storeKind(): Promise<AppView['storeKind']>;
  /** Asks the browser to keep our data; called inside the tap that accepts a transfer. */
  persist(): Promise<boolean>;
}

/** Rates are refreshed this often while something runs, so that a stall shows. */
const STALL_INTERVAL_MS = 1_000;

/** How long the locks of a tab that goes may take to be free one after another, ms. */
const INHERIT_AFTER_MS = 200;

export class Sluice implements App {
  readonly actions: Actions;
  readonly #parts: SluiceParts;
  readonly #peers: PeerSession[] = [];
  /** There before the first peer is. */
  #kit: PeerKit | undefined;
  readonly #hosting: Hosting;
  readonly #joining: Joining;
  readonly #subscribers = new Set<() => void>();
  #view: AppView;
  readonly #rejoins = new Map<PeerSession, Cancellable>();
  #notice: Fault | undefined;
  #freeBytes: number | undefined;
  #storeKind: AppView['storeKind'];
  #nextPeer = 1;
  #isNotifying = false;
  readonly #counterPace: CounterPace;
  #counterTimer: ReturnType<typeof setTimeout> | undefined;
  #stallTimer: ReturnType<typeof setInterval> | undefined;

  constructor(parts: SluiceParts) {
    this.#parts = parts;
    this.#counterPace = new CounterPace(parts.longestCounterIntervalMs);
    const changed = () => this.#changed('now');
    const failed = (fault: Fault) => this.notify(fault);
    const meeting = () => this.#meeting();
    this.#hosting = new Hosting({
      meeting,
      keep: parts.shareKeep,
      changed,
      failed,
      joined: (link, contents) => {
        const peer = this.#connect(link);
        for (const content of contents) peer.offer(content);
      },
    });
    this.#joining = new Joining({ meeting, changed, joined: (link) => this.#connect(link) });
    this.#view = this.#derive();
    this.actions = this.#actions();
    parts.storeKind().then((kind) => {
      this.#storeKind = kind;
      this.#changed('now');
    }, rethrow);
    this.#refreshFreeBytes();
  }

  get view(): AppView {
    return this.#view;
  }

  subscribe(changed: () => void): () => void {
    this.#subscribers.add(changed);
    return () => this.#subscribers.delete(changed);
  }

  /** A link the page was opened with: it waits for a tap (design section 5). */
  arriveByLink(link: string): void {
    this.#joining.arrive(link);
  }

  /** The page went to the background, or came back. */
  setHidden(isHidden: boolean): void {
    for (const peer of this.#peers) peer.tellHidden(isHidden);
  }

  /** Whether closing the page would interrupt something. */
  get isBusy(): boolean {
    return (
      this.#peers.some((peer) => peer.hasOpenTransfers) || this.#kit?.handingOut.isBusy === true
    );
  }

  /** Something unforeseen that is not a bug, for the person to know. */
  notify(fault: Fault): void {
    this.#notice = fault;
    this.#changed('now');
  }

  #actions(): Actions {
    const transferDo = (
      id: TransferId,
      event: { readonly type: 'paused' | 'continued' | 'cancelled' },
    ) => this.#find(id)?.transfer.dispatch(event);
    const handOut = (
      id: TransferId,
      act: (handingOut: HandingOut, transfer: ReceiveTransfer) => void,
    ) => {
      const transfer = this.#incoming(id);
      if (transfer !== undefined && this.#kit !== undefined) act(this.#kit.handingOut, transfer);
    };
    return {
      prepare: (what) => this.#prepare(what),
      sendItems: (items) => this.#sendItems(items),
      sendText: (text) => this.#send(contentOfText(text)),
      openShare: () => this.#hosting.open(),
      stopShare: () => this.#hosting.stop(),
      setOnePersonOnly: (isOn) => this.#hosting.setOnePersonOnly(isOn),
      join: (text) => this.#joining.start(text),
      confirmJoin: () => this.#joining.confirm(),
      cancelJoin: () => this.#joining.cancel(),
      leave: (peerId) => this.#peers.find(({ id }) => id === peerId)?.leave(),
      reconnect: (peerId) => {
        const peer = this.#peers.find(({ id }) => id === peerId);
        if (peer !== undefined && !peer.isConnected)
          this.#rejoin(peer).catch((error: unknown) => this.notify(faultOf(error)));
      },
      accept: (id, wanted) => this.#accept(id, wanted),
      decline: (id) => this.#incoming(id)?.dispatch({ type: 'declined' }),
      pause: (id) => {
        transferDo(id, { type: 'paused' });
        this.#markPaused(id, true);
      },
      continue: (id) => {
        transferDo(id, { type: 'continued' });
        this.#markPaused(id, false);
      },
      cancel: (id) => {
        transferDo(id, { type: 'cancelled' });
        handOut(id, (handingOut, transfer) => handingOut.cancel(transfer));
      },
      dismiss: (id) => this.#dismiss(id),
      save: (id, file) => handOut(id, (handingOut, transfer) => handingOut.save(transfer, file)),
      saveAll: (id) => handOut(id, (handingOut, transfer) => handingOut.saveAll(transfer)),
      canPickFolder: () => this.#kit?.canPickFolder === true,
      saveToFolder: (id) =>
        handOut(id, (handingOut, transfer) => handingOut.saveToFolder(transfer)),
      content: (id, file) => {
        const place = this.#incoming(id)?.filePlace(file);
        return place?.content.slice(place.start, place.end);
      },
      notify: (fault) => this.notify(fault),
      dismissNotice: () => {
        this.#notice = undefined;
        this.#changed('now');
      },
    };
  }

  // Peers

  #sendItems(items: readonly FoundItem[]): void {
    // What was told of earlier files has been dealt with.
    this.#notice = faultOfUnreadable(items);
    const fresh = this.#withoutAskedFor(items.filter((item) => item.kind !== 'unreadable'));
    if (fresh.length > 0) this.#send(contentOfItems(fresh));
    this.#changed('now');
  }

  /** Files that an interrupted transfer waits for go to it, and are no new offer. */
  #withoutAskedFor(items: readonly PickedItem[]): readonly PickedItem[] {
    const files = items.filter((item) => item.kind === 'file');
    const taken = new Set<PickedItem>();
    for (const peer of this.#peers) {
      for (const transfer of peer.transfers) {
        if (transfer.direction !== 'send' || transfer.state.phase !== 'waiting') continue;
        for (const file of transfer.provide(files)) taken.add(file);
      }
      peer.takeUp();
    }
    return items.filter((item) => !taken.has(item));
  }

  #send(content: OutgoingContent | Fault): void {
    if ('code' in content) {
      this.notify(content);
      return;
    }
    const connected = this.#peers.filter((peer) => peer.isConnected);
    for (const peer of connected) peer.offer(content);
    if (this.#hosting.isOpen || connected.length === 0) this.#hosting.add(content);
    this.#changed('now');
  }

  /** The way to others, and what runs them once they are found. */
  async #meeting(): Promise<Meeting> {
    const [meeting] = await Promise.all([this.#parts.meeting(), this.#loadKit()]);
    return meeting;
  }

  #prepare(what: 'share' | 'join'): void {
    if (what === 'share') this.#hosting.prepare();
    else
      this.#meeting().then(
        (meeting) => meeting.prepareToJoin(),
        () => {
          // Out of reach now: joining says so if it still is then.
        },
      );
  }

  async #loadKit(): Promise<PeerKit> {
    if (this.#kit !== undefined) return this.#kit;
    const kit = await this.#parts.peerKit({
      ...this.#parts,
      changed: (urgency) => this.#changed(urgency),
      failed: (fault) => this.notify(fault),
    });
    // Somebody else may have been quicker.
    this.#kit ??= kit;
    return this.#kit;
  }

  #connect(link: Link): PeerSession {
    const peer = this.#newPeer();
    peer.attach(link);
    this.#refreshFreeBytes();
    return peer;
  }

  #newPeer(known?: KnownPeer): PeerSession {
    const { policy, windowBytes, random, now, claim, deviceName, createDataPlane } = this.#parts;
    const parts: PeerSessionParts = {
      plane: createDataPlane(),
      policy,
      deviceName: deviceName(),
      windowBytes,
      random,
      now,
      claim,
      changed: (urgency) => {
        if (urgency === 'now') this.#tendRejoin(peer);
        this.#changed(urgency);
      },
      lost: (fault) => this.#peerLost(peer, fault),
      silent: (isSilent) => {
        // A registration of a while ago may be forgotten by now, with its socket open: a new one is made for somebody who is missed.
        if (isSilent) this.#stopRejoining(peer);
        this.#tendRejoin(peer);
      },
      sendChanged: (transfer) => this.#kit?.records.follow(peer, transfer),
    };
    if (this.#kit === undefined) throw new Error('a peer before what runs it');
    const id = `peer-${this.#nextPeer}`;
    const peer: PeerSession = this.#kit.newSession(id, parts, known);
    this.#nextPeer += 1;
    this.#peers.push(peer);
    return peer;
  }

  /**
   * Takes up what earlier pages left: received files that can still be saved, and transfers that wait for
   * their peer, which is looked for at once.
   */
  async restore(): Promise<void> {
    const { peers, elsewhere } = await readLeftovers(this.#parts);
    await this.#takeUp(peers);
    this.#inherit(elsewhere);
  }

  /** Opens the share again that the page before in this tab had open. */
  restoreShare(): Promise<void> {
    return this.#hosting.restore();
  }

  /** Takes `ids` up once the tab that works on them has gone. */
  #inherit(ids: ReadonlySet<TransferId>): void {
    const freed = new Set<TransferId>();
    const takeUp = async () => {
      const ours = new Set(freed);
      freed.clear();
      const claim = (id: TransferId) => Promise.resolve(ours.has(id));
      await this.#takeUp((await readLeftovers({ ...this.#parts, claim })).peers);
    };
    for (const id of ids) {
      this.#parts.claimWhenFree(id).then(() => {
        // A tab that goes lets go of everything, a little after one another.
        if (freed.size === 0)
          setTimeout(
            () => takeUp().catch((error: unknown) => this.notify(faultOf(error))),
            INHERIT_AFTER_MS,
          );
        freed.add(id);
      }, rethrow);
    }
  }

  async #takeUp(left: readonly PeerLeftovers[]): Promise<void> {
    if (left.length > 0) await this.#loadKit();
    for (const { known, incoming, outgoing } of left) {
      const peer =
        this.#peers.find((each) => isSameKey(each.resume, known)) ?? this.#newPeer(known);
      for (const { entry, content, isPaused } of incoming)
        await peer.restoreIncoming(entry, content, isPaused).readText();
      for (const { record, isPaused } of outgoing) {
        this.#kit?.records.restored(record);
        peer.restoreOutgoing(record, isPaused);
      }
      if (peer.isNeeded) this.#rejoin(peer).catch((error: unknown) => this.notify(faultOf(error)));
    }
    this.#changed('now');
  }

  /** The page is in front again, or the network is back: whoever is looked for is looked for at once, and the share can be found. */
  wake(): void {
    this.#hosting.wake();
    this.#joining.wake();
    for (const [peer, rejoining] of [...this.#rejoins]) {
      rejoining.cancel();
      this.#rejoins.delete(peer);
      this.#rejoin(peer).catch((error: unknown) => this.notify(faultOf(error)));
    }
  }

  /** What waits is taken up again by itself, unless the person here left, or somebody broke a rule. */
  #peerLost(peer: PeerSession, fault: Fault): void {
    if (fault.code === 'rule-broken' || fault.code === 'peer-failed') this.#notice = fault;
    this.#stopRejoining(peer);
    if (peer.isNeeded && !peer.hasLeft && MAY_REJOIN.has(fault.code)) {
      this.#rejoin(peer).catch(rethrow);
      return;
    }
    this.#dropIfDone(peer);
  }

  /**
   * While something is under way a host waits at the rendezvous, link or no link: a peer that crashed and is back in a second finds it at
   * once. A joiner looks for a host that has gone silent, while the link is given time to heal.
   */
  #tendRejoin(peer: PeerSession): void {
    if (!peer.isConnected && peer.isNeeded) return;
    const isWanted = peer.isNeeded && (peer.isSilent || peer.resume?.role === 'host');
    if (isWanted) this.#rejoin(peer).catch((error: unknown) => this.notify(faultOf(error)));
    else this.#stopRejoining(peer);
  }

  #stopRejoining(peer: PeerSession): void {
    this.#rejoins.get(peer)?.cancel();
    this.#rejoins.delete(peer);
  }

  async #rejoin(peer: PeerSession): Promise<void> {
    const { resume } = peer;
    if (resume === undefined || this.#rejoins.has(peer)) return;
    const meeting = await this.#meeting();
    if (!this.#peers.includes(peer) || this.#rejoins.has(peer)) return;
    if (!peer.isNeeded) return;
    if (peer.isConnected && !peer.isSilent && resume.role === 'joiner') return;
    const rejoining = meeting.rejoin(resume.role, resume.key, {
      joined: (link) => {
        this.#rejoins.delete(peer);
        peer.attach(link);
      },
      failed: () => {
        // The transfers go on waiting: a new code or link takes them up as well.
        this.#rejoins.delete(peer);
        this.#changed('now');
      },
    });
    this.#rejoins.set(peer, rejoining);
    this.#changed('now');
  }

  /** Lets go of a peer that is not there and of whom nothing is left to see. */
  #dropIfDone(peer: PeerSession): void {
    if (peer.isConnected || peer.hasOpenTransfers || peer.transfers.length > 0) return;
    this.#stopRejoining(peer);
    this.#peers.splice(this.#peers.indexOf(peer), 1);
    peer.close();
  }

  // Transfers

  #find(id: TransferId): { readonly peer: PeerSession; readonly transfer: Transfer } | undefined {
    for (const peer of this.#peers) {
      const transfer = peer.transfer(id);
      if (transfer !== undefined) return { peer, transfer };
    }
    return undefined;
  }

  #incoming(id: TransferId): ReceiveTransfer | undefined {
    const transfer = this.#find(id)?.transfer;
    return transfer?.direction === 'receive' ? transfer : undefined;
  }

  #accept(id: TransferId, chosen: ReadonlySet<FileIndex> | undefined): void {
    const transfer = this.#incoming(id);
    if (transfer === undefined) return;
    const wanted: FileSet =
      chosen === undefined
        ? IndexSet.full(transfer.manifest.files.length)
        : setOf(chosen, transfer.manifest.files.length);
    this.#parts.persist().catch(rethrow);
    transfer.accept(wanted);
  }

  #dismiss(id: TransferId): void {
    const found = this.#find(id);
    if (found === undefined) return;
    const { peer, transfer } = found;
    peer.forget(id);
    this.#kit?.views.forget(id);
    if (transfer.direction === 'receive') {
      this.#kit?.handingOut.cancel(transfer);
      this.#discard(id).catch(rethrow);
    } else this.#parts.sendJournal.forget(id).catch(rethrow);
    this.#dropIfDone(peer);
    this.#changed('now');
  }

  async #discard(id: TransferId): Promise<void> {
    await this.#parts.stores.discard(id);
    await this.#parts.journal.forget(id);
    this.#refreshFreeBytes();
  }

  /** A mark that cannot be kept holds for this visit. */
  #markPaused(id: TransferId, isPaused: boolean): void {
    this.#parts.pauses.set(id, isPaused).catch((error: unknown) => this.notify(faultOf(error)));
  }

  // The view

  #changed(urgency: 'now' | 'soon'): void {
    if (urgency === 'soon') {
      this.#counterTimer ??= setTimeout(() => {
        this.#counterPace.show(this.#parts.now());
        this.#publish();
      }, this.#counterPace.waitMs(this.#parts.now()));
      return;
    }
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    queueMicrotask(() => this.#publish());
  }

  #publish(): void {
    this.#isNotifying = false;
    clearTimeout(this.#counterTimer);
    this.#counterTimer = undefined;
    this.#view = this.#derive();
    this.#watchForStalls();
    for (const changed of this.#subscribers) changed();
  }

  #derive(): AppView {
    const views = this.#kit?.views;
    return {
      share: this.#hosting.view,
      join: this.#joining.view,
      peers:
        views === undefined
          ? []
          : this.#peers
              .filter((peer) => peer.isConnected || peer.hasOpenTransfers)
              .map((peer) => views.peer(peer, this.#rejoins.has(peer) && !isThere(peer))),
      transfers:
        views === undefined
          ? []
          : this.#peers
              .flatMap((peer) => peer.transfers.map((transfer) => views.view(peer, transfer)))
              .reverse(),
      notice: this.#notice,
      freeBytes: this.#freeBytes,
      storeKind: this.#storeKind,
    };
  }

  #watchForStalls(): void {
    const isRunning =
      this.#view.transfers.some((transfer) => transfer.phase === 'transferring') ||
      this.#view.peers.some((peer) => peer.lanes.some((lane) => lane.bytesPerSec > 0));
    if (isRunning) {
      this.#stallTimer ??= setInterval(() => this.#changed('soon'), STALL_INTERVAL_MS);
    } else {
      clearInterval(this.#stallTimer);
      this.#stallTimer = undefined;
    }
  }

  #refreshFreeBytes(): void {
    this.#parts.freeBytes().then((bytes) => {
      this.#freeBytes = bytes;
      this.#changed('soon');
    }, rethrow);
  }
}

/** Ways to lose a link that heal: everything but breaking rules. */
const MAY_REJOIN: ReadonlySet<Fault['code']> = new Set(['peer-gone', 'no-path', 'peer-left']);

const isThere = (peer: PeerSession) => peer.isConnected && !peer.isSilent;

const isSameKey = (one: PeerSession['resume'], known: KnownPeer) =>
  one?.role === known.role && one.key.every((byte, i) => byte === known.key[i]);

function setOf(indices: ReadonlySet<FileIndex>, size: number): FileSet {
  const set: FileSet = new IndexSet(size);
  for (const index of indices) set.add(index);
  return set;
}
