import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LaneMessage, LaneSet } from '../../../src/link/laneSet.ts';
import { laneId } from '../../../src/protocol/ids.ts';
import { MAX_CANDIDATES, MAX_LANES } from '../../../src/protocol/limits.ts';
import { FakeConnection, sdpOf } from '../../doubles/fakeConnection.ts';

const peer = new Uint8Array(32).fill(0xaa);
const stranger = new Uint8Array(32).fill(0xbb);
const good = sdpOf(peer);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('RTCPeerConnection', FakeConnection);
  FakeConnection.made.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function bench(role: 'host' | 'joiner' = 'host') {
  const sent: LaneMessage[] = [];
  const log: string[] = [];
  const lanes = new LaneSet({
    role,
    rtc: {},
    peerFingerprint: peer,
    send: (message) => sent.push(message),
    created: (lane) => log.push(`created ${lane}`),
    opened: (lane, maxMessageBytes) => log.push(`opened ${lane} ${maxMessageBytes}`),
    closed: (lane) => log.push(`closed ${lane}`),
    broke: (rule) => log.push(`broke ${rule}`),
  });
  const told = () => sent.splice(0).map(({ type, lane }) => `${type} ${lane}`);
  return { lanes, log, told };
}

const settled = () => vi.advanceTimersByTimeAsync(0);
const offer = (lane: number, sdp = good) =>
  ({ type: 'lane-offer', lane: laneId(lane), sdp }) as const;
const answer = (lane: number, sdp = good) =>
  ({ type: 'lane-answer', lane: laneId(lane), sdp }) as const;
const candidate = (lane: number, text = 'candidate:1') =>
  ({
    type: 'lane-candidate',
    lane: laneId(lane),
    candidate: text,
    mid: '0',
    mLineIndex: 0,
  }) as const;

