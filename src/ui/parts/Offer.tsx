import { useSignal } from '@preact/signals';
import type { FileIndex } from '../../protocol/ids.ts';
import type { TransferView } from '../../session/view.ts';
import { chosenTotals } from '../models/fileTree.ts';
import { useUi } from '../models/ui.ts';
import { fill } from '../words/phrase.ts';
import { FileTree } from './FileTree.tsx';
import { Note } from './Note.tsx';

/** What another device offers: to look at, to choose from, to accept or decline. */
export function Offer({ transfer }: { readonly transfer: TransferView }) {
  const ui = useUi();
  const { words, format } = ui.language.value;
  const { freeBytes, storeKind } = ui.view.value;
  const leftOut = useSignal<ReadonlySet<FileIndex>>(new Set());
  const { files } = transfer;
  const chosen = chosenTotals(files, leftOut.value);
  const isEverything = chosen.count === files.length;
  const isTooBig = freeBytes !== undefined && chosen.bytes > freeBytes;

  const accept = () => {
    if (isEverything) return ui.actions.accept(transfer.id);
    const wanted = files.filter((file) => !leftOut.value.has(file.index));
    return ui.actions.accept(transfer.id, new Set(wanted.map((file) => file.index)));
  };

  return (
    <>
      {transfer.kind === 'files' && (
        <FileTree
          files={files}
          leftOut={leftOut.value}
          onChange={(next) => {
            leftOut.value = next;
          }}
        />
      )}
      {isTooBig && (
        <Note icon="warning" tone="warn">
          {fill(words.notEnoughSpace, { size: format.bytes(freeBytes) })}
        </Note>
      )}
      {chosen.riskyCount > 0 && (
        <Note icon="warning" tone="warn">
          {format.plural(chosen.riskyCount, words.riskyWarning)}
        </Note>
      )}
      {storeKind === 'memory' && (
        <Note icon="warning" tone="warn">
          {words.memoryWarning}
        </Note>
      )}
      {transfer.kind === 'files' && storeKind !== 'memory' && (
        <p class="muted offer-where">
          {words.whereKept}
          {freeBytes !== undefined && !isTooBig && (
            <> {fill(words.freeSpace, { size: format.bytes(freeBytes) })}</>
          )}
        </p>
      )}
      <div class="actions actions-sticky">
        <button
          type="button"
          class="button button-main"
          data-testid="accept"
          disabled={chosen.count === 0}
          onClick={accept}
        >
          {transfer.kind === 'text'
            ? words.accept
            : fill(words.acceptSome, { size: format.bytes(chosen.bytes) })}
        </button>
        <button
          type="button"
          class="button"
          data-testid="decline"
          onClick={() => ui.actions.decline(transfer.id)}
        >
          {words.decline}
        </button>
        {!isEverything && (
          <span class="muted">
            {fill(words.chosenOf, {
              chosen: format.count(chosen.count),
              total: format.count(files.length),
            })}
          </span>
        )}
      </div>
    </>
  );
}
