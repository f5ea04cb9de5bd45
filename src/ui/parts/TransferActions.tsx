import { useMemo } from 'preact/hooks';
import type { TransferView } from '../../session/view.ts';
import { openShareSheet, shareableFiles } from '../models/shareSheet.ts';
import { useLanguage, useUi } from '../models/ui.ts';
import { CopyButton } from './CopyButton.tsx';
import { Icon } from './Icon.tsx';
import { ProgressBar } from './ProgressBar.tsx';

/** The buttons of a transfer that fit its phase. */
export function TransferActions({ transfer }: { readonly transfer: TransferView }) {
  switch (transfer.phase) {
    case 'proposed':
    case 'waiting':
      return (
        <div class="actions">
          <Cancel transfer={transfer} />
        </div>
      );
    case 'transferring':
    case 'paused':
      return (
        <div class="actions">
          <PauseOrContinue transfer={transfer} />
          <Cancel transfer={transfer} />
        </div>
      );
    case 'done':
      return <SaveActions transfer={transfer} />;
    case 'declined':
    case 'failed':
      return null;
  }
}

/** Where the text of a transfer is shown. */
export const textIdOf = (transfer: TransferView) => `text-${transfer.id}`;

interface ActionProps {
  readonly transfer: TransferView;
}

function Cancel({ transfer }: ActionProps) {
  const ui = useUi();
  return (
    <button
      type="button"
      class="button button-quiet"
      data-testid="cancel"
      onClick={() => ui.actions.cancel(transfer.id)}
    >
      {ui.language.value.words.cancel}
    </button>
  );
}

function PauseOrContinue({ transfer }: ActionProps) {
  const ui = useUi();
  const { words } = ui.language.value;
  // What the other device paused, only the other device continues.
  if (transfer.phase === 'paused' && transfer.pausedBy === 'peer') return null;
  return transfer.phase === 'paused' ? (
    <button
      type="button"
      class="button button-main"
      data-testid="continue"
      onClick={() => ui.actions.continue(transfer.id)}
    >
      <Icon name="play" />
      {words.continue}
    </button>
  ) : (
    <button
      type="button"
      class="button"
      data-testid="pause"
      onClick={() => ui.actions.pause(transfer.id)}
    >
      <Icon name="pause" />
      {words.pause}
    </button>
  );
}

/** Many files are on their way out. */
function Saving({ transfer, share }: ActionProps & { readonly share: number }) {
  const { words, format } = useLanguage();
  const percent = format.percent(share);
  return (
    <>
      <div class="transfer-progress" data-moving="true">
        <p class="transfer-numbers">
          <b class="transfer-percent">{percent}</b>
          <span>{words.saving}</span>
        </p>
        <ProgressBar share={share} label={words.saving} text={percent} />
      </div>
      <div class="actions">
        <Cancel transfer={transfer} />
      </div>
    </>
  );
}

function SaveActions({ transfer }: ActionProps) {
  const ui = useUi();
  const { words } = ui.language.value;
  const first = transfer.files[0];
  const shareable = useMemo(
    () => shareableFiles(transfer, ui.actions.content),
    [transfer.id, transfer.isSavable],
  );
  if (!transfer.isSavable || first === undefined) return null;
  if (transfer.savingShare !== undefined)
    return <Saving transfer={transfer} share={transfer.savingShare} />;
  if (transfer.kind === 'text') {
    return (
      <div class="actions">
        {transfer.text !== undefined && (
          <CopyButton
            text={transfer.text}
            label={words.copyText}
            shownBy={() => document.getElementById(textIdOf(transfer))}
            isMain
          />
        )}
        <button
          type="button"
          class="button"
          data-testid="save"
          onClick={() => ui.actions.save(transfer.id, first.index)}
        >
          <Icon name="save" />
          {words.save}
        </button>
      </div>
    );
  }
  return (
    <div class="actions">
      <button
        type="button"
        class="button button-main"
        data-testid="save-all"
        onClick={() => ui.actions.saveAll(transfer.id)}
      >
        <Icon name="save" />
        {transfer.files.length === 1 ? words.save : words.saveAll}
      </button>
      {ui.actions.canPickFolder() && transfer.files.length > 1 && (
        <button type="button" class="button" onClick={() => ui.actions.saveToFolder(transfer.id)}>
          <Icon name="folder" />
          {words.saveToFolder}
        </button>
      )}
      {shareable !== undefined && (
        <button
          type="button"
          class="button"
          onClick={() => openShareSheet({ files: [...shareable] })}
        >
          <Icon name="share" />
          {words.shareSheet}
        </button>
      )}
    </div>
  );
}
