import { expect, test } from 'vitest';
import { createBlockStores } from '../../src/storage/blockStores.ts';
import { MemoryShelf } from '../../src/storage/memoryStore.ts';
import { blockStoreContract, newTransferId } from '../contracts/blockStoreContract.ts';
import { noise } from '../contracts/noise.ts';
import { WorkerStores } from '../doubles/workerStores.ts';

const MIB = 1024 * 1024;

for (const [kind, disk] of [
  ['opfs', 'moved'],
  ['opfs', 'none'],
  ['opfs', 'missing'],
  ['indexeddb', 'none'],
  ['memory', 'none'],
] as const) {
  const newWorker = () => new WorkerStores([kind], undefined, disk);
  blockStoreContract(`${kind}, disk worker: ${disk}`, kind, async () => {
    let worker = newWorker();
    const isDurable = kind !== 'memory';
    return {
      stores: {
        workingKind: () => worker.workingKind(),
        open: (...args) => worker.open(...args),
        content: (...args) => worker.content(...args),
        discard: (...args) => worker.discard(...args),
        list: () => worker.list(),
      },
      crash: isDurable
        ? async () => {
            worker.kill();
            worker = newWorker();
            return worker;
          }
        : undefined,
      elsewhere: isDurable ? createBlockStores() : undefined,
      end: async () => worker.kill(),
    };
  });
}

test('a worker gets OPFS, the page does not, and the next kind in line is taken', async () => {
  const worker = new WorkerStores(['opfs', 'indexeddb', 'memory']);
  expect(await worker.workingKind()).toBe('opfs');
  worker.kill();
  expect(await createBlockStores().workingKind()).toBe('indexeddb');
  const store = await createBlockStores().open(newTransferId(), 10);
  expect(store.kind).toBe('indexeddb');
  await store.discard();
});

test('a slow disk keeps the worker that has the lanes twice and not again', async () => {
  const worker = new WorkerStores(['opfs'], undefined, 'slow');
  expect(await worker.ticksWhileFlushing(MIB)).toBeGreaterThan(3);
  worker.kill();
});

test('memory is full at its limit, and a discard frees it', async () => {
  const stores = createBlockStores({
    kinds: ['memory'],
    loadMemory: async () => new MemoryShelf(3 * MIB),
  });
  const first = await stores.open(newTransferId(), 8 * MIB);
  await first.write(0, noise(3 * MIB));
  await expect(first.write(3 * MIB, noise(MIB))).rejects.toMatchObject({
    fault: { code: 'disk-full', neededBytes: 5 * MIB },
  });
  expect(await first.read(0, 100)).toEqual(noise(3 * MIB).slice(0, 100));
  await first.discard();
  const second = await stores.open(newTransferId(), 3 * MIB);
  await second.write(0, noise(3 * MIB));
  await second.discard();
});

test.each([
  ['has no memory for streams', undefined],
  ['cannot load what keeps them', () => Promise.reject(new TypeError('not found'))],
])('a window that has only memory and %s says so', async (_name, loadMemory) => {
  const stores = createBlockStores({ kinds: ['memory'], ...(loadMemory && { loadMemory }) });
  const id = newTransferId();
  await expect(stores.open(id, 1)).rejects.toMatchObject({ fault: { code: 'storage-failed' } });
  expect(await stores.content(id, 'memory', 1)).toBeUndefined();
  expect(await stores.list()).not.toContain(id);
  await stores.discard(id);
});

test('streams opened at once share one memory', async () => {
  const stores = createBlockStores({
    kinds: ['memory'],
    loadMemory: async () => new MemoryShelf(2 * MIB),
  });
  const ids = [newTransferId(), newTransferId()];
  const [one, other] = await Promise.all(ids.map((id) => stores.open(id, 2 * MIB)));
  await one!.write(0, noise(MIB));
  await other!.write(0, noise(MIB));
  expect([...(await stores.list())]).toEqual(expect.arrayContaining(ids));
  await expect(one!.write(MIB, noise(1))).rejects.toMatchObject({ fault: { code: 'disk-full' } });
  await Promise.all(ids.map((id) => stores.discard(id)));
});
