/** One thing the person picked: a file with the folders above it, or an empty folder. */
export type PickedItem =
  | { readonly kind: 'file'; readonly path: readonly string[]; readonly file: File }
  | { readonly kind: 'folder'; readonly path: readonly string[] };
