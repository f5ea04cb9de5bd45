import { describe, expect, test } from 'vitest';
import {
  codeWords,
  counted,
  Duet,
  hostContext,
  hostPeer,
  joinerContext,
  joinerPeer,
  SECRETS,
  type Tamper,
} from './duet.ts';

const MODES = ['code', 'link', 'resume'] as const;
const otherWords = ['mango', 'puzzle', 'zebra'] as const;
const types = (effects: readonly { readonly type: string }[]) => effects.map(({ type }) => type);

describe('an honest handshake', () => {
  test.each(MODES)('[H12] by %s gives both sides the same three keys', (mode) => {
    const duet = new Duet().run(joinerContext({ secret: SECRETS[mode] }));
    const joined = duet.joinerEnd();
    const hosted = duet.hostEnd();
    if (joined?.type !== 'succeeded' || hosted?.type !== 'succeeded') throw new Error('failed');
    const { mode: hostMode, ...keys } = hosted;
    expect(joined).toEqual(keys);
    expect(hostMode).toBe(mode);
    const distinct = new Set([joined.keyJ2H, joined.keyH2J, joined.resumeKey].map(String));
    expect(distinct.size).toBe(3);
    expect([...distinct].some((key) => key === String(new Uint8Array(32)))).toBe(false);
  });

  test('[H7] [H8] the joiner proves itself before the host says anything that depends on the secret', () => {
    expect(new Duet().run().wire).toEqual(['j1', 'h2', 'j3', 'h4', 'j5', 'h6']);
  });

  test('[H10] the attempt is called spent before the tag is sent, and never otherwise', () => {
    const { joinerEffects } = new Duet().run();
    const order = types(joinerEffects).filter((type) => type !== 'arm-timer');
    expect(order).toEqual(['send', 'send', 'spent', 'send', 'succeeded']);
  });

  test('[H14] the host locks before its share, and accounts before its tag', () => {
    const { hostEffects } = new Duet().run();
    const order = types(hostEffects).filter((type) => type !== 'arm-timer');
    expect(order).toEqual(['send', 'lock-acquire', 'send', 'lock-release', 'send', 'succeeded']);
    expect(hostEffects).toContainEqual({ type: 'lock-release', mode: 'code', outcome: 'verified' });
    expect(hostEffects).toContainEqual({
      type: 'lock-acquire',
      target: { mode: 'code', words: codeWords },
    });
  });

  test('[H12] other nonces give other keys', () => {
    const first = new Duet().run().joinerEnd();
    const second = new Duet().run(joinerContext({ nonceRandom: counted(9, 16) })).joinerEnd();
    expect(second?.type).toBe('succeeded');
    expect(second).not.toEqual(first);
  });

  test('[H12] leaves the secrets of its caller alone', () => {
    const host = hostContext();
    new Duet().run(joinerContext({ secret: SECRETS.resume }), host);
    expect(SECRETS.resume.key).toEqual(counted(4, 32));
    expect(host.scalarRandom).toEqual(counted(8, 32));
  });
});

/** The guess was evaluated and was wrong: burned, no tag of the host's ever on the wire, nobody has keys. */
function expectWrongGuess(duet: Duet): void {
  expect(duet.wire).not.toContain('h6');
  expect(duet.hostEffects).toContainEqual(
    expect.objectContaining({ type: 'lock-release', outcome: 'wrong' }),
  );
  expect(duet.hostEnd()).toEqual({ type: 'failed', fault: { code: 'not-verified' } });
  expect(duet.joinerEnd()).toEqual({
    type: 'failed',
    fault: { code: 'not-verified' },
    mayRetry: false,
  });
}

const strangerPeer = { id: 'sluice1-4822', fingerprint: counted(99, 32) };

