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
export const LANGUAGE_NAMES: Readonly<Record<LanguageCode, string>> = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  pt: 'Português',
  ru: 'Русский',
  ar: 'العربية',
  hi: 'हिन्दी',
  ja: '日本語',
  'zh-Hans': '简体中文',
};

/** Adding a language is its code in `LanguageCode`, one catalogue and one line in each of these tables. */
const LOADERS: Readonly<Record<LanguageCode, () => Words | Promise<Words>>> = {
  en: () => en,
  de: async () => (await import('./de.ts')).de,
  es: async () => (await import('./es.ts')).es,
  fr: async () => (await import('./fr.ts')).fr,
  pt: async () => (await import('./pt.ts')).pt,
  ru: async () => (await import('./ru.ts')).ru,
  ar: async () => (await import('./ar.ts')).ar,
  hi: async () => (await import('./hi.ts')).hi,
  ja: async () => (await import('./ja.ts')).ja,
  'zh-Hans': async () => (await import('./zhHans.ts')).zhHans,
};

const DIRECTIONS: Readonly<Record<LanguageCode, Language['direction']>> = {
  en: 'ltr',
  de: 'ltr',
  es: 'ltr',
  fr: 'ltr',
  pt: 'ltr',
  ru: 'ltr',
  ar: 'rtl',
  hi: 'ltr',
  ja: 'ltr',
  'zh-Hans': 'ltr',
};

/** The language to use: the chosen one, else the first of the browser's that there is, else English. */
export function pickLanguage(
  chosen: UiSettings['language'],
  preferred: readonly string[],
): LanguageCode {
  if (chosen !== 'auto') return chosen;
  for (const tag of preferred) {
    const code = codeOf(tag);
    if (code !== undefined) return code;
  }
  // Whoever reads Traditional Chinese reads Simplified with some effort: better than a language not asked for.
  return preferred.some((tag) => TRADITIONAL_CHINESE.test(tag)) ? 'zh-Hans' : 'en';
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

const TRADITIONAL_CHINESE = /^zh-(hant|tw|hk|mo)\b/i;

// Boundary: `Object.keys` forgets the type of the keys.
const LANGUAGE_CODES = Object.keys(LANGUAGE_NAMES) as readonly LanguageCode[];

/** The language that a tag of the browser asks for, by its first part: `pt-BR` is `pt`. */
function codeOf(tag: string): LanguageCode | undefined {
  if (TRADITIONAL_CHINESE.test(tag)) return undefined;
  const primary = primaryOf(tag);
  return LANGUAGE_CODES.find((code) => primaryOf(code) === primary);
}

const primaryOf = (tag: string) => tag.toLowerCase().split('-')[0];
