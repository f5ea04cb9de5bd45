/**
 * Raw channels and Sluice over emulated paths.
 *
 *   node test/run.mjs test/bench/wan.ts --paths 100ms-100mbit --only sluice --seconds 15 --urgent
 *
 * --paths    names of path/pathSettings.ts, with commas; default all
 * --only     sluice or raw; default both, in turn
 * --seconds  how long each run is watched from accepting; default 15
 * --mb       instead: send that much and wait until it is done
 * --rounds   default 1; the table shows medians
 * --dist     a build to measure; default dist. It is copied first, so building meanwhile is safe
 * --urgent   the browsers come before all other work of the machine (root, Linux). On a busy machine their
 *            sockets overflow otherwise, which no path does: see "by the browsers' sockets"
 * --no-check leaves out measuring the path against its settings (4 to 8 s a path)
 *
 * A link's rate counts the headers of IP and UDP, as a real one's does: of each packet at most 93 % are
 * payload. `final` is the rate over the second half of a run, `mean` the rate over all of it.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openChromium } from '../e2e/harness/chromiumDriver.ts';
import type { Driver } from '../e2e/harness/driver.ts';
import { startServer } from '../server/server.ts';
import { ASSIGN_PATH, Path } from './path/path.ts';
import type { PathReport } from './path/pathProcess.ts';
import { NAMED_PATHS, type NamedPath } from './path/pathSettings.ts';
import type { PathCheck } from './path/probe.ts';
import { median, type RateSummary, rateBetween, summarize } from './path/rateCurve.ts';
import { type Run, runSluice } from './path/sluiceRun.ts';
import { sourceFile } from './path/sourceFile.ts';
import { makeUrgent } from './path/urgent.ts';

const MB = 1e6;

const { values: options } = parseArgs({
  options: {
    paths: { type: 'string' },
    only: { type: 'string', default: 'sluice,raw' },
    seconds: { type: 'string', default: '15' },
    mb: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    dist: { type: 'string', default: 'dist' },
    urgent: { type: 'boolean', default: false },
    'no-check': { type: 'boolean', default: false },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'sluice-wan-'));
const site = join(folder, 'site');

interface Measured {
  readonly run: Run;
  readonly rate: RateSummary;
  readonly report: PathReport | undefined;
  readonly idleRttMs: number | undefined;
  readonly loadedRttMs: number | undefined;
}

function chosenPaths(): readonly NamedPath[] {
  if (options.paths === undefined) return NAMED_PATHS;
  return options.paths.split(',').map((name) => {
    const found = NAMED_PATHS.find((path) => path.name === name);
    if (found !== undefined) return found;
    throw new Error(`no path ${name}; there are ${NAMED_PATHS.map((p) => p.name).join(', ')}`);
  });
}

/** Two new browsers on the ends of a new path. */
async function measure(
  { settings }: NamedPath,
  pageOf: (url: string) => string,
  run: (sender: Driver, receiver: Driver) => Promise<Run>,
): Promise<Measured> {
  const path = settings && (await Path.open(settings));
  const server = await startServer({
    port: 0,
    host: 'localhost',
    dist: site,
    extra: new Map([
      ['/bench', async (_, response) => void response.end('<!doctype html>bench')],
      ...(path === undefined ? [] : [[ASSIGN_PATH, path.handler] as const]),
    ]),
  });
  const sender = await openChromium();
  const receiver = await openChromium();
  if (options.urgent) for (const { pid } of [sender, receiver]) makeUrgent(pid);
  try {
    for (const [driver, side] of [
      [sender, 'sender'],
      [receiver, 'receiver'],
    ] as const) {
      await driver.goto(pageOf(server.url));
      await path?.place(driver, side);
    }
    const measured = await run(sender, receiver);
    const report = await path?.report();
    return {
      run: measured,
      rate: summarize(measured.samples, measured.startedAt, measured.endedAt),
      report,
      ...rttsOf(measured, report),
    };
  } finally {
    await sender.close();
    await receiver.close();
    await server.close();
    await path?.close();
  }
}

