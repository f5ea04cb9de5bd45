/** Parts of the bench that watch more than a rate: many small files, what the page costs, going on after a reload. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CDPSession } from 'playwright';
import type { ChromiumDriver } from '../e2e/harness/chromiumDriver.ts';
import { makeFile } from '../e2e/harness/material.ts';
import { Person } from '../e2e/harness/person.ts';
import { until } from '../e2e/harness/until.ts';
import { measureSluice } from './sluice.ts';

export interface ChromiumPair {
  readonly sender: ChromiumDriver;
  readonly receiver: ChromiumDriver;
}

/** Files of one folder; browsers and disks bear so many well. */
const FILES_PER_FOLDER = 100;

/** Writes `count` files of `sizeBytes` each into folders of their own. @returns the folder of all of them */
export async function makeManyFiles(
  folder: string,
  count: number,
  sizeBytes: number,
): Promise<string> {
  const root = join(folder, `${count}-of-${sizeBytes}`);
  await mkdir(root, { recursive: true });
  for (let i = 0; i < count; i += 1)
    await makeFile(root, join(String(Math.floor(i / FILES_PER_FOLDER)), `${i}.bin`), sizeBytes);
  return root;
}

/** How long a person looks at a proposal before accepting, ms; as on emulated paths. */
const DECIDE_MS = 1_500;

/** From accepting to all verified, ms. */
export async function sendPicked(
  { sender, receiver }: ChromiumPair,
  pick: (host: Person) => Promise<void>,
): Promise<number> {
  const host = new Person('sender', sender);
  const times = await measureSluice(
    host,
    new Person('receiver', receiver),
    () => pick(host),
    DECIDE_MS,
  );
  return times.acceptToDoneMs;
}

export interface PageCost {
  /** By the clock: on a machine whose cores are all busy a task also waits for its turn. */
  readonly longestTaskMs: number;
  /** What the longest task really ran. */
  readonly longestTaskCpuMs: number;
  /** Time in tasks of the main thread over the time of the transfer, 0 to 1. */
  readonly mainThreadShare: number;
}

/** What a transfer costs the main threads of both pages, from accepting to done. */
export async function measurePages(
  pair: ChromiumPair,
  file: string,
): Promise<{ readonly sender: PageCost; readonly receiver: PageCost }> {
  const { sender, receiver } = pair;
  const [host, joiner] = [new Person('sender', sender), new Person('receiver', receiver)];
  await host.pickFiles(file);
  await joiner.joinByCode(await host.shareCode());
  await joiner.waitForPhase('receive', 'proposed');
  const meters = await Promise.all([sender, receiver].map(startMeter));
  await joiner.accept();
  await host.waitForPhase('send', 'done', 15 * 60_000);
  const [one, other] = await Promise.all(meters.map((stop) => stop()));
  return { sender: one!, receiver: other! };
}

async function startMeter(driver: ChromiumDriver): Promise<() => Promise<PageCost>> {
  const protocol = await driver.protocol();
  await protocol.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taskSeconds = async () => {
    const { metrics } = await protocol.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  await driver.evaluate(watchTasks, undefined);
  const stopTracing = await traceTasks(protocol);
  const before = await taskSeconds();
  const startedAt = performance.now();
  return async () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const spent = (await taskSeconds()) - before;
    const longestTaskMs = await driver.evaluate(longestTask, undefined);
    const longestTaskCpuMs = await stopTracing();
    await protocol.detach();
    return { longestTaskMs, longestTaskCpuMs, mainThreadShare: spent / seconds };
  };
}

/** The part of a trace event that is looked at. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Thread time in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** @returns what ends it and gives the thread time of the longest task of a page's main thread, ms */
async function traceTasks(protocol: CDPSession): Promise<() => Promise<number>> {
  const events: TraceEvent[] = [];
  protocol.on('Tracing.dataCollected', ({ value }) => {
    events.push(...(value as readonly unknown[] as readonly TraceEvent[]));
  });
  const includedCategories = ['disabled-by-default-devtools.timeline', '__metadata'];
  await protocol.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories, excludedCategories: ['*'] },
  });
  return async () => {
    const complete = new Promise((resolve) => protocol.once('Tracing.tracingComplete', resolve));
    await protocol.send('Tracing.end');
    await complete;
    const threadOf = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
    const mains = new Set(events.filter(isMainThread).map(threadOf));
    const tasks = events.filter((event) => event.name === 'RunTask' && mains.has(threadOf(event)));
    if (tasks.length === 0) throw new Error('the trace has no tasks of a page');
    return Math.max(...tasks.map(({ tdur = 0 }) => tdur / 1000));
  };
}

const isMainThread = ({ name, args }: TraceEvent) =>
  name === 'thread_name' && args?.name === 'CrRendererMain';

interface WatchedPage {
  benchLongestTaskMs: number;
}

/** Runs in the page. Browsers report tasks from 50 ms on. */
function watchTasks(): void {
  const page = globalThis as unknown as WatchedPage;
  page.benchLongestTaskMs = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries())
      page.benchLongestTaskMs = Math.max(page.benchLongestTaskMs, duration);
  }).observe({ type: 'longtask' });
}

function longestTask(): number {
  return (globalThis as unknown as WatchedPage).benchLongestTaskMs;
}

const HALF_HOUR_MS = 30 * 60_000;

/**
 * Reloads the receiver when nine tenths are there. @returns ms from the beginning of the new page to the first new byte on its
 * screen
 */
export async function measureResume(pair: ChromiumPair, file: string): Promise<number> {
  const { sender, receiver } = pair;
  const [host, joiner] = [new Person('sender', sender), new Person('receiver', receiver)];
  await host.pickFiles(file);
  await joiner.joinByCode(await host.shareCode());
  await joiner.accept();
  await until('nine tenths', HALF_HOUR_MS, async () => {
    const [transfer] = await joiner.transfers();
    return transfer !== undefined && transfer.bytes >= transfer.total * 0.9 ? true : undefined;
  });
  await receiver.reload();
  const ms = await receiver.evaluate(firstNewByte, undefined);
  await host.waitForPhase('send', 'done', HALF_HOUR_MS);
  return ms;
}

/** Runs in the new page. */
function firstNewByte(): Promise<number> {
  return new Promise((resolve) => {
    let held = Number.POSITIVE_INFINITY;
    const look = () => {
      const shown = document.querySelector<HTMLElement>(
        '[data-testid=transfer][data-direction=receive]',
      )?.dataset['bytes'];
      if (shown !== undefined && Number(shown) > held) {
        resolve(performance.now());
        return;
      }
      if (shown !== undefined) held = Math.min(held, Number(shown));
      setTimeout(look, 10);
    };
    look();
  });
}
