/** Hands received files to the person: downloads, one ZIP, or a folder of their choice. Runs on the page. */
import type { SavedFile, Saver, Saving } from '../ports/saver.ts';
import { savePickedFolder } from './folderSaving.ts';
import { openOutboxFile } from './outbox.ts';
import { storageError } from './storageError.ts';
import { zipOf } from './zip.ts';

/**
 * How long the URL of a download lives, in ms. Some browsers ask the person first and fetch it only after the
 * answer. A disk-backed Blob costs nothing meanwhile.
 */
const URL_LIFE_MS = 10 * 60 * 1000;

/** Never a type a browser would open or run: the sender chose the bytes. */
const NEUTRAL_TYPE = 'application/octet-stream';

/** The {@link Saver} of a page. */
export function createSaver(): Saver {
  return {
    canPickFolder: 'showDirectoryPicker' in globalThis,

    async download(file) {
      startDownload(file.content, file.start, file.end, file.path.at(-1) ?? 'file');
    },

    async downloadZip(name, files, folders, saving) {
      const zip = await zipContent(files, folders, saving);
      startDownload(zip, 0, zip.size, name);
    },

    saveToFolder: savePickedFolder,
  };
}

/** A slice is a new name for the same bytes: nothing is copied. */
function startDownload(content: Blob, start: number, end: number, name: string): void {
  const url = URL.createObjectURL(content.slice(start, end, NEUTRAL_TYPE));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.hidden = true;
  // Firefox for Android ignores the click of an anchor that is not in the page.
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), URL_LIFE_MS);
}

/**
 * The ZIP as a Blob, written through to a file so that memory stays flat. Where the page can write no files the
 * browser is left to keep it.
 * @throws TransferError `disk-full`, `storage-failed`; the reason of `signal`
 */
async function zipContent(
  files: readonly SavedFile[],
  folders: readonly (readonly string[])[],
  { signal, progressed }: Saving,
): Promise<Blob> {
  signal.throwIfAborted();
  const zip = zipOf(files, folders, Date.now());
  const outbox = await openOutboxFile();
  let writtenBytes = 0;
  const counting = new TransformStream<Uint8Array<ArrayBufferLike>, Uint8Array<ArrayBuffer>>({
    transform: (piece, to) => {
      to.enqueue(piece as Uint8Array<ArrayBuffer>);
      writtenBytes += piece.byteLength;
      progressed(writtenBytes / zip.sizeBytes);
    },
  });
  const bytes = zip.bytes.pipeThrough(counting, { signal });
  try {
    if (outbox === undefined) return await new Response(bytes).blob();
    await bytes.pipeTo(outbox.writable, { signal });
    return await outbox.content();
  } catch (error) {
    await outbox?.discard();
    signal.throwIfAborted();
    throw storageError(error, zip.sizeBytes);
  }
}
