import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { noise } from './contracts/noise.ts';
import { mutated, mutations } from './fuzz/target.ts';
import { type LocalServer, startServer } from './server/server.ts';

const MAX_SOCKETS = 40;

let dist: string;
let server: LocalServer;

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'sluice-limits-'));
  await writeFile(join(dist, 'index.html'), 'page');
  server = await startServer({
    port: 0,
    host: '127.0.0.1',
    dist,
    brokerLimits: { maxSockets: MAX_SOCKETS, aliveTimeoutMs: 600 },
  });
});

afterAll(async () => {
  await server.close();
  await rm(dist, { recursive: true });
});

const portOf = () => Number(new URL(server.url).port);
const socketUrl = (query: string) => `${server.url.replace('http', 'ws')}/peer/peerjs?${query}`;
const open = (id: string) => new WebSocket(socketUrl(`key=peerjs&token=t&id=${id}`));

/** A TCP connection that has said `head`, and after it anything. */
async function raw(head: string): Promise<Socket> {
  const socket = connect(portOf(), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  socket.write(head);
  return socket;
}

const upgradeOf = (target: string) =>
  `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

async function expectAlive(): Promise<void> {
  expect(await (await fetch(server.url)).text()).toBe('page');
  const client = open(`alive-${Math.random()}`.replace('.', ''));
  const [first] = await once(client, 'message');
  expect(String(first)).toContain('OPEN');
  client.terminate();
  await once(client, 'close');
}

describe('the local broker', () => {
  test('bears 10,000 frames of noise below the WebSocket', async () => {
    for (let round = 0; round < 20; round += 1) {
      const socket = await raw(upgradeOf(`/peer/peerjs?key=peerjs&token=t&id=noise${round}`));
      socket.resume();
      for (let frame = 0; frame < 500 && !socket.destroyed; frame += 1)
        socket.write(noise(1 + ((frame * 7) % 40), round * 500 + frame));
      socket.destroy();
    }
    await expectAlive();
  });

  test('bears 10,000 frames that are almost right', async () => {
    const good = { type: 'OFFER', dst: 'alive', payload: { sdp: { type: 'offer', sdp: 'v=0' } } };
    const frames = fc.sample(
      mutations.map((random) => JSON.stringify(mutated(good, random)) ?? ''),
      { seed: 7, numRuns: 10_000 },
    );
    for (let at = 0; at < frames.length; at += 250) {
      const client = open(`almost${at}`);
      client.on('error', () => {});
      await once(client, 'open');
      for (const frame of frames.slice(at, at + 250)) client.send(frame);
      client.close();
      await once(client, 'close');
    }
    await expectAlive();
  });

  test.each([
    '/peer/peerjs',
    '/peer/peerjs?id=a&id=b&token=t&key=peerjs',
    '/peer/peerjs?id=__proto__&token=constructor&key=peerjs',
    '/peer/peerjs?id=%00&token=%ff&key=peerjs',
    `/peer/peerjs?key=peerjs&token=t&id=${'x'.repeat(8_000)}`,
    '/peer/%2e%2e/peerjs',
    '/peer/peerjs/../../x',
    '//peer/peerjs',
    'http://[bad/peer/peerjs',
    '*',
  ])('bears an upgrade of %s', async (target) => {
    const socket = await raw(upgradeOf(target));
    socket.resume();
    socket.write(noise(64, 3));
    await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, 200))]);
    socket.destroy();
    await expectAlive();
  });

  test('hangs up on a client that says nothing, and not on one that is alive', async () => {
    const [silent, alive] = [open('silent'), open('alive')];
    const beat = setInterval(() => {
      if (alive.readyState === WebSocket.OPEN) alive.send('{"type":"HEARTBEAT"}');
    }, 100);
    await Promise.all([once(silent, 'open'), once(alive, 'open')]);
    await once(silent, 'close');
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(alive.readyState).toBe(WebSocket.OPEN);
    clearInterval(beat);
    alive.terminate();
  });

  test('hands on what PeerJS says, and nothing nested deeper or named longer than that', async () => {
    const heard: string[] = [];
    const listener = open('listener');
    listener.on('message', (data) => heard.push(String(data)));
    await once(listener, 'message');
    const speaker = open('speaker');
    await once(speaker, 'open');
    const offer = (payload: string) => `{"type":"OFFER","dst":"listener","payload":${payload}}`;
    const long = `{"type":"OFFER","dst":"${'x'.repeat(1_000)}","payload":{}}`;
    for (const frame of [
      '[]',
      '{"type":7,"dst":"listener"}',
      '{"type":"OPEN","dst":"listener"}',
      long,
    ])
      speaker.send(frame);
    speaker.send(offer(`${'['.repeat(30)}${']'.repeat(30)}`));
    speaker.send(offer(`${'['.repeat(20_000)}${']'.repeat(20_000)}`));
    speaker.send(offer('{"last":true}'));
    await expect.poll(() => heard.at(-1)).toContain('last');
    expect(heard.map((frame) => JSON.parse(frame).type)).toEqual(['OPEN', 'OFFER']);
    listener.terminate();
    speaker.terminate();
  });

  test('takes so many clients and no more, and the next when one has gone', async () => {
    const clients = Array.from({ length: MAX_SOCKETS }, (_, i) => open(`guest${i}`));
    await Promise.all(clients.map((client) => once(client, 'open')));
    const extra = open('extra');
    const [error] = await once(extra, 'error');
    expect(String(error)).toContain('503');
    expect((await fetch(server.url)).status).toBe(200);
    for (const client of clients) client.terminate();
    await expect
      .poll(async () => {
        const next = open('next');
        next.on('error', () => {});
        const [code] = await Promise.race([
          once(next, 'open').then(() => ['open']),
          once(next, 'close').then(() => ['refused']),
        ]);
        next.terminate();
        return code;
      })
      .toBe('open');
  });

  test('reads no body and tells nobody who is there', async () => {
    const posted = await fetch(`${server.url}/peer/peerjs/id`, {
      method: 'POST',
      body: 'x'.repeat(1_000_000),
    });
    expect(posted.status).toBeGreaterThanOrEqual(400);
    const listed = await fetch(`${server.url}/peer/peerjs/peers`);
    expect(listed.status).toBe(401);
    await expectAlive();
  });
});
