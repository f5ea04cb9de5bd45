import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeHandshakeFrame,
  encodeHandshakeFrame,
  type HandshakeFrame,
} from '../../../src/handshake/handshakeFrames.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/limits.ts';
import { counted } from './duet.ts';

const bytesOf = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes));
const anyMode = fc.constantFrom('code' as const, 'link' as const, 'resume' as const);

const anyFrame: fc.Arbitrary<HandshakeFrame> = fc.oneof(
  fc.record({ type: fc.constant('hello-joiner' as const), mode: anyMode, nonce: bytesOf(16) }),
  fc.record({ type: fc.constant('hello-host' as const), mode: anyMode, nonce: bytesOf(16) }),
  fc.record({ type: fc.constant('share-joiner' as const), share: bytesOf(32) }),
  fc.record({ type: fc.constant('share-host' as const), share: bytesOf(32) }),
  fc.record({ type: fc.constant('tag-joiner' as const), tag: bytesOf(64) }),
  fc.record({ type: fc.constant('tag-host' as const), tag: bytesOf(64) }),
  fc.record({
    type: fc.constant('abort' as const),
    reason: fc.constantFrom(
      'not-verified' as const,
      'busy' as const,
      'mode-refused' as const,
      'version-mismatch' as const,
      'taken' as const,
    ),
  }),
);

describe('handshake frames', () => {
  test('[H2] a hello is exactly these nineteen bytes', () => {
    const nonce = counted(0, 16);
    const hello = encodeHandshakeFrame({ type: 'hello-joiner', mode: 'link', nonce });
    expect(bytesToHex(hello)).toBe(`010102${bytesToHex(nonce)}`);
  });

  test.each([
    ['not-verified', '0701'],
    ['busy', '0702'],
    ['mode-refused', '0703'],
    ['version-mismatch', '0704'],
    ['taken', '0705'],
  ] as const)('[H2] an abort for %s is exactly two bytes', (reason, hex) => {
    expect(bytesToHex(encodeHandshakeFrame({ type: 'abort', reason }))).toBe(hex);
  });

  test('[H2] any frame survives the wire', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeHandshakeFrame(encodeHandshakeFrame(frame))).toEqual(frame);
      }),
    );
  });

  test('[H2] any frame one byte shorter or longer is broken', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const bytes = encodeHandshakeFrame(frame);
        const shorter = decodeHandshakeFrame(bytes.subarray(0, -1));
        expect(shorter).toMatchObject({ type: 'broken' });
        expect(decodeHandshakeFrame(new Uint8Array([...bytes, 0]))).toMatchObject({
          type: 'broken',
        });
      }),
    );
  });

  test.each([
    ['[H3] nothing', '', 'H3'],
    ['[H2] a hello without a version', '01', 'H2'],
    ['[H3] type zero', '00', 'H3'],
    ['[H3] a type after the last', '0801', 'H3'],
    ['[H3] a mode after the last', `0101 04 ${'00'.repeat(16)}`, 'H3'],
    ['[H3] mode zero', `0201 00 ${'00'.repeat(16)}`, 'H3'],
    ['[H3] a reason after the last', '0706', 'H3'],
    ['[H3] reason zero', '0700', 'H3'],
    ['[H2] an abort without a reason', '07', 'H2'],
  ])('rejects %s', (_why, wire, rule) => {
    const bytes = hexToBytes(wire.replaceAll(' ', ''));
    expect(decodeHandshakeFrame(bytes)).toEqual({ type: 'broken', rule });
  });

  test('[H2] of another version only the version is read', () => {
    const theirs = PROTOCOL_VERSION + 1;
    for (const rest of [[], [9], counted(0, 100)]) {
      expect(decodeHandshakeFrame(Uint8Array.from([1, theirs, ...rest]))).toEqual({
        type: 'other-version',
        from: 'hello-joiner',
        version: theirs,
      });
    }
  });

  test('[H2] text is never a frame', () => {
    for (const text of ['', '\u0007\u0001', '{}']) {
      expect(decodeHandshakeFrame(text)).toEqual({ type: 'broken', rule: 'H2' });
    }
  });

  test('[H2] what was decoded does not change with the message it came from', () => {
    const wire = encodeHandshakeFrame({ type: 'share-host', share: counted(1, 32) });
    const frame = decodeHandshakeFrame(wire);
    wire.fill(0);
    expect(frame).toEqual({ type: 'share-host', share: counted(1, 32) });
  });

  test('[H2] decoding never throws, whatever the peer sends', () => {
    const typed = fc
      .tuple(fc.nat(9), fc.uint8Array({ maxLength: 70 }))
      .map(([type, rest]) => Uint8Array.from([type, ...rest]));
    fc.assert(
      fc.property(fc.oneof(typed, fc.uint8Array({ maxLength: 200 }), fc.string()), (noise) => {
        expect(() => decodeHandshakeFrame(noise)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
