import { describe, expect, test } from 'vitest';
import { BrokerFrameFilter, MAX_PENDING_CONNECTIONS } from '../../../src/link/brokerFrames.ts';
import { MAX_CANDIDATES } from '../../../src/protocol/limits.ts';

const SDP = 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n';

const offer = (connectionId: string, change: Readonly<Record<string, unknown>> = {}) => ({
  type: 'OFFER',
  src: 'joiner',
  payload: {
    type: 'data',
    serialization: 'raw',
    connectionId,
    reliable: true,
    sdp: { type: 'offer', sdp: SDP },
    ...change,
  },
});
const answer = (connectionId: string, src = 'host') => ({
  type: 'ANSWER',
  src,
  payload: { type: 'data', connectionId, sdp: { type: 'answer', sdp: SDP } },
});
const candidate = (connectionId: string, src: string) => ({
  type: 'CANDIDATE',
  src,
  payload: { type: 'data', connectionId, candidate: { candidate: 'candidate:1' } },
});

const passes = (filter: BrokerFrameFilter, frame: unknown) => filter.check(frame) !== undefined;

describe('what a broker may say to PeerJS', () => {
  test.each<[string, unknown]>([
    ['nothing', null],
    ['a number', 17],
    ['a list', []],
    ['no type', {}],
    ['an unknown type', { type: '__proto__' }],
    ['a leave, which would close a live connection', { type: 'LEAVE', src: 'joiner' }],
    ['an error without a payload', { type: 'ERROR', payload: null }],
    ['an error without words', { type: 'ERROR', payload: { msg: 17 } }],
    ['a call', offer('c', { type: 'media' })],
    ['a serialization that is a property', offer('c', { serialization: 'constructor' })],
    ['a serialization that is none', offer('c', { serialization: 'nope' })],
    ['an unreliable channel', offer('c', { reliable: false })],
    ['an id of any length', offer('c'.repeat(65))],
    ['an id with a key of ours', offer('a.b')],
    ['audio', offer('c', { sdp: { type: 'offer', sdp: `${SDP}m=audio 9 RTP 0\r\n` } })],
    ['an SDP of any length', offer('c', { sdp: { type: 'offer', sdp: SDP.padEnd(16_385) } })],
    ['an answer to nothing', answer('c')],
    ['a candidate of nothing', candidate('c', 'joiner')],
  ])('is not %s', (_what, frame) => {
    expect(new BrokerFrameFilter().check(frame)).toBeUndefined();
  });

  test('loses what PeerJS has no need of', () => {
    const frame = offer('c', { metadata: { deep: [] }, label: 'x'.repeat(100_000) });
    expect(new BrokerFrameFilter().check(frame)).toEqual(offer('c'));
  });

  test('is at most so many offers at once', () => {
    const filter = new BrokerFrameFilter();
    const passed = Array.from({ length: 1_000 }, (_, i) => passes(filter, offer(`c${i}`)));
    expect(passed.filter(Boolean)).toHaveLength(MAX_PENDING_CONNECTIONS);
    filter.settle('c0');
    expect(passes(filter, offer('next'))).toBe(true);
  });

  test('is at most so many candidates of one connection', () => {
    const filter = new BrokerFrameFilter();
    filter.check(offer('c'));
    const passed = Array.from({ length: 1_000 }, () => passes(filter, candidate('c', 'joiner')));
    expect(passed.filter(Boolean)).toHaveLength(MAX_CANDIDATES);
  });

  test('comes from whom we dialled, and answers once: PeerJS keeps every other answer for good', () => {
    const filter = new BrokerFrameFilter();
    filter.expect('c', 'host');
    expect(passes(filter, answer('c', 'other'))).toBe(false);
    expect(passes(filter, candidate('c', 'other'))).toBe(false);
    expect(passes(filter, candidate('c', 'host'))).toBe(true);
    expect(passes(filter, answer('c'))).toBe(true);
    expect(passes(filter, answer('c'))).toBe(false);
  });

  test('is no answer to an offer that was not ours', () => {
    const filter = new BrokerFrameFilter();
    filter.check(offer('c'));
    expect(passes(filter, answer('c', 'joiner'))).toBe(false);
  });

  test('is no offer in the name of a connection that stands: PeerJS would close it', () => {
    const filter = new BrokerFrameFilter();
    filter.check(offer('c'));
    filter.opened('c');
    expect(passes(filter, offer('c'))).toBe(false);
    expect(passes(filter, candidate('c', 'joiner'))).toBe(false);
    filter.settle('c');
    expect(passes(filter, offer('c'))).toBe(true);
  });

  test('does not undo a registration: PeerJS would close every connection', () => {
    const filter = new BrokerFrameFilter();
    const refusals = [
      { type: 'ID-TAKEN' },
      { type: 'INVALID-KEY' },
      { type: 'ERROR', payload: { msg: 'no' } },
    ];
    for (const frame of refusals) expect(passes(filter, frame)).toBe(true);
    filter.registered();
    for (const frame of refusals) expect(passes(filter, frame)).toBe(false);
  });
});
