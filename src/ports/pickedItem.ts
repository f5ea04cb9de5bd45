/** A file the person picked, with the folders above it. */
export interface PickedFile {
  readonly kind: 'file';
  readonly path: readonly string[];
  readonly content: Blob;
  /** Epoch ms, whole; 0 when unknown. */
  readonly modifiedAt: number;
}

/** One thing the person picked: a file, or an empty folder. */
export type PickedItem = PickedFile | { readonly kind: 'folder'; readonly path: readonly string[] };