describe('a proof that must fail', () => {
  test('[H8] wrong words', () => {
    expectWrongGuess(
      new Duet().run(joinerContext({ secret: { mode: 'code', words: otherWords } })),
    );
  });

  test('[H8] a wrong link', () => {
    expectWrongGuess(
      new Duet().run(joinerContext({ secret: { mode: 'link', secret: counted(33, 16) } })),
    );
  });

  test('[H8] a wrong resume key', () => {
    expectWrongGuess(
      new Duet().run(joinerContext({ secret: { mode: 'resume', key: counted(33, 32) } })),
    );
  });

  test.each([
    ["both id and certificate of the host are another's", { peer: strangerPeer }],
    ["the host's id is another", { peer: { ...hostPeer, id: strangerPeer.id } }],
    ["the host's certificate is another", { peer: { ...hostPeer, fingerprint: counted(99, 32) } }],
    [
      "the host sees another certificate than the joiner's",
      { self: { ...joinerPeer, fingerprint: counted(98, 32) } },
    ],
    ['the joiner goes by another id', { self: { ...joinerPeer, id: 'sluice1-j-2' } }],
    [
      'ids and certificates are swapped between the ends',
      {
        self: { id: hostPeer.id, fingerprint: joinerPeer.fingerprint },
        peer: { id: joinerPeer.id, fingerprint: hostPeer.fingerprint },
      },
    ],
    ['the roles are swapped', { self: hostPeer, peer: joinerPeer }],
  ])('[H12] %s', (_why, changes) => {
    expectWrongGuess(new Duet().run(joinerContext(changes)));
  });

  test('[H12] an old nonce: the hello of the joiner replaced by an earlier one', () => {
    const earlier = joinerContext({ nonceRandom: counted(55, 16) });
    let replay: Uint8Array | undefined;
    new Duet((_from, bytes) => {
      replay ??= bytes;
      return [bytes];
    }).run(earlier);
    expectWrongGuess(
      new Duet((from, bytes) =>
        from === 'joiner' && bytes[0] === 1 && replay ? [replay] : [bytes],
      ).run(),
    );
  });

  test('[H12] an old hello of the host', () => {
    const flipped = onFrame('host', 2, (bytes) => [flip(bytes, 10)]);
    expectWrongGuess(new Duet(flipped).run());
  });

  test('[H12] a mode changed on the way is refused at once by the joiner', () => {
    const toLink = onFrame('joiner', 1, (bytes) => [withByte(bytes, 2, 2)]);
    const duet = new Duet(toLink).run();
    expect(duet.joinerEnd()).toEqual(failed('not-verified', false));
    expect(types(duet.joinerEffects)).not.toContain('spent');
  });

  test('[H12] a mode changed both ways on the way', () => {
    const both: Tamper = (_from, bytes) => {
      if (bytes[0] === 1) return [withByte(bytes, 2, 2)];
      return bytes[0] === 2 ? [withByte(bytes, 2, 1)] : [bytes];
    };
    expectWrongGuess(new Duet(both).run());
  });

  test("[H8] every bit of the joiner's tag counts", () => {
    for (const at of [1, 32, 64]) {
      expectWrongGuess(new Duet(onFrame('joiner', 5, (bytes) => [flip(bytes, at)])).run());
    }
  });

  test("[H8] every bit of the host's tag counts, and a wrong one is never retried", () => {
    for (const at of [1, 32, 64]) {
      const duet = new Duet(onFrame('host', 6, (bytes) => [flip(bytes, at)])).run();
      expect(duet.joinerEnd()).toEqual(failed('not-verified', false));
    }
  });

  test('[H6] a share replaced by another point', () => {
    const point = new Uint8Array([3, ...hexBytes(BASE_POINT)]);
    expectWrongGuess(new Duet(onFrame('joiner', 3, () => [point])).run());
  });
});

/** The base point of ristretto255 (RFC 9496 A.1): a valid share with a known scalar. */
const BASE_POINT = 'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76';

