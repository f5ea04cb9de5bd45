import type { ComponentChildren } from 'preact';
import { piecesOf } from '../words/phrase.ts';

interface PhraseProps {
  readonly phrase: string;
  /** What stands at the places of the phrase. */
  readonly values: Readonly<Record<string, ComponentChildren>>;
}

/** A phrase of the catalogue with elements at its places, in the order the language wants. */
export function Phrase({ phrase, values }: PhraseProps) {
  return (
    <>{piecesOf(phrase).map((piece) => ('text' in piece ? piece.text : values[piece.place]))}</>
  );
}
