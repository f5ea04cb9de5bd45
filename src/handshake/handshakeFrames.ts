import { PROTOCOL_VERSION } from '../protocol/limits.ts';
import { SHARE_BYTES, TAG_BYTES } from './cpace.ts';
import type { HandshakeMode } from './credentials.ts';

/** Random bytes each side puts into its hello. */
export const NONCE_BYTES = 16;

/**
 * One binary message of the handshake, of exactly the length its type has (SPEC H2):
 *
 *     01 hello-joiner  | version | mode | nonce (16)        19 bytes
 *     02 hello-host    | version | mode | nonce (16)        19 bytes
 *     03 share-joiner  | point (32)                         33 bytes
 *     04 share-host    | point (32)                         33 bytes
 *     05 tag-joiner    | tag (64)                           65 bytes
 *     06 tag-host      | tag (64)                           65 bytes
 *     07 abort         | reason                              2 bytes
 */
export type HandshakeFrame =
  | Hello<'hello-joiner'>
  | Hello<'hello-host'>
  | Share<'share-joiner'>
  | Share<'share-host'>
  | Tag<'tag-joiner'>
  | Tag<'tag-host'>
  | { readonly type: 'abort'; readonly reason: AbortReason };

interface Hello<T extends string> {
  readonly type: T;
  readonly mode: HandshakeMode;
  readonly nonce: Uint8Array<ArrayBuffer>;
}

interface Share<T extends string> {
  readonly type: T;
  readonly share: Uint8Array<ArrayBuffer>;
}

interface Tag<T extends string> {
  readonly type: T;
  readonly tag: Uint8Array<ArrayBuffer>;
}

/** Why a side stops. `busy` is the only one that is worth another try with the same credential. */
export type AbortReason = keyof typeof ABORT_CODE;

/** What decoding yields: a frame, a hello of another version, or the rule the bytes break. */
export type DecodedHandshake =
  | HandshakeFrame
  | {
      readonly type: 'other-version';
      readonly from: 'hello-joiner' | 'hello-host';
      readonly version: number;
    }
  | { readonly type: 'broken'; readonly rule: 'H2' | 'H3' };

const TYPE_CODE = {
  'hello-joiner': 1,
  'hello-host': 2,
  'share-joiner': 3,
  'share-host': 4,
  'tag-joiner': 5,
  'tag-host': 6,
  abort: 7,
} as const satisfies Record<HandshakeFrame['type'], number>;

/** The byte a mode has in a hello, and in everything derived from it. */
export const MODE_CODE = { code: 1, link: 2, resume: 3 } as const satisfies Record<
  HandshakeMode,
  number
>;

const ABORT_CODE = {
  'not-verified': 1,
  busy: 2,
  'mode-refused': 3,
  'version-mismatch': 4,
  taken: 5,
} as const;

const HELLO_BYTES = 3 + NONCE_BYTES;

/** The nonce of a hello: a copy of 16 random bytes. Another length is a bug, and it throws. */
export function nonceFromRandom(random: Uint8Array): Uint8Array<ArrayBuffer> {
  if (random.byteLength !== NONCE_BYTES) throw new Error('a nonce takes 16 random bytes');
  return Uint8Array.from(random);
}

/** Exactly the bytes to send. */
export function encodeHandshakeFrame(frame: HandshakeFrame): Uint8Array<ArrayBuffer> {
  const type = TYPE_CODE[frame.type];
  switch (frame.type) {
    case 'hello-joiner':
    case 'hello-host':
      return Uint8Array.from([type, PROTOCOL_VERSION, MODE_CODE[frame.mode], ...frame.nonce]);
    case 'share-joiner':
    case 'share-host':
      return Uint8Array.from([type, ...frame.share]);
    case 'tag-joiner':
    case 'tag-host':
      return Uint8Array.from([type, ...frame.tag]);
    case 'abort':
      return Uint8Array.from([type, ABORT_CODE[frame.reason]]);
  }
}

/**
 * Reads one message of a stranger. Never throws. Text is never a handshake frame. Of a hello of
 * another version only the version is read: the rest may have any shape.
 */
export function decodeHandshakeFrame(data: Uint8Array | string): DecodedHandshake {
  if (typeof data === 'string') return broken('H2');
  const body = Uint8Array.from(data.subarray(1, 1 + TAG_BYTES));
  switch (data[0]) {
    case TYPE_CODE['hello-joiner']:
      return decodeHello('hello-joiner', data);
    case TYPE_CODE['hello-host']:
      return decodeHello('hello-host', data);
    case TYPE_CODE['share-joiner']:
      return hasBody(data, SHARE_BYTES) ? { type: 'share-joiner', share: body } : broken('H2');
    case TYPE_CODE['share-host']:
      return hasBody(data, SHARE_BYTES) ? { type: 'share-host', share: body } : broken('H2');
    case TYPE_CODE['tag-joiner']:
      return hasBody(data, TAG_BYTES) ? { type: 'tag-joiner', tag: body } : broken('H2');
    case TYPE_CODE['tag-host']:
      return hasBody(data, TAG_BYTES) ? { type: 'tag-host', tag: body } : broken('H2');
    case TYPE_CODE.abort:
      return hasBody(data, 1) ? decodeAbort(data[1]) : broken('H2');
    default:
      return broken('H3');
  }
}

function decodeHello(type: 'hello-joiner' | 'hello-host', data: Uint8Array): DecodedHandshake {
  const version = data[1];
  if (version === undefined) return broken('H2');
  if (version !== PROTOCOL_VERSION) return { type: 'other-version', from: type, version };
  if (data.byteLength !== HELLO_BYTES) return broken('H2');
  const mode = MODES.find((known) => MODE_CODE[known] === data[2]);
  return mode === undefined
    ? broken('H3')
    : { type, mode, nonce: Uint8Array.from(data.subarray(3)) };
}

function decodeAbort(code: number | undefined): DecodedHandshake {
  const reason = REASONS.find((known) => ABORT_CODE[known] === code);
  return reason === undefined ? broken('H3') : { type: 'abort', reason };
}

const MODES = ['code', 'link', 'resume'] as const satisfies readonly HandshakeMode[];
const REASONS = ['not-verified', 'busy', 'mode-refused', 'version-mismatch', 'taken'] as const;

const hasBody = (data: Uint8Array, bytes: number) => data.byteLength === 1 + bytes;

const broken = (rule: 'H2' | 'H3'): DecodedHandshake => ({ type: 'broken', rule });
