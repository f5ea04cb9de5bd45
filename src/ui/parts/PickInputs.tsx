import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { itemsOnceLookedAt } from '../models/looking.ts';
import { useUi } from '../models/ui.ts';

interface PickInputsProps {
  readonly files: RefObject<HTMLInputElement | null>;
  readonly folder: RefObject<HTMLInputElement | null>;
}

/**
 * The two file inputs of the page. They are never unmounted, so that a picker opened on one screen
 * still delivers after the screen has changed. Buttons all over the UI open them, and say what they
 * are for: to a screen reader the inputs would be the same once more.
 */
export function PickInputs({ files, folder }: PickInputsProps) {
  const ui = useUi();

  useLayoutEffect(() => {
    if (folder.current !== null) folder.current.webkitdirectory = true;
  }, [folder]);

  const send = async (input: HTMLInputElement) => {
    if (input.files === null || input.files.length === 0) return;
    const items = await itemsOnceLookedAt(ui, ui.environment.itemsOfFileList(input.files));
    // Emptied, so that picking the same file again is a change again.
    input.value = '';
    if (items.length > 0) ui.actions.sendItems(items);
  };

  return (
    <div class="pick-inputs" aria-hidden="true">
      <input
        ref={files}
        type="file"
        multiple
        tabIndex={-1}
        data-testid="pick-files"
        onChange={(event) => send(event.currentTarget)}
      />
      <input
        ref={folder}
        type="file"
        multiple
        tabIndex={-1}
        data-testid="pick-folder"
        onChange={(event) => send(event.currentTarget)}
      />
    </div>
  );
}
