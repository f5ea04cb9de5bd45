import { createStore, entries } from 'idb-keyval';
import { expect, test } from 'vitest';
import { createBlockStores } from '../../src/storage/blockStores.ts';
import { eraseEverything } from '../../src/storage/eraseEverything.ts';
import { IdbJournal } from '../../src/storage/idbJournal.ts';
import { IdbSendJournal } from '../../src/storage/idbSendJournal.ts';
import { openOutboxFile } from '../../src/storage/outbox.ts';
import { loadSettings, saveSettings } from '../../src/storage/settingsStore.ts';
import { estimateFreeBytes, persistStorage } from '../../src/storage/storageEstimate.ts';
import { SHARE_DATABASE, TabShare } from '../../src/storage/tabShare.ts';
import { newTransferId } from '../contracts/blockStoreContract.ts';
import { journalEntry } from '../contracts/journalEntries.ts';
import { noise } from '../contracts/noise.ts';
import { WorkerStores } from '../doubles/workerStores.ts';

test('nothing of ours is left', async () => {
  const worker = new WorkerStores(['opfs', 'indexeddb']);
  for (const kind of ['opfs', 'indexeddb'] as const) {
    const store = await worker.open(newTransferId(), 100, kind);
    await store.write(0, noise(100));
    await store.close();
  }
  const journal = new IdbJournal();
  await journal.put(journalEntry(newTransferId()));
  const sendJournal = new IdbSendJournal();
  const { manifest } = journalEntry(newTransferId());
  await sendJournal.keep(manifest, { sources: [], bundle: new Blob(['mine']) });
  const share = new TabShare();
  await share.put({
    nameplate: '4821',
    token: 'mine',
    linkSecret: noise(16),
    words: undefined,
    burnedCount: 3,
    isOnePersonOnly: false,
    hasSucceeded: false,
  });
  await (await openOutboxFile())?.writable.close();
  await (await caches.open('sluice-shell')).put('/x', new Response('x'));
  saveSettings({ deviceName: 'Ada' });
  worker.kill();

  await eraseEverything();

  expect(await createBlockStores().list()).toEqual([]);
  expect(await journal.list()).toEqual([]);
  expect(await sendJournal.listKept()).toEqual([]);
  expect(sessionStorage.length).toBe(0);
  expect(await entries(createStore(SHARE_DATABASE, 'shares'))).toEqual([]);
  expect(await caches.keys()).toEqual([]);
  expect(loadSettings()).toBeUndefined();
  const root = await navigator.storage.getDirectory();
  await expect(root.getDirectoryHandle('sluice-out')).rejects.toThrow('not be found');
});

test('what is in use cannot be erased, and that is said', async () => {
  const worker = new WorkerStores(['opfs', 'indexeddb']);
  const store = await worker.open(newTransferId(), 100, 'opfs');
  await expect(eraseEverything()).rejects.toMatchObject({ fault: { code: 'storage-failed' } });
  await store.close();
  worker.kill();
  await expect.poll(() => eraseEverything().then(() => 'erased', String)).toBe('erased');
});

test('free room is a number here, and asking to keep it is answered', async () => {
  expect(await estimateFreeBytes()).toBeGreaterThan(1e6);
  expect([true, false]).toContain(await persistStorage());
});
