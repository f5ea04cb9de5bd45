/**
 * Raw channels and Sluice over emulated paths: a table, and JSON and a plot a path in test-output/bench.
 *
 *   node test/run.mjs test/bench/wan.ts --paths 100ms-100mbit --only sluice --seconds 15 --urgent
 *
 * --paths    names of path/pathSettings.ts, with commas; default all
 * --only     sluice or raw; default both, in turn
 * --lanes    lane counts of the raw runs; default 1,2,4,8,16,32
 * --seconds  how long each run is watched from accepting; default 15
 * --mb       Sluice instead sends that much and is watched until it is done
 * --rounds   default 1; the table shows medians
 * --dist     a build to measure; default dist. It is copied first, so building meanwhile is safe
 * --broker-delay  ms each way between the pages and the broker; default 0
 * --decide   ms the receiver looks at the proposal before accepting; default 1500
 * --urgent   the browsers come before all other work of the machine (root, Linux). On a busy machine their
 *            sockets overflow otherwise, which no path does: see "by the browsers' sockets"
 * --no-check leaves out measuring the path against its settings (4 to 8 s a path)
 *
 * A link's rate counts the headers of IP and UDP, as a real one's does: of each packet at most 93 % are
 * payload. `final` is the rate over the second half of a run, `mean` the rate over all of it.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Measured, measure, type Subject } from './path/measure.ts';
import { checkLine, Outcome, runLine, secondsLine, tableOf } from './path/outcome.ts';
import { Path } from './path/path.ts';
import { NAMED_PATHS, type NamedPath } from './path/pathSettings.ts';
import { sourceFile } from './path/sourceFile.ts';
import { writeOutcome } from './path/writeOutcome.ts';

const MB = 1e6;

/** Sluice's file on a path without a limit is as if it had this one, bytes a second. */
const UNLIMITED_BYTES_PER_SEC = 40 * MB;

/** A run that is watched until it is done, however slow the path. */
const NO_LIMIT_SECONDS = 3600;

const { values: options } = parseArgs({
  options: {
    paths: { type: 'string', default: NAMED_PATHS.map(({ name }) => name).join(',') },
    only: { type: 'string', default: 'sluice,raw' },
    lanes: { type: 'string', default: '1,2,4,8,16,32' },
    seconds: { type: 'string', default: '15' },
    mb: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    dist: { type: 'string', default: 'dist' },
    'broker-delay': { type: 'string', default: '0' },
    decide: { type: 'string', default: '1500' },
    urgent: { type: 'boolean', default: false },
    'no-check': { type: 'boolean', default: false },
  },
});

const kinds = new Set(options.only.split(','));
const subjects: readonly Subject[] = [
  ...(kinds.has('raw')
    ? options.lanes.split(',').map((count) => ({ kind: 'raw', lanes: Number(count) }) as const)
    : []),
  ...(kinds.has('sluice') ? [{ kind: 'sluice' } as const] : []),
];

function namedPath(name: string): NamedPath {
  const found = NAMED_PATHS.find((path) => path.name === name);
  if (found !== undefined) return found;
  throw new Error(`no path ${name}; there are ${NAMED_PATHS.map((path) => path.name).join(', ')}`);
}

async function measurePath(path: NamedPath, dist: string): Promise<Outcome> {
  const check = options['no-check'] ? undefined : await checkOf(path);
  if (check !== undefined) console.log(`${path.name}: ${checkLine(check)}`);
  const limit = path.settings?.forward.rateBytesPerSec;
  const runs: Measured[] = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const subject of subjects) {
      const measured = await measureOnce(path, subject, dist);
      runs.push(measured);
      console.log(`${path.name} ${runLine(measured, limit)}`);
      if (subject.kind === 'sluice') console.log(`  ${secondsLine(measured.run)}`);
    }
  }
  return new Outcome(path, check, runs);
}

async function checkOf({ settings }: NamedPath) {
  if (settings === undefined) return undefined;
  const path = await Path.open(settings);
  const check = await path.check();
  await path.close();
  return check;
}

async function measureOnce(path: NamedPath, subject: Subject, dist: string): Promise<Measured> {
  const isWhole = options.mb !== undefined && subject.kind === 'sluice';
  const seconds = isWhole ? NO_LIMIT_SECONDS : Number(options.seconds);
  // As much as the link can carry in that time: not done before it is over.
  const sizeBytes =
    options.mb === undefined
      ? (seconds + 2) * (path.settings?.forward.rateBytesPerSec ?? UNLIMITED_BYTES_PER_SEC)
      : Number(options.mb) * MB;
  return measure(path, subject, {
    dist,
    seconds,
    file: await sourceFile(Math.ceil(sizeBytes)),
    isUrgent: options.urgent,
    decideMs: Number(options.decide),
    brokerDelayMs: Number(options['broker-delay']),
  });
}

const folder = await mkdtemp(join(tmpdir(), 'sluice-wan-'));
try {
  const dist = join(folder, 'site');
  await cp(options.dist, dist, { recursive: true });
  const outcomes: Outcome[] = [];
  for (const path of options.paths.split(',').map(namedPath)) {
    const outcome = await measurePath(path, dist);
    outcomes.push(outcome);
    await writeOutcome(outcome);
  }
  console.log(`\n${tableOf(outcomes)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
// PeerServer's timers cannot be stopped and would keep the process alive.
process.exit();
