import { useSignal } from '@preact/signals';
import { useId, useMemo } from 'preact/hooks';
import type { FileIndex } from '../../protocol/ids.ts';
import type { FileView } from '../../session/view.ts';
import {
  buildTree,
  type CheckState,
  checkState,
  openAtFirst,
  type TreeRow,
  toggled,
  visibleRows,
} from '../models/fileTree.ts';
import { useLanguage } from '../models/ui.ts';
import { fill, isolated } from '../words/phrase.ts';
import { FileName } from './FileName.tsx';
import { Icon } from './Icon.tsx';
import { MoreRows, ROWS_AT_ONCE } from './MoreRows.tsx';

interface FileTreeProps {
  readonly files: readonly FileView[];
  readonly leftOut: ReadonlySet<FileIndex>;
  readonly onChange: (leftOut: ReadonlySet<FileIndex>) => void;
}

/** A tree this short is shown with all its folders open. */
const SHORT_TREE = 24;

/** What is offered, to choose from. A folder's box stands for everything in it. */
export function FileTree({ files, leftOut, onChange }: FileTreeProps) {
  const { words, format, code } = useLanguage();
  const root = useMemo(
    () => buildTree(files, new Intl.Collator(code, { numeric: true }).compare),
    [files, code],
  );
  const ids = useId();
  const open = useSignal(openAtFirst(root, SHORT_TREE));
  const shown = useSignal(ROWS_AT_ONCE);
  const rows = visibleRows(root, open.value);

  const turn = (key: string) => {
    const next = new Set(open.value);
    if (!next.delete(key)) next.add(key);
    open.value = next;
  };

  return (
    <div class="tree">
      {files.length > 1 && (
        <label class="tree-row tree-all" for={`${ids}-all`}>
          <CheckBox
            id={`${ids}-all`}
            state={checkState(root.entries, leftOut)}
            onChange={() => onChange(toggled(root.entries, leftOut))}
          />
          <span>{words.chooseAll}</span>
          <span class="file-size">{format.plural(files.length, words.itemCount)}</span>
        </label>
      )}
      <ul>
        {rows.slice(0, shown.value).map((row) => (
          <Row
            key={row.node.key}
            row={row}
            isAlone={files.length === 1}
            isOpen={open.value.has(row.node.key)}
            leftOut={leftOut}
            onChange={onChange}
            onTurn={() => turn(row.node.key)}
          />
        ))}
      </ul>
      <MoreRows shown={shown} total={rows.length} />
    </div>
  );
}

interface RowProps extends Pick<FileTreeProps, 'leftOut' | 'onChange'> {
  readonly row: TreeRow;
  /** The only file: there is nothing to choose. */
  readonly isAlone: boolean;
  readonly isOpen: boolean;
  readonly onTurn: () => void;
}

function Row({ row: { node, depth }, isAlone, isOpen, leftOut, onChange, onTurn }: RowProps) {
  const { words, format } = useLanguage();
  const entries = node.kind === 'folder' ? node.entries : [node.file.index];
  const id = useId();
  const name = isolated(node.name);
  return (
    <li class="tree-row" style={{ '--depth': depth }}>
      <label class="tree-label" for={id}>
        {!isAlone && (
          <CheckBox
            id={id}
            state={checkState(entries, leftOut)}
            onChange={() => onChange(toggled(entries, leftOut))}
          />
        )}
        <Icon name={node.kind} />
        <FileName name={node.name} />
        {node.kind === 'file' && node.file.isRisky && (
          <span class="badge badge-warn" title={words.risky}>
            <Icon name="warning" />
            <span class="badge-words">{words.risky}</span>
          </span>
        )}
        <span class="file-size">
          {node.kind === 'file' && format.bytes(node.file.sizeBytes)}
          {node.kind === 'folder' && node.sizeBytes > 0 && format.bytes(node.sizeBytes)}
        </span>
      </label>
      {node.kind === 'folder' && node.folders.length + node.files.length > 0 && (
        <button
          type="button"
          class="icon-button tree-turn"
          aria-expanded={isOpen}
          aria-label={fill(isOpen ? words.closeFolder : words.openFolder, { name })}
          onClick={onTurn}
        >
          <Icon name="next" />
        </button>
      )}
    </li>
  );
}

interface CheckBoxProps {
  readonly id: string;
  readonly state: CheckState;
  readonly onChange: () => void;
}

function CheckBox({ id, state, onChange }: CheckBoxProps) {
  return (
    <input
      id={id}
      type="checkbox"
      checked={state === 'all'}
      indeterminate={state === 'some'}
      onChange={onChange}
    />
  );
}
