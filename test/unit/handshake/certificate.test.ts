import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintOfSdp } from '../../../src/handshake/certificate.ts';
import { MAX_SDP_CHARS } from '../../../src/protocol/limits.ts';
import { counted } from './duet.ts';

const spell = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');

const mine = counted(17, 32);
const line = (bytes: Uint8Array, hash = 'sha-256') => `a=fingerprint:${hash} ${spell(bytes)}`;
const session = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0';
const media = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0';
const sdp = (atSession: readonly string[], atMedia: readonly string[]) =>
  `${[session, ...atSession, media, ...atMedia].join('\r\n')}\r\n`;

describe('the fingerprint of an SDP', () => {
  test.each([
    ['at media level, as Chromium writes it', sdp([], [line(mine)])],
    ['at session level, as Firefox writes it', sdp([line(mine)], [])],
    ['at both levels', sdp([line(mine)], [line(mine)])],
    ['in lower case', sdp([], [line(mine).toLowerCase()])],
    ['once in each case', sdp([line(mine).toLowerCase()], [line(mine, 'SHA-256')])],
    ['with bare line feeds', sdp([], [line(mine)]).replaceAll('\r\n', '\n')],
  ])('[H5] is read %s', (_why, text) => {
    expect(bytesToHex(fingerprintOfSdp(text) ?? new Uint8Array(0))).toBe(bytesToHex(mine));
  });

  const theirs = counted(18, 32);
  test.each([
    ['there is none', sdp([], [])],
    ['another stands before it', sdp([line(theirs)], [line(mine)])],
    ['another stands after it', sdp([], [line(mine), line(theirs)])],
    ['another stands after it at session level', sdp([line(mine), line(theirs)], [])],
    ['another stands in a second section', sdp([], [line(mine), media, line(theirs)])],
    ['another hash stands beside it', sdp([], [line(mine), line(counted(1, 20), 'sha-1')])],
    ['only another hash is there', sdp([], [line(counted(1, 64), 'sha-512')])],
    ['a malformed one stands beside it', sdp([], [line(mine), 'a=fingerprint:sha-256 AA:BB'])],
    ['one stands beside it in capitals', sdp([], [line(mine), line(theirs).replace('a=f', 'A=F')])],
    ['one stands beside it behind blanks', sdp([], [line(mine), ` ${line(theirs)}`])],
    ['a bare return hides one', sdp([], [`${line(mine)}\r${line(theirs)}`])],
    ['it is too short', sdp([], [line(counted(1, 31))])],
    ['it is too long', sdp([], [line(counted(1, 33))])],
    ['two values share a line', sdp([], [`${line(mine)} ${spell(theirs)}`])],
    ['the SDP is endless', sdp([], [line(mine), 'a=x:'.padEnd(MAX_SDP_CHARS, 'x')])],
  ])('[H5] is nothing when %s', (_why, text) => {
    expect(fingerprintOfSdp(text)).toBeUndefined();
  });

  test('[H5] reading never throws, and never gives anything but 32 bytes', () => {
    const piece = fc.constantFrom('a=fingerprint', ':', 'sha-256', ' ', spell(mine), '\r\n', 'm=x');
    const near = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        const fingerprint = fingerprintOfSdp(text);
        if (fingerprint !== undefined) expect(fingerprint).toEqual(mine);
      }),
      { numRuns: 500 },
    );
  });
});
