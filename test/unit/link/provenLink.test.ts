import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ControlChannel } from '../../../src/link/controlChannel.ts';
import type { Proven } from '../../../src/link/proof.ts';
import { ProvenLink } from '../../../src/link/provenLink.ts';
import type { Fault } from '../../../src/protocol/faults.ts';
import { PING_INTERVAL_MS, SILENCE_LIMIT_MS } from '../../../src/protocol/limits.ts';
import { type ControlMessage, parseControlMessage } from '../../../src/protocol/messages.ts';
import { FakeChannel } from '../../doubles/fakeChannel.ts';
import { FakeConnection } from '../../doubles/fakeConnection.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function bench() {
  const channel = new FakeChannel();
  const connection = new FakeConnection();
  const proven = {
    introduction: {
      localId: 'a',
      remoteId: 'b',
      connection: connection as unknown as RTCPeerConnection,
      channel: channel.asChannel(),
      close: () => channel.close(),
    },
    control: new ControlChannel(channel.asChannel()),
    keys: { resumeKey: new Uint8Array(32) } as Proven['keys'],
    peerFingerprint: new Uint8Array(32),
  } satisfies Proven;
  const heard: ControlMessage[] = [];
  const closed: Fault[] = [];
  const silences: boolean[] = [];
  const link = new ProvenLink('host', proven, {});
  const listener = {
    message: (message: ControlMessage) => heard.push(message),
    laneCreated: () => {},
    laneOpened: () => {},
    laneClosed: () => {},
    pathChanged: () => {},
    roundTrip: () => {},
    silent: (isSilent: boolean) => silences.push(isSilent),
    closed: (fault: Fault) => closed.push(fault),
  };
  link.listen(listener);
  const said = () =>
    channel.sent
      .splice(0)
      .map((text) => parseControlMessage(String(text)))
      .filter((message) => message.type !== 'broken');
  const receive = (message: ControlMessage) => channel.receive(JSON.stringify(message));
  return { channel, connection, link, heard, closed, silences, said, receive };
}

