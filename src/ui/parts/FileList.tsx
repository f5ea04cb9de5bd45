import { useSignal } from '@preact/signals';
import { Component } from 'preact';
import type { FileView, TransferView } from '../../session/view.ts';
import { lastOf } from '../models/fileTree.ts';
import { useUi } from '../models/ui.ts';
import { fill, isolated } from '../words/phrase.ts';
import { FileMark } from './FileMark.tsx';
import { FileName } from './FileName.tsx';
import { Icon } from './Icon.tsx';
import { MoreRows, ROWS_AT_ONCE } from './MoreRows.tsx';

/** The files of a transfer, each with its state; received ones with a button to save them. */
export function FileList({ transfer }: { readonly transfer: TransferView }) {
  const ui = useUi();
  const { words, format } = ui.language.value;
  const shown = useSignal(ROWS_AT_ONCE);
  const wanted = transfer.files.filter((file) => transfer.isWanted(file.index));
  const common = commonDepth(transfer.files);
  const leftOut = transfer.files.length - wanted.length;

  return (
    <>
      <ul class="files">
        {wanted.slice(0, shown.value).map((file) => (
          <FileRow
            key={file.index}
            file={file}
            folder={file.path.slice(common, -1).join(' / ')}
            bytes={transfer.fileBytes(file.index)}
            size={file.kind === 'folder' ? '' : format.bytes(file.sizeBytes)}
            isSavable={transfer.isSavable && file.kind !== 'folder'}
            savedLabel={transfer.isSaved(file.index) ? words.saved : ''}
            saveLabel={fill(words.saveNamed, { name: isolated(lastOf(file)) })}
            onContent={() => ui.actions.content(transfer.id, file.index)}
            onSave={() => ui.actions.save(transfer.id, file.index)}
          />
        ))}
      </ul>
      <MoreRows shown={shown} total={wanted.length} />
      {leftOut > 0 && <p class="muted">{format.plural(leftOut, words.leftOut)}</p>}
    </>
  );
}

/** How many folders all files share; the title of the transfer names the first of them. */
function commonDepth(files: readonly FileView[]): number {
  const first = files[0]?.path ?? [];
  const most = Math.min(...files.map((file) => file.path.length - 1));
  let depth = 0;
  while (depth < most && files.every((file) => file.path[depth] === first[depth])) depth += 1;
  return depth;
}

interface FileRowProps {
  readonly file: FileView;
  /** Where it lies below what all files have in common; empty at the top. */
  readonly folder: string;
  readonly bytes: number;
  readonly size: string;
  readonly isSavable: boolean;
  /** Empty while not saved. */
  readonly savedLabel: string;
  readonly saveLabel: string;
  readonly onContent: () => Blob | undefined;
  readonly onSave: () => void;
}

/** A class for one reason: of a hundred rows only those that changed are rendered again. */
class FileRow extends Component<FileRowProps> {
  override shouldComponentUpdate(next: FileRowProps): boolean {
    const now = this.props;
    return (
      next.file !== now.file ||
      next.bytes !== now.bytes ||
      next.size !== now.size ||
      next.isSavable !== now.isSavable ||
      next.savedLabel !== now.savedLabel ||
      next.saveLabel !== now.saveLabel
    );
  }

  override render({
    file,
    folder,
    bytes,
    size,
    isSavable,
    savedLabel,
    saveLabel,
    onContent,
    onSave,
  }: FileRowProps) {
    const share = file.sizeBytes === 0 ? 1 : bytes / file.sizeBytes;
    return (
      <li class="file" data-complete={share >= 1}>
        <FileMark kind={file.kind} content={isSavable ? onContent : undefined} />
        <span class="file-words">
          <FileName name={lastOf(file)} title={file.path.join('/')} />
          {folder !== '' && <bdi class="file-folder">{folder}</bdi>}
        </span>
        <span class="file-size">{savedLabel === '' ? size : savedLabel}</span>
        {isSavable ? (
          <button
            type="button"
            class="icon-button"
            data-testid="save"
            aria-label={saveLabel}
            title={saveLabel}
            onClick={onSave}
          >
            <Icon name={savedLabel === '' ? 'save' : 'check'} />
          </button>
        ) : (
          <span class="file-state">
            {share >= 1 && file.kind !== 'folder' && <Icon name="check" />}
          </span>
        )}
        {share > 0 && share < 1 && (
          <span class="file-progress" style={{ transform: `scaleX(${share})` }} />
        )}
      </li>
    );
  }
}