describe('a share that must be refused before anything is proved', () => {
  const shares: readonly (readonly [string, (own: Uint8Array) => Uint8Array])[] = [
    ['the identity', () => new Uint8Array(32)],
    ['no point', () => hexBytes(`2b${BASE_POINT.slice(2)}`)],
    ['not canonical', () => new Uint8Array(32).fill(255)],
    ["an echo of the other side's own", (own) => own],
  ];

  test.each(shares)('[H6] [H9] from the host: %s', (_why, make) => {
    let own = new Uint8Array(32);
    const tamper: Tamper = (_from, bytes) => {
      if (bytes[0] === 3) own = Uint8Array.from(bytes.subarray(1));
      return bytes[0] === 4 ? [new Uint8Array([4, ...make(own)])] : [bytes];
    };
    const duet = new Duet(tamper).run();
    expect(duet.joinerEnd()).toEqual(failed('not-verified', false));
    expect(types(duet.joinerEffects)).not.toContain('spent');
    expect(duet.wire).not.toContain('j5');
  });

  test.each(shares.slice(0, 3))('[H6] from the joiner: %s', (_why, make) => {
    const tamper = onFrame('joiner', 3, () => [new Uint8Array([3, ...make(new Uint8Array(32))])]);
    const duet = new Duet(tamper).run();
    expect(duet.hostEnd()).toEqual({ type: 'failed', fault: { code: 'not-verified' } });
    expect(duet.wire).not.toContain('h4');
    expect(duet.hostEffects).toContainEqual({
      type: 'lock-release',
      mode: 'code',
      outcome: 'stalled',
    });
  });

  test('[H9] a mirror: one who knows nothing sends every frame back under the other type', () => {
    const mirror = new Duet(() => []);
    mirror.tellJoiner({ type: 'started', context: joinerContext() });
    while (mirror.joinerEnd() === undefined) {
      const last = mirror.joinerEffects.findLast((effect) => effect.type === 'send');
      if (last?.type !== 'send') throw new Error('the joiner said nothing');
      const data = withByte(last.bytes, 0, (last.bytes[0] ?? 0) + 1);
      mirror.tellJoiner({ type: 'frame-received', data });
    }
    expect(mirror.wire).toEqual(['j1', 'j3']);
    expect(mirror.joinerEnd()).toEqual(failed('not-verified', false));
  });

  test('[H9] one tag is never the other: the joiner gets its own back', () => {
    let joinersTag = new Uint8Array(0);
    const tamper: Tamper = (_from, bytes) => {
      if (bytes[0] === 5) joinersTag = Uint8Array.from(bytes);
      return bytes[0] === 6 ? [withByte(joinersTag, 0, 6)] : [bytes];
    };
    expect(new Duet(tamper).run().joinerEnd()).toEqual(failed('not-verified', false));
  });
});

describe('ends that cannot be two devices', () => {
  test.each([
    ['one certificate', { self: { ...joinerPeer, fingerprint: hostPeer.fingerprint } }],
    ['one id', { self: { ...joinerPeer, id: hostPeer.id } }],
    ['a certificate of the wrong length', { peer: { ...hostPeer, fingerprint: counted(1, 20) } }],
  ])('[H4] the joiner says nothing to %s', (_why, changes) => {
    const duet = new Duet().run(joinerContext(changes));
    expect(duet.joinerEnd()).toEqual(failed('not-verified', false));
    expect(duet.wire).toEqual([]);
  });

  test.each([
    ['one certificate', { self: { ...hostPeer, fingerprint: joinerPeer.fingerprint } }],
    ['one id', { self: { ...hostPeer, id: joinerPeer.id } }],
  ])('[H4] the host refuses %s', (_why, changes) => {
    const duet = new Duet().run(joinerContext(), hostContext(changes));
    expect(duet.hostEnd()).toEqual({ type: 'failed', fault: { code: 'not-verified' } });
    expect(duet.wire).not.toContain('h2');
  });
});

