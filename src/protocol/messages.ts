/**
 * Everything said on the control channel once both sides have proved themselves: one JSON object a
 * message. `parseControlMessage` is the only way in; what it returns has the right shape and is
 * within every bound of `limits.ts`, but indices and ids still have to make sense to the receiver.
 */
import * as v from 'valibot';
import { WIRE_CODE, type WireCode } from './faults.ts';
import { type LaneId, parseTransferId, type TransferId, type TransferTag } from './ids.ts';
import {
  BLOCK_BYTES,
  MAX_BLOCKS,
  MAX_CANDIDATE_CHARS,
  MAX_CONTROL_CHARS,
  MAX_CONTROL_DEPTH,
  MAX_DEVICE_NAME_CHARS,
  MAX_FILES,
  MAX_MANIFEST_CHARS,
  MAX_PATH_CHARS,
  MAX_PATH_DEPTH,
  MAX_SAMPLES,
  MAX_SDP_CHARS,
  MAX_TRANSFER_BYTES,
  MAX_WINDOW_BYTES,
  MIN_WINDOW_BYTES,
} from './limits.ts';
import type { ManifestFile } from './manifest.ts';

const integer = (max: number, min = 0) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));
const text = (maxChars: number) => v.pipe(v.string(), v.maxLength(maxChars));
const brandedInteger = <T extends number>(max: number) =>
  v.custom<T>((value) => v.is(integer(max), value));

const transferId = v.custom<TransferId>(
  (value) => typeof value === 'string' && parseTransferId(value) !== undefined,
);
const lane = brandedInteger<LaneId>(0xffff);
const tag = brandedInteger<TransferTag>(0xffff);
const WIRE_CODES: ReadonlySet<unknown> = new Set(Object.values(WIRE_CODE));
const wireCode = v.custom<WireCode>((value) => WIRE_CODES.has(value));

/** A bitmap as base64url: at most 8 KiB of bits. */
const bits = v.pipe(text(Math.ceil((MAX_BLOCKS / 8) * (4 / 3)) + 4), v.regex(/^[\w-]*$/));

/** 32 bytes as base64url. */
const DIGEST = /^[\w-]{43}$/;

const path = v.pipe(
  v.array(text(MAX_PATH_CHARS)),
  v.minLength(1),
  v.maxLength(MAX_PATH_DEPTH),
  v.check(
    (segments) => segments.reduce((sum, segment) => sum + segment.length, 0) <= MAX_PATH_CHARS,
  ),
  v.readonly(),
);

const manifestFile = v.strictObject({
  kind: v.picklist(['file', 'text', 'folder']),
  path,
  sizeBytes: integer(MAX_TRANSFER_BYTES),
  modifiedAt: integer(8.64e15),
}) satisfies v.GenericSchema<ManifestFile>;

