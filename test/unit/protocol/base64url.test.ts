import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64url, encodeBase64url } from '../../../src/protocol/base64url.ts';

describe('base64url', () => {
  test('[B1] writes what everybody else writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(encodeBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
      }),
      { seed: 6 },
    );
  });

  test.each([
    ['a length nothing has', 'A'],
    ['padding', 'AA=='],
    ['the letters of plain base64', '+/+/'],
    ['a space', 'AA A'],
    ['a letter beyond ASCII', 'AAé'],
    ['spare bits of one byte', 'AB'],
    ['spare bits of two bytes', 'AAB'],
  ])('[B1] refuses %s', (_why, text) => {
    expect(decodeBase64url(text)).toBeUndefined();
  });

  test('[B1] any text that is read is the one text for its bytes, and none throws', () => {
    const letters = fc.constantFrom(...'AQgwZz09-_=+ é');
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 12 }), (text) => {
        const bytes = decodeBase64url(text);
        if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(text);
      }),
      { seed: 7, numRuns: 1000 },
    );
  });
});
