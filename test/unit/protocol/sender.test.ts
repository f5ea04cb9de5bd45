import { describe, expect, test } from 'vitest';
import { type Fault, WIRE_CODE } from '../../../src/protocol/faults.ts';
import { fileIndex } from '../../../src/protocol/ids.ts';
import {
  faultOfPeer,
  type SenderEvent,
  type SenderState,
  stepSender,
} from '../../../src/protocol/sender.ts';
import { expectTable } from './stepTable.ts';

const gone: Fault = { code: 'peer-gone', silentMs: 9000 };
const changed: Fault = { code: 'source-changed', name: 'a' };

const STATES: Readonly<Record<string, SenderState>> = {
  proposed: { phase: 'proposed', pausedByMe: false },
  'proposed, paused': { phase: 'proposed', pausedByMe: true },
  transferring: { phase: 'transferring' },
  'paused by me': { phase: 'paused', by: 'me' },
  'paused by peer': { phase: 'paused', by: 'peer' },
  'paused by both': { phase: 'paused', by: 'both' },
  waiting: { phase: 'waiting', fault: gone, pausedByMe: false },
  'waiting, paused': { phase: 'waiting', fault: gone, pausedByMe: true },
  done: { phase: 'done' },
  declined: { phase: 'declined' },
  'failed by me': { phase: 'failed', fault: { code: 'cancelled', by: 'me' } },
  'failed by peer': { phase: 'failed', fault: { code: 'cancelled', by: 'peer' } },
  'failed by fault': { phase: 'failed', fault: changed },
};

const EVENTS: { readonly [Type in SenderEvent['type']]: Extract<SenderEvent, { type: Type }> } = {
  'peer-accepted': { type: 'peer-accepted' },
  'peer-declined': { type: 'peer-declined' },
  'peer-paused': { type: 'peer-paused' },
  'peer-continued': { type: 'peer-continued' },
  'peer-cancelled': { type: 'peer-cancelled', reason: WIRE_CODE.cancelled },
  'peer-completed': { type: 'peer-completed' },
  paused: { type: 'paused' },
  continued: { type: 'continued' },
  cancelled: { type: 'cancelled' },
  'file-lost': { type: 'file-lost', file: fileIndex(1) },
  faulted: { type: 'faulted', fault: changed },
  'link-lost': { type: 'link-lost', fault: gone },
  'link-restored': { type: 'link-restored' },
};

/** What ends a transfer does so from every open phase, and stops the flow before it tells. */
const ends = (...phases: string[]) =>
  Object.fromEntries(
    phases.flatMap((phase) => [
      [`${phase} + cancelled`, 'failed by me: stop-flow, tell-cancel 9'],
      [`${phase} + peer-cancelled`, 'failed by peer: stop-flow'],
      [`${phase} + faulted`, 'failed by fault: stop-flow, tell-cancel 4'],
    ]),
  );

describe('the sender', () => {
  test('[S1] [S2] [S3] [S4] [S5] [P4] [P5] [P9] does this and nothing else', () => {
    expectTable(stepSender, STATES, EVENTS, {
      ...ends('proposed', 'proposed, paused', 'transferring'),
      ...ends('paused by me', 'paused by peer', 'paused by both', 'waiting', 'waiting, paused'),

      'proposed + peer-accepted': 'transferring: start-flow',
      'proposed + peer-declined': 'declined: stop-flow',
      'proposed + link-lost': 'waiting: stop-flow',
      'proposed, paused + peer-accepted': 'paused by me: start-flow, pause-flow, tell-pause',
      'proposed, paused + peer-declined': 'declined: stop-flow',
      'proposed, paused + link-lost': 'waiting, paused: stop-flow',

      'transferring + peer-accepted': 'transferring: start-flow',
      'transferring + file-lost': 'transferring: tell-file-lost',
      'transferring + paused': 'paused by me: pause-flow, tell-pause',
      'transferring + peer-paused': 'paused by peer: pause-flow',
      'transferring + peer-completed': 'done: stop-flow',
      'transferring + link-lost': 'waiting: stop-flow',

      'paused by me + peer-accepted': 'paused by me: start-flow, pause-flow, tell-pause',
      'paused by me + file-lost': 'paused by me: tell-file-lost',
      'paused by me + continued': 'transferring: tell-continue, continue-flow',
      'paused by me + peer-paused': 'paused by both',
      'paused by me + peer-completed': 'done: stop-flow',
      'paused by me + link-lost': 'waiting, paused: stop-flow',
      'paused by peer + peer-accepted': 'paused by peer: start-flow, pause-flow',
      'paused by peer + file-lost': 'paused by peer: tell-file-lost',
      'paused by peer + paused': 'paused by both: tell-pause',
      'paused by peer + peer-continued': 'transferring: continue-flow',
      'paused by peer + peer-completed': 'done: stop-flow',
      'paused by peer + link-lost': 'waiting: stop-flow',
      'paused by both + peer-accepted': 'paused by both: start-flow, pause-flow, tell-pause',
      'paused by both + file-lost': 'paused by both: tell-file-lost',
      'paused by both + continued': 'paused by peer: tell-continue',
      'paused by both + peer-continued': 'paused by me',
      'paused by both + peer-completed': 'done: stop-flow',
      'paused by both + link-lost': 'waiting, paused: stop-flow',

      'waiting + paused': 'waiting, paused',
      'waiting + link-restored': 'proposed: propose',
      'waiting, paused + continued': 'waiting',
      'waiting, paused + link-restored': 'proposed, paused: propose',

      'failed by me + link-restored': 'failed by me: tell-cancel 9',
      'failed by peer + link-restored': 'failed by peer: tell-cancel 9',
      'failed by fault + link-restored': 'failed by fault: tell-cancel 4',
    });
  });

  test('[E1] shows who cancelled, and else the reason the peer gave', () => {
    expect(faultOfPeer(WIRE_CODE.cancelled)).toEqual({ code: 'cancelled', by: 'peer' });
    expect(faultOfPeer(WIRE_CODE['disk-full'])).toEqual({ code: 'peer-failed', reason: 5 });
  });
});
