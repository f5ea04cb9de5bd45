import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { looksLikeCode } from '../models/codeTyping.ts';
import { itemsOnceLookedAt } from '../models/looking.ts';
import { useUi } from '../models/ui.ts';
import { Icon } from './Icon.tsx';

/** Takes what is dropped or pasted anywhere on the page, and shows that it will be taken. */
export function DropVeil() {
  const ui = useUi();
  const { words } = ui.language.value;
  const isOver = useSignal(false);

  useLayoutEffect(() => {
    const listeners = new AbortController();
    const { signal } = listeners;
    // Every element under the pointer enters and leaves; the page is left when all are.
    let depth = 0;
    const carriesFiles = (event: DragEvent) =>
      event.dataTransfer?.types.some((type) => type === 'Files' || type === 'text/plain') === true;

    addEventListener(
      'dragenter',
      (event) => {
        if (!carriesFiles(event) || isTyping(event.target)) return;
        event.preventDefault();
        depth += 1;
        isOver.value = true;
        ui.actions.prepare('share');
      },
      { signal },
    );
    addEventListener(
      'dragover',
      (event) => {
        if (!isOver.value) return;
        event.preventDefault();
        if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
      },
      { signal },
    );
    addEventListener(
      'dragleave',
      () => {
        depth = Math.max(0, depth - 1);
        if (depth === 0) isOver.value = false;
      },
      { signal },
    );
    addEventListener(
      'drop',
      (event) => {
        const wasOver = isOver.value;
        depth = 0;
        isOver.value = false;
        if (!wasOver || event.dataTransfer === null) return;
        event.preventDefault();
        const text = event.dataTransfer.getData('text/plain');
        take(ui.environment.itemsOfDataTransfer(event.dataTransfer), text).catch(reportError);
      },
      { signal },
    );
    addEventListener(
      'paste',
      (event) => {
        if (isTyping(event.target) || event.clipboardData === null) return;
        event.preventDefault();
        const text = event.clipboardData.getData('text/plain');
        take(ui.environment.itemsOfClipboard(event.clipboardData), text).catch(reportError);
      },
      { signal },
    );

    /** Files are sent. A text is put where it can be read once more before it is sent. */
    const take = async (
      found: ReturnType<typeof ui.environment.itemsOfClipboard>,
      text: string,
    ): Promise<void> => {
      const items = await itemsOnceLookedAt(ui, found);
      if (items.length > 0) return ui.actions.sendItems(items);
      if (text.trim() === '') return undefined;
      if (looksLikeCode(text) && findByTestId('join-code') !== null) {
        ui.draftCode.value = text.trim();
        return focusOn('join');
      }
      ui.draftText.value = ui.draftText.value === '' ? text : `${ui.draftText.value}\n${text}`;
      return focusOn('send-text-button');
    };

    return () => listeners.abort();
  }, [ui]);

  if (!isOver.value) return null;
  return (
    <div class="veil">
      <p>
        <Icon name="down" />
        {words.dropNow}
      </p>
    </div>
  );
}

const isTyping = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest('input, textarea, select, [contenteditable]') !== null;

const findByTestId = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);

const focusOn = (id: string) => findByTestId(id)?.focus();
