import { type Fault, unreachable, WIRE_CODE, type WireCode } from './faults.ts';
import type { FileIndex } from './ids.ts';

/** Who holds a transfer back. Both may, and then both must continue. */
export type PausedBy = 'me' | 'peer' | 'both';

/** One outgoing transfer. A phase never claims what the receiver has not said: `done` is its word. */
export type SenderState =
  /** The manifest is with the receiver, who has not answered. `pausedByMe` outlives a lost link. */
  | { readonly phase: 'proposed'; readonly pausedByMe: boolean }
  | { readonly phase: 'transferring' }
  | { readonly phase: 'paused'; readonly by: PausedBy }
  /** The link is down; it is proposed again when there is a new one. */
  | { readonly phase: 'waiting'; readonly fault: Fault; readonly pausedByMe: boolean }
  | { readonly phase: 'done' }
  | { readonly phase: 'declined' }
  | { readonly phase: 'failed'; readonly fault: Fault };

export type SenderEvent =
  | { readonly type: 'peer-accepted' }
  | { readonly type: 'peer-declined' }
  | { readonly type: 'peer-paused' }
  | { readonly type: 'peer-continued' }
  | { readonly type: 'peer-cancelled'; readonly reason: WireCode }
  | { readonly type: 'peer-completed' }
  | { readonly type: 'paused' }
  | { readonly type: 'continued' }
  | { readonly type: 'cancelled' }
  /** One file of several could not be read: the flow has stopped, and the others are to go on. */
  | { readonly type: 'file-lost'; readonly file: FileIndex }
  /** A source could not be read, or the peer broke a rule. */
  | { readonly type: 'faulted'; readonly fault: Fault }
  | { readonly type: 'link-lost'; readonly fault: Fault }
  | { readonly type: 'link-restored' };

/** What a sender asks of the world, in order. */
export type SenderEffect =
  | { readonly type: 'propose' }
  | { readonly type: 'start-flow' }
  | { readonly type: 'pause-flow' }
  | { readonly type: 'continue-flow' }
  | { readonly type: 'stop-flow' }
  | { readonly type: 'tell-file-lost'; readonly file: FileIndex }
  | { readonly type: 'tell-pause' }
  | { readonly type: 'tell-continue' }
  | { readonly type: 'tell-cancel'; readonly reason: WireCode };

type Step = readonly [state: SenderState, effects: readonly SenderEffect[]];

/**
 * The whole sender as one pure function. An event that makes no sense in a phase changes nothing
 * (SPEC S1), so late and duplicated messages need no guards at the call site.
 */
export function stepSender(state: SenderState, event: SenderEvent): Step {
  switch (state.phase) {
    case 'proposed':
    case 'transferring':
    case 'paused':
    case 'waiting':
      return whileOpen(state, event);
    case 'done':
    case 'declined':
      return [state, []];
    case 'failed':
      // Whoever ended it may have done so while the link was down (SPEC P5).
      return event.type === 'link-restored'
        ? [state, [{ type: 'tell-cancel', reason: WIRE_CODE[state.fault.code] }]]
        : [state, []];
    default:
      return unreachable(state);
  }
}

type Open = Extract<SenderState, { phase: 'proposed' | 'transferring' | 'paused' | 'waiting' }>;

/** What ends or interrupts a transfer in any open phase; the rest depends on the phase. */
function whileOpen(state: Open, event: SenderEvent): Step {
  switch (event.type) {
    case 'cancelled':
      return [
        { phase: 'failed', fault: { code: 'cancelled', by: 'me' } },
        [{ type: 'stop-flow' }, { type: 'tell-cancel', reason: WIRE_CODE.cancelled }],
      ];
    case 'peer-cancelled':
      return [{ phase: 'failed', fault: faultOfPeer(event.reason) }, [{ type: 'stop-flow' }]];
    case 'faulted':
      return [
        { phase: 'failed', fault: event.fault },
        [{ type: 'stop-flow' }, { type: 'tell-cancel', reason: WIRE_CODE[event.fault.code] }],
      ];
    case 'link-lost':
      if (state.phase === 'waiting') return [state, []];
      return [
        { phase: 'waiting', fault: event.fault, pausedByMe: isPausedByMe(state) },
        [{ type: 'stop-flow' }],
      ];
    default:
      return inPhase(state, event);
  }
}

