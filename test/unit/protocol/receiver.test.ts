import { describe, test } from 'vitest';
import { type Fault, WIRE_CODE } from '../../../src/protocol/faults.ts';
import {
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from '../../../src/protocol/receiver.ts';
import { expectTable } from './stepTable.ts';

const gone: Fault = { code: 'peer-gone', silentMs: 9000 };
const bad: Fault = { code: 'hash-mismatch', block: 7 };
const full: Fault = { code: 'disk-full', neededBytes: 1 };
const broken: Fault = { code: 'storage-failed', detail: 'x' };

const STATES: Readonly<Record<string, ReceiverState>> = {
  proposed: { phase: 'proposed' },
  transferring: { phase: 'transferring' },
  'paused by me': { phase: 'paused', by: 'me' },
  'paused by peer': { phase: 'paused', by: 'peer' },
  'paused by both': { phase: 'paused', by: 'both' },
  stalled: { phase: 'stalled', fault: full },
  undecided: { phase: 'waiting', fault: gone, isAccepted: false, pausedByMe: false },
  waiting: { phase: 'waiting', fault: gone, isAccepted: true, pausedByMe: false },
  'waiting, paused': { phase: 'waiting', fault: gone, isAccepted: true, pausedByMe: true },
  done: { phase: 'done' },
  declined: { phase: 'declined' },
  'failed by me': { phase: 'failed', fault: { code: 'cancelled', by: 'me' } },
  'failed by peer': { phase: 'failed', fault: { code: 'cancelled', by: 'peer' } },
  'failed by fault': { phase: 'failed', fault: bad },
  'failed by room': { phase: 'failed', fault: full },
};

const STATES_OF_BROKEN: Readonly<Record<string, ReceiverState>> = {
  transferring: { phase: 'transferring' },
  stalled: { phase: 'stalled', fault: broken },
};

const EVENTS: { readonly [Type in ReceiverEvent['type']]: Extract<ReceiverEvent, { type: Type }> } =
  {
    accepted: { type: 'accepted' },
    declined: { type: 'declined' },
    paused: { type: 'paused' },
    continued: { type: 'continued' },
    cancelled: { type: 'cancelled' },
    'peer-paused': { type: 'peer-paused' },
    'peer-continued': { type: 'peer-continued' },
    'peer-cancelled': { type: 'peer-cancelled', reason: WIRE_CODE.cancelled },
    stored: { type: 'stored' },
    faulted: { type: 'faulted', fault: bad },
    'file-lost': { type: 'file-lost' },
    'link-lost': { type: 'link-lost', fault: gone },
    'proposed-again': { type: 'proposed-again' },
  };

/** What ends a transfer does so from every open phase, and deletes before it tells. */
const ends = (...phases: string[]) =>
  Object.fromEntries(
    phases.flatMap((phase) => [
      [`${phase} + cancelled`, 'failed by me: discard, tell-cancel 9'],
      [`${phase} + peer-cancelled`, 'failed by peer: discard'],
      [`${phase} + faulted`, 'failed by fault: discard, tell-cancel 3'],
    ]),
  );

describe('the receiver', () => {
  test('[R1] [R2] [R3] [R4] [R5] [S3] [P4] [P5] [P9] does this and nothing else', () => {
    expectTable(stepReceiver, STATES, EVENTS, {
      ...ends('proposed', 'transferring', 'paused by me', 'paused by peer', 'paused by both'),
      ...ends('stalled', 'undecided', 'waiting', 'waiting, paused'),

      'proposed + accepted': 'transferring: start-flow, tell-accept',
      'proposed + declined': 'declined: discard, tell-decline',
      'proposed + link-lost': 'undecided',

      'transferring + file-lost': 'transferring: stop-flow, start-flow, tell-accept',
      'transferring + paused': 'paused by me: tell-pause',
      'transferring + peer-paused': 'paused by peer',
      'transferring + stored': 'done: tell-complete',
      'transferring + link-lost': 'waiting: stop-flow',

      'paused by me + file-lost': 'paused by me: stop-flow, start-flow, tell-accept',
      'paused by me + continued': 'transferring: tell-continue',
      'paused by me + peer-paused': 'paused by both',
      'paused by me + stored': 'done: tell-complete',
      'paused by me + link-lost': 'waiting, paused: stop-flow',
      'paused by peer + file-lost': 'paused by peer: stop-flow, start-flow, tell-accept',
      'paused by peer + paused': 'paused by both: tell-pause',
      'paused by peer + peer-continued': 'transferring',
      'paused by peer + stored': 'done: tell-complete',
      'paused by peer + link-lost': 'waiting: stop-flow',
      'paused by both + file-lost': 'paused by both: stop-flow, start-flow, tell-accept',
      'paused by both + continued': 'paused by peer: tell-continue',
      'paused by both + peer-continued': 'paused by me',
      'paused by both + stored': 'done: tell-complete',
      'paused by both + link-lost': 'waiting, paused: stop-flow',

      'stalled + continued': 'transferring: start-flow, tell-accept, tell-continue',
      'stalled + link-lost': 'waiting, paused: stop-flow',

      'undecided + declined': 'declined: discard',
      'undecided + proposed-again': 'proposed',
      'waiting + paused': 'waiting, paused',
      'waiting + proposed-again': 'transferring: start-flow, tell-accept',
      'waiting, paused + continued': 'waiting',
      'waiting, paused + proposed-again': 'paused by me: start-flow, tell-accept, tell-pause',

      'done + proposed-again': 'done: tell-accept, tell-complete',
      'declined + proposed-again': 'declined: tell-decline',
      'failed by me + proposed-again': 'failed by me: tell-cancel 9',
      'failed by peer + proposed-again': 'failed by peer: tell-cancel 9',
      'failed by fault + proposed-again': 'failed by fault: tell-cancel 3',
      'failed by room + proposed-again': 'failed by room: tell-cancel 5',
    });
  });

  test('[R6] a full disk keeps what is there, and goes on when the person says so', () => {
    const faulted = { faulted: { type: 'faulted', fault: full } } as const;
    expectTable(stepReceiver, STATES, faulted, {
      'proposed + faulted': 'failed by room: discard, tell-cancel 5',
      'transferring + faulted': 'stalled: stop-flow, tell-pause',
      'paused by me + faulted': 'stalled: stop-flow, tell-pause',
      'paused by peer + faulted': 'stalled: stop-flow, tell-pause',
      'paused by both + faulted': 'stalled: stop-flow, tell-pause',
      'stalled + faulted': 'stalled: stop-flow, tell-pause',
      'waiting + faulted': 'waiting, paused',
      'undecided + faulted': 'failed by room: discard, tell-cancel 5',
    });
  });

  test('[R6] a disk that fails keeps what is there, too: the browser may have it open still', () => {
    const faulted = { faulted: { type: 'faulted', fault: broken } } as const;
    expectTable(stepReceiver, STATES_OF_BROKEN, faulted, {
      'transferring + faulted': 'stalled: stop-flow, tell-pause',
      'stalled + faulted': 'stalled: stop-flow, tell-pause',
    });
  });
});
