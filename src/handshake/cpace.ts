import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { wipe } from './bytes.ts';

/**
 * CPace with the suite CPACE-RISTR255-SHA512 (draft-irtf-cfrg-cpace-21), initiator and responder:
 * turns a short shared secret into a strong key, and gives whoever does not know the secret one guess.
 */

/** A point of the group; only {@link calculateGenerator} makes one. */
export type Generator = InstanceType<typeof ristretto255.Point>;

/** Bytes of a share on the wire, of a scalar, of the session key and of a confirmation tag. */
export const SHARE_BYTES = 32;
export const SCALAR_BYTES = 32;
export const TAG_BYTES = 64;

const DSI = utf8ToBytes('CPaceRistretto255');
const DSI_ISK = utf8ToBytes('CPaceRistretto255_ISK');

/** Bytes SHA-512 takes in at a time; the password fills the first block, so its length does not show in time. */
const HASH_BLOCK_BYTES = 128;

/** What one side sent in public: its share and its associated data. */
export interface Contribution {
  readonly share: Uint8Array;
  readonly associated: Uint8Array;
}

/** `bytes` behind its length as LEB128. */
function prependLength(bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = bytes.byteLength;
  while (rest >= 128) {
    length.push((rest & 127) | 128);
    rest >>>= 7;
  }
  length.push(rest);
  return concatBytes(Uint8Array.from(length), bytes);
}

/** Joins parts so that no two lists of parts give the same bytes (`lv_cat` of the draft). */
export function lengthValueCat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes(...parts.map(prependLength));
}

/** The generator that only those who know `password` share (`calculate_generator`). */
export function calculateGenerator(
  password: Uint8Array,
  channelId: Uint8Array,
  sessionId: Uint8Array,
): Generator {
  const used = prependLength(password).byteLength + prependLength(DSI).byteLength + 1;
  const padding = new Uint8Array(Math.max(0, HASH_BLOCK_BYTES - used));
  const seed = lengthValueCat(DSI, password, padding, channelId, sessionId);
  const point = ristretto255_hasher.deriveToCurve?.(sha512(seed));
  wipe(seed);
  if (point === undefined)
    throw new Error('the curve library has no ristretto255 element derivation');
  return point;
}

/**
 * A secret scalar below 2^252, little-endian, from 32 random bytes. The result is a copy of its own.
 * Zero means the random source is broken: that is a bug, and it throws.
 */
export function scalarFromRandom(random: Uint8Array): Uint8Array<ArrayBuffer> {
  if (random.byteLength !== SCALAR_BYTES) throw new Error('a scalar takes 32 random bytes');
  const scalar = Uint8Array.from(random);
  scalar[31] = (scalar[31] ?? 0) & 0x0f;
  if (scalar.every((byte) => byte === 0)) throw new Error('the random source gave zeros');
  return scalar;
}

/** The public share of a scalar: 32 bytes. */
export function makeShare(generator: Generator, scalar: Uint8Array): Uint8Array<ArrayBuffer> {
  return generator.multiply(bytesToNumberLE(scalar)).toBytes();
}

/**
 * The point both sides arrive at (`scalar_mult_vfy`), or `undefined` for a share that is no canonical
 * point or leads to the identity: with those, a stranger would know the result.
 */
export function combine(scalar: Uint8Array, theirShare: Uint8Array): Uint8Array | undefined {
  try {
    const point = ristretto255.Point.fromBytes(theirShare);
    const shared = point.multiply(bytesToNumberLE(scalar));
    return shared.is0() ? undefined : shared.toBytes();
  } catch {
    // The library throws on bytes that are not a point. A stranger sent them, so it is an answer, not a bug.
    return undefined;
  }
}

/** The intermediate session key, 64 bytes, from the combined point and everything said in public. */
export function sessionKey(
  sessionId: Uint8Array,
  combined: Uint8Array,
  initiator: Contribution,
  responder: Contribution,
): Uint8Array<ArrayBuffer> {
  const secret = lengthValueCat(DSI_ISK, sessionId, combined);
  const input = concatBytes(secret, transcript(initiator, responder));
  const key = sha512(input);
  wipe(secret, input);
  return key;
}

/** Everything said in public, initiator first (`transcript_ir`). */
export function transcript(initiator: Contribution, responder: Contribution): Uint8Array {
  return concatBytes(
    lengthValueCat(initiator.share, initiator.associated),
    lengthValueCat(responder.share, responder.associated),
  );
}

/** The tag by which one side proves that it has the session key: HMAC over its own contribution. */
export function confirmationTag(
  sessionId: Uint8Array,
  key: Uint8Array,
  own: Contribution,
): Uint8Array<ArrayBuffer> {
  const macKey = sha512(concatBytes(utf8ToBytes('CPaceMac'), sessionId, key));
  const tag = hmac(sha512, macKey, lengthValueCat(own.share, own.associated));
  wipe(macKey);
  return tag;
}
