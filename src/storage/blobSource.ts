import type { Source } from '../ports/source.ts';
import { TransferError } from '../protocol/faults.ts';
import type { FileIndex } from '../protocol/ids.ts';
import type { ManifestFile } from '../protocol/manifest.ts';
import type { PlacedBlob } from './streamedSource.ts';

interface SourceFile extends Pick<ManifestFile, 'path' | 'sizeBytes'> {
  /** Undefined for a lost file. */
  readonly content: Blob | undefined;
}

/** A file's part of one read. */
interface Piece {
  readonly file: SourceFile;
  readonly slice: Blob;
}

/** Small files read in one request: Chromium reads the files of one after the other, and several requests at a time. */
const FILES_PER_READ = 32;

/** Picked files laid end to end, in manifest order; folders lie between them as files of no bytes. */
export class BlobSource implements Source {
  readonly #files: readonly SourceFile[];
  /** Start of each file in the stream, and the total at the end. */
  readonly #starts: Float64Array;

  /**
   * @param blobs one for each entry of the manifest, in its order; empty ones for folders
   * @param lost files that can no longer be read: zeros stand in for their bytes
   */
  constructor(
    files: readonly Pick<ManifestFile, 'path' | 'sizeBytes'>[],
    blobs: readonly Blob[],
    lost: readonly FileIndex[] = [],
  ) {
    const lostFiles: ReadonlySet<number> = new Set(lost);
    this.#files = files.map(({ path, sizeBytes }, i) => {
      const content = lostFiles.has(i) ? undefined : (blobs[i] ?? new Blob());
      return { path, sizeBytes, content };
    });
    this.#starts = new Float64Array(files.length + 1);
    files.forEach((file, i) => {
      this.#starts[i + 1] = this.#starts[i]! + file.sizeBytes;
    });
  }

  /** All files end to end in one Blob. */
  static ofBundle(bundle: Blob, totalBytes: number): BlobSource {
    return new BlobSource([{ path: [], sizeBytes: totalBytes }], [bundle]);
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const pieces = this.#pieces(start, end);
    try {
      const reads = groupsOf(pieces.map(({ slice }) => slice)).map((blob) => blob.arrayBuffer());
      const bytes = joined(await Promise.all(reads));
      if (bytes.byteLength === end - start) return bytes;
    } catch (error) {
      throw changed(await unreadable(pieces), error);
    }
    throw changed(await unreadable(pieces));
  }

  /** The file that has the byte at `at`, as long as it is what was promised. */
  placeOf(at: number): PlacedBlob | undefined {
    const i = this.#fileAt(at);
    const file = this.#files[i];
    const blob = file?.content;
    if (blob?.size !== file?.sizeBytes) return undefined;
    const start = this.#starts[i]!;
    return blob && { blob, start, end: start + blob.size };
  }

  #pieces(start: number, end: number): Piece[] {
    const pieces: Piece[] = [];
    for (let i = this.#fileAt(start); i < this.#files.length && this.#starts[i]! < end; i += 1) {
      const file = this.#files[i]!;
      if (file.sizeBytes === 0) continue;
      if (file.content !== undefined && file.content.size !== file.sizeBytes) throw changed(file);
      const from = Math.max(start - this.#starts[i]!, 0);
      const to = Math.min(end - this.#starts[i]!, file.sizeBytes);
      pieces.push({ file, slice: partOf(file, from, to) });
    }
    return pieces;
  }

  /** The last file that starts at or before `at`. */
  #fileAt(at: number): number {
    let low = 0;
    let high = this.#files.length;
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= at) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** One Blob over several files is one request to the browser. */
function groupsOf(slices: readonly Blob[]): readonly Blob[] {
  if (slices.length === 1) return slices;
  const groups: Blob[] = [];
  for (let i = 0; i < slices.length; i += FILES_PER_READ)
    groups.push(new Blob(slices.slice(i, i + FILES_PER_READ)));
  return groups;
}

function joined(parts: readonly ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return new Uint8Array(only);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return bytes;
}

/** A slice is one more Blob for the browser to keep account of, so a whole file stands for itself. */
function partOf({ content, sizeBytes }: SourceFile, from: number, to: number): Blob {
  if (content === undefined) return new Blob([new Uint8Array(to - from)]);
  return from === 0 && to === sizeBytes ? content : content.slice(from, to);
}

/** The first file that cannot be read as promised. Reads one after the other: it runs only once something failed. */
async function unreadable(pieces: readonly Piece[]): Promise<SourceFile | undefined> {
  for (const { file, slice } of pieces) {
    try {
      const { byteLength } = await slice.arrayBuffer();
      if (byteLength !== slice.size) return file;
    } catch {
      // This is the file looked for; the first failure is kept as the cause.
      return file;
    }
  }
  return pieces[0]?.file;
}

const changed = (file: SourceFile | undefined, cause?: unknown) =>
  new TransferError(
    { code: 'source-changed', name: file?.path.join('/') ?? '' },
    cause === undefined ? {} : { cause },
  );
