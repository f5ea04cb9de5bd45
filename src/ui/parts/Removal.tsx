import type { Signal } from '@preact/signals';
import type { TransferView } from '../../session/view.ts';
import { useUi } from '../models/ui.ts';
import { Icon } from './Icon.tsx';

interface RemovalProps {
  readonly transfer: TransferView;
  /** What was received and never saved is asked about once. */
  readonly isAsking: Signal<boolean>;
}

/** Takes a transfer that is over off the list. */
export function RemoveButton({ transfer, isAsking }: RemovalProps) {
  const ui = useUi();
  const { words } = ui.language.value;
  return (
    <button
      type="button"
      class="icon-button"
      data-testid="dismiss"
      aria-label={words.remove}
      title={words.remove}
      onClick={() => {
        if (hasUnsaved(transfer)) isAsking.value = true;
        else ui.actions.dismiss(transfer.id);
      }}
    >
      <Icon name="close" />
    </button>
  );
}

export function RemovalQuestion({ transfer, isAsking }: RemovalProps) {
  const ui = useUi();
  const { words } = ui.language.value;
  if (!isAsking.value) return null;
  return (
    <div class="ask" role="alert">
      <span>{words.discardUnsaved}</span>
      <button
        type="button"
        class="button button-danger"
        onClick={() => ui.actions.dismiss(transfer.id)}
      >
        {words.discard}
      </button>
      <button
        type="button"
        class="button"
        onClick={() => {
          isAsking.value = false;
        }}
      >
        {words.eraseNo}
      </button>
    </div>
  );
}

const hasUnsaved = (transfer: TransferView) =>
  transfer.isSavable &&
  transfer.kind === 'files' &&
  transfer.files.some(
    (file) =>
      file.kind !== 'folder' && transfer.isWanted(file.index) && !transfer.isSaved(file.index),
  );
