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

export function summarize(samples: readonly Sample[], from: number, to: number): RateSummary {
  const finalBytesPerSec = rateBetween(samples, (from + to) / 2, to);
  const half = rateCurve(samples, from, to).find(
    ({ bytesPerSec }) => bytesPerSec > 0 && bytesPerSec >= finalBytesPerSec / 2,
  );
  return {
    meanBytesPerSec: rateBetween(samples, from, to),
    finalBytesPerSec,
    halfRateAfterMs: half === undefined ? undefined : half.seconds * 1000,
  };
}

/** The rate ten times a second, each over the second before it. */
export function rateCurve(
  samples: readonly Sample[],
  from: number,
  to: number,
): readonly RatePoint[] {
  const points: RatePoint[] = [];
  for (let at = from; at <= to; at += WINDOW_MS / 10) {
    const begin = Math.max(from, at - WINDOW_MS);
    points.push({
      seconds: (at - from) / 1000,
      // Over a full second also at the start, where there was nothing before.
      bytesPerSec: ((bytesAt(samples, at) - bytesAt(samples, begin)) / WINDOW_MS) * 1000,
    });
  }
  return points;
}

export const rateBetween = (samples: readonly Sample[], from: number, to: number) =>
  to > from ? ((bytesAt(samples, to) - bytesAt(samples, from)) / (to - from)) * 1000 : 0;

/** Straight between two samples, flat before the first and after the last. */
function bytesAt(samples: readonly Sample[], at: number): number {
  const next = samples.findIndex((sample) => sample.at > at);
  if (next === -1) return samples.at(-1)?.bytes ?? 0;
  const [before, after] = [samples[next - 1], samples[next]!];
  if (before === undefined) return after.bytes;
  const share = (at - before.at) / (after.at - before.at);
  return before.bytes + share * (after.bytes - before.bytes);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return sorted.length === 0 ? Number.NaN : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
