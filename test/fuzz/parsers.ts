import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  drawLinkSecret,
  drawWords,
  formatCode,
  formatLink,
  parseCredential,
} from '../../src/handshake/credentials.ts';
import { BrokerFrameFilter, MAX_PENDING_CONNECTIONS } from '../../src/link/brokerFrames.ts';
import { WIRE_CODE } from '../../src/protocol/faults.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../src/protocol/frame.ts';
import { blockIndex, laneId, transferTag } from '../../src/protocol/ids.ts';
import {
  BLOCK_BYTES,
  GRAIN_BYTES,
  MAX_CONTROL_CHARS,
  MAX_PAYLOAD_BYTES,
} from '../../src/protocol/limits.ts';
import {
  type ControlMessage,
  formatControlMessage,
  parseControlMessage,
} from '../../src/protocol/messages.ts';
import { fileOf, idOf } from '../doubles/manifests.ts';
import { insist, mutated, mutations, naughtyJson, spoiled, type Target, target } from './target.ts';

const u32 = fc.nat(0xffff_ffff);
const tag = fc.nat(0xffff).map(transferTag);

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant('data' as const),
    tag,
    block: u32.map(blockIndex),
    offset: fc.nat(0x3_ffff).map((grain) => grain * GRAIN_BYTES),
    payload: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  }),
  fc.record({
    type: fc.constant('ack' as const),
    tag,
    block: u32.map(blockIndex),
    count: fc.integer({ min: 1, max: 0xffff_ffff }),
  }),
  fc.record({ type: fc.constant('nack' as const), tag, block: u32.map(blockIndex) }),
  fc.record({
    type: fc.constant('receipt' as const),
    lanes: fc.array(
      fc.record({ lane: fc.nat(0xffff).map(laneId), arrivedBytes: fc.nat(2 ** 31) }),
      { minLength: 1, maxLength: 32 },
    ),
  }),
);

/** A frame in the middle of its block: one grain, since nothing less may stand there. */
const middleFrame: fc.Arbitrary<Frame> = fc.record({
  type: fc.constant('data' as const),
  tag,
  block: u32.map(blockIndex),
  offset: fc.nat(0x3_ffff).map((grain) => grain * GRAIN_BYTES),
  payload: fc.constant(new Uint8Array(GRAIN_BYTES)),
  digest: fc.constant(undefined),
});

const frames = target(
  'frames',
  fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
    { weight: 4, arbitrary: spoiled(anyFrame.map(encodeFrame)) },
    { weight: 1, arbitrary: spoiled(middleFrame.map(encodeFrame)) },
  ),
  (bytes) => {
    const frame = decodeFrame(bytes);
    if (frame.type === 'broken') return;
    if (frame.type === 'data') {
      insist(frame.payload.byteLength <= MAX_PAYLOAD_BYTES, 'a payload in bounds', [...bytes]);
      insist(frame.offset % GRAIN_BYTES === 0, 'an offset on the grid', [...bytes]);
    }
    // What is read is all there is: written again it is the same.
    const again = encodeFrame(frame);
    insist(Buffer.compare(again, bytes) === 0, 'one encoding', [...bytes.subarray(0, 12)]);
  },
);

const transfer = idOf('A');
const GOOD_MESSAGES: readonly ControlMessage[] = [
  { type: 'hello', device: 'Ada', windowBytes: BLOCK_BYTES },
  { type: 'ping', n: 1 },
  { type: 'visibility', isHidden: true },
  { type: 'close', reason: WIRE_CODE['peer-left'] },
  { type: 'lane-offer', lane: laneId(1), sdp: 'v=0' },
  { type: 'lane-candidate', lane: laneId(1), candidate: 'c', mid: null, mLineIndex: 0 },
  {
    type: 'propose',
    transfer,
    tag: transferTag(1),
    fileCount: 1,
    totalBytes: 3,
    blockBytes: BLOCK_BYTES,
    parts: 1,
  },
  { type: 'manifest', transfer, part: 0, files: [fileOf(3, 'a', 'b.txt')] },
  { type: 'accept', transfer, wanted: 'AQ', held: 'AA', samples: [] },
  { type: 'cancel', transfer, reason: WIRE_CODE.cancelled },
];

const anyMessage = fc
  .record({ message: fc.constantFrom(...GOOD_MESSAGES), mutations })
  .map(({ message, mutations: random }) => mutated(message, random));

const FORBIDDEN = /"(__proto__|constructor|prototype)":/;

const control = target(
  'control',
  fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.json({ maxDepth: 10 }),
    anyMessage.map((value) => JSON.stringify(value) ?? ''),
  ),
  (json) => {
    const message = parseControlMessage(json);
    insist(!('polluted' in {}), 'prototypes as they were', json);
    if (message.type === 'broken') return;
    insist(json.length <= MAX_CONTROL_CHARS, 'a message in bounds', json);
    insist(!FORBIDDEN.test(formatControlMessage(message)), 'no forbidden key', json);
    insist(isDeepStrictEqual(message, JSON.parse(json)), 'nothing lost and nothing added', json);
    insist(
      isDeepStrictEqual(parseControlMessage(formatControlMessage(message)), message),
      'a message that can be said again',
      json,
    );
  },
);

