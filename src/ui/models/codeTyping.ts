/** Words a code has after its number. */
const CODE_WORDS = 3;

/** The word being typed at the end of a code, when there is one to complete. */
export function wordAtEnd(typed: string): string | undefined {
  // A link, or a text that is not a code from its beginning, is left alone.
  const match = /^\s*\d{4,6}(?:[\s-]+[a-z]+){0,2}[\s-]+([a-z]+)$/i.exec(typed);
  return match?.[1]?.toLowerCase();
}

/** What the input becomes when `word` is taken for the word at its end. */
export function withWord(typed: string, word: string): string {
  const parts = typed.trim().split(/[\s-]+/);
  const whole = [...parts.slice(0, -1), word].join('-');
  return parts.length <= CODE_WORDS ? `${whole}-` : whole;
}

/** Whether a pasted text is meant for the code input: a code, or a link with a secret in it. */
export function looksLikeCode(text: string): boolean {
  const trimmed = text.trim();
  return (
    /^\d{4,6}(?:-[a-z]+){3}$/i.test(trimmed) || /^https?:\/\/\S+#\d{4,6}\.[\w-]{22}$/.test(trimmed)
  );
}
