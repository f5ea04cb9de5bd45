import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  isRiskyName,
  MAX_SEGMENT_BYTES,
  safePaths,
  safeSegment,
  splitExtension,
} from '../../../src/protocol/fileName.ts';

const utf8Bytes = (text: string) => new TextEncoder().encode(text).byteLength;

/** Names made to get in the way, and noise. */
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        ...['.', '..', ' ', '/', '\\', ':', '\u202e', '\u0000', 'con', 'COM¹', 'nul', 'x', '='],
        ...['\u0301', 'e', '😀', '\ud800', '\u3000', '.txt', 'a'.repeat(41), '\u200d'],
      ),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join('')),
);

describe('one segment', () => {
  test.each([
    ['[N1] an ordinary name stays', 'report.pdf', 'report.pdf'],
    ['[N1] blanks inside stay', 'my report.pdf', 'my report.pdf'],
    ['[N1] other scripts stay', 'отчёт 報告 تقرير.pdf', 'отчёт 報告 تقرير.pdf'],
    ['[N1] an emoji of several characters stays', '👩‍👩‍👧.png', '👩‍👩‍👧.png'],
    ['[N1] decomposed letters', 'u\u0308ber.txt', 'über.txt'],
    ['[N1] controls', 'a\u0000b\u0007c\r\n\u007f\u0085.txt', 'abc.txt'],
    ['[N1] a reversed extension', 'photo\u202egpj.exe', 'photogpj.exe'],
    ['[N1] direction isolates and marks', '\u2066a\u2069\u200e\u200fb\u061c', 'ab'],
    ['[N1] zero-width spaces and byte order marks', 'a\u200bb\ufeffc\u2060', 'abc'],
    ['[N1] line and paragraph separators', 'a\u2028b\u2029c', 'abc'],
    ['[N1] tags and noncharacters', 'a\u{e0041}b\uffffc\u{1fffe}\ufff9', 'abc'],
    ['[N1] lone surrogates', 'a\ud800b\udc00', 'ab'],
    ['[N1] a control that hides a path up', '.\u0000.\u0000/x', '_.._x'],
    ['[N2] a path up', '../../etc/passwd', '_.._.._etc_passwd'],
    ['[N2] a Windows path', 'C:\\Windows\\win.ini', 'C__Windows_win.ini'],
    ['[N2] wildcards, pipes and quotes', 'a<b>c"d|e?f*g', 'a_b_c_d_e_f_g'],
    ['[N2] a stream', 'a.txt:evil', 'a.txt_evil'],
    ['[N3] a dot file', '.bashrc', '_.bashrc'],
    ['[N3] a dot', '.', 'file'],
    ['[N3] two dots', '..', 'file'],
    ['[N3] dots and blanks', ' . . ', 'file'],
    ['[N3] nothing', '', 'file'],
    ['[N3] nothing to see', '\u200b\u200d\ufe0f', 'file'],
    ['[N3] trailing dots and blanks', 'setup.exe. . ', 'setup.exe'],
    ['[N3] leading blanks, wide and thin', '\u3000\u2009 a', 'a'],
    ['[N3] blanks before a dot file', '  .ssh', '_.ssh'],
    ['[N4] a device', 'CON', '_CON'],
    ['[N4] a device with an extension', 'nul.txt', '_nul.txt'],
    ['[N4] a device with blanks before its extension', 'aux .txt', '_aux .txt'],
    ['[N4] a device with two extensions', 'com1.tar.gz', '_com1.tar.gz'],
    ['[N4] a superscript device', 'LPT².log', '_LPT².log'],
    ['[N4] a console', 'conin$', '_conin$'],
    ['[N4] no device', 'console', 'console'],
    ['[N4] no device either', 'com10.txt', 'com10.txt'],
  ])('%s', (_why, raw, safe) => {
    expect(safeSegment(raw)).toBe(safe);
  });

  test.each([
    ['[N5] a long stem gives way to its extension', `${'a'.repeat(300)}.tiff`, 'a.tiff', 200],
    ['[N5] and never splits a letter', `${'é'.repeat(300)}.txt`, 'é.txt', 200],
    ['[N5] nor an emoji', `${'😀'.repeat(300)}.txt`, '😀.txt', 200],
    ['[N5] nor leaves a blank there', `${'a'.repeat(193)}   ${'b'.repeat(9)}.txt`, 'a.txt', 197],
    ['[N5] an endless extension is no extension', `a.${'b'.repeat(300)}`, 'bbb', 200],
    ['[N5] an endless name keeps its extension', `${'a'.repeat(5000)}.mp4`, 'a.mp4', 200],
  ])('%s', (_why, raw, end, bytes) => {
    const safe = safeSegment(raw);
    expect(safe.endsWith(end)).toBe(true);
    expect(utf8Bytes(safe)).toBe(bytes);
  });

  test('[N4] cutting a name never makes a device of it', () => {
    expect(safeSegment(`con${' '.repeat(250)}x`)).toBe('_con');
    expect(safeSegment(`con${' '.repeat(250)}x.txt`)).toBe('_con.txt');
  });

  test('[N1] [N2] [N3] [N4] [N5] whatever the sender calls a file', () => {
    fc.assert(
      fc.property(anyName, (raw) => {
        const safe = safeSegment(raw);
        expect(safeSegment(safe)).toBe(safe);
        expect(safe).not.toBe('');
        expect(/\p{Cs}/u.test(safe)).toBe(false);
        expect(safe).toBe(safe.normalize('NFC'));
        expect(safe).not.toMatch(/[<>:"/\\|?*]/);
        expect(safe).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u);
        expect(safe).not.toMatch(/^[.\s]|[.\s]$/);
        expect(safe).not.toMatch(/^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(\.|$)/i);
        expect(utf8Bytes(safe)).toBeLessThanOrEqual(MAX_SEGMENT_BYTES);
      }),
      { numRuns: 1000 },
    );
  });

  test('[N5] the extension is kept', () => {
    fc.assert(
      fc.property(anyName, fc.stringMatching(/^[a-z0-9]{1,10}$/), (stem, extension) => {
        expect(safeSegment(`x${stem}.${extension}`).endsWith(`.${extension}`)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

const foldPath = (path: readonly string[]) =>
  path.map((segment) => segment.toUpperCase().normalize('NFC')).join('/');

describe('a whole manifest', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([
    ['[N6] two of one name', [['a.txt'], ['a.txt']], [['a.txt'], ['a (2).txt']]],
    ['[N6] in other capitals', [['A.txt'], ['a.TXT']], [['A.txt'], ['a (2).TXT']]],
    [
      '[N6] ß is ss to some systems',
      [['straße'], ['STRASSE'], ['STRAẞE']],
      [['straße'], ['STRASSE (2)'], ['STRAẞE (3)']],
    ],
    ['[N6] composed and decomposed', [['é'], ['e\u0301']], [['é'], ['é (2)']]],
    ['[N6] the same only when cleaned', [['a:b'], ['a?b']], [['a_b'], ['a_b (2)']]],
    [
      '[N6] a number that is taken',
      [['a (2)'], ['a'], ['a'], ['a']],
      [['a (2)'], ['a'], ['a (3)'], ['a (4)']],
    ],
    ['[N6] no extension', [['Makefile'], ['makefile']], [['Makefile'], ['makefile (2)']]],
    ['[N6] a dot file', [['.env'], ['.env']], [['_.env'], ['_ (2).env']]],
    [
      '[N7] folders of one name are one',
      [
        ['D', 'a'],
        ['d', 'b'],
        ['d', 'A'],
      ],
      [
        ['D', 'a'],
        ['D', 'b'],
        ['D', 'A (2)'],
      ],
    ],
    [
      '[N6] the same name in other folders',
      [['x', 'a'], ['y', 'a'], ['a']],
      [['x', 'a'], ['y', 'a'], ['a']],
    ],
    ['[N7] a file gives way to a folder', [['a'], ['A', 'b']], [['a (2)'], ['A', 'b']]],
    ['[N3] a path of nothing', [[], ['']], [['file'], ['file (2)']]],
  ])('%s', (_why, paths, safe) => {
    expect(safePaths(paths)).toEqual(safe);
  });

  test('[N7] a listed folder is the folder its files are in', () => {
    const paths = [['a', 'empty'], ['a'], ['A', 'empty', 'f'], ['a']];
    const safe = [['a', 'empty'], ['a (2)'], ['a', 'empty', 'f'], ['a (3)']];
    expect(safePaths(paths, (i) => i === 0)).toEqual(safe);
  });

  test('[N6] [N7] no two files ever meet, and no file meets a folder', () => {
    const close = ['a', 'A', 'a (2)', 'a (3)', 'b.txt', 'B.TXT', 'b (2).txt', '', 'ß', 'SS', 'aux'];
    const anyPath = fc.array(fc.oneof(fc.constantFrom(...close), anyName), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(anyPath, { maxLength: 30 }), (paths) => {
        const safe = safePaths(paths);
        const files = safe.map(foldPath);
        const above = (path: readonly string[]) => path.map((_, i) => path.slice(0, i)).slice(1);
        const folders = new Set(safe.flatMap(above).map(foldPath));
        expect(new Set(files).size).toBe(paths.length);
        expect(files.filter((file) => folders.has(file))).toEqual([]);
        expect(safe.map((path) => path.length)).toEqual(paths.map((p) => Math.max(1, p.length)));
        for (const segment of safe.flat()) expect(safeSegment(segment)).toBe(segment);
        expect(safePaths(safe)).toEqual(safe);
      }),
      { numRuns: 500 },
    );
  });

  test('[N6] a number never makes a name too long, nor loses its extension', () => {
    const long = `${'é'.repeat(150)}.jpeg`;
    for (const [name = ''] of safePaths(Array.from({ length: 1200 }, () => [long]))) {
      expect(utf8Bytes(name)).toBeLessThanOrEqual(MAX_SEGMENT_BYTES);
      expect(splitExtension(name)[1]).toBe('.jpeg');
    }
  });

  test.each([
    ['one name ten thousand times', () => ['same.txt']],
    ['numbers that are all taken', (i: number) => [i < 5000 ? `a (${i}).txt` : 'a.txt']],
    [
      'long names, twice each, that differ only where they are cut',
      (i: number) => [`${'a'.repeat(190)}${String(i >> 1).padStart(10, '0')}`],
    ],
  ])('[N6] ten thousand paths take linear time: %s', (_why, make) => {
    // Counts the names looked up, not milliseconds: a slow machine must not change the verdict.
    const folded = vi.spyOn(String.prototype, 'toUpperCase');
    safePaths(Array.from({ length: 10_000 }, (_, i) => make(i)));
    expect(folded.mock.calls.length).toBeLessThan(40_000);
  });
});

describe('risky names', () => {
  test.each([
    ...['setup.exe', 'a.LNK', 'page.html', 'pic.svg', 'run.sh', 'x.pdf.scr. ', 'doc.docm'],
    ...['.desktop', 'a\u202egpj.js', 'a.e\u200bxe'],
  ])('[N8] %j', (name) => {
    expect(isRiskyName(name)).toBe(true);
  });

  test.each([
    'photo.jpeg',
    'notes.txt',
    'exe',
    'long.bin',
    'archive.tar.gz',
    'film.mp4',
    'exe.',
    '',
  ])('[N8] not %j', (name) => {
    expect(isRiskyName(name)).toBe(false);
  });
});