function inPhase(state: Open, event: SenderEvent): Step {
  switch (state.phase) {
    case 'proposed':
      return whileProposed(state, event);
    case 'transferring':
      return whileTransferring(state, event);
    case 'paused':
      return whilePaused(state, event);
    case 'waiting':
      return whileWaiting(state, event);
    default:
      return unreachable(state);
  }
}

function whileProposed(
  state: Extract<SenderState, { phase: 'proposed' }>,
  event: SenderEvent,
): Step {
  switch (event.type) {
    case 'peer-accepted':
      if (!state.pausedByMe) return [{ phase: 'transferring' }, [{ type: 'start-flow' }]];
      return [
        { phase: 'paused', by: 'me' },
        [{ type: 'start-flow' }, { type: 'pause-flow' }, { type: 'tell-pause' }],
      ];
    case 'peer-declined':
      return [{ phase: 'declined' }, [{ type: 'stop-flow' }]];
    default:
      return [state, []];
  }
}

function whileTransferring(state: SenderState, event: SenderEvent): Step {
  switch (event.type) {
    case 'peer-accepted':
      // The receiver opened its store anew, and says what it holds now.
      return [state, [{ type: 'start-flow' }]];
    case 'file-lost':
      // The receiver answers with a new accept, without that file, and the flow starts again.
      return [state, [{ type: 'tell-file-lost', file: event.file }]];
    case 'paused':
      return [{ phase: 'paused', by: 'me' }, [{ type: 'pause-flow' }, { type: 'tell-pause' }]];
    case 'peer-paused':
      return [{ phase: 'paused', by: 'peer' }, [{ type: 'pause-flow' }]];
    case 'peer-completed':
      return [{ phase: 'done' }, [{ type: 'stop-flow' }]];
    default:
      return [state, []];
  }
}

function whilePaused(state: Extract<SenderState, { phase: 'paused' }>, event: SenderEvent): Step {
  switch (event.type) {
    case 'peer-accepted':
      // A receiver that starts anew has forgotten who held the transfer.
      return state.by === 'peer'
        ? [state, [{ type: 'start-flow' }, { type: 'pause-flow' }]]
        : [state, [{ type: 'start-flow' }, { type: 'pause-flow' }, { type: 'tell-pause' }]];
    case 'file-lost':
      return [state, [{ type: 'tell-file-lost', file: event.file }]];
    case 'paused':
      return state.by === 'peer'
        ? [{ phase: 'paused', by: 'both' }, [{ type: 'tell-pause' }]]
        : [state, []];
    case 'peer-paused':
      return state.by === 'me' ? [{ phase: 'paused', by: 'both' }, []] : [state, []];
    case 'continued':
      if (state.by === 'peer') return [state, []];
      if (state.by === 'both')
        return [{ phase: 'paused', by: 'peer' }, [{ type: 'tell-continue' }]];
      return [{ phase: 'transferring' }, [{ type: 'tell-continue' }, { type: 'continue-flow' }]];
    case 'peer-continued':
      if (state.by === 'me') return [state, []];
      if (state.by === 'both') return [{ phase: 'paused', by: 'me' }, []];
      return [{ phase: 'transferring' }, [{ type: 'continue-flow' }]];
    case 'peer-completed':
      return [{ phase: 'done' }, [{ type: 'stop-flow' }]];
    default:
      return [state, []];
  }
}

function whileWaiting(state: Extract<SenderState, { phase: 'waiting' }>, event: SenderEvent): Step {
  switch (event.type) {
    case 'link-restored':
      // The receiver answers with what it holds; a receiver that had accepted does so by itself (SPEC P4).
      return [{ phase: 'proposed', pausedByMe: state.pausedByMe }, [{ type: 'propose' }]];
    case 'paused':
      return state.pausedByMe ? [state, []] : [{ ...state, pausedByMe: true }, []];
    case 'continued':
      return state.pausedByMe ? [{ ...state, pausedByMe: false }, []] : [state, []];
    default:
      return [state, []];
  }
}

function isPausedByMe(state: Open): boolean {
  if (state.phase === 'proposed' || state.phase === 'waiting') return state.pausedByMe;
  return state.phase === 'paused' && state.by !== 'peer';
}

/** The fault to show when the peer ended a transfer with a wire code. */
export const faultOfPeer = (reason: WireCode): Fault =>
  reason === WIRE_CODE.cancelled
    ? { code: 'cancelled', by: 'peer' }
    : { code: 'peer-failed', reason };
