import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readArchive } from '../e2e/harness/archive.ts';
import { openChromium } from '../e2e/harness/chromiumDriver.ts';
import { makeFile, sha256Of } from '../e2e/harness/material.ts';
import { sleep, until } from '../e2e/harness/until.ts';
import type { LocalServer } from '../server/server.ts';
import { type FaultKind, faultOf, type Scene } from './faults.ts';
import { userAgentWith, withoutOpfs } from './instruments.ts';
import type { Port } from './network.ts';
import type { Random } from './random.ts';
import { Side } from './side.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A round that has not gone on by then never will, ms. */
const PATIENCE_MS = 90_000;

/** One planned fault. */
interface Plan {
  readonly kind: FaultKind;
  /** Share of the transfer after which it strikes. */
  readonly after: number;
}

export interface RoundPlan {
  readonly faults: readonly Plan[];
  readonly sizes: readonly number[];
}

/** What one fault did. */
export interface FaultResult {
  readonly kind: FaultKind;
  /** `late`: the transfer was over before it could strike. */
  readonly outcome: 'survived' | 'lost' | 'late';
  /** From the end of the fault to the first verified byte beyond those held then. */
  readonly secondsToNewByte: number | undefined;
  readonly bytesTwice: number;
}

export interface RoundResult {
  readonly faults: readonly FaultResult[];
  readonly totalBytes: number;
  readonly seconds: number;
  /** Why it did not end with identical bytes. */
  readonly failure: string | undefined;
  /** Changes of phase and of what was held, as both pages showed them. */
  readonly story: readonly string[];
}

/** A round's faults and files. Half of the rounds stay below the size a page keeps its sources up to. */
export function planRound(kinds: readonly FaultKind[], random: Random): RoundPlan {
  const big = random.chance(0.5) ? random.whole(36, 54) * MIB : random.whole(68, 84) * MIB;
  const small = Array.from({ length: random.whole(2, 6) }, () => random.whole(1, 900 * KIB));
  const sizes = random.shuffled([big + random.whole(0, MIB), ...small, 0]);
  const faults = kinds.map((kind, i) => {
    const share = 0.8 / kinds.length;
    const [low, high] = faultOf(kind).after ?? [0.05 + i * share, 0.05 + (i + 0.8) * share];
    return { kind, after: random.between(low, high) };
  });
  return { faults, sizes };
}

export interface RoundSetting {
  readonly site: LocalServer;
  /** Of this round alone; removed after it. */
  readonly folder: string;
  readonly ports: readonly [sender: Port, receiver: Port];
  /** Path and first words of the names of pictures and logs of a round that failed. */
  readonly record: string;
}

export async function playRound(
  plan: RoundPlan,
  setting: RoundSetting,
  random: Random,
): Promise<RoundResult> {
  await mkdir(setting.folder, { recursive: true });
  const names = plan.sizes.map((size, i) => `${i}-${size}.bin`);
  const files = await Promise.all(
    names.map((name, i) => makeFile(setting.folder, name, plan.sizes[i]!)),
  );
  const marks = plan.faults.flatMap(({ kind }) => faultOf(kind).receiverMarks ?? []);
  const { site, ports } = setting;
  const [sender, receiver] = await Promise.all([
    openSide('ada', ports[0], site.url, [], files),
    openSide('ben', ports[1], site.url, marks, []),
  ]);
  const round = new Round({ sender, receiver, site }, files);
  const startedAtMs = performance.now();
  let failure: string | undefined;
  try {
    await round.play(plan, random);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    for (const side of [sender, receiver]) await recordSide(side, setting.record);
  }
  await Promise.all([sender.stopWatching(), receiver.stopWatching()]);
  const problems = [sender, receiver].flatMap((side) => side.browser.problems);
  if (failure === undefined && problems.length > 0) failure = problems.join('; ');
  await Promise.all([sender.browser.close(), receiver.browser.close()]);
  await rm(setting.folder, { recursive: true, force: true });
  return {
    faults: round.results,
    totalBytes: plan.sizes.reduce((sum, size) => sum + size, 0),
    seconds: (performance.now() - startedAtMs) / 1000,
    failure,
    story: storyOf([sender, receiver], startedAtMs, round.events),
  };
}

async function openSide(
  name: string,
  port: Port,
  url: string,
  marks: readonly string[],
  files: readonly string[],
): Promise<Side> {
  const browser = await openChromium({
    launcher: port.launcher,
    flags: [
      // A plain http origin that is not localhost, which the small network needs, is no secure context by itself.
      `--unsafely-treat-insecure-origin-as-secure=${url}`,
      `--user-agent=${userAgentWith(marks)}`,
    ],
    beforePage: withoutOpfs,
  });
  const side = new Side(name, browser, port, url, files);
  await side.open();
  return side;
}

async function recordSide(side: Side, record: string): Promise<void> {
  const path = `${record}-${side.person.name}`;
  // A browser that hangs has no picture; the round's own failure matters more.
  await Promise.race([side.browser.screenshot(`${path}.png`).catch(() => {}), sleep(5_000)]);
  // What it shows now; a browser that hangs shows nothing.
  const shown = await Promise.race([side.person.describe().catch(String), sleep(5_000)]);
  const lanes = await side.lanes();
  const looks = side.looks.slice(-200).map((look) => JSON.stringify(look));
  await writeFile(
    `${path}.log`,
    [...side.browser.problems, ...side.browser.log, shown, lanes, ...looks].join('\n'),
  );
}

