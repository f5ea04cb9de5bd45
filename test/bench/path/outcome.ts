import { loadavg } from 'node:os';
import type { Measured, Subject } from './measure.ts';
import type { NamedPath } from './pathSettings.ts';
import type { PathCheck } from './probe.ts';
import { median, rateBetween } from './rateCurve.ts';
import type { Run } from './sluiceRun.ts';

const MB = 1e6;

/** What a subject reached on a path: medians over its runs. */
export interface Figures {
  readonly finalBytesPerSec: number;
  readonly meanBytesPerSec: number;
  readonly halfRateAfterMs: number;
  readonly idleRttMs: number;
  readonly loadedRttMs: number;
  readonly wirePerByte: number;
  readonly cpuSecondsPerGB: number;
  readonly senderPeakBytes: number;
  readonly receiverPeakBytes: number;
  readonly codeToProposalMs: number;
  readonly firstPacketMs: number;
}

/** The figures of a path without their curves. */
export interface OutcomeSummary {
  readonly path: string;
  readonly limitBytesPerSec: number | undefined;
  readonly rawBytesPerSec: Readonly<Record<string, number>>;
  readonly sluice: Figures | undefined;
  /** Sluice's final rate, of the best raw one and of the link's. */
  readonly perBestRaw: number | undefined;
  readonly perLink: number | undefined;
}

/** All runs over one path. */
export class Outcome {
  readonly path: NamedPath;
  readonly check: PathCheck | undefined;
  readonly runs: readonly Measured[];

  constructor(path: NamedPath, check: PathCheck | undefined, runs: readonly Measured[]) {
    this.path = path;
    this.check = check;
    this.runs = runs;
  }

  /** Bytes a second of the bottleneck from sender to receiver. */
  get limit(): number | undefined {
    return this.path.settings?.forward.rateBytesPerSec;
  }

  get sluice(): Figures | undefined {
    return figuresOf(this.runs.filter(({ subject }) => subject.kind === 'sluice'));
  }

  /** By lanes, ascending. */
  get raw(): ReadonlyMap<number, Figures> {
    const counts = this.runs.flatMap(({ subject }) =>
      subject.kind === 'raw' ? [subject.lanes] : [],
    );
    const figures = new Map<number, Figures>();
    for (const lanes of [...new Set(counts)].toSorted((a, b) => a - b)) {
      const found = figuresOf(
        this.runs.filter(({ subject }) => subject.kind === 'raw' && subject.lanes === lanes),
      );
      if (found !== undefined) figures.set(lanes, found);
    }
    return figures;
  }

  /** The lane count with the best final rate. */
  get bestRaw(): { readonly lanes: number; readonly figures: Figures } | undefined {
    const [best] = [...this.raw].toSorted(
      ([, a], [, b]) => b.finalBytesPerSec - a.finalBytesPerSec,
    );
    return best && { lanes: best[0], figures: best[1] };
  }

  get summary(): OutcomeSummary {
    const { path, limit, sluice, bestRaw } = this;
    const rate = sluice?.finalBytesPerSec;
    return {
      path: path.name,
      limitBytesPerSec: limit,
      rawBytesPerSec: Object.fromEntries(
        [...this.raw].map(([lanes, { finalBytesPerSec }]) => [lanes, finalBytesPerSec]),
      ),
      sluice,
      perBestRaw: rate && bestRaw && rate / bestRaw.figures.finalBytesPerSec,
      perLink: rate && limit && rate / limit,
    };
  }

  /** The run of a subject whose final rate is the middle one. */
  typical(isWanted: (subject: Subject) => boolean): Measured | undefined {
    const runs = this.runs
      .filter(({ subject }) => isWanted(subject))
      .toSorted((a, b) => a.rate.finalBytesPerSec - b.rate.finalBytesPerSec);
    return runs[runs.length >> 1];
  }
}

function figuresOf(runs: readonly Measured[]): Figures | undefined {
  if (runs.length === 0) return undefined;
  const middle = (value: (measured: Measured) => number | undefined) =>
    median(runs.map((each) => value(each) ?? Number.NaN));
  return {
    finalBytesPerSec: middle(({ rate }) => rate.finalBytesPerSec),
    meanBytesPerSec: middle(({ rate }) => rate.meanBytesPerSec),
    halfRateAfterMs: middle(({ rate }) => rate.halfRateAfterMs),
    idleRttMs: middle(({ idleRttMs }) => idleRttMs),
    loadedRttMs: middle(({ loadedRttMs }) => loadedRttMs),
    wirePerByte: middle(({ wirePerByte }) => wirePerByte),
    cpuSecondsPerGB: middle(({ cpuSecondsPerGB }) => cpuSecondsPerGB),
    senderPeakBytes: middle(({ senderPeakBytes }) => senderPeakBytes),
    receiverPeakBytes: middle(({ receiverPeakBytes }) => receiverPeakBytes),
    codeToProposalMs: middle(({ run }) => run.codeToProposalMs),
    firstPacketMs: middle(({ firstPacketMs }) => firstPacketMs),
  };
}

export const checkLine = (check: PathCheck) =>
  [
    `measured RTT ${fixed(check.medianRttMs, 1)} ms (max ${fixed(check.maxRttMs, 1)})`,
    `loss ${fixed(check.lossShare * 100, 3)} % of ${check.lossSample}`,
    check.rateBytesPerSec && `rate ${fixed((check.rateBytesPerSec * 8) / 1e6, 1)} Mbit/s`,
  ]
    .filter(Boolean)
    .join(', ');

