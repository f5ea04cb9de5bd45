import { describe, expect, test } from 'vitest';
import { type Fault, WIRE_CODE } from '../../../src/protocol/faults.ts';
import type { LanguageCode } from '../../../src/ui/environment.ts';
import { en, type Plural } from '../../../src/ui/words/en.ts';
import { explain, type FaultPlace } from '../../../src/ui/words/explain.ts';
import {
  englishFor,
  LANGUAGE_NAMES,
  loadLanguage,
  pickLanguage,
} from '../../../src/ui/words/language.ts';
import { fill, piecesOf } from '../../../src/ui/words/phrase.ts';

// Boundary: `Object.keys` forgets the type of the keys.
const codes = Object.keys(LANGUAGE_NAMES) as readonly LanguageCode[];
const languages = await Promise.all(codes.map((code) => loadLanguage(code, [])));
const others = languages.filter(({ code }) => code !== 'en');
const english = englishFor([]);
const byText = (a: string, b: string) => a.localeCompare(b);

/** Phrases that a language writes as English does. */
const SAME_EVERYWHERE = ['/appName', '/codeExample'];
const SAME: Readonly<Partial<Record<LanguageCode, readonly string[]>>> = {
  de: ['/linkLabel', '/doctorNames/relay', '/textTitle', '/version'],
  fr: ['/pathDirect', '/version', '/notifications'],
  pt: ['/linkLabel', '/itemCount'],
};

type Phrase = string | Plural;

/** Every phrase of a catalogue by its path; the forms of a plural are one phrase. */
function phrasesOf(node: unknown, path = ''): ReadonlyMap<string, Phrase> {
  if (typeof node === 'string' || isPlural(node)) return new Map([[path, node]]);
  return new Map(
    Object.entries(node ?? {}).flatMap(([key, value]) => [...phrasesOf(value, `${path}/${key}`)]),
  );
}

const isPlural = (node: unknown): node is Plural =>
  typeof node === 'object' && node !== null && 'other' in node;

const formsOf = (phrase: Phrase) => (typeof phrase === 'string' ? [phrase] : Object.values(phrase));

const placesOf = (form: string) =>
  [...new Set(piecesOf(form).flatMap((piece) => ('place' in piece ? piece.place : [])))]
    .toSorted(byText)
    .join();

const saysItsNumber = (rules: Intl.PluralRules, rule: string) =>
  Array.from({ length: 200 }, (_, count) => rules.select(count)).filter((each) => each === rule)
    .length === 1;

describe('the catalogues', () => {
  test.each(others)('have the keys of the English one ($code)', ({ words }) => {
    expect([...phrasesOf(words).keys()].toSorted(byText)).toEqual(
      [...phrasesOf(en).keys()].toSorted(byText),
    );
  });

  test.each(languages)('have the same places in every form of a phrase ($code)', (each) => {
    const rules = new Intl.PluralRules(each.code);
    for (const [path, phrase] of phrasesOf(each.words)) {
      const [places] = formsOf(phrasesOf(en).get(path) ?? '').map(placesOf);
      if (typeof phrase === 'string') expect(placesOf(phrase), path).toBe(places);
      else {
        for (const [rule, form] of Object.entries(phrase)) {
          // Arabic has a word for one file and for two: the form says the number itself.
          const count = saysItsNumber(rules, rule) && !form.includes('{count}') ? '{count}' : '';
          expect(placesOf(form + count), `${path} ${rule}`).toBe(places);
        }
      }
    }
  });

  test.each(languages)('leave nothing empty, and no brace that is not a place ($code)', (each) => {
    for (const [path, phrase] of phrasesOf(each.words)) {
      for (const form of formsOf(phrase)) {
        expect(form, path).toBe(form.trim());
        expect(form, path).not.toBe('');
        expect(fill(form, {}), path).not.toMatch(/[{}]/);
      }
    }
  });

  test.each(others)('leave nothing untranslated ($code)', ({ code, words }) => {
    const same = new Set([...SAME_EVERYWHERE, ...(SAME[code] ?? [])]);
    for (const [path, phrase] of phrasesOf(words)) {
      const english = formsOf(phrasesOf(en).get(path) ?? '');
      for (const form of formsOf(phrase)) {
        if (same.has(path) || !/[a-z]/i.test(fill(form, {}))) continue;
        expect(english, path).not.toContain(form);
      }
    }
  });

  test.each(languages)('have exactly the plural forms the language asks for ($code)', (each) => {
    const needed = new Intl.PluralRules(each.code).resolvedOptions().pluralCategories;
    for (const [path, phrase] of phrasesOf(each.words)) {
      if (typeof phrase === 'string') continue;
      expect(Object.keys(phrase).toSorted(byText), path).toEqual(needed.toSorted(byText));
    }
  });
});

