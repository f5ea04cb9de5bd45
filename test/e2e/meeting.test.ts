import { expect } from 'vitest';
import { makeFile, sha256Of } from './harness/material.ts';
import { scenario } from './harness/scenario.ts';

const MB = 1e6;

/** Words nobody should have to read, and what a broken sentence looks like. */
const JARGON = /\b(websocket|socket|broker|peerjs|ice|sdp|undefined|null|error)\b|\[object/i;

scenario('a link joins after one tap, and leaves no secret in the address bar', async (stage) => {
  const file = await makeFile(stage.folder, 'linked.bin', 5 * MB);
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.pickFiles(file);
  const link = await ada.shareLink();
  expect(link).toMatch(/#\d{4,6}\.[\w-]{22}$/);
  await ben.joinByLink(link);
  await ben.accept();
  await ben.waitForPhase('receive', 'done');

  const secret = link.slice(link.indexOf('.', link.indexOf('#')) + 1);
  expect(await ben.driver.evaluate(() => location.href, undefined)).not.toContain(secret);
  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
});

scenario('a link does nothing before the tap', async (stage) => {
  const file = await makeFile(stage.folder, 'linked.bin', 1 * MB);
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.pickFiles(file);
  await ben.open(await ada.shareLink());
  await new Promise((resolve) => setTimeout(resolve, 2_000));

  expect(await ada.peers()).toEqual([]);
  expect(await ben.transfers()).toEqual([]);
});

scenario('a wrong code says so and burns the words; the new code works', async (stage) => {
  const file = await makeFile(stage.folder, 'secret.bin', 2 * MB);
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.pickFiles(file);
  const code = await ada.shareCode();
  const [nameplate, first, ...others] = code.split('-');
  await ben.joinByCode([nameplate, ...others, first].join('-'));
  expect(await ben.waitForFault('not-verified')).not.toMatch(JARGON);
  expect(await ben.transfers()).toEqual([]);

  const fresh = await ada.shareCode(code);
  expect(fresh.split('-')[0]).toBe(nameplate);
  await ben.joinByCode(fresh);
  await ben.accept();
  await ben.waitForPhase('receive', 'done');
  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
});

scenario('a code that is no code is refused on the spot', async (stage) => {
  const ben = await stage.chromium('ben');
  await ben.joinByCode('hello there');
  expect(await ben.waitForFault('code-malformed')).not.toMatch(JARGON);
});

scenario(
  'with the broker down everybody is told, and it goes on by itself when it is back',
  async (stage) => {
    const file = await makeFile(stage.folder, 'patient.bin', 2 * MB);
    stage.site.broker.stop();
    const ada = await stage.chromium('ada');
    const ben = await stage.chromium('ben');

    await ada.pickFiles(file);
    const words = await ada.waitForFault('broker-unreachable');
    expect(words.length).toBeGreaterThan(20);
    expect(words).not.toMatch(JARGON);
    stage.site.broker.start();
    const code = await ada.shareCode();
    await ada.waitForNoFault('broker-unreachable');

    stage.site.broker.stop();
    await ben.joinByCode(code);
    expect(await ben.waitForFault('broker-unreachable')).not.toMatch(JARGON);
    stage.site.broker.start();
    await ben.accept();
    await ben.waitForPhase('receive', 'done');
    expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
  },
);

scenario(
  'a share that the broker has forgotten is found once its page is in front again',
  async (stage) => {
    const file = await makeFile(stage.folder, 'forgotten.bin', MB);
    const ada = await stage.chromium('ada');
    const ben = await stage.chromium('ben');
    await ada.pickFiles(file);
    const code = await ada.shareCode();
    // As for a phone that slept: its socket looks open, and leads nowhere.
    stage.site.broker.forget();
    await ben.joinByCode(code);
    await ben.waitForFault('peer-unavailable');
    await ada.driver.evaluate((ms) => {
      const now = performance.now.bind(performance);
      performance.now = () => now() + ms;
      document.dispatchEvent(new Event('visibilitychange'));
    }, 60_000);
    await ben.accept();
    await ben.waitForPhase('receive', 'done');
    expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
  },
);
