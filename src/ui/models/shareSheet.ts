import type { FileIndex } from '../../protocol/ids.ts';
import type { Actions, TransferView } from '../../session/view.ts';
import { lastOf } from './fileTree.ts';

/** The system's share sheet copies what it is given; beyond this, saving is the better way. */
const MOST_BYTES = 50_000_000;
const MOST_FILES = 10;

/** Types share sheets take; they go by the name, as the system itself does. */
const TYPES: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  m4a: 'audio/mp4',
  mov: 'video/quicktime',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  webp: 'image/webp',
};

/** The received files as the share sheet takes them, or `undefined` where it would not. */
export function shareableFiles(
  transfer: TransferView,
  content: Actions['content'],
): readonly File[] | undefined {
  if (!canShareHere() || !transfer.isSavable || transfer.totalBytes > MOST_BYTES) return undefined;
  const wanted = transfer.files.filter(
    (file) => file.kind !== 'folder' && transfer.isWanted(file.index),
  );
  if (wanted.length === 0 || wanted.length > MOST_FILES) return undefined;
  const files = wanted.map((file) => asFile(lastOf(file), file.index, transfer, content));
  const there = files.filter((file) => file !== undefined);
  if (there.length < files.length || !navigator.canShare({ files: there })) return undefined;
  return there;
}

/** On a phone the sheet is how a file gets into another app; on a desktop a download is. */
const canShareHere = () =>
  typeof navigator.canShare === 'function' && matchMedia('(pointer: coarse)').matches;

function asFile(
  name: string,
  index: FileIndex,
  transfer: TransferView,
  content: Actions['content'],
): File | undefined {
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
  const bytes = type === undefined ? undefined : content(transfer.id, index);
  if (type === undefined || bytes === undefined) return undefined;
  return new File([bytes], name, { type });
}

/** Opens the share sheet. Must be called inside a user gesture. */
export async function openShareSheet(what: ShareData): Promise<void> {
  try {
    await navigator.share(what);
  } catch {
    // The person closed the sheet; there is nothing to say about that.
  }
}
