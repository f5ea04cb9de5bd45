import { describe, expect, test } from 'vitest';
import type { BlockStore } from '../../../src/ports/blockStore.ts';
import type { Fault } from '../../../src/protocol/faults.ts';
import { TransferError } from '../../../src/protocol/faults.ts';
import type { DataFrame, Frame } from '../../../src/protocol/frame.ts';
import { blockIndex, transferTag } from '../../../src/protocol/ids.ts';
import { DUPLICATE_ALLOWANCE_BYTES } from '../../../src/protocol/limits.ts';
import { StreamLayout } from '../../../src/protocol/streamLayout.ts';
import { BlockRecord } from '../../../src/session/flow/blockRecord.ts';
import { ReceiveFlow } from '../../../src/session/flow/receiveFlow.ts';
import { MemoryShelf } from '../../../src/storage/memoryStore.ts';
import { noise } from '../../contracts/noise.ts';
import { blocksWhere, settled, sha256 } from '../../doubles/flowEnds.ts';
import { idOf, manifestOfSizes } from '../../doubles/manifests.ts';

const GRAIN = 16 * 1024;
/** Two frames of a grain each. */
const BLOCK = 2 * GRAIN;
const TAG = transferTag(7);

/** A receiving flow with everything it said and did, in order. */
class Bench {
  readonly layout: StreamLayout;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly log: string[] = [];
  readonly faults: Fault[] = [];
  readonly record: BlockRecord;
  readonly flow: ReceiveFlow;
  store!: BlockStore;

  constructor(sizeBytes: number, windowBlocks: number) {
    const manifest = manifestOfSizes([sizeBytes], BLOCK);
    this.layout = new StreamLayout(manifest);
    this.content = noise(sizeBytes);
    this.record = BlockRecord.empty(this.layout.blockCount);
    this.flow = new ReceiveFlow(windowBlocks * BLOCK, {
      digest: sha256,
      reply: (frame: Frame) =>
        this.log.push('block' in frame ? `${frame.type} ${frame.block}` : frame.type),
      verified: (_id, block) => this.log.push(`verified ${block}`),
      complete: () => this.log.push('complete'),
      failed: (_id, fault) => this.faults.push(fault),
    });
  }

  /** Wants all blocks but those in `unwanted`. */
  async start(unwanted: readonly number[] = [], tag = TAG): Promise<this> {
    const store = await new MemoryShelf().open(idOf('T'), this.layout.totalBytes);
    const write = store.write.bind(store);
    store.write = async (at, bytes) => {
      this.log.push(`write ${at / BLOCK}`);
      return await write(at, bytes);
    };
    this.store = store;
    this.flow.start({
      id: idOf('T'),
      tag,
      layout: this.layout,
      wanted: blocksWhere(this.layout.blockCount, (block) => !unwanted.includes(block)),
      store,
      record: this.record,
    });
    return this;
  }

  /** The frame of `grain` of `block`, right in every way. */
  async frame(block: number, grain: number, change: Partial<DataFrame> = {}): Promise<DataFrame> {
    const { start, end } = this.layout.block(blockIndex(block));
    const from = start + grain * GRAIN;
    const to = Math.min(from + GRAIN, end);
    const digest = to === end ? await sha256(this.content.slice(start, end)) : undefined;
    const payload = this.content.slice(from, to);
    const place = { tag: TAG, block: blockIndex(block), offset: grain * GRAIN };
    return { type: 'data', ...place, payload, digest, ...change };
  }

  async take(block: number, change: Partial<DataFrame> = {}): Promise<void> {
    this.flow.take(await this.frame(block, 0));
    this.flow.take(await this.frame(block, 1, change));
    await settled();
  }
}

const bench = (blocks: number, windowBlocks = 4) => new Bench(blocks * BLOCK, windowBlocks);
const WRONG = new Uint8Array(32);

