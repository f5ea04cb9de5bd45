import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLinkConfig } from '../../../src/link/config.ts';

const PAGE = 'https://sluice.example/app/';
const config = (change: object) =>
  parseLinkConfig({ brokers: [{ url: '/peer' }], iceServers: [], ...change }, PAGE);

describe('the configuration', () => {
  test('that is shipped is one', () => {
    const text = readFileSync(new URL('../../../public/config.json', import.meta.url), 'utf8');
    const parsed = parseLinkConfig(JSON.parse(text), PAGE);
    expect(parsed?.brokers[0]).toEqual({
      host: '0.peerjs.com',
      port: 443,
      path: '/',
      isSecure: true,
      key: 'peerjs',
    });
    expect(parsed?.iceTransportPolicy).toBe('all');
  });

  test.each([
    ['/peer', { host: 'sluice.example', port: 443, path: '/peer', isSecure: true }],
    ['http://localhost:4173/x/', { host: 'localhost', port: 4173, path: '/x/', isSecure: false }],
    ['http://a.example', { host: 'a.example', port: 80, path: '/', isSecure: false }],
    ['wss://a.example:9/', { host: 'a.example', port: 9, path: '/', isSecure: true }],
  ])('understands %s', (url, address) => {
    expect(config({ brokers: [{ url }] })?.brokers).toEqual([{ ...address, key: 'peerjs' }]);
  });

  test('takes credentials of a relay only where they are given', () => {
    const iceServers = [{ urls: 'stun:s' }, { urls: ['turn:t'], username: 'u', credential: 'c' }];
    expect(config({ iceServers })?.iceServers).toEqual(iceServers);
  });

  test.each([
    ['nothing', null],
    ['no broker', { brokers: [] }],
    ['nine brokers', { brokers: Array.from({ length: 9 }, () => ({ url: '/' })) }],
    ['an address that is none', { brokers: [{ url: 'http://[' }] }],
    ['nine ICE servers', { iceServers: Array.from({ length: 9 }, () => ({ urls: 'stun:s' })) }],
    ['a policy nobody knows', { iceTransportPolicy: 'none' }],
    ['an ICE server without an address', { iceServers: [{}] }],
  ])('refuses %s', (_why, change) => {
    expect(change === null ? parseLinkConfig(null, PAGE) : config(change)).toBeUndefined();
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, url) => {
        parseLinkConfig(value, PAGE);
        config({ brokers: [{ url }] });
      }),
      { seed: 19 },
    );
  });
});
