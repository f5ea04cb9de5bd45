import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { withWord, wordAtEnd } from '../models/codeTyping.ts';
import { useUi } from '../models/ui.ts';
import { Icon } from './Icon.tsx';
import { LaterScanner } from './laterScanner.ts';

/** Browsers hide the camera from pages that did not come over a secure connection. */
const canScan = 'mediaDevices' in navigator;

/** Suggestions shown at once. */
const MOST_SUGGESTIONS = 5;

/**
 * Where a code or link is entered. Words of the code complete themselves: the rest of the best one
 * is shown behind the caret, the others in a list below (the combobox pattern of ARIA).
 */
export function CodeForm() {
  const ui = useUi();
  const { words } = ui.language.value;
  const { draftCode } = ui;
  const ids = useId();
  const input = useRef<HTMLInputElement>(null);
  const chosen = useSignal(-1);
  const isListOpen = useSignal(false);
  const isScanning = useSignal(false);

  const typed = draftCode.value;
  const begun = wordAtEnd(typed);
  const fitting =
    begun === undefined ? [] : ui.environment.completeWord(begun).slice(0, MOST_SUGGESTIONS);
  const isComplete = fitting.length === 1 && fitting[0] === begun;
  const suggestions = isListOpen.value && !isComplete ? fitting : [];
  const shown = suggestions[Math.max(0, chosen.value)];
  const ghost = begun !== undefined && shown?.startsWith(begun) ? shown.slice(begun.length) : '';

  const type = (text: string) => {
    draftCode.value = text;
    chosen.value = -1;
    isListOpen.value = true;
    ui.actions.prepare('join');
  };
  const take = (word: string) => {
    type(withWord(typed, word));
    input.current?.focus();
  };
  const join = () => {
    isListOpen.value = false;
    if (typed.trim() === '') input.current?.focus();
    else ui.actions.join(typed.trim());
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const last = suggestions.length - 1;
    const picked = suggestions[chosen.value];
    if (last < 0) return;
    if (event.key === 'ArrowDown') chosen.value = chosen.value >= last ? 0 : chosen.value + 1;
    else if (event.key === 'ArrowUp') chosen.value = chosen.value <= 0 ? last : chosen.value - 1;
    else if (event.key === 'Escape') isListOpen.value = false;
    else if (event.key === 'Enter' && picked !== undefined) take(picked);
    else if (event.key === 'Tab' && !event.shiftKey && ghost !== '' && shown !== undefined)
      take(shown);
    else if (
      event.key === 'ArrowRight' &&
      ghost !== '' &&
      shown !== undefined &&
      isCaretAtEnd(input.current)
    )
      take(shown);
    else return;
    event.preventDefault();
  };

  return (
    <form
      class="code-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        join();
      }}
    >
      <div class="code-field">
        <span class="code-ghost" aria-hidden="true">
          <span>{typed}</span>
          {ghost}
        </span>
        <input
          ref={input}
          id={`${ids}-input`}
          type="text"
          dir="ltr"
          data-testid="join-code"
          aria-label={words.codeLabel}
          placeholder={words.codeExample}
          autocomplete="off"
          autocapitalize="none"
          autocorrect="off"
          spellcheck={false}
          enterkeyhint="go"
          role="combobox"
          aria-expanded={suggestions.length > 0}
          aria-controls={`${ids}-list`}
          aria-autocomplete="both"
          aria-activedescendant={chosen.value < 0 ? undefined : `${ids}-${chosen.value}`}
          value={typed}
          onInput={(event) => type(event.currentTarget.value)}
          onFocus={() => ui.actions.prepare('join')}
          onKeyDown={onKeyDown}
          onBlur={() => {
            isListOpen.value = false;
          }}
        />
        {suggestions.length > 0 && (
          <div
            id={`${ids}-list`}
            class="code-suggestions"
            role="listbox"
            aria-label={words.codeSuggestions}
          >
            {suggestions.map((word, index) => (
              <button
                key={word}
                id={`${ids}-${index}`}
                type="button"
                role="option"
                tabIndex={-1}
                aria-selected={index === chosen.value}
                // The input must not lose focus before the tap arrives.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => take(word)}
              >
                <b>{word.slice(0, begun?.length)}</b>
                {word.slice(begun?.length)}
              </button>
            ))}
          </div>
        )}
      </div>
      {canScan && (
        <button
          type="button"
          class="icon-button icon-button-line code-scan"
          aria-label={words.scan}
          title={words.scan}
          onClick={() => {
            isScanning.value = true;
            ui.actions.prepare('join');
          }}
        >
          <Icon name="scan" />
        </button>
      )}
      {isScanning.value && (
        <LaterScanner
          onClose={() => {
            isScanning.value = false;
          }}
          onFound={(code) => {
            isScanning.value = false;
            // The secret of a link is not for showing.
            if (!code.includes('#')) draftCode.value = code;
            ui.actions.join(code);
          }}
        />
      )}
      <button type="submit" class="button button-main" data-testid="join">
        {words.connect}
      </button>
    </form>
  );
}

const isCaretAtEnd = (input: HTMLInputElement | null) =>
  input !== null && input.selectionStart === input.value.length;
