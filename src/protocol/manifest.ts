import type { TransferId } from './ids.ts';

/** One entry of a manifest. A text is a file of `kind` `'text'`; an empty folder is listed as `'folder'` with size 0. */
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
