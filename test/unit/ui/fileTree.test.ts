import { describe, expect, test } from 'vitest';
import { type FileIndex, fileIndex } from '../../../src/protocol/ids.ts';
import {
  buildTree,
  checkState,
  chosenTotals,
  openAtFirst,
  toggled,
  visibleRows,
} from '../../../src/ui/models/fileTree.ts';
import { aFile } from '../../doubles/fakeApp.ts';

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

const FILES = [
  aFile(0, 'Trip/b.jpg', 20),
  aFile(1, 'Trip/Videos/long.mov', 300),
  aFile(2, 'Trip/a.jpg', 10),
  aFile(3, 'Trip/Empty', 0, { kind: 'folder' }),
  aFile(4, 'run.exe', 4, { isRisky: true }),
];
const root = buildTree(FILES, compare);
const trip = root.folders[0]!;
const none: ReadonlySet<FileIndex> = new Set();
const set = (...indices: readonly number[]) => new Set(indices.map(fileIndex));

describe('the tree', () => {
  test('has folders first, both by name, and sums sizes', () => {
    const open = openAtFirst(root, 100);
    expect(visibleRows(root, open).map(({ node, depth }) => `${depth} ${node.name}`)).toEqual([
      '0 Trip',
      '1 Empty',
      '1 Videos',
      '2 long.mov',
      '1 a.jpg',
      '1 b.jpg',
      '0 run.exe',
    ]);
    expect(trip.sizeBytes).toBe(330);
  });

  test('holds every entry once, empty folders too', () => {
    expect(root.entries.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
  });

  test('hides what is in closed folders', () => {
    expect(visibleRows(root, new Set()).map(({ node }) => node.name)).toEqual(['Trip', 'run.exe']);
  });

  test('opens a lone folder of a long tree, and nothing beside others', () => {
    const lone = buildTree(
      FILES.filter((file) => file.path[0] === 'Trip'),
      compare,
    );
    expect([...openAtFirst(lone, 1)]).toEqual(['/Trip']);
    expect([...openAtFirst(root, 1)]).toEqual([]);
  });

  test('keeps folders of the same name apart', () => {
    const twice = buildTree([aFile(0, 'a/x/1', 1), aFile(1, 'b/x/2', 1)], compare);
    const keys = visibleRows(twice, openAtFirst(twice, 100)).map(({ node }) => node.key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('survives ten thousand files', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => aFile(index, `d/${index}`, 1));
    expect(buildTree(many, compare).entries).toHaveLength(10_000);
  });
});

describe('choosing', () => {
  test('a box is full, empty or in between', () => {
    expect(checkState(trip.entries, none)).toBe('all');
    expect(checkState(trip.entries, set(1))).toBe('some');
    expect(checkState(trip.entries, set(0, 1, 2, 3))).toBe('none');
    expect(checkState(trip.entries, set(4))).toBe('all');
  });

  test('a full box empties; one in between fills', () => {
    expect(toggled(trip.entries, none)).toEqual(set(0, 1, 2, 3));
    expect(toggled(trip.entries, set(1, 4))).toEqual(set(4));
  });

  test('totals count what is chosen', () => {
    expect(chosenTotals(FILES, set(1))).toEqual({ count: 4, bytes: 34, riskyCount: 1 });
    expect(chosenTotals(FILES, set(4))).toEqual({ count: 4, bytes: 330, riskyCount: 0 });
  });
});
