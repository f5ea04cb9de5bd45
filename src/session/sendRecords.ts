import type { SendJournal } from '../ports/sendJournal.ts';
import { TransferError } from '../protocol/faults.ts';
import type { TransferId } from '../protocol/ids.ts';
import type { PeerSession } from './peerSession.ts';
import type { SendTransfer } from './sendTransfer.ts';

export interface SendRecordParts {
  readonly sendJournal: SendJournal;
  /** Tells other tabs to keep off. */
  claim(id: TransferId): Promise<boolean>;
  /** Epoch ms. */
  today(): number;
}

/** Keeps the sender's journal in step with its transfers: written when one is taken, forgotten when it ends. */
export class SendRecords {
  readonly #parts: SendRecordParts;
  readonly #written = new Set<TransferId>();
  /** Tail of the queue of writes: a forget never overtakes its put. */
  #tail: Promise<void> = Promise.resolve();

  constructor(parts: SendRecordParts) {
    this.#parts = parts;
  }

  /** The transfer changed in some way; most ways change nothing here. */
  follow(peer: PeerSession, transfer: SendTransfer): void {
    const { id } = transfer.manifest;
    switch (transfer.state.phase) {
      case 'transferring':
      case 'paused':
        if (!this.#written.has(id)) this.#write(peer, transfer);
        break;
      case 'done':
      case 'failed':
      case 'declined':
        this.#written.delete(id);
        this.#queue(() => this.#parts.sendJournal.forget(id));
        break;
      case 'proposed':
      case 'waiting':
        break;
    }
  }

  #write(peer: PeerSession, transfer: SendTransfer): void {
    const { manifest } = transfer;
    const { resume } = peer;
    if (resume === undefined) return;
    this.#written.add(manifest.id);
    const record = {
      version: 1,
      manifest,
      peerName: peer.name ?? '',
      role: resume.role,
      resumeKey: resume.key,
      touchedAt: this.#parts.today(),
    } as const;
    this.#queue(async () => {
      await this.#parts.claim(manifest.id);
      await this.#parts.sendJournal.put({ ...record, ...(await transfer.content()) });
    });
  }

  #queue(write: () => Promise<void>): void {
    this.#tail = this.#tail.then(write).catch((error: unknown) => {
      if (!(error instanceof TransferError)) throw error;
      // Without a record this transfer can't outlive a reload of this page; it runs all the same.
    });
  }
}
