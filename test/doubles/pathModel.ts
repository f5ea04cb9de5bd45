import { newPath, type PathState, stepPath } from '../../src/session/flow/pathControl.ts';
import { soundingIntervalMs } from '../../src/session/soundings.ts';

/** A path as a fluid: one narrowest hop with a queue, a fixed delay, and nothing lost before the queue is full. */
export interface PathModel {
  readonly bytesPerSec: number;
  readonly roundTripMs: number;
  readonly queueBytes: number;
  /** Most that the lanes can keep on the way by themselves, bytes; what Reno leaves them. */
  readonly lanesHoldBytes?: number;
  /** How much too late the machine's timers come, ms: more than 2.5 of a busy one. */
  readonly jitterMs?: number;
  /** How long everything that comes back waits for the CPU, ms. */
  readonly lateMs?: number;
}

export interface Run {
  readonly state: PathState;
  /** Arrived bytes a second in the last quarter. */
  readonly bytesPerSec: number;
  /** Round trip at the end, ms, and the longest there was. */
  readonly roundTripMs: number;
  readonly longestRoundTripMs: number;
  /** The queue overflowed at some time. */
  readonly hasOverflowed: boolean;
  /** When half of the final rate was reached first, ms. */
  readonly halfAtMs: number;
}

const TICK_MS = 25;

/** Lets the window rule steer the model for `ms`, in the steps and with the delays of the real thing. */
export function runPath(model: PathModel, ms: number, from?: PathState): Run {
  // The link's first pings went over the path while it was empty.
  const idle = {
    now: 0,
    arrivedBytes: 0,
    roundTripMs: model.roundTripMs,
    isFull: false,
    jitterMs: 0,
  };
  let state = from ?? stepPath(newPath(0), idle);
  let arrived = 0;
  let longestRoundTripMs = 0;
  let hasOverflowed = false;
  const pingMs = soundingIntervalMs({ kind: 'direct', roundTripMs: model.roundTripMs }) ?? ms;
  const history: { at: number; arrived: number; roundTripMs: number }[] = [];
  for (let now = 0; now < ms; now += TICK_MS) {
    const holds = (model.bytesPerSec * (model.roundTripMs + (model.lateMs ?? 0))) / 1000;
    const onTheWay = Math.min(state.windowBytes, model.lanesHoldBytes ?? Number.POSITIVE_INFINITY);
    const queued = Math.max(0, onTheWay - holds);
    if (queued > model.queueBytes) hasOverflowed = true;
    const roundTripMs =
      model.roundTripMs + (Math.min(queued, model.queueBytes) * 1000) / model.bytesPerSec;
    const answeredMs = roundTripMs + (model.lateMs ?? 0);
    arrived += (Math.min(model.bytesPerSec, (onTheWay * 1000) / answeredMs) * TICK_MS) / 1000;
    longestRoundTripMs = Math.max(longestRoundTripMs, roundTripMs);
    history.push({ at: now, arrived, roundTripMs: answeredMs });
    // What the sender knows is a round trip old.
    const known = history.findLast(({ at }) => at <= now - answeredMs) ?? history[0]!;
    state = stepPath(state, {
      now,
      arrivedBytes: known.arrived,
      roundTripMs: now % pingMs === 0 ? known.roundTripMs : undefined,
      isFull: onTheWay >= state.windowBytes,
      jitterMs: model.jitterMs ?? 0,
    });
  }
  const quarter = history[Math.floor(history.length * 0.75)]!;
  const last = history.at(-1)!;
  const bytesPerSec = ((last.arrived - quarter.arrived) * 1000) / (last.at - quarter.at);
  return {
    state,
    bytesPerSec,
    roundTripMs: last.roundTripMs,
    longestRoundTripMs,
    hasOverflowed,
    halfAtMs: halfAt(history, bytesPerSec),
  };
}

function halfAt(
  history: readonly { at: number; arrived: number }[],
  finalBytesPerSec: number,
): number {
  const window = 10;
  for (let i = window; i < history.length; i += 1) {
    const bytesPerSec =
      ((history[i]!.arrived - history[i - window]!.arrived) * 1000) / (window * TICK_MS);
    if (bytesPerSec >= finalBytesPerSec / 2) return history[i]!.at;
  }
  return Number.POSITIVE_INFINITY;
}
