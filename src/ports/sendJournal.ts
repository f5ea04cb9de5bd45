import type { TransferId } from '../protocol/ids.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { Link } from './link.ts';

/** What survives a reload of an outgoing transfer that somebody accepted. */
export interface SendRecord {
  readonly version: 1;
  readonly manifest: Manifest;
  /**
   * One a manifest entry: its bytes where they could be kept, `undefined` where the person has to pick the
   * file again.
   */
  readonly sources: readonly (Blob | undefined)[];
  /** The bytes of all of them end to end, where they are to be had so: it stands for `sources` then. */
  readonly bundle: Blob | undefined;
  readonly peerName: string;
  readonly role: Link['role'];
  /** 32 bytes: finds and proves the same peer again without a code. */
  readonly resumeKey: Uint8Array<ArrayBuffer>;
  /** Epoch ms of the last change; leftovers are swept a week after it. */
  readonly touchedAt: number;
}

/** The sender's durable record of transfers under way, keyed by transfer. */
export interface SendJournal {
  /** Every readable record. Unreadable ones are skipped. */
  list(): Promise<readonly SendRecord[]>;
  /** Keeps the bytes of small sources, so that a reload need not ask for them. Replaces any earlier record. */
  put(record: SendRecord): Promise<void>;
  forget(id: TransferId): Promise<void>;
}
