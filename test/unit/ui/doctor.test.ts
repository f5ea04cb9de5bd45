import { describe, expect, test } from 'vitest';
import type { DoctorFinding } from '../../../src/ports/doctor.ts';
import { isIceUrl, isUsableIceServer } from '../../../src/ports/iceWishes.ts';
import { doctorReport, findingWords } from '../../../src/ui/models/doctorWords.ts';
import { missingHere } from '../../../src/ui/models/support.ts';
import { englishFor } from '../../../src/ui/words/language.ts';
import { HEALTHY } from '../../doubles/fakeApp.ts';

const english = englishFor(['en']);

const TROUBLES: readonly DoctorFinding[] = [
  { check: 'secure-context', verdict: 'bad' },
  { check: 'webrtc', verdict: 'bad' },
  { check: 'storage', verdict: 'poor', kind: 'memory', freeBytes: undefined },
  { check: 'storage', verdict: 'poor', kind: 'opfs', freeBytes: 300_000_000 },
  { check: 'lanes', verdict: 'poor' },
  { check: 'broker', verdict: 'bad' },
  { check: 'addresses', verdict: 'bad' },
  { check: 'udp', verdict: 'poor' },
  { check: 'udp', verdict: 'bad' },
  { check: 'relay', verdict: 'poor' },
  { check: 'relay', verdict: 'bad', isSet: true },
  { check: 'relay', verdict: 'bad', isSet: false },
];

describe('the doctor', () => {
  test('says one sentence of each thing that is good', () => {
    for (const finding of HEALTHY) {
      const { what, next } = findingWords(finding, english);
      expect(what, finding.check).toMatch(/^[^{]+\.$/);
      expect(next).toBeUndefined();
    }
  });

  test('says what is wrong and one fix, different for each trouble', () => {
    const said = TROUBLES.map((finding) => findingWords(finding, english));
    for (const { what, next } of said) {
      expect(what).toMatch(/^[^{]+\.$/);
      expect(next).toMatch(/^[^{]+\.$/);
    }
    expect(new Set(said.map(({ what }) => what)).size).toBe(TROUBLES.length);
  });

  test('fills in what it measured', () => {
    expect(findingWords(HEALTHY[4]!, english).what).toContain('84 ms');
    expect(findingWords(TROUBLES[3]!, english).what).toContain('300 MB');
  });

  test('reports verdicts and numbers, and nothing else', () => {
    const facts = {
      version: 'abc1234',
      userAgent: 'Mozilla/5.0',
      isOnline: true,
      isRelayOnly: true,
      ownServerCount: 1,
    };
    expect(doctorReport(facts, [...HEALTHY, TROUBLES[2]!, TROUBLES[11]!])).toBe(
      `Sluice abc1234
Mozilla/5.0
online: yes
relay only: yes
own ICE servers: 1
secure-context: good
webrtc: good
storage: good, opfs, 48.3 GB free
lanes: good
broker: good, 84 ms
addresses: good
udp: good
relay: good
storage: poor, memory
relay: bad, not set`,
    );
  });
});

test('what a page cannot do without is found, the secure connection first', () => {
  const rtc = () => {};
  expect(missingHere({ isSecureContext: true, RTCPeerConnection: rtc })).toBeUndefined();
  expect(missingHere({ isSecureContext: true, webkitRTCPeerConnection: rtc })).toBeUndefined();
  expect(missingHere({ isSecureContext: true })).toEqual({ code: 'unsupported', what: 'webrtc' });
  expect(missingHere({ isSecureContext: false })).toEqual({
    code: 'unsupported',
    what: 'secure-context',
  });
});

describe('own ICE servers', () => {
  test.each([
    'stun:stun.example.org',
    'stun:stun.example.org:3478',
    'stuns:10.0.0.1:5349',
    'turn:turn.example.org:3478?transport=tcp',
    'TURNS:[2001:db8::1]:443',
  ])('%s is an address', (url) => {
    expect(isIceUrl(url)).toBe(true);
  });

  test.each([
    '',
    'stun:',
    'example.org:3478',
    'https://example.org',
    'stun://example.org',
    'stun:example.org?transport=udp',
    'turn:user@example.org',
    'turn:example.org:port',
    'turn:a b',
  ])('%s is none', (url) => {
    expect(isIceUrl(url)).toBe(false);
  });

  test('a relay needs a name and a password', () => {
    const url = 'turn:example.org';
    expect(isUsableIceServer({ url, username: 'ada', credential: 'secret' })).toBe(true);
    expect(isUsableIceServer({ url, username: 'ada', credential: '' })).toBe(false);
    expect(isUsableIceServer({ url: 'stun:example.org', username: '', credential: '' })).toBe(true);
  });
});
