import { makeZip, predictLength } from 'client-zip';
import type { SavedFile } from '../ports/saver.ts';
import { UniquePaths } from './safeNames.ts';

/** Bytes read from a stored file at a time: fewer round trips than the 64 KiB of `Blob.stream()`, and Safari's breaks at 4 GB. */
const READ_BYTES = 4 * 1024 * 1024;

/** The days a ZIP can name; a time outside would come out as nonsense. */
const FIRST_ZIP_TIME = Date.UTC(1980, 0, 2);
const LAST_ZIP_TIME = Date.UTC(2107, 11, 30);

/** A ZIP64 on its way: nothing is compressed, so its length is known before the first byte. */
export interface ZipStream {
  readonly bytes: ReadableStream<Uint8Array<ArrayBufferLike>>;
  readonly sizeBytes: number;
}

/** All files and folders as one ZIP, read only as fast as it is consumed. @param now epoch ms, for unknown times */
export function zipOf(
  files: readonly SavedFile[],
  folders: readonly (readonly string[])[],
  now: number,
): ZipStream {
  const paths = new UniquePaths();
  const entries = files.map(({ path, content, modifiedAt }) => ({
    name: paths.claim(path),
    size: content.size,
    lastModified: zipTime(modifiedAt, now),
    content,
  }));
  const folderEntries = folders.map((path) => ({
    name: `${path.join('/')}/`,
    lastModified: zipTime(0, now),
  }));
  return {
    bytes: makeZip([
      ...folderEntries,
      ...entries.map(({ content, ...entry }) => ({ ...entry, input: piecesOf(content) })),
    ]),
    sizeBytes: Number(
      predictLength([...folderEntries, ...entries.map(({ name, size }) => ({ name, size }))]),
    ),
  };
}

async function* piecesOf(content: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < content.size; at += READ_BYTES) {
    yield new Uint8Array(await content.slice(at, at + READ_BYTES).arrayBuffer());
  }
}

function zipTime(modifiedAt: number, now: number): Date {
  const time = modifiedAt > 0 ? modifiedAt : now;
  return new Date(Math.min(Math.max(time, FIRST_ZIP_TIME), LAST_ZIP_TIME));
}
