import type { FoundItem } from '../ports/pickedItem.ts';
import type { Fault } from '../protocol/faults.ts';
import type { FileIndex, TransferId } from '../protocol/ids.ts';

export type { FoundItem };

/**
 * What the app shows: one immutable value, derived from the machines' states, replaced as a whole
 * (at most ten times a second while bytes flow). The UI renders it and holds nothing of it.
 */
export interface AppView {
  /** The share this device holds open, if any. */
  readonly share: ShareView | undefined;
  /** The attempt of this device to join another's share, if any. Gone once the peer is in `peers`. */
  readonly join: JoinView | undefined;
  /** Everyone connected (or expected back), oldest first. */
  readonly peers: readonly PeerView[];
  /** Every transfer of this page, newest first. */
  readonly transfers: readonly TransferView[];
  /** Something the person should know that belongs to no share, join or transfer. */
  readonly notice: Fault | undefined;
  /** Free bytes for received files as the browser estimates them; undefined when it does not say. */
  readonly freeBytes: number | undefined;
  /** Where received files are kept. `memory` is lost on reload, and the person is warned. */
  readonly storeKind: 'opfs' | 'indexeddb' | 'memory' | undefined;
}

export interface ShareView {
  /**
   * `opening`: registering at the broker. `open`: the code works. `retrying`: the broker is out of
   * reach; connected peers stay, new ones wait; it is tried again by itself.
   */
  readonly phase: 'opening' | 'open' | 'retrying';
  /** `4821-maple-otter-quartz`; undefined while opening and after too many wrong codes. */
  readonly code: string | undefined;
  /** The full link with the secret in its fragment; undefined while opening for the first time. */
  readonly link: string | undefined;
  /** How many times the words were burned by a wrong code; the newest code is always shown. */
  readonly burnedCount: number;
  readonly isOnePersonOnly: boolean;
  /** What is offered to everyone who joins, in the order added. */
  readonly items: readonly SharedItemView[];
  /** Why it is `retrying`, or what happened last (a burned code is `not-verified`). */
  readonly fault: Fault | undefined;
}

/** One batch of things put into the share. */
export interface SharedItemView {
  readonly kind: 'files' | 'text';
  /** First name, or the beginning of the text. */
  readonly title: string;
  readonly fileCount: number;
  readonly totalBytes: number;
}

export interface JoinView {
  /**
   * `confirming`: came by link, waits for a tap. `finding`: nobody answered yet, tried again by
   * itself. `connecting`: found, ICE at work. `checking`: proving the secret. `failed`: see `fault`.
   */
  readonly phase: 'confirming' | 'finding' | 'connecting' | 'checking' | 'failed';
  /** By link or by code. */
  readonly mode: 'code' | 'link';
  /** While `finding`: why it is not found yet (`broker-unreachable`, `peer-unavailable`). While `failed`: why. */
  readonly fault: Fault | undefined;
}

export interface PeerView {
  readonly id: string;
  /** How the other device calls itself; undefined until it said so. */
  readonly name: string | undefined;
  /** `left`: the person here disconnected, and nothing is looked for until they connect again. `gone`: it is not looked for either. */
  readonly phase: 'connected' | 'reconnecting' | 'left' | 'gone';
  readonly path: 'direct' | 'relay' | undefined;
  readonly lanes: readonly LaneView[];
  readonly roundTripMs: number | undefined;
  /** The other page is in the background, where browsers slow pages down. */
  readonly isHidden: boolean;
}

export interface LaneView {
  readonly id: number;
  /** Payload bytes a second, both directions, over the last second. */
  readonly bytesPerSec: number;
}

export type TransferPhase =
  | 'proposed'
  | 'transferring'
  | 'paused'
  | 'waiting'
  | 'done'
  | 'declined'
  | 'failed';

