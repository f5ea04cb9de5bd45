import { describe, expect, test } from 'vitest';
import { type HostEvent, type HostState, stepHost } from '../../../src/handshake/hostHandshake.ts';
import {
  type JoinerEvent,
  type JoinerState,
  stepJoiner,
} from '../../../src/handshake/joinerHandshake.ts';
import { Duet, hostContext, joinerContext } from './duet.ts';

/** A frame of every type and right length, and the malformed ones. */
const FRAMES: readonly (Uint8Array | string)[] = [
  ...[19, 19, 33, 33, 65, 65, 2].map((length, i) => {
    const bytes = new Uint8Array(length).fill(1);
    bytes[0] = i + 1;
    return bytes;
  }),
  new Uint8Array(0),
  new Uint8Array(200),
  'text',
];

const frames = FRAMES.map((data) => ({ type: 'frame-received', data }) as const);

const JOINER_EVENTS: readonly JoinerEvent[] = [
  { type: 'started', context: joinerContext() },
  ...frames,
  { type: 'timed-out', timer: 'step' },
  { type: 'timed-out', timer: 'total' },
  { type: 'channel-closed' },
];

const HOST_EVENTS: readonly HostEvent[] = [
  { type: 'started', context: hostContext() },
  ...frames,
  { type: 'lock-granted' },
  { type: 'lock-refused', why: 'busy' },
  { type: 'timed-out', timer: 'step' },
  { type: 'timed-out', timer: 'total' },
  { type: 'channel-closed' },
];

/** A duet in which frame `lost` never arrives: it stops in the phase that waits for it. */
const stoppedAt = (lost: number) =>
  new Duet((_from, bytes) => (bytes[0] === lost ? [] : [bytes])).run();

const JOINER_PHASES: Record<JoinerState['phase'], () => JoinerState> = {
  new: () => new Duet().joiner,
  'awaiting-hello': () => stoppedAt(2).joiner,
  'awaiting-share': () => stoppedAt(4).joiner,
  'awaiting-tag': () => stoppedAt(6).joiner,
  done: () => stoppedAt(0).joiner,
  failed: () => ({ phase: 'failed', fault: { code: 'not-verified' } }),
};

const HOST_PHASES: Record<HostState['phase'], () => HostState> = {
  new: () => new Duet().host,
  'awaiting-hello': () => stoppedAt(1).host,
  'awaiting-share': () => stoppedAt(3).host,
  locking: () => {
    const [, hello, share] = honestFrames();
    const duet = new Duet(undefined, { type: 'started', context: hostContext() });
    duet.tellHost({ type: 'started', context: hostContext() });
    duet.tellHost({ type: 'frame-received', data: hello });
    duet.tellHost({ type: 'frame-received', data: share });
    return duet.host;
  },
  'awaiting-tag': () => stoppedAt(5).host,
  done: () => stoppedAt(0).host,
  failed: () => ({ phase: 'failed', fault: { code: 'not-verified' } }),
};

/** Everything the joiner sends in an honest run, by frame type: index 1 and 2 are hello and share. */
function honestFrames(): [undefined, Uint8Array, Uint8Array] {
  const sent = new Duet().run().joinerEffects.flatMap((e) => (e.type === 'send' ? [e.bytes] : []));
  return [undefined, sent[0] ?? new Uint8Array(0), sent[1] ?? new Uint8Array(0)];
}

const describeEvent = (event: JoinerEvent | HostEvent) => {
  switch (event.type) {
    case 'frame-received':
      return typeof event.data === 'string'
        ? 'text'
        : `frame ${event.data[0]} (${event.data.length})`;
    case 'timed-out':
      return `timed-out ${event.timer}`;
    default:
      return event.type;
  }
};

const pairs = <Phase extends string, Event extends JoinerEvent | HostEvent>(
  phases: Record<Phase, unknown>,
  events: readonly Event[],
) =>
  // The keys of a record literal are exactly its phases.
  (Object.keys(phases) as Phase[]).flatMap((phase) =>
    events.map((event) => [phase, describeEvent(event), event] as const),
  );

describe('every phase of the joiner with every event', () => {
  test.each(pairs(JOINER_PHASES, JOINER_EVENTS))('[H11] %s, %s', (phase, _name, event) => {
    const state = JOINER_PHASES[phase]();
    expect(state.phase).toBe(phase);
    const [next, effects] = stepJoiner(state, event);
    if (phase === 'done' || phase === 'failed') {
      expect(next).toBe(state);
      expect(effects).toEqual([]);
    }
    // None of these frames was made with the secret, so none may succeed.
    expect(effects.some((effect) => effect.type === 'succeeded')).toBe(false);
    expect(effects.filter((effect) => effect.type === 'failed')).toHaveLength(
      next.phase === 'failed' && phase !== 'failed' ? 1 : 0,
    );
    if (next.phase === 'failed') {
      for (const later of JOINER_EVENTS) expect(stepJoiner(next, later)).toEqual([next, []]);
    }
  });
});

describe('every phase of the host with every event', () => {
  test.each(pairs(HOST_PHASES, HOST_EVENTS))('[H11] %s, %s', (phase, _name, event) => {
    const state = HOST_PHASES[phase]();
    expect(state.phase).toBe(phase);
    const [next, effects] = stepHost(state, event);
    if (phase === 'done' || phase === 'failed') {
      expect(next).toBe(state);
      expect(effects).toEqual([]);
    }
    expect(effects.some((effect) => effect.type === 'succeeded')).toBe(false);
    // A lock that was granted is released exactly once, by whatever ends the attempt.
    const releases = effects.filter((effect) => effect.type === 'lock-release');
    expect(releases).toHaveLength(phase === 'awaiting-tag' && next.phase === 'failed' ? 1 : 0);
    if (next.phase === 'failed') {
      for (const later of HOST_EVENTS) expect(stepHost(next, later)).toEqual([next, []]);
    }
  });
});

describe('secrets that are no longer needed', () => {
  test('[H12] are overwritten when an attempt ends', () => {
    const joiner = JOINER_PHASES['awaiting-tag']();
    const host = HOST_PHASES['awaiting-share']();
    stepJoiner(joiner, { type: 'channel-closed' });
    stepHost(host, { type: 'channel-closed' });
    if (joiner.phase !== 'awaiting-tag' || host.phase !== 'awaiting-share')
      throw new Error('phase');
    for (const secret of [...Object.values(joiner.confirmation), host.scalar]) {
      expect(secret.every((byte: number) => byte === 0)).toBe(true);
    }
  });
});
