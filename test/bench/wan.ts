/**
 * Raw channels and Sluice over emulated paths: a table, and JSON and a plot a path in test-output/bench.
 *
 *   node test/run.mjs test/bench/wan.ts --paths 100ms-100mbit --only sluice --seconds 15
 *
 * --paths    names with commas; default all of the issue (path/pathSettings.ts). Others are made from their
 *            words, as in 30ms-50mbit-back5mbit-queue200kB-loss0.01-burst0.001x20
 * --only     sluice, raw, or check for measuring the emulator alone; default sluice,raw, in turn
 * --lanes    lane counts of the raw runs; default 1,2,4,8,16,32
 * --seconds  how long each run is watched from accepting; default 15
 * --mb       Sluice instead sends that much and is watched until it is done
 * --rounds   default 1; the table shows medians
 * --dist     a build to measure; default dist. It is copied first, so building meanwhile is safe
 * --broker-delay  ms each way between the pages and the broker; default 0
 * --decide   ms the receiver looks at the proposal before accepting; default 1500
 * --beside   sluice or tcp: a second transfer by two more browsers, or a CUBIC download, on the same path
 * --no-urgent  the browsers do not come before all other work of the machine (they do as root, on Linux,
 *            on emulated paths). Their sockets hold a few ms: on a busy machine they overflow then, which no
 *            path does, and "by the browsers' sockets" says how often
 * --no-check leaves out measuring the path against its settings (4 to 8 s a path)
 *
 * A link's rate counts the headers of IP and UDP, as a real one's does: of each packet at most 93 % are
 * payload. `final` is the rate over the second half of a run, `mean` the rate over all of it.
 */
import { parseArgs } from 'node:util';
import { measurePaths, namedPath } from './path/campaign.ts';
import type { Subject } from './path/measure.ts';
import { tableOf } from './path/outcome.ts';
import { NAMED_PATHS } from './path/pathSettings.ts';

const { values: options } = parseArgs({
  allowNegative: true,
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
    beside: { type: 'string', default: 'nobody' },
    urgent: { type: 'boolean', default: true },
    check: { type: 'boolean', default: true },
  },
});

const kinds = new Set(options.only.split(','));
const raw = options.lanes
  .split(',')
  .map((count) => ({ kind: 'raw', lanes: Number(count) }) as const);
const subjects: readonly Subject[] = [
  ...(kinds.has('raw') ? raw : []),
  ...(kinds.has('sluice') ? [{ kind: 'sluice' } as const] : []),
];

const beside = (['nobody', 'sluice', 'tcp'] as const).find((who) => who === options.beside);
if (beside === undefined) throw new Error(`--beside is sluice or tcp, not ${options.beside}`);

const outcomes = await measurePaths({
  paths: options.paths.split(',').map(namedPath),
  subjects,
  rounds: Number(options.rounds),
  seconds: Number(options.seconds),
  wholeBytes: options.mb === undefined ? undefined : Number(options.mb) * 1e6,
  dist: options.dist,
  brokerDelayMs: Number(options['broker-delay']),
  decideMs: Number(options.decide),
  beside,
  isUrgent: options.urgent,
  isChecked: options.check,
});
if (subjects.length > 0) console.log(`\n${tableOf(outcomes)}`);
// PeerServer's timers cannot be stopped and would keep the process alive.
process.exit();
