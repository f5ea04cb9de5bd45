/// <reference lib="webworker" />
import type { BlockStore, StoreKind } from '../../src/ports/blockStore.ts';
import { TransferError } from '../../src/protocol/faults.ts';
import { createBlockStores } from '../../src/storage/blockStores.ts';
import { MemoryShelf } from '../../src/storage/memoryStore.ts';
import type { StoreCall, StoreReply } from './workerStores.ts';

declare const self: DedicatedWorkerGlobalScope;

const [kinds, memoryLimitBytes] = JSON.parse(self.name) as [StoreKind[], number];
const loadMemory = async () => new MemoryShelf(memoryLimitBytes);
const stores = createBlockStores({ kinds, loadMemory });
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

/** Megabytes a second of 1 MiB writes with a flush every 32 MiB, and of reading them back. */
async function measure(
  sizeBytes: number,
): Promise<{ writeMBs: number; readMBs: number; flushMs: number[] }> {
  const block = crypto.getRandomValues(new Uint8Array(65_536));
  const bytes = new Uint8Array(1024 * 1024);
  for (let at = 0; at < bytes.length; at += block.length) bytes.set(block, at);
  const id = crypto.randomUUID().replaceAll('-', '').slice(0, 22);
  const store = await stores.open(id as never, sizeBytes);
  const flushMs: number[] = [];
  const begin = performance.now();
  for (let at = 0; at < sizeBytes; at += bytes.length) {
    await store.write(at, bytes);
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
