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

/** One thing found in what the person picked; some of it may refuse to be read, which is no reason to leave the rest. */
export type FoundItem =
  | PickedItem
  | { readonly kind: 'unreadable'; readonly path: readonly string[] };
