import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CodeWords,
  drawLinkSecret,
  drawNameplate,
  drawWords,
  formatCode,
  formatLink,
  parseCredential,
  rendezvousId,
  resumeRendezvousId,
} from '../../../src/handshake/credentials.ts';
import { completeWord, DRAWABLE_WORDS, isWord, WORDS } from '../../../src/handshake/words.ts';
import { counted, resumeKey } from './duet.ts';

const words: CodeWords = ['mango', 'puzzle', 'walrus'];
const code = { mode: 'code', nameplate: '4821', words } as const;
const secret = counted(3, 16);
const link = { mode: 'link', nameplate: '4821', secret } as const;
const url = formatLink('https://sluice.example', '4821', secret);
const fragment = url.slice(url.indexOf('#') + 1);

describe('the word list', () => {
  test('[H16] has 1296 words that their first three letters tell apart', () => {
    expect(WORDS).toHaveLength(1296);
    expect(new Set(WORDS.map((word) => word.slice(0, 3))).size).toBe(1296);
    expect(WORDS.every((word) => /^[a-z]{3,}$/.test(word))).toBe(true);
  });

  test('[H16] enough words are drawn for 30 bits, and every one of them can be typed', () => {
    expect(3 * Math.log2(DRAWABLE_WORDS.length)).toBeGreaterThan(30.8);
    expect(DRAWABLE_WORDS.every(isWord)).toBe(true);
    expect(DRAWABLE_WORDS).not.toContain('imbecile');
    expect(isWord('imbecile')).toBe(true);
  });

  test('[H15] completion offers candidates, and one at most from three letters on', () => {
    expect(completeWord('wa')).toEqual([
      ...['waffle', 'wagon', 'wakeup', 'walrus', 'wanderer', 'wasp', 'water', 'waving'],
    ]);
    expect(completeWord('WAL')).toEqual(['walrus']);
    expect(completeWord('zzz')).toEqual([]);
    for (const word of WORDS) expect(completeWord(word.slice(0, 3))).toEqual([word]);
  });
});

describe('reading a code', () => {
  test.each([
    '4821-mango-puzzle-walrus',
    '  4821-Mango-PUZZLE-walrus \n',
    '4821 mango puzzle walrus',
    '4821.mango.puzzle.walrus',
    '4821_mango_puzzle_walrus',
    '4821–mango—puzzle‑walrus',
    '4821 - mango - puzzle - walrus.',
    '4821, mango, puzzle, walrus',
    '4821-man-puz-wal',
    '4821mango puzzle walr',
    '４８２１-mango-puzzle-walrus',
    '#4821-mango-puzzle-walrus',
  ])('[H15] understands %j', (text) => {
    expect(parseCredential(text)).toEqual(code);
  });

  test.each([
    ['', ''],
    ['   ', ''],
    ['4821', ''],
    ['4821-mango', ''],
    ['4821-mango-puzzle', ''],
    ['mango-puzzle-walrus', 'mango'],
    ['482-mango-puzzle-walrus', '482'],
    ['4821739-mango-puzzle-walrus', '4821739'],
    ['4821-mango-puzle-walrus', 'puzle'],
    ['4821-mango-pu-walrus', 'pu'],
    ['4821-mango-puzzles-walrus', 'puzzles'],
    ['4821-mango-puzzle-walrus-zebra', 'zebra'],
    ['4821-mango-puzzle-<script>', '<script>'],
    ['https://sluice.example/', 'https'],
    [`4821-${'x'.repeat(100)}-puzzle-walrus`, 'x'.repeat(32)],
    ['4821-mango-puzzle-walrus'.padEnd(5000), ''],
  ])('[H15] names what is wrong in %j', (text, part) => {
    expect(parseCredential(text)).toEqual({ code: 'code-malformed', part });
  });

  test('[H15] any code drawn can be shown and read back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 6 }),
        fc.infiniteStream(fc.nat(255)),
        (digits, bytes) => {
          const random = (count: number) =>
            Uint8Array.from({ length: count }, () => Number(bytes.next().value));
          const nameplate = drawNameplate(random, digits);
          const drawn = drawWords(random);
          expect(nameplate).toHaveLength(digits);
          expect(parseCredential(formatCode(nameplate, drawn))).toEqual({
            mode: 'code',
            nameplate,
            words: drawn,
          });
        },
      ),
    );
  });
});