describe('frames that break a rule', () => {
  const JOINERS = [1, 3, 5] as const;
  const HOSTS = [2, 4, 6] as const;
  const mangled: readonly (readonly [
    string,
    (bytes: Uint8Array) => Uint8Array | string,
    string,
  ])[] = [
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 1), 'H2'],
    ['one byte longer', (bytes) => new Uint8Array([...bytes, 0]), 'H2'],
    ['empty', () => new Uint8Array(0), 'H3'],
    ['of unknown type', (bytes) => withByte(bytes, 0, 0x7f), 'H3'],
    ['text', () => '{"type":"hello"}', 'H2'],
  ];

  for (const [why, mangle, rule] of mangled) {
    test.each(JOINERS)(`[${rule}] to the host, ${why}: frame %i`, (type) => {
      const duet = new Duet(onFrame('joiner', type, (bytes) => [mangle(bytes)])).run();
      expect(duet.hostEnd()).toEqual({ type: 'failed', fault: { code: 'rule-broken', rule } });
      expect(duet.wire).not.toContain('h6');
      expect(duet.hostEffects).not.toContainEqual(expect.objectContaining({ outcome: 'wrong' }));
    });

    test.each(HOSTS)(`[${rule}] to the joiner, ${why}: frame %i`, (type) => {
      const duet = new Duet(onFrame('host', type, (bytes) => [mangle(bytes)])).run();
      const end = { type: 'failed', fault: { code: 'rule-broken', rule }, mayRetry: false };
      expect(duet.joinerEnd()).toEqual(end);
    });
  }

  test.each(JOINERS)('[H3] to the host, twice: frame %i', (type) => {
    const duet = new Duet(onFrame('joiner', type, (bytes) => [bytes, bytes])).run();
    if (type === 5) expect(duet.hostEnd()?.type).toBe('succeeded');
    else expect(duet.hostEnd()).toMatchObject({ fault: { code: 'rule-broken', rule: 'H3' } });
  });

  test('[H3] to the host, a tag before the share', () => {
    const tag = new Uint8Array(65).fill(5);
    const duet = new Duet(onFrame('joiner', 3, (bytes) => [tag, bytes])).run();
    expect(duet.hostEnd()).toMatchObject({ fault: { code: 'rule-broken', rule: 'H3' } });
    expect(types(duet.hostEffects)).not.toContain('lock-acquire');
  });

  test('[H3] a frame of the own role coming back', () => {
    const back = onFrame('host', 2, (bytes) => [withByte(bytes, 0, 1)]);
    expect(new Duet(back).run().joinerEnd()).toMatchObject({
      fault: { code: 'rule-broken', rule: 'H3' },
    });
  });

  test('[H3] a frame before the machine was started is a bug of the runner, and loud', () => {
    const duet = new Duet();
    duet.tellHost({ type: 'frame-received', data: new Uint8Array([1]) });
    duet.tellJoiner({ type: 'frame-received', data: new Uint8Array([2]) });
    expect(duet.host.phase).toBe('failed');
    expect(duet.joiner.phase).toBe('failed');
  });
});

describe('a refusal in so many words', () => {
  test.each([
    ['busy', { code: 'cancelled', by: 'me' }, { code: 'peer-unavailable' }, true],
    ['burned', { code: 'not-verified' }, { code: 'not-verified' }, false],
    ['code-refused', { code: 'code-refused' }, { code: 'code-refused' }, false],
    ['taken', { code: 'share-taken' }, { code: 'share-taken' }, false],
  ] as const)('[H14] the lock is refused: %s', (why, hostFault, joinerFault, mayRetry) => {
    const duet = new Duet(undefined, { type: 'lock-refused', why }).run();
    expect(duet.hostEnd()).toEqual({ type: 'failed', fault: hostFault });
    expect(duet.joinerEnd()).toEqual({ type: 'failed', fault: joinerFault, mayRetry });
    expect(duet.wire).not.toContain('h4');
    expect(types(duet.hostEffects)).not.toContain('lock-release');
  });

  test.each([
    ['code', 'code-refused'],
    ['link', 'not-verified'],
    ['resume', 'not-verified'],
  ] as const)('[H12] the host does not offer %s', (mode, code) => {
    const duet = new Duet().run(
      joinerContext({ secret: SECRETS[mode] }),
      hostContext({ secrets: {} }),
    );
    expect(duet.joinerEnd()).toEqual(failed(code, false));
    expect(duet.wire).toEqual(['j1', 'h7']);
  });

  test('[H2] another version: both learn which', () => {
    const older = onFrame('joiner', 1, (bytes) => [withByte(bytes, 1, 0).subarray(0, 5)]);
    const duet = new Duet((from, bytes) => {
      const changed = older(from, bytes);
      return from === 'host' && bytes[0] === 2 ? [withByte(bytes, 1, 9)] : changed;
    }).run();
    expect(duet.hostEnd()).toMatchObject({ fault: { code: 'version-mismatch', theirs: 0 } });
    expect(duet.joinerEnd()).toMatchObject({ fault: { code: 'version-mismatch', theirs: 9 } });
  });

  test('[H10] an abort after the tag never buys another try', () => {
    for (let reason = 1; reason <= 5; reason += 1) {
      const duet = new Duet(onFrame('host', 6, () => [new Uint8Array([7, reason])])).run();
      expect(duet.joinerEnd()).toEqual(failed('not-verified', false));
    }
  });
});

