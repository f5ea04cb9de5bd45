import type { SavedFile, Saver } from '../ports/saver.ts';
import type { Fault } from '../protocol/faults.ts';
import type { FileIndex } from '../protocol/ids.ts';
import { faultOf } from './faultOf.ts';
import type { ReceiveTransfer } from './receiveTransfer.ts';
import type { TransferViews } from './transferViews.ts';

export interface HandingOutParts {
  readonly saver: Saver;
  readonly views: TransferViews;
  changed(): void;
  failed(fault: Fault): void;
}

/** Hands received files to the person, under the safe names they were shown with, and remembers which are out. */
export class HandingOut {
  readonly #parts: HandingOutParts;

  constructor(parts: HandingOutParts) {
    this.#parts = parts;
  }

  save(transfer: ReceiveTransfer, file: FileIndex): void {
    const saved = this.#savedFile(transfer, file);
    if (saved === undefined) return;
    this.#run(this.#parts.saver.download(saved), () => transfer.saved.add(file));
  }

  /** One file goes as it is, several as one ZIP. */
  saveAll(transfer: ReceiveTransfer): void {
    const { files, folders } = this.#everything(transfer);
    const { saver, views } = this.#parts;
    const [only] = files;
    const saving =
      only !== undefined && files.length === 1 && folders.length === 0
        ? saver.download(only)
        : saver.downloadZip(views.zipName(transfer), files, folders, new AbortController().signal);
    this.#run(saving, () => allSaved(transfer));
  }

  /** Must be called inside a tap: the browser asks for the folder. */
  saveToFolder(transfer: ReceiveTransfer): void {
    const { files, folders } = this.#everything(transfer);
    const saving = this.#parts.saver.saveToFolder(files, folders, new AbortController().signal);
    this.#run(saving, (isSaved) => isSaved && allSaved(transfer));
  }

  #everything(transfer: ReceiveTransfer): { files: SavedFile[]; folders: (readonly string[])[] } {
    const files: SavedFile[] = [];
    const folders: (readonly string[])[] = [];
    for (const file of transfer.progress.wanted) {
      if (transfer.manifest.files[file]?.kind === 'folder') {
        folders.push(this.#parts.views.path(transfer, file));
        continue;
      }
      const saved = this.#savedFile(transfer, file);
      if (saved !== undefined) files.push(saved);
    }
    return { files, folders };
  }

  #savedFile(transfer: ReceiveTransfer, file: FileIndex): SavedFile | undefined {
    const content = transfer.fileContent(file);
    const modifiedAt = transfer.manifest.files[file]?.modifiedAt ?? 0;
    return content && { path: this.#parts.views.path(transfer, file), content, modifiedAt };
  }

  #run<T>(saving: Promise<T>, done: (result: T) => void): void {
    saving.then(
      (result) => {
        done(result);
        this.#parts.changed();
      },
      (error: unknown) => this.#parts.failed(faultOf(error)),
    );
  }
}

function allSaved(transfer: ReceiveTransfer): void {
  for (const file of transfer.progress.wanted) transfer.saved.add(file);
}
