/// <reference lib="webworker" />
import type { BlockStore, StoreKind } from '../../src/ports/blockStore.ts';
import { TransferError } from '../../src/protocol/faults.ts';
import type { TransferId } from '../../src/protocol/ids.ts';
import { createBlockStores } from '../../src/storage/blockStores.ts';
import { MemoryShelf } from '../../src/storage/memoryStore.ts';
import diskWorkerUrl from '../../src/workers/disk.worker.ts?worker&url';
import { openMovingStore } from '../../src/workers/movingStore.ts';
import { RemoteDisk } from '../../src/workers/remoteDisk.ts';
import slowDiskUrl from './slowDisk.worker.ts?worker&url';
import { slowFlush } from './slowFlush.ts';
import type { DiskKind, StoreCall, StoreReply } from './workerStores.ts';

declare const self: DedicatedWorkerGlobalScope;

const [kinds, memoryLimitBytes, diskKind] = JSON.parse(self.name) as [
  StoreKind[],
  number,
  DiskKind,
];
const loadMemory = async () => new MemoryShelf(memoryLimitBytes);
const DISKS: Readonly<Record<DiskKind, string>> = {
  moved: diskWorkerUrl,
  missing: '/not-there.js',
  slow: slowDiskUrl,
  none: '',
};
if (diskKind === 'slow') slowFlush();
const disk = new RemoteDisk((port) => {
  const worker = new Worker(DISKS[diskKind], { type: 'module' });
  worker.postMessage(port, [port]);
  worker.onerror = () => disk.giveUp();
});
const SLOW_FLUSH_MS: Readonly<Record<DiskKind, number | undefined>> = {
  moved: 0,
  missing: 0,
  slow: undefined,
  none: Number.POSITIVE_INFINITY,
};
const stores = createBlockStores({
  kinds,
  loadMemory,
  openOpfs: (id, sizeBytes) => openMovingStore(id, sizeBytes, disk, SLOW_FLUSH_MS[diskKind]),
});
const open: BlockStore[] = [];

self.onmessage = async ({ data }: MessageEvent<StoreCall>) => {
  const reply = (message: StoreReply) => self.postMessage(message);
  try {
    reply({ call: data.call, value: await answer(data) });
  } catch (error) {
    const fault = error instanceof TransferError ? error.fault : undefined;
    reply({ call: data.call, fault, bug: fault ? undefined : String(error) });
  }
};

async function answer(call: StoreCall): Promise<unknown> {
  switch (call.type) {
    case 'open': {
      const store = await stores.open(call.id, call.sizeBytes, call.kind);
      return { index: open.push(store) - 1, kind: store.kind };
    }
    case 'content':
      return await stores.content(call.id, call.kind, call.sizeBytes);
    case 'discard':
      return await stores.discard(call.id);
    case 'list':
      return await stores.list();
    case 'workingKind':
      return await stores.workingKind();
    case 'ticksWhileFlushing':
      return await ticksWhileFlushing(call.sizeBytes);
    case 'measure':
      return await measure(call.sizeBytes);
    case 'on':
      return await onStore(open[call.store]!, call);
  }
}

function onStore(store: BlockStore, call: Extract<StoreCall, { type: 'on' }>): Promise<unknown> {
  switch (call.method) {
    case 'write':
      return store.write(call.at, call.bytes);
    case 'read':
      return store.read(call.at, call.end);
    default:
      return store[call.method]();
  }
}

/** How often this worker comes to its own business while a part-file flushes that was slow to flush twice. */
async function ticksWhileFlushing(sizeBytes: number): Promise<number> {
  const store = await stores.open(newTransferId(), sizeBytes);
  await store.flush();
  await store.flush();
  await store.write(0, new Uint8Array(sizeBytes));
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 10);
  await store.flush();
  clearInterval(timer);
  await store.discard();
  return ticks;
}

const newTransferId = () => crypto.randomUUID().replaceAll('-', '').slice(0, 22) as TransferId;

/** Megabytes a second of 1 MiB writes with a flush every 32 MiB, and of reading them back. */
async function measure(
  sizeBytes: number,
): Promise<{ writeMBs: number; readMBs: number; flushMs: number[] }> {
  const block = crypto.getRandomValues(new Uint8Array(65_536));
  let bytes = new Uint8Array(1024 * 1024);
  for (let at = 0; at < bytes.length; at += block.length) bytes.set(block, at);
  const store = await stores.open(newTransferId(), sizeBytes);
  const flushMs: number[] = [];
  const begin = performance.now();
  for (let at = 0; at < sizeBytes; at += bytes.length) {
    bytes = await store.write(at, bytes);
    if ((at + bytes.length) % (32 * 1024 * 1024) !== 0) continue;
    const before = performance.now();
    await store.flush();
    flushMs.push(Math.round(performance.now() - before));
  }
  const middle = performance.now();
  for (let at = 0; at < sizeBytes; at += bytes.length) await store.read(at, at + bytes.length);
  const end = performance.now();
  await store.discard();
  const rate = (ms: number) => Math.round(sizeBytes / 1e3 / ms);
  return { writeMBs: rate(middle - begin), readMBs: rate(end - middle), flushMs };
}
