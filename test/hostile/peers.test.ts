import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WIRE_CODE } from '../../src/protocol/faults.ts';
import type { Person } from '../e2e/harness/person.ts';
import { until } from '../e2e/harness/until.ts';
import { type BrowserName, Lab } from './harness/lab.ts';
import { listStorage } from './harness/listStorage.ts';
import type { Attacker } from './pages/attacker.ts';
import { CORPUS, type Misdeed } from './pages/corpus.ts';

/** What Firefox does itself: its lanes, its storage. The rest is the same code in the same hands. */
const IN_FIREFOX = /^(C1: not|P2: nine|L3|F7: over|D3|W2)/;

const OTHER_ENDS: Readonly<Record<string, number | 'silence'>> = {
  ...WIRE_CODE,
  silence: 'silence',
};

/** Ends what a thrown-out peer left waiting, as its person would. */
async function clearWaiting(person: Person): Promise<void> {
  await until('nothing waiting', 10_000, () =>
    person.driver.evaluate(() => {
      const cancel = document.querySelector<HTMLElement>(
        '[data-testid="transfer"]:is([data-phase="waiting"],[data-phase="proposed"]) [data-testid="cancel"], [data-testid="transfer"]:is([data-phase="waiting"],[data-phase="proposed"]) [data-testid="decline"]',
      );
      cancel?.click();
      return cancel === null ? true : undefined;
    }, undefined),
  );
}

const brokenRules = (person: Person) =>
  person.driver.evaluate(
    () =>
      [...document.querySelectorAll<HTMLElement>('[data-testid="fault"]')].map(
        ({ dataset }) => dataset['rule'],
      ),
    undefined,
  );

/** Takes the bait; what failed before is still on screen. */
async function accept(person: Person): Promise<void> {
  await person.driver.click(
    '[data-testid="transfer"][data-direction="receive"][data-phase="proposed"] [data-testid="accept"]',
  );
}

describe.each<BrowserName>(['chromium', 'firefox'])('a proven peer, in %s', (browser) => {
  let lab: Lab;
  let ada: Person;
  let attacker: Person;
  let link: string;
  let before: readonly string[];
  beforeAll(async () => {
    lab = await Lab.open({ hasServiceWorkers: false });
    ada = await lab.person('ada', browser);
    await ada.sendText('bait of mine');
    link = await ada.shareLink();
    attacker = await lab.person('attacker', 'chromium', lab.site.attackerUrl);
    before = await ada.driver.evaluate(listStorage, undefined);
  });
  afterAll(() => lab.close());

  const misbehave = (misdeed: Misdeed) =>
    attacker.driver.evaluate(
      (given) =>
        (window as unknown as { attacker: Attacker }).attacker.misbehave(given.name, given.link),
      { name: misdeed.name, link },
    );

  const corpus = CORPUS.filter(({ name }) => browser === 'chromium' || IN_FIREFOX.test(name));

  test.each(corpus.map((misdeed) => [misdeed.name, misdeed] as const))('%s', async (_, misdeed) => {
    const end = misbehave(misdeed);
    if (misdeed.isAccepted) await Promise.race([accept(ada).catch(() => {}), end]);
    const isRule = OTHER_ENDS[misdeed.rule] === undefined;
    expect(await end).toBe(isRule ? WIRE_CODE['rule-broken'] : OTHER_ENDS[misdeed.rule]);
    if (isRule)
      await until(
        'the rule on screen',
        5_000,
        async () => ((await brokenRules(ada)).includes(misdeed.rule) ? true : undefined),
        async () => (await brokenRules(ada)).join(),
      );
    await clearWaiting(ada);
    await until(
      'storage as it was',
      10_000,
      async () => {
        const after = await ada.driver.evaluate(listStorage, undefined);
        return after.join() === before.join() ? true : undefined;
      },
      async () =>
        `${(await ada.driver.evaluate(listStorage, undefined)).join()} was ${before.join()}`,
    );
    expect(lab.takeProblems()).toEqual([]);
  });
});
