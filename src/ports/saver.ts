/** One file on its way out: its bytes and the safe name or path it goes under. */
export interface SavedFile {
  /** Safe segments (see `protocol/fileName.ts`), the last one the name. */
  readonly path: readonly string[];
  readonly content: Blob;
  /** Epoch ms, 0 when unknown. */
  readonly modifiedAt: number;
}

/** Hands received files to the person. */
export interface Saver {
  /** Starts an ordinary browser download, always as `application/octet-stream`. */
  download(file: SavedFile): Promise<void>;
  /** One streamed ZIP64 of all files (and empty folders) as a browser download. Memory stays flat. */
  downloadZip(
    name: string,
    files: readonly SavedFile[],
    folders: readonly (readonly string[])[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Whether this browser can write into a folder the person picks. */
  readonly canPickFolder: boolean;
  /**
   * Writes all files, with their folders, into a folder the person picks. Must be called inside a user gesture.
   * @returns false when the person dismissed the picker
   * @throws TransferError `disk-full`, `storage-failed`
   */
  saveToFolder(
    files: readonly SavedFile[],
    folders: readonly (readonly string[])[],
    signal: AbortSignal,
  ): Promise<boolean>;
}
