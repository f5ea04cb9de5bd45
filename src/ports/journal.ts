import type { TransferId } from '../protocol/ids.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { StoreKind } from './blockStore.ts';
import type { Link } from './link.ts';

/** What survives a reload of an incoming transfer: enough to decide on it, resume it, verify it and save it. */
export interface JournalEntry {
  readonly version: 1;
  readonly direction: 'receive';
  readonly manifest: Manifest;
  /** One bit a file, first file in the lowest bit: the files the person wanted. */
  readonly wanted: Uint8Array<ArrayBuffer>;
  /** One bit a block: verified, written and flushed. Never ahead of the disk. */
  readonly held: Uint8Array<ArrayBuffer>;
  /** 32 bytes a block, zero where not held. */
  readonly digests: Uint8Array<ArrayBuffer>;
  /** Of a proposal 'opfs', which says nothing: no store was opened for it. */
  readonly store: StoreKind;
  /** A proposal has nothing held and nothing wanted yet. */
  readonly phase: 'proposed' | 'receiving' | 'done';
  /** Everything was flushed and nothing written since. False while receiving: a crash leaves it so. */
  readonly isClean: boolean;
  /** How the sender called itself. */
  readonly peerName: string;
  /** Ours, on the link the transfer began on. */
  readonly role: Link['role'];
  /** 32 bytes: finds and proves the same peer again without a code. */
  readonly resumeKey: Uint8Array<ArrayBuffer>;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Epoch ms of the last change; leftovers are swept a week after it, proposals an hour after it. */
  readonly touchedAt: number;
}

/** The receiver's durable record of blocks, keyed by transfer. */
export interface Journal {
  /** @returns `undefined` for an unknown transfer and for a record this version cannot read */
  load(id: TransferId): Promise<JournalEntry | undefined>;
  /** Every readable entry. Unreadable ones are skipped. */
  list(): Promise<readonly JournalEntry[]>;
  /** Resolves when the record is durable. Replaces any earlier one. */
  put(entry: JournalEntry): Promise<void>;
  /** Read-modify-write in one IndexedDB transaction, so two tabs cannot lose each other's change. */
  update(id: TransferId, change: (old: JournalEntry) => JournalEntry): Promise<void>;
  forget(id: TransferId): Promise<void>;
}