const randomFrom = (bytes: Uint8Array) => (count: number) =>
  Uint8Array.from({ length: count }, (_, i) => bytes[i % bytes.length]!);
const drawn = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(randomFrom);
const nameplate = fc.nat(999_999).map((n) => String(n).padStart(4, '0'));

const goodCredential = fc.oneof(
  fc.record({ nameplate, drawn }).map((each) => formatCode(each.nameplate, drawWords(each.drawn))),
  fc
    .record({ nameplate, drawn })
    .map((each) =>
      formatLink('https://sluice.example', each.nameplate, drawLinkSecret(each.drawn)),
    ),
);

const credentials = target(
  'credentials',
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc
      .record({ text: goodCredential, at: fc.nat(100), put: fc.string({ unit: 'binary' }) })
      .map(
        ({ text, at, put }) => text.slice(0, at % text.length) + put + text.slice(at % text.length),
      ),
    goodCredential,
  ),
  (text) => {
    const credential = parseCredential(text);
    if ('code' in credential) {
      insist(
        credential.code === 'code-malformed' && credential.part.length <= 32,
        'a short quote of what is wrong',
        text,
      );
      return;
    }
    const again =
      credential.mode === 'code'
        ? formatCode(credential.nameplate, credential.words)
        : formatLink('https://sluice.example', credential.nameplate, credential.secret);
    insist(isDeepStrictEqual(parseCredential(again), credential), 'one meaning', text, again);
  },
);

const SDP = 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n';
const connectionId = fc.constantFrom('ours', 'ours', 'a', 'b', 'c', 'd', 'e', 'f', 'x'.repeat(64));
const peerId = fc.constantFrom('host', 'joiner', 'other');

const brokerFrame = fc
  .oneof(
    fc.record({ connectionId, src: peerId }).map((each) => ({
      type: 'OFFER',
      src: each.src,
      payload: {
        type: 'data',
        serialization: 'raw',
        connectionId: each.connectionId,
        reliable: true,
        sdp: { type: 'offer', sdp: SDP },
      },
    })),
    fc.record({ connectionId, src: peerId }).map((each) => ({
      type: 'ANSWER',
      src: each.src,
      payload: {
        type: 'data',
        connectionId: each.connectionId,
        sdp: { type: 'answer', sdp: SDP },
      },
    })),
    fc.record({ connectionId, src: peerId }).map((each) => ({
      type: 'CANDIDATE',
      src: each.src,
      payload: {
        type: 'data',
        connectionId: each.connectionId,
        candidate: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 },
      },
    })),
    fc.constantFrom('OPEN', 'LEAVE', 'EXPIRE', 'ID-TAKEN', 'ERROR', '__proto__').map((type) => ({
      type,
      src: 'host',
      payload: { msg: 'x' },
    })),
  )
  .chain((good) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant<unknown>(good) },
      { weight: 1, arbitrary: mutations.map((random) => mutated(good, random)) },
      { weight: 1, arbitrary: naughtyJson },
    ),
  );

/** What PeerJS was let see, counted as it would keep it. */
class Seen {
  readonly pending = new Set<string>();
  readonly answered = new Set<string>();

  take(frame: NonNullable<ReturnType<BrokerFrameFilter['check']>>): void {
    insist(frame.type !== 'ID-TAKEN' && frame.type !== 'ERROR', 'no refusal after the start');
    if (frame.type === 'OFFER') {
      const { connectionId: id, serialization } = frame.payload;
      insist(!this.pending.has(id), 'no second offer of a connection', id);
      insist(serialization === 'raw', 'raw only', serialization);
      this.pending.add(id);
      insist(this.pending.size <= MAX_PENDING_CONNECTIONS, 'few at once', [...this.pending]);
    }
    if (frame.type === 'ANSWER') {
      insist(!this.answered.has(frame.payload.connectionId), 'one answer', frame);
      this.answered.add(frame.payload.connectionId);
      insist(frame.payload.connectionId === 'ours' && frame.src === 'host', 'our dial', frame);
    }
  }
}

const brokerFrames = target(
  'broker-frames',
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: brokerFrame.map((frame) => ({ type: 'frame' as const, frame })) },
      { weight: 1, arbitrary: connectionId.map((id) => ({ type: 'opened' as const, id })) },
    ),
    { maxLength: 30 },
  ),
  (events) => {
    const filter = new BrokerFrameFilter();
    const seen = new Seen();
    filter.registered();
    filter.expect('ours', 'host');
    seen.pending.add('ours');
    for (const event of events) {
      if (event.type === 'opened') {
        if (!seen.pending.delete(event.id)) continue;
        filter.opened(event.id);
        // A connection that stands is never offered again.
        insist(filter.check(offerOf(event.id)) === undefined, 'no offer of what stands', event.id);
        filter.settle(event.id);
        continue;
      }
      const frame = filter.check(event.frame);
      if (frame !== undefined) seen.take(frame);
    }
  },
);

const offerOf = (id: string) => ({
  type: 'OFFER',
  src: 'joiner',
  payload: {
    type: 'data',
    serialization: 'raw',
    connectionId: id,
    reliable: true,
    sdp: { type: 'offer', sdp: SDP },
  },
});

export const PARSERS: readonly Target[] = [frames, control, credentials, brokerFrames];
