import type { SendJournal, SendRecord } from '../ports/sendJournal.ts';
import { TransferError } from '../protocol/faults.ts';
import type { TransferId } from '../protocol/ids.ts';
import { rethrow } from './faultOf.ts';
import type { PeerSession } from './peerSession.ts';
import type { SendTransfer } from './sendTransfer.ts';

export interface SendRecordParts {
  readonly sendJournal: SendJournal;
  /** Tells other tabs to keep off. */
  claim(id: TransferId): Promise<boolean>;
  /** Epoch ms. */
  today(): number;
}

/** What of a transfer matters for its record. */
type Recorded = Pick<SendTransfer, 'manifest' | 'state' | 'sources'>;

/** What of its peer does. */
type RecordedPeer = Pick<PeerSession, 'name' | 'resume'>;

/**
 * Keeps the sender's journal in step with its transfers: written when one is offered and when it is taken, forgotten when it ends.
 */
export class SendRecords {
  readonly #parts: SendRecordParts;
  readonly #kept = new Set<TransferId>();
  /** What the record says of the transfer; `earlier`: that it was accepted, but not that this page goes on with it. */
  readonly #written = new Map<TransferId, 'offered' | 'earlier' | 'accepted'>();

  constructor(parts: SendRecordParts) {
    this.#parts = parts;
  }

  /** One that an earlier page offered, and goes on with here. */
  restored({ manifest, isAccepted }: SendRecord): void {
    if (isAccepted) this.#written.set(manifest.id, 'earlier');
  }

  /** The transfer changed in some way; most ways change nothing here. */
  follow(peer: RecordedPeer, transfer: Recorded): void {
    const { id } = transfer.manifest;
    switch (transfer.state.phase) {
      case 'proposed':
        if (!this.#written.has(id)) this.#write(peer, transfer, 'offered');
        this.#keep(transfer);
        break;
      case 'transferring':
      case 'paused':
        if (this.#written.get(id) !== 'accepted') this.#write(peer, transfer, 'accepted');
        this.#keep(transfer);
        break;
      case 'done':
      case 'failed':
      case 'declined':
        this.#kept.delete(id);
        this.#written.delete(id);
        attempt(() => this.#parts.sendJournal.forget(id));
        break;
      case 'waiting':
        break;
    }
  }

  #keep(transfer: Recorded): void {
    const { manifest } = transfer;
    if (this.#kept.has(manifest.id)) return;
    this.#kept.add(manifest.id);
    attempt(async () => {
      // Another tab would take it up, or sweep it.
      await this.#parts.claim(manifest.id);
      const sources = await transfer.sources();
      // It may have ended meanwhile, and was forgotten then.
      if (this.#kept.has(manifest.id)) await this.#parts.sendJournal.keep(manifest, sources);
    });
  }

  #write(peer: RecordedPeer, { manifest }: Recorded, said: 'offered' | 'accepted'): void {
    const { resume } = peer;
    if (resume === undefined) return;
    this.#written.set(manifest.id, said);
    attempt(async () => {
      await this.#parts.claim(manifest.id);
      // It may have ended meanwhile, or been accepted.
      if (this.#written.get(manifest.id) !== said) return;
      await this.#parts.sendJournal.put({
        version: 1,
        manifest,
        isAccepted: said === 'accepted',
        peerName: peer.name ?? '',
        role: resume.role,
        resumeKey: resume.key,
        touchedAt: this.#parts.today(),
      });
    });
  }
}

/** Without a record this transfer can't outlive a reload of this page, and without its bytes it asks for them; it runs all the same. */
function attempt(write: () => Promise<void>): void {
  write().catch((error: unknown) => {
    if (!(error instanceof TransferError)) rethrow(error);
  });
}
