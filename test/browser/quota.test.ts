/// <reference types="@vitest/browser-playwright" />
import { expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { newTransferId } from '../contracts/blockStoreContract.ts';
import { expectSame, noise } from '../contracts/noise.ts';
import { WorkerStores } from '../doubles/workerStores.ts';

const MIB = 1024 * 1024;
const { origin } = location;

// Only OPFS: IndexedDB in Chromium remembers what room there was, for longer than a test may take. The quota stays
// above what is stored, because an incognito Chromium 156 crashes when it is below.
test('a real quota shows as disk-full', async () => {
  const { usage } = await cdp().send('Storage.getUsageAndQuota', { origin });
  await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 12 * MIB });
  const worker = new WorkerStores(['opfs']);
  const id = newTransferId();
  const store = await worker.open(id, 64 * MIB);
  try {
    const fill = async () => {
      for (let at = 0; at < 64 * MIB; at += MIB) {
        await store.write(at, noise(MIB));
        await store.flush();
      }
    };
    await expect(fill()).rejects.toMatchObject({
      fault: { code: 'disk-full', neededBytes: expect.any(Number) },
    });
    // What was stored before is still there, and can be deleted.
    expectSame(await store.read(0, MIB), noise(MIB));
  } finally {
    await cdp().send('Storage.overrideQuotaForOrigin', { origin });
    await store.discard();
  }
  expect(await worker.list()).not.toContain(id);
  worker.kill();
});
