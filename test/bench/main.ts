/**
 * npm run bench -- [--only load,throughput,small,pages,journal,memory,resume,wan] [--rounds 3] [--sizes 500,200,2000,4000]
 *                  [--paths loopback,20ms,…] [--seconds 12]
 *
 * `sizes`, in MB: the file of the throughput runs, the small and the large file of the memory runs, and the file whose receiver is reloaded
 * when nine tenths of it are there.
 * Raw and Sluice run in turn, so that a busy machine hurts both. The many small files take twice the rounds and one more. The last line
 * is the result as JSON.
 * `paths` and `seconds` are those of the wan part, which takes an hour with three rounds of all paths; wan.ts has
 * more options.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openChromium } from '../e2e/harness/chromiumDriver.ts';
import { makeFile } from '../e2e/harness/material.ts';
import { Person } from '../e2e/harness/person.ts';
import { startServer } from '../server/server.ts';
import { firstLoadBytes } from './firstLoad.ts';
import { type JournalCost, journalWorker, measureJournal } from './journal.ts';
import { rendererPeakBytes } from './memory.ts';
import {
  type ChromiumPair,
  makeManyFiles,
  measurePages,
  measureResume,
  type PageCost,
  sendPicked,
} from './parts.ts';
import { DEFAULT_CAMPAIGN, measurePaths, namedPath } from './path/campaign.ts';
import { type OutcomeSummary, tableOf } from './path/outcome.ts';
import { NAMED_PATHS } from './path/pathSettings.ts';
import { measureRaw } from './rawChannel.ts';
import { measureSluice, type SluiceTimes } from './sluice.ts';

const MB = 1e6;

interface Result {
  firstLoadGzipBytes?: number;
  rawMBps?: readonly number[];
  sluiceMBps?: readonly number[];
  rawMedianMBps?: number;
  sluiceMedianMBps?: number;
  ratio?: number;
  joinToFirstBlockMs?: number;
  journal?: JournalCost;
  small?: readonly SmallRow[];
  pages?: { readonly sender: PageCost; readonly receiver: PageCost };
  memory?: readonly MemoryRow[];
  resumeMs?: number;
  wan?: readonly OutcomeSummary[];
}

/** Many files beside one of the same size in all, accept to all verified. */
interface SmallRow {
  readonly count: number;
  readonly sizeBytes: number;
  readonly manyMs: number;
  readonly oneMs: number;
  readonly ratio: number;
}

interface MemoryRow {
  readonly sizeMB: number;
  readonly senderMB: number;
  readonly receiverMB: number;
}

const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
// A copy, so that building meanwhile does not pull the site from under a run.
const dist = join(folder, 'site');
await cp('dist', dist, { recursive: true });
const server = await startServer({
  port: 0,
  host: 'localhost',
  dist,
  // A page of our origin with nothing of the app in it.
  extra: new Map([
    ['/bench', async (_, response) => void response.end('<!doctype html>bench')],
    await journalWorker(),
  ]),
});

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'load,throughput,small,pages,journal,memory,resume,wan' },
    rounds: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '500,200,2000,4000' },
    paths: { type: 'string', default: NAMED_PATHS.map(({ name }) => name).join(',') },
    seconds: { type: 'string', default: '12' },
  },
});
const parts = new Set(options.only.split(','));
const [throughputMB = 500, smallMB = 200, largeMB = 2000, resumeMB = 4000] = options.sizes
  .split(',')
  .map(Number);

/** Raw and Sluice in turn, `rounds` times, each with two new browsers. */
async function throughput(rounds: number): Promise<Result> {
  const sizeBytes = throughputMB * MB;
  const file = await makeFile(folder, 'throughput.bin', sizeBytes);
  const raw: number[] = [];
  const sluice: SluiceTimes[] = [];
  for (let round = 0; round < rounds; round += 1) {
    raw.push(
      await withPair(`${server.url}/bench`, ({ sender, receiver }) =>
        measureRaw(sender, receiver, sizeBytes),
      ),
    );
    sluice.push(await withPair(server.url, (pair) => send(pair, file)));
    console.error(
      `round ${round + 1}: raw ${rate(sizeBytes, raw.at(-1))} MB/s, ` +
        `Sluice ${rate(sizeBytes, sluice.at(-1)?.acceptToDoneMs)} MB/s`,
    );
  }
  const rawMBps = raw.map((ms) => rate(sizeBytes, ms));
  const sluiceMBps = sluice.map(({ acceptToDoneMs }) => rate(sizeBytes, acceptToDoneMs));
  return {
    rawMBps,
    sluiceMBps,
    rawMedianMBps: median(rawMBps),
    sluiceMedianMBps: median(sluiceMBps),
    ratio: round(median(sluiceMBps) / median(rawMBps), 3),
    joinToFirstBlockMs: round(median(sluice.map((times) => times.joinToFirstBlockMs)), 0),
  };
}

/** Medians of `rounds`, many and one in turn. */
async function smallFiles(rounds: number, count: number, sizeBytes: number): Promise<SmallRow> {
  const many = await makeManyFiles(folder, count, sizeBytes);
  const one = await makeFile(folder, `one-${count * sizeBytes}.bin`, count * sizeBytes);
  const times = { many: [] as number[], one: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.many.push(
      await withPair(server.url, (pair) => sendPicked(pair, (host) => host.pickFolder(many))),
    );
    times.one.push(
      await withPair(server.url, (pair) => sendPicked(pair, (host) => host.pickFiles(one))),
    );
  }
  await rm(many, { recursive: true });
  await rm(one);
  const [manyMs, oneMs] = [median(times.many), median(times.one)];
  return {
    count,
    sizeBytes,
    manyMs: round(manyMs, 0),
    oneMs: round(oneMs, 0),
    ratio: round(manyMs / oneMs, 2),
  };
}

