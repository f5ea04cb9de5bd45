/** A piece of a phrase: plain words, or the name of a place to fill. */
export type Piece = { readonly text: string } | { readonly place: string };

const PLACE = /\{(\w+)\}/;

/** Cuts `Connected to {name}` into its words and its places. */
export function piecesOf(phrase: string): readonly Piece[] {
  // Splitting by a pattern with one group yields words and place names in turn.
  return phrase
    .split(PLACE)
    .map((part, index): Piece => (index % 2 === 0 ? { text: part } : { place: part }))
    .filter((piece) => !('text' in piece) || piece.text !== '');
}

/** The phrase with its places filled; a place without a value stays empty. */
export function fill(phrase: string, values: Readonly<Record<string, string>>): string {
  return piecesOf(phrase)
    .map((piece) => ('text' in piece ? piece.text : (values[piece.place] ?? '')))
    .join('');
}

/**
 * A stranger's name inside a sentence of ours, as plain text: the isolates keep its writing
 * direction from turning the words around it. In markup `<bdi>` does the same.
 */
export const isolated = (name: string) => `\u2068${name}\u2069`;
