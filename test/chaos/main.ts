/**
 * npm run chaos -- [--seed N] [--rounds 10] [--only kind,kind] [--faults 2] [--dist dist] [--rate 100mbit]
 *   [--story] [--at-once 1]
 *
 * Two real browsers, each behind a network cable of its own, a transfer of mixed files, and faults at random
 * moments. A round is good when everything is saved and has the bytes that were picked. Needs Linux, for its
 * network namespaces, and either root or user namespaces. Writes test-output/chaos.json. With `--at-once 3` three series of
 * rounds run beside each other, of seeds N, N + 1 and N + 2: sooner done, and each slower.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '../server/server.ts';
import { FAULTS, type FaultKind, isFaultKind } from './faults.ts';
import { instrumentedSite } from './instruments.ts';
import { HUB_ADDRESS, Network } from './network.ts';
import { Random } from './random.ts';
import { tableOf } from './report.ts';
import { planRound, playRound, type RoundResult, recordPath } from './round.ts';

const OUTPUT = 'test-output';

const reportPath = (seed: number) => join(OUTPUT, `chaos-${seed}.json`);

/** Set in the process that already is in a network namespace of its own. */
const INSIDE = 'SLUICE_CHAOS_INSIDE';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string' },
    rounds: { type: 'string', default: '10' },
    only: { type: 'string', default: Object.keys(FAULTS).join(',') },
    faults: { type: 'string', default: '2' },
    dist: { type: 'string', default: 'dist' },
    rate: { type: 'string', default: '100mbit' },
    story: { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '1' },
  },
});

// PeerServer's timers would keep the process alive.
if (process.env[INSIDE] !== undefined) process.exit((await playAll()) ? 0 : 1);
process.exitCode = (await playBesideEachOther()) ? 0 : 1;

/** Splits the rounds into series and adds up what they found. @returns whether every round was good */
async function playBesideEachOther(): Promise<boolean> {
  const first = Number(options.seed ?? Math.floor(Math.random() * 1e9));
  const series = Math.max(1, Number(options['at-once']));
  const rounds = Number(options.rounds);
  const seeds = Array.from({ length: series }, (_, i) => first + i);
  const statuses = await Promise.all(
    seeds.map((seed, i) => {
      const share = Math.floor((rounds + series - 1 - i) / series);
      return runInside('--seed', String(seed), '--rounds', String(share));
    }),
  );
  const found: RoundResult[] = [];
  for (const seed of seeds) {
    // Written by `playAll`; a series that did not start has left nothing.
    const text = await readFile(reportPath(seed), 'utf8').catch(() => '{"rounds":[]}');
    const report: { readonly rounds: readonly RoundResult[] } = JSON.parse(text);
    found.push(...report.rounds);
  }
  await writeFile(
    join(OUTPUT, 'chaos.json'),
    JSON.stringify({ seeds, options, rounds: found }, undefined, 2),
  );
  const good = found.filter(({ failure }) => failure === undefined).length;
  console.log(`\n${tableOf(found)}\n\n${good} of ${rounds} rounds good, seeds ${seeds.join(', ')}`);
  return good === rounds && statuses.every((status) => status === 0);
}

/** Starts this program again in a network namespace, where its broken cables are nobody else's. */
async function runInside(...series: readonly string[]): Promise<number> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const program = ['test/run.mjs', 'test/chaos/main.ts', ...process.argv.slice(2), ...series];
  const child = spawn('unshare', [...asRoot, '--net', process.execPath, ...program], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  try {
    const [status] = await once(child, 'exit');
    return Number(status ?? 1);
  } catch {
    console.error('chaos needs the program `unshare`, and so Linux.');
    return 1;
  }
}

/** One series. @returns whether every round ended with the same bytes on both sides */
async function playAll(): Promise<boolean> {
  const seed = Number(options.seed);
  const kinds = options.only.split(',').filter(isFaultKind);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-chaos-'));
  await mkdir(OUTPUT, { recursive: true });
  const network = new Network(folder, options.rate);
  const ports = [await network.addPort(), await network.addPort()] as const;
  await instrumentedSite(options.dist, join(folder, 'site'));
  const site = await startServer({ port: 0, host: HUB_ADDRESS, dist: join(folder, 'site') });

  const random = new Random(seed);
  const deck: FaultKind[] = [];
  const rounds: RoundResult[] = [];
  try {
    for (let number = 1; number <= Number(options.rounds); number += 1) {
      // Every kind comes up before any comes up again.
      while (deck.length < Number(options.faults)) deck.push(...random.shuffled(kinds));
      const plan = planRound(deck.splice(0, Number(options.faults)), random);
      // A round's own numbers: how long one round took must not change the next.
      const own = new Random(random.whole(0, 2 ** 31));
      const setting = {
        site,
        folder: join(folder, `round-${number}`),
        ports,
        record: recordPath(OUTPUT, seed, number),
      };
      const result = await playRound(plan, setting, own);
      rounds.push(result);
      console.log(`seed ${seed} ${lineOf(number, result)}`);
      if (options.story) console.log(result.story.join('\n'));
      await writeFile(reportPath(seed), JSON.stringify({ seed, options, rounds }, undefined, 2));
    }
  } finally {
    await site.close();
    network.close();
    await rm(folder, { recursive: true, force: true });
  }
  return rounds.every(({ failure }) => failure === undefined);
}

function lineOf(number: number, { faults, failure, seconds, totalBytes }: RoundResult): string {
  const suffered = faults
    .map(({ kind, outcome, secondsToNewByte, bytesTwice }) =>
      outcome === 'survived'
        ? `${kind} ${secondsToNewByte?.toFixed(1)} s ${(bytesTwice / 1e6).toFixed(1)} MB twice`
        : `${kind} ${outcome}`,
    )
    .join(', ');
  const size = `${(totalBytes / 1e6).toFixed(0)} MB, ${seconds.toFixed(0)} s`;
  return `round ${number} ${failure === undefined ? 'good' : 'BAD'} (${size}): ${suffered}${failure === undefined ? '' : `\n  ${failure}`}`;
}
