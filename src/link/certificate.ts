/** The browser's half of certificate binding (security.md section 3): which certificates are really in use. */
import { fingerprintOfSdp } from '../handshake/certificate.ts';

/** A fresh certificate for one share or one join, so that sessions can't be linked by it. */
export function newCertificate(): Promise<RTCCertificate> {
  const keyType: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };
  return RTCPeerConnection.generateCertificate(keyType);
}

export interface Fingerprints {
  /** SHA-256 of the certificate's DER, 32 bytes. */
  readonly self: Uint8Array<ArrayBuffer>;
  readonly peer: Uint8Array<ArrayBuffer>;
}

/**
 * The two certificates of an open connection. `undefined` when they are not beyond doubt: more than one
 * fingerprint in the descriptions, or a certificate other than the described one in use.
 */
export async function fingerprintsInUse(
  connection: RTCPeerConnection,
  certificate: RTCCertificate,
): Promise<Fingerprints | undefined> {
  await negotiated(connection);
  const self = fingerprintOfSdp(connection.localDescription?.sdp ?? '');
  const peer = fingerprintOfSdp(connection.remoteDescription?.sdp ?? '');
  if (self === undefined || peer === undefined) return undefined;
  if (!isOwn(self, certificate)) return undefined;
  return (await isRemote(peer, connection)) ? { self, peer } : undefined;
}

/** How long the browser may take to show what an open connection must have. */
const SHOW_WAIT_MS = 2_000;

/**
 * Resolves when both descriptions are set. In Chromium the channel's `open` can overtake the end of the negotiation
 * that led to it, because it comes from another thread.
 */
function negotiated(connection: RTCPeerConnection): Promise<void> {
  return shown(connection, 'signalingstatechange', () => connection.signalingState === 'stable');
}

/** Resolves when `isThere`, looked at again at every `event` of `target`, or when that was waited for long enough. */
function shown(target: EventTarget, event: string, isThere: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const listeners = new AbortController();
    const end = () => {
      clearTimeout(timer);
      listeners.abort();
      resolve();
    };
    const look = () => isThere() && end();
    const timer = setTimeout(end, SHOW_WAIT_MS);
    target.addEventListener(event, look, { signal: listeners.signal });
    look();
  });
}

/** Missing before Firefox 138, where the local description is all there is. */
function isOwn(described: Uint8Array, certificate: RTCCertificate): boolean {
  const own: readonly RTCDtlsFingerprint[] | undefined = certificate.getFingerprints?.();
  const sha256 = own?.find(({ algorithm }) => algorithm?.toLowerCase() === 'sha-256');
  return own === undefined || sha256?.value?.toLowerCase().replaceAll(':', '') === hex(described);
}

/** Missing before Firefox 153: there the description alone is safe, because it names exactly one. */
async function isRemote(described: Uint8Array, connection: RTCPeerConnection): Promise<boolean> {
  const transport = connection.sctp?.transport;
  if (typeof transport?.getRemoteCertificates !== 'function') return true;
  // As above: the certificate comes from another thread too.
  await shown(transport, 'statechange', () => transport.getRemoteCertificates().length > 0);
  const [only, ...others] = transport.getRemoteCertificates();
  if (only === undefined || others.length > 0) return false;
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', only))) === hex(described);
}

const hex = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
