import type { LinkPath } from '../ports/link.ts';
import { isLocal } from './lanePolicy.ts';

/**
 * How often round trips are measured while something is being sent, ms: a few times in each round of the window (`flow/pathControl.ts`). Each
 * measurement wakes six threads, and below 40 ms the CPU is often what bytes wait for: half as many carry a twentieth more at 20 ms.
 */
const INTERVAL_MS = 50;
const NEAR_INTERVAL_MS = 100;
const NEAR_ROUND_TRIP_MS = 40;

/** Undefined on a local network, where nothing is steered by them. */
export function soundingIntervalMs(path: LinkPath | undefined): number | undefined {
  if (isLocal(path)) return undefined;
  return (path?.roundTripMs ?? NEAR_ROUND_TRIP_MS) < NEAR_ROUND_TRIP_MS
    ? NEAR_INTERVAL_MS
    : INTERVAL_MS;
}
