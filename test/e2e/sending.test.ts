import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { readArchive } from './harness/archive.ts';
import { makeFile, makeTree, sha256Of } from './harness/material.ts';
import { scenario } from './harness/scenario.ts';

const MB = 1e6;

scenario('one file of 200 MB arrives as it was', async (stage) => {
  const file = await makeFile(stage.folder, 'holiday.mov', 200 * MB);
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.pickFiles(file);
  await ben.joinByCode(await ada.shareCode());
  await ben.accept();
  await ben.waitForPhase('receive', 'done');
  await ada.waitForPhase('send', 'done');

  const saved = await ben.saveFile();
  expect(basename(saved)).toBe('holiday.mov');
  expect(await sha256Of(saved)).toBe(await sha256Of(file));
  const [transfer] = await ben.transfers();
  expect(transfer).toMatchObject({ bytes: 200 * MB, total: 200 * MB });
  expect((await ben.peers())[0]).toMatchObject({ path: 'direct' });
});

scenario(
  '2,000 small files keep their folders and contents; awkward names become safe ones',
  async (stage) => {
    const tree = await makeTree(stage.folder, 2_000);
    const ada = await stage.chromium('ada');
    const ben = await stage.chromium('ben');

    await ada.pickFolder(join(stage.folder, 'tree'));
    await ben.joinByCode(await ada.shareCode());
    await ben.accept();
    await ben.waitForPhase('receive', 'done');

    const archived = await readArchive(await ben.saveAll());
    const digests = (files: readonly { readonly sha256: string }[]) =>
      files.map((file) => file.sha256).sort();
    expect(digests(archived)).toEqual(digests(tree));

    const found = new Map(archived.map((file) => [file.path, file.sha256]));
    for (const file of tree.filter(({ isPlain }) => isPlain))
      expect([file.path, found.get(file.path)]).toEqual([file.path, file.sha256]);

    const folded = archived.map((file) => file.path.normalize('NFC').toLowerCase());
    expect(new Set(folded).size).toBe(archived.length);
    for (const segment of archived.flatMap((file) => file.path.split('/'))) {
      expect(segment).not.toMatch(/[\p{Cc}\u200B\u202A-\u202E\u2066-\u2069<>:"\\|?*]/u);
      expect(segment).not.toMatch(/[. ]$/);
      expect(segment).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
      expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(255);
    }
  },
);

scenario('a text arrives as text', async (stage) => {
  const text = 'Grüße, 世界 🦆 <b>not bold</b>';
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.sendText(text);
  await ben.joinByCode(await ada.shareCode());
  await ben.accept();
  await ben.waitForPhase('receive', 'done');

  expect((await ben.transfers())[0]?.words).toContain(text);
});

scenario('files go both ways on one link', async (stage) => {
  const there = await makeFile(stage.folder, 'there.bin', 20 * MB);
  const back = await makeFile(stage.folder, 'back.bin', 15 * MB);
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.pickFiles(there);
  await ben.joinByCode(await ada.shareCode());
  await ben.accept();
  await ben.pickFiles(back);
  await ada.accept();
  await ben.waitForPhase('receive', 'done');
  await ada.waitForPhase('receive', 'done');

  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(there));
  expect(await sha256Of(await ada.saveFile())).toBe(await sha256Of(back));
  expect(await ada.peers()).toHaveLength(1);
});

scenario('both offer files at the same moment, and each opens its lanes', async (stage) => {
  const hello = await makeFile(stage.folder, 'hello.txt', 5);
  const there = await makeFile(stage.folder, 'there.bin', 20 * MB);
  const back = await makeFile(stage.folder, 'back.bin', 15 * MB);
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.pickFiles(hello);
  await ben.joinByCode(await ada.shareCode());
  await ben.decline();
  await Promise.all([ada.pickFiles(there), ben.pickFiles(back)]);
  await Promise.all([ada.accept(), ben.accept()]);
  await Promise.all([ada, ben].map((person) => person.waitForPhase('receive', 'done')));

  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(there));
  expect(await sha256Of(await ada.saveFile())).toBe(await sha256Of(back));
  expect(await ada.faults()).toEqual([]);
});

scenario('three people receive at once', async (stage) => {
  const file = await makeFile(stage.folder, 'everyone.bin', 15 * MB);
  const ada = await stage.chromium('ada');
  const others = await Promise.all(['ben', 'cleo', 'dan'].map((name) => stage.chromium(name)));

  await ada.pickFiles(file);
  const code = await ada.shareCode();
  await Promise.all(others.map((person) => person.joinByCode(code)));
  await ada.waitForPeers(3);
  await Promise.all(others.map((person) => person.accept()));
  await Promise.all(others.map((person) => person.waitForPhase('receive', 'done')));
  await ada.waitForPhase('send', 'done', 30_000, 3);

  const wanted = await sha256Of(file);
  for (const person of others) expect(await sha256Of(await person.saveFile())).toBe(wanted);
});

scenario('a receiver takes only some of the files', async (stage) => {
  const names = ['one.bin', 'two.bin', 'three.bin', 'four.bin'];
  const files = await Promise.all(names.map((name) => makeFile(stage.folder, name, 3 * MB)));
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.pickFiles(...files);
  await ben.joinByCode(await ada.shareCode());
  await ben.accept(['two.bin', 'four.bin']);
  await ben.waitForPhase('receive', 'done');
  await ada.waitForPhase('send', 'done');

  expect((await ben.transfers())[0]).toMatchObject({ bytes: 6 * MB, total: 6 * MB });
  const archived = await readArchive(await ben.saveAll());
  expect(archived.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
    { path: 'four.bin', sha256: await sha256Of(join(stage.folder, 'four.bin')) },
    { path: 'two.bin', sha256: await sha256Of(join(stage.folder, 'two.bin')) },
  ]);
});

scenario('an empty file is a file', async (stage) => {
  const file = await makeFile(stage.folder, 'nothing.txt', 0);
  const ada = await stage.chromium('ada');
  const ben = await stage.chromium('ben');

  await ada.pickFiles(file);
  await ben.joinByCode(await ada.shareCode());
  await ben.accept();
  await ben.waitForPhase('receive', 'done');

  expect(await sha256Of(await ben.saveFile())).toBe(await sha256Of(file));
});
