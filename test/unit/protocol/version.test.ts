import { expect, test } from 'vitest';
import {
  decodeHandshakeFrame,
  encodeHandshakeFrame,
} from '../../../src/handshake/handshakeFrames.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/limits.ts';

const nonce = new Uint8Array(16);

test('[V1] both hellos say the version in the byte after their type, and another one is seen first', () => {
  expect(PROTOCOL_VERSION).toBe(1);
  for (const type of ['hello-joiner', 'hello-host'] as const) {
    const bytes = encodeHandshakeFrame({ type, mode: 'code', nonce });
    expect(bytes[1]).toBe(1);
    bytes[1] = 2;
    const other = { type: 'other-version', from: type, version: 2 };
    expect(decodeHandshakeFrame(bytes)).toEqual(other);
    // Whatever a later version does with the rest.
    expect(decodeHandshakeFrame(bytes.subarray(0, 2))).toEqual(other);
  }
});
