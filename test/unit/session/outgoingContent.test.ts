import { describe, expect, test, vi } from 'vitest';
import { MAX_DEVICE_NAME_CHARS, MAX_FILES, MAX_TEXT_BYTES } from '../../../src/protocol/limits.ts';
import { deviceNameOf } from '../../../src/session/deviceName.ts';
import {
  contentOfItems,
  contentOfText,
  faultOfUnreadable,
  manifestOf,
  type OutgoingContent,
} from '../../../src/session/outgoingContent.ts';
import { idOf } from '../../doubles/manifests.ts';

const file = (text: string, ...path: string[]) =>
  ({
    kind: 'file',
    path,
    content: new Blob([text]),
    modifiedAt: 12,
  }) as const;

function good(content: ReturnType<typeof contentOfText>): OutgoingContent {
  if ('code' in content) throw new Error(content.code);
  return content;
}

describe('content to send', () => {
  test('[G1] [M3] picked files and folders become entries in their order', () => {
    const content = good(
      contentOfItems([
        { kind: 'folder', path: ['photos', 'empty'] },
        file('abc', 'photos', 'a.txt'),
        file('', 'b.txt'),
      ]),
    );
    expect(content.title).toBe('a.txt');
    expect(content.totalBytes).toBe(3);
    expect(content.blobs.map((blob) => blob?.size)).toEqual([0, 3, 0]);
    expect(manifestOf(content, idOf('M')).files).toEqual([
      { kind: 'folder', path: ['photos', 'empty'], sizeBytes: 0, modifiedAt: 0 },
      { kind: 'file', path: ['photos', 'a.txt'], sizeBytes: 3, modifiedAt: 12 },
      { kind: 'file', path: ['b.txt'], sizeBytes: 0, modifiedAt: 12 },
    ]);
  });

  test('what cannot be read is told by its name, and by how many more there are', () => {
    const locked = (name: string) => ({ kind: 'unreadable', path: ['trip', name] }) as const;
    expect(faultOfUnreadable([file('abc', 'a.txt')])).toBeUndefined();
    expect(faultOfUnreadable([locked('b'), file('abc', 'a.txt'), locked('c')])).toEqual({
      code: 'source-changed',
      name: 'b',
      moreCount: 1,
    });
  });

  test('many small files are read at once into one Blob, in their order', async () => {
    const texts = Array.from({ length: 100 }, (_, i) => `file ${i};`);
    const { bundle } = good(contentOfItems(texts.map((text, i) => file(text, `${i}`))));
    expect(await (await bundle)?.text()).toBe(texts.join(''));
  });

  test('few files, large ones, and ones that cannot be read are left as they are', async () => {
    expect(good(contentOfItems([file('a', 'a')])).bundle).toBeUndefined();
    const large = 'x'.repeat(200 * 1024);
    const many = Array.from({ length: 100 }, (_, i) => file(large, `${i}`));
    expect(good(contentOfItems(many)).bundle).toBeUndefined();
    const gone = new Blob(['x']);
    vi.spyOn(Blob.prototype, 'arrayBuffer').mockRejectedValueOnce(new Error('gone'));
    const some = Array.from({ length: 100 }, (_, i) => ({ ...file('x', `${i}`), content: gone }));
    expect(await good(contentOfItems(some)).bundle).toBeUndefined();
    vi.restoreAllMocks();
  });

  test('[M1] too many files, and none, are faults', () => {
    const many = Array.from({ length: MAX_FILES + 1 }, () => file('', 'a'));
    expect(contentOfItems(many)).toEqual({ code: 'too-much', what: 'files' });
    expect(contentOfItems([])).toEqual({ code: 'too-much', what: 'files' });
  });

  test('[M2] too deep a path is a fault', () => {
    const deep = Array.from({ length: 40 }, () => 'd');
    expect(contentOfItems([file('', ...deep)])).toEqual({ code: 'too-much', what: 'path' });
  });

  test('[M5] a text stays a text up to the limit in bytes, and is a file beyond it', () => {
    const longest = good(contentOfText('x'.repeat(MAX_TEXT_BYTES)));
    expect(longest).toMatchObject({ kind: 'text', entries: [{ kind: 'text' }] });
    expect(longest.title).toHaveLength(80);
    const longer = good(contentOfText('ä'.repeat(MAX_TEXT_BYTES / 2 + 1)));
    expect(longer).toMatchObject({ kind: 'files', text: undefined, title: 'text.txt' });
    expect(longer.entries).toMatchObject([{ kind: 'file', sizeBytes: MAX_TEXT_BYTES + 2 }]);
  });
});

describe('the name of this device', () => {
  test.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
      'Chrome on Linux',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0',
      'Edge on Windows',
    ],
    ['Mozilla/5.0 (Android 15; Mobile; rv:147.0) Gecko/147.0 Firefox/147.0', 'Firefox on Android'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 Mobile/15E148 Safari/604.1',
      'Chrome on iPhone',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      'Safari on Mac',
    ],
    ['curl/8', 'Browser'],
  ])('[C3] %s', (userAgent, name) => {
    expect(deviceNameOf(userAgent)).toBe(name);
    expect(name.length).toBeLessThanOrEqual(MAX_DEVICE_NAME_CHARS);
  });
});
