import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Measured, measure, type Subject } from './measure.ts';
import { checkLine, Outcome, runLine, secondsLine } from './outcome.ts';
import { Path } from './path.ts';
import { NAMED_PATHS, type NamedPath, pathNamed } from './pathSettings.ts';
import { sourceFile } from './sourceFile.ts';
import { writeOutcome } from './writeOutcome.ts';

const MB = 1e6;

/** Sluice's file on a path without a limit is as if it had this one, bytes a second. */
const UNLIMITED_BYTES_PER_SEC = 40 * MB;

/** A run that is watched until it is done, however slow the path. */
const NO_LIMIT_SECONDS = 3600;

export interface CampaignOptions {
  readonly paths: readonly NamedPath[];
  readonly subjects: readonly Subject[];
  readonly rounds: number;
  readonly seconds: number;
  /** Sluice sends this much and is watched until it is done, instead of for `seconds`. */
  readonly wholeBytes: number | undefined;
  /** Folder of a built app. It is copied first, so building meanwhile is safe. */
  readonly dist: string;
  readonly brokerDelayMs: number;
  readonly decideMs: number;
  readonly beside: 'nobody' | 'sluice' | 'tcp';
  readonly isUrgent: boolean;
  /** Whether every path is first measured against its settings. */
  readonly isChecked: boolean;
}

const RAW_LANES = [1, 2, 4, 8, 16, 32] as const;

/** Everything the issue of speed asks for; what is missing depends on the caller. */
export const DEFAULT_CAMPAIGN = {
  subjects: [...RAW_LANES.map((lanes): Subject => ({ kind: 'raw', lanes })), { kind: 'sluice' }],
  wholeBytes: undefined,
  brokerDelayMs: 0,
  decideMs: 1500,
  beside: 'nobody',
  isUrgent: true,
  isChecked: true,
} as const satisfies Partial<CampaignOptions>;

export function namedPath(name: string): NamedPath {
  const found = pathNamed(name);
  if (found !== undefined) return found;
  throw new Error(`no path ${name}; there are ${NAMED_PATHS.map((path) => path.name).join(', ')}`);
}

/** Measures every subject in turn, `rounds` times, path after path. Prints and writes what it finds as it goes. */
export async function measurePaths(options: CampaignOptions): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-wan-'));
  try {
    const dist = join(folder, 'site');
    await cp(options.dist, dist, { recursive: true });
    const outcomes: Outcome[] = [];
    for (const path of options.paths) {
      const outcome = await measurePath(path, { ...options, dist });
      outcomes.push(outcome);
      if (outcome.runs.length > 0) await writeOutcome(outcome);
    }
    return outcomes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measurePath(path: NamedPath, options: CampaignOptions): Promise<Outcome> {
  const check = options.isChecked ? await checkOf(path) : undefined;
  if (check !== undefined) console.error(`${path.name}: ${checkLine(check)}`);
  const limit = path.settings?.forward.rateBytesPerSec;
  const runs: Measured[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    for (const subject of options.subjects) {
      const measured = await measureOnce(path, subject, options);
      runs.push(measured);
      console.error(`${path.name} ${runLine(measured, limit)}`);
      if (subject.kind === 'sluice') console.error(`  ${secondsLine(measured.run)}`);
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

async function measureOnce(
  path: NamedPath,
  subject: Subject,
  options: CampaignOptions,
): Promise<Measured> {
  const isWhole = options.wholeBytes !== undefined && subject.kind === 'sluice';
  const rate = path.settings?.forward.rateBytesPerSec ?? UNLIMITED_BYTES_PER_SEC;
  // As much as the link can carry in that time and a little after: not done before it is over.
  const sizeBytes = options.wholeBytes ?? Math.ceil((options.seconds + 2) * rate);
  return measure(path, subject, {
    ...options,
    seconds: isWhole ? NO_LIMIT_SECONDS : options.seconds,
    file: await sourceFile(sizeBytes),
  });
}
