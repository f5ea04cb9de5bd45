import { join, resolve } from 'node:path';
import { build } from 'vite';
import { BLOCK_BYTES } from '../../src/protocol/limits.ts';
import type { Driver } from '../e2e/harness/driver.ts';
import type { Handler } from '../server/site.ts';

/** As fast as transfers between two browsers of this machine are, bytes a second. */
const TRANSFER_BYTES_PER_SEC = 20e6;

/** Where the server finds the bench's worker. */
export const JOURNAL_WORKER_PATH = '/bench-journal.js';

/** The worker of `journal/journalWorker.ts` with everything it needs, as a script the server answers with. */
export async function journalWorker(): Promise<readonly [string, Handler]> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    root: resolve('test/bench/journal'),
    build: {
      write: false,
      lib: {
        entry: resolve('test/bench/journal/journalWorker.ts'),
        formats: ['es'],
        fileName: 'worker',
      },
    },
  });
  const [first] = Array.isArray(output) ? output : [output];
  const chunk = first !== undefined && 'output' in first ? first.output[0] : undefined;
  if (chunk?.type !== 'chunk') throw new Error(`no worker in ${join('test', 'bench', 'journal')}`);
  return [
    JOURNAL_WORKER_PATH,
    async (_, response) => {
      response.setHeader('content-type', 'text/javascript');
      response.end(chunk.code);
    },
  ];
}

export interface JournalCost {
  /** Writing, hashing and keeping the journal, and the same without a journal, ms; medians. */
  readonly withMs: number;
  readonly withoutMs: number;
  /** Of the time of a transfer at {@link TRANSFER_BYTES_PER_SEC}. */
  readonly share: number;
}

/** Both in turn, `rounds` times, on a page of our origin that has nothing else to do. */
export async function measureJournal(
  page: Driver,
  blockCount: number,
  rounds: number,
): Promise<JournalCost> {
  const times = { with: [] as number[], without: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.without.push(await runJob(page, `w${round}`, blockCount, false));
    times.with.push(await runJob(page, `j${round}`, blockCount, true));
  }
  const withMs = median(times.with);
  const withoutMs = median(times.without);
  const transferMs = (blockCount * BLOCK_BYTES * 1000) / TRANSFER_BYTES_PER_SEC;
  return {
    withMs: Math.round(withMs),
    withoutMs: Math.round(withoutMs),
    share: (withMs - withoutMs) / transferMs,
  };
}

function runJob(
  page: Driver,
  name: string,
  blockCount: number,
  withJournal: boolean,
): Promise<number> {
  return page.evaluate(
    ([path, job]) =>
      new Promise<number>((done, fail) => {
        const worker = new Worker(path, { type: 'module' });
        worker.onmessage = ({ data }: MessageEvent<{ ms?: number; error?: string }>) => {
          worker.terminate();
          if (data.ms === undefined) fail(new Error(data.error));
          else done(data.ms);
        };
        worker.onerror = ({ message }) => fail(new Error(message));
        worker.postMessage(job);
      }),
    [JOURNAL_WORKER_PATH, { name, blockCount, withJournal }] as const,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