describe('silence', () => {
  test.each([1, 2, 3, 4] as const)('[H10] before the tag costs nothing: frame %i lost', (lost) => {
    for (const event of [
      { type: 'channel-closed' },
      { type: 'timed-out', timer: 'step' },
    ] as const) {
      const duet = new Duet((_from, bytes) => (bytes[0] === lost ? [] : [bytes])).run();
      expect(duet.joinerEnd()).toBeUndefined();
      duet.tellJoiner(event);
      duet.tellHost(event);
      expect(duet.joinerEnd()).toEqual(failed('peer-unavailable', true));
      expect(types(duet.joinerEffects)).not.toContain('spent');
      expect(duet.hostEffects).not.toContainEqual(expect.objectContaining({ outcome: 'wrong' }));
    }
  });

  test.each([
    ['code', 'not-verified', false],
    ['link', 'peer-unavailable', true],
    ['resume', 'peer-unavailable', true],
  ] as const)('[H10] after the tag, by %s', (mode, code, mayRetry) => {
    const mute = onFrame('host', 6, () => []);
    const duet = new Duet(mute).run(joinerContext({ secret: SECRETS[mode] }));
    duet.tellJoiner({ type: 'timed-out', timer: 'step' });
    expect(duet.joinerEnd()).toEqual(failed(code, mayRetry));
  });

  test('[H13] the host frees the lock of a joiner who never comes with its tag', () => {
    for (const event of [
      { type: 'channel-closed' },
      { type: 'timed-out', timer: 'step' },
    ] as const) {
      const duet = new Duet(onFrame('joiner', 5, () => [])).run();
      expect(duet.host.phase).toBe('awaiting-tag');
      duet.tellHost(event);
      const released = duet.hostEffects.filter((effect) => effect.type === 'lock-release');
      expect(released).toEqual([{ type: 'lock-release', mode: 'code', outcome: 'stalled' }]);
    }
  });

  test('[H13] waits five seconds a step and fifteen in all', () => {
    const timers = (effects: readonly { readonly type: string }[]) =>
      effects.filter(({ type }) => type === 'arm-timer');
    const duet = new Duet().run();
    for (const effects of [duet.joinerEffects, duet.hostEffects]) {
      const [total, ...steps] = timers(effects);
      expect(total).toEqual({ type: 'arm-timer', timer: 'total', ms: 15_000 });
      expect(steps).toHaveLength(3);
      expect(steps[0]).toEqual({ type: 'arm-timer', timer: 'step', ms: 5_000 });
    }
  });
});

const failed = (code: string, mayRetry: boolean) => ({ type: 'failed', fault: { code }, mayRetry });

function onFrame(
  side: 'joiner' | 'host',
  type: number,
  change: (bytes: Uint8Array) => readonly (Uint8Array | string)[],
): Tamper {
  return (from, bytes) => (from === side && bytes[0] === type ? change(bytes) : [bytes]);
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

const flip = (bytes: Uint8Array, at: number) => withByte(bytes, at, (bytes[at] ?? 0) ^ 1);

const hexBytes = (text: string) =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
