import { hexToBytes } from '@noble/hashes/utils.js';
import { MAX_SDP_CHARS } from '../protocol/limits.ts';

const ANY_FINGERPRINT = /^\s*a\s*=\s*fingerprint/i;
const SHA256_FINGERPRINT = /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\s*$/i;

/**
 * The SHA-256 certificate fingerprint an SDP commits to, as 32 raw bytes, or `undefined` when it
 * commits to none or to more than one. SPEC H5.
 *
 * Looks at every `a=fingerprint` at every level: Firefox accepts a certificate that matches any of
 * them, so a broker that adds a line of its own would win if only one were read. The same value
 * twice is one value; another hash is another value.
 */
export function fingerprintOfSdp(sdp: string): Uint8Array<ArrayBuffer> | undefined {
  if (sdp.length > MAX_SDP_CHARS) return undefined;
  let only: string | undefined;
  for (const line of sdp.split(/[\r\n]+/)) {
    if (!ANY_FINGERPRINT.test(line)) continue;
    const value = SHA256_FINGERPRINT.exec(line)?.[1]?.toLowerCase();
    if (value === undefined || (only !== undefined && only !== value)) return undefined;
    only = value;
  }
  return only === undefined ? undefined : hexToBytes(only.replaceAll(':', ''));
}