/** When both pages showed another phase, and when faults struck and were over. */
function storyOf(sides: readonly Side[], startedAtMs: number, events: readonly Event[]): string[] {
  const told = [...events];
  for (const { person, looks } of sides) {
    let before: string | undefined;
    for (const { atMs, transfer } of looks) {
      const now =
        transfer === undefined ? 'nothing' : [transfer.phase, ...transfer.faults].join(' ');
      if (now !== before)
        told.push({ atMs, what: `${person.name} ${now} ${transfer?.bytes ?? ''}` });
      before = now;
    }
  }
  return told
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, what }) => `${((atMs - startedAtMs) / 1000).toFixed(2)} ${what}`);
}

interface Event {
  readonly atMs: number;
  readonly what: string;
}

class Round {
  readonly results: FaultResult[] = [];
  readonly events: Event[] = [];
  readonly #scene: Scene;
  readonly #files: readonly string[];
  #total = 0;

  constructor(scene: Scene, files: readonly string[]) {
    this.#scene = scene;
    this.#files = files;
  }

  async play(plan: RoundPlan, random: Random): Promise<void> {
    const { sender, receiver } = this.#scene;
    this.#total = plan.sizes.reduce((sum, size) => sum + size, 0);
    await sender.person.pickFiles(...this.#files);
    await receiver.person.joinByCode(await sender.person.shareCode());
    await receiver.person.accept();
    sender.watch();
    receiver.watch();
    for (const fault of plan.faults) await this.#suffer(fault, random);
    await this.#ended();
    await this.#compare();
  }

  async #suffer({ kind, after }: Plan, random: Random): Promise<void> {
    const { sender, receiver } = this.#scene;
    await this.#until(`${Math.round(after * 100)} % before ${kind}`, () => {
      const last = receiver.last;
      return last !== undefined && (last.bytes >= after * this.#total || last.phase === 'done');
    });
    if (receiver.last?.phase === 'done') {
      this.#note(kind, 'late', undefined, 0);
      return;
    }
    const twiceBefore = this.#bytesTwice();
    this.#tell(`${kind} strikes`);
    try {
      await faultOf(kind).strike(this.#scene, random);
      const endedAtMs = performance.now();
      this.#tell(`${kind} is over`);
      const newAtMs = await this.#newByteAfter(endedAtMs, kind);
      this.events.push({ atMs: newAtMs, what: 'new bytes' });
      // Files that have to be picked again come when the person picks them, not before.
      const pickedAtMs = sender.pickedAgainAtMs.find((at) => at > endedAtMs);
      const fromMs = pickedAtMs !== undefined && pickedAtMs < newAtMs ? pickedAtMs : endedAtMs;
      // What is sent again is sent in the seconds after: the rest of the round tells it apart.
      await sleep(500);
      await sender.count();
      const bytesTwice = this.#bytesTwice() - twiceBefore;
      this.#note(kind, 'survived', (newAtMs - fromMs) / 1000, bytesTwice);
    } catch (error) {
      this.#note(kind, 'lost', undefined, 0);
      throw error;
    }
  }

  /** When the receiver first showed more verified bytes than it held when the fault was over. */
  async #newByteAfter(endedAtMs: number, kind: FaultKind): Promise<number> {
    const { receiver } = this.#scene;
    return this.#until(`a new byte after ${kind}`, () => {
      const looks = receiver.looks.filter(
        ({ atMs, transfer }) => atMs >= endedAtMs && transfer !== undefined,
      );
      let held = Number.POSITIVE_INFINITY;
      for (const { atMs, transfer } of looks) {
        if (transfer!.phase === 'done' || transfer!.bytes > held) return atMs;
        held = Math.min(held, transfer!.bytes);
      }
      return undefined;
    });
  }

  async #ended(): Promise<void> {
    const { sender, receiver } = this.#scene;
    await this.#until('the end at the receiver', () => receiver.last?.phase === 'done');
    // A page reloaded after the end has nothing left to show of it.
    await this.#until('the end at the sender', () => (sender.last?.phase ?? 'done') === 'done');
  }

  async #compare(): Promise<void> {
    const { receiver } = this.#scene;
    const saved = await readArchive(await receiver.person.saveAll());
    const found = new Map(saved.map(({ path, sha256 }) => [path, sha256]));
    for (const file of this.#files) {
      const name = basename(file);
      if (found.get(name) !== (await sha256Of(file))) throw new Error(`${name} differs`);
    }
    if (found.size !== this.#files.length) throw new Error(`${found.size} files were saved`);
  }

  /** Payload bytes that left the sender although all of their block had left it before. */
  #bytesTwice(): number {
    let twice = 0;
    for (const [block, bytes] of this.#scene.sender.sentByBlock()) {
      const length = Math.min(MIB, this.#total - block * MIB);
      twice += Math.max(0, bytes - length);
    }
    return twice;
  }

  #tell(what: string): void {
    this.events.push({ atMs: performance.now(), what });
  }

  #note(
    kind: FaultKind,
    outcome: FaultResult['outcome'],
    secondsToNewByte: number | undefined,
    bytesTwice: number,
  ): void {
    this.results.push({ kind, outcome, secondsToNewByte, bytesTwice });
  }

  /** Waits for the first value that is neither false nor undefined; a failed transfer ends the wait. */
  async #until<T>(what: string, probe: () => T | false | undefined): Promise<T> {
    const { sender, receiver } = this.#scene;
    return until(
      what,
      PATIENCE_MS,
      () => {
        for (const { person, last } of [sender, receiver]) {
          if (last?.phase === 'failed')
            throw new Error(
              `${person.name}: failed (${last.faults.join(', ')}), waiting for ${what}`,
            );
        }
        const value = probe();
        return value === false ? undefined : value;
      },
      () => `sender ${JSON.stringify(sender.last)}, receiver ${JSON.stringify(receiver.last)}`,
    );
  }
}

export const recordPath = (folder: string, seed: number, round: number) =>
  join(folder, `chaos-${seed}-${round}`);
