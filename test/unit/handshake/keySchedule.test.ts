import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { sameBytes } from '../../../src/handshake/bytes.ts';
import { encodeHandshakeFrame } from '../../../src/handshake/handshakeFrames.ts';
import {
  channelIdOf,
  confirm,
  passwordOf,
  sessionIdOf,
} from '../../../src/handshake/keySchedule.ts';
import { counted, hostPeer, joinerPeer, SECRETS } from './duet.ts';

/**
 * Known answers. PRS and CI are plain encodings and can be read. The draft has no vectors for tags:
 * tags and keys were computed by a second implementation (Python, hashlib and hmac only), written
 * from the same page. Changing one is a new protocol version.
 */
describe('known answers of the key schedule', () => {
  test('[H12] the password of a code is label, mode and words, and nothing public', () => {
    const text = 'mango-puzzle-walrus';
    const expected = `0c${ascii('sluice/1 prs')}0101${(19).toString(16)}${ascii(text)}`;
    expect(bytesToHex(passwordOf(SECRETS.code))).toBe(expected);
  });

  test('[H12] the password of a link and of a resume', () => {
    expect(bytesToHex(passwordOf(SECRETS.link))).toBe(
      '0c736c756963652f3120707273010220418b72c23b03f206dd58d6e19766c3c8c52885d967a4ac63131a3dddbbcda7b5',
    );
    expect(bytesToHex(passwordOf(SECRETS.resume))).toBe(
      `0c${ascii('sluice/1 prs')}010320${bytesToHex(counted(4, 32))}`,
    );
  });

  test('[H12] the channel id lists mode, joiner, host and both hellos', () => {
    const [nonceJ, nonceH] = [counted(5, 16), counted(7, 16)];
    const helloJ = encodeHandshakeFrame({ type: 'hello-joiner', mode: 'code', nonce: nonceJ });
    const helloH = encodeHandshakeFrame({ type: 'hello-host', mode: 'code', nonce: nonceH });
    const channelId = channelIdOf('code', joinerPeer, hostPeer, helloJ, helloH);
    expect(bytesToHex(channelId)).toBe(
      [
        `13${ascii('sluice/1 cpace-r255')}0101`,
        `01${ascii('J')}0b${ascii('sluice1-j-1')}20${bytesToHex(counted(1, 32))}`,
        `01${ascii('H')}0c${ascii('sluice1-4821')}20${bytesToHex(counted(2, 32))}`,
        `13010101${bytesToHex(nonceJ)}13020101${bytesToHex(nonceH)}`,
      ].join(''),
    );
  });

  test('[H12] the session id is both nonces', () => {
    expect(bytesToHex(sessionIdOf(Uint8Array.of(1), Uint8Array.of(2)))).toBe('0102');
  });

  test('[H12] tags and keys', () => {
    const { tagJoiner, tagHost, keyJ2H, keyH2J, resumeKey } = confirm(
      counted(10, 32),
      counted(11, 32),
      counted(12, 32),
      counted(13, 32),
    );
    expect(bytesToHex(tagJoiner)).toBe(
      '49de3552d3eab936c5108b5223a8ae026d81bd60d067a63ead5264c29102fdfcbd94c4b930cfa8f5d380869e2f73571af0774e95bf3434fd85059d036c083210',
    );
    expect(bytesToHex(tagHost)).toBe(
      '9c84b17ba7ff712c6945eb3282995a0aebcd25b2818345fefda467ada2c85f1b0bcf75bc3dbbee5f401821a5f6c1066291a066df6df349460ad716da148d60a6',
    );
    expect(bytesToHex(keyJ2H)).toBe(
      'a96f1fa38cf8b6139e33d50728840c7c8c460b06375ba4b5d740740a345e9f8b',
    );
    expect(bytesToHex(keyH2J)).toBe(
      'a7c7c76bd45a0854ca2b9e51839136402b89702441f4d400d0e42a173efffccf',
    );
    expect(bytesToHex(resumeKey)).toBe(
      'd032a28bab06ae186472f0449432cc18f2b8aee3c12081e07d52662390464dbe',
    );
  });

  test('[H9] equal shares still give different tags, because the roles differ', () => {
    const share = counted(12, 32);
    const { tagJoiner, tagHost } = confirm(counted(10, 32), counted(11, 32), share, share);
    expect(bytesToHex(tagJoiner)).not.toBe(bytesToHex(tagHost));
  });

  test('[H12] the combined point is overwritten', () => {
    const combined = counted(11, 32);
    confirm(counted(10, 32), combined, counted(12, 32), counted(13, 32));
    expect(combined).toEqual(new Uint8Array(32));
  });
});

describe('comparing secrets', () => {
  test('[H8] finds a difference of one bit anywhere, and of length', () => {
    const tag = counted(1, 64);
    expect(sameBytes(tag, Uint8Array.from(tag))).toBe(true);
    expect(sameBytes(tag, tag.subarray(0, 63))).toBe(false);
    for (let at = 0; at < 64; at += 1) {
      const wrong = Uint8Array.from(tag);
      wrong[at] = (wrong[at] ?? 0) ^ 0x80;
      expect(sameBytes(tag, wrong)).toBe(false);
    }
  });
});

const ascii = (text: string) => bytesToHex(Uint8Array.from(text, (char) => char.charCodeAt(0)));
