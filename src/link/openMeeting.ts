import type { Meeting } from '../ports/meeting.ts';
import { TransferError } from '../protocol/faults.ts';
import { parseLinkConfig } from './config.ts';
import { PeerMeeting } from './peerMeeting.ts';
import { adoptPrefixedRtc } from './prefixedRtc.ts';

/**
 * The {@link Meeting} that `/config.json` beside the page describes. `siteUrl` is the address of the app
 * without a trailing slash.
 * @throws TransferError `unsupported`, `broker-unreachable` when the configuration cannot be read
 */
export async function openMeeting(siteUrl: string): Promise<Meeting> {
  if (!isSecureContext) throw new TransferError({ code: 'unsupported', what: 'secure-context' });
  if (!adoptPrefixedRtc(globalThis))
    throw new TransferError({ code: 'unsupported', what: 'webrtc' });
  return new PeerMeeting(await readConfig(siteUrl), siteUrl);
}

async function readConfig(siteUrl: string) {
  let value: unknown;
  try {
    value = await (await fetch(`${siteUrl}/config.json`, { cache: 'no-cache' })).json();
  } catch (cause) {
    throw new TransferError({ code: 'broker-unreachable' }, { cause });
  }
  const config = parseLinkConfig(value, `${siteUrl}/`);
  if (config === undefined) throw new TransferError({ code: 'broker-unreachable' });
  return config;
}
