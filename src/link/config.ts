import * as v from 'valibot';
import { newCertificate } from './certificate.ts';

/** One PeerServer, as PeerJS wants it. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly isSecure: boolean;
  readonly key: string;
}

/** What `/config.json` says: where to meet, and what ICE may use. */
export interface LinkConfig {
  /** At least one. The first is used: both ends of a code must go to the same. */
  readonly brokers: readonly BrokerAddress[];
  readonly iceServers: readonly RTCIceServer[];
  readonly iceTransportPolicy: RTCIceTransportPolicy;
}

const shape = v.object({
  brokers: v.pipe(
    v.array(v.object({ url: v.string(), key: v.optional(v.string(), 'peerjs') })),
    v.minLength(1),
    v.maxLength(8),
  ),
  iceServers: v.pipe(
    v.array(
      v.object({
        urls: v.union([v.string(), v.array(v.string())]),
        username: v.optional(v.string()),
        credential: v.optional(v.string()),
      }),
    ),
    v.maxLength(8),
  ),
  iceTransportPolicy: v.optional(v.picklist(['all', 'relay']), 'all'),
});

/**
 * Reads the text of `/config.json`; broker addresses may be relative to `pageUrl`.
 * @returns `undefined` when it is not a configuration
 */
export function parseLinkConfig(value: unknown, pageUrl: string): LinkConfig | undefined {
  const parsed = v.safeParse(shape, value);
  if (!parsed.success) return undefined;
  const brokers: BrokerAddress[] = [];
  for (const { url, key } of parsed.output.brokers) {
    if (!URL.canParse(url, pageUrl)) return undefined;
    const { protocol, hostname, port, pathname } = new URL(url, pageUrl);
    const isSecure = protocol === 'https:' || protocol === 'wss:';
    brokers.push({
      host: hostname,
      port: Number(port) || (isSecure ? 443 : 80),
      path: pathname,
      isSecure,
      key,
    });
  }
  const iceServers = parsed.output.iceServers.map(({ urls, username, credential }) => ({
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }));
  return { brokers, iceServers, iceTransportPolicy: parsed.output.iceTransportPolicy };
}

/** What every connection of one share or one join is made with. */
export interface Rtc {
  readonly configuration: RTCConfiguration;
  readonly certificate: RTCCertificate;
}

/** Our own ICE servers always (PeerJS would bring its own), and a certificate made for this occasion. */
export async function newRtc({ iceServers, iceTransportPolicy }: LinkConfig): Promise<Rtc> {
  const certificate = await newCertificate();
  return {
    certificate,
    configuration: { iceServers: [...iceServers], iceTransportPolicy, certificates: [certificate] },
  };
}