/** One run in a line. */
export function runLine(measured: Measured, limit: number | undefined): string {
  const { subject, run, rate, report, wirePerByte, rivalBytesPerSec } = measured;
  const name = subject.kind === 'raw' ? `raw ${subject.lanes}` : 'Sluice';
  const share = (bytesPerSec: number) => (limit ? ` (${percent(bytesPerSec / limit)})` : '');
  return [
    `${name}: final ${megabytes(rate.finalBytesPerSec)} MB/s${share(rate.finalBytesPerSec)}`,
    `mean ${megabytes(rate.meanBytesPerSec)}${share(rate.meanBytesPerSec)}`,
    `half rate after ${fixed(rate.halfRateAfterMs, 0)} ms`,
    report && `RTT ${fixed(measured.idleRttMs, 0)} idle, ${fixed(measured.loadedRttMs, 0)} loaded`,
    subject.kind === 'sluice' &&
      `code to proposal ${fixed(run.codeToProposalMs, 0)} ms, first bytes ${fixed(measured.firstPacketMs, 0)} ms, verified ${fixed(run.acceptToFirstBytesMs, 0)} ms`,
    report &&
      `of ${report.forward.offered} packets lost ${report.forward.lost}, dropped at the queue ` +
        `${report.forward.dropped}, by the emulator ${report.ownDrops}, by the browsers' sockets ${report.browserDrops}; ${report.back.offered} came back`,
    rivalBytesPerSec !== undefined &&
      `beside it ${megabytes(rivalBytesPerSec)} MB/s${share(rivalBytesPerSec)}, ` +
        `${fixed(rivalBytesPerSec / rate.finalBytesPerSec, 2)} of it`,
    report && `${fixed(wirePerByte, 3)} on the wire per byte`,
    `${fixed(measured.cpuSecondsPerGB, 0)} CPU s/GB`,
    `machine ${percent(measured.busyShare)} busy, load ${fixed(loadavg()[0], 1)}`,
  ]
    .filter(Boolean)
    .join('; ');
}

/** MB/s and lanes of every second. */
export function secondsLine({ samples, lanes, startedAt, endedAt }: Run): string {
  const parts: string[] = [];
  for (let at = startedAt; at + 1000 <= endedAt; at += 1000) {
    const count = lanes.findLast((sample) => sample.at <= at + 1000)?.lanes ?? 0;
    parts.push(`${megabytes(rateBetween(samples, startedAt, [at, at + 1000]))}/${count}`);
  }
  return `MB/s per lanes, each second: ${parts.join(' ')}`;
}

/** What the issue asks of every path, side by side. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const head = [
    'path',
    'raw MB/s by lanes',
    'best raw',
    'Sluice',
    '÷ best raw',
    '÷ raw 1',
    '÷ link',
    'RTT idle',
    'loaded',
    '50 % after',
    'lanes',
    'wire/byte',
    'CPU s/GB',
    'code→proposal',
    'accept→byte',
  ];
  return columns([head, ...outcomes.map(rowOf)]);
}

function rowOf(outcome: Outcome): readonly string[] {
  const { sluice, bestRaw, raw, limit } = outcome;
  const rate = sluice?.finalBytesPerSec ?? Number.NaN;
  const ratio = (other: number | undefined) => (other ? fixed(rate / other, 2) : '–');
  const run = outcome.typical(({ kind }) => kind === 'sluice')?.run;
  return [
    outcome.path.name,
    [...raw].map(([lanes, each]) => `${lanes}:${megabytes(each.finalBytesPerSec)}`).join(' ') ||
      '–',
    bestRaw ? `${megabytes(bestRaw.figures.finalBytesPerSec)} (${bestRaw.lanes})` : '–',
    megabytes(rate),
    ratio(bestRaw?.figures.finalBytesPerSec),
    ratio(raw.get(1)?.finalBytesPerSec),
    ratio(limit),
    `${fixed(sluice?.idleRttMs, 0)} ms`,
    `${fixed(sluice?.loadedRttMs, 0)} ms`,
    `${fixed(sluice?.halfRateAfterMs, 0)} ms`,
    run === undefined ? '–' : lanesLine(run),
    fixed(sluice?.wirePerByte, 3),
    fixed(sluice?.cpuSecondsPerGB, 0),
    `${fixed(sluice?.codeToProposalMs, 0)} ms`,
    `${fixed(sluice?.firstPacketMs, 0)} ms`,
  ];
}

/** Every change of the lane count, as `4 8@3s 6@11s`. */
function lanesLine({ lanes, startedAt, endedAt }: Run): string {
  const within = lanes.filter(({ at }) => at <= endedAt);
  const changes = within.filter((sample, i) => sample.lanes !== within[i - 1]?.lanes);
  const begin = changes.findLast(({ at }) => at <= startedAt) ?? changes[0];
  const after = changes.filter(({ at }) => at > startedAt && begin !== undefined && at > begin.at);
  return [
    String(begin?.lanes ?? 0),
    ...after.map(({ at, lanes: count }) => `${count}@${fixed((at - startedAt) / 1000, 0)}s`),
  ].join(' ');
}

/** Lines with columns as wide as their widest cell. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const fixed = (value: number | undefined, digits: number) =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);

const megabytes = (bytes: number) => fixed(bytes / MB, 2);

const percent = (share: number) => `${fixed(share * 100, 0)} %`;
