import { useSignal } from '@preact/signals';
import { copied, select } from '../models/copying.ts';
import { useLanguage } from '../models/ui.ts';
import { Icon } from './Icon.tsx';

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  /** What to select where the clipboard is closed to us. */
  readonly shownBy: () => Element | null;
  readonly isMain?: boolean;
}

/** How long "Copied" stays, in ms. */
const SAID_MS = 2500;

/** Copies a text and says so. */
export function CopyButton({ text, label, shownBy, isMain = false }: CopyButtonProps) {
  const { words } = useLanguage();
  const said = useSignal<string | undefined>(undefined);

  const copy = async () => {
    const isCopied = await copied(text);
    const shown = shownBy();
    if (!isCopied && shown !== null) select(shown);
    said.value = isCopied ? words.copied : words.copyByHand;
    setTimeout(() => {
      said.value = undefined;
    }, SAID_MS);
  };

  return (
    <button type="button" class={isMain ? 'button button-main' : 'button'} onClick={copy}>
      <Icon name={said.value === words.copied ? 'check' : 'copy'} />
      <span aria-live="polite">{said.value ?? label}</span>
    </button>
  );
}
