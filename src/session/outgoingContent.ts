import type { PickedItem } from '../ports/pickedItem.ts';
import type { Fault } from '../protocol/faults.ts';
import type { TransferId } from '../protocol/ids.ts';
import { MAX_FILES, MAX_TEXT_BYTES } from '../protocol/limits.ts';
import { buildManifest, type Manifest, type ManifestFile } from '../protocol/manifest.ts';

/** Something a person put up for sending, before it is anybody's transfer. */
export interface OutgoingContent {
  readonly kind: 'files' | 'text';
  /** First name, or the beginning of the text. */
  readonly title: string;
  readonly text: string | undefined;
  readonly entries: readonly ManifestFile[];
  /** One Blob an entry, empty for folders. */
  readonly blobs: readonly Blob[];
  readonly totalBytes: number;
}

/** Letters of a text shown as its title. */
const TITLE_CHARS = 80;

/** What was picked as content, or the fault that says which limit it passes. */
export function contentOfItems(items: readonly PickedItem[]): OutgoingContent | Fault {
  if (items.length > MAX_FILES) return { code: 'too-much', what: 'files' };
  const entries = items.map(entryOf);
  const blobs = items.map((item) => (item.kind === 'file' ? item.file : new Blob()));
  return checked({
    kind: 'files',
    title: titleOf(entries),
    text: undefined,
    entries,
    blobs,
    totalBytes: total(entries),
  });
}

/** A text as content. A long one goes as a text file, so that nothing is refused or cut. */
export function contentOfText(text: string): OutgoingContent | Fault {
  const blob = new Blob([text], { type: 'text/plain' });
  const isShort = blob.size <= MAX_TEXT_BYTES;
  const entry: ManifestFile = {
    kind: isShort ? 'text' : 'file',
    path: ['text.txt'],
    sizeBytes: blob.size,
    modifiedAt: 0,
  };
  return checked({
    kind: isShort ? 'text' : 'files',
    title: isShort ? text.slice(0, TITLE_CHARS) : 'text.txt',
    text: isShort ? text : undefined,
    entries: [entry],
    blobs: [blob],
    totalBytes: blob.size,
  });
}

/** The manifest of one transfer of `content`. The content was checked, so this cannot fail. */
export function manifestOf(content: OutgoingContent, id: TransferId): Manifest {
  const manifest = buildManifest(id, content.entries);
  if ('code' in manifest) throw new Error(`content was checked: ${manifest.code}`);
  return manifest;
}

function checked(content: OutgoingContent): OutgoingContent | Fault {
  const manifest = buildManifest('' as TransferId, content.entries);
  return 'code' in manifest ? manifest : content;
}

function entryOf(item: PickedItem): ManifestFile {
  if (item.kind === 'folder')
    return { kind: 'folder', path: item.path, sizeBytes: 0, modifiedAt: 0 };
  const { file, path } = item;
  return {
    kind: 'file',
    path,
    sizeBytes: file.size,
    modifiedAt: Math.max(0, Math.floor(file.lastModified)),
  };
}

const total = (entries: readonly ManifestFile[]) =>
  entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
const titleOf = (entries: readonly ManifestFile[]) =>
  (entries.find((entry) => entry.kind === 'file') ?? entries[0])?.path.at(-1) ?? '';
