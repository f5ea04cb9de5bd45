import type { TransferId } from '../protocol/ids.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { Link } from './link.ts';

/**
 * Most bytes of sources kept for one transfer or share. Keeping means copying to the disk, so a large source is asked for again
 * instead: picking it is quicker than copying it was.
 */
export const KEPT_SOURCE_BYTES = 64 * 1024 * 1024;

/** What survives a reload of an outgoing transfer, but for the bytes. */
export interface SendRecord {
  readonly version: 1;
  readonly manifest: Manifest;
  /** The peer took it. An offer it has not answered is worth less, and swept sooner. */
  readonly isAccepted: boolean;
  readonly peerName: string;
  readonly role: Link['role'];
  /** 32 bytes: finds and proves the same peer again without a code. */
  readonly resumeKey: Uint8Array<ArrayBuffer>;
  /** Epoch ms of the last change; a leftover is swept a week after it, an offer that nobody took an hour after it. */
  readonly touchedAt: number;
}

/** The bytes of an outgoing transfer. */
export interface SendSources {
  /**
   * One a manifest entry: its bytes where they could be kept, `undefined` where the person has to pick the
   * file again.
   */
  readonly sources: readonly (Blob | undefined)[];
  /** The bytes of all of them end to end, where they are to be had so: it stands for `sources` then. */
  readonly bundle: Blob | undefined;
}

/** An outgoing transfer that an earlier page left. */
export interface LeftSend extends SendRecord, SendSources {}

/**
 * The sender's durable record of transfers under way, keyed by transfer. Records and bytes are kept apart: copying the bytes takes
 * a while, and what a page sent that goes meanwhile must not be forgotten for it. Calls take effect in the order they are made in.
 */
export interface SendJournal {
  /** Every readable record, with the bytes that were kept for it. Unreadable ones are skipped. */
  list(): Promise<readonly LeftSend[]>;
  /** Transfers whose bytes are kept, with a record or without one. */
  listKept(): Promise<readonly TransferId[]>;
  /** Replaces any earlier record. */
  put(record: SendRecord): Promise<void>;
  /** Keeps the bytes of sources up to {@link KEPT_SOURCE_BYTES}, so that a reload need not ask for them. Does nothing where they are kept already. */
  keep(manifest: Manifest, sources: SendSources): Promise<void>;
  /** Record and bytes. */
  forget(id: TransferId): Promise<void>;
}