function rttsOf({ startedAt, endedAt }: Run, report: PathReport | undefined) {
  const medianRtt = (from: number, to: number) =>
    report &&
    median(report.pings.filter(({ at }) => at >= from && at < to).map(({ rttMs }) => rttMs));
  // The pages meet in the second before, which loads nothing.
  return { idleRttMs: medianRtt(0, startedAt), loadedRttMs: medianRtt(startedAt, endedAt) };
}

/** @returns a size that lasts `seconds` at the path's rate, or is not done by then */
function sizeFor({ settings }: NamedPath, seconds: number): number {
  if (options.mb !== undefined) return Number(options.mb) * MB;
  return Math.ceil(seconds * (settings?.forward.rateBytesPerSec ?? 40 * MB));
}

async function measurePath(path: NamedPath): Promise<void> {
  const limit = path.settings?.forward.rateBytesPerSec;
  const seconds = options.mb === undefined ? Number(options.seconds) : 3600;
  if (path.settings !== undefined && !options['no-check']) {
    const emulator = await Path.open(path.settings);
    console.log(`${path.name}: ${checkLine(await emulator.check())}`);
    await emulator.close();
  }
  const file = await sourceFile(sizeFor(path, seconds));
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const measured = await measure(
      path,
      (url) => url,
      (sender, receiver) => runSluice(sender, receiver, file, seconds),
    );
    console.log(`${path.name} Sluice: ${resultLine(measured, limit)}`);
    console.log(`  ${secondsLine(measured.run)}`);
  }
}

const checkLine = (check: PathCheck) =>
  [
    `measured RTT ${fixed(check.medianRttMs, 1)} ms (max ${fixed(check.maxRttMs, 1)})`,
    `loss ${fixed(check.lossShare * 100, 3)} % of ${check.lossSample}`,
    check.rateBytesPerSec && `rate ${fixed((check.rateBytesPerSec * 8) / 1e6, 1)} Mbit/s`,
  ]
    .filter(Boolean)
    .join(', ');

function resultLine({ run, rate, report, idleRttMs, loadedRttMs }: Measured, limit?: number) {
  const share = (bytesPerSec: number) =>
    limit === undefined ? '' : ` (${fixed((100 * bytesPerSec) / limit, 0)} % of the link)`;
  const ms = (value: number | undefined) => (value === undefined ? 'never' : fixed(value, 0));
  const forward = report?.forward;
  return [
    `final ${megabytes(rate.finalBytesPerSec)} MB/s${share(rate.finalBytesPerSec)}`,
    `mean ${megabytes(rate.meanBytesPerSec)}${share(rate.meanBytesPerSec)}`,
    `half rate after ${ms(rate.halfRateAfterMs)} ms`,
    `RTT ${ms(idleRttMs)} idle, ${ms(loadedRttMs)} loaded`,
    `code to proposal ${ms(run.codeToProposalMs)} ms`,
    `first bytes ${ms(run.acceptToFirstBytesMs)} ms`,
    forward &&
      `packets ${forward.offered}, lost ${forward.lost}, dropped at the queue ${forward.dropped}`,
    report && `by the emulator ${report.ownDrops}, by the browsers' sockets ${report.browserDrops}`,
    `load ${fixed(loadavg()[0] ?? 0, 1)}`,
  ]
    .filter(Boolean)
    .join('; ');
}

/** MB/s and lanes of every second. */
function secondsLine({ samples, lanes, startedAt, endedAt }: Run): string {
  const parts: string[] = [];
  for (let at = startedAt; at + 1000 <= endedAt; at += 1000) {
    const count = lanes.findLast((sample) => sample.at <= at + 1000)?.lanes ?? 0;
    parts.push(`${megabytes(rateBetween(samples, at, at + 1000))}/${count}`);
  }
  return `MB/s per lanes, each second: ${parts.join(' ')}`;
}

const fixed = (value: number, digits: number) => value.toFixed(digits);
const megabytes = (bytes: number) => fixed(bytes / MB, 2);

try {
  await cp(options.dist, site, { recursive: true });
  for (const path of chosenPaths()) await measurePath(path);
} finally {
  await rm(folder, { recursive: true, force: true });
}
// PeerServer's timers cannot be stopped and would keep the process alive.
process.exit();
