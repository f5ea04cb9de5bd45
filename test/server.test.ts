import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type LocalServer, startServer } from './server/server.ts';

const PAGE = '<!doctype html><title>page</title>';

let dist: string;
let server: LocalServer;

beforeEach(async () => {
  dist = await mkdtemp(join(tmpdir(), 'sluice-site-'));
  await writeFile(join(dist, 'index.html'), PAGE);
  server = await startServer({ port: 0, host: 'localhost', dist });
});

afterEach(async () => {
  await server.close();
  await rm(dist, { recursive: true });
});

/** A client of the broker that keeps what it hears. */
class Client {
  readonly heard: string[] = [];
  readonly #socket: WebSocket;

  constructor(id: string) {
    const origin = server.url.replace('http', 'ws');
    this.#socket = new WebSocket(`${origin}/peer/peerjs?key=peerjs&token=t&id=${id}`);
    this.#socket.on('message', (data) => this.heard.push(String(data)));
    this.#socket.on('error', () => this.heard.push('error'));
    this.#socket.on('close', (code) => this.heard.push(`closed ${code}`));
  }

  /** Sends while the broker still listens. */
  send(...frames: readonly (string | Buffer)[]): void {
    for (const frame of frames)
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  async hears(part: string): Promise<void> {
    await expect.poll(() => this.heard.some((line) => line.includes(part))).toBe(true);
  }

  close(): void {
    this.#socket.close();
  }
}

async function openClient(id: string): Promise<Client> {
  const client = new Client(id);
  await client.hears('OPEN');
  return client;
}

const offer = (dst: string) => JSON.stringify({ type: 'OFFER', dst, payload: { sdp: 'x' } });

test('every answer carries the production headers, unknown paths get the page, lost chunks do not', async () => {
  const page = await fetch(`${server.url}/some/route`);
  expect(await page.text()).toBe(PAGE);
  expect(page.headers.get('content-security-policy')).toContain(
    "require-trusted-types-for 'script'",
  );
  expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');

  const chunk = await fetch(`${server.url}/assets/index-old.js`);
  expect(chunk.status).toBe(404);
  expect(chunk.headers.get('x-content-type-options')).toBe('nosniff');
});

test('config.json names the broker next door and no STUN server', async () => {
  const config = await fetch(`${server.url}/config.json`);
  expect(await config.json()).toEqual({ brokers: [{ url: '/peer' }], iceServers: [] });
});

test('no path leads out of the site', async () => {
  for (const path of [
    '/..%2f..%2fpackage.json',
    '/%2e%2e/package.json',
    '/%00',
    '/%zz',
    '//etc/passwd',
  ])
    expect(await (await fetch(server.url + path)).text()).toBe(PAGE);
});

test('the broker carries an offer from one peer to another', async () => {
  const host = await openClient('host');
  const joiner = await openClient('joiner');
  joiner.send(offer('host'));
  await host.hears('"src":"joiner"');
});

test('the broker survives 10,000 malformed frames and still serves others', async () => {
  const malformed = [
    'not json',
    'null',
    '17',
    '[]',
    '{"type":"OFFER","dst":{}}',
    '{"type":"__proto__"}',
    '['.repeat(30_000),
    Buffer.from([0xff, 0xfe, 0x00]),
  ];
  for (let round = 0; round < 40; round += 1) {
    const hostile = await openClient(`hostile${round}`);
    for (let frame = 0; frame < 250; frame += 1) hostile.send(malformed[frame % malformed.length]!);
    hostile.close();
  }
  const host = await openClient('host');
  const joiner = await openClient('joiner');
  joiner.send(offer('host'));
  await host.hears('OFFER');
});

test('a frame that is too long and a flood of frames end their own socket only', async () => {
  const host = await openClient('host');
  const long = await openClient('long');
  long.send('x'.repeat(70_000));
  await long.hears('closed 1009');

  const flood = await openClient('flood');
  flood.send(...Array.from({ length: 2_000 }, () => offer('host')));
  await flood.hears('closed');
  expect(host.heard.filter((line) => line.includes('OFFER')).length).toBeLessThan(400);
  expect(host.heard.join()).not.toContain('closed');
});

test('the broker can be down while the site is up, and come back', async () => {
  const before = await openClient('host');
  server.broker.stop();
  await before.hears('closed');
  await new Client('early').hears('error');
  expect((await fetch(server.url)).status).toBe(200);
  server.broker.start();
  await openClient('host');
});
