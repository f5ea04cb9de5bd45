import type { Fault } from './faults.ts';
import type { TransferId } from './ids.ts';
import {
  BLOCK_BYTES,
  MAX_BLOCKS,
  MAX_FILES,
  MAX_MANIFEST_CHARS,
  MAX_PATH_CHARS,
  MAX_PATH_DEPTH,
  MAX_TEXT_BYTES,
  MAX_TRANSFER_BYTES,
} from './limits.ts';

/**
 * One entry of a manifest. A text is a file of `kind` `'text'`; an empty folder is listed as
 * `'folder'` with size 0.
 */
export interface ManifestFile {
  readonly kind: 'file' | 'text' | 'folder';
  /** Segments from the outermost folder to the name, as the sender has them: not yet safe to save under. */
  readonly path: readonly string[];
  readonly sizeBytes: number;
  /** Epoch ms, 0 when unknown. Advisory. */
  readonly modifiedAt: number;
}

/** Everything a transfer consists of: its files lie end to end, in this order, as one stream of blocks. SPEC G1. */
export interface Manifest {
  readonly id: TransferId;
  readonly files: readonly ManifestFile[];
  readonly blockBytes: number;
  readonly totalBytes: number;
}

/** Block size of a transfer: 1 MiB, doubled until {@link MAX_BLOCKS} blocks hold it. SPEC G2. */
export function blockBytesFor(totalBytes: number): number {
  let blockBytes = BLOCK_BYTES;
  while (totalBytes > blockBytes * MAX_BLOCKS) blockBytes *= 2;
  return blockBytes;
}

/** A manifest over `files`, or the fault that says which limit they pass. SPEC M1 to M3, M5. */
export function buildManifest(id: TransferId, files: readonly ManifestFile[]): Manifest | Fault {
  if (files.length === 0 || files.length > MAX_FILES) return { code: 'too-much', what: 'files' };
  let totalBytes = 0;
  let chars = 0;
  for (const file of files) {
    const pathChars = file.path.reduce((sum, segment) => sum + segment.length, 0);
    if (file.path.length > MAX_PATH_DEPTH || pathChars > MAX_PATH_CHARS)
      return { code: 'too-much', what: 'path' };
    if (file.kind === 'text' && file.sizeBytes > MAX_TEXT_BYTES)
      return { code: 'too-much', what: 'text' };
    totalBytes += file.sizeBytes;
    chars += JSON.stringify(file).length + 1;
  }
  if (totalBytes > MAX_TRANSFER_BYTES) return { code: 'too-much', what: 'bytes' };
  if (chars > MAX_MANIFEST_CHARS) return { code: 'too-much', what: 'files' };
  return { id, files, blockBytes: blockBytesFor(totalBytes), totalBytes };
}