const message = v.variant('type', [
  /** First message each way: who this is and how much it takes in flight. SPEC C3, W1. */
  v.strictObject({
    type: v.literal('hello'),
    device: v.pipe(text(MAX_DEVICE_NAME_CHARS), v.minLength(1)),
    windowBytes: integer(MAX_WINDOW_BYTES, MIN_WINDOW_BYTES),
  }),
  /** Heartbeat; the answer carries the same number. SPEC C4. */
  v.strictObject({ type: v.literal('ping'), n: integer(2 ** 32) }),
  v.strictObject({ type: v.literal('pong'), n: integer(2 ** 32) }),
  /** The page went to the background, or came back: explains slowness, nothing else. */
  v.strictObject({ type: v.literal('visibility'), isHidden: v.boolean() }),
  /** The link ends on purpose. SPEC C5. */
  v.strictObject({ type: v.literal('close'), reason: wireCode }),

  /** Lane signalling: SDP and trickled candidates of a lane's RTCPeerConnection. SPEC L1 to L3. */
  v.strictObject({ type: v.literal('lane-offer'), lane, sdp: text(MAX_SDP_CHARS) }),
  v.strictObject({ type: v.literal('lane-answer'), lane, sdp: text(MAX_SDP_CHARS) }),
  v.strictObject({
    type: v.literal('lane-candidate'),
    lane,
    candidate: text(MAX_CANDIDATE_CHARS),
    mid: v.nullable(text(16)),
    mLineIndex: v.nullable(integer(15)),
  }),
  v.strictObject({ type: v.literal('lane-close'), lane }),

  /** A sender proposes a transfer; its manifest follows in `parts` messages. SPEC P1, M4. */
  v.strictObject({
    type: v.literal('propose'),
    transfer: transferId,
    tag,
    fileCount: integer(MAX_FILES, 1),
    totalBytes: integer(MAX_TRANSFER_BYTES),
    blockBytes: integer(BLOCK_BYTES * 16, BLOCK_BYTES),
    parts: integer(Math.ceil(MAX_MANIFEST_CHARS / 1024), 1),
  }),
  v.strictObject({
    type: v.literal('manifest'),
    transfer: transferId,
    part: integer(MAX_MANIFEST_CHARS),
    files: v.pipe(v.array(manifestFile), v.minLength(1), v.maxLength(MAX_FILES), v.readonly()),
  }),
  /**
   * The receiver takes the `wanted` files and already holds the `held` blocks, of which `samples` name a
   * few with their digests. SPEC P3, P8.
   */
  v.strictObject({
    type: v.literal('accept'),
    transfer: transferId,
    wanted: bits,
    held: bits,
    samples: v.pipe(
      v.array(
        v.strictObject({
          block: integer(MAX_BLOCKS - 1),
          digest: v.pipe(v.string(), v.regex(DIGEST)),
        }),
      ),
      v.maxLength(MAX_SAMPLES),
      v.readonly(),
    ),
  }),
  v.strictObject({ type: v.literal('decline'), transfer: transferId }),
  v.strictObject({ type: v.literal('pause'), transfer: transferId }),
  v.strictObject({ type: v.literal('continue'), transfer: transferId }),
  /** The sender can no longer read one of the files; the others go on. SPEC P9. */
  v.strictObject({
    type: v.literal('lose-file'),
    transfer: transferId,
    file: integer(MAX_FILES - 1),
  }),
  /** Either side ends it for good. SPEC P5. */
  v.strictObject({ type: v.literal('cancel'), transfer: transferId, reason: wireCode }),
  /** Everything wanted is verified, on the receiver's disk and in its journal. SPEC P6. */
  v.strictObject({ type: v.literal('complete'), transfer: transferId }),
]);

export type ControlMessage = v.InferOutput<typeof message>;

/** The control messages of one type. */
export type Message<Type extends ControlMessage['type']> = Extract<ControlMessage, { type: Type }>;

/** A message, or the SPEC rule the text breaks. */
export type ParsedMessage =
  | ControlMessage
  | { readonly type: 'broken'; readonly rule: 'C1' | 'C2' };

/** Reads one text message from the peer. Never throws: the text is a stranger's. */
export function parseControlMessage(json: string): ParsedMessage {
  if (json.length > MAX_CONTROL_CHARS) return broken('C1');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // Not JSON is one of the things a stranger may send; the rule says so to the caller.
    return broken('C1');
  }
  if (!isTame(value, MAX_CONTROL_DEPTH)) return broken('C1');
  const parsed = v.safeParse(message, value, { abortEarly: true });
  return parsed.success ? parsed.output : broken('C2');
}

/** Exactly the text to send. */
export const formatControlMessage = (sent: ControlMessage): string => JSON.stringify(sent);

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Shallow enough, and without the keys that reach into prototypes. */
function isTame(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isTame(item, depth - 1));
  return Object.entries(value).every(
    ([key, item]) => !FORBIDDEN_KEYS.has(key) && isTame(item, depth - 1),
  );
}

const broken = (rule: 'C1' | 'C2'): ParsedMessage => ({ type: 'broken', rule });