describe('the lanes of a link', () => {
  test('[L1] the host opens even lanes, the joiner odd ones', async () => {
    for (const [role, numbers] of [
      ['host', [0, 2, 4]],
      ['joiner', [1, 3, 5]],
    ] as const) {
      const { lanes, told, log } = bench(role);
      lanes.setCount(3);
      await settled();
      expect(told()).toEqual(numbers.map((n) => `lane-offer ${n}`));
      expect(log).toEqual(numbers.map((n) => `created ${n}`));
    }
  });

  test('[L1] refuses a lane with a number of ours, and one that lives already', async () => {
    const { lanes, log } = bench('host');
    lanes.take(offer(2));
    expect(log).toEqual(['broke L1']);
    lanes.take(offer(1));
    lanes.take(offer(1));
    expect(log).toEqual(['broke L1', 'created 1', 'broke L1']);
  });

  test('[L1] refuses one lane more than an end may open', () => {
    const { lanes, log } = bench('host');
    for (let i = 0; i < MAX_LANES; i += 1) lanes.take(offer(1 + 2 * i));
    expect(log).toHaveLength(MAX_LANES);
    lanes.take(offer(99));
    expect(log.at(-1)).toBe('broke L1');
  });

  test('[L1] breaks no link over offers that cross', async () => {
    const [host, joiner] = [bench('host'), bench('joiner')];
    host.lanes.setCount(30);
    joiner.lanes.setCount(30);
    await settled();
    for (const each of host.told()) joiner.lanes.take(offer(Number(each.split(' ')[1])));
    for (const each of joiner.told()) host.lanes.take(offer(Number(each.split(' ')[1])));
    for (const { log } of [host, joiner]) {
      expect(log).toHaveLength(60);
      expect(log.filter((line) => line.startsWith('broke'))).toEqual([]);
    }
  });

  test('[L1] opens none of ours while the link has as many as it may', () => {
    const { lanes, log } = bench('host');
    for (const number of [1, 3, 5]) lanes.take(offer(number));
    lanes.setCount(MAX_LANES);
    expect(log).toHaveLength(MAX_LANES);
  });

  test('[L1] never opens more of ours than a link may have', () => {
    const { lanes, log } = bench('host');
    lanes.setCount(1000);
    expect(log).toHaveLength(MAX_LANES);
  });

  test.each([
    ['[L3] for a certificate that was not proved', sdpOf(stranger), 'broke L3'],
    ['[L3] without a certificate', 'v=0\r\nm=application 9 x\r\n', 'broke L3'],
    ['[L3] with a second certificate', `${good}${sdpOf(stranger)}`, 'broke L3'],
    ['[L2] with a microphone', sdpOf(peer, ['application', 'audio']), 'broke L2'],
    ['[L2] with a microphone alone', sdpOf(peer, ['audio']), 'broke L2'],
    ['[L2] with no data', sdpOf(peer, []), 'broke L2'],
  ])('refuses a lane %s, before there is a connection', async (_why, sdp, rule) => {
    const theirs = bench('host');
    theirs.lanes.take(offer(1, sdp));
    expect(theirs.log).toEqual([rule]);
    expect(FakeConnection.made).toEqual([]);
    const ours = bench('host');
    ours.lanes.setCount(1);
    await settled();
    ours.lanes.take(answer(0, sdp));
    await settled();
    expect(ours.log).toEqual(['created 0', rule]);
    expect(FakeConnection.made[0]?.remoteDescription).toBeNull();
  });

  test('[L3] answers a lane to the proven certificate, and says when it may be used', async () => {
    const { lanes, log, told } = bench('host');
    lanes.take(offer(1));
    await settled();
    expect(told()).toEqual(['lane-answer 1']);
    FakeConnection.made[0]!.become('connected');
    expect(log).toEqual(['created 1', 'opened 1 262144']);
    FakeConnection.made[0]!.become('connected');
    expect(log).toHaveLength(2);
  });

  test('[L4] refuses a lane too narrow for a frame, on which every send would throw', async () => {
    const { lanes, log } = bench('host');
    for (const [lane, limit] of [
      [1, 32 * 1024 + 44],
      [3, 32 * 1024 + 43],
    ] as const) {
      lanes.take(offer(lane));
      await settled();
      const connection = FakeConnection.made.at(-1)!;
      connection.sctp = { maxMessageSize: limit };
      connection.become('connected');
    }
    expect(log).toEqual(['created 1', 'opened 1 32812', 'created 3', 'broke L4']);
  });

  test('[L2] keeps candidates that come early, and no more than the limit', async () => {
    const { lanes } = bench('host');
    lanes.setCount(1);
    await settled();
    for (let i = 0; i < MAX_CANDIDATES + 10; i += 1) lanes.take(candidate(0, `candidate:${i}`));
    const [connection] = FakeConnection.made;
    expect(connection!.candidates).toEqual([]);
    lanes.take(answer(0));
    await settled();
    expect(connection!.candidates).toHaveLength(MAX_CANDIDATES);
    lanes.take(candidate(0));
    await settled();
    expect(connection!.candidates).toHaveLength(MAX_CANDIDATES);
  });

  test('[P7] what is said about a lane that is gone changes nothing', async () => {
    const { lanes, log, told } = bench('host');
    for (const message of [answer(0), answer(1), candidate(4)]) lanes.take(message);
    lanes.take({ type: 'lane-close', lane: laneId(3) });
    await settled();
    expect([log, told()]).toEqual([[], []]);
  });

  test('[L1] a lane that failed is told and replaced by one of another number, ever more slowly', async () => {
    const { lanes, log, told } = bench('host');
    lanes.setCount(1);
    await settled();
    told();
    const waits: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      FakeConnection.made.at(-1)!.become('failed');
      expect(told()).toEqual([`lane-close ${2 * i}`]);
      const before = Date.now();
      while (FakeConnection.made.length === i + 1) await vi.advanceTimersByTimeAsync(100);
      waits.push(Date.now() - before);
      await settled();
      expect(told()).toEqual([`lane-offer ${2 * i + 2}`]);
    }
    expect(waits).toEqual([500, 2000, 8000, 30_000, 30_000]);
    expect(log.filter((line) => line.startsWith('closed'))).toHaveLength(5);
  });

  test('[L1] a closed set opens nothing again', async () => {
    const { lanes, log } = bench('host');
    lanes.setCount(2);
    await settled();
    lanes.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log).toEqual(['created 0', 'created 2', 'closed 0', 'closed 2']);
  });
});
