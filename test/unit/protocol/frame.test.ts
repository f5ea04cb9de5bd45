import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Decoded,
  dataFrameBytes,
  decodeFrame,
  encodeFrame,
  type Frame,
  writeDataFrame,
} from '../../../src/protocol/frame.ts';
import { blockIndex, laneId, transferTag } from '../../../src/protocol/ids.ts';
import { GRAIN_BYTES, MAX_PAYLOAD_BYTES } from '../../../src/protocol/limits.ts';
import { type SlowFrame, slowDecode, slowEncode } from './slowFrame.ts';

const tag = transferTag(0x0102);
const block = blockIndex(0x03040506);
const grain = new Uint8Array(GRAIN_BYTES).fill(0xab);
const digest = Uint8Array.from({ length: 32 }, (_, i) => i);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('the bytes of a frame', () => {
  test('[F1] [A1] an ack is exactly these twelve bytes', () => {
    const frame: Frame = { type: 'ack', tag, block, count: 7 };
    expect(hex(encodeFrame(frame))).toBe('020001020304050600000007');
  });

  test('[F1] [A3] a nack is exactly these twelve bytes', () => {
    expect(hex(encodeFrame({ type: 'nack', tag, block }))).toBe('030001020304050600000000');
  });

  test('[F1] [F2] a data frame inside its block is header and payload', () => {
    const frame: Frame = {
      type: 'data',
      tag,
      block,
      offset: 0x8000,
      payload: grain,
      digest: undefined,
    };
    expect(hex(encodeFrame(frame))).toBe(`010001020304050600008000${'ab'.repeat(GRAIN_BYTES)}`);
  });

  test('[F3] the frame that ends its block has the digest behind the payload', () => {
    const payload = Uint8Array.of(0xcd);
    const frame: Frame = { type: 'data', tag, block, offset: 0x4000, payload, digest };
    expect(hex(encodeFrame(frame))).toBe(
      '010101020304050600004000cd000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    );
  });

  test('[F1] a frame written into a larger buffer is the same bytes, and says where they end', () => {
    const into = new Uint8Array(dataFrameBytes(GRAIN_BYTES, true) + 100).fill(0xee);
    const frame = { type: 'data', tag, block, offset: 0, payload: grain, digest } as const;
    const written = writeDataFrame(frame, into);
    expect(written.buffer).toBe(into.buffer);
    expect(hex(written)).toBe(hex(encodeFrame(frame)));
    expect(into.subarray(written.byteLength).every((byte) => byte === 0xee)).toBe(true);
  });
});

/** Lane 258 has got 64 KiB. */
const receiptWire = '0400 0102 00000000 00010000';

describe('reading a frame', () => {
  test.each([
    ['[F1] no bytes', '', 'F1'],
    ['[F1] less than a header', '0200 0102 03040506 000000', 'F1'],
    ['[F1] an ack with flags', '0201 0102 03040506 00000001', 'F1'],
    ['[F1] an ack with a body', '0200 0102 03040506 00000001 00', 'F1'],
    ['[F1] a nack with a body', '0300 0102 03040506 00000000 00', 'F1'],
    ['[F1] data with an unknown flag', `0102 0102 03040506 00000000 ${hex(grain)}`, 'F1'],
    ['[F2] type 0', '0000 0102 03040506 00000000', 'F2'],
    ['[F2] a type of a later version', '0500 0102 03040506 00000000', 'F2'],
    ['[F3] data without a payload', '0100 0102 03040506 00000000', 'F3'],
    ['[F3] a digest without a payload', `0101 0102 03040506 00000000 ${hex(digest)}`, 'F3'],
    ['[F3] half a digest', `0101 0102 03040506 00000000 ${'00'.repeat(16)}`, 'F3'],
    ['[F4] data that starts off the grid', `0100 0102 03040506 00000001 ${hex(grain)}`, 'F4'],
    ['[F4] data that stops off the grid', '0100 0102 03040506 00000000 aa', 'F4'],
    [
      '[F4] a payload over the limit',
      `0100 0102 03040506 00000000 ${'00'.repeat(MAX_PAYLOAD_BYTES + GRAIN_BYTES)}`,
      'F4',
    ],
    [
      '[F4] a last payload over the limit',
      `0101 0102 03040506 00000000 ${'00'.repeat(MAX_PAYLOAD_BYTES + 1 + 32)}`,
      'F4',
    ],
    ['[F5] an ack for nothing', '0200 0102 03040506 00000000', 'F5'],
    ['[F5] a nack with an offset', '0300 0102 03040506 00000001', 'F5'],
    ['[F1] a receipt with flags', '0401 0102 00000000 00010000', 'F1'],
    ['[F1] a receipt and a half', '0400 0102 00000000 00010000 0400 0103 00000000', 'F1'],
    [
      '[F1] a receipt with an ack behind it',
      '0400 0102 00000000 00010000 0200 0102 03040506 00000001',
      'F1',
    ],
    ['[F5] a receipt beyond exact numbers', '0400 0000 00200000 00000000', 'F5'],
    ['[F5] receipts for more lanes than there may be', receiptWire.repeat(33), 'F5'],
  ])('refuses %s', (_why, wire, rule) => {
    expect(decodeFrame(bytesOf(wire))).toEqual({ type: 'broken', rule });
  });

  test('[A4] a receipt carries a lane and a number of 53 bits, as often as there are lanes', () => {
    const receipt: Frame = {
      type: 'receipt',
      lanes: [
        { lane: laneId(7), arrivedBytes: 2 ** 40 + 5 },
        { lane: laneId(0xffff), arrivedBytes: 0 },
      ],
    };
    expect(hex(encodeFrame(receipt))).toBe('0400000700000100000000050400ffff0000000000000000');
    expect(decodeFrame(encodeFrame(receipt))).toEqual(receipt);
    expect(decodeFrame(bytesOf(receiptWire.repeat(32))).type).toBe('receipt');
  });

  test('[F4] takes the largest payload there is', () => {
    const wire = `0100 0102 03040506 00000000 ${'00'.repeat(MAX_PAYLOAD_BYTES)}`;
    expect(decodeFrame(bytesOf(wire)).type).toBe('data');
  });

  test('[F3] payload and digest are views of the message, wherever it lies in its buffer', () => {
    const frame: Frame = { type: 'data', tag, block, offset: 0, payload: grain, digest };
    const room = new Uint8Array(dataFrameBytes(GRAIN_BYTES, true) + 7);
    room.set(encodeFrame(frame), 7);
    const decoded = decodeFrame(room.subarray(7));
    if (decoded.type !== 'data') throw new Error(decoded.type);
    expect(plain(decoded)).toEqual(plain(frame));
    expect(decoded.payload.buffer).toBe(room.buffer);
    expect(decoded.digest?.buffer).toBe(room.buffer);
  });

  test('[F1] [F2] [F3] [A4] any frame survives the wire, as the slow codec has it', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const wire = encodeFrame(frame);
        expect(hex(wire)).toBe(slowEncode(plain(frame)));
        expect(plain(decodeFrame(wire))).toEqual(plain(frame));
      }),
      { seed: 1 },
    );
  });

  test('[F1] [F2] [F3] [F4] [F5] any bytes mean what the slow codec says, and never throw', () => {
    fc.assert(
      fc.property(anyNoise, (noise) => {
        expect(plain(decodeFrame(noise))).toEqual(slowDecode(hex(noise)));
      }),
      { seed: 2, numRuns: 2000 },
    );
  });
});

