import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BlockStore } from '../../../src/ports/blockStore.ts';
import type { JournalEntry } from '../../../src/ports/journal.ts';
import { type BlockIndex, blockIndex } from '../../../src/protocol/ids.ts';
import { IndexSet } from '../../../src/protocol/indexSet.ts';
import { BlockRecord } from '../../../src/session/flow/blockRecord.ts';
import { JournalWriter } from '../../../src/session/flow/journalWriter.ts';
import { MemoryShelf } from '../../../src/storage/memoryStore.ts';
import { idOf, manifestOfSizes } from '../../doubles/manifests.ts';
import { MemoryJournal } from '../../doubles/memoryJournal.ts';

const BLOCKS = 8;
const MIB = 2 ** 20;
const digest = new Uint8Array(32).fill(5);

class Bench {
  readonly log: string[] = [];
  readonly record = BlockRecord.empty(BLOCKS);
  readonly journal = new MemoryJournal();
  readonly failures: unknown[] = [];
  readonly writer: JournalWriter;
  /** Ends the flush that is running. */
  endFlush = () => {};

  private constructor(store: BlockStore) {
    store.flush = () => {
      this.log.push('flush');
      return new Promise((resolve) => {
        this.endFlush = resolve;
      });
    };
    const put = this.journal.put.bind(this.journal);
    this.journal.put = (entry) => {
      this.log.push(`put ${blocksOf(entry).join(' ')}`);
      return put(entry);
    };
    this.writer = new JournalWriter({
      store,
      journal: this.journal,
      record: this.record,
      now: () => 77,
      failed: (error) => this.failures.push(error),
      entry: {
        version: 1,
        direction: 'receive',
        manifest: manifestOfSizes([BLOCKS], 1),
        wanted: new Uint8Array([1]),
        store: 'memory',
        peerName: 'peer',
        role: 'joiner',
        resumeKey: new Uint8Array(32),
        startedAt: 1,
      },
    });
  }

  static async open(): Promise<Bench> {
    return new Bench(await new MemoryShelf().open(idOf('T'), BLOCKS));
  }

  hold(block: number): void {
    this.record.add(blockIndex(block), digest);
  }
}

const blocksOf = ({ held }: JournalEntry) => [...IndexSet.parse<BlockIndex>(held, BLOCKS)!];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});
/** Promises run; timers stand still. */
const settled = () => vi.advanceTimersByTimeAsync(0);

describe('the journal of an incoming transfer', () => {
  test('[J1] is written after the flush, with what was held before it', async () => {
    const b = await Bench.open();
    b.hold(1);
    const saved = b.writer.save('receiving', false);
    await settled();
    expect(b.log).toEqual(['flush']);
    // Written while the flush runs: nobody knows whether it is on the disk.
    b.hold(2);
    b.endFlush();
    await saved;
    expect(b.log).toEqual(['flush', 'put 1']);
  });

  test('[J1] has the digests of the same blocks', async () => {
    const b = await Bench.open();
    b.hold(0);
    const saved = b.writer.save('done', true);
    await settled();
    b.hold(1);
    b.endFlush();
    await saved;
    const entry = await b.journal.load(idOf('T'));
    expect(entry?.digests.slice(0, 32)).toEqual(digest);
    expect(entry?.digests.slice(32).every((byte) => byte === 0)).toBe(true);
    expect(entry).toMatchObject({ phase: 'done', isClean: true, touchedAt: 77 });
  });

  test('[J1] one save runs after the other', async () => {
    const b = await Bench.open();
    b.hold(0);
    const first = b.writer.save('receiving', false);
    const second = b.writer.save('done', true);
    await settled();
    expect(b.log).toEqual(['flush']);
    b.hold(3);
    b.endFlush();
    await first;
    await settled();
    b.endFlush();
    await second;
    expect(b.log).toEqual(['flush', 'put 0', 'flush', 'put 0 3']);
  });

  test('[J1] a failed flush leaves it where it was, and the next save starts afresh', async () => {
    const b = await Bench.open();
    b.hold(0);
    b.journal.put = () => Promise.reject(new Error('no'));
    const first = b.writer.save('receiving', false);
    await settled();
    b.endFlush();
    await expect(first).rejects.toThrow('no');
    const second = b.writer.save('receiving', false).catch(() => 'again');
    await settled();
    b.endFlush();
    expect(await second).toBe('again');
    expect(b.log).toEqual(['flush', 'flush']);
  });

  test('[J1] catches up a second after a block, or at once after 32 MiB', async () => {
    const b = await Bench.open();
    b.writer.wrote(MIB);
    b.writer.wrote(MIB);
    await vi.advanceTimersByTimeAsync(999);
    expect(b.log).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(b.log).toEqual(['flush']);
    b.endFlush();
    await settled();
    b.writer.wrote(32 * MIB);
    await settled();
    expect(b.log).toEqual(['flush', 'put ', 'flush']);
  });

  test('[J1] reports a save of its own that fails', async () => {
    const b = await Bench.open();
    b.journal.put = () => Promise.reject(new Error('no'));
    b.writer.wrote(32 * MIB);
    await settled();
    b.endFlush();
    await settled();
    expect(b.failures).toHaveLength(1);
  });

  test('[R2] after stop nothing is written any more', async () => {
    const b = await Bench.open();
    b.writer.wrote(MIB);
    await b.writer.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(b.log).toEqual([]);
  });
});
