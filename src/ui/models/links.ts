/** A part of a text: as it is, or an address that may be opened. */
export type TextPart = { readonly text: string; readonly href: string | undefined };

const ADDRESS = /(https?:\/\/[^\s<>"'`\u00a0\u3000]+)/gi;
/** What usually ends a sentence and not an address. */
const TRAILING: ReadonlySet<string> = new Set(`).,:;!?]}'"。，、；：！？）】》`);

/** Finds the web addresses in a stranger's text. Only http and https; everything else stays text. */
export function partsOf(text: string): readonly TextPart[] {
  return text.split(ADDRESS).flatMap((part, index): TextPart[] => {
    if (index % 2 === 0) return part === '' ? [] : [{ text: part, href: undefined }];
    const shown = withoutTrailing(part);
    const rest = part.slice(shown.length);
    const href = URL.canParse(shown) ? new URL(shown).href : undefined;
    return [{ text: shown, href }, ...(rest === '' ? [] : [{ text: rest, href: undefined }])];
  });
}

/** From the end, one step at a time: a pattern that ends in `+$` takes seconds over a stranger's brackets. */
function withoutTrailing(address: string): string {
  let end = address.length;
  while (end > 0 && TRAILING.has(address.charAt(end - 1))) end -= 1;
  return address.slice(0, end);
}
