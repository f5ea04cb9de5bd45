import { expect } from 'vitest';
import { makeFile, sha256Of } from './harness/material.ts';
import type { Person } from './harness/person.ts';
import { type Stage, scenario } from './harness/scenario.ts';

const MB = 1e6;

async function sendBetween(stage: Stage, ada: Person, ben: Person): Promise<void> {
  const file = await makeFile(stage.folder, 'across.bin', 40 * MB);
  await ada.pickFiles(file);
  await ben.joinByCode(await ada.shareCode());
  await ben.accept();
  await ben.waitForPhase('receive', 'done');
  await ada.waitForPhase('send', 'done');
  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
}

scenario('from Chromium to Firefox', async (stage) => {
  await sendBetween(stage, await stage.chromium('ada'), await stage.firefox('ben'));
});

scenario('from Firefox to Chromium', async (stage) => {
  await sendBetween(stage, await stage.firefox('ada'), await stage.chromium('ben'));
});