describe('a link', () => {
  test('[C4] answers each ping with its number, and keeps it to itself', () => {
    const { receive, said, heard } = bench();
    said();
    receive({ type: 'ping', n: 41 });
    receive({ type: 'pong', n: 99 });
    expect(said()).toEqual([{ type: 'pong', n: 41 }]);
    expect(heard).toEqual([]);
  });

  test('[C4] says it is alive all the time', async () => {
    const { receive, said } = bench();
    said();
    for (let i = 0; i < 20; i += 1) {
      await vi.advanceTimersByTimeAsync(PING_INTERVAL_MS);
      receive({ type: 'visibility', isHidden: false });
      expect(said().some(({ type }) => type === 'ping')).toBe(true);
    }
  });

  test('measures round trips as often as it is asked to, and no more once it is closed', () => {
    const { link, said } = bench();
    const pingsIn = (ms: number) => {
      said();
      vi.advanceTimersByTime(ms);
      return said().filter(({ type }) => type === 'ping').length;
    };
    expect(pingsIn(900)).toBe(0);
    link.sound(50);
    // Asked again in between, as it is with every change.
    expect(pingsIn(25)).toBe(0);
    link.sound(50);
    expect(pingsIn(25)).toBe(1);
    link.sound(100);
    // With one of the heartbeat's at most.
    expect([8, 9]).toContain(pingsIn(800));
    link.sound(undefined);
    expect(pingsIn(900)).toBeLessThanOrEqual(1);
    link.sound(50);
    link.close({ code: 'peer-left' });
    expect(pingsIn(900)).toBe(0);
    link.sound(100);
    expect(pingsIn(900)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('[C4] ends when the peer is silent for too long, and not before', async () => {
    const { receive, closed } = bench();
    await vi.advanceTimersByTimeAsync(SILENCE_LIMIT_MS - PING_INTERVAL_MS);
    receive({ type: 'pong', n: 1 });
    await vi.advanceTimersByTimeAsync(SILENCE_LIMIT_MS);
    expect(closed).toEqual([]);
    await vi.advanceTimersByTimeAsync(PING_INTERVAL_MS + 1);
    expect(closed).toMatchObject([{ code: 'peer-gone' }]);
  });

  test('worries about a silence long before it ends, and stops when the peer is heard', async () => {
    const { receive, silences, closed } = bench();
    await vi.advanceTimersByTimeAsync(SILENCE_LIMIT_MS / 2);
    expect(silences).toEqual([true]);
    receive({ type: 'pong', n: 1 });
    await vi.advanceTimersByTimeAsync(PING_INTERVAL_MS);
    expect(silences).toEqual([true, false]);
    expect(closed).toEqual([]);
  });

  test('is abandoned without a word to anybody', async () => {
    const { link, said, closed, channel } = bench();
    said();
    link.abandon();
    await vi.advanceTimersByTimeAsync(1000);
    expect(said()).toEqual([]);
    expect(closed).toEqual([]);
    expect(channel.readyState).toBe('closed');
  });

  test('[C5] tells the peer why it closes, then lets go', async () => {
    const { link, said, closed, channel } = bench();
    said();
    link.close({ code: 'peer-left' });
    expect(said()).toEqual([{ type: 'close', reason: 11 }]);
    expect(closed).toEqual([{ code: 'peer-left' }]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(channel.readyState).toBe('closed');
    expect(closed).toHaveLength(1);
  });

  test.each([
    [11, { code: 'peer-left' }],
    [1, { code: 'peer-failed', reason: 1 }],
  ] as const)('[C5] ends for the reason %d the peer gives', (reason, fault) => {
    const { receive, closed, heard } = bench();
    receive({ type: 'close', reason });
    receive({ type: 'visibility', isHidden: true });
    expect(closed).toEqual([fault]);
    expect(heard).toEqual([]);
  });

  test.each([
    ['[C1] bytes', new ArrayBuffer(4), 'C1'],
    ['[C1] no JSON', 'hello', 'C1'],
    ['[C2] an unknown message', '{"type":"hack"}', 'C2'],
    ['[L1] a lane with our number', '{"type":"lane-offer","lane":2,"sdp":""}', 'L1'],
  ])('ends over %s, and says which rule was broken', (_why, data, rule) => {
    const { channel, closed, said } = bench();
    channel.receive(data);
    expect(closed).toEqual([{ code: 'rule-broken', rule }]);
    expect(said().at(-1)).toEqual({ type: 'close', reason: 1 });
  });

  test('ends when its channel closes or ICE gives up', () => {
    const one = bench();
    one.channel.close();
    expect(one.closed).toMatchObject([{ code: 'peer-gone' }]);
    const two = bench();
    two.connection.become('failed');
    expect(two.closed).toMatchObject([{ code: 'peer-gone' }]);
  });

  test('passes on everything else', () => {
    const { receive, heard } = bench();
    const hello = { type: 'hello', device: 'x', windowBytes: 2 ** 20 } as const;
    receive(hello);
    expect(heard).toEqual([hello]);
  });
});

describe('the control channel', () => {
  test('keeps what arrives while its listener changes, in order, and not without end', () => {
    const fake = new FakeChannel();
    const control = new ControlChannel(fake.asChannel());
    for (let i = 0; i < 1000; i += 1) fake.receive(`{"type":"ping","n":${i}}`);
    const heard: number[] = [];
    control.listen({
      message: (message) => message.type === 'ping' && heard.push(message.n),
      closed: () => {},
    });
    expect(heard.length).toBeLessThan(100);
    expect(heard).toEqual(heard.map((_, i) => i));
  });

  test('[C1] a handshake sees every message as it is; messages come after it', () => {
    const fake = new FakeChannel();
    const control = new ControlChannel(fake.asChannel());
    const log: string[] = [];
    const finish = () =>
      control.listen({ message: ({ type }) => log.push(type), closed: () => log.push('closed') });
    control.listen({
      frame: (data) => {
        log.push(typeof data === 'string' ? data : `${data.byteLength} bytes`);
        control.pause();
      },
      closed: () => {},
    });
    fake.receive(new ArrayBuffer(3));
    fake.receive('{"type":"ping","n":1}');
    expect(log).toEqual(['3 bytes']);
    finish();
    expect(log).toEqual(['3 bytes', 'ping']);
    fake.close();
    expect(log.at(-1)).toBe('closed');
  });

  test('says that it closed to whoever listens later', () => {
    const fake = new FakeChannel();
    const control = new ControlChannel(fake.asChannel());
    fake.close();
    const log: string[] = [];
    control.listen({ closed: () => log.push('closed') });
    expect(log).toEqual(['closed']);
    control.send({ type: 'ping', n: 1 });
    expect(fake.sent).toEqual([]);
  });
});
