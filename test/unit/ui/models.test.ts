import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TransferView } from '../../../src/session/view.ts';
import { announcements } from '../../../src/ui/models/announcements.ts';
import { looksLikeCode, withWord, wordAtEnd } from '../../../src/ui/models/codeTyping.ts';
import { partsOf } from '../../../src/ui/models/links.ts';
import { pictureType } from '../../../src/ui/models/picture.ts';
import { HISTORY_MS, RateHistory } from '../../../src/ui/models/rateHistory.ts';
import { drawStreams } from '../../../src/ui/models/streams.ts';
import { showTitle, type TabTitle, tabTitle } from '../../../src/ui/models/tabTitle.ts';
import { phasePhrase, titleOf } from '../../../src/ui/models/transferWords.ts';
import { englishFor } from '../../../src/ui/words/language.ts';
import { aFile, anId, aPeer, aShare, aTransfer, aView, lanesOf } from '../../doubles/fakeApp.ts';

const english = englishFor(['en']);

describe('typing a code', () => {
  test.each([
    ['4821-ma', 'ma'],
    ['4821 maple ot', 'ot'],
    ['4821-maple-otter-QU', 'qu'],
    ['4821-', undefined],
    ['4821', undefined],
    ['ma', undefined],
    ['4821-maple-otter-quartz-x', undefined],
    ['https://sluice.example/#4821.abc', undefined],
  ])('in %j the word to complete is %j', (typed, word) => {
    expect(wordAtEnd(typed)).toBe(word);
  });

  test('a taken word is followed by a dash until there are three', () => {
    expect(withWord('4821-ma', 'maple')).toBe('4821-maple-');
    expect(withWord('4821 maple ot', 'otter')).toBe('4821-maple-otter-');
    expect(withWord('4821-maple-otter-q', 'quartz')).toBe('4821-maple-otter-quartz');
  });

  test.each([
    ['4821-maple-otter-quartz', true],
    [' 4821-Maple-Otter-Quartz\n', true],
    ['https://sluice.example/#4821.Zm9vYmFyYmF6cXV4Zm9vYg', true],
    ['https://example.org/#about', false],
    ['4821 is my number', false],
    ['Meet at 4821-maple-otter-quartz', false],
  ])('%j is meant for the code input: %s', (text, isCode) => {
    expect(looksLikeCode(text)).toBe(isCode);
  });
});

