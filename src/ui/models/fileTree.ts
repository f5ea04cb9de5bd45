import type { FileIndex } from '../../protocol/ids.ts';
import type { FileView } from '../../session/view.ts';

/** A folder of an offer with everything in it. The outermost one has no name. */
export interface FolderNode {
  readonly kind: 'folder';
  readonly name: string;
  /** Segments joined by `/`; unique in its tree, and never a path of the disk. */
  readonly key: string;
  readonly folders: readonly FolderNode[];
  readonly files: readonly FileNode[];
  /** Entries of the manifest at any depth below, an empty folder being one of them. */
  readonly entries: readonly FileIndex[];
  readonly sizeBytes: number;
}

interface FileNode {
  readonly kind: 'file';
  readonly name: string;
  readonly key: string;
  readonly file: FileView;
}

/** One visible line of a tree. */
export interface TreeRow {
  readonly node: FolderNode | FileNode;
  /** 0 for the outermost. */
  readonly depth: number;
}

export type CheckState = 'all' | 'some' | 'none';

interface Draft {
  readonly name: string;
  readonly key: string;
  readonly folders: Map<string, Draft>;
  readonly files: FileNode[];
  readonly own: FileIndex[];
}

/** The tree of an offer: folders first, both in the order people sort names by. */
export function buildTree(files: readonly FileView[], compare: (a: string, b: string) => number) {
  const root = draft('', '');
  for (const file of files) {
    const folders = file.kind === 'folder' ? file.path : file.path.slice(0, -1);
    const place = folders.reduce(childOf, root);
    if (file.kind === 'folder') place.own.push(file.index);
    else place.files.push({ kind: 'file', name: lastOf(file), key: `${file.index}`, file });
  }
  return finished(root, compare);
}

const draft = (name: string, key: string): Draft => ({
  name,
  key,
  folders: new Map(),
  files: [],
  own: [],
});

function childOf(parent: Draft, name: string): Draft {
  const known = parent.folders.get(name);
  if (known !== undefined) return known;
  const child = draft(name, `${parent.key}/${name}`);
  parent.folders.set(name, child);
  return child;
}

function finished(from: Draft, compare: (a: string, b: string) => number): FolderNode {
  const byName = (a: { readonly name: string }, b: { readonly name: string }) =>
    compare(a.name, b.name);
  const folders = [...from.folders.values()].map((child) => finished(child, compare)).sort(byName);
  const files = from.files.sort(byName);
  return {
    kind: 'folder',
    name: from.name,
    key: from.key,
    folders,
    files,
    entries: [
      ...from.own,
      ...folders.flatMap((folder) => folder.entries),
      ...files.map((node) => node.file.index),
    ],
    sizeBytes:
      folders.reduce((sum, folder) => sum + folder.sizeBytes, 0) +
      files.reduce((sum, node) => sum + node.file.sizeBytes, 0),
  };
}

export const lastOf = (file: FileView) => file.path[file.path.length - 1] ?? '';

/** The lines to show, top to bottom, when the folders in `open` are open. */
export function visibleRows(root: FolderNode, open: ReadonlySet<string>): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (folder: FolderNode, depth: number) => {
    for (const child of folder.folders) {
      rows.push({ node: child, depth });
      if (open.has(child.key)) visit(child, depth + 1);
    }
    for (const node of folder.files) rows.push({ node, depth });
  };
  visit(root, 0);
  return rows;
}

/** Folders open at first: all while the whole tree is short, else only those with nothing beside them. */
export function openAtFirst(root: FolderNode, shortEnough: number): ReadonlySet<string> {
  const all = new Set<string>();
  const visit = (folder: FolderNode) => {
    for (const child of folder.folders) {
      all.add(child.key);
      visit(child);
    }
  };
  visit(root);
  if (all.size + root.entries.length <= shortEnough) return all;
  const chain = new Set<string>();
  let folder = root;
  while (folder.folders.length === 1 && folder.files.length === 0) {
    folder = folder.folders[0] ?? root;
    chain.add(folder.key);
  }
  return chain;
}

/** How many of `entries` are chosen, when `leftOut` are not. */
export function checkState(
  entries: readonly FileIndex[],
  leftOut: ReadonlySet<FileIndex>,
): CheckState {
  if (leftOut.size === 0) return 'all';
  let missing = 0;
  for (const entry of entries) if (leftOut.has(entry)) missing += 1;
  if (missing === 0) return 'all';
  return missing === entries.length ? 'none' : 'some';
}

/** `leftOut` after a tap on the box of `entries`: a full box empties, any other fills. */
export function toggled(
  entries: readonly FileIndex[],
  leftOut: ReadonlySet<FileIndex>,
): ReadonlySet<FileIndex> {
  const next = new Set(leftOut);
  const isFull = checkState(entries, leftOut) === 'all';
  for (const entry of entries) {
    if (isFull) next.add(entry);
    else next.delete(entry);
  }
  return next;
}

/** Bytes and number of the chosen files, for the line under the tree. */
export function chosenTotals(files: readonly FileView[], leftOut: ReadonlySet<FileIndex>) {
  const chosen = files.filter((file) => !leftOut.has(file.index));
  return {
    count: chosen.length,
    bytes: chosen.reduce((sum, file) => sum + file.sizeBytes, 0),
    riskyCount: chosen.filter((file) => file.isRisky).length,
  };
}
