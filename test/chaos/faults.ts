import { sleep, until } from '../e2e/harness/until.ts';
import type { LocalServer } from '../server/server.ts';
import { LOSSY, NO_OPFS } from './instruments.ts';
import type { Random } from './random.ts';
import type { Side } from './side.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Bytes left to the receiver by a quota cut: some blocks, and far more than Chromium needs itself. */
const QUOTA_LEFT_BYTES = 8 * 1024 * 1024;

/** Everything a fault may break. */
export interface Scene {
  readonly sender: Side;
  readonly receiver: Side;
  readonly site: LocalServer;
}

export interface ChaosFault {
  /** Marks of the receiver's user agent: its disk misbehaves for the whole round. */
  readonly receiverMarks?: readonly string[];
  /** Share of the transfer after which it strikes, where that matters. */
  readonly after?: readonly [low: number, high: number];
  /** Resolves when the fault is over: both pages open, network there. */
  strike(scene: Scene, random: Random): Promise<void>;
}

const killed = async (side: Side, random: Random) => {
  await side.crash();
  await sleep(random.between(0, 3) * SECOND);
  await side.restart();
};

const left = async (side: Side, random: Random) => {
  await side.leave();
  await sleep(random.between(1, 4) * SECOND);
  await side.open();
};

const unplugged = async (side: Side, random: Random) => {
  side.port.setPlugged(false);
  await sleep(random.between(2, 15) * SECOND);
  side.port.setPlugged(true);
};

const isolated = async ({ sender, receiver }: Scene, ms: number) => {
  for (const { port } of [sender, receiver]) port.setIsolated(true);
  await sleep(ms);
  for (const { port } of [sender, receiver]) port.setIsolated(false);
};

const asleep = async (side: Side, random: Random) => {
  side.browser.suspend();
  await sleep(random.between(2, 20) * SECOND);
  side.browser.resume();
};

const frozen = async (side: Side, random: Random) => {
  const protocol = await side.browser.protocol();
  await protocol.send('Page.setWebLifecycleState', { state: 'frozen' });
  await sleep(random.between(2, 15) * SECOND);
  await protocol.send('Page.setWebLifecycleState', { state: 'active' });
  await protocol.detach();
};