const anyPlace = {
  tag: fc.nat(0xffff).map(transferTag),
  block: fc.nat(0xffffffff).map(blockIndex),
};
const anyDigest = fc.uint8Array({ minLength: 32, maxLength: 32 });
const grid = fc.nat(63).map((grain) => grain * GRAIN_BYTES);
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant('ack' as const),
    ...anyPlace,
    count: fc.integer({ min: 1, max: 0xffffffff }),
  }),
  fc.record({ type: fc.constant('nack' as const), ...anyPlace }),
  fc.record({
    type: fc.constant('receipt' as const),
    lanes: fc.array(
      fc.record({ lane: fc.nat(0xffff).map(laneId), arrivedBytes: fc.maxSafeNat() }),
      { minLength: 1, maxLength: 32 },
    ),
  }),
  fc.record({
    type: fc.constant('data' as const),
    ...anyPlace,
    offset: grid,
    payload: fc.nat(255).map((fill) => new Uint8Array(GRAIN_BYTES).fill(fill)),
    digest: fc.constant(undefined),
  }),
  fc.record({
    type: fc.constant('data' as const),
    ...anyPlace,
    offset: grid,
    payload: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    digest: anyDigest,
  }),
);

/** Bytes that are close enough to a frame to get past the first check more often than not. */
const anyNoise = fc
  .record({
    type: fc.oneof(fc.constantFrom(1, 2, 3, 4), fc.nat(255)),
    place: fc.constantFrom([9, 8, 7, 6, 5, 4], [0, 0, 0, 31, 5, 4], [0, 0, 0, 32, 5, 4]),
    flags: fc.oneof(fc.constantFrom(0, 1), fc.nat(255)),
    offset: fc.oneof(fc.constantFrom(0, 1, 0x4000), fc.nat(0xffffffff)),
    body: fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.constantFrom(grain, new Uint8Array())),
    cut: fc.oneof(fc.constant(0), fc.nat(14)),
  })
  .map(({ type, flags, place, offset, body, cut }) => {
    const bytes = new Uint8Array(12 + body.byteLength);
    bytes.set([type, flags, ...place]);
    new DataView(bytes.buffer).setUint32(8, offset);
    bytes.set(body, 12);
    return bytes.subarray(0, Math.max(0, bytes.byteLength - cut));
  });

function plain(frame: Frame): Exclude<SlowFrame, { type: 'broken' }>;
function plain(frame: Decoded): SlowFrame;
function plain(frame: Decoded): SlowFrame {
  if (frame.type !== 'data') return frame;
  const { payload, digest: sum } = frame;
  return { ...frame, payload: hex(payload), digest: sum === undefined ? undefined : hex(sum) };
}
