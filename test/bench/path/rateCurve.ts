/** How many bytes had arrived when. */
export interface Sample {
  /** Epoch ms. */
  readonly at: number;
  readonly bytes: number;
}

export interface RateSummary {
  /** From the start to the end. */
  readonly meanBytesPerSec: number;
  /** Over the second half of the time: what is left when starting is over. */
  readonly finalBytesPerSec: number;
  /** From the start until the rate over a second first is half the final one; undefined if it never is. */
  readonly halfRateAfterMs: number | undefined;
}

export interface RatePoint {
  readonly seconds: number;
  readonly bytesPerSec: number;
}

/** Rates are taken over this long: a verified block can be a second's worth on a slow path. */
const WINDOW_MS = 1_000;

/** `samples` may go on after `to`, and should: see {@link bytesAt}. */
export function summarize(samples: readonly Sample[], from: number, to: number): RateSummary {
  const finalBytesPerSec = rateBetween(samples, from, [(from + to) / 2, to]);
  const half = rateCurve(samples, from, to).find(
    ({ bytesPerSec }) => bytesPerSec > 0 && bytesPerSec >= finalBytesPerSec / 2,
  );
  return {
    meanBytesPerSec: rateBetween(samples, from, [from, to]),
    finalBytesPerSec,
    halfRateAfterMs: half === undefined ? undefined : half.seconds * 1000,
  };
}

/** The rate ten times a second, each over the second before it; less at the start, where nothing was before. */
export function rateCurve(
  samples: readonly Sample[],
  from: number,
  to: number,
): readonly RatePoint[] {
  const changes = changesFrom(samples, from);
  const points: RatePoint[] = [];
  for (let at = from; at <= to; at += WINDOW_MS / 10) {
    const bytes = bytesAt(changes, at) - bytesAt(changes, at - WINDOW_MS);
    points.push({ seconds: (at - from) / 1000, bytesPerSec: (bytes / WINDOW_MS) * 1000 });
  }
  return points;
}

/** Bytes a second between two moments of a run that started at `from`. */
export function rateBetween(
  samples: readonly Sample[],
  from: number,
  [begin, end]: readonly [number, number],
): number {
  const changes = changesFrom(samples, from);
  return end > begin
    ? ((bytesAt(changes, end) - bytesAt(changes, begin)) / (end - begin)) * 1000
    : 0;
}

/** Nothing at the start, then every sample that says more than the one before. */
function changesFrom(samples: readonly Sample[], from: number): readonly Sample[] {
  const changes = [{ at: from, bytes: 0 }];
  for (const sample of samples)
    if (sample.at > from && sample.bytes > changes.at(-1)!.bytes) changes.push(sample);
  return changes;
}

/**
 * Straight between two changes, because bytes count by the block and a block is many packets; flat
 * before the first and after the last, so a run needs a change after its end to count to the full.
 */
function bytesAt(changes: readonly Sample[], at: number): number {
  const next = changes.findIndex((sample) => sample.at > at);
  if (next === -1) return changes.at(-1)?.bytes ?? 0;
  const [before, after] = [changes[next - 1], changes[next]!];
  if (before === undefined) return 0;
  const share = (at - before.at) / (after.at - before.at);
  return before.bytes + share * (after.bytes - before.bytes);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return sorted.length === 0 ? Number.NaN : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
