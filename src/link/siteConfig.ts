import type { IceServer, IceWishes } from '../ports/iceWishes.ts';
import { isUsableIceServer } from '../ports/iceWishes.ts';
import { TransferError } from '../protocol/faults.ts';
import { type LinkConfig, parseLinkConfig } from './config.ts';

/**
 * What `/config.json` beside the page says, with the wishes of the person on top. `siteUrl` is the address of the
 * app without a trailing slash.
 * @throws TransferError `broker-unreachable` when it cannot be read
 */
export async function readSiteConfig(siteUrl: string, wishes?: IceWishes): Promise<LinkConfig> {
  let value: unknown;
  try {
    value = await (await fetch(`${siteUrl}/config.json`, { cache: 'no-cache' })).json();
  } catch (cause) {
    throw new TransferError({ code: 'broker-unreachable' }, { cause });
  }
  const config = parseLinkConfig(value, `${siteUrl}/`);
  if (config === undefined) throw new TransferError({ code: 'broker-unreachable' });
  return wishes === undefined ? config : withWishes(config, wishes);
}

/** Own servers first: whoever set one trusts it more. Those a browser would throw on are left out. */
export function withWishes(config: LinkConfig, wishes: IceWishes): LinkConfig {
  const own = wishes.iceServers.filter(isUsableIceServer).map(asRtc);
  return {
    ...config,
    iceServers: [...own, ...config.iceServers],
    iceTransportPolicy: wishes.isRelayOnly ? 'relay' : config.iceTransportPolicy,
  };
}

const asRtc = ({ url, username, credential }: IceServer): RTCIceServer =>
  username === '' ? { urls: url } : { urls: url, username, credential };
