/**
 * How much to have on the way: a congestion window over all lanes of a link together.
 *
 * Every lane is an SCTP association with Reno inside. Left alone, lanes overshoot the queue of the narrowest
 * hop, lose a burst and crawl (design.md section 7). So the sum of what is on the way is bounded here,
 * at what the path holds plus a small queue: the rule is FAST TCP's (Jin, Wei, Low: "FAST TCP: motivation,
 * architecture, algorithms, performance", INFOCOM 2004), which steers by queueing delay and reaches its
 * point without making the queue overflow first. Pure: time and measurements arrive in samples.
 */
export interface PathState {
  /**
   * `startup`: growing by half each round trip until delay or rate say that the path is full. `steady`: steered
   * by delay. `drain`: for a moment below what the path holds, to see the round trip without our own queue.
   */
  readonly phase: 'startup' | 'steady' | 'drain';
  /** Most bytes to have on the way. */
  readonly windowBytes: number;
  /** Shortest round trip of late, ms: the path without a queue. Infinity before the first sample of it. */
  readonly minRoundTripMs: number;
  /** When the queue was last drained, or seen not to be there, or the path was new. */
  readonly drainedAt: number;
  /** Arrived bytes a second over the last round. */
  readonly bytesPerSec: number;
  readonly round: Round;
  /**
   * Shortest round trip that this round's window can have brought about, ms: a busy page delays some answers, so the
   * shortest counts. Undefined before there is one.
   */
  readonly roundTripMs: number | undefined;
  /** The newest of all: quick to show a queue, and easily fooled, which in startup costs little. */
  readonly latestMs: number | undefined;
  /** Rounds in a row with a full window that brought no more rate. */
  readonly flatRounds: number;
  readonly bestBytesPerSec: number;
  /** While draining: what to return to. */
  readonly restoreBytes: number;
  /** When an answer to this round's window, or to one before, last came about as fast as over the empty path. */
  readonly quickAt: number;
  /** The CPU is the narrowest hop, and no queue of the path: more on the way brings more, and nothing overflows. */
  readonly isCpuBound: boolean;
}

interface Round {
  readonly startedAt: number;
  readonly arrivedBytes: number;
  /** The window was what held the sender back at some time in this round. */
  readonly wasFull: boolean;
  /** Of the round before: what comes back within it was sent under the old window. */
  readonly roundTripMs: number;
}

export interface PathSample {
  /** Ms of a monotonic clock. */
  readonly now: number;
  /** Bytes known to have arrived since the beginning, over all lanes; never falls. */
  readonly arrivedBytes: number;
  /** A round trip measured since the last sample, on a channel with no queue of its own. */
  readonly roundTripMs: number | undefined;
  /** The window, and not the lanes or the source, holds the sender back right now. */
  readonly isFull: boolean;
  /** How much too early or too late this machine's timers come, on average, ms: says how busy its CPU is. */
  readonly jitterMs: number;
}

/** Timers come so much too early or too late where the CPU is the limit (3 to 10), ms; where the path is, by less than 1.5. */
export const BUSY_JITTER_MS = 2.5;

/** Where a window begins, and below which it never falls. */
const START_BYTES = 256 * 1024;
const MIN_BYTES = 64 * 1024;

/** Growth of the window in a round of startup: a queue of 40 % of what the path holds takes what goes too far. */
const STARTUP_GAIN = 1.35;

/**
 * Bytes kept waiting at the narrowest hop, so that it never runs dry: this long at the present rate, within bounds. Longer where that hop is
 * the CPU: all steps of the way share it, and while one waits for its turn the next runs dry (an idle seventh at 20 ms).
 */
const QUEUE_MS = 10;
const BUSY_QUEUE_MS = 20;
const MIN_QUEUE_BYTES = 64 * 1024;
const MAX_QUEUE_BYTES = 512 * 1024;

/**
 * A queue of the path delays every answer, a busy CPU only some. So on a busy machine a window of which one answer was quick has no queue, and
 * the next may be wider, by what passes in so many ms, and so wide at most; without such an answer it stays, for so long. With more waiting at
 * every step, more is handled each time a thread wakes, and that is what bytes cost there (where timers are 8 ms late, 2.5 MiB carry an eighth
 * more than 0.7 at 20 ms, and a sixth more at 50). Only on shorter round trips than these: a longer path has as much on the way without it, and two
 * transfers that shared 100 ms did so less evenly with it.
 *
 * An answer waits for a CPU in half a dozen threads: with timers 8 ms late and such a window, the quickest of 2 s takes 40 ms more than the shortest
 * round trip, with 3 ms less than 8. So the square of that lateness is what a quick one may take more, and so many ms at most.
 */
