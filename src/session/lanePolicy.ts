import type { LinkPath } from '../ports/link.ts';

/** Decides how many lanes a sender begins with on a link, and may try at most, 1 to 32. */
export interface LanePolicy {
  /** `path` is undefined while ICE's choice is not known yet. */
  lanesFor(path: LinkPath | undefined): { readonly initial: number; readonly max: number };
}

/**
 * Four lanes to begin with, opened while the person decides, so they cost no time; more where the data plane finds
 * that more bring more (`flow/laneControl.ts`). A relay carries every byte twice, so it gets two.
 */
export const adaptiveLanes = (max: number): LanePolicy => ({
  lanesFor: (path) =>
    path?.kind === 'relay' ? { initial: 2, max: 2 } : { initial: Math.min(4, max), max },
});
