import { describe, expect, test } from 'vitest';
import { OneWay } from '../../bench/path/oneWay.ts';
import type { OneWaySettings } from '../../bench/path/pathSettings.ts';

const PLAIN: OneWaySettings = {
  delayMs: 50,
  lossShare: 0,
  burst: undefined,
  rateBytesPerSec: undefined,
  queueBytes: Number.POSITIVE_INFINITY,
  isDark: false,
};

/** With the 28 bytes of headers exactly 1000 on the link. */
const PAYLOAD_BYTES = 972;

const never = () => {
  throw new Error('nothing here is random');
};

/** Everything that is handed out by `now`. */
function arrived<T>(way: OneWay<T>, now: number): readonly T[] {
  const packets: T[] = [];
  way.release(now, (packet) => packets.push(packet));
  return packets;
}

/** A random source that says these numbers, then 1. */
function saying(...numbers: number[]): () => number {
  return () => numbers.shift() ?? 1;
}

describe('one way of a path', () => {
  test('a packet arrives when its delay is over, not before', () => {
    const way = new OneWay<string>(PLAIN, never);
    way.offer('a', PAYLOAD_BYTES, 1000);
    expect(way.nextDueAt).toBe(1050);
    expect(arrived(way, 1049.9)).toEqual([]);
    expect(arrived(way, 1050)).toEqual(['a']);
    expect(way.nextDueAt).toBe(Number.POSITIVE_INFINITY);
  });

  test('packets wait for the rate, and the link is free again after a pause', () => {
    const way = new OneWay<string>({ ...PLAIN, rateBytesPerSec: 100_000 }, never);
    way.offer('a', PAYLOAD_BYTES, 0);
    way.offer('b', PAYLOAD_BYTES, 0);
    expect(arrived(way, 60)).toEqual(['a']);
    expect(arrived(way, 69.9)).toEqual([]);
    expect(arrived(way, 70)).toEqual(['b']);
    way.offer('c', PAYLOAD_BYTES, 500);
    expect(way.nextDueAt).toBe(560);
  });

  test('what finds the queue full is dropped, and nothing else', () => {
    const way = new OneWay<number>({ ...PLAIN, rateBytesPerSec: 1e6, queueBytes: 3000 }, never);
    for (const packet of [1, 2, 3, 4, 5]) way.offer(packet, PAYLOAD_BYTES, 0);
    // Two milliseconds later two of the three have left the queue.
    for (const packet of [6, 7, 8]) way.offer(packet, PAYLOAD_BYTES, 2);
    expect(arrived(way, 1000)).toEqual([1, 2, 3, 6, 7]);
    expect(way.counts).toMatchObject({ offered: 8, delivered: 5, dropped: 3, lost: 0 });
  });

  test('a lost packet has taken its time on the link', () => {
    const limited = { ...PLAIN, rateBytesPerSec: 100_000, lossShare: 0.5 };
    const way = new OneWay<string>(limited, saying(0.4, 0.6));
    way.offer('lost', PAYLOAD_BYTES, 0);
    way.offer('kept', PAYLOAD_BYTES, 0);
    expect(way.nextDueAt).toBe(70);
    expect(arrived(way, 70)).toEqual(['kept']);
    expect(way.counts.lost).toBe(1);
  });

  test('a burst takes as many packets as it is long', () => {
    const way = new OneWay<number>(
      { ...PLAIN, burst: { share: 0.1, packets: 3 } },
      saying(0.5, 0.05),
    );
    for (const packet of [1, 2, 3, 4, 5]) way.offer(packet, PAYLOAD_BYTES, 0);
    expect(arrived(way, 50)).toEqual([1, 5]);
  });

  test('darkness takes what comes, not what is under way', () => {
    const way = new OneWay<string>(PLAIN, never);
    way.offer('before', PAYLOAD_BYTES, 0);
    way.settings = { ...PLAIN, isDark: true };
    way.offer('in the dark', PAYLOAD_BYTES, 10);
    way.settings = PLAIN;
    way.offer('after', PAYLOAD_BYTES, 20);
    expect(arrived(way, 1000)).toEqual(['before', 'after']);
    expect(way.counts.darkened).toBe(1);
  });

  test('a delay made shorter lets no packet overtake', () => {
    const way = new OneWay<string>(PLAIN, never);
    way.offer('slow', PAYLOAD_BYTES, 0);
    way.settings = { ...PLAIN, delayMs: 10 };
    way.offer('quick', PAYLOAD_BYTES, 1);
    expect(arrived(way, 49)).toEqual([]);
    expect(arrived(way, 50)).toEqual(['slow', 'quick']);
  });

  test('nothing is lost over many packets and many releases', () => {
    const way = new OneWay<number>(PLAIN, never);
    const seen: number[] = [];
    for (let packet = 0; packet < 10_000; packet += 1) {
      way.offer(packet, PAYLOAD_BYTES, packet);
      seen.push(...arrived(way, packet));
    }
    seen.push(...arrived(way, 20_000));
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, packet) => packet));
  });
});
