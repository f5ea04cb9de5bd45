import { encodeBase64url } from '../protocol/base64url.ts';

/** Cryptographically strong random bytes. */
export const randomBytes = (count: number): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(count));

/** 128 random bits in letters that PeerJS takes as an id: no separator at either end. */
export const randomId = (): string =>
  `j${encodeBase64url(randomBytes(16)).replaceAll(/[-_]/g, '0')}x`;
