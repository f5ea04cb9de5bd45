import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BlockIndex, blockIndex } from '../../../src/protocol/ids.ts';
import { IndexSet } from '../../../src/protocol/indexSet.ts';

const setOf = (size: number, members: Iterable<number>) => {
  const set = new IndexSet<BlockIndex>(size);
  for (const member of members) set.add(blockIndex(member));
  return set;
};

/** What a person does to a set. */
const anyUse = fc.nat(70).chain((size) =>
  fc.record({
    size: fc.constant(size),
    steps: fc.array(fc.record({ isAdd: fc.boolean(), index: fc.nat(size + 9) }), { maxLength: 60 }),
  }),
);

describe('a set of indices', () => {
  test('[B1] index 0 is the lowest bit of the first byte', () => {
    expect([...setOf(17, [0, 9, 16]).toBytes()]).toEqual([0b1, 0b10, 0b1]);
  });

  test('[B1] any use of it does what a Set does', () => {
    fc.assert(
      fc.property(anyUse, ({ size, steps }) => {
        const set = new IndexSet<BlockIndex>(size);
        const model = new Set<number>();
        for (const { isAdd, index } of steps) {
          const isChange = index < size && model.has(index) !== isAdd;
          const i = blockIndex(index);
          expect(isAdd ? set.add(i) : set.delete(i)).toBe(isChange);
          if (isChange && isAdd) model.add(index);
          if (isChange && !isAdd) model.delete(index);
        }
        expect([...set]).toEqual([...model].sort((a, b) => a - b));
        expect(set.count).toBe(model.size);
        expect(set.isFull).toBe(model.size === size);
        for (let i = 0; i < size + 9; i += 1) expect(set.has(blockIndex(i))).toBe(model.has(i));
      }),
      { seed: 3 },
    );
  });

  test('[B1] survives the wire', () => {
    fc.assert(
      fc.property(fc.nat(70), fc.array(fc.nat(69)), (size, members) => {
        const set = setOf(size, members);
        const read = IndexSet.parse<BlockIndex>(set.toBytes(), size);
        expect(read && [...read]).toEqual([...set]);
        expect(read?.count).toBe(set.count);
      }),
      { seed: 4 },
    );
  });

  test('[B1] bytes are taken only when they are what a set of that size would write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.nat(33), (bytes, size) => {
        const bits = [...bytes].flatMap((byte) =>
          Array.from({ length: 8 }, (_, bit) => ((byte >> bit) & 1) === 1),
        );
        const isRight =
          bytes.byteLength === Math.ceil(size / 8) && bits.slice(size).every((bit) => !bit);
        expect(IndexSet.parse(bytes, size) !== undefined).toBe(isRight);
      }),
      { seed: 5, numRuns: 1000 },
    );
  });

  test('[B1] the full set of any size has every index and no spare bit', () => {
    for (let size = 0; size < 40; size += 1) {
      const full = IndexSet.full<BlockIndex>(size);
      expect([...full]).toEqual(Array.from({ length: size }, (_, i) => i));
      expect(full.isFull).toBe(true);
      expect(IndexSet.parse(full.toBytes(), size)?.count).toBe(size);
    }
  });

  test('[B1] what was copied out does not change any more', () => {
    const set = setOf(8, [1]);
    const bytes = set.toBytes();
    set.add(blockIndex(2));
    expect([...bytes]).toEqual([0b10]);
  });
});
