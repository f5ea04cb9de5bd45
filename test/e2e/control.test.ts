import { appendFile, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { makeFile, sha256Of } from './harness/material.ts';
import type { Person } from './harness/person.ts';
import { type Stage, scenario } from './harness/scenario.ts';
import { sleep } from './harness/until.ts';

const MB = 1e6;

/** Long enough to be caught in the middle. */
const LONG_BYTES = 60 * MB;

/** Ada sends Ben a long file, and he has some of it. */
async function midway(stage: Stage): Promise<{ ada: Person; ben: Person; file: string }> {
  const file = await makeFile(stage.folder, 'long.bin', LONG_BYTES);
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');
  await ada.pickFiles(file);
  await ben.joinByCode(await ada.shareCode());
  await ben.accept();
  await ben.waitForBytes('receive', 10 * MB);
  return { ada, ben, file };
}

async function faultsOf(person: Person): Promise<readonly string[]> {
  return (await person.transfers())[0]?.faults ?? [];
}

scenario('declining ends it for both, and nothing is sent', async (stage) => {
  const file = await makeFile(stage.folder, 'unwanted.bin', 5 * MB);
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.pickFiles(file);
  await ben.joinByCode(await ada.shareCode());
  await ben.decline();
  await ada.waitForPhase('send', 'declined');

  expect((await ada.transfers())[0]?.bytes).toBe(0);
});

scenario('the sender cancels', async (stage) => {
  const { ada, ben } = await midway(stage);
  await ada.cancel('send');
  await ben.waitForPhase('receive', 'failed');
  expect(await faultsOf(ben)).toEqual(['cancelled']);
});

scenario('the receiver cancels', async (stage) => {
  const { ada, ben } = await midway(stage);
  await ben.cancel('receive');
  await ada.waitForPhase('send', 'failed');
  expect(await faultsOf(ada)).toEqual(['cancelled']);
});

scenario('the sender pauses and continues', async (stage) => {
  const { ada, ben, file } = await midway(stage);
  await ada.pause('send');
  await ben.waitForPhase('receive', 'paused');
  await expectHeld(ben);
  await ada.continue('send');
  await ben.waitForPhase('receive', 'done');
  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
});

scenario('the receiver pauses and continues', async (stage) => {
  const { ada, ben, file } = await midway(stage);
  await ben.pause('receive');
  await ada.waitForPhase('send', 'paused');
  await expectHeld(ben);
  await ben.continue('receive');
  await ben.waitForPhase('receive', 'done');
  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
});

/** Once what was on its way has landed, nothing more comes. */
async function expectHeld(person: Person): Promise<void> {
  await sleep(2_000);
  const [held] = await person.transfers();
  await sleep(2_000);
  expect((await person.transfers())[0]?.bytes).toBe(held?.bytes);
}

scenario('the sender disconnects, connects again, and it goes on', async (stage) => {
  const { ada, ben, file } = await midway(stage);
  await ada.driver.click('[aria-label="Disconnect"]');
  await ben.waitForPhase('receive', 'waiting');
  // As long as she wants it so: he looks for her all the while.
  await sleep(3_000);
  await ada.waitForPhase('send', 'waiting');
  await ada.driver.click('[data-testid="peer"] button');
  await ben.waitForPhase('receive', 'done');
  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
});

scenario('a file that changes while it is sent fails, and says which', async (stage) => {
  const { ada, ben, file } = await midway(stage);
  await appendFile(file, 'one line more');
  await writeFile(file, 'something else altogether');

  const words = await ada.waitForFault('source-changed', 60_000);
  expect(words).toContain('long.bin');
  await ben.waitForPhase('receive', 'failed');
});

scenario('a peer that vanishes leaves the other waiting, not failed', async (stage) => {
  const { ada, ben } = await midway(stage);
  ben.driver.kill();
  await ada.waitForPhase('send', 'waiting', 40_000);
});
