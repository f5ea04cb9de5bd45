import { describe, expect, test } from 'vitest';
import type { Source } from '../../../src/ports/source.ts';
import { TransferError } from '../../../src/protocol/faults.ts';
import { PreparedSource } from '../../../src/session/flow/preparedSource.ts';
import { settled } from '../../doubles/flowEnds.ts';

/** Bytes that say which read they are of: the nth one gives ns. */
class CountingSource implements Source {
  readonly reads: string[] = [];
  fault: TransferError | undefined;

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    this.reads.push(`${start}-${end}`);
    if (this.fault !== undefined) throw this.fault;
    return new Uint8Array(end - start).fill(this.reads.length);
  }
}

describe('a prepared source', () => {
  test('reads the first bytes at once, and gives them away once', async () => {
    const source = new CountingSource();
    const prepared = new PreparedSource(source, 3);
    expect(source.reads).toEqual(['0-3']);
    expect(await prepared.read(0, 3)).toEqual(new Uint8Array([1, 1, 1]));
    expect(await prepared.read(0, 3)).toEqual(new Uint8Array([2, 2, 2]));
    expect(await prepared.read(3, 4)).toEqual(new Uint8Array([3]));
  });

  test('keeps nothing once something else is asked for', async () => {
    const source = new CountingSource();
    const prepared = new PreparedSource(source, 3);
    expect(await prepared.read(3, 5)).toEqual(new Uint8Array([2, 2]));
    expect(await prepared.read(0, 3)).toEqual(new Uint8Array([3, 3, 3]));
  });

  test('a first read that failed is tried again, and its fault told only then', async () => {
    const source = new CountingSource();
    const changed = new TransferError({ code: 'source-changed', name: 'a' });
    source.fault = changed;
    const prepared = new PreparedSource(source, 3);
    await settled();
    await expect(prepared.read(0, 3)).rejects.toBe(changed);
    const other = new PreparedSource(source, 3);
    await settled();
    source.fault = undefined;
    expect(await other.read(0, 3)).toEqual(new Uint8Array([4, 4, 4]));
  });
});