/** What both renderers held at most during one transfer. */
async function memory(sizeMB: number): Promise<MemoryRow> {
  const file = await makeFile(folder, `memory-${sizeMB}.bin`, sizeMB * MB);
  const row = await withPair(server.url, async (pair) => {
    await send(pair, file);
    return {
      sizeMB,
      senderMB: round(rendererPeakBytes(pair.sender.pid) / MB, 0),
      receiverMB: round(rendererPeakBytes(pair.receiver.pid) / MB, 0),
    };
  });
  await rm(file);
  console.error(`${sizeMB} MB: sender ${row.senderMB} MB, receiver ${row.receiverMB} MB`);
  return row;
}

const send = ({ sender, receiver }: ChromiumPair, file: string) =>
  sendFile(new Person('sender', sender), new Person('receiver', receiver), file);

const sendFile = (host: Person, joiner: Person, file: string) =>
  measureSluice(host, joiner, () => host.pickFiles(file));

async function withPair<T>(url: string, work: (pair: ChromiumPair) => Promise<T>): Promise<T> {
  const pair = { sender: await openChromium(), receiver: await openChromium() };
  try {
    await pair.sender.goto(url);
    await pair.receiver.goto(url);
    return await work(pair);
  } finally {
    await pair.sender.close();
    await pair.receiver.close();
  }
}

function print(result: Result): void {
  const lines: [string, string][] = [];
  const add = (what: string, value: string | number | undefined, unit: string) => {
    if (value !== undefined) lines.push([what, `${value} ${unit}`]);
  };
  add('first load, gzip', result.firstLoadGzipBytes, 'bytes');
  add(`raw channel, ${throughputMB} MB, median`, result.rawMedianMBps, 'MB/s');
  add(`Sluice, ${throughputMB} MB, median`, result.sluiceMedianMBps, 'MB/s');
  add('Sluice / raw', result.ratio, '');
  add('code entered to first verified block, median', result.joinToFirstBlockMs, 'ms');
  add('journal, share of a transfer at 20 MB/s', result.journal?.share.toFixed(3), '');
  for (const { count, sizeBytes, manyMs, oneMs, ratio } of result.small ?? []) {
    add(`${count} files of ${sizeBytes} bytes / one file`, ratio, `(${manyMs} / ${oneMs} ms)`);
  }
  for (const [side, cost] of Object.entries(result.pages ?? {})) {
    add(`longest task of the ${side}'s page, CPU time`, round(cost.longestTaskCpuMs, 1), 'ms');
    add(`the same by the clock, 0: none of 50 ms`, cost.longestTaskMs, 'ms');
    add(`main thread of the ${side}`, round(cost.mainThreadShare * 100, 1), '% of a core');
  }
  add(`reload at 90 % of ${resumeMB} MB to new byte`, result.resumeMs, 'ms');
  for (const row of result.memory ?? []) {
    add(`peak of the sender's renderer, ${row.sizeMB} MB`, row.senderMB, 'MB');
    add(`peak of the receiver's renderer, ${row.sizeMB} MB`, row.receiverMB, 'MB');
  }
  for (const [what, value] of lines) console.log(`${what.padEnd(48)} ${value}`);
  console.log(JSON.stringify(result));
}

const rate = (sizeBytes: number, ms = Number.NaN) => round(sizeBytes / MB / (ms / 1000), 1);

const round = (value: number, digits: number) => Number(value.toFixed(digits));

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : round((sorted[middle - 1]! + sorted[middle]!) / 2, 1);
}

try {
  const result: Result = {};
  if (parts.has('load')) result.firstLoadGzipBytes = await firstLoadBytes(dist);
  if (parts.has('throughput')) Object.assign(result, await throughput(Number(options.rounds)));
  if (parts.has('journal')) {
    result.journal = await withPair(`${server.url}/bench`, ({ receiver }) =>
      measureJournal(receiver, throughputMB, Number(options.rounds)),
    );
  }
  if (parts.has('small')) {
    const rounds = Number(options.rounds);
    result.small = [
      // Each is over in less than a second or two, where luck is half of it.
      await smallFiles(2 * rounds + 1, 10_000, 1_000),
      await smallFiles(rounds, 1_000, 100_000),
    ];
  }
  if (parts.has('pages')) {
    const file = await makeFile(folder, 'pages.bin', throughputMB * MB);
    result.pages = await withPair(server.url, (pair) => measurePages(pair, file));
    await rm(file);
  }
  if (parts.has('resume')) {
    const file = await makeFile(folder, 'resume.bin', resumeMB * MB);
    const ms = await withPair(server.url, (pair) => measureResume(pair, file));
    result.resumeMs = round(ms, 0);
    await rm(file);
  }
  if (parts.has('memory')) result.memory = [await memory(smallMB), await memory(largeMB)];
  if (parts.has('wan')) {
    const outcomes = await measurePaths({
      ...DEFAULT_CAMPAIGN,
      paths: options.paths.split(',').map(namedPath),
      rounds: Number(options.rounds),
      seconds: Number(options.seconds),
      dist,
    });
    console.log(`${tableOf(outcomes)}\n`);
    result.wan = outcomes.map((outcome) => outcome.summary);
  }
  print(result);
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
// PeerServer's timers cannot be stopped and would keep the process alive.
process.exit();
