import { useUi } from '../models/ui.ts';
import { Icon } from './Icon.tsx';

interface ComposerProps {
  /** With the buttons for files and folder in the same bar, as where there is no large drop area. */
  readonly hasPickers: boolean;
}

/** Where a text is written and sent; in its short form also where files are added. */
export function Composer({ hasPickers }: ComposerProps) {
  const ui = useUi();
  const { words } = ui.language.value;
  const { draftText } = ui;
  const isEmpty = draftText.value.trim() === '';

  const send = () => {
    if (isEmpty) return;
    ui.actions.sendText(draftText.value);
    draftText.value = '';
  };

  return (
    <div class={hasPickers ? 'composer composer-bar' : 'composer'}>
      {hasPickers && (
        <>
          <button
            type="button"
            class="button button-main composer-pick"
            aria-label={words.addFiles}
            onClick={() => ui.pick('files')}
          >
            <Icon name="plus" />
            <span class="wide-only">{words.addFiles}</span>
          </button>
          <button
            type="button"
            class="icon-button icon-button-line"
            aria-label={words.addFolder}
            title={words.addFolder}
            onClick={() => ui.pick('folder')}
          >
            <Icon name="folder" />
          </button>
        </>
      )}
      <div class="composer-field">
        <textarea
          rows={1}
          data-testid="send-text"
          aria-label={words.textLabel}
          placeholder={hasPickers ? words.textPlaceholderShort : words.textPlaceholder}
          value={draftText.value}
          onFocus={() => ui.actions.prepare('share')}
          onInput={(event) => {
            draftText.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
          }}
        />
        <button
          type="button"
          class="icon-button composer-send"
          data-testid="send-text-button"
          aria-label={words.sendText}
          title={words.sendText}
          aria-disabled={isEmpty}
          onClick={send}
        >
          <Icon name="send" />
        </button>
      </div>
    </div>
  );
}
