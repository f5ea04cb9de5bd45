/** The code that runs peers: loaded when there is one or is about to be. */
import { PeerSession } from './peerSession.ts';
import { SendRecords } from './sendRecords.ts';

export const newPeerSession = (...parts: ConstructorParameters<typeof PeerSession>): PeerSession =>
  new PeerSession(...parts);

export const newSendRecords = (...parts: ConstructorParameters<typeof SendRecords>): SendRecords =>
  new SendRecords(...parts);
