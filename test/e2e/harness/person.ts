import type { TransferPhase } from '../../../src/session/view.ts';
import type { Driver } from './driver.ts';
import { until } from './until.ts';

type Direction = 'send' | 'receive';

/** A transfer as the page shows it. */
export interface SeenTransfer {
  readonly direction: string;
  readonly phase: string;
  readonly bytes: number;
  readonly total: number;
  readonly faults: readonly string[];
  readonly words: string;
}

export interface SeenPeer {
  /** `direct`, `relay`, or undefined while unknown. */
  readonly path: string | undefined;
  readonly lanes: number;
}

/** How long two browsers may take to find each other and prove the code, ms. */
const MEETING_TIMEOUT_MS = 30_000;

/** How long a transfer of a few hundred MB may take on a busy machine, ms. */
const TRANSFER_TIMEOUT_MS = 90_000;

const CODE = /^\d{4,6}(-[a-z]+){3}$/;

const hook = (id: string) => `[data-testid="${id}"]`;

/** A button of the transfers of one direction in one phase. */
function buttonOf(direction: Direction, phase: TransferPhase, button: string): string {
  return `${hook('transfer')}[data-direction="${direction}"][data-phase="${phase}"] ${hook(button)}`;
}

/** Somebody with a browser. Does and sees only what the hooks of the test contract offer. */
export class Person<D extends Driver = Driver> {
  readonly name: string;
  readonly driver: D;

  constructor(name: string, driver: D) {
    this.name = name;
    this.driver = driver;
  }

  open(url: string): Promise<void> {
    return this.driver.goto(url);
  }

  pickFiles(...paths: readonly string[]): Promise<void> {
    return this.driver.setFiles(hook('pick-files'), paths);
  }

  /** Chromium only: Firefox's tool cannot fill a folder input. */
  pickFolder(path: string): Promise<void> {
    return this.driver.setFiles(hook('pick-folder'), [path]);
  }

  async sendText(text: string): Promise<void> {
    await this.driver.fill(hook('send-text'), text);
    await this.driver.click(hook('send-text-button'));
  }

