import { expect, test } from 'vitest';
import type { LinkConfig } from '../../../src/link/config.ts';
import { isPublicHost } from '../../../src/link/doctor.ts';
import { withWishes } from '../../../src/link/siteConfig.ts';

const config: LinkConfig = {
  brokers: [{ host: 'b', port: 443, path: '/', isSecure: true, key: 'peerjs' }],
  iceServers: [{ urls: ['stun:site.example'] }],
  iceTransportPolicy: 'all',
};

test('own servers come first, those a browser would throw on not at all', () => {
  const { iceServers } = withWishes(config, {
    isRelayOnly: false,
    iceServers: [
      { url: 'turn:mine.example', username: 'ada', credential: 'secret' },
      { url: 'turn:nameless.example', username: '', credential: '' },
      { url: 'nonsense', username: '', credential: '' },
      { url: 'stun:mine.example', username: '', credential: '' },
    ],
  });
  expect(iceServers).toEqual([
    { urls: 'turn:mine.example', username: 'ada', credential: 'secret' },
    { urls: 'stun:mine.example' },
    { urls: ['stun:site.example'] },
  ]);
});

test('relay only is insisted on, and never relaxed', () => {
  const none = { iceServers: [] };
  expect(withWishes(config, { ...none, isRelayOnly: true }).iceTransportPolicy).toBe('relay');
  expect(withWishes(config, { ...none, isRelayOnly: false }).iceTransportPolicy).toBe('all');
  const strict: LinkConfig = { ...config, iceTransportPolicy: 'relay' };
  expect(withWishes(strict, { ...none, isRelayOnly: false }).iceTransportPolicy).toBe('relay');
});

test.each([
  ['host', '203.0.113.7', true],
  ['host', '192.168.1.5', false],
  ['host', '172.20.0.3', false],
  ['host', '100.100.0.1', false],
  ['host', 'b3a1.local', false],
  ['host', '2001:db8::1', false],
  ['srflx', '203.0.113.7', false],
] as const)('%s %s is a public address of the device: %s', (type, address, isPublic) => {
  expect(isPublicHost({ type, address })).toBe(isPublic);
});