const FAULTS: readonly Fault[] = [
  { code: 'rule-broken', rule: 'F1' },
  { code: 'version-mismatch', theirs: 2 },
  { code: 'hash-mismatch', block: 1 },
  { code: 'source-changed', name: 'Holiday.mov' },
  { code: 'source-needed', names: ['Holiday.mov', 'Notes.txt'] },
  { code: 'disk-full', neededBytes: 1_100_000_000 },
  { code: 'storage-failed', detail: '' },
  { code: 'peer-failed', reason: WIRE_CODE['disk-full'] },
  { code: 'declined' },
  { code: 'cancelled', by: 'me' },
  { code: 'peer-gone', silentMs: 1 },
  { code: 'peer-left' },
  { code: 'no-path' },
  { code: 'broker-unreachable' },
  { code: 'peer-unavailable' },
  { code: 'no-nameplate' },
  { code: 'code-malformed', part: 'words' },
  { code: 'not-verified' },
  { code: 'code-refused' },
  { code: 'share-taken' },
  { code: 'too-much', what: 'files' },
  { code: 'unsupported', what: 'webrtc' },
];
const PLACES: readonly FaultPlace[] = ['share', 'join-code', 'join-link', 'transfer', 'notice'];

describe('explaining faults', () => {
  test('the list above has every fault', () => {
    expect(FAULTS.map((fault) => fault.code).toSorted(byText)).toEqual(
      Object.keys(WIRE_CODE).toSorted(byText),
    );
  });

  test.each(languages)('every fault has both sentences everywhere ($code)', (language) => {
    for (const fault of FAULTS) {
      for (const place of PLACES) {
        const { what, next } = explain(fault, place, language);
        expect(what, fault.code).toMatch(/[.。।]$/);
        expect(next, fault.code).toMatch(/[.。।]$/);
        expect(what + next).not.toContain('{');
      }
    }
  });

  test('facts are filled in', () => {
    const { what } = explain({ code: 'disk-full', neededBytes: 1.1e9 }, 'transfer', english);
    expect(what).toBe('This device has no room: 1.1 GB more is needed.');
  });

  test('the reason of the other device is said', () => {
    const fault: Fault = { code: 'peer-failed', reason: WIRE_CODE['disk-full'] };
    expect(explain(fault, 'transfer', english).what).toBe(en.special.peerDiskFull.what);
  });

  test('a wrong code reads differently to its host and to who typed it', () => {
    const fault: Fault = { code: 'not-verified' };
    const said = (place: FaultPlace) => explain(fault, place, english).what;
    expect(new Set([said('share'), said('join-code'), said('join-link')]).size).toBe(3);
  });
});

