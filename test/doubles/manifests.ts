import { type FileIndex, fileIndex, parseTransferId } from '../../src/protocol/ids.ts';
import { type FileSet, IndexSet } from '../../src/protocol/indexSet.ts';
import type { Manifest, ManifestFile } from '../../src/protocol/manifest.ts';

/** A transfer id made of one letter. */
export function idOf(letter: string) {
  const id = parseTransferId(letter.repeat(22));
  if (id === undefined) throw new Error(`not a letter of an id: ${letter}`);
  return id;
}

export const fileOf = (sizeBytes: number, ...path: string[]): ManifestFile => ({
  kind: 'file',
  path: path.length === 0 ? ['a.bin'] : path,
  sizeBytes,
  modifiedAt: 0,
});

/** A manifest over files of these sizes, with blocks as small as a test likes. */
export function manifestOfSizes(
  sizes: readonly number[],
  blockBytes: number,
  letter = 'T',
): Manifest {
  return {
    id: idOf(letter),
    files: sizes.map((size, i) => fileOf(size, `${i}.bin`)),
    blockBytes,
    totalBytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

export function filesOf(count: number, wanted: readonly number[]): FileSet {
  const set = new IndexSet<FileIndex>(count);
  for (const i of wanted) set.add(fileIndex(i));
  return set;
}
