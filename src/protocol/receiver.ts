import { type Fault, unreachable, WIRE_CODE, type WireCode } from './faults.ts';
import { faultOfPeer, type PausedBy } from './sender.ts';

/** One incoming transfer. `done` means every wanted block is verified, flushed and in the journal. */
export type ReceiverState =
  /** The person has not decided. */
  | { readonly phase: 'proposed' }
  | { readonly phase: 'transferring' }
  | { readonly phase: 'paused'; readonly by: PausedBy }
  /** This device cannot take more right now, and the person can do something about it: make room. */
  | { readonly phase: 'stalled'; readonly fault: Fault }
  /** The link is down. Before a decision `isAccepted` is false. */
  | {
      readonly phase: 'waiting';
      readonly fault: Fault;
      readonly isAccepted: boolean;
      readonly pausedByMe: boolean;
    }
  | { readonly phase: 'done' }
  | { readonly phase: 'declined' }
  | { readonly phase: 'failed'; readonly fault: Fault };

export type ReceiverEvent =
  | { readonly type: 'accepted' }
  | { readonly type: 'declined' }
  | { readonly type: 'paused' }
  | { readonly type: 'continued' }
  | { readonly type: 'cancelled' }
  | { readonly type: 'peer-paused' }
  | { readonly type: 'peer-continued' }
  | { readonly type: 'peer-cancelled'; readonly reason: WireCode }
  /** The flow says: all verified, flushed, journaled. */
  | { readonly type: 'stored' }
  | { readonly type: 'faulted'; readonly fault: Fault }
  | { readonly type: 'link-lost'; readonly fault: Fault }
  /** A file was dropped from what is wanted, because the sender can no longer read it. */
  | { readonly type: 'file-lost' }
  /** The sender proposed the same transfer again over a new link. */
  | { readonly type: 'proposed-again' };

/** What a receiver asks of the world, in order. */
export type ReceiverEffect =
  /** Opens the store and the journal and takes blocks; then answers with what is held. */
  | { readonly type: 'start-flow' }
  | { readonly type: 'tell-accept' }
  | { readonly type: 'tell-decline' }
  | { readonly type: 'tell-pause' }
  | { readonly type: 'tell-continue' }
  | { readonly type: 'tell-cancel'; readonly reason: WireCode }
  | { readonly type: 'tell-complete' }
  /** Closes the store and keeps what it holds. */
  | { readonly type: 'stop-flow' }
  /** Closes the store, if there is one, and deletes what this device holds and knows of the transfer. */
  | { readonly type: 'discard' };

type Step = readonly [state: ReceiverState, effects: readonly ReceiverEffect[]];

/**
 * The whole receiver as one pure function. An event that makes no sense in a phase changes nothing
 * (SPEC R1). The order of effects is part of the protocol: blocks are taken before `accept` is
 * told (SPEC R3), and `complete` is told only after the flow stored everything (SPEC R4).
 */
export function stepReceiver(state: ReceiverState, event: ReceiverEvent): Step {
  switch (state.phase) {
    case 'proposed':
    case 'transferring':
    case 'paused':
    case 'stalled':
    case 'waiting':
      return whileOpen(state, event);
    case 'done':
      // The sender missed our word: the link fell right behind it.
      return event.type === 'proposed-again'
        ? [state, [{ type: 'tell-accept' }, { type: 'tell-complete' }]]
        : [state, []];
    case 'declined':
      return event.type === 'proposed-again' ? [state, [{ type: 'tell-decline' }]] : [state, []];
    case 'failed':
      // The sender has not heard how it ended: the link was down, or fell right behind our word (SPEC P5).
      return event.type === 'proposed-again'
        ? [state, [{ type: 'tell-cancel', reason: WIRE_CODE[state.fault.code] }]]
        : [state, []];
    default:
      return unreachable(state);
  }
}

type Open = Extract<
  ReceiverState,
  { phase: 'proposed' | 'transferring' | 'paused' | 'stalled' | 'waiting' }
>;

function whileOpen(state: Open, event: ReceiverEvent): Step {
  switch (event.type) {
    case 'cancelled':
      return [
        { phase: 'failed', fault: { code: 'cancelled', by: 'me' } },
        [{ type: 'discard' }, { type: 'tell-cancel', reason: WIRE_CODE.cancelled }],
      ];
    case 'peer-cancelled':
      return [{ phase: 'failed', fault: faultOfPeer(event.reason) }, [{ type: 'discard' }]];
    case 'faulted':
      return whenFaulted(state, event.fault);
    case 'link-lost':
      return whenLinkLost(state, event.fault);
    default:
      return inPhase(state, event);
  }
}

/** Faults of this device's storage, which may pass: room is made, another tab or a dying worker lets go of the file. */
const MAY_PASS: ReadonlySet<Fault['code']> = new Set(['disk-full', 'storage-failed']);