describe('numbers', () => {
  const { format } = english;

  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [512, '512 bytes'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [2100, '2 kB'],
    [999_600, '1 MB'],
    [1_400_000, '1.4 MB'],
    [23_400_000, '23 MB'],
    [9_960_000, '10 MB'],
    [1_400_000_000, '1.4 GB'],
    [1_099_511_627_776, '1.1 TB'],
  ])('%d bytes are %s', (count, said) => {
    expect(format.bytes(count)).toBe(said);
  });

  test.each([
    [0, '0 kB/s'],
    [400, '0 kB/s'],
    [23_400_000, '23 MB/s'],
    [1_250_000, '1.3 MB/s'],
  ])('%d bytes a second are %s', (rate, said) => {
    expect(format.rate(rate)).toBe(said);
  });

  test.each([
    [2, 'a few seconds'],
    [12, 'about 15 seconds'],
    [58, 'about 1 minute'],
    [118, 'about 2 minutes'],
    [3590, 'about 1 hour'],
    [7300, 'about 2 hours'],
    [200_000, 'about 2 days'],
  ])('%d seconds are %s', (seconds, said) => {
    expect(format.duration(seconds)).toBe(said);
  });

  test('100 % is said only of the whole', () => {
    expect(format.percent(0.9999)).toBe('99%');
    expect(format.percent(1)).toBe('100%');
  });

  test('counted phrases follow the rules of the language', () => {
    expect(format.plural(1, en.fileCount)).toBe('1 file');
    expect(format.plural(2000, en.fileCount)).toBe('2,000 files');
  });

  test.each<[LanguageCode, string]>([
    ['ar', 'دقيقتان تقريبًا'],
    ['de', 'etwa 2 Minuten'],
    ['es', 'cerca de 2 minutos'],
    ['fr', 'environ 2 minutes'],
    ['hi', 'लगभग 2 मिनट'],
    ['ja', '約2 分'],
    ['pt', 'cerca de 2 minutos'],
    ['ru', 'примерно 2 минуты'],
    ['zh-Hans', '约 2分钟'],
  ])('%s has its own units', async (code, said) => {
    const { format } = await loadLanguage(code, []);
    expect(format.duration(118)).toBe(said);
  });
});

describe('choosing a language', () => {
  test('the chosen one wins over the browser', () => {
    expect(pickLanguage('en', ['zh-CN'])).toBe('en');
  });

  test.each<[string, readonly string[], LanguageCode]>([
    ['its first part decides', ['es-MX', 'en'], 'es'],
    ['Arabic of any country', ['ar-EG', 'en'], 'ar'],
    ['a region of its own does not matter', ['pt-BR'], 'pt'],
    ['the first that there is', ['sv-SE', 'fr-CA', 'en'], 'fr'],
    ['English when there is none', ['sv-SE'], 'en'],
    ['English when the browser asks for none', [], 'en'],
    ['never by a likeness of tags', ['fro', 'est'], 'en'],
    ['Simplified Chinese by region', ['zh-CN'], 'zh-Hans'],
    ['Simplified Chinese by script', ['zh-Hans-HK'], 'zh-Hans'],
    ['Traditional Chinese after what is better', ['zh-TW', 'fr'], 'fr'],
    ['Traditional Chinese rather than nothing asked for', ['zh-Hant-HK', 'sv'], 'zh-Hans'],
  ])('%s', (_, preferred, code) => {
    expect(pickLanguage('auto', preferred)).toBe(code);
  });

  test('the region the person prefers writes the numbers', async () => {
    const bytes = async (tag: string) =>
      (await loadLanguage('es', [tag])).format.bytes(1.4e9).replace('\u00a0', ' ');
    expect(await bytes('es-ES')).toBe('1,4 GB');
    expect(await bytes('es-MX')).toBe('1.4 GB');
  });
});

describe('speaking a language', () => {
  test.each(languages)('every count, size and duration has words ($code)', (language) => {
    const { format, words } = language;
    for (const count of [0, 1, 2, 3, 5, 11, 21, 100, 101, 1_000_000]) {
      const said = format.plural(count, words.fileCount);
      expect(said).not.toMatch(/[{}]/);
      if (count > 2) expect(said).toContain(format.count(count));
    }
    for (const seconds of [2, 12, 58, 7300, 200_000]) {
      expect(format.duration(seconds)).not.toMatch(/[{}]/);
    }
    expect(format.bytes(1.4e9)).toMatch(/\p{N}/u);
  });

  test.each(languages)('the list has its own name for it ($code)', ({ code, direction }) => {
    expect(LANGUAGE_NAMES[code]).not.toBe('');
    expect(direction).toBe(code === 'ar' ? 'rtl' : 'ltr');
  });
});

test('a name with braces in it is not filled again', () => {
  expect(fill('{name} said {word}', { name: '{word}', word: 'hello' })).toBe('{word} said hello');
});
