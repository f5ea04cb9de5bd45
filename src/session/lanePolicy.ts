import type { LinkPath } from '../ports/link.ts';

/** Decides how many lanes a sender opens on a link, 1 to 32. */
export interface LanePolicy {
  /** `path` is undefined while ICE's choice is not known yet. */
  lanesFor(path: LinkPath | undefined): number;
}

/**
 * The same number on every direct path. Four lanes cost nothing on a fast path and are worth up to four
 * times one lane on a long or lossy one (design.md section 7). A relay carries every byte twice, so
 * it gets two.
 */
export const fixedLanes = (direct = 4, relay = 2): LanePolicy => ({
  lanesFor: (path) => (path?.kind === 'relay' ? relay : direct),
});