  /** The code on screen, once there is one other than `burned`. */
  shareCode(burned?: string): Promise<string> {
    return this.#until('a code', MEETING_TIMEOUT_MS, async () => {
      const code = await this.#text('share-code');
      return code !== undefined && CODE.test(code) && code !== burned ? code : undefined;
    });
  }

  shareLink(): Promise<string> {
    return this.#until('a link', MEETING_TIMEOUT_MS, () =>
      this.driver.evaluate((selector) => {
        const link = document.querySelector<HTMLAnchorElement>(selector)?.href;
        return link === undefined || link === '' ? undefined : link;
      }, hook('share-link')),
    );
  }

  async joinByCode(code: string): Promise<void> {
    await this.driver.fill(hook('join-code'), code);
    await this.driver.click(hook('join'));
  }

  async joinByLink(link: string): Promise<void> {
    await this.driver.goto(link);
    await this.driver.click(hook('join'));
  }

  /**
   * Takes the proposal on screen, waiting for it.
   *
   * @param wanted names of the files to take; without it all of them
   */
  async accept(wanted?: readonly string[]): Promise<void> {
    await this.waitForPhase('receive', 'proposed', MEETING_TIMEOUT_MS);
    if (wanted !== undefined) await this.#choose(wanted);
    await this.#press('receive', 'proposed', 'accept');
  }

  async decline(): Promise<void> {
    await this.waitForPhase('receive', 'proposed', MEETING_TIMEOUT_MS);
    await this.#press('receive', 'proposed', 'decline');
  }

  pause(direction: Direction): Promise<void> {
    return this.#press(direction, 'transferring', 'pause');
  }

  /** Pauses without the tools' wait for a button that holds still: a short transfer is over by then. */
  async pauseAtOnce(direction: Direction): Promise<void> {
    const button = buttonOf(direction, 'transferring', 'pause');
    const isPressed = await this.driver.evaluate((selector) => {
      const found = document.querySelector<HTMLElement>(selector);
      found?.click();
      return found !== null;
    }, button);
    if (!isPressed) throw new Error(`${this.name}: nothing to pause. ${await this.describe()}`);
  }

  continue(direction: Direction): Promise<void> {
    return this.#press(direction, 'paused', 'continue');
  }

  cancel(direction: Direction): Promise<void> {
    return this.#press(direction, 'transferring', 'cancel');
  }

  /** Waits until `count` transfers of one direction are in a phase. Fails at once when one of them failed. */
  async waitForPhase(
    direction: Direction,
    phase: TransferPhase,
    timeoutMs = TRANSFER_TIMEOUT_MS,
    count = 1,
  ): Promise<void> {
    await this.#until(`${count} ${direction} ${phase}`, timeoutMs, async () => {
      const seen = (await this.transfers()).filter((each) => each.direction === direction);
      if (seen.filter((each) => each.phase === phase).length >= count) return true;
      const failed = seen.find((each) => each.phase === 'failed');
      if (failed !== undefined)
        throw new Error(`${this.name}: ${direction} failed (${failed.faults.join(', ')})`);
      return undefined;
    });
  }

  /** Waits until at least `bytes` of the newest transfer of one direction are verified. */
  async waitForBytes(direction: Direction, bytes: number): Promise<void> {
    await this.#until(`${bytes} bytes`, TRANSFER_TIMEOUT_MS, async () => {
      const seen = (await this.transfers()).find((each) => each.direction === direction);
      return seen !== undefined && seen.bytes >= bytes ? true : undefined;
    });
  }

  async waitForPeers(count: number): Promise<void> {
    await this.#until(`${count} peers`, MEETING_TIMEOUT_MS, async () =>
      (await this.peers()).length === count ? true : undefined,
    );
  }

  /** Waits for an alert anywhere on the page. @returns its words */
  waitForFault(code: string, timeoutMs = MEETING_TIMEOUT_MS): Promise<string> {
    return this.#until(`fault ${code}`, timeoutMs, async () => {
      const found = (await this.faults()).find((fault) => fault.code === code);
      return found?.words;
    });
  }

  async waitForNoFault(code: string, timeoutMs = MEETING_TIMEOUT_MS): Promise<void> {
    await this.#until(`no fault ${code}`, timeoutMs, async () =>
      (await this.faults()).some((fault) => fault.code === code) ? undefined : true,
    );
  }

  /** Newest first, as the page lists them. */
  transfers(): Promise<readonly SeenTransfer[]> {
    return this.driver.evaluate(
      ({ transfer, fault }) =>
        [...document.querySelectorAll<HTMLElement>(transfer)].map((element) => ({
          direction: element.dataset['direction'] ?? '',
          phase: element.dataset['phase'] ?? '',
          bytes: Number(element.dataset['bytes']),
          total: Number(element.dataset['total']),
          faults: [...element.querySelectorAll<HTMLElement>(fault)].map(
            (alert) => alert.dataset['code'] ?? '',
          ),
          words: [element, ...element.querySelectorAll('textarea')]
            .map((part) => ('value' in part ? part.value : part.textContent))
            .join(' '),
        })),
      { transfer: hook('transfer'), fault: hook('fault') },
    );
  }

  peers(): Promise<readonly SeenPeer[]> {
    return this.driver.evaluate(
      (selector) =>
        [...document.querySelectorAll<HTMLElement>(selector)].map((element) => ({
          path: element.dataset['path'],
          lanes: Number(element.dataset['lanes']),
        })),
      hook('peer'),
    );
  }

  faults(): Promise<readonly { readonly code: string; readonly words: string }[]> {
    return this.driver.evaluate(
      (selector) =>
        [...document.querySelectorAll<HTMLElement>(selector)].map((element) => ({
          code: element.dataset['code'] ?? '',
          words: (element.textContent ?? '').trim(),
        })),
      hook('fault'),
    );
  }

  /** Saves one received file of the newest finished transfer. @returns path of the download */
  saveFile(index = 0): Promise<string> {
    return this.driver.download(() =>
      this.#clickNth(
        `${hook('transfer')}[data-direction="receive"][data-phase="done"] ${hook('save')}`,
        index,
      ),
    );
  }

  /** Saves everything of the newest finished transfer. @returns path of the archive */
  saveAll(): Promise<string> {
    return this.driver.download(() => this.#press('receive', 'done', 'save-all'));
  }

  /** What a person looking over the shoulder would report. */
  async describe(): Promise<string> {
    const seen = { transfers: await this.transfers(), peers: await this.peers() };
    const faults = (await this.faults()).map(({ code }) => code);
    return `${this.name} sees ${JSON.stringify({ ...seen, faults })}`;
  }

  #press(direction: Direction, phase: TransferPhase, button: string): Promise<void> {
    return this.driver.click(buttonOf(direction, phase, button));
  }

  async #clickNth(selector: string, index: number): Promise<void> {
    const mark = `picked-${index}`;
    await this.#until(`${selector} ${index}`, MEETING_TIMEOUT_MS, () =>
      this.driver.evaluate(
        (wanted) => {
          const element = document.querySelectorAll<HTMLElement>(wanted.selector)[wanted.index];
          element?.setAttribute('data-test-mark', wanted.mark);
          return element === undefined ? undefined : true;
        },
        { selector, index, mark },
      ),
    );
    await this.driver.click(`[data-test-mark="${mark}"]`);
  }

  /** Sets the check boxes of the proposal, one at a time as a person does, until only the wanted are set. */
  async #choose(wanted: readonly string[]): Promise<void> {
    const boxes = `${hook('transfer')}[data-phase="proposed"] input[type="checkbox"]`;
    await this.#until(`check boxes of ${wanted.join(', ')}`, MEETING_TIMEOUT_MS, () =>
      this.driver.evaluate(
        (argument) => {
          const all = [...document.querySelectorAll<HTMLInputElement>(argument.boxes)].map(
            (box) => {
              const label = (box.closest('label') ?? box.labels?.[0])?.textContent ?? '';
              return { box, isWanted: argument.wanted.some((name) => label.includes(name)) };
            },
          );
          // The box for everything is the first to be cleared, and clears the others.
          const wrong =
            all.find(({ box, isWanted }) => box.checked && !isWanted) ??
            all.find(({ box, isWanted }) => !box.checked && isWanted);
          wrong?.box.click();
          const found = all.filter(({ isWanted }) => isWanted).length;
          return wrong === undefined && found === argument.wanted.length ? true : undefined;
        },
        { boxes, wanted },
      ),
    );
  }

  #text(id: string): Promise<string | undefined> {
    return this.driver.evaluate(
      (selector) => document.querySelector(selector)?.textContent?.trim(),
      hook(id),
    );
  }

  #until<T>(what: string, timeoutMs: number, probe: () => Promise<T | undefined>): Promise<T> {
    return until(`${what} (${this.name})`, timeoutMs, probe, () => this.describe());
  }
}
