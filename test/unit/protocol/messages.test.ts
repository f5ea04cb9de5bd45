import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64url, encodeBase64url } from '../../../src/protocol/base64url.ts';
import { blockIndex, laneId, transferTag } from '../../../src/protocol/ids.ts';
import { IndexSet } from '../../../src/protocol/indexSet.ts';
import {
  BLOCK_BYTES,
  MAX_BLOCKS,
  MAX_CANDIDATE_CHARS,
  MAX_CONTROL_CHARS,
  MAX_FILES,
  MAX_PATH_CHARS,
  MAX_SDP_CHARS,
  MAX_TRANSFER_BYTES,
} from '../../../src/protocol/limits.ts';
import {
  type ControlMessage,
  formatControlMessage,
  parseControlMessage,
} from '../../../src/protocol/messages.ts';
import { fileOf, idOf } from '../../doubles/manifests.ts';

const transfer = idOf('T');
const lane = laneId(3);

/** One good message of every type: a type added to the protocol must be added here to compile. */
const GOOD: { readonly [Type in ControlMessage['type']]: Extract<ControlMessage, { type: Type }> } =
  {
    hello: { type: 'hello', device: 'Firefox on Android', windowBytes: 16 * BLOCK_BYTES },
    ping: { type: 'ping', n: 4 },
    pong: { type: 'pong', n: 4 },
    visibility: { type: 'visibility', isHidden: true },
    close: { type: 'close', reason: 11 },
    'lane-offer': { type: 'lane-offer', lane, sdp: 'v=0' },
    'lane-answer': { type: 'lane-answer', lane, sdp: 'v=0' },
    'lane-candidate': {
      type: 'lane-candidate',
      lane,
      candidate: 'candidate:1 1 udp 1 198.51.100.7 9 typ host',
      mid: '0',
      mLineIndex: null,
    },
    'lane-close': { type: 'lane-close', lane },
    propose: {
      type: 'propose',
      transfer,
      tag: transferTag(0xffff),
      fileCount: 1,
      totalBytes: 9,
      blockBytes: BLOCK_BYTES,
      parts: 1,
    },
    manifest: { type: 'manifest', transfer, part: 0, files: [fileOf(9, 'a', 'b.txt')] },
    accept: {
      type: 'accept',
      transfer,
      wanted: 'AQ',
      held: '',
      samples: [{ block: blockIndex(0), digest: 'A'.repeat(43) }],
    },
    decline: { type: 'decline', transfer },
    pause: { type: 'pause', transfer },
    continue: { type: 'continue', transfer },
    cancel: { type: 'cancel', transfer, reason: 9 },
    'lose-file': { type: 'lose-file', transfer, file: 3 },
    complete: { type: 'complete', transfer },
  };

const good = Object.values(GOOD);
const broken = (rule: string) => ({ type: 'broken', rule });
const parse = (value: unknown) => parseControlMessage(JSON.stringify(value));
const isTaken = (value: unknown) => parse(value).type !== 'broken';

