import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlockStore, BlockStores, StoreKind } from '../../src/ports/blockStore.ts';
import { parseTransferId, type TransferId } from '../../src/protocol/ids.ts';
import { expectSame, noise, randomOrder, sha256, slicesOf } from './noise.ts';

const MIB = 1024 * 1024;

/** What the suite needs to run on one kind of store. */
export interface BlockStoreSubject {
  readonly stores: BlockStores;
  /** Ends everything as a crash would, without a close, and starts again. `undefined` when the kind cannot survive it. */
  readonly crash: (() => Promise<BlockStores>) | undefined;
  /** What another thread sees: the page. `undefined` when the kind is seen by its own thread only. */
  readonly elsewhere: BlockStores | undefined;
  end(): Promise<void>;
}

/** The promises of {@link BlockStore} and {@link BlockStores}, run against every kind, each in a worker. */
export function blockStoreContract(
  name: string,
  kind: StoreKind,
  start: () => Promise<BlockStoreSubject>,
): void {
  describe(`BlockStore contract: ${name}`, () => {
    let subject: BlockStoreSubject;
    let id: TransferId;
    let opened: BlockStore[];

    beforeEach(async () => {
      subject = await start();
      id = newTransferId();
      opened = [];
    });

    afterEach(async () => {
      for (const store of opened) await store.discard();
      await subject.end();
    });

    const open = async (sizeBytes: number): Promise<BlockStore> => {
      const store = await subject.stores.open(id, sizeBytes, kind);
      opened.push(store);
      // As the journal does: a part-file that moves has moved by then.
      await store.flush();
      await store.flush();
      return store;
    };

    test('is of the kind that was asked for', async () => {
      const store = await open(10);
      expect(store.kind).toBe(kind);
      await store.discard();
    });

    test('pieces of odd sizes, in any order, end as the same stream', async () => {
      const stream = noise(13 * MIB + 4321);
      const store = await open(stream.byteLength);
      for (const [at, piece] of randomOrder(slicesOf(stream, 777_777)))
        await store.write(at, piece);
      const content = await store.finish();
      expect(content.size).toBe(stream.byteLength);
      expect(await sha256(content)).toBe(await sha256(stream));
    });

    test('pieces spread over more than is kept in memory come back whole', async () => {
      const stream = noise(70 * MIB + 1);
      const store = await open(stream.byteLength);
      const pieces = slicesOf(stream, MIB);
      // Even megabytes first, odd ones later: each segment is left half done and found again.
      for (const [at, piece] of pieces.filter((_, i) => i % 2 === 0)) await store.write(at, piece);
      await store.flush();
      for (const [at, piece] of pieces.filter((_, i) => i % 2 === 1)) await store.write(at, piece);
      expect(await sha256(await store.finish())).toBe(await sha256(stream));
    });

    test('writes may overlap in time', async () => {
      const stream = noise(9 * MIB);
      const store = await open(stream.byteLength);
      await Promise.all(
        randomOrder(slicesOf(stream, 300_001)).map(([at, piece]) => store.write(at, piece)),
      );
      expect(await sha256(await store.finish())).toBe(await sha256(stream));
    });

    test('the same place may be written twice; the last write stays', async () => {
      const store = await open(300);
      await store.write(0, noise(300, 1));
      await store.write(100, noise(100, 2));
      await store.write(100, noise(100, 3));
      expectSame(await store.read(100, 200), noise(100, 3));
      expectSame(await store.read(0, 100), noise(300, 1).slice(0, 100));
    });

    test('as much memory comes back from a write, for reuse', async () => {
      const store = await open(2 * MIB);
      const memory = await store.write(0, noise(MIB, 5));
      expect(memory.byteLength).toBe(MIB);
      memory.fill(0xee);
      await store.write(MIB, memory);
      expectSame(await store.read(0, MIB), noise(MIB, 5));
    });

    test('a view into a larger buffer is written, not the buffer', async () => {
      const store = await open(10);
      await store.write(0, noise(1000).subarray(500, 510));
      expectSame(await store.read(0, 10), noise(1000).slice(500, 510));
    });

    test('reads what was written, before and after a flush, and zeros where nothing was', async () => {
      const store = await open(6 * MIB);
      await store.write(5 * MIB - 50, noise(100));
      expectSame(await store.read(5 * MIB - 50, 5 * MIB + 50), noise(100));
      await store.flush();
      expectSame(await store.read(5 * MIB - 50, 5 * MIB + 50), noise(100));
      expectSame(await store.read(0, 10), new Uint8Array(10));
      expectSame(await store.read(6 * MIB - 10, 6 * MIB), new Uint8Array(10));
    });

    test('parts nobody wanted are zeros in the finished stream', async () => {
      const store = await open(12 * MIB);
      await store.write(5 * MIB, noise(1000));
      const content = await store.finish();
      expect(content.size).toBe(12 * MIB);
      const around = await content.slice(5 * MIB - 1, 5 * MIB + 1001).arrayBuffer();
      expectSame(new Uint8Array(around), Uint8Array.from([0, ...noise(1000), 0]));
    });

    test('close keeps the bytes, open finds them again', async () => {
      const first = await open(9 * MIB);
      await first.write(3 * MIB, noise(2 * MIB));
      await first.close();
      await first.close();
      const second = await open(9 * MIB);
      expectSame(await second.read(3 * MIB, 5 * MIB), noise(2 * MIB));
      await second.write(5 * MIB, noise(100, 9));
      expectSame(await second.read(4 * MIB, 5 * MIB), noise(2 * MIB).slice(MIB));
    });

    test('a finished stream may be opened again', async () => {
      const store = await open(MIB + 7);
      await store.write(0, noise(MIB + 7));
      await store.finish();
      const again = await open(MIB + 7);
      expectSame(await again.read(MIB, MIB + 7), noise(MIB + 7).slice(MIB));
    });

    test('what was flushed survives a crash', async () => {
      if (subject.crash === undefined) return;
      const store = await open(20 * MIB + 3);
      await store.write(0, noise(MIB, 1));
      await store.write(20 * MIB, noise(3, 2));
      await store.flush();
      opened = [];
      const stores = await subject.crash();
      const again = await stores.open(id, 20 * MIB + 3, kind);
      expectSame(await again.read(0, MIB), noise(MIB, 1));
      expectSame(await again.read(20 * MIB, 20 * MIB + 3), noise(3, 2));
      await again.discard();
    });

    test('a second writer is refused, with a reason', { timeout: 15_000 }, async () => {
      if (kind === 'memory') return;
      const store = await open(100);
      await expect(open(100)).rejects.toMatchObject({
        fault: { code: 'storage-failed', detail: expect.stringContaining('already open') },
      });
      await store.close();
      await (await open(100)).close();
    });

    test('a stream of no bytes finishes', async () => {
      const store = await open(0);
      expect((await store.finish()).size).toBe(0);
      expect((await subject.stores.content(id, kind, 0))?.size).toBe(0);
    });

    test('finished content is found again, from here and from the page', async () => {
      const stream = noise(9 * MIB + 11);
      const store = await open(stream.byteLength);
      await store.write(0, stream);
      await store.finish();
      for (const stores of [subject.stores, subject.elsewhere]) {
        if (stores === undefined) continue;
        const content = await stores.content(id, kind, stream.byteLength);
        expect(content && (await sha256(content))).toBe(await sha256(stream));
      }
    });

    test('lists what it holds, and nothing after a discard', async () => {
      const store = await open(100);
      await store.write(0, noise(100));
      await store.close();
      expect(await subject.stores.list()).toContain(id);
      await subject.stores.discard(id);
      expect(await subject.stores.list()).not.toContain(id);
      expect(await subject.stores.content(id, kind, 100)).toBeUndefined();
    });

    test('a discarded store leaves nothing, and may be discarded twice', async () => {
      const store = await open(5 * MIB);
      await store.write(0, noise(5 * MIB));
      await store.discard();
      await store.discard();
      expect(await subject.stores.list()).not.toContain(id);
      const again = await open(5 * MIB);
      expectSame(await again.read(0, 100), new Uint8Array(100));
    });

    test('nothing is written after a close', async () => {
      const store = await open(100);
      await store.close();
      await expect(store.write(0, noise(10))).rejects.toMatchObject({
        fault: { code: 'storage-failed' },
      });
    });
  });
}

/** 16 random bytes as the 22 characters of a transfer id. */
export function newTransferId(): TransferId {
  const hex = crypto.randomUUID().replaceAll('-', '').slice(0, 22);
  return parseTransferId(hex)!;
}
