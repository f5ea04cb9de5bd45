import { describe, expect, test } from 'vitest';
import { blockIndex, transferTag } from '../../../src/protocol/ids.ts';
import { LaneGroup } from '../../../src/session/flow/laneGroup.ts';
import { Wire } from '../../doubles/wire.ts';

const MESSAGE = new Uint8Array(64 * 1024);
const ack = { type: 'ack', tag: transferTag(1), block: blockIndex(0), count: 1 } as const;

const groupOf = (laneCount: number, clock = () => 0) => {
  const group = new LaneGroup({
    clock,
    wantLanes: () => {},
    lanes: { initial: laneCount, max: laneCount },
  });
  const wires = Array.from(
    { length: laneCount },
    (_, id) => new Wire(id, { maxMessageBytes: 262_144, highWaterBytes: 16e6 }),
  );
  const lanes = wires.map(({ near }) => group.countingLane(group.add(near)));
  return { group, lanes, wires };
};

describe('lanes of a local network', () => {
  test.each([
    [32, 2],
    [24, 2],
    [4, 12],
    [1, 48],
  ])('of %i, each takes %i messages of 64 KiB before a receipt', (laneCount, most) => {
    const { group, lanes } = groupOf(laneCount);
    group.iceRoundTrip(1);
    const [lane] = lanes;
    let sent = 0;
    while (lane!.roomBytes > 0) {
      lane!.send(MESSAGE);
      sent += 1;
    }
    expect(sent).toBe(most);
    group.receipted({ lane: lane!.id, arrivedBytes: MESSAGE.byteLength });
    expect(lane!.roomBytes).toBeGreaterThan(0);
  });
});

test('lanes of a busy machine take their shares of the window, and one that is stuck takes nothing of the others', () => {
  const clock = { now: 0 };
  const { group, lanes, wires } = groupOf(8, () => clock.now);
  group.iceRoundTrip(20);
  let arrivedBytes = 0;
  for (let i = 0; i < 300; i += 1) {
    // Looks that come too early and too late are a busy machine's.
    clock.now += i % 2 === 0 ? 10 : 40;
    group.roundTrip(i % 3 === 0 ? 20 : 50);
    for (const lane of lanes) if (lane.roomBytes > 0 && group.mayGo()) lane.send(MESSAGE);
    group.tick(true);
    arrivedBytes += 50_000;
    // All but the last lane carry what they get.
    for (const { id } of lanes.slice(0, -1)) group.receipted({ lane: id, arrivedBytes });
    for (const { near } of wires.slice(0, -1)) near.waiting.length = 0;
  }
  const stuck = lanes.at(-1)!;
  expect(stuck.roomBytes).toBe(0);
  expect(group.mayGo()).toBe(true);
  const [lane] = lanes;
  group.receipted({ lane: lane!.id, arrivedBytes: Number.MAX_SAFE_INTEGER });
  let sent = 0;
  while (lane!.roomBytes > 0) {
    lane!.send(MESSAGE);
    sent += 1;
  }
  // An even share of 2.5 MiB, in messages of 64 KiB.
  expect(sent).toBe(5);
});

/** Payload sizes, each once, of 32 lanes at 20 ms that carry so much each 25 ms and are looked at after `gapsMs` in turn. */
function payloadsOf(gapsMs: readonly number[], bytesPerLane: number): readonly number[] {
  const clock = { now: 0 };
  const payloads = new Set<number>();
  const { group, lanes, wires } = groupOf(32, () => clock.now);
  group.iceRoundTrip(20);
  for (let i = 0; i < 300; i += 1) {
    clock.now += gapsMs[i % gapsMs.length]!;
    group.roundTrip(20);
    for (const lane of lanes) if (lane.roomBytes > 0 && group.mayGo()) lane.send(MESSAGE);
    group.tick(true);
    for (const { id } of lanes) group.receipted({ lane: id, arrivedBytes: i * bytesPerLane });
    for (const { near } of wires) near.waiting.length = 0;
    payloads.delete(group.payloadBytes);
    payloads.add(group.payloadBytes);
  }
  return [...payloads];
}

test.each([
  ['whole ones where the CPU is the limit', [10, 40], 64],
  ['smaller ones where the path is', [25], 32],
])('messages of many lanes are %s', (_name, gapsMs, kibibytes) => {
  expect(payloadsOf(gapsMs, 10_000).at(-1)).toBe(kibibytes * 1024);
});

test('messages grow with the window of a busy machine: one on each lane is never more than it holds', () => {
  const kibibytes = payloadsOf([10, 40], 3_000).map((bytes) => bytes / 1024);
  expect(kibibytes).toEqual([16, 32, 48, 64]);
});

describe('replies', () => {
  test.each([1, 20])('hold no data back, however many they are, at %i ms', (roundTripMs) => {
    const { group, lanes, wires } = groupOf(1);
    group.iceRoundTrip(roundTripMs);
    for (let i = 0; i < 300_000; i += 1) {
      group.reply(ack);
      wires[0]!.near.waiting.length = 0;
    }
    expect(group.mayGo()).toBe(true);
    expect(group.isBehind(lanes[0]!.id)).toBe(false);
    expect(lanes[0]!.roomBytes).toBeGreaterThan(0);
  });
});
