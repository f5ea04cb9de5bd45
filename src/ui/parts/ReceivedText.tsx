import { useRef } from 'preact/hooks';
import { partsOf } from '../models/links.ts';
import { useLanguage } from '../models/ui.ts';
import { CopyButton } from './CopyButton.tsx';

/** A text somebody sent: shown as text, with its web addresses made links. */
export function ReceivedText({ text }: { readonly text: string }) {
  const { words } = useLanguage();
  const shown = useRef<HTMLParagraphElement>(null);
  return (
    <div class="received-text">
      <p ref={shown} dir="auto" data-testid="received-text">
        {partsOf(text).map((part) =>
          part.href === undefined ? (
            part.text
          ) : (
            <a href={part.href} target="_blank" rel="noopener noreferrer">
              {part.text}
            </a>
          ),
        )}
      </p>
      <CopyButton text={text} label={words.copyText} shownBy={() => shown.current} isMain />
    </div>
  );
}
