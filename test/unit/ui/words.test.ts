import { describe, expect, test } from 'vitest';
import { type Fault, WIRE_CODE } from '../../../src/protocol/faults.ts';
import { en } from '../../../src/ui/words/en.ts';
import { explain, type FaultPlace } from '../../../src/ui/words/explain.ts';
import { createFormat } from '../../../src/ui/words/format.ts';
import type { Language } from '../../../src/ui/words/language.ts';
import { pickLanguage } from '../../../src/ui/words/language.ts';
import { fill, piecesOf } from '../../../src/ui/words/phrase.ts';
import { zhHans } from '../../../src/ui/words/zhHans.ts';

const english: Language = {
  code: 'en',
  direction: 'ltr',
  words: en,
  format: createFormat('en', en),
};
const chinese: Language = {
  code: 'zh-Hans',
  direction: 'ltr',
  words: zhHans,
  format: createFormat('zh-Hans', zhHans),
};
const byText = (a: string, b: string) => a.localeCompare(b);
const languages = [english, chinese];

/** Every phrase of a catalogue by its path; the forms of a plural count as one phrase. */
function phrasesOf(node: unknown, path = ''): ReadonlyMap<string, readonly string[]> {
  if (typeof node === 'string') return new Map([[path, [node]]]);
  const entries = Object.entries(node ?? {});
  const forms = entries.map(([, value]) => value).filter((value) => typeof value === 'string');
  if (entries.some(([key]) => key === 'other')) return new Map([[path, forms]]);
  return new Map(entries.flatMap(([key, value]) => [...phrasesOf(value, `${path}/${key}`)]));
}

const placesOf = (phrases: readonly string[]) =>
  [...new Set(phrases.flatMap(piecesOf).flatMap((piece) => ('place' in piece ? piece.place : [])))]
    .toSorted(byText)
    .join();

describe('the catalogues', () => {
  test('have the same keys, and the same places in each phrase', () => {
    const shape = (words: unknown) =>
      [...phrasesOf(words)]
        .map(([path, phrases]) => `${path} ${placesOf(phrases)}`)
        .toSorted(byText);
    expect(shape(zhHans)).toEqual(shape(en));
  });

  test.each(languages)(
    'leave nothing empty and nothing untranslated ($code)',
    ({ code, words }) => {
      const same = new Set(['/appName', '/codeExample']);
      for (const [path, phrases] of phrasesOf(words)) {
        for (const phrase of phrases) {
          expect(phrase.trim(), path).not.toBe('');
          if (code !== 'en' && !same.has(path) && /[a-z]/i.test(fill(phrase, {}))) {
            expect(phrasesOf(en).get(path), path).not.toContain(phrase);
          }
        }
      }
    },
  );

  test.each(languages)('have the plural forms the language asks for ($code)', ({ code, words }) => {
    const needed = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    expect(Object.keys(words.fileCount)).toEqual(expect.arrayContaining(needed));
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
        expect(what, fault.code).toMatch(/[.。]$/);
        expect(next, fault.code).toMatch(/[.。]$/);
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
    expect(chinese.format.plural(1, zhHans.fileCount)).toBe('1 个文件');
  });

  test('Chinese has its own units', () => {
    expect(chinese.format.duration(118)).toBe('约 2分钟');
  });
});

describe('choosing a language', () => {
  test('the chosen one wins, then the first of the browser that there is, then English', () => {
    expect(pickLanguage('en', ['zh-CN'])).toBe('en');
    expect(pickLanguage('auto', ['de-DE', 'zh-Hans-SG', 'en'])).toBe('zh-Hans');
    expect(pickLanguage('auto', ['de-DE'])).toBe('en');
  });
});

test('a name with braces in it is not filled again', () => {
  expect(fill('{name} said {word}', { name: '{word}', word: 'hello' })).toBe('{word} said hello');
});