const SHORT_ROUND_TRIP_MS = 80;
const MOST_QUICK_MS = 60;
const QUICK_FOR_MS = 2_000;
const STEP_MS = 5;
const CPU_BOUND_BYTES = 2560 * 1024;

/**
 * So often the queue is drained for a moment, to see the path without it, ms. Also where a round trip was as short as the shortest just now: who
 * comes to a queue that somebody else keeps takes it for the path, meets it again whenever the other backs off, and in the end has all of it (a TCP
 * download beside us got less than half of our rate in a third of all runs). Where there is no such queue, a drain costs less than a hundredth.
 */
const DRAIN_EVERY_MS = 10_000;

/** Delay over the shortest round trip that is not yet a queue: timers and busy pages make as much. */
const NOISE_MS = 2;
const NOISE_SHARE = 0.05;

/**
 * On a busy machine even the shortest of a round's answers waits for the CPU: the square of that lateness, and so many ms at most, is no queue of the
 * path either. Taken for one, it kept 200 ms at 50 Mbit/s a tenth below what was reached without. On long paths only: short ones have the rule of
 * quick answers, and seldom a queue that holds as much.
 */
const MOST_LATE_MS = 30;

/** Growth in a round of a window that is full over a queue that is not there. */
const STEADY_GAIN = 1.1;

/** A round is a round trip, for the window to show, and then this long to look at what it shows, ms. */
const LOOKING_MS = 150;

/** Taken for a round trip before one was measured, ms. */
export const UNKNOWN_ROUND_TRIP_MS = 100;

export const newPath = (now: number): PathState => ({
  phase: 'startup',
  windowBytes: START_BYTES,
  minRoundTripMs: Number.POSITIVE_INFINITY,
  drainedAt: now,
  bytesPerSec: 0,
  round: { startedAt: now, arrivedBytes: 0, wasFull: false, roundTripMs: UNKNOWN_ROUND_TRIP_MS },
  roundTripMs: undefined,
  latestMs: undefined,
  flatRounds: 0,
  bestBytesPerSec: 0,
  restoreBytes: 0,
  quickAt: Number.NEGATIVE_INFINITY,
  isCpuBound: false,
});

/** Takes one sample; the window changes only where a round ends. */
export function stepPath(state: PathState, sample: PathSample): PathState {
  const seen = withRoundTrip(state, sample);
  const round = { ...seen.round, wasFull: seen.round.wasFull || sample.isFull };
  const elapsedMs = sample.now - round.startedAt;
  const isOver = elapsedMs >= round.roundTripMs + LOOKING_MS && seen.roundTripMs !== undefined;
  if (!isOver) return { ...seen, round };
  const bytesPerSec = ((sample.arrivedBytes - round.arrivedBytes) * 1000) / elapsedMs;
  const measured = { ...seen, round, bytesPerSec };
  return {
    ...endRound(measured, sample),
    roundTripMs: undefined,
    round: nextRound(measured, sample),
  };
}

/**
 * Bytes waiting in queues of the path, as time. Two witnesses, and the milder one counts: this round's round trip over
 * the shortest known one and over what a busy machine adds to any; and what was on the way over what
 * arrived in the time of the shortest round trip (Vegas' difference), which a late answer can't fake.
 */
function queueMsOf(
  { roundTripMs, minRoundTripMs, windowBytes, bytesPerSec }: PathState,
  lateMs: number,
): number {
  // A round without a round trip does not end.
  const byDelayMs = roundTripMs! - minRoundTripMs - Math.max(noiseMs(minRoundTripMs), lateMs);
  const byRateMs = (windowBytes * 1000) / bytesPerSec - minRoundTripMs;
  return Math.max(0, Math.min(byDelayMs, byRateMs));
}

const noiseMs = (minRoundTripMs: number) => Math.max(NOISE_MS, minRoundTripMs * NOISE_SHARE);

const nextRound = (
  { roundTripMs }: PathState,
  { now, arrivedBytes, isFull }: PathSample,
): Round => ({
  startedAt: now,
  arrivedBytes,
  wasFull: isFull,
  roundTripMs: roundTripMs ?? UNKNOWN_ROUND_TRIP_MS,
});

function withRoundTrip(state: PathState, { roundTripMs, now, jitterMs }: PathSample): PathState {
  if (roundTripMs === undefined) return state;
  const isOfThisWindow = now - state.round.startedAt >= state.round.roundTripMs;
  const quickMs = Math.min(jitterMs ** 2, MOST_QUICK_MS);
  return {
    ...state,
    latestMs: roundTripMs,
    roundTripMs: isOfThisWindow
      ? Math.min(roundTripMs, state.roundTripMs ?? roundTripMs)
      : state.roundTripMs,
    minRoundTripMs: Math.min(state.minRoundTripMs, roundTripMs),
    quickAt: isOfThisWindow && roundTripMs <= state.minRoundTripMs + quickMs ? now : state.quickAt,
  };
}

