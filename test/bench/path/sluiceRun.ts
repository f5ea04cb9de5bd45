import type { Driver } from '../../e2e/harness/driver.ts';
import { Person } from '../../e2e/harness/person.ts';
import { sleep, until } from '../../e2e/harness/until.ts';
import type { Sample } from './rateCurve.ts';

/** One transfer, or the first part of one, as the pages showed it. */
export interface Run {
  /** When the first byte could go, and when watching ended or everything had arrived; epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly samples: readonly Sample[];
  readonly lanes: readonly LanesSample[];
  /** From the tap that joins to the proposal on the screen; Sluice only. */
  readonly codeToProposalMs: number | undefined;
  /** From accepting to the first verified bytes; Sluice only. */
  readonly acceptToFirstBytesMs: number | undefined;
}

export interface LanesSample {
  readonly at: number;
  readonly lanes: number;
}

interface SenderPage {
  benchSamples: { at: number; bytes: number; lanes: number; isOver: boolean }[];
}

interface ReceiverTimes {
  readonly joinedAt: number;
  readonly proposedAt: number;
  readonly acceptedAt: number;
}

/** How long two pages may take to meet on the worst of paths, ms. */
const MEETING_MS = 60_000;

/** What counts is what the page itself notes; looking is not free. */
const POLL_MS = 2_000;

export interface SluiceRunOptions {
  readonly file: string;
  readonly seconds: number;
  /** How long the receiver looks at the proposal before accepting, ms. */
  readonly decideMs: number;
}

/** Watched beyond the end, so that a block that was on its way then counts in part. */
const TAIL_MS = 1_500;

/**
 * Sends a file through the app as two people would, for `seconds` from accepting or until it is done. What
 * counts are the bytes the receiver has verified and the sender has heard of.
 */
export async function runSluice(
  sender: Driver,
  receiver: Driver,
  { file, seconds, decideMs }: SluiceRunOptions,
): Promise<Run> {
  const [host, joiner] = [new Person('sender', sender), new Person('receiver', receiver)];
  await host.pickFiles(file);
  const code = await host.shareCode();
  await sender.evaluate(watchSender, undefined);
  const accepting = receiver.evaluate(acceptProposal, { patienceMs: MEETING_MS, decideMs });
  await joiner.joinByCode(code);
  const times = await accepting;

  const endAt = times.acceptedAt + seconds * 1000;
  await until(
    'the end of the run',
    seconds * 1000 + MEETING_MS,
    async () => {
      const now = performance.timeOrigin + performance.now();
      const isOver = await sender.evaluate(isTransferOver, undefined);
      if (now >= endAt + TAIL_MS || isOver) return true;
      await sleep(POLL_MS);
      return undefined;
    },
    () => host.describe(),
  );
  const samples = await sender.evaluate(takeSamples, undefined);
  const failed = (await host.transfers()).find(({ phase }) => phase === 'failed');
  if (failed !== undefined) throw new Error(`the transfer failed: ${failed.faults.join(', ')}`);

  const doneAt = samples.find(({ isOver }) => isOver)?.at ?? endAt;
  const firstBytesAt = samples.find(({ bytes }) => bytes > 0)?.at;
  return {
    startedAt: times.acceptedAt,
    endedAt: Math.min(doneAt, endAt),
    samples,
    lanes: samples,
    codeToProposalMs: times.proposedAt - times.joinedAt,
    acceptToFirstBytesMs: firstBytesAt && firstBytesAt - times.acceptedAt,
  };
}

/** Runs in the sender's page for as long as it lives. Looks often until the first bytes, whose time is told in ms. */
function watchSender(): void {
  const page = globalThis as unknown as SenderPage;
  page.benchSamples = [];
  const look = () => {
    const transfer = document.querySelector<HTMLElement>(
      '[data-testid=transfer][data-direction=send]',
    );
    const peer = document.querySelector<HTMLElement>('[data-testid=peer]');
    const bytes = Number(transfer?.dataset['bytes'] ?? 0);
    page.benchSamples.push({
      at: performance.timeOrigin + performance.now(),
      bytes,
      lanes: Number(peer?.dataset['lanes'] ?? 0),
      isOver: ['done', 'failed'].includes(transfer?.dataset['phase'] ?? ''),
    });
    setTimeout(look, bytes === 0 ? 10 : 100);
  };
  look();
}

function isTransferOver(): boolean {
  return (globalThis as unknown as SenderPage).benchSamples.at(-1)?.isOver === true;
}

function takeSamples(): SenderPage['benchSamples'] {
  return (globalThis as unknown as SenderPage).benchSamples;
}

/** Runs in the receiver's page, from before the tap on `join` until it has accepted. */
function acceptProposal({
  patienceMs,
  decideMs,
}: {
  patienceMs: number;
  decideMs: number;
}): Promise<ReceiverTimes> {
  const now = () => performance.timeOrigin + performance.now();
  let joinedAt = 0;
  document.addEventListener(
    'click',
    ({ target }) => {
      const isJoin = target instanceof Element && target.closest('[data-testid=join]') !== null;
      if (isJoin) joinedAt = now();
    },
    { capture: true },
  );
  const giveUpAt = now() + patienceMs;
  return new Promise((resolve, reject) => {
    const look = () => {
      const accept = document.querySelector<HTMLElement>(
        '[data-testid=transfer][data-direction=receive] [data-testid=accept]',
      );
      if (accept !== null) {
        const proposedAt = now();
        setTimeout(() => {
          accept.click();
          resolve({ joinedAt, proposedAt, acceptedAt: now() });
        }, decideMs);
      } else if (now() > giveUpAt) {
        reject(new Error(`no proposal: ${document.body.textContent.slice(0, 500)}`));
      } else setTimeout(look, 10);
    };
    look();
  });
}
