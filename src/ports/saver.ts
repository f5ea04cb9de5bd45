/** One file on its way out: where its bytes are, and the safe name or path it goes under. */
export interface SavedFile {
  /** Safe segments (see `protocol/fileName.ts`), the last one the name. */
  readonly path: readonly string[];
  /** Has the bytes of the file from `start` to `end`, and those of others around them. */
  readonly content: Blob;
  readonly start: number;
  readonly end: number;
  /** Epoch ms, 0 when unknown. */
  readonly modifiedAt: number;
}

/** Many files on their way out: it takes a while. */
export interface Saving {
  /** Aborted when the person has had enough. */
  readonly signal: AbortSignal;
  /** The part that is out, 0 to 1: told again and again. */
  progressed(share: number): void;
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
    saving: Saving,
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
    saving: Saving,
  ): Promise<boolean>;
}
