import {
  type BlockIndex,
  blockIndex,
  type LaneId,
  laneId,
  type TransferTag,
  transferTag,
} from './ids.ts';
import {
  DIGEST_BYTES,
  FRAME_HEADER_BYTES,
  GRAIN_BYTES,
  MAX_LANES,
  MAX_PAYLOAD_BYTES,
} from './limits.ts';

/**
 * One message on a lane. Big-endian, fixed header (SPEC F1):
 *
 *     0       1       2               4               8              12
 *     +-------+-------+---------------+---------------+---------------+-----
 *     | type  | flags | tag (u16)     | block (u32)   | offset (u32)  | body …
 *     +-------+-------+---------------+---------------+---------------+-----
 *
 * A frame says where it belongs, so neither the order of frames nor the lane they take matters.
 */
export type Frame = DataFrame | AckFrame | NackFrame | ReceiptFrame;

/** Bytes of a block. The frame that ends its block also carries the block's SHA-256. SPEC F2, F3. */
export interface DataFrame {
  readonly type: 'data';
  readonly tag: TransferTag;
  readonly block: BlockIndex;
  /** Byte offset of `payload` inside the block, a multiple of {@link GRAIN_BYTES}. */
  readonly offset: number;
  readonly payload: Uint8Array;
  readonly digest: Uint8Array | undefined;
}

/** `count` blocks from `block` on are verified and written. SPEC A1. */
export interface AckFrame {
  readonly type: 'ack';
  readonly tag: TransferTag;
  readonly block: BlockIndex;
  readonly count: number;
}

/** The block failed its digest and was thrown away: send it again. SPEC A3. */
export interface NackFrame {
  readonly type: 'nack';
  readonly tag: TransferTag;
  readonly block: BlockIndex;
}

/** What has arrived on each of some lanes; the only frame that says several things at once. SPEC A4. */
export interface ReceiptFrame {
  readonly type: 'receipt';
  /** 1 to {@link MAX_LANES}. */
  readonly lanes: readonly LaneReceipt[];
}

/** How many bytes of messages have arrived on a lane since it opened. */
export interface LaneReceipt {
  readonly lane: LaneId;
  readonly arrivedBytes: number;
}

type Rule = 'F1' | 'F2' | 'F3' | 'F4' | 'F5';

/** What decoding yields: a frame, or the SPEC rule the bytes break. */
export type Decoded = Frame | { readonly type: 'broken'; readonly rule: Rule };

const DATA = 1;
const ACK = 2;
const NACK = 3;
const RECEIPT = 4;

const NO_FLAGS = 0;
const ENDS_BLOCK = 1;

/** Bytes a data frame takes on the lane. */
export const dataFrameBytes = (payloadBytes: number, endsBlock: boolean) =>
  FRAME_HEADER_BYTES + payloadBytes + (endsBlock ? DIGEST_BYTES : 0);

/**
 * Writes a data frame to the start of `into` and returns the part it fills. The payload is copied
 * once, here and nowhere else; a channel copies again on `send`, so `into` may be reused at once.
 */
export function writeDataFrame(
  frame: DataFrame,
  into: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const { payload, digest } = frame;
  writeHeader(
    into,
    DATA,
    digest === undefined ? NO_FLAGS : ENDS_BLOCK,
    frame.tag,
    frame.block,
    frame.offset,
  );
  into.set(payload, FRAME_HEADER_BYTES);
  if (digest !== undefined) into.set(digest, FRAME_HEADER_BYTES + payload.byteLength);
  return into.subarray(0, dataFrameBytes(payload.byteLength, digest !== undefined));
}