export interface TransferView {
  readonly id: TransferId;
  readonly peerId: string;
  readonly peerName: string | undefined;
  readonly direction: 'send' | 'receive';
  readonly phase: TransferPhase;
  /** `text`: exactly one text, shown inline. */
  readonly kind: 'files' | 'text';
  /** First file name, or the beginning of a text that is known. */
  readonly title: string;
  /** Same array for the life of the transfer. Names are safe to show and to save under. */
  readonly files: readonly FileView[];
  /** Verified bytes of the wanted files. */
  readonly bytes: number;
  /** Bytes of the wanted files (all files until the receiver has chosen). */
  readonly totalBytes: number;
  /** Verified bytes a second over the last seconds; 0 when not transferring. */
  readonly bytesPerSec: number;
  /** Undefined while unknown. */
  readonly secondsLeft: number | undefined;
  /** Who holds it, while `paused`. */
  readonly pausedBy: 'me' | 'peer' | 'both' | undefined;
  /** What makes it slow right now, when something clearly does. */
  readonly limitedBy: 'network' | 'disk' | 'peer-hidden' | 'relay' | undefined;
  /** Why it `failed` or is `waiting`. */
  readonly fault: Fault | undefined;
  /** The received text, when done. */
  readonly text: string | undefined;
  /** The link fell before the person here had decided. */
  readonly isUndecided: boolean;
  /** Received and complete: `save` works. */
  readonly isSavable: boolean;
  /** While many files are being saved: the part that is out, 0 to 1. */
  readonly savingShare: number | undefined;
  /** Verified bytes of one file (its size when complete). */
  fileBytes(file: FileIndex): number;
  /** False for a file the receiver did not want. True for all until chosen. */
  isWanted(file: FileIndex): boolean;
  /** True once the person has saved this file (or all of them). */
  isSaved(file: FileIndex): boolean;
}

export interface FileView {
  readonly index: FileIndex;
  readonly kind: 'file' | 'text' | 'folder';
  /** Safe segments, the last one the name. */
  readonly path: readonly string[];
  readonly sizeBytes: number;
  /** The extension runs code or opens something by itself on some systems. */
  readonly isRisky: boolean;
}

/** Everything a person can do. The UI calls these and nothing else. */
export interface Actions {
  /**
   * The person is about to share or join: what that takes is opened ahead, so that it begins at once. Shows nothing, and
   * may be called often.
   */
  prepare(what: 'share' | 'join'): void;
  /**
   * Offers files, and gives notice of what cannot be read. They go to every connected peer, and to everyone who joins later. Opens a share when there
   * is neither a share nor a peer.
   */
  sendItems(items: readonly FoundItem[]): void;
  sendText(text: string): void;
  /** Opens a share with nothing in it yet, so that others can send to this device. */
  openShare(): void;
  stopShare(): void;
  setOnePersonOnly(isOn: boolean): void;
  /** Accepts a code or a link, as typed, pasted or scanned. A fault shows in `join`. */
  join(codeOrLink: string): void;
  /** The tap that confirms a link, while `join.phase` is `confirming`. */
  confirmJoin(): void;
  cancelJoin(): void;
  /** Ends the link to a peer. What was under way waits until somebody here connects again. */
  leave(peerId: string): void;
  /** Looks again for a peer with whom something waits. */
  reconnect(peerId: string): void;
  /** `wanted` undefined means everything. */
  accept(id: TransferId, wanted?: ReadonlySet<FileIndex>): void;
  decline(id: TransferId): void;
  pause(id: TransferId): void;
  continue(id: TransferId): void;
  /** Ends a transfer that is under way, or the saving of one that is done. */
  cancel(id: TransferId): void;
  /** Takes a finished, declined or failed transfer off the list and frees its space. */
  dismiss(id: TransferId): void;
  save(id: TransferId, file: FileIndex): void;
  /** One file: a download; several: one ZIP download. */
  saveAll(id: TransferId): void;
  /** Whether this browser can write into a folder the person picks. */
  canPickFolder(): boolean;
  saveToFolder(id: TransferId): void;
  /** Bytes of a received file for a preview; undefined when it is not there. */
  content(id: TransferId, file: FileIndex): Blob | undefined;
  /** Shows a fault of what the person just did, outside of any transfer. */
  notify(fault: Fault): void;
  dismissNotice(): void;
}

/** The app as the UI sees it: a value that changes, and things to do. */
export interface App {
  readonly view: AppView;
  readonly actions: Actions;
  /** Calls back after every change of `view`. @returns a function that stops it */
  subscribe(changed: () => void): () => void;
}