describe('links in a text', () => {
  const hrefs = (text: string) => partsOf(text).flatMap((part) => part.href ?? []);

  test('nothing of the text is lost', () => {
    const text = 'See https://a.example/x?y=1, (http://b.example) and javascript:alert(1).';
    expect(
      partsOf(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
    expect(hrefs(text)).toEqual(['https://a.example/x?y=1', 'http://b.example/']);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://',
    'ftp://a.b',
  ])('%s is not one', (text) => {
    expect(hrefs(text)).toEqual([]);
  });
});

describe('the title of a transfer', () => {
  const titled = (...paths: readonly string[]) =>
    titleOf(
      aTransfer({ files: paths.map((path, index) => aFile(index, path, 1)), title: 'first' }),
      english,
    );

  test('is its file, its folder, or the first of many', () => {
    expect(titled('a.txt')).toBe('a.txt');
    expect(titled('Trip/a.txt')).toBe('a.txt');
    expect(titled('Trip/a.txt', 'Trip/b.txt')).toBe('Trip');
    expect(titled('a.txt', 'b.txt', 'c.txt')).toBe('first and 2 more');
    expect(titled('Trip/a.txt', 'b.txt')).toBe('first and 1 more');
  });
});

test('a cancelled transfer is not said to have failed', () => {
  const cancelled = aTransfer({ phase: 'failed', fault: { code: 'cancelled', by: 'me' } });
  expect(phasePhrase(cancelled, english)).toBe('Cancelled');
});

describe('announcements', () => {
  const said = (before: Parameters<typeof aView>[0], after: Parameters<typeof aView>[0]) =>
    announcements(aView(before), aView(after), english).map((text) =>
      text.replace(/[\u2068\u2069]/g, ''),
    );

  test('say a change of phase once, and never a number', () => {
    const running = aTransfer({ bytes: 1 });
    expect(said({ transfers: [running] }, { transfers: [aTransfer({ bytes: 2 })] })).toEqual([]);
    expect(
      said({ transfers: [running] }, { transfers: [aTransfer({ phase: 'done', bytes: 3 })] }),
    ).toEqual(['Holiday.mov: Delivered']);
  });

  test('say who offers what', () => {
    const offer = aTransfer({ id: anId('B'), phase: 'proposed', direction: 'receive' });
    expect(said({}, { transfers: [offer] })).toEqual([
      "Mira's phone wants to send you Holiday.mov",
    ]);
  });

  test('say the code, who comes and who goes', () => {
    expect(said({}, { share: aShare() })).toEqual(['Your code is ready: 4821-maple-otter-quartz']);
    expect(said({}, { peers: [aPeer()] })).toEqual(["Mira's phone connected"]);
    const gone = aPeer({ phase: 'reconnecting' });
    expect(said({ peers: [aPeer()] }, { peers: [gone] })).toEqual(["Mira's phone is away"]);
  });
});

describe('the lanes picture', () => {
  test('has one hole in the land for each lane', () => {
    const { banks } = drawStreams(lanesOf(1, 2, 3));
    expect(banks.match(/M0/g)).toHaveLength(4);
  });

  test('is still when nothing flows', () => {
    expect(drawStreams(lanesOf(0, 0)).isFlowing).toBe(false);
    expect(drawStreams(lanesOf(0, 1)).isFlowing).toBe(true);
  });

  test('stays in its box with the most lanes there can be', () => {
    const { heightPx, banks } = drawStreams(lanesOf(...Array.from({ length: 32 }, () => 5)));
    const ys = [...banks.matchAll(/[ V](\d+(?:\.\d+)?)/g)].map((match) => Number(match[1]));
    expect(Math.max(...ys.filter((y) => y !== 100))).toBeLessThanOrEqual(heightPx);
  });
});

test('the history of a rate forgets what is older than the plot', () => {
  const history = new RateHistory();
  history.add(0, 1);
  history.add(100, 2);
  history.add(1000, 3);
  expect(history.samples).toHaveLength(2);
  history.add(HISTORY_MS + 500, 4);
  expect(history.samples.map((sample) => sample.bytesPerSec)).toEqual([3, 4]);
});

describe('pictures', () => {
  const head = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

  test.each([
    ['\x89PNG\r\n\x1a\n\0\0\0\r', 'image/png'],
    ['\xff\xd8\xff\xe0\0\x10JFIF\0\x01', 'image/jpeg'],
    ['GIF89a\0\0\0\0\0\0', 'image/gif'],
    ['RIFF\0\0\0\0WEBP', 'image/webp'],
    ['\0\0\0\x1cftypavif', 'image/avif'],
  ])('%j is %s', (bytes, type) => {
    expect(pictureType(head(bytes))).toBe(type);
  });

  test.each(['<svg xmlns=', '<html><body', '%PDF-1.7\n%\xe2', 'RIFF\0\0\0\0WAVE', '\x89PNG', ''])(
    '%j is not shown',
    (bytes) => {
      expect(pictureType(head(bytes))).toBeUndefined();
    },
  );
});

test('the tab says how far running transfers are together', () => {
  const running = aTransfer({ bytes: 700_000_000 });
  const text = (transfer: TransferView) => tabTitle(aView({ transfers: [transfer] }), english).text;
  expect(text(running)).toBe('50% · Sluice');
  expect(text(aTransfer({ phase: 'done' }))).toContain('files');
});

describe('the title of the tab', () => {
  const count = (text: string) => ({ text, isCount: true });
  const word = (text: string) => ({ text, isCount: false });
  const shown: string[] = [];
  beforeEach(() => {
    shown.length = 0;
    vi.useFakeTimers();
    vi.stubGlobal('document', {
      set title(text: string) {
        shown.push(text);
      },
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  test('counts from time to time, and says the last count', () => {
    const title = signal<TabTitle>(word('idle'));
    showTitle(title);
    for (let percent = 1; percent <= 20; percent += 1) {
      title.value = count(`${percent}%`);
      vi.advanceTimersByTime(400);
    }
    expect(shown).toEqual(['idle', '1%', '8%', '15%']);
    vi.advanceTimersByTime(10_000);
    expect(shown.at(-1)).toBe('20%');
  });

  test('says at once what is no count, and nothing twice', () => {
    const title = signal<TabTitle>(count('98%'));
    showTitle(title);
    title.value = count('99%');
    title.value = word('done');
    title.value = word('done');
    vi.advanceTimersByTime(10_000);
    expect(shown).toEqual(['98%', 'done']);
  });
});
