import { expect } from 'vitest';
import type { ChromiumDriver } from './harness/chromiumDriver.ts';
import { makeFile, sha256Of } from './harness/material.ts';
import type { Person } from './harness/person.ts';
import { type Stage, scenario } from './harness/scenario.ts';

/** Most taps a whole transfer may cost a person, on each side. */
const MOST_TAPS = 4;

/** Most times Tab is pressed to get anywhere on the page. */
const MOST_STOPS = 30;

const SIZES = {
  'a phone': { width: 390, height: 844 },
  'a desktop': { width: 1280, height: 800 },
};

const hook = (id: string) => `[data-testid="${id}"]`;

const FILE_BYTES = 300_000;

for (const [device, size] of Object.entries(SIZES)) {
  scenario(`a transfer costs four taps or fewer on either side of ${device}`, async (stage) => {
    const { file, ada, ben } = await enter(stage);
    for (const { driver } of [ada, ben]) {
      await driver.page.setViewportSize(size);
      await driver.evaluate(countTaps, null);
    }

    const chooser = ada.driver.page.waitForEvent('filechooser');
    await ada.driver.click('.basin .button-main');
    await (await chooser).setFiles(file);
    const code = await ada.shareCode();
    await ada.driver.click('.code-box .button');

    await ben.driver.click(hook('join-code'));
    await ben.driver.page.keyboard.type(code);
    await ben.driver.click(hook('join'));
    await ben.driver.click(hook('accept'));
    await ben.waitForPhase('receive', 'done');
    const saved = await ben.saveAll();

    expect(await sha256Of(saved)).toBe(await sha256Of(file));
    await ada.waitForPhase('send', 'done');
    const taps = { ada: await tapsOf(ada), ben: await tapsOf(ben) };
    // A counter that counts nothing would be content with anything.
    expect(taps.ada).toBeGreaterThan(0);
    expect(taps.ben).toBeGreaterThan(0);
    expect(taps.ada).toBeLessThanOrEqual(MOST_TAPS);
    expect(taps.ben).toBeLessThanOrEqual(MOST_TAPS);
  });
}

scenario('a keyboard alone receives', async (stage) => {
  const { file, ada, ben } = await enter(stage);
  await ada.pickFiles(file);
  const code = await ada.shareCode();

  const { keyboard } = ben.driver.page;
  await tabTo(ben, hook('join-code'));
  await keyboard.type(code);
  await keyboard.press('Enter');
  await ben.waitForPhase('receive', 'proposed');
  await tabTo(ben, hook('accept'));
  await keyboard.press('Space');
  await ben.waitForPhase('receive', 'done');
  await tabTo(ben, hook('save-all'));
  const saved = await ben.driver.download(() => keyboard.press('Enter'));

  expect(await sha256Of(saved)).toBe(await sha256Of(file));
});

type ChromiumPerson = Person<ChromiumDriver>;

async function enter(stage: Stage) {
  const [file, ada, ben] = await Promise.all([
    makeFile(stage.folder, 'holiday.jpg', FILE_BYTES),
    stage.chromium('ada'),
    stage.chromium('ben'),
  ]);
  return { file, ada, ben };
}

/** Runs in the page. What scripts press does not count. */
function countTaps(): void {
  const page = document.documentElement.dataset;
  page['taps'] = '0';
  addEventListener(
    'pointerdown',
    ({ isTrusted }) => {
      if (isTrusted) page['taps'] = `${Number(page['taps']) + 1}`;
    },
    { capture: true },
  );
}

const tapsOf = ({ driver }: ChromiumPerson) =>
  driver.evaluate(() => Number(document.documentElement.dataset['taps']), null);

/** Presses Tab until the focus is there, and sees that it shows at every stop. */
async function tabTo({ driver }: ChromiumPerson, selector: string): Promise<void> {
  const stops: string[] = [];
  while (stops.length < MOST_STOPS) {
    await driver.page.keyboard.press('Tab');
    const stop = await driver.evaluate((wanted) => {
      const focused = document.activeElement;
      if (focused === null || focused === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(focused);
      return {
        isThere: focused.matches(wanted),
        isSeen: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0,
        html: focused.outerHTML.slice(0, 120),
      };
    }, selector);
    stops.push(stop?.html ?? 'nothing');
    if (stop !== undefined) expect(stop.isSeen, stop.html).toBe(true);
    if (stop?.isThere) return;
  }
  throw new Error(`the focus does not come to ${selector}; it went ${stops.join('\n')}`);
}
