import { makeZip, predictLength } from 'client-zip';
import type { SavedFile } from '../ports/saver.ts';
import { UniquePaths } from './safeNames.ts';

/**
 * Bytes read from what was received at a time, of one large file or of many small ones, which lie side by side in it: each read
 * costs a browser about a millisecond. Not `Blob.stream()`, which gives 64 KiB at a time, and Safari's breaks at 4 GB.
 */
const READ_BYTES = 4 * 1024 * 1024;

/** Bytes written at a time, at least: a small file comes as three pieces, and each write costs a millisecond as well. */
const WRITE_BYTES = 1024 * 1024;

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
  const reader = new Reader();
  const entries = files.map((file) => ({
    name: paths.claim(file.path),
    size: file.end - file.start,
    lastModified: zipTime(file.modifiedAt, now),
    file,
  }));
  const folderEntries = folders.map((path) => ({
    name: `${path.join('/')}/`,
    lastModified: zipTime(0, now),
  }));
  return {
    bytes: makeZip([
      ...folderEntries,
      ...entries.map(({ file, ...entry }) => ({ ...entry, input: reader.pieces(file) })),
    ]).pipeThrough(gathering()),
    sizeBytes: Number(
      predictLength([...folderEntries, ...entries.map(({ name, size }) => ({ name, size }))]),
    ),
  };
}

/** Reads files that are asked for in the order they lie in. */
class Reader {
  #content: Blob | undefined;
  #start = 0;
  #bytes = new Uint8Array(0);

  async *pieces({ content, start, end }: SavedFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let at = start; at < end; at += READ_BYTES) {
      yield await this.#read(content, at, Math.min(at + READ_BYTES, end));
    }
  }

  async #read(content: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const isHere =
      content === this.#content &&
      start >= this.#start &&
      end <= this.#start + this.#bytes.byteLength;
    if (!isHere) {
      this.#bytes = new Uint8Array(await content.slice(start, start + READ_BYTES).arrayBuffer());
      this.#content = content;
      this.#start = start;
    }
    return this.#bytes.subarray(start - this.#start, end - this.#start);
  }
}

/** Makes large pieces of small ones. */
function gathering(): TransformStream<Uint8Array, Uint8Array<ArrayBufferLike>> {
  let pieces: Uint8Array[] = [];
  let byteCount = 0;
  const letGo = (to: TransformStreamDefaultController<Uint8Array>) => {
    const whole = new Uint8Array(byteCount);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.byteLength;
    }
    to.enqueue(whole);
    pieces = [];
    byteCount = 0;
  };
  return new TransformStream({
    transform: (piece, to) => {
      pieces.push(piece);
      byteCount += piece.byteLength;
      if (byteCount >= WRITE_BYTES) letGo(to);
    },
    flush: letGo,
  });
}

function zipTime(modifiedAt: number, now: number): Date {
  const time = modifiedAt > 0 ? modifiedAt : now;
  return new Date(Math.min(Math.max(time, FIRST_ZIP_TIME), LAST_ZIP_TIME));
}