/** Exactly the bytes to send, in a buffer of their own. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  if (frame.type === 'data') {
    const bytes = dataFrameBytes(frame.payload.byteLength, frame.digest !== undefined);
    return writeDataFrame(frame, new Uint8Array(bytes));
  }
  if (frame.type === 'receipt') return encodeReceipts(frame);
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  if (frame.type === 'ack') {
    writeHeader(bytes, ACK, NO_FLAGS, frame.tag, frame.block, frame.count);
  } else {
    writeHeader(bytes, NACK, NO_FLAGS, frame.tag, frame.block, 0);
  }
  return bytes;
}

/** Headers in a row: the lane in place of the tag, and one number of 64 bits over the places of block and offset. */
function encodeReceipts({ lanes }: ReceiptFrame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES * lanes.length);
  lanes.forEach(({ lane, arrivedBytes }, i) => {
    const into = bytes.subarray(i * FRAME_HEADER_BYTES);
    writeHeader(into, RECEIPT, NO_FLAGS, lane, Math.floor(arrivedBytes / 2 ** 32), arrivedBytes);
  });
  return bytes;
}

function writeHeader(
  bytes: Uint8Array<ArrayBuffer>,
  type: number,
  flags: number,
  tag: number,
  block: number,
  offset: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint8(0, type);
  view.setUint8(1, flags);
  view.setUint16(2, tag);
  view.setUint32(4, block);
  view.setUint32(8, offset);
}

/**
 * Reads one message from the peer. Never throws: the bytes are a stranger's.
 *
 * `payload` and `digest` are views into `bytes`, not copies. Indices are checked against the
 * manifest later, by the receiver; this checks shape only.
 */
export function decodeFrame(bytes: Uint8Array): Decoded {
  if (bytes.byteLength < FRAME_HEADER_BYTES) return broken('F1');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const type = view.getUint8(0);
  const flags = view.getUint8(1);
  const tag = transferTag(view.getUint16(2));
  const block = view.getUint32(4);
  const offset = view.getUint32(8);
  if (type === DATA) return decodeData(bytes, flags, tag, block, offset);
  if (type === RECEIPT) return decodeReceipts(bytes, view);
  if (flags !== NO_FLAGS || bytes.byteLength !== FRAME_HEADER_BYTES) return broken('F1');
  switch (type) {
    case ACK:
      return offset === 0
        ? broken('F5')
        : { type: 'ack', tag, block: blockIndex(block), count: offset };
    case NACK:
      return offset === 0 ? { type: 'nack', tag, block: blockIndex(block) } : broken('F5');
    default:
      return broken('F2');
  }
}

function decodeReceipts({ byteLength }: Uint8Array, view: DataView): Decoded {
  if (byteLength % FRAME_HEADER_BYTES !== 0) return broken('F1');
  if (byteLength > FRAME_HEADER_BYTES * MAX_LANES) return broken('F5');
  const lanes: LaneReceipt[] = [];
  for (let at = 0; at < byteLength; at += FRAME_HEADER_BYTES) {
    if (view.getUint8(at) !== RECEIPT || view.getUint8(at + 1) !== NO_FLAGS) return broken('F1');
    const high = view.getUint32(at + 4);
    // Beyond 2^53 bytes numbers stop being exact; no lane lives that long.
    if (high >= 2 ** 21) return broken('F5');
    const arrivedBytes = high * 2 ** 32 + view.getUint32(at + 8);
    lanes.push({ lane: laneId(view.getUint16(at + 2)), arrivedBytes });
  }
  return { type: 'receipt', lanes };
}

function decodeData(
  bytes: Uint8Array,
  flags: number,
  tag: TransferTag,
  block: number,
  offset: number,
): Decoded {
  if (flags !== NO_FLAGS && flags !== ENDS_BLOCK) return broken('F1');
  const endsBlock = flags === ENDS_BLOCK;
  const payloadEnd = bytes.byteLength - (endsBlock ? DIGEST_BYTES : 0);
  const payloadBytes = payloadEnd - FRAME_HEADER_BYTES;
  if (payloadBytes <= 0) return broken('F3');
  if (payloadBytes > MAX_PAYLOAD_BYTES || offset % GRAIN_BYTES !== 0) return broken('F4');
  if (!endsBlock && payloadBytes % GRAIN_BYTES !== 0) return broken('F4');
  return {
    type: 'data',
    tag,
    block: blockIndex(block),
    offset,
    payload: bytes.subarray(FRAME_HEADER_BYTES, payloadEnd),
    digest: endsBlock ? bytes.subarray(payloadEnd) : undefined,
  };
}

const broken = (rule: Rule): Decoded => ({ type: 'broken', rule });
