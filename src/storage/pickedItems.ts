/** What the person picked, dropped or pasted, as a flat list with the folders as paths. */
import type { FoundItem, PickedFile, PickedItem } from '../ports/pickedItem.ts';
import { MAX_FILES, MAX_PATH_DEPTH } from '../protocol/limits.ts';

/** One more than a transfer takes: enough for the caller to see that it is too much. */
const MAX_ITEMS = MAX_FILES + 1;

/** How long the page may be kept busy by looking at files at a time, ms. */
const BUSY_MS = 30;

/**
 * A picked file as it is now. Of a file just picked Chromium keeps neither size nor date: it asks the browser, and waits, whenever one is read
 * and when the file goes to a worker (0.16 ms each time, seconds for ten thousand files). A clone knows them.
 */
export function pickedFile(path: readonly string[], file: File): PickedFile {
  const content = structuredClone(file);
  const modifiedAt = Math.max(0, Math.floor(content.lastModified));
  return { kind: 'file', path, content, modifiedAt };
}

/** Files of an `<input type=file>`; those of a folder input keep their path. The list is read before the first await. */
export async function itemsOfFileList(files: FileList | readonly File[]): Promise<PickedItem[]> {
  const items: PickedItem[] = [];
  let busySince = performance.now();
  for (const file of Array.from(files).slice(0, MAX_ITEMS)) {
    items.push(pickedFile(pathOf(file), file));
    if (performance.now() - busySince < BUSY_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    busySince = performance.now();
  }
  return items;
}

/** Files and whole folders of a drop, empty folders too. Call it inside the event: the data is gone after it. */
export function itemsOfDataTransfer(data: DataTransfer): Promise<FoundItem[]> {
  // Collected before the first await, while the event still lends them.
  const roots = Array.from(data.items)
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  return itemsOfRoots(roots.filter((root) => root !== null));
}

/** Files of a paste; none for pasted text. Call it inside the event. */
export async function itemsOfClipboard(data: DataTransfer | null): Promise<FoundItem[]> {
  return data === null ? [] : await itemsOfDataTransfer(data);
}

async function itemsOfRoots(roots: readonly (FileSystemEntry | File)[]): Promise<FoundItem[]> {
  const found: FoundItem[] = [];
  for (const root of roots) {
    if (root instanceof File) found.push(pickedFile(pathOf(root), root));
    else await collect(root, [], found);
  }
  return found.slice(0, MAX_ITEMS);
}

async function collect(
  entry: FileSystemEntry,
  above: readonly string[],
  found: FoundItem[],
): Promise<void> {
  if (found.length >= MAX_ITEMS) return;
  const path = [...above, entry.name];
  let children: FileSystemEntry[] = [];
  try {
    if (isFile(entry)) {
      found.push(pickedFile(path, await fileOf(entry)));
      return;
    }
    // A folder below the deepest level is listed too, so that the caller sees the path that is too long.
    if (isFolder(entry) && path.length <= MAX_PATH_DEPTH) children = await childrenOf(entry);
    if (children.length === 0) found.push({ kind: 'folder', path });
  } catch {
    // Locked, moved meanwhile, a link that leads nowhere: whatever it is, the person is told its name.
    found.push({ kind: 'unreadable', path });
  }
  for (const child of children) await collect(child, path, found);
}

/** Chromium gives at most 100 entries a call; an empty answer is the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  while (children.length < MAX_ITEMS) {
    const more = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (more.length === 0) break;
    children.push(...more);
  }
  return children;
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** The DOM says so with a boolean, which tells the compiler nothing. */
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

function pathOf(file: File): readonly string[] {
  const segments = file.webkitRelativePath.split('/').filter((segment) => segment !== '');
  return segments.length === 0 ? [file.name] : segments;
}
