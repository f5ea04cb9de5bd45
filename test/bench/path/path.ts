import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Driver } from '../../e2e/harness/driver.ts';
import type { Handler } from '../../server/site.ts';
import type { Answer, PathReport, Request } from './pathProcess.ts';
import type { PathSettings } from './pathSettings.ts';
import type { PathCheck } from './probe.ts';
import type { Side } from './relays.ts';
import { rewriteCandidates } from './rewriteCandidates.ts';
import { makeRealTime } from './urgent.ts';

/** Relays ready for the candidates a page learns: one a connection and network interface. */
const RELAYS_PER_PAGE = 250;

/** Where the pages of {@link Path.handler} say which candidate a relay stands for. */
export const ASSIGN_PATH = '/path-emulator';

/**
 * A path between two pages that runs in a process of its own. Pages put on it with `place` reach each other through
 * its UDP relays and in no other way. Needs no rights, no packages and no change to the app.
 */
export class Path {
  readonly #process: ChildProcess;
  #lastAnswer: Promise<unknown> = Promise.resolve();

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async open(settings: PathSettings): Promise<Path> {
    const child = fork('test/run.mjs', ['test/bench/path/pathProcess.ts'], {
      serialization: 'advanced',
      // Not those of whoever runs the bench: a test runner has its own.
      execArgv: [],
    });
    if (child.pid !== undefined) makeRealTime(child.pid);
    await ask(child, { type: 'open', settings });
    return new Path(child);
  }

  /** Puts a page, already loaded and not yet connecting, on its end of the path. */
  async place(driver: Driver, side: Side): Promise<void> {
    const answer = await this.#ask({ type: 'relays', side, count: RELAYS_PER_PAGE });
    if (answer.type !== 'relays') throw new Error(`the path said ${answer.type}`);
    const { host, ports } = answer;
    await driver.evaluate(rewriteCandidates, { host, ports, assignUrl: ASSIGN_PATH });
  }

  /** Answers the pages at {@link ASSIGN_PATH}. */
  readonly handler: Handler = async (request: IncomingMessage, response: ServerResponse) => {
    // Written by `rewriteCandidates`.
    const { port, to } = JSON.parse(await text(request)) as AssignBody;
    await this.#ask({ type: 'assign', port, to });
    response.writeHead(204).end();
  };

  /** Changes what the path does from now on. */
  async set(settings: PathSettings): Promise<void> {
    await this.#ask({ type: 'set', settings });
  }

  /** Lets somebody else's TCP use the path as well, from now on. */
  async startRival(): Promise<void> {
    await this.#ask({ type: 'rival' });
  }

  /** Measures a path of the same settings, a few seconds long. */
  async check(): Promise<PathCheck> {
    const answer = await this.#ask({ type: 'check' });
    if (answer.type !== 'checked') throw new Error(`the path said ${answer.type}`);
    return answer.check;
  }

  async report(): Promise<PathReport> {
    const answer = await this.#ask({ type: 'report' });
    if (answer.type !== 'report') throw new Error(`the path said ${answer.type}`);
    return answer.report;
  }

  async close(): Promise<void> {
    const closed = once(this.#process, 'exit');
    this.#process.disconnect();
    await closed;
  }

  /** One request at a time, so that answers cannot be taken for each other's. */
  #ask(request: Request): Promise<Answer> {
    const answer = this.#lastAnswer.then(() => ask(this.#process, request));
    this.#lastAnswer = answer;
    return answer;
  }
}

interface AssignBody {
  readonly port: number;
  readonly to: { host: string; port: number };
}

async function ask(child: ChildProcess, request: Request): Promise<Answer> {
  const answered = new Promise<Answer>((resolve, reject) => {
    const died = () => reject(new Error('the path emulator died'));
    child.once('exit', died);
    child.once('message', (answer: Answer) => {
      child.off('exit', died);
      resolve(answer);
    });
  });
  child.send(request);
  return answered;
}
