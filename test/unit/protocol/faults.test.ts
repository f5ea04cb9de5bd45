import { expect, test } from 'vitest';
import { WIRE_CODE } from '../../../src/protocol/faults.ts';

test('[E1] every fault has a code of its own that fits a byte', () => {
  const codes = Object.values(WIRE_CODE);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.every((code) => Number.isInteger(code) && code > 0 && code < 256)).toBe(true);
});

test('[E1] the codes of version 1 are never changed, only added to', () => {
  expect(WIRE_CODE).toMatchObject({
    'rule-broken': 1,
    'version-mismatch': 2,
    'hash-mismatch': 3,
    'source-changed': 4,
    'disk-full': 5,
    'storage-failed': 6,
    'peer-failed': 7,
    declined: 8,
    cancelled: 9,
    'peer-gone': 10,
    'peer-left': 11,
    'no-path': 12,
    'broker-unreachable': 13,
    'peer-unavailable': 14,
    'no-nameplate': 15,
    'code-malformed': 16,
    'not-verified': 17,
    'code-refused': 18,
    'share-taken': 19,
    'too-much': 20,
    unsupported: 21,
  });
});
