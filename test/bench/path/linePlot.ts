/** Points of one line, in the units of its axes. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly color: string;
  readonly width: number;
  readonly isDashed?: boolean;
}

/** One diagram of several that share their x axis. */
export interface Panel {
  readonly title: string;
  readonly heightPx: number;
  readonly lines: readonly Line[];
}

const WIDTH = 860;
const LEFT = 56;
const RIGHT = 150;
const TOP = 34;
const GAP = 40;
const LEGEND_STEP = 15;

/** A picture of panels one above the other, seconds to the right. @returns an SVG document */
export function linePlot(title: string, panels: readonly Panel[]): string {
  const maxX = largest(
    panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(([x]) => x))),
  );
  let top = TOP;
  const drawn = panels.map((panel) => {
    const text = drawPanel(panel, top, maxX);
    top += panel.heightPx + GAP;
    return text;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}"`,
    ' font-family="sans-serif" font-size="11" fill="#333">',
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${LEFT}" y="16" font-size="14">${escaped(title)}</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, heightPx, lines }: Panel, top: number, maxX: number): string {
  const maxY = largest(lines.flatMap(({ points }) => points.map(([, y]) => y))) * 1.08;
  const right = WIDTH - RIGHT;
  const bottom = top + heightPx;
  const x = (value: number) => round(LEFT + (value / maxX) * (right - LEFT));
  const y = (value: number) => round(bottom - (value / maxY) * heightPx);
  const grid = ticks(maxY, heightPx / 40).map(
    (value) =>
      `<path d="M${LEFT} ${y(value)}H${right}" stroke="#ddd"/>` +
      `<text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
  );
  const seconds = ticks(maxX, 10).map(
    (value) => `<text x="${x(value)}" y="${bottom + 14}" text-anchor="middle">${value} s</text>`,
  );
  const drawn = lines.map(({ points, color, width, isDashed }) => {
    const path = points.map(([px, py]) => `${x(px)} ${y(py)}`).join('L');
    const dash = isDashed === true ? ' stroke-dasharray="5 4"' : '';
    return `<path d="M${path}" fill="none" stroke="${color}" stroke-width="${width}"${dash}/>`;
  });
  const legend = lines.map(({ name, color }, i) => {
    const at = top + 10 + i * LEGEND_STEP;
    return (
      `<rect x="${right + 12}" y="${at - 7}" width="10" height="4" fill="${color}"/>` +
      `<text x="${right + 28}" y="${at}">${escaped(name)}</text>`
    );
  });
  const heading = `<text x="${LEFT}" y="${top - 4}" fill="#666">${escaped(title)}</text>`;
  return [heading, ...grid, ...seconds, ...drawn, ...legend].join('\n');
}

/** Round numbers from 0 to `max`, about `count` of them. */
function ticks(max: number, count: number): readonly number[] {
  const raw = max / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= raw) ?? raw;
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, i) =>
    Number((i * step).toFixed(6)),
  );
}

const largest = (values: readonly number[]) =>
  values.reduce((max, value) => (Number.isFinite(value) && value > max ? value : max), 1e-9);

const round = (value: number) => Math.round(value * 10) / 10;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
