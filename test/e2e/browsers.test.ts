import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { slowFlush } from '../doubles/slowFlush.ts';
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

scenario('to Firefox where the disk is slow', async (stage) => {
  await slowDisks(join(stage.folder, 'site'));
  const [ada, ben] = [await stage.chromium('ada'), await stage.firefox('ben')];
  await ben.driver.evaluate(listenForDiskWorker, undefined);
  await sendBetween(stage, ada, ben);
  expect(await ben.driver.evaluate(hasDiskWorker, undefined)).toBe(true);
});

scenario('from Firefox to Chromium', async (stage) => {
  await sendBetween(stage, await stage.firefox('ada'), await stage.chromium('ben'));
});

/** Gives the workers of a site a disk that takes its time to flush; a disk worker tells that it started. */
async function slowDisks(site: string): Promise<void> {
  const assets = join(site, 'assets');
  for (const name of await readdir(assets)) {
    const tell = name.startsWith('disk.worker-')
      ? "new BroadcastChannel('disk').postMessage('');"
      : '';
    if (!/^(?:disk|transfer)\.worker-.*\.js$/.test(name)) continue;
    const script = await readFile(join(assets, name), 'utf8');
    await writeFile(join(assets, name), `(${slowFlush.toString()})();${tell}\n${script}`);
  }
}

interface HeardPage {
  hasDiskWorker?: boolean;
}

const hasDiskWorker = () => (globalThis as unknown as HeardPage).hasDiskWorker === true;

function listenForDiskWorker(): void {
  new BroadcastChannel('disk').onmessage = () => {
    (globalThis as unknown as HeardPage).hasDiskWorker = true;
  };
}
