import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Line, linePlot } from './linePlot.ts';
import type { Measured } from './measure.ts';
import type { Outcome } from './outcome.ts';
import type { PathReport } from './pathProcess.ts';
import { rateCurve } from './rateCurve.ts';

const FOLDER = join('test-output', 'bench');

const MB = 1e6;

/** Pings are drawn as the median of this many, or single late ones hide the rest. */
const PINGS_PER_POINT = 5;

const SLUICE_COLOR = '#c2410c';
const WIRE_COLOR = '#fb923c';
const LIMIT_COLOR = '#999';
const RAW_COLORS = ['#94a3b8', '#60a5fa', '#2563eb', '#0d9488', '#65a30d', '#7c3aed'] as const;

/** Writes `wan-<path>.json` and `.svg` of all runs over a path, over those of an earlier time. */
export async function writeOutcome(outcome: Outcome): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const file = join(FOLDER, `wan-${outcome.path.name}`);
  await writeFile(`${file}.json`, `${JSON.stringify(jsonOf(outcome), undefined, 1)}\n`);
  await writeFile(`${file}.svg`, plotOf(outcome));
}

function jsonOf(outcome: Outcome) {
  return {
    path: outcome.path,
    check: outcome.check,
    limitBytesPerSec: outcome.limit,
    sluice: outcome.sluice,
    raw: Object.fromEntries(outcome.raw),
    bestRawLanes: outcome.bestRaw?.lanes,
    runs: outcome.runs.map(({ run, report, ...measured }) => ({
      ...measured,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      codeToProposalMs: run.codeToProposalMs,
      acceptToFirstBytesMs: run.acceptToFirstBytesMs,
      samples: run.samples.map(({ at, bytes }) => [Math.round(at - run.startedAt), bytes]),
      lanes: run.lanes.map(({ at, lanes }) => [Math.round(at - run.startedAt), lanes]),
      packets: report && { forward: report.forward, back: report.back },
      ownDrops: report?.ownDrops,
      browserDrops: report?.browserDrops,
    })),
  };
}

function plotOf(outcome: Outcome): string {
  const sluice = outcome.typical(({ kind }) => kind === 'sluice');
  const raws = [...outcome.raw.keys()].map((lanes) => ({
    lanes,
    measured: outcome.typical((subject) => subject.kind === 'raw' && subject.lanes === lanes),
  }));
  const rates: Line[] = raws.flatMap(({ lanes, measured }, i) =>
    measured === undefined ? [] : [rateLine(measured, `raw ${lanes}`, RAW_COLORS[i % 6]!, 1)],
  );
  const panels = [];
  if (sluice !== undefined) rates.push(rateLine(sluice, 'Sluice', SLUICE_COLOR, 2.5));
  if (sluice?.report !== undefined) rates.push(wireLine(sluice, sluice.report));
  if (outcome.limit !== undefined) rates.push(limitLine(outcome.limit, outcome.runs));
  panels.push({ title: 'MB/s, over the last second', heightPx: 260, lines: rates });
  if (sluice !== undefined) {
    panels.push({ title: 'lanes of Sluice', heightPx: 90, lines: [lanesLine(sluice)] });
    if (sluice.report !== undefined)
      panels.push({ title: 'RTT with Sluice, ms', heightPx: 110, lines: [rttLine(sluice)] });
  }
  return linePlot(`Path ${outcome.path.name}`, panels);
}

const rateLine = ({ run }: Measured, name: string, color: string, width: number): Line => ({
  name,
  color,
  width,
  points: rateCurve(run.samples, run.startedAt, run.endedAt).map(
    ({ seconds, bytesPerSec }) => [seconds, bytesPerSec / MB] as const,
  ),
});

/** With headers and repeats, and without waiting for blocks to be whole. */
function wireLine({ run }: Measured, { wire }: PathReport): Line {
  const before = wire.findLast(({ at }) => at <= run.startedAt)?.forwardBytes ?? 0;
  const samples = wire.map(({ at, forwardBytes }) => ({ at, bytes: forwardBytes - before }));
  const points = rateCurve(samples, run.startedAt, run.endedAt).map(
    ({ seconds, bytesPerSec }) => [seconds, bytesPerSec / MB] as const,
  );
  return { name: 'its packets', color: WIRE_COLOR, width: 1, points };
}

function limitLine(limit: number, runs: readonly Measured[]): Line {
  const y = limit / MB;
  const seconds = Math.max(...runs.map(({ run }) => (run.endedAt - run.startedAt) / 1000));
  return {
    name: 'the link',
    color: LIMIT_COLOR,
    width: 1,
    isDashed: true,
    points: [
      [0, y],
      [seconds, y],
    ],
  };
}

function lanesLine({ run }: Measured): Line {
  const points = run.lanes
    .filter(({ at }) => at >= run.startedAt && at <= run.endedAt)
    .map(({ at, lanes }) => [(at - run.startedAt) / 1000, lanes] as const);
  return { name: 'lanes', color: SLUICE_COLOR, width: 1.5, points };
}

function rttLine({ run, report }: Measured): Line {
  const pings = (report?.pings ?? []).filter(({ at }) => at >= run.startedAt && at <= run.endedAt);
  const points: [number, number][] = [];
  for (let i = 0; i + PINGS_PER_POINT <= pings.length; i += PINGS_PER_POINT) {
    const group = pings.slice(i, i + PINGS_PER_POINT).toSorted((a, b) => a.rttMs - b.rttMs);
    const middle = group[PINGS_PER_POINT >> 1]!;
    points.push([(pings[i]!.at - run.startedAt) / 1000, middle.rttMs]);
  }
  return { name: 'ping', color: SLUICE_COLOR, width: 1.5, points };
}
