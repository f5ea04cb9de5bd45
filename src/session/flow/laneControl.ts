/**
 * How many lanes a link should have: more while more bring more. One lane's Reno is halved by every lost packet, so
 * on a long or lossy path many lanes reach what one cannot; where the path itself is full, or near,
 * another lane brings nothing. Pure: tries a number, looks what it brought, keeps it or gives it back.
 */
export interface LaneState {
  /** Lanes wanted now. */
  readonly count: number;
  readonly trial: Trial | undefined;
  /** The lanes, and not the path, have held the sender back since then; undefined when they do not. */
  readonly limitedSince: number | undefined;
  /** Not tried again before this, ms of the samples' clock. */
  readonly retryAt: number;
  /** How long the next fruitless trial keeps us from trying again. */
  readonly retryMs: number;
}

interface Trial {
  readonly previousCount: number;
  readonly bytesPerSecBefore: number;
  /** When all lanes had opened and found their speed, and what had arrived by then; undefined until then. */
  readonly settled: { readonly at: number; readonly arrivedBytes: number } | undefined;
  /** When all lanes were open; undefined until then. */
  readonly openedAt: number | undefined;
  readonly startedAt: number;
}

export interface LaneSample {
  readonly now: number;
  /** Bytes known to have arrived since the beginning; never falls. */
  readonly arrivedBytes: number;
  /** Arrived bytes a second over the last second or so, and over the last few: a second can be lucky or unlucky. */
  readonly bytesPerSec: number;
  readonly longBytesPerSec: number;
  readonly openLanes: number;
  readonly minRoundTripMs: number;
  /** Every lane is full although the path's window is not. */
  readonly areLanesFull: boolean;
  readonly maxLanes: number;
  /** Most bytes on the way over all lanes. */
  readonly windowBytes: number;
  /** This machine is the limit: more lanes would only cost more of it. */
  readonly isBusy: boolean;
  /** The CPU is the limit and not the path: a local network, or a short path between busy machines. */
  readonly isCpuBound: boolean;
}

/**
 * What a lane carries well on a long path, bytes: about what Reno leaves it where one packet in a thousand is lost. While a lost packet is missing, dcSCTP sends it again for every third SACK (3,000 packets for some forty
 * lost ones were seen on a lane with 400 on the way), so a loss costs the square of what is on the way on its lane; and a burst of more
 * overflows the socket of a browser that is busy for a moment. Wide windows are shared by more lanes.
 */
const LANE_SHARE_BYTES = 48 * 1024;

/**
 * The same on shorter paths, up to so many times as much: there a lane is soon over a loss, and every lane costs CPU, which is what limits
 * wide windows of short round trips (20 ms: 8 lanes carry a sixth more than 24).
 */
const LONG_ROUND_TRIP_MS = 100;
const MOST_SHARES = 8;

/** Lanes must have been the limit for this long before more are tried, ms. */
const LIMITED_MS = 500;

/** A trial waits this long for its lanes to open, and then this long (and some round trips) for them to find their speed. */
const OPENING_MS = 5_000;
const SETTLING_MS = 1_000;
const SETTLING_ROUND_TRIPS = 6;

/**
 * What a trial must bring to be kept: in some second of it, more than luck brings; or else on average over some time, ms. On a lossy path
 * every second is another, and a trial that begins in the first rush, before any packet was lost, looks bad at first.
 */
const WORTH_IT = 1.3;
const WORTH_KEEPING = 1.05;
const PROBATION_MS = 7_000;

const FIRST_RETRY_MS = 15_000;
const LAST_RETRY_MS = 120_000;

export const newLanes = (count: number): LaneState => ({
  count,
  trial: undefined,
  limitedSince: undefined,
  retryAt: 0,
  retryMs: FIRST_RETRY_MS,
});

export function stepLanes(state: LaneState, sample: LaneSample): LaneState {
  const count = Math.min(Math.max(state.count, sharersOf(sample)), sample.maxLanes);
  if (state.trial !== undefined) return judge({ ...state, count }, state.trial, sample);
  const limitedSince = sample.areLanesFull ? (state.limitedSince ?? sample.now) : undefined;
  const next = { ...state, count, limitedSince };
  const isLong = limitedSince !== undefined && sample.now - limitedSince >= LIMITED_MS;
  const mayTry =
    isLong &&
    sample.now >= state.retryAt &&
    count < sample.maxLanes &&
    sample.openLanes >= count &&
    !sample.isBusy &&
    !sample.isCpuBound;
  if (!mayTry) return next;
  return {
    ...next,
    count: Math.min(count * 2, sample.maxLanes),
    limitedSince: undefined,
    trial: {
      previousCount: count,
      bytesPerSecBefore: Math.max(sample.bytesPerSec, sample.longBytesPerSec),
      settled: undefined,
      openedAt: undefined,
      startedAt: sample.now,
    },
  };
}

/** Lanes for a window as wide as this one, in steps of four. */
function sharersOf({ windowBytes, minRoundTripMs, isCpuBound }: LaneSample): number {
  if (isCpuBound) return 0;
  const shares = Math.min(Math.max(LONG_ROUND_TRIP_MS / minRoundTripMs, 1), MOST_SHARES);
  return 4 * Math.floor(windowBytes / (4 * shares * LANE_SHARE_BYTES));
}

function judge(state: LaneState, trial: Trial, sample: LaneSample): LaneState {
  if (trial.openedAt === undefined) {
    const isOpen = sample.openLanes >= state.count;
    const isLate = sample.now - trial.startedAt >= OPENING_MS;
    return isOpen || isLate ? { ...state, trial: { ...trial, openedAt: sample.now } } : state;
  }
  const settlingMs = SETTLING_MS + SETTLING_ROUND_TRIPS * sample.minRoundTripMs;
  if (sample.now - trial.openedAt < settlingMs) return state;
  if (sample.bytesPerSec >= trial.bytesPerSecBefore * WORTH_IT) return kept(state);
  const settled = trial.settled ?? { at: sample.now, arrivedBytes: sample.arrivedBytes };
  const watchedMs = sample.now - settled.at;
  if (watchedMs < PROBATION_MS) return { ...state, trial: { ...trial, settled } };
  const mean = ((sample.arrivedBytes - settled.arrivedBytes) * 1000) / watchedMs;
  if (mean >= trial.bytesPerSecBefore * WORTH_KEEPING) return kept(state);
  return {
    ...state,
    count: trial.previousCount,
    trial: undefined,
    retryAt: sample.now + state.retryMs,
    retryMs: Math.min(state.retryMs * 2, LAST_RETRY_MS),
  };
}

const kept = (state: LaneState): LaneState => ({
  ...state,
  trial: undefined,
  retryMs: FIRST_RETRY_MS,
});
