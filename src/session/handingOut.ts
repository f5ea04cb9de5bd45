import type { SavedFile, Saver, Saving } from '../ports/saver.ts';
import type { Fault } from '../protocol/faults.ts';
import type { FileIndex } from '../protocol/ids.ts';
import { faultOf } from './faultOf.ts';
import type { ReceiveTransfer } from './receiveTransfer.ts';
import type { TransferViews } from './transferViews.ts';

/** How long saving may take before it shows, ms: little is saved at once, and a thousand files take seconds. */
const SHOWN_AFTER_MS = 300;

export interface HandingOutParts {
  readonly saver: Saver;
  readonly views: TransferViews;
  /** Something shown has changed; `soon` when it is only a counter. */
  changed(urgency: 'now' | 'soon'): void;
  failed(fault: Fault): void;
}

/** Hands received files to the person, under the safe names they were shown with, and remembers which are out. */
export class HandingOut {
  readonly #parts: HandingOutParts;
  readonly #running = new Map<ReceiveTransfer, AbortController>();

  constructor(parts: HandingOutParts) {
    this.#parts = parts;
  }

  /** Whether something is on its way out that closing the page would end. */
  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  save(transfer: ReceiveTransfer, file: FileIndex): void {
    const { saver, changed } = this.#parts;
    const saved = this.#savedFile(transfer, file);
    if (saved === undefined) return;
    saver.download(saved).then(
      () => {
        transfer.saved.add(file);
        changed('now');
      },
      (error: unknown) => this.#parts.failed(faultOf(error)),
    );
  }

  /** One file goes as it is, several as one ZIP. */
  saveAll(transfer: ReceiveTransfer): void {
    const { files, folders } = this.#everything(transfer);
    const { saver, views } = this.#parts;
    const [only] = files;
    this.#run(transfer, async (saving) => {
      if (only !== undefined && files.length === 1 && folders.length === 0)
        await saver.download(only);
      else await saver.downloadZip(views.zipName(transfer), files, folders, saving);
      return true;
    });
  }

  /** Must be called inside a tap: the browser asks for the folder. */
  saveToFolder(transfer: ReceiveTransfer): void {
    const { files, folders } = this.#everything(transfer);
    this.#run(transfer, (saving) => this.#parts.saver.saveToFolder(files, folders, saving));
  }

  /** The person has had enough of saving; what is out already stays out. */
  cancel(transfer: ReceiveTransfer): void {
    this.#running.get(transfer)?.abort();
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
    const place = transfer.filePlace(file);
    const modifiedAt = transfer.manifest.files[file]?.modifiedAt ?? 0;
    return place && { ...place, path: this.#parts.views.path(transfer, file), modifiedAt };
  }

  #run(transfer: ReceiveTransfer, save: (saving: Saving) => Promise<boolean>): void {
    if (this.#running.has(transfer)) return;
    const { changed, failed } = this.#parts;
    const stop = new AbortController();
    const { signal } = stop;
    this.#running.set(transfer, stop);
    let share = 0;
    const shown = setTimeout(() => {
      transfer.savingShare = share;
      changed('now');
    }, SHOWN_AFTER_MS);
    const progressed = (now: number) => {
      share = now;
      if (transfer.savingShare === undefined) return;
      transfer.savingShare = share;
      changed('soon');
    };
    save({ signal, progressed })
      .then(
        (isSaved) => {
          if (isSaved) for (const file of transfer.progress.wanted) transfer.saved.add(file);
        },
        (error: unknown) => {
          if (!signal.aborted) failed(faultOf(error));
        },
      )
      .finally(() => {
        clearTimeout(shown);
        this.#running.delete(transfer);
        transfer.savingShare = undefined;
        changed('now');
      });
  }
}
