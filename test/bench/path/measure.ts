import { openChromium } from '../../e2e/harness/chromiumDriver.ts';
import type { Driver } from '../../e2e/harness/driver.ts';
import { openFirefox } from '../../e2e/harness/firefoxDriver.ts';
import { startServer } from '../../server/server.ts';
import { rendererPeakBytes } from '../memory.ts';
import { busyShare, machineTime, rendererCpuSeconds } from './effort.ts';
import { ASSIGN_PATH, Path } from './path.ts';
import type { PathReport, WireSample } from './pathProcess.ts';
import type { NamedPath } from './pathSettings.ts';
import { median, type RateSummary, rateBetween, summarize } from './rateCurve.ts';
import { runRaw } from './rawRun.ts';
import { slowSockets } from './slowSockets.ts';
import { type Run, runSluice } from './sluiceRun.ts';
import { makeUrgent } from './urgent.ts';

/** What is measured: this many bare lanes, or the app. */
export type Subject =
  | { readonly kind: 'raw'; readonly lanes: number }
  | { readonly kind: 'sluice' };

export interface MeasureOptions {
  /** Folder of the built app. */
  readonly dist: string;
  readonly seconds: number;
  /** What Sluice sends. */
  readonly file: string;
  /** Whether the browsers come before all other work of the machine; only on an emulated path. */
  readonly isUrgent: boolean;
  /** Between the pages and the broker, each way, ms. */
  readonly brokerDelayMs: number;
  /** How long the receiver looks at the proposal before accepting, ms. */
  readonly decideMs: number;
  /** Who uses the path as well: two more pages with the app, or a TCP download. */
  readonly beside: 'nobody' | 'sluice' | 'tcp';
}

export interface Measured {
  readonly subject: Subject;
  readonly run: Run;
  readonly rate: RateSummary;
  /** Undefined without an emulator in between. */
  readonly report: PathReport | undefined;
  readonly idleRttMs: number | undefined;
  readonly loadedRttMs: number | undefined;
  /** Of the one beside, while the final rate is taken. */
  readonly rivalBytesPerSec: number | undefined;
  /** From the start until a full packet reached the receiver; undefined without an emulator and beside others. */
  readonly firstPacketMs: number | undefined;
  /** Bytes put on the wire for every byte that counted; undefined as above. */
  readonly wirePerByte: number | undefined;
  readonly cpuSecondsPerGB: number;
  readonly senderPeakBytes: number;
  readonly receiverPeakBytes: number;
  /** Of the whole machine, whoever used it, 0 to 1. */
  readonly busyShare: number;
}

const OPEN = { chromium: openChromium, firefox: openFirefox } as const;

const BENCH_PAGE = '/bench';

interface Pair {
  readonly sender: Driver;
  readonly receiver: Driver;
}

/** One run between two new browsers on the ends of a new path. */
export async function measure(
  named: NamedPath,
  subject: Subject,
  options: MeasureOptions,
): Promise<Measured> {
  const path = named.settings && (await Path.open(named.settings));
  const server = await startServer({
    port: 0,
    host: 'localhost',
    dist: options.dist,
    extra: new Map([
      [BENCH_PAGE, async (_, response) => void response.end('<!doctype html>bench')],
      ...(path === undefined ? [] : [[ASSIGN_PATH, path.handler] as const]),
    ]),
  });
  const broker = await slowSockets(server.url, options.brokerDelayMs);
  const url = subject.kind === 'raw' ? server.url + BENCH_PAGE : broker.url;
  const pair = await openPair(named);
  const rivals = options.beside === 'sluice' ? await openPair(named) : undefined;
  try {
    await settle(pair, url, path, options);
    if (rivals) await settle(rivals, broker.url, path, options);
    if (options.beside === 'tcp') await path?.startRival();
    const rivalRun = rivals && runSluice(rivals.sender, rivals.receiver, options);
    const measured = await measureOn(pair, path, subject, options);
    return { ...measured, rivalBytesPerSec: rivalRate(measured, await rivalRun) };
  } finally {
    for (const each of [pair, rivals]) {
      await each?.sender.close();
      await each?.receiver.close();
    }
    broker.close();
    await server.close();
    await path?.close();
  }
}

async function openPair({ sender, receiver }: NamedPath): Promise<Pair> {
  return { sender: await OPEN[sender](), receiver: await OPEN[receiver]() };
}

/** Loads the page in both browsers and puts them on the path. */
async function settle(
  { sender, receiver }: Pair,
  url: string,
  path: Path | undefined,
  { isUrgent }: MeasureOptions,
): Promise<void> {
  // Where the path is the limit; on loopback the machine is, and it is left as it is.
  if (isUrgent && path) for (const { pid } of [sender, receiver]) makeUrgent(pid);
  await sender.goto(url);
  await receiver.goto(url);
  await path?.place(sender, 'sender');
  await path?.place(receiver, 'receiver');
}

async function measureOn(
  { sender, receiver }: Pair,
  path: Path | undefined,
  subject: Subject,
  options: MeasureOptions,
): Promise<Omit<Measured, 'rivalBytesPerSec'>> {
  const cpuBefore = rendererCpuSeconds([sender, receiver]);
  const machineBefore = machineTime();
  const run =
    subject.kind === 'raw'
      ? await runRaw(sender, receiver, subject.lanes, options.seconds)
      : await runSluice(sender, receiver, options);
  const report = await path?.report();
  // The path does not know whose packets it carries.
  const own = options.beside === 'nobody' ? report : undefined;
  const rate = summarize(run.samples, run.startedAt, run.endedAt);
  const bytes = (rate.meanBytesPerSec * (run.endedAt - run.startedAt)) / 1000;
  return {
    subject,
    run,
    rate,
    report,
    // Everything before is idle but for the meeting of the pages, a few packets.
    idleRttMs: report && medianRtt(report, 0, run.startedAt),
    loadedRttMs: report && medianRtt(report, run.startedAt, run.endedAt),
    firstPacketMs: own && firstPacketMs(own, run.startedAt),
    wirePerByte: own && offeredBetween(own.wire, run.startedAt, run.endedAt) / bytes,
    cpuSecondsPerGB: (rendererCpuSeconds([sender, receiver]) - cpuBefore) / (bytes / 1e9),
    senderPeakBytes: rendererPeakBytes(sender.pid),
    receiverPeakBytes: rendererPeakBytes(receiver.pid),
    busyShare: busyShare(machineBefore, machineTime()),
  };
}

/** What a rival got in the time the final rate is taken over. */
function rivalRate(
  { run, report }: Pick<Measured, 'run' | 'report'>,
  rival: Run | undefined,
): number | undefined {
  const samples = rival?.samples ?? report?.rival;
  const from = rival?.startedAt ?? samples?.[0]?.at;
  if (samples === undefined || from === undefined) return undefined;
  return rateBetween(samples, from, [(run.startedAt + run.endedAt) / 2, run.endedAt]);
}

const medianRtt = ({ pings }: PathReport, from: number, to: number) =>
  median(pings.filter(({ at }) => at >= from && at < to).map(({ rttMs }) => rttMs));

function firstPacketMs({ bulkStarts }: PathReport, from: number): number | undefined {
  const first = bulkStarts.find((at) => at >= from);
  return first && first - from;
}

function offeredBetween(wire: readonly WireSample[], from: number, to: number): number {
  const within = wire.filter(({ at }) => at >= from && at <= to);
  return (within.at(-1)?.forwardOfferedBytes ?? 0) - (within[0]?.forwardOfferedBytes ?? 0);
}
