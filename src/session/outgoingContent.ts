import type { FoundItem, PickedItem } from '../ports/pickedItem.ts';
import { KEPT_SOURCE_BYTES } from '../ports/sendJournal.ts';
import type { KeptContent } from '../ports/shareKeep.ts';
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
  /** One Blob an entry, empty for folders; `undefined` where there is only the bundle. */
  readonly blobs: readonly (Blob | undefined)[];
  readonly totalBytes: number;
  /** Of many small files, all the bytes in one Blob, once they are read; `undefined` where files are read as they are sent. */
  readonly bundle: Promise<Blob | undefined> | Blob | undefined;
}

/** Of so many files on, and up to so many bytes, everything is read when it is picked. */
const BUNDLE_FILES = 64;
const BUNDLE_BYTES = 16 * 1024 * 1024;

/** Files read in one request, and requests at a time: a browser takes about as long over each file as over 3 kB of it. */
const FILES_PER_READ = 32;
const PARALLEL_READS = 4;

/** Letters of a text shown as its title. */
const TITLE_CHARS = 80;

/** What was picked as content, or the fault that says which limit it passes. */
export function contentOfItems(items: readonly PickedItem[]): OutgoingContent | Fault {
  if (items.length > MAX_FILES) return { code: 'too-much', what: 'files' };
  const entries = items.map(entryOf);
  const blobs = items.map((item) => (item.kind === 'file' ? item.content : new Blob()));
  const totalBytes = total(entries);
  return checked({
    kind: 'files',
    title: titleOf(entries),
    text: undefined,
    entries,
    blobs,
    totalBytes,
    bundle: bundleOf(blobs, totalBytes),
  });
}

/** What of it cannot be read, to be told: the rest is sent without it. */
export function faultOfUnreadable(items: readonly FoundItem[]): Fault | undefined {
  const [first, ...more] = items.filter(({ kind }) => kind === 'unreadable');
  return first && { code: 'source-changed', name: first.path.at(-1) ?? '', moreCount: more.length };
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
    bundle: undefined,
  });
}

/**
 * Reads many small files while the person still shares the code: opening them takes longer than sending them. What cannot be read is left to the
 * transfer, which says so then.
 */
function bundleOf(blobs: readonly Blob[], totalBytes: number): OutgoingContent['bundle'] {
  if (blobs.length < BUNDLE_FILES || totalBytes > BUNDLE_BYTES) return undefined;
  const bytes = new Uint8Array(totalBytes);
  const starts = [0];
  for (const { size } of blobs) starts.push(starts.at(-1)! + size);
  let next = 0;
  const read = async () => {
    while (next < blobs.length) {
      const first = next;
      next += FILES_PER_READ;
      const end = Math.min(next, blobs.length);
      const part = await new Blob(blobs.slice(first, end)).arrayBuffer();
      if (part.byteLength !== starts[end]! - starts[first]!) throw new Error('a file changed');
      bytes.set(new Uint8Array(part), starts[first]!);
    }
  };
  return Promise.all(Array.from({ length: PARALLEL_READS }, read))
    .then(() => handedOver(new Blob([bytes])))
    .catch(() => undefined);
}

/** Chromium hands the bytes of a Blob to its browser when they are first read: this does, while nobody waits for it. */
async function handedOver(bundle: Blob): Promise<Blob> {
  await bundle.slice(0, 1).arrayBuffer();
  return bundle;
}

/** The manifest of one transfer of `content`. The content was checked, so this cannot fail. */
export function manifestOf(content: OutgoingContent, id: TransferId): Manifest {
  const manifest = buildManifest(id, content.entries);
  if ('code' in manifest) throw new Error(`content was checked: ${manifest.code}`);
  return manifest;
}

/** What outlives this page. */
export async function keptContent(content: OutgoingContent): Promise<KeptContent> {
  const { kind, title, text, entries, blobs, totalBytes, bundle } = content;
  const isSmall = totalBytes <= KEPT_SOURCE_BYTES;
  const joined = () => new Blob(blobs.map((blob) => blob ?? new Blob()));
  const bytes = isSmall ? ((await bundle) ?? joined()) : undefined;
  return { kind, title, text, entries, bytes };
}

/** What an earlier page kept. */
export const contentKept = ({ bytes, entries, ...kept }: KeptContent): OutgoingContent => ({
  ...kept,
  entries,
  blobs: entries.map(() => undefined),
  totalBytes: total(entries),
  bundle: bytes,
});

function checked(content: OutgoingContent): OutgoingContent | Fault {
  const manifest = buildManifest('' as TransferId, content.entries);
  return 'code' in manifest ? manifest : content;
}

function entryOf(item: PickedItem): ManifestFile {
  if (item.kind === 'folder')
    return { kind: 'folder', path: item.path, sizeBytes: 0, modifiedAt: 0 };
  const { path, content, modifiedAt } = item;
  return { kind: 'file', path, sizeBytes: content.size, modifiedAt };
}

const total = (entries: readonly ManifestFile[]) =>
  entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
const titleOf = (entries: readonly ManifestFile[]) =>
  (entries.find((entry) => entry.kind === 'file') ?? entries[0])?.path.at(-1) ?? '';
