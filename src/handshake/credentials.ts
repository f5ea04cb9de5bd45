import { hkdf } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { decodeBase64url, encodeBase64url } from '../protocol/base64url.ts';
import type { Fault } from '../protocol/faults.ts';
import { completeWord, DRAWABLE_WORDS, isWord, UNIQUE_PREFIX_CHARS } from './words.ts';

/** The secret part of a code: three words of the list, in order. */
export type CodeWords = readonly [string, string, string];

/** What a joiner was given: a code to type, or a link to open. The nameplate is public, the rest secret. */
export type Credential =
  | { readonly mode: 'code'; readonly nameplate: string; readonly words: CodeWords }
  | { readonly mode: 'link'; readonly nameplate: string; readonly secret: Uint8Array<ArrayBuffer> };

/** Which kind of secret a handshake proves. */
export type HandshakeMode = 'code' | 'link' | 'resume';

/** Cryptographically strong random bytes, `byteCount` of them. */
export type RandomSource = (byteCount: number) => Uint8Array;

/** Bytes of the secret in a link: 128 bits. */
export const LINK_SECRET_BYTES = 16;

/** Digits of a nameplate: 4, and more when the shorter ones are taken. */
export const MIN_NAMEPLATE_DIGITS = 4;
export const MAX_NAMEPLATE_DIGITS = 6;

/** Longest text looked at; a message with a link in it fits. */
const MAX_TEXT_CHARS = 4096;

/** Longest piece of the text quoted back in a fault. */
const MAX_PART_CHARS = 32;

const NAMEPLATE = /^\d{4,6}$/;
const FRAGMENT = /^(\d{4,6})\.([\w-]{22})$/;
const LINK = /#(\d{4,6})\.([\w-]{22})(?![\w-])/;

/** Everything people put between words: blanks, dots, underscores, commas, slashes and every dash a keyboard has. */
const SEPARATORS = /[\s._,;:/+\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]+/;

/**
 * Reads a code or a link as typed, pasted or scanned. Forgives case, separators, blanks around it and
 * words cut to a unique prefix of three letters or more. A link may be a whole address, its fragment
 * alone, or stand inside a longer message.
 * @returns the credential, or `code-malformed` whose `part` is the piece that is wrong as typed, or
 *   empty when something is missing. A word that is not on the list is refused here, so that a typo
 *   does not spend the guess. SPEC H15.
 */
export function parseCredential(text: string): Credential | Fault {
  if (text.length > MAX_TEXT_CHARS) return malformed('');
  const linked = LINK.exec(text);
  if (linked) return linkCredential(linked[1], linked[2]) ?? malformed(linked[2] ?? '');
  const trimmed = text.trim();
  const code = parseCode(trimmed);
  if (code.mode === 'code') return code;
  // Only after the code: `4821.` and three words can look like a fragment, never the other way round.
  const bare = FRAGMENT.exec(trimmed.replace(/^#/, ''));
  return (bare && linkCredential(bare[1], bare[2])) ?? code;
}

type ParsedCode = Extract<Credential, { mode: 'code' }> | (Malformed & { readonly mode?: never });
type Malformed = Extract<Fault, { code: 'code-malformed' }>;

function parseCode(trimmed: string): ParsedCode {
  const [nameplate = '', ...typed] = trimmed
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^#/, '')
    .replace(/^(\d+)(?=[a-z])/, '$1-')
    .split(SEPARATORS)
    .filter((piece) => piece !== '');
  if (!NAMEPLATE.test(nameplate)) return malformed(nameplate);
  const words = typed.map(expandWord);
  const wrong = typed.find((_, i) => words[i] === undefined);
  if (wrong !== undefined) return malformed(wrong);
  const [first, second, third, extra] = words;
  if (extra !== undefined) return malformed(typed[3] ?? '');
  if (first === undefined || second === undefined || third === undefined) return malformed('');
  return { mode: 'code', nameplate, words: [first, second, third] };
}

/** The word that was meant, or `undefined` when it is none or could be several. */
function expandWord(typed: string): string | undefined {
  if (isWord(typed)) return typed;
  if (typed.length < UNIQUE_PREFIX_CHARS) return undefined;
  return completeWord(typed)[0];
}

function linkCredential(nameplate = '', encoded = ''): Credential | undefined {
  const secret = decodeBase64url(encoded);
  return secret?.byteLength === LINK_SECRET_BYTES ? { mode: 'link', nameplate, secret } : undefined;
}

const malformed = (part: string): Malformed => ({
  code: 'code-malformed',
  part: part.slice(0, MAX_PART_CHARS),
});

/** The code as shown and read aloud: `4821-mango-puzzle-walrus`. */
export function formatCode(nameplate: string, words: CodeWords): string {
  return [nameplate, ...words].join('-');
}

/**
 * The link as shared: `https://site/#4821.<22 base64url characters>`. The secret is in the fragment,
 * which no browser sends to a server. `origin` is the address of the app without a trailing slash.
 */
export function formatLink(origin: string, nameplate: string, secret: Uint8Array): string {
  return `${origin}/#${nameplate}.${encodeBase64url(secret)}`;
}

/** A nameplate of `digits` random digits; may start with zero. Public, never derived from a secret. */
export function drawNameplate(random: RandomSource, digits: number): string {
  return String(drawBelow(10 ** digits, random)).padStart(digits, '0');
}

/** Three words drawn independently of each other and of the nameplate. */
export function drawWords(random: RandomSource): CodeWords {
  return [drawWord(random), drawWord(random), drawWord(random)];
}

function drawWord(random: RandomSource): string {
  return DRAWABLE_WORDS[drawBelow(DRAWABLE_WORDS.length, random)]!;
}

/** The secret of a link, 16 bytes. */
export function drawLinkSecret(random: RandomSource): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(random(LINK_SECRET_BYTES));
}

/** A uniform integer in `[0, bound)`. Draws again above the last whole multiple, so nothing is favoured. */
function drawBelow(bound: number, random: RandomSource): number {
  const fair = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const bytes = random(4);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (drawn < fair) return drawn % bound;
  }
}

/** The broker id a host registers under, and a joiner calls: the same for its code and its link. SPEC H1. */
export function rendezvousId(credential: { readonly nameplate: string }): string {
  return `sluice1-${credential.nameplate}`;
}

/** The broker id under which two devices that met before find each other again. Tells nothing about the key. */
export const resumeRendezvousId = (resumeKey: Uint8Array): string =>
  `sluice1-${derivedHex(resumeKey, 'rv')}`;

/** What the one who waits under that id shows the broker, so that it gets its own id back after a crash. */
export const resumeToken = (resumeKey: Uint8Array): string => derivedHex(resumeKey, 'token');

const derivedHex = (key: Uint8Array, info: string) =>
  bytesToHex(hkdf(sha512, key, undefined, utf8ToBytes(info), 16));
