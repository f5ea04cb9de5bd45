import { afterEach, describe, expect, test } from 'vitest';
import { ChannelLane } from '../../../src/lane/channelLane.ts';
import { bridgeChannel, PortLane } from '../../../src/lane/portLane.ts';
import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from '../../../src/lane/waterMarks.ts';
import type { OpenableLane } from '../../../src/ports/lane.ts';
import { laneId } from '../../../src/protocol/ids.ts';
import { FakeChannel } from '../../doubles/fakeChannel.ts';

const MESSAGE = new Uint8Array(64 * 1024).fill(7);
const MAX = 262_144;

interface Bench {
  readonly lane: OpenableLane;
  readonly channel: FakeChannel;
  readonly heard: string[];
  /** Everything on its way between page and worker has arrived. */
  settled(): Promise<void>;
}

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

const MAKERS = {
  'a lane over its channel': (channel: FakeChannel): OpenableLane =>
    new ChannelLane(laneId(2), channel.asChannel()),
  'a lane over a port': (channel: FakeChannel): OpenableLane => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    bridgeChannel(channel.asChannel(), port1);
    return new PortLane(laneId(2), port2);
  },
};

function bench(make: (channel: FakeChannel) => OpenableLane): Bench {
  const channel = new FakeChannel();
  const lane = make(channel);
  const heard: string[] = [];
  lane.listen({
    message: (bytes) => heard.push(`message ${bytes.byteLength}`),
    drained: () => heard.push(`room ${lane.roomBytes > 0}`),
    closed: () => heard.push('closed'),
  });
  return {
    lane,
    channel,
    heard,
    settled: () => new Promise((resolve) => setTimeout(resolve, 20)),
  };
}

describe.each(Object.entries(MAKERS))('%s', (_name, make) => {
  test('has no room until it may be used', async () => {
    const { lane, heard } = bench(make);
    expect([lane.roomBytes, lane.maxMessageBytes]).toEqual([0, 0]);
    lane.open(MAX);
    expect(lane.maxMessageBytes).toBe(MAX);
    expect(lane.roomBytes).toBe(HIGH_WATER_BYTES);
    expect(heard).toEqual(['room true']);
  });

  test('is full at the high mark, and has room again from the low one on', async () => {
    const { lane, channel, heard, settled } = bench(make);
    lane.open(MAX);
    let sent = 0;
    for (; lane.roomBytes > 0; sent += 1) lane.send(MESSAGE);
    expect(sent).toBe(HIGH_WATER_BYTES / MESSAGE.byteLength);
    await settled();
    expect(channel.sent).toHaveLength(sent);
    heard.length = 0;
    channel.drain(LOW_WATER_BYTES + 1);
    await settled();
    expect([lane.roomBytes, heard.length]).toEqual([0, 0]);
    channel.drain(LOW_WATER_BYTES);
    await settled();
    expect(heard).toEqual(['room true']);
    expect(lane.roomBytes).toBe(HIGH_WATER_BYTES - LOW_WATER_BYTES);
  });

  test('keeps other marks as well, and never waits for a drain that was', async () => {
    const { lane, channel, heard, settled } = bench(make);
    lane.open(MAX);
    lane.setWaterMarks(192 * 1024, 96 * 1024);
    let sent = 0;
    for (; lane.roomBytes > 0; sent += 1) lane.send(MESSAGE);
    expect(sent).toBe(3);
    await settled();
    heard.length = 0;
    channel.drain(96 * 1024);
    await settled();
    expect(heard).toEqual(['room true']);
    expect(lane.roomBytes).toBe(96 * 1024);
  });

  test('what was handed over may be changed at once', async () => {
    const { lane, channel, settled } = bench(make);
    lane.open(MAX);
    const scratch = Uint8Array.of(1, 2, 3);
    lane.send(scratch);
    scratch.fill(0);
    await settled();
    expect(channel.sent.map((message) => [...new Uint8Array(message as ArrayBuffer)])).toEqual([
      [1, 2, 3],
    ]);
  });

  test('passes on messages; text is an empty one', async () => {
    const { channel, heard, settled } = bench(make);
    channel.receive(new ArrayBuffer(5));
    channel.receive('hello');
    await settled();
    expect(heard).toEqual(['message 5', 'message 0']);
  });

  test('that closed says so once, has no room and drops what it gets', async () => {
    const { lane, channel, heard, settled } = bench(make);
    lane.open(MAX);
    heard.length = 0;
    channel.close();
    channel.dispatchEvent(new Event('error'));
    channel.dispatchEvent(new Event('close'));
    await settled();
    expect(heard[0]).toBe('closed');
    expect(new Set(heard)).toEqual(new Set(['closed']));
    lane.send(MESSAGE);
    await settled();
    expect(channel.sent).toEqual([]);
    expect(lane.roomBytes).toBe(0);
  });

  test('that is closed closes its channel', async () => {
    const { lane, channel, settled } = bench(make);
    lane.open(MAX);
    lane.close();
    expect(lane.roomBytes).toBe(0);
    await settled();
    expect(channel.readyState).toBe('closed');
  });
});

describe('a lane over its channel', () => {
  test('that is still connecting has no room, and says so when it opens', () => {
    const channel = new FakeChannel();
    channel.readyState = 'connecting';
    const lane = new ChannelLane(laneId(2), channel.asChannel());
    const heard: number[] = [];
    lane.listen({ message: () => {}, drained: () => heard.push(lane.roomBytes), closed: () => {} });
    lane.open(MAX);
    expect([lane.roomBytes, heard.length]).toEqual([0, 0]);
    lane.send(MESSAGE);
    expect(channel.sent).toEqual([]);
    channel.open();
    expect(heard).toEqual([HIGH_WATER_BYTES]);
  });

  test('that was closed before anybody listened says so', () => {
    const channel = new FakeChannel();
    channel.close();
    const lane = new ChannelLane(laneId(2), channel.asChannel());
    const heard: string[] = [];
    lane.listen({ message: () => {}, drained: () => {}, closed: () => heard.push('closed') });
    expect(heard).toEqual(['closed']);
  });
});