function endRound(state: PathState, { now, jitterMs }: PathSample): PathState {
  const isBusy = jitterMs > BUSY_JITTER_MS;
  const isShort = state.minRoundTripMs < SHORT_ROUND_TRIP_MS;
  switch (state.phase) {
    case 'startup':
      return startUp(state);
    case 'steady':
      // Before a drain is thought of: there is no queue to look behind, and each would cost a hundredth of the rate.
      if (isBusy && isShort) {
        if (state.quickAt > state.round.startedAt) return { ...widen(state), drainedAt: now };
        if (state.isCpuBound && now - state.quickAt < QUICK_FOR_MS) return state;
      }
      if (now - state.drainedAt > DRAIN_EVERY_MS && state.round.wasFull) return drain(state);
      return {
        ...steer(
          state,
          isBusy ? BUSY_QUEUE_MS : QUEUE_MS,
          isShort ? 0 : Math.min(jitterMs ** 2, MOST_LATE_MS),
        ),
        isCpuBound: false,
      };
    case 'drain':
      // What was measured with the queue drained is the path as it is now, shorter or longer than before.
      return {
        ...state,
        phase: 'steady',
        windowBytes: state.restoreBytes,
        minRoundTripMs: state.roundTripMs!,
        drainedAt: now,
      };
  }
}

function startUp(state: PathState): PathState {
  if (!state.round.wasFull) return state;
  const { bytesPerSec, bestBytesPerSec, windowBytes, minRoundTripMs } = state;
  const isGrowing = bytesPerSec > bestBytesPerSec * 1.1;
  const flatRounds = isGrowing ? 0 : state.flatRounds + 1;
  const best = Math.max(bytesPerSec, bestBytesPerSec);
  // The newest answer shows a queue first, but one late answer is no queue: then a round without growth tells.
  const isSuspect = (state.latestMs ?? 0) > minRoundTripMs + noiseMs(minRoundTripMs);
  // Whatever the CPU does: it grows too fast here to give it the benefit of the doubt.
  const isFull = queueMsOf(state, 0) > 0 || flatRounds >= 3;
  if (isFull) {
    const holdsBytes = (best * minRoundTripMs) / 1000;
    return {
      ...state,
      phase: 'steady',
      flatRounds: 0,
      bestBytesPerSec: best,
      windowBytes: clampWindow(Math.min(windowBytes, holdsBytes + queueBytes(best, QUEUE_MS))),
    };
  }
  const gain = isSuspect ? 1 : STARTUP_GAIN;
  return { ...state, flatRounds, bestBytesPerSec: best, windowBytes: windowBytes * gain };
}

/** FAST TCP's update, halfway each round: to the window at which just `queueBytes` wait. */
function steer(state: PathState, keptMs: number, lateMs: number): PathState {
  const { windowBytes, minRoundTripMs, bytesPerSec } = state;
  const queueMs = queueMsOf(state, lateMs);
  const share = minRoundTripMs / (minRoundTripMs + queueMs);
  const fastTarget = windowBytes * share + queueBytes(bytesPerSec, keptMs);
  const target =
    queueMs === 0 ? Math.max(fastTarget, windowBytes * (2 * STEADY_GAIN - 1)) : fastTarget;
  // A window that holds nobody back says nothing about the path: it must not grow on that.
  if (target > windowBytes && !state.round.wasFull) return state;
  const next = (windowBytes + target) / 2;
  return { ...state, windowBytes: clampWindow(Math.min(next, windowBytes * 1.25)) };
}

function widen(state: PathState): PathState {
  const { windowBytes, minRoundTripMs, round } = state;
  const next = windowBytes * (1 + STEP_MS / minRoundTripMs);
  const wider = Math.max(windowBytes, Math.min(next, CPU_BOUND_BYTES));
  return { ...state, isCpuBound: true, windowBytes: round.wasFull ? wider : windowBytes };
}

function drain(state: PathState): PathState {
  const holdsBytes = (state.bytesPerSec * state.minRoundTripMs) / 1000;
  return {
    ...state,
    phase: 'drain',
    restoreBytes: state.windowBytes,
    windowBytes: clampWindow(holdsBytes * 0.7),
  };
}

const queueBytes = (bytesPerSec: number, keptMs: number) =>
  Math.min(Math.max((bytesPerSec * keptMs) / 1000, MIN_QUEUE_BYTES), MAX_QUEUE_BYTES);

const clampWindow = (bytes: number) => Math.max(bytes, MIN_BYTES);
