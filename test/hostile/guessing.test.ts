import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFile } from '../e2e/harness/material.ts';
import type { Person } from '../e2e/harness/person.ts';
import { sleep, until } from '../e2e/harness/until.ts';
import { type BrowserName, Lab } from './harness/lab.ts';
import type { Attacker } from './pages/attacker.ts';
import type { Outcome, Step } from './pages/guesser.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open({ hasServiceWorkers: false });
});
afterAll(() => lab.close());

const HOST_TAG = 6;

/** The same nameplate with other words of the list. */
function wrongCode(code: string): string {
  const [nameplate, first, second, third] = code.split('-');
  return [nameplate, second, third, first].join('-');
}

const attackerOf = (page: Person) => ({
  once: (code: string, last: Step): Promise<Outcome> =>
    page.driver.evaluate(
      (given) =>
        (window as unknown as { attacker: Attacker }).attacker.guessOnce(given.code, given.last),
      { code, last },
    ),
  together: (code: string, count: number): Promise<readonly Outcome[]> =>
    page.driver.evaluate(
      (given) =>
        (window as unknown as { attacker: Attacker }).attacker.guessTogether(
          given.code,
          given.count,
        ),
      { code, count },
    ),
  loiter: (code: string, count: number): Promise<number> =>
    page.driver.evaluate(
      (given) =>
        (window as unknown as { attacker: Attacker }).attacker.loiter(given.code, given.count),
      { code, count },
    ),
});

/** Strangers a host bears at once. */
const MAX_STRANGERS = 16;

const codeOf = (person: Person) =>
  person.driver.evaluate(
    () => document.querySelector('[data-testid="share-code"]')?.textContent?.trim(),
    undefined,
  );

/** Somebody new takes what is shared, over the link. */
async function takeByLink(link: string, browser: BrowserName): Promise<void> {
  const ben = await lab.person('ben', browser);
  await ben.joinByLink(link);
  await ben.accept();
  await ben.waitForPhase('receive', 'done');
  await ben.driver.close();
}

describe.each<BrowserName>(['chromium', 'firefox'])('guesses of strangers, in %s', (browser) => {
  test('leaving is free, a crowd has one guess, three guesses end the code, and the link goes on', async () => {
    const ada = await lab.person('ada', browser);
    await ada.pickFiles(await makeFile(lab.folder, 'guarded.bin', 10_000));
    const link = await ada.shareLink();
    const first = await ada.shareCode();
    const attacker = attackerOf(await lab.person('attacker', 'chromium', lab.site.attackerUrl));

    for (const last of ['open', 'open', 'hello', 'hello', 'share', 'share'] as const)
      await attacker.once(wrongCode(first), last);
    expect(await attacker.loiter(first, 28)).toBeLessThanOrEqual(MAX_STRANGERS);
    expect(await codeOf(ada)).toBe(first);

    const crowd = await attacker.together(wrongCode(first), 50);
    // A machine too slow to gather a crowd would prove nothing.
    expect(crowd.length).toBeGreaterThan(4);
    const second = await ada.shareCode(first);
    await sleep(1_000);
    expect(await codeOf(ada)).toBe(second);
    await takeByLink(link, browser);

    const outcomes = [...crowd, await attacker.once(wrongCode(second), 'tag')];
    const third = await ada.shareCode(second);
    expect(third.split('-')[0]).toBe(first.split('-')[0]);
    outcomes.push(await attacker.once(wrongCode(third), 'tag'));
    await until('no code', 10_000, async () =>
      (await codeOf(ada)) === undefined ? true : undefined,
    );
    expect(outcomes.flatMap(({ heard }) => heard)).not.toContain(HOST_TAG);

    const ben = await lab.person('ben', browser);
    await ben.joinByCode(third);
    await ben.waitForFault('code-refused');
    await takeByLink(link, browser);
    expect(lab.takeProblems()).toEqual([]);
    await lab.clear();
  });
});
