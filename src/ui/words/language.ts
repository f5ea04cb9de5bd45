import type { LanguageCode, UiSettings } from '../environment.ts';
import { en, type Words } from './en.ts';
import { createFormat, type Format } from './format.ts';

/** A language in use: its words, its numbers, its direction. */
export interface Language {
  readonly code: LanguageCode;
  readonly direction: 'ltr' | 'rtl';
  readonly words: Words;
  readonly format: Format;
}

/** How each language calls itself, for the list in Settings. */
export const LANGUAGE_NAMES: Record<LanguageCode, string> = {
  en: 'English',
  'zh-Hans': '简体中文',
};

/** Adding a language is one catalogue and one line in each of these tables. */
const LOADERS: Record<LanguageCode, () => Words | Promise<Words>> = {
  en: () => en,
  'zh-Hans': async () => (await import('./zhHans.ts')).zhHans,
};

const DIRECTIONS: Record<LanguageCode, Language['direction']> = { en: 'ltr', 'zh-Hans': 'ltr' };

/** The language to use: the chosen one, else the first of the browser's that we have, else English. */
export function pickLanguage(
  chosen: UiSettings['language'],
  preferred: readonly string[],
): LanguageCode {
  if (chosen !== 'auto') return chosen;
  for (const tag of preferred) {
    const code = codeOf(tag);
    if (code !== undefined) return code;
  }
  return 'en';
}

/** English at once; any other language once its catalogue has arrived. */
export async function loadLanguage(
  code: LanguageCode,
  preferred: readonly string[],
): Promise<Language> {
  return languageOf(code, await LOADERS[code](), preferred);
}

/** The language that needs no loading. */
export const englishFor = (preferred: readonly string[]) => languageOf('en', en, preferred);

function languageOf(code: LanguageCode, words: Words, preferred: readonly string[]): Language {
  // A region the person chose (en-GB) also says how numbers are written.
  const locale = preferred.find((tag) => codeOf(tag) === code) ?? code;
  return { code, direction: DIRECTIONS[code], words, format: createFormat(locale, words) };
}

function codeOf(tag: string): LanguageCode | undefined {
  const lower = tag.toLowerCase();
  if (lower === 'en' || lower.startsWith('en-')) return 'en';
  if (lower === 'zh' || lower.startsWith('zh-')) return 'zh-Hans';
  return undefined;
}
