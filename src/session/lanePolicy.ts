import type { LinkPath } from '../ports/link.ts';

/** Decides how many lanes a sender begins with on a link, and may try at most, 1 to 32. */
export interface LanePolicy {
  /** `path` is undefined while ICE's choice is not known yet; `byteCount` are to be sent. */
  lanesFor(
    path: LinkPath | undefined,
    byteCount: number,
  ): { readonly initial: number; readonly max: number };
}

/** Shorter round trips are a local network, where the CPU is the limit, ms. */
const LOCAL_ROUND_TRIP_MS = 8;

/** Whether both ends are known to be on one local network. */
export const isLocal = (path: LinkPath | undefined): boolean =>
  path?.roundTripMs !== undefined && path.roundTripMs < LOCAL_ROUND_TRIP_MS;

/**
 * On a local network more lanes keep more packets waiting at every step, and what waits together is handled together, while none overflows
 * its socket (`LOCAL_BYTES` of `flow/sendPace.ts`): 24 lanes carried a tenth more than four between two Chromiums and a third more to Firefox; 32 carry a tenth
 * more than 24 to Firefox, and 48 or 64 no more than 32. Opening them later costs more than it brings.
 */
const LOCAL_LANES = 32;
const FAR_LANES = 8;
/** It may turn out to be a relay. */
const UNKNOWN_LANES = 4;
/** From here on, ms, one lane carries little, and finding out how many more are needed takes seconds: so all there may be. */
const VERY_FAR_ROUND_TRIP_MS = 80;
const VERY_FAR_LANES = 32;
/** Less than this a lane is not worth its connection, bytes; and with one lane nothing would make up for it. */
const WORTH_A_LANE_BYTES = 256 * 1024;
const LEAST_LANES = 2;

/**
 * Lanes are opened while the person decides, so those to begin with cost no time; more where the data plane finds
 * that more bring more (`flow/laneControl.ts`). A relay carries every byte twice, so it gets two.
 */
export const adaptiveLanes = (max: number): LanePolicy => ({
  lanesFor: (path, byteCount) => {
    if (path?.kind === 'relay') return { initial: 2, max: 2 };
    const worth = Math.max(Math.ceil(byteCount / WORTH_A_LANE_BYTES), LEAST_LANES);
    return { initial: Math.min(initialLanes(path), worth, max), max };
  },
});

function initialLanes(path: LinkPath | undefined): number {
  if (path === undefined) return UNKNOWN_LANES;
  const { roundTripMs } = path;
  if (roundTripMs === undefined || isLocal(path)) return LOCAL_LANES;
  return roundTripMs < VERY_FAR_ROUND_TRIP_MS ? FAR_LANES : VERY_FAR_LANES;
}
