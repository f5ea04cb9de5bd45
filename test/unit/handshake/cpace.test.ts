import { ristretto255 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  calculateGenerator,
  combine,
  lengthValueCat,
  makeShare,
  scalarFromRandom,
  sessionKey,
  transcript,
} from '../../../src/handshake/cpace.ts';
import vectors from '../../vectors/cpace-ristretto255.json' with { type: 'json' };

const v = vectors.G_Coffee25519;
const points = vectors.G_Coffee25519_points;
const unhex = (text: string) => hexToBytes(text.toLowerCase());
const hex = (bytes: Uint8Array | undefined) => bytes && bytesToHex(bytes).toUpperCase();

const generator = calculateGenerator(unhex(v.PRS), unhex(v.CI), unhex(v.sid));
const initiator = { share: unhex(v.Ya), associated: unhex(v.ADa) };
const responder = { share: unhex(v.Yb), associated: unhex(v.ADb) };

describe('CPACE-RISTR255-SHA512: the vectors of draft-irtf-cfrg-cpace-21', () => {
  test('[H6] the generator', () => {
    expect(hex(generator.toBytes())).toBe(v.g);
  });

  test('[H6] both shares', () => {
    expect(hex(makeShare(generator, unhex(v.ya)))).toBe(v.Ya);
    expect(hex(makeShare(generator, unhex(v.yb)))).toBe(v.Yb);
  });

  test('[H6] the combined point, from either side', () => {
    expect(hex(combine(unhex(v.ya), unhex(v.Yb)))).toBe(v.K);
    expect(hex(combine(unhex(v.yb), unhex(v.Ya)))).toBe(v.K);
  });

  test('[H6] the session key', () => {
    expect(hex(sessionKey(unhex(v.sid), unhex(v.K), initiator, responder))).toBe(v.ISK_IR);
  });

  test('[H6] the session id output, which covers the transcript', () => {
    const output = sha512(
      concatBytes(utf8ToBytes('CPaceSidOutput'), transcript(initiator, responder)),
    );
    expect(hex(output)).toBe(v.sid_output_ir);
  });

  test('[H6] a valid point', () => {
    const { s, X } = points.Valid;
    expect(hex(combine(unhex(s), unhex(X)))).toBe(points.Valid['G.scalar_mult_vfy(s,X)']);
  });

  test.each([
    ['no point at all', points['Invalid Y1']],
    ['the identity', points['Invalid Y2']],
    ['not canonical', 'EDFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F'],
    ['too short', '2C3C6B'],
    ['empty', ''],
  ])('[H6] refuses a share that is %s', (_why, share) => {
    expect(combine(unhex(points.Valid.s), unhex(share))).toBeUndefined();
  });
});

describe('CPace building blocks', () => {
  test('[H6] lengths are LEB128, and an empty part still counts', () => {
    expect(bytesToHex(lengthValueCat(utf8ToBytes('ab'), new Uint8Array(0)))).toBe('02616200');
    expect(bytesToHex(lengthValueCat(new Uint8Array(300)).subarray(0, 3))).toBe('ac0200');
  });

  test('[H6] a scalar is 252 bits and never shares memory with the random bytes', () => {
    const random = new Uint8Array(32).fill(0xff);
    const scalar = scalarFromRandom(random);
    expect(scalar[31]).toBe(0x0f);
    expect(random[31]).toBe(0xff);
  });

  test('[H6] a random source that gives zeros is a bug, not a key', () => {
    const zeros = new Uint8Array(32);
    zeros[31] = 0xf0;
    expect(() => scalarFromRandom(zeros)).toThrow();
    expect(() => scalarFromRandom(new Uint8Array(31))).toThrow();
  });

  test('[H6] combining never throws, whatever the peer sends', () => {
    const scalar = scalarFromRandom(new Uint8Array(32).fill(7));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        expect(() => combine(scalar, noise)).not.toThrow();
      }),
    );
  });

  test('[H6] both sides agree for any password and any scalars', () => {
    const any32 = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .filter((b) => b.some((x) => x > 15));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), any32, any32, (password, a, b) => {
        const g = calculateGenerator(password, utf8ToBytes('ci'), utf8ToBytes('sid'));
        const [ya, yb] = [scalarFromRandom(a), scalarFromRandom(b)];
        const left = combine(ya, makeShare(g, yb));
        expect(left).toBeDefined();
        expect(left).toEqual(combine(yb, makeShare(g, ya)));
      }),
      { numRuns: 15 },
    );
    expect(generator).toBeInstanceOf(ristretto255.Point);
  });
});
