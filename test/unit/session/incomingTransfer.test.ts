import { afterEach, describe, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../../../src/ports/journal.ts';
import { TransferError } from '../../../src/protocol/faults.ts';
import type { BlockIndex } from '../../../src/protocol/ids.ts';
import { IndexSet } from '../../../src/protocol/indexSet.ts';
import { expectSame, noise } from '../../contracts/noise.ts';
import { FlowEnds, settled, sha256, type Transfer } from '../../doubles/flowEnds.ts';
import { filesOf, manifestOfSizes } from '../../doubles/manifests.ts';

const BLOCK = 32 * 1024;
const byText = (a: string, b: string) => (a < b ? -1 : 1);

function transferOf(blocks: number, tag = 0): Transfer {
  const manifest = manifestOfSizes([blocks * BLOCK], BLOCK);
  return { tag, manifest, content: noise(blocks * BLOCK), wanted: filesOf(1, [0]) };
}

let ends: FlowEnds;
afterEach(() => ends.close());

/** The blocks of the transfer that arrive over a first link, which then is lost. */
async function interrupted(blocks: number, arrived: number): Promise<Transfer> {
  ends = new FlowEnds(arrived * BLOCK);
  const transfer = transferOf(blocks);
  const wire = ends.addWire();
  ends.start(transfer);
  await settled();
  while (ends.deliver(wire, wire.near));
  await settled();
  wire.die();
  ends.near.stopSend(0 as never);
  await ends.far.stopReceive(transfer.manifest.id, true);
  ends.acked.clear();
  ends.underWay.clear();
  return transfer;
}

const heldOf = ({ held, manifest }: JournalEntry) =>
  IndexSet.parse<BlockIndex>(held, manifest.totalBytes / manifest.blockBytes)!.count;

describe('an incoming transfer', () => {
  test('[P4] [R2] goes on over a new link with what it holds', async () => {
    const transfer = await interrupted(5, 3);
    ends.addWire();
    ends.transfers.clear();
    ends.start({ ...transfer, tag: 1 });
    await settled();
    await ends.finish();
    const stored = ends.stored.get(transfer.manifest.id);
    expectSame(new Uint8Array(await stored!.arrayBuffer()), transfer.content);
    expect([...ends.acked].sort(byText)).toEqual(['1:3', '1:4']);
    expect(ends.failed).toEqual([]);
  });

  test('[R2] deletes bytes and journal when it is discarded', async () => {
    const transfer = await interrupted(5, 3);
    ends.start(transfer);
    await settled();
    await ends.far.stopReceive(transfer.manifest.id, false);
    expect(ends.journal.entries.size).toBe(0);
    expect(await ends.stores.list()).toEqual([]);
  });

  test('[J2] after a crash, blocks that are not what they were come again', async () => {
    const transfer = await interrupted(5, 3);
    const { id, totalBytes } = transfer.manifest;
    const entry = ends.journal.entries.get(id)!;
    ends.journal.entries.set(id, { ...entry, isClean: false });
    const store = await ends.stores.open(id, totalBytes);
    await store.write(BLOCK, new Uint8Array(BLOCK));
    await store.close();

    ends.addWire();
    ends.transfers.clear();
    ends.start({ ...transfer, tag: 1 });
    await settled();
    await ends.finish();
    // It looks once a second whether the damaged blocks are here.
    await vi.waitFor(() => expect(ends.stored.size).toBe(1), 3000);
    const stored = ends.stored.get(id);
    expectSame(new Uint8Array(await stored!.arrayBuffer()), transfer.content);
    expect([...ends.acked].sort(byText)).toEqual(['1:1', '1:3', '1:4']);
    expect(ends.journal.entries.get(id)).toMatchObject({ phase: 'done', isClean: true });
  });

  test('[J2] new blocks are not kept waiting by the look at what a crash left', async () => {
    const transfer = await interrupted(20, 12);
    const { id } = transfer.manifest;
    const heldCount = heldOf(ends.journal.entries.get(id)!);
    ends.journal.entries.set(id, { ...ends.journal.entries.get(id)!, isClean: false });
    let readCount = 0;
    ends.stores.beforeRead = () => {
      readCount += 1;
      // Takes some time, as a disk does.
      for (const until = performance.now() + 1; performance.now() < until; );
    };
    ends.addWire();
    ends.transfers.clear();
    ends.start({ ...transfer, tag: 1 });
    await settled();
    await settled();
    expect(readCount).toBeLessThan(heldCount);
    await ends.finish();
    expect(ends.stored.size).toBe(1);
    expect(readCount).toBe(heldCount);
  });

  test('[J2] is not clean in the journal while it is received', async () => {
    ends = new FlowEnds(BLOCK);
    ends.start(transferOf(2));
    await settled();
    expect([...ends.journal.entries.values()]).toMatchObject([
      { phase: 'receiving', isClean: false },
    ]);
  });

  test('nobody waits for the first entry of the journal, and a fault of it ends the transfer', async () => {
    ends = new FlowEnds(BLOCK);
    const fault = { code: 'storage-failed', detail: 'no database' } as const;
    let fail = () => {};
    const put = ends.journal.put.bind(ends.journal);
    ends.journal.put = () => {
      ends.journal.put = put;
      return new Promise((_, reject) => {
        fail = () => reject(new TransferError(fault));
      });
    };
    const wire = ends.addWire();
    ends.start(transferOf(2));
    await settled();
    expect(wire.near.waiting).not.toEqual([]);
    fail();
    await settled();
    expect(ends.failed).toEqual([fault]);
  });

  test('[P6] is not stored before the journal has it', async () => {
    ends = new FlowEnds(BLOCK);
    const put = ends.journal.put.bind(ends.journal);
    ends.journal.put = async (entry) => {
      if (entry.phase === 'done') throw new TransferError({ code: 'storage-failed', detail: '' });
      await put(entry);
    };
    ends.addWire();
    ends.start(transferOf(2));
    await settled();
    await ends.finish();
    expect(ends.stored.size).toBe(0);
    expect(ends.failed).toEqual([{ code: 'storage-failed', detail: '' }]);
  });

  test('[D1] a full disk is a fault of the receiver', async () => {
    ends = new FlowEnds(BLOCK);
    ends.stores.beforeWrite = () =>
      Promise.reject(new TransferError({ code: 'disk-full', neededBytes: 5 }));
    ends.addWire();
    ends.start(transferOf(2));
    await settled();
    await ends.finish();
    expect(ends.failed).toEqual([{ code: 'disk-full', neededBytes: 5 }]);
  });

  test('[P8] a source that changed behind a held block is noticed before anything is sent', async () => {
    const transfer = await interrupted(5, 3);
    const changed = transfer.content.slice();
    changed[0]! ^= 1;
    const wire = ends.addWire();
    ends.near.send({
      tag: 1 as never,
      manifest: transfer.manifest,
      blobs: [],
      wanted: new Uint8Array([0b11111]),
      held: new Uint8Array([0b111]),
      samples: [{ block: 0 as never, digest: await sha256(changed.slice(0, BLOCK)) }],
      lost: [],
    });
    await settled();
    expect(ends.failed).toEqual([{ code: 'source-changed', name: '0.bin' }]);
    expect(wire.near.waiting).toEqual([]);
  });
});
