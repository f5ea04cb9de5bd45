import { partsOf } from '../models/links.ts';

interface ReceivedTextProps {
  readonly id: string;
  readonly text: string;
}

/** A text somebody sent: shown as text, with its web addresses made links. */
export function ReceivedText({ id, text }: ReceivedTextProps) {
  return (
    <p id={id} class="received-text" dir="auto" data-testid="received-text">
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
  );
}