describe('control messages', () => {
  test.each(good)('[C2] $type survives the wire', (message) => {
    expect(parseControlMessage(formatControlMessage(message))).toEqual(message);
  });

  test.each(good)('[C2] $type needs each of its keys, and takes no other', (message) => {
    for (const key of Object.keys(message)) {
      const rest = Object.fromEntries(Object.entries(message).filter(([other]) => other !== key));
      expect(parse(rest), `without ${key}`).toEqual(broken('C2'));
    }
    expect(parse({ ...message, extra: 1 })).toEqual(broken('C2'));
  });

  test.each(good)('[C2] $type takes no key of another kind of value', (message) => {
    for (const key of Object.keys(message)) {
      for (const wrong of [undefined, {}, [[]], -1, 0.5, 2 ** 60, 'é', '']) {
        if (key === 'sdp' || key === 'candidate' || key === 'mid' || key === 'device') continue;
        if (key === 'wanted' || key === 'held') continue;
        expect(isTaken({ ...message, [key]: wrong }), `${key}: ${JSON.stringify(wrong)}`).toBe(
          false,
        );
      }
      // JSON writes NaN and infinities as null.
      const isNullable = key === 'mid' || key === 'mLineIndex';
      expect(isTaken({ ...message, [key]: Number.NaN }), `${key}: NaN`).toBe(isNullable);
    }
  });

  test.each([
    ['not JSON', 'hello'],
    ['nothing', ''],
    ['a message over the limit', `{"type":"ping","n":1${' '.repeat(MAX_CONTROL_CHARS)}}`],
    ['nine levels', JSON.stringify([[[[[[[[[]]]]]]]]])],
    ['a thousand levels', `${'['.repeat(1000)}${']'.repeat(1000)}`],
    ['__proto__', '{"type":"ping","n":1,"__proto__":{"isAdmin":true}}'],
    ['a constructor', '{"type":"ping","n":1,"constructor":{}}'],
    ['a prototype deep inside', '{"type":"ping","n":[{"x":{"prototype":1}}]}'],
  ])('[C1] refuses %s', (_why, json) => {
    expect(parseControlMessage(json)).toEqual(broken('C1'));
  });

  test.each(['null', '1', '"ping"', '[]', '{}', '{"type":"toString"}', '{"type":null}'])(
    '[C2] refuses %s',
    (json) => {
      expect(parseControlMessage(json)).toEqual(broken('C2'));
    },
  );

  test('[C1] takes the longest message there is', () => {
    const json = '{"type":"ping","n":1}';
    expect(parseControlMessage(json.padEnd(MAX_CONTROL_CHARS)).type).toBe('ping');
    expect(parseControlMessage(json.padEnd(MAX_CONTROL_CHARS + 1))).toEqual(broken('C1'));
  });

  test('[C1] takes eight levels and not nine', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(parseControlMessage(nested(8))).toEqual(broken('C2'));
    expect(parseControlMessage(nested(9))).toEqual(broken('C1'));
  });

  test.each([
    ['[C3] the longest device name', { ...GOOD.hello, device: 'x'.repeat(64) }, true],
    ['[C3] a longer one', { ...GOOD.hello, device: 'x'.repeat(65) }, false],
    ['[C3] no name', { ...GOOD.hello, device: '' }, false],
    ['[C3] the least window', { ...GOOD.hello, windowBytes: BLOCK_BYTES }, true],
    ['[C3] a smaller one', { ...GOOD.hello, windowBytes: BLOCK_BYTES - 1 }, false],
    ['[C3] the largest window', { ...GOOD.hello, windowBytes: 256 * BLOCK_BYTES }, true],
    ['[C3] a larger one', { ...GOOD.hello, windowBytes: 256 * BLOCK_BYTES + 1 }, false],
    ['[L2] the longest SDP', { ...GOOD['lane-offer'], sdp: 'v'.repeat(MAX_SDP_CHARS) }, true],
    ['[L2] a longer one', { ...GOOD['lane-answer'], sdp: 'v'.repeat(MAX_SDP_CHARS + 1) }, false],
    [
      '[L2] a candidate over the limit',
      { ...GOOD['lane-candidate'], candidate: 'c'.repeat(MAX_CANDIDATE_CHARS + 1) },
      false,
    ],
    ['[L1] a lane past 65535', { ...GOOD['lane-offer'], lane: 65_536 }, false],
    ['[F6] a tag past 65535', { ...GOOD.propose, tag: 65_536 }, false],
    ['[M1] the most entries', { ...GOOD.propose, fileCount: MAX_FILES }, true],
    ['[M1] one more', { ...GOOD.propose, fileCount: MAX_FILES + 1 }, false],
    ['[M1] none', { ...GOOD.propose, fileCount: 0 }, false],
    ['[M3] a TiB', { ...GOOD.propose, totalBytes: MAX_TRANSFER_BYTES }, true],
    ['[M3] a byte more', { ...GOOD.propose, totalBytes: MAX_TRANSFER_BYTES + 1 }, false],
    ['[M3] a negative size', { ...GOOD.manifest, files: [fileOf(-1)] }, false],
    ['[M3] half a byte', { ...GOOD.manifest, files: [fileOf(0.5)] }, false],
    ['[M4] a part without entries', { ...GOOD.manifest, files: [] }, false],
    ['[M4] too many parts', { ...GOOD.propose, parts: 4097 }, false],
    ['[M2] the deepest path', { ...GOOD.manifest, files: [pathOf(32, 32)] }, true],
    ['[M2] a deeper one', { ...GOOD.manifest, files: [pathOf(33, 1)] }, false],
    ['[M2] the longest path', { ...GOOD.manifest, files: [pathOf(1, MAX_PATH_CHARS)] }, true],
    ['[M2] a longer one', { ...GOOD.manifest, files: [pathOf(1, MAX_PATH_CHARS + 1)] }, false],
    ['[M2] one longer in sum', { ...GOOD.manifest, files: [pathOf(3, 342)] }, false],
    ['[M2] no path', { ...GOOD.manifest, files: [{ ...fileOf(1), path: [] }] }, false],
    ['[M5] a kind nobody knows', { ...GOOD.manifest, files: [{ ...fileOf(1), kind: 'x' }] }, false],
    ['[P5] a reason nobody knows', { ...GOOD.cancel, reason: 0 }, false],
    ['[E1] a reason of a later version', { ...GOOD.close, reason: 200 }, false],
    ['[P3] a bitmap over the limit', { ...GOOD.accept, held: 'A'.repeat(10_930) }, false],
    ['[P3] a bitmap with other letters', { ...GOOD.accept, wanted: 'A=' }, false],
    ['[P8] the most samples', { ...GOOD.accept, samples: samplesOf(8) }, true],
    ['[P8] one more', { ...GOOD.accept, samples: samplesOf(9) }, false],
    ['[P8] half a digest', { ...GOOD.accept, samples: [{ block: 0, digest: 'A' }] }, false],
    ['[P8] a block past the last', { ...GOOD.accept, samples: samplesOf(1, MAX_BLOCKS) }, false],
    ['[P1] an id that is too short', { ...GOOD.decline, transfer: 'T'.repeat(21) }, false],
    ['[P1] an id with a newline', { ...GOOD.decline, transfer: `${'T'.repeat(22)}\n` }, false],
  ])('bounds: %s', (_why, message, isGood) => {
    expect(isTaken(message)).toBe(isGood);
  });

  test('[P3] the largest bitmap there is fits', () => {
    const bits = encodeBase64url(IndexSet.full(MAX_BLOCKS).toBytes());
    expect(isTaken({ ...GOOD.accept, held: bits })).toBe(true);
    expect(IndexSet.parse(decodeBase64url(bits)!, MAX_BLOCKS)?.isFull).toBe(true);
  });

  test('[C1] [C2] never throws, whatever the peer sends', () => {
    const isRead = (json: string) => {
      const parsed = parseControlMessage(json);
      if (parsed.type !== 'broken') expect(Object.keys(GOOD)).toContain(parsed.type);
    };
    fc.assert(fc.property(fc.string(), isRead), { seed: 12 });
    fc.assert(fc.property(fc.json({ maxDepth: 12 }), isRead), { seed: 13 });
    const spoiled = fc
      .tuple(fc.constantFrom(...good), fc.string(), fc.jsonValue())
      .map(([message, key, value]) => JSON.stringify({ ...message, [key]: value }));
    fc.assert(fc.property(spoiled, isRead), { seed: 14 });
  });

  test('[C1] nothing a message says reaches a prototype', () => {
    parseControlMessage('{"__proto__":{"polluted":1},"type":"ping","n":1}');
    parse({ type: 'ping', n: 1, constructor: { prototype: { polluted: 1 } } });
    expect('polluted' in {}).toBe(false);
  });
});

function pathOf(depth: number, charsEach: number) {
  return fileOf(1, ...Array.from({ length: depth }, () => 'p'.repeat(charsEach)));
}

function samplesOf(count: number, block = 0) {
  return Array.from({ length: count }, () => ({ block, digest: 'A'.repeat(43) }));
}
