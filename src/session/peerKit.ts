import { HandingOut, type HandingOutParts } from './handingOut.ts';
import { PeerSession } from './peerSession.ts';
import { type SendRecordParts, SendRecords } from './sendRecords.ts';
import { TransferViews } from './transferViews.ts';

export interface PeerKitParts extends SendRecordParts, Omit<HandingOutParts, 'views'> {
  /** Ms of a monotonic clock. */
  now(): number;
}

/** What a page needs once it has peers: loaded when there is one or is about to be. */
export class PeerKit {
  readonly records: SendRecords;
  readonly views: TransferViews;
  readonly handingOut: HandingOut;
  readonly canPickFolder: boolean;

  constructor(parts: PeerKitParts) {
    this.records = new SendRecords(parts);
    this.views = new TransferViews(parts.now);
    this.handingOut = new HandingOut({ ...parts, views: this.views });
    this.canPickFolder = parts.saver.canPickFolder;
  }

  newSession(...parts: ConstructorParameters<typeof PeerSession>): PeerSession {
    return new PeerSession(...parts);
  }
}
