import { hkdf } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { sameBytes, wipe } from './bytes.ts';
import { type Contribution, confirmationTag, lengthValueCat, sessionKey } from './cpace.ts';
import type { CodeWords, HandshakeMode } from './credentials.ts';
import { MODE_CODE } from './handshakeFrames.ts';

/** What a handshake proves, without the public nameplate. */
export type HandshakeSecret =
  | { readonly mode: 'code'; readonly words: CodeWords }
  | { readonly mode: 'link'; readonly secret: Uint8Array }
  | { readonly mode: 'resume'; readonly key: Uint8Array };

/** One side as the handshake binds it: its broker id and its DTLS certificate (SHA-256 of the DER, 32 bytes). */
export interface BoundPeer {
  readonly id: string;
  readonly fingerprint: Uint8Array;
}

/** What both sides share after a handshake, 32 bytes each. */
export interface SessionKeys {
  readonly keyJ2H: Uint8Array<ArrayBuffer>;
  readonly keyH2J: Uint8Array<ArrayBuffer>;
  /** Finds and proves the same peer again. */
  readonly resumeKey: Uint8Array<ArrayBuffer>;
}

/** The two tags and the keys that follow from one session key. */
export interface Confirmation extends SessionKeys {
  readonly tagJoiner: Uint8Array<ArrayBuffer>;
  readonly tagHost: Uint8Array<ArrayBuffer>;
}

const KEY_BYTES = 32;
const FINGERPRINT_BYTES = 32;

/** Roles as associated data. They differ, so a side never accepts an echo of its own tag (SPEC H9). */
const JOINER = utf8ToBytes('J');
const HOST = utf8ToBytes('H');

/** The password CPace is run with (PRS). Only the secret goes in, never the public nameplate. */
export function passwordOf(secret: HandshakeSecret): Uint8Array<ArrayBuffer> {
  const bytes = secretBytes(secret);
  const password = lengthValueCat(utf8ToBytes('sluice/1 prs'), modeByte(secret.mode), bytes);
  wipe(bytes);
  return password;
}

function secretBytes(secret: HandshakeSecret): Uint8Array {
  switch (secret.mode) {
    case 'code':
      return utf8ToBytes(secret.words.join('-'));
    case 'link':
      return hkdf(sha512, secret.secret, undefined, utf8ToBytes('prs'), KEY_BYTES);
    case 'resume':
      return Uint8Array.from(secret.key);
  }
}

/**
 * What both sides must agree on besides the secret (CI): mode, ids, certificates and both hellos as
 * sent. A broker that changes any of them makes the proof fail, without a check that could be forgotten.
 */
export function channelIdOf(
  mode: HandshakeMode,
  joiner: BoundPeer,
  host: BoundPeer,
  helloJoiner: Uint8Array,
  helloHost: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return lengthValueCat(
    utf8ToBytes('sluice/1 cpace-r255'),
    modeByte(mode),
    JOINER,
    utf8ToBytes(joiner.id),
    joiner.fingerprint,
    HOST,
    utf8ToBytes(host.id),
    host.fingerprint,
    helloJoiner,
    helloHost,
  );
}

/** The id of this run: both nonces, the joiner's first. */
export function sessionIdOf(
  nonceJoiner: Uint8Array,
  nonceHost: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concatBytes(nonceJoiner, nonceHost);
}

/** Tags and keys from the combined point. Overwrites `combined` and the session key. */
export function confirm(
  sessionId: Uint8Array,
  combined: Uint8Array,
  shareJoiner: Uint8Array,
  shareHost: Uint8Array,
): Confirmation {
  const joiner: Contribution = { share: shareJoiner, associated: JOINER };
  const host: Contribution = { share: shareHost, associated: HOST };
  const key = sessionKey(sessionId, combined, joiner, host);
  const keys = hkdf(sha512, key, sessionId, utf8ToBytes('sluice/1 keys'), 3 * KEY_BYTES);
  const confirmation = {
    tagJoiner: confirmationTag(sessionId, key, joiner),
    tagHost: confirmationTag(sessionId, key, host),
    keyJ2H: keys.slice(0, KEY_BYTES),
    keyH2J: keys.slice(KEY_BYTES, 2 * KEY_BYTES),
    resumeKey: keys.slice(2 * KEY_BYTES),
  };
  wipe(combined, key, keys);
  return confirmation;
}

/** Whether two ends can be two devices: an id or a certificate used by both is an echo (SPEC H4). */
export function areDistinct(self: BoundPeer, peer: BoundPeer): boolean {
  return (
    self.id !== peer.id &&
    self.fingerprint.byteLength === FINGERPRINT_BYTES &&
    peer.fingerprint.byteLength === FINGERPRINT_BYTES &&
    !sameBytes(self.fingerprint, peer.fingerprint)
  );
}

const modeByte = (mode: HandshakeMode) => Uint8Array.of(MODE_CODE[mode]);
