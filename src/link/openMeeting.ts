import type { IceWishes } from '../ports/iceWishes.ts';
import type { Meeting } from '../ports/meeting.ts';
import { TransferError } from '../protocol/faults.ts';
import { PeerMeeting } from './peerMeeting.ts';
import { adoptPrefixedRtc } from './prefixedRtc.ts';
import { readSiteConfig } from './siteConfig.ts';

/**
 * The {@link Meeting} that `/config.json` beside the page describes. `siteUrl` is the address of the app
 * without a trailing slash; `wishes` go on top of what the site says.
 * @throws TransferError `unsupported`, `broker-unreachable` when the configuration cannot be read
 */
export async function openMeeting(siteUrl: string, wishes?: IceWishes): Promise<Meeting> {
  if (!isSecureContext) throw new TransferError({ code: 'unsupported', what: 'secure-context' });
  if (!adoptPrefixedRtc(globalThis))
    throw new TransferError({ code: 'unsupported', what: 'webrtc' });
  return new PeerMeeting(await readSiteConfig(siteUrl, wishes), siteUrl);
}