describe('reading a link', () => {
  test.each([
    ['a whole address', url],
    ['with blanks around', `\n ${url} `],
    ['a fragment', `#${fragment}`],
    ['a fragment without its hash', fragment],
    ['another site', `http://localhost:4173/#${fragment}`],
    ['inside a message', `Here you are: ${url} (works till noon)`],
  ])('[H15] understands %s', (_why, text) => {
    expect(parseCredential(text)).toEqual(link);
  });

  test.each([
    ['too short', url.slice(0, -1)],
    ['too long', `${url}A`],
    ['a set spare bit', `${url.slice(0, -1)}B`],
    ['another alphabet', `${url.slice(0, -1)}+`],
    ['three digits', url.replace('4821', '482')],
    ['no secret', 'https://sluice.example/#4821'],
  ])('[H15] refuses %s', (_why, text) => {
    expect(parseCredential(text)).toMatchObject({ code: 'code-malformed' });
  });

  test('[H15] any link can be shared and read back, and its secret is after the hash', () => {
    const anySecret = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(anySecret, fc.integer({ min: 0, max: 999_999 }), (bytes, n) => {
        const nameplate = String(n).padStart(4, '0');
        const text = formatLink('https://sluice.example', nameplate, bytes);
        expect(text).toMatch(/^https:\/\/sluice\.example\/#\d{4,6}\.[\w-]{22}$/);
        const read = parseCredential(text);
        expect(read).toEqual({ mode: 'link', nameplate, secret: Uint8Array.from(bytes) });
      }),
    );
  });

  test('[H15] a code with dots that is as long as a fragment is still a code', () => {
    // Four digits, a dot and 22 characters, like a link.
    const text = '4821.banana-walrus-yearbook';
    expect(text.length).toBe(27);
    expect(parseCredential(text)).toMatchObject({ mode: 'code' });
  });
});

describe('reading anything', () => {
  test('[H15] never throws and gives a credential or one fault', () => {
    const piece = fc.constantFrom(
      '4821',
      '#',
      '.',
      '-',
      'mango',
      'wal',
      fragment,
      ' ',
      'é',
      '\u0000',
    );
    const near = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        const read = parseCredential(text);
        if ('code' in read) expect(read.code).toBe('code-malformed');
        else expect(read.nameplate).toMatch(/^\d{4,6}$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('drawing', () => {
  test('[H16] draws again where a remainder would favour the first words', () => {
    const draws = [new Uint8Array(4).fill(255), new Uint8Array([0, 0, 0, 7])];
    expect(drawNameplate(() => draws.shift() ?? new Uint8Array(4), 4)).toBe('0007');
    expect(draws).toEqual([]);
  });

  test('[H16] every word can be drawn, and none twice as often', () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < DRAWABLE_WORDS.length; i += 1) {
      const [word] = drawWords((count) => {
        const bytes = new Uint8Array(count);
        new DataView(bytes.buffer).setUint32(0, i);
        return bytes;
      });
      seen.set(word, (seen.get(word) ?? 0) + 1);
    }
    expect(seen.size).toBe(DRAWABLE_WORDS.length);
  });

  test('[H16] the three words and the secret come from separate bytes', () => {
    let next = 0;
    const random = (count: number) => {
      next += count;
      return Uint8Array.from({ length: count }, (_, i) => next - count + i + 1);
    };
    expect(new Set(drawWords(random)).size).toBe(3);
    expect(next).toBe(12);
    expect(drawLinkSecret(random)).toEqual(Uint8Array.from({ length: 16 }, (_, i) => 13 + i));
  });
});

describe('where to meet', () => {
  test('[H1] code and link of a share lead to the same id, made of the nameplate alone', () => {
    expect(rendezvousId(code)).toBe('sluice1-4821');
    expect(rendezvousId(link)).toBe('sluice1-4821');
    const otherCode = { ...code, words: ['zebra', 'zebra', 'zebra'] } as const;
    expect(rendezvousId(otherCode)).toBe('sluice1-4821');
  });

  test('[H1] two devices that met before share an id nobody else can tell', () => {
    expect(resumeRendezvousId(resumeKey)).toBe('sluice1-ee4ec20c3b521ff0f84bd692bf23357c');
    expect(resumeRendezvousId(counted(9, 32))).not.toBe(resumeRendezvousId(resumeKey));
    expect(bytesToHex(resumeKey)).not.toContain('ee4ec20c');
  });
});