/** Trouble with the storage costs nothing that was received: it goes on when the person says so (SPEC R6). */
function whenFaulted(state: Open, fault: Fault): Step {
  const isAccepted = state.phase === 'waiting' ? state.isAccepted : state.phase !== 'proposed';
  if (!MAY_PASS.has(fault.code) || !isAccepted) {
    return [
      { phase: 'failed', fault },
      [{ type: 'discard' }, { type: 'tell-cancel', reason: WIRE_CODE[fault.code] }],
    ];
  }
  if (state.phase === 'waiting') return whileWaiting(state, { type: 'paused' });
  return [{ phase: 'stalled', fault }, [{ type: 'stop-flow' }, { type: 'tell-pause' }]];
}

function whenLinkLost(state: Open, fault: Fault): Step {
  switch (state.phase) {
    case 'waiting':
      return [state, []];
    case 'proposed':
      return [{ phase: 'waiting', fault, isAccepted: false, pausedByMe: false }, []];
    case 'transferring':
    case 'paused':
    case 'stalled': {
      const pausedByMe =
        state.phase === 'stalled' || (state.phase === 'paused' && state.by !== 'peer');
      return [{ phase: 'waiting', fault, isAccepted: true, pausedByMe }, [{ type: 'stop-flow' }]];
    }
    default:
      return unreachable(state);
  }
}

function inPhase(state: Open, event: ReceiverEvent): Step {
  switch (state.phase) {
    case 'proposed':
      return whileProposed(state, event);
    case 'transferring':
      return whileTransferring(state, event);
    case 'paused':
      return whilePaused(state, event);
    case 'stalled':
      if (event.type !== 'continued') return [state, []];
      return [
        { phase: 'transferring' },
        [{ type: 'start-flow' }, { type: 'tell-accept' }, { type: 'tell-continue' }],
      ];
    case 'waiting':
      return whileWaiting(state, event);
    default:
      return unreachable(state);
  }
}

function whileProposed(state: ReceiverState, event: ReceiverEvent): Step {
  switch (event.type) {
    case 'accepted':
      return [{ phase: 'transferring' }, [{ type: 'start-flow' }, { type: 'tell-accept' }]];
    case 'declined':
      return [{ phase: 'declined' }, [{ type: 'discard' }, { type: 'tell-decline' }]];
    default:
      return [state, []];
  }
}

function whileTransferring(state: ReceiverState, event: ReceiverEvent): Step {
  switch (event.type) {
    case 'paused':
      return [{ phase: 'paused', by: 'me' }, [{ type: 'tell-pause' }]];
    case 'peer-paused':
      return [{ phase: 'paused', by: 'peer' }, []];
    case 'file-lost':
      return [state, wantLess];
    case 'stored':
      return [{ phase: 'done' }, [{ type: 'tell-complete' }]];
    default:
      return [state, []];
  }
}

function whilePaused(
  state: Extract<ReceiverState, { phase: 'paused' }>,
  event: ReceiverEvent,
): Step {
  switch (event.type) {
    case 'paused':
      return state.by === 'peer'
        ? [{ phase: 'paused', by: 'both' }, [{ type: 'tell-pause' }]]
        : [state, []];
    case 'peer-paused':
      return state.by === 'me' ? [{ phase: 'paused', by: 'both' }, []] : [state, []];
    case 'continued':
      if (state.by === 'peer') return [state, []];
      return [
        state.by === 'both' ? { phase: 'paused', by: 'peer' } : { phase: 'transferring' },
        [{ type: 'tell-continue' }],
      ];
    case 'peer-continued':
      if (state.by === 'me') return [state, []];
      return [state.by === 'both' ? { phase: 'paused', by: 'me' } : { phase: 'transferring' }, []];
    case 'file-lost':
      return [state, wantLess];
    case 'stored':
      // The last blocks were on the way when somebody paused.
      return [{ phase: 'done' }, [{ type: 'tell-complete' }]];
    default:
      return [state, []];
  }
}

/** The flow starts again with fewer files, and the sender hears what is still wanted (SPEC P9). */
const wantLess: readonly ReceiverEffect[] = [
  { type: 'stop-flow' },
  { type: 'start-flow' },
  { type: 'tell-accept' },
];

function whileWaiting(
  state: Extract<ReceiverState, { phase: 'waiting' }>,
  event: ReceiverEvent,
): Step {
  switch (event.type) {
    case 'proposed-again':
      if (!state.isAccepted) return [{ phase: 'proposed' }, []];
      if (!state.pausedByMe)
        return [{ phase: 'transferring' }, [{ type: 'start-flow' }, { type: 'tell-accept' }]];
      return [
        { phase: 'paused', by: 'me' },
        [{ type: 'start-flow' }, { type: 'tell-accept' }, { type: 'tell-pause' }],
      ];
    case 'declined':
      return state.isAccepted ? [state, []] : [{ phase: 'declined' }, [{ type: 'discard' }]];
    case 'paused':
      return pauseWhileWaiting(state, true);
    case 'continued':
      return pauseWhileWaiting(state, false);
    default:
      return [state, []];
  }
}

/** Who has not decided yet has nothing to hold. */
function pauseWhileWaiting(
  state: Extract<ReceiverState, { phase: 'waiting' }>,
  pausedByMe: boolean,
): Step {
  const isChange = state.isAccepted && state.pausedByMe !== pausedByMe;
  return [isChange ? { ...state, pausedByMe } : state, []];
}