describe('the receiving half', () => {
  test('[D1] [A1] writes a block, then acknowledges it, then counts it', async () => {
    const b = await bench(2).start();
    await b.take(1);
    expect(b.log).toEqual(['write 1', 'ack 1', 'verified 1']);
    await b.take(0);
    expect(b.log.slice(3)).toEqual(['write 0', 'ack 0', 'verified 0', 'complete']);
  });

  test('[D1] takes the frames of a block in any order', async () => {
    const b = await bench(1).start();
    b.flow.take(await b.frame(0, 1));
    b.flow.take(await b.frame(0, 0));
    await settled();
    expect(b.log).toContain('complete');
    expect(await b.store.read(0, BLOCK)).toEqual(b.content);
  });

  test('[D2] a damaged block is not written, and asked for again', async () => {
    const b = await bench(1).start();
    await b.take(0, { digest: WRONG });
    expect(b.log).toEqual(['nack 0']);
    await b.take(0);
    expect(b.log).toEqual(['nack 0', 'write 0', 'ack 0', 'verified 0', 'complete']);
  });

  test('[D3] the third damage of one block ends the transfer', async () => {
    const b = await bench(2).start();
    await b.take(0, { digest: WRONG });
    await b.take(1, { digest: WRONG });
    await b.take(0, { digest: WRONG });
    expect(b.faults).toEqual([]);
    await b.take(0, { digest: WRONG });
    expect(b.faults).toEqual([{ code: 'hash-mismatch', block: 0 }]);
    expect(b.log).toEqual(['nack 0', 'nack 1', 'nack 0']);
  });

  test('[D1] a flipped bit anywhere is damage', async () => {
    const b = await bench(1).start();
    const spoiled = b.content.slice(0, GRAIN);
    spoiled[GRAIN - 1]! ^= 1;
    b.flow.take(await b.frame(0, 0, { payload: spoiled }));
    b.flow.take(await b.frame(0, 1));
    await settled();
    expect(b.log).toEqual(['nack 0']);
  });

  test('[W2] holds twice its window in unfinished blocks, and no more', async () => {
    const b = await bench(9, 2).start();
    for (let block = 0; block < 4; block += 1)
      expect(b.flow.take(await b.frame(block, 0))).toBeUndefined();
    expect(b.flow.take(await b.frame(4, 0))).toBe('W2');
    b.flow.take(await b.frame(0, 1));
    await settled();
    expect(b.flow.take(await b.frame(4, 0))).toBeUndefined();
  });

  test('[W2] takes one block even when the window is smaller than that', async () => {
    const b = await new Bench(2 * BLOCK, 0).start();
    expect(b.flow.take(await b.frame(1, 0))).toBeUndefined();
    expect(b.flow.take(await b.frame(0, 0))).toBe('W2');
    b.flow.take(await b.frame(1, 1));
    await settled();
    expect(b.flow.take(await b.frame(0, 0))).toBeUndefined();
  });

  test('[W3] duplicates are taken up to the size of the transfer and the allowance', async () => {
    const b = await bench(1).start();
    await b.take(0);
    const first = await b.frame(0, 0);
    const most = (BLOCK + DUPLICATE_ALLOWANCE_BYTES) / GRAIN;
    for (let i = 0; i < most; i += 1) expect(b.flow.take(first)).toBeUndefined();
    expect(b.flow.take(first)).toBe('W3');
  });

  test('[W3] a duplicate in an unfinished block counts too', async () => {
    const b = await bench(1).start();
    const first = await b.frame(0, 0);
    b.flow.take(first);
    const most = (BLOCK + DUPLICATE_ALLOWANCE_BYTES) / GRAIN;
    for (let i = 0; i < most; i += 1) expect(b.flow.take(first)).toBeUndefined();
    expect(b.flow.take(first)).toBe('W3');
  });

  test('[F6] a frame of a transfer nobody knows breaks the rule, of an ended one it does not', async () => {
    const b = await bench(1).start();
    const stray = await b.frame(0, 0, { tag: transferTag(8) });
    expect(b.flow.take(stray)).toBe('F6');
    b.flow.stop(TAG);
    expect(b.flow.take(await b.frame(0, 0))).toBeUndefined();
    expect(b.log).toEqual([]);
  });

  test('[F6] a block past the last breaks the rule; one nobody wants is dropped', async () => {
    const b = await bench(3).start([1]);
    expect(b.flow.take(await b.frame(0, 0, { block: blockIndex(3) }))).toBe('F6');
    await b.take(1);
    expect(b.log).toEqual([]);
    expect(b.record.held.has(blockIndex(1))).toBe(false);
  });

  test('[F7] a frame past the end of its block breaks the rule', async () => {
    const b = await new Bench(BLOCK + GRAIN / 2, 4).start();
    const long = new Uint8Array(GRAIN);
    expect(b.flow.take(await b.frame(0, 0, { offset: BLOCK, payload: long }))).toBe('F7');
    expect(b.flow.take(await b.frame(1, 0, { payload: long }))).toBe('F7');
  });

  test('[F7] a digest comes at the end of the block and nowhere else', async () => {
    const b = await bench(1).start();
    expect(b.flow.take(await b.frame(0, 0, { digest: WRONG }))).toBe('F7');
    expect(b.flow.take(await b.frame(0, 1, { digest: undefined }))).toBe('F7');
  });

  test('[A2] a held block is acknowledged again when its last frame comes again', async () => {
    const b = await bench(2).start();
    await b.take(0);
    b.log.length = 0;
    b.flow.take(await b.frame(0, 0));
    expect(b.log).toEqual([]);
    b.flow.take(await b.frame(0, 1));
    expect(b.log).toEqual(['ack 0']);
  });

  test('[A2] what is held is acknowledged again in runs', async () => {
    const b = await bench(6, 6).start();
    for (const block of [0, 1, 2, 4]) await b.take(block);
    b.log.length = 0;
    b.flow.acknowledgeAgain();
    expect(b.log).toEqual(['ack 0', 'ack 4']);
  });

  test('[P6] what an earlier session left counts, and may be all there is', async () => {
    const b = bench(2);
    b.record.add(blockIndex(0), WRONG);
    b.record.add(blockIndex(1), WRONG);
    await b.start();
    expect(b.log).toEqual(['complete']);
  });

  test('[R2] a block that is being written when the transfer stops is not acknowledged', async () => {
    const b = await bench(1).start();
    let release = () => {};
    b.store.write = (_at, bytes) =>
      new Promise((resolve) => {
        release = () => resolve(bytes);
      });
    await b.take(0);
    b.flow.stop(TAG);
    release();
    await settled();
    expect(b.log).toEqual([]);
  });

  test('[D1] a disk that refuses ends the transfer with its reason', async () => {
    const b = await bench(1).start();
    b.store.write = () => Promise.reject(new TransferError({ code: 'disk-full', neededBytes: 1 }));
    await b.take(0);
    expect(b.faults).toEqual([{ code: 'disk-full', neededBytes: 1 }]);
    expect(b.log).toEqual([]);
  });

  test('[W2] stopping gives back the places of unfinished blocks', async () => {
    const b = await bench(3, 1).start();
    b.flow.take(await b.frame(0, 0));
    b.flow.take(await b.frame(1, 0));
    expect(b.flow.take(await b.frame(2, 0))).toBe('W2');
    b.flow.stop(TAG);
    await b.start([], transferTag(9));
    const frame = await b.frame(2, 0, { tag: transferTag(9) });
    expect(b.flow.take(frame)).toBeUndefined();
  });
});