/** Every kind of fault, by name. */
export const FAULTS = {
  'kill-sender': { strike: ({ sender }, random) => killed(sender, random) },
  'kill-receiver': { strike: ({ receiver }, random) => killed(receiver, random) },
  'kill-both': {
    strike: async ({ sender, receiver }, random) => {
      await Promise.all([killed(sender, random), killed(receiver, random)]);
    },
  },
  'kill-receiver-at-end': {
    after: [0.9, 0.98],
    strike: ({ receiver }, random) => killed(receiver, random),
  },
  'power-cut-receiver': {
    receiverMarks: [LOSSY],
    strike: async ({ receiver }, random) => {
      await receiver.cutPower();
      // The journal is written at least every second.
      await sleep(1.5 * SECOND);
      await killed(receiver, random);
    },
  },
  'kill-sender-broker-down': {
    strike: async ({ sender, site }, random) => {
      await sender.crash();
      site.broker.stop();
      await sender.restart();
      await sleep(random.between(1, 8) * SECOND);
      site.broker.start();
    },
  },
  'kill-receiver-broker-amnesia': {
    strike: async ({ receiver, site }, random) => {
      await receiver.crash();
      await sleep(random.between(1, 4) * SECOND);
      site.broker.forget();
      await receiver.restart();
    },
  },
  'reload-sender': { strike: ({ sender }) => sender.reload() },
  'reload-receiver': { strike: ({ receiver }) => receiver.reload() },
  'reload-both': {
    strike: async ({ sender, receiver }) => {
      await Promise.all([sender.reload(), receiver.reload()]);
    },
  },
  'leave-sender': { strike: ({ sender }, random) => left(sender, random) },
  'leave-receiver': { strike: ({ receiver }, random) => left(receiver, random) },
  'offline-sender': { strike: ({ sender }, random) => unplugged(sender, random) },
  'offline-receiver': { strike: ({ receiver }, random) => unplugged(receiver, random) },
  'blackout-20s': { strike: (scene) => isolated(scene, 20 * SECOND) },
  'blackout-long': { strike: (scene, random) => isolated(scene, random.between(40, 70) * SECOND) },
  'blackout-short': { strike: (scene, random) => isolated(scene, random.between(1, 6) * SECOND) },
  'broker-restart': {
    strike: async ({ site }, random) => {
      site.broker.stop();
      await sleep(random.between(1, 5) * SECOND);
      site.broker.start();
    },
  },
  'broker-amnesia': {
    strike: async ({ site }) => {
      site.broker.forget();
    },
  },
  'sleep-sender': { strike: ({ sender }, random) => asleep(sender, random) },
  'sleep-receiver': { strike: ({ receiver }, random) => asleep(receiver, random) },
  'freeze-sender': { strike: ({ sender }, random) => frozen(sender, random) },
  'freeze-receiver': { strike: ({ receiver }, random) => frozen(receiver, random) },
  'quota-cut': { strike: ({ receiver }) => cutQuota(receiver) },
  'clock-jump': {
    strike: async ({ sender, receiver }, random) => {
      for (const side of [sender, receiver]) await jumpClock(side, random.between(-72, 72) * HOUR);
    },
  },
  'no-opfs': {
    receiverMarks: [NO_OPFS],
    strike: ({ receiver }, random) => killed(receiver, random),
  },
  'second-tab-receiver': {
    strike: async ({ receiver }, random) => {
      const tab = await receiver.browser.openTab(receiver.browser.page.url());
      await sleep(random.between(0, 2) * SECOND);
      await receiver.reload();
      await tab.close();
    },
  },
  'second-tab-takes-over': {
    strike: async ({ receiver }, random) => {
      const tab = await receiver.browser.openTab(receiver.browser.page.url());
      await sleep(random.between(0, 2) * SECOND);
      await receiver.browser.moveTo(tab);
    },
  },
  'pause-and-reload': {
    strike: async ({ sender, receiver }, random) => {
      const isSender = random.chance(0.5);
      const side = isSender ? sender : receiver;
      const direction = isSender ? 'send' : 'receive';
      await side.person.pause(direction);
      await sleep(random.between(0, 1) * SECOND);
      // What was on its way when it was paused may have been the rest of it: a page that has sent everything forgets it.
      if (side.looks.at(-1)?.transfer?.phase === 'done') return;
      await side.reload();
      const reloadedAtMs = performance.now();
      const seen = () =>
        side.looks.findLast(({ atMs, transfer }) => {
          const phase = transfer?.phase;
          return atMs > reloadedAtMs && (phase === 'paused' || phase === 'done');
        })?.transfer?.phase;
      const isOver = () =>
        isSender && receiver.looks.at(-1)?.transfer?.phase === 'done'
          ? ('done' as const)
          : undefined;
      const phase = await until(
        'a paused transfer after the reload',
        30 * SECOND,
        () => seen() ?? isOver(),
      );
      if (phase === 'done') return;
      await side.person.continue(direction);
    },
  },
} as const satisfies Record<string, ChaosFault>;

export type FaultKind = keyof typeof FAULTS;

export const faultOf = (kind: FaultKind): ChaosFault => FAULTS[kind];

export const isFaultKind = (text: string): text is FaultKind => text in FAULTS;

/** Leaves little room, waits until the page says so, makes room again and presses the button. */
async function cutQuota({ browser, person, looks }: Side): Promise<void> {
  const protocol = await browser.protocol();
  const origin = new URL(browser.page.url()).origin;
  const { usage } = await protocol.send('Storage.getUsageAndQuota', { origin });
  await protocol.send('Storage.overrideQuotaForOrigin', {
    origin,
    quotaSize: usage + QUOTA_LEFT_BYTES,
  });
  await until('a full disk', 30 * SECOND, () => {
    const last = looks.at(-1)?.transfer;
    return last?.faults.includes('disk-full') || last?.phase === 'done' ? true : undefined;
  });
  await protocol.send('Storage.overrideQuotaForOrigin', { origin });
  await protocol.detach();
  if (looks.at(-1)?.transfer?.phase === 'paused') await person.continue('receive');
}

/** Moves the wall clock of the page and of its workers. The machine's own clock is left alone. */
async function jumpClock({ browser }: Side, byMs: number): Promise<void> {
  const jump = (ms: number) => {
    const { now } = Date;
    Date.now = () => now.call(Date) + ms;
  };
  await browser.evaluate(jump, byMs);
  for (const worker of browser.page.workers()) await worker.evaluate(jump, byMs);
}
