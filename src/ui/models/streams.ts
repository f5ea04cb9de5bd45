import type { LaneView } from '../../session/view.ts';
import { HISTORY_MS, type RateSample } from './rateHistory.ts';

/** Below this a lane counts as still, bytes a second. */
const STILL = 1000;
/** Height of the picture in px: so much a lane, within bounds. */
const LANE_PX = 12;
const LEAST_PX = 56;
const MOST_PX = 120;
/** What a still lane keeps: a line, so that it can be seen to be there and to stand still. */
const STILL_PX = 1.5;

export interface StreamsPicture {
  readonly heightPx: number;
  /** SVG path of the land between the streams, in a box 100 wide and `heightPx` high; fill rule even-odd. */
  readonly banks: string;
  readonly isFlowing: boolean;
}

/**
 * The lanes as streams of water. Each has an equal share of the height, and fills it in proportion to
 * its rate, the fastest lane filling its share. The land is drawn, and the water shows through: one
 * path however many lanes, over one moving surface.
 */
export function drawStreams(lanes: readonly LaneView[]): StreamsPicture {
  const heightPx = Math.min(MOST_PX, Math.max(LEAST_PX, lanes.length * LANE_PX));
  const share = heightPx / Math.max(1, lanes.length);
  const fastest = Math.max(STILL, ...lanes.map((lane) => lane.bytesPerSec));
  const holes = lanes.map((lane, index) => {
    const most = Math.min(share * 0.86, 30);
    const wide = Math.max(STILL_PX, (most * lane.bytesPerSec) / fastest);
    return streamPath((index + 0.5) * share, Math.min(most, Math.max(4, wide)), wide);
  });
  return {
    heightPx,
    banks: `M0 0H100V${heightPx}H0Z${holes.join('')}`,
    isFlowing: lanes.some((lane) => lane.bytesPerSec >= STILL),
  };
}

/** One stream around `y`: `mouth` wide at both gates, `body` wide between them. */
function streamPath(y: number, mouth: number, body: number): string {
  const [top, upper] = [round(y - mouth / 2), round(y - body / 2)];
  const [bottom, lower] = [round(y + mouth / 2), round(y + body / 2)];
  return (
    `M0 ${top}C6 ${top} 6 ${upper} 14 ${upper}H86C94 ${upper} 94 ${top} 100 ${top}` +
    `V${bottom}C94 ${bottom} 94 ${lower} 86 ${lower}H14C6 ${lower} 6 ${bottom} 0 ${bottom}Z`
  );
}

/** The area under the throughput of the last minute, as an SVG path in a box of 100 by `heightPx`. */
export function drawPlot(samples: readonly RateSample[], now: number, heightPx: number) {
  const most = Math.max(STILL, ...samples.map((sample) => sample.bytesPerSec));
  const points = samples.map((sample) => {
    const x = round(100 - ((now - sample.at) / HISTORY_MS) * 100);
    const y = round(heightPx - (sample.bytesPerSec / most) * (heightPx - 6));
    return `${Math.max(0, x)} ${y}`;
  });
  const first = points[0];
  if (first === undefined) return { area: '', line: '', most };
  const line = `M${points.join('L')}`;
  const startX = first.split(' ')[0] ?? '0';
  const endX = points[points.length - 1]?.split(' ')[0] ?? '100';
  return { area: `${line}L${endX} ${heightPx}L${startX} ${heightPx}Z`, line, most };
}

const round = (value: number) => Math.round(value * 100) / 100;
