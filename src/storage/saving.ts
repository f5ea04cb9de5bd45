/** Hands received files to the person: downloads, one ZIP, or a folder of their choice. Runs on the page. */
import type { SavedFile, Saver } from '../ports/saver.ts';
import { savePickedFolder } from './folderSaving.ts';
import { openOutboxFile } from './outbox.ts';
import { storageError } from './storageError.ts';

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
      startDownload(file.content, file.path.at(-1) ?? 'file');
    },

    async downloadZip(name, files, folders, signal) {
      startDownload(await zipContent(files, folders, signal), name);
    },

    saveToFolder: savePickedFolder,
  };
}

/** A slice is a new name for the same bytes: nothing is copied. */
function startDownload(content: Blob, name: string): void {
  const url = URL.createObjectURL(content.slice(0, content.size, NEUTRAL_TYPE));
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
  signal: AbortSignal,
): Promise<Blob> {
  signal.throwIfAborted();
  // Loaded with the first ZIP: most people save single files.
  const { zipOf } = await import('./zip.ts');
  const zip = zipOf(files, folders, Date.now());
  const outbox = await openOutboxFile();
  try {
    if (outbox === undefined) {
      const bytes = zip.bytes.pipeThrough(new TransformStream(), { signal });
      return await new Response(bytes).blob();
    }
    await zip.bytes.pipeTo(outbox.writable, { signal });
    return await outbox.content();
  } catch (error) {
    await outbox?.discard();
    signal.throwIfAborted();
    throw storageError(error, zip.sizeBytes);
  }
}
